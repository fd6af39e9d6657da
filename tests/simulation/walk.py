"""The walk: the machine's acts in a seeded random order, with weights that a merchant's life has.

Hypothesis switches most of its rules off in most of its runs, which is good for finding what few rules can do together
and shrinks well; a walk has all of them all the time. Owns the weights and the draws, the report of a failing walk as a
list of calls that can be pasted into a test, and the search for a shorter list.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from solvent.core.payment import StaleMoney
from solvent.providers.sandbox import FaultPlan
from solvent.providers.sandbox.cards import BEHAVIOURS
from tests.simulation.contesting import BY_THE_PAYER
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.goods import CURRENCIES
from tests.simulation.life import LEAVE, STORED
from tests.simulation.machine import BOUNDARIES, CLERK_ACTS, CUSTOMERS_MAX, GOOD, TROUBLE_LATER, Billing
from tests.simulation.wishes import Wish

Values = dict[str, Any]
SHRINKING_MAX = 200  # walks that the search for a shorter one may take


@dataclass(frozen=True, slots=True)
class Call:
    """One act of the machine, with its values."""

    name: str
    values: Values

    def __str__(self) -> str:
        return f"state.{self.name}({', '.join(f'{k}={v!r}' for k, v in self.values.items())})"


class Draws:
    """Values for acts, from one seed."""

    def __init__(self, seed: int) -> None:
        self._rng = Random(seed)

    def number(self) -> int:
        return self._rng.randrange(1000)

    def maybe(self, chance: float = 0.5) -> bool:
        return self._rng.random() < chance

    def one(self, among: Sequence[Any]) -> Any:  # noqa: ANN401 - one of whatever there is
        return self._rng.choice(among)

    def card(self) -> str:
        groups = (GOOD,), (GOOD,), TROUBLE_LATER, tuple(sorted(BEHAVIOURS))
        return str(self.one(self.one(groups)))

    def way(self) -> str:
        return self.one((STORED, STORED, LEAVE)) if self.maybe(0.3) else self.card()

    def mishap(self) -> Mishap | None:
        if self.maybe(0.7):
            return None
        return Mishap(self.one(tuple(Trouble)), self._rng.randint(1, BOUNDARIES))

    def days(self, *among: float) -> timedelta:
        return timedelta(days=self.one(among))

    def act(self) -> Call:
        """The next act."""
        name = self._rng.choices(list(ACTS), [weight for weight, _ in ACTS.values()])[0]
        return Call(name, ACTS[name][1](self))


WEATHER = (
    FaultPlan(),
    FaultPlan(down=1.0),
    FaultPlan(timeout=0.25, lost_reply=0.25),
    FaultPlan(duplicate=0.5),
)


def _buying(d: Draws) -> Values:
    return {"way": d.way(), "asking": d.mishap(), "paying": d.mishap()}


# By act: how often of 100 or so, and its values.
ACTS: Mapping[str, tuple[int, Callable[[Draws], Values]]] = {
    "registers": (
        4,
        lambda d: {
            "currency": d.one(CURRENCIES),
            "terms_days": d.one((0, 0, 30)),
            "what": d.number(),
            "way": d.card(),
        },
    ),
    "starts": (10, lambda d: {"who": d.number(), "what": d.number(), "pal": d.maybe(0.3), **_buying(d)}),
    "changes": (
        10,
        lambda d: {"who": d.number(), "wish": d.one(tuple(Wish)), "number": d.number(), **_buying(d)},
    ),
    "switches": (6, lambda d: {"who": d.number(), "number": d.number(), **_buying(d)}),
    "uses_two_tabs": (
        6,
        lambda d: {
            "who": d.number(),
            "wish": d.one(tuple(Wish)),
            "first": d.number(),
            "second": d.number(),
        },
    ),
    "redeems": (
        9,
        lambda d: {
            "who": d.number(),
            "what": d.number(),
            "how": d.one(("start", "start", "once", "later", "later", "off", "top_up", "top_up")),
            **_buying(d),
        },
    ),
    "pays_debts": (4, lambda d: {"who": d.number(), "way": d.way(), "mishap": d.mishap()}),
    "clerk_acts": (
        14,
        lambda d: {
            "who": d.number(),
            "number": d.number(),
            "act": d.one(("gives", "gives", "tells_usage", "tells_usage", "lets_wait", *sorted(CLERK_ACTS))),
            "mishap": d.mishap(),
        },
    ),
    "pays_debt_in_another_tab": (5, lambda d: {"who": d.number(), "number": d.number()}),
    "buys_once_or_adds_method": (
        5,
        lambda d: {"who": d.number(), "once": d.maybe(), "pal": d.maybe(0.3), **_buying(d)},
    ),
    "comes_back": (
        6,
        lambda d: {"number": d.number(), "way": d.way(), "mishap": d.mishap(), "same_request": d.maybe()},
    ),
    "answers_the_bank": (6, lambda d: {"number": d.number(), "answer": d.one(("pass", "fail", "approve"))}),
    "pays_debt": (
        6,
        lambda d: {"who": d.number(), "number": d.number(), "way": d.way(), "mishap": d.mishap()},
    ),
    "is_invoiced_or_detaches": (
        4,
        lambda d: {"who": d.number(), "amount": d.number() * 20, "mishap": d.mishap(), "detach": d.maybe()},
    ),
    "card_becomes": (5, lambda d: {"number": d.number(), "card": d.card()}),
    "bank_acts": (
        4,
        lambda d: {"number": d.number(), "act": d.one(("twice", "accept", "decline", "revoke"))},
    ),
    "payer_contests": (
        12,
        lambda d: {
            "number": d.number(),
            "act": d.one(("opens", "opens", "opens", "loses", "loses", *sorted(BY_THE_PAYER))),
        },
    ),
    "merchant_answers": (2, lambda d: {"number": d.number(), "mishap": d.mishap()}),
    "weather_turns": (
        3,
        lambda d: {"plan": d.one(WEATHER), "held": d.maybe(0.3), "copies": d.one((1, 1, 2))},
    ),
    "post_is_shuffled": (3, lambda d: {"lost": d.maybe()}),
    "time_passes": (
        8,
        lambda d: {
            "duration": d.days(1 / 1440, 31 / 1440, 0.25, 1),
            "mishap": d.mishap(),
            "swept": d.maybe(),
        },
    ),
    "a_period_ends": (9, lambda d: {"who": d.number(), "number": d.number(), "mishap": d.mishap()}),
    "periods_pass": (5, lambda d: {"duration": d.days(6, 28, 31, 31, 93), "mishap": d.mishap()}),
    "relays": (2, lambda d: {"limit": 1 + d.number() % 10, "dies": d.maybe()}),
}


def drawn(seed: int, acts: int) -> list[Call]:
    """The calls of a walk, the opening first."""
    d = Draws(seed)
    opening = {
        "stale_money": d.one(tuple(StaleMoney)),
        "currency": d.one(CURRENCIES),
        "what": d.number(),
        "way": d.card(),
    }
    return [Call("opens", opening), *(d.act() for _ in range(acts))]


def replay(machine: type[Billing], calls: Sequence[Call]) -> None:
    """Live through the calls and judge after each, and at the end."""
    state = machine()
    try:
        for call in calls:
            if call.name == "registers" and len(state.life.customers) >= CUSTOMERS_MAX:
                continue
            getattr(state, call.name)(**call.values)
            state.nothing_is_wrong()
    except BaseException:
        state.abandon()
        raise
    state.teardown()


def walk(machine: type[Billing], seed: int, acts: int, *, shrink: bool = False) -> None:
    """Live through a walk. A failure is raised with its calls, or with fewer that fail as well."""
    calls = drawn(seed, acts)
    try:
        replay(machine, calls)
    except Exception as failure:
        if shrink:
            calls = shorter(machine, calls)
        failure.add_note(f"seed {seed}:\n" + "\n".join(map(str, calls)))
        raise


def shorter(machine: type[Billing], calls: list[Call]) -> list[Call]:
    """Leave out whatever is not needed for the failure: halves first, single calls last."""
    size, tries = len(calls) // 2, 0
    while size and tries < SHRINKING_MAX:
        start = 1
        while start < len(calls) and tries < SHRINKING_MAX:
            fewer, tries = calls[:start] + calls[start + size :], tries + 1
            if _fails(machine, fewer):
                calls = fewer
            else:
                start += size
        size //= 2
    return calls


def _fails(machine: type[Billing], calls: Sequence[Call]) -> bool:
    try:
        replay(machine, calls)
    except Exception:  # noqa: BLE001 - any failure will do for the search
        return True
    return False

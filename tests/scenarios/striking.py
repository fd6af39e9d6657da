"""Striking: every call that an adapter has, the play that is about it, and the judgement of all that was played.

Owns the table, which has every call of `ports.provider.Provider` (and, with `keeping_plays`, every call by which
something is kept there), the way through it with one fault, and what must hold
in the end. Does not own the plays (`plays`, `later_plays`) nor the ground.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from solvent.flows.reconcile import sweep
from solvent.sim import Customer
from solvent.sim.stories.story import JANUARY
from tests.providers.wire import Mishap
from tests.scenarios import keeping_plays, later_plays, plays
from tests.scenarios.ground import Aim, Ground
from tests.scenarios.plays import Then

APART = timedelta(hours=1)
REST = JANUARY + timedelta(days=2)
REQUESTS_MAX = 20

Play = Callable[[Ground, Customer], Then]


# By the call that is struck; what stands behind it in brackets is another use of the same call.
PLAYS: Mapping[str, Play] = {
    "open": plays.opens,
    "open (setup)": plays.sets_up,
    "open (import)": plays.imports_a_method,
    "confirm": plays.confirms,
    "confirm (setup)": plays.confirms_a_setup,
    "confirm (import)": plays.imports_a_method,
    "cancel": plays.gives_up,
    "cancel (setup)": plays.gives_up_a_setup,
    "charge": plays.is_charged,
    "get": plays.is_told_of,
    "payments_of": plays.is_told_of,
    "parse": plays.is_heard,
    "refund": later_plays.pays_back,
    "get_refund": later_plays.looks_up_a_refund,
    "refunds_since": later_plays.polls_refunds,
    "reports_since": later_plays.polls_payments,
    "disputes_since": later_plays.polls_disputes,
    "movements_since": later_plays.reads_the_statement,
    "get_dispute": later_plays.hears_of_a_dispute,
    "submit_evidence": later_plays.answers_a_dispute,
    "accept_dispute": later_plays.accepts_a_dispute,
    "detach": plays.removes_a_method,
    "get_method": plays.looks_at_a_method,
}
# These ask nothing of the provider: its signature is verified here, and it has no agreements from before.
SILENT = frozenset({("stripe", "parse"), ("stripe", "open (import)"), ("stripe", "confirm (import)")})


def call_of(name: str) -> str:
    """The call that a play is about."""
    return name.partition(" ")[0]


def plays_of(on: Ground) -> Mapping[str, Play]:
    """The plays on a ground: a Stripe that keeps copies has those about keeping."""
    copies = on.world.platform.providers.default.capabilities.copies_subscriptions
    return keeping_plays.PLAYS if copies else PLAYS


def played(on: Ground, name: str, who: Customer, aim: Aim) -> Then:
    """One play, some time after the last one, whose notifications are lost."""
    on.world.clock.move(APART)
    on.world.banks.deliveries(on.world.now)
    on.aim = aim
    return plays_of(on)[name](on, who)


def strike_all(on: Ground, mishap: Mishap) -> int:
    """Every play, with the mishap at the first request of its call, at the second, and so on, as far as there are any;
    all comes to rest, and is judged. Returns how many were played."""
    customers, ends = list[Customer](), list[Then]()
    for name in plays_of(on):
        for request in range(REQUESTS_MAX):
            customers.append(on.world.customer(f"{name.replace(' ', '-').strip('()')}-{request}"))
            aim = Aim(call_of(name), mishap, request)
            ends.append(played(on, name, customers[-1], aim))
            if not aim.hit:
                break
    at_rest(on)
    for ended in ends:
        ended()
    judge(on, customers)
    return len(ends)


def at_rest(on: Ground) -> None:
    """All that needs nobody has come to an end; what no notification told, the poll has. Every ground rests at the same
    moment: the laws are asked of all accounts in a database at once."""
    on.world.until(max(REST, on.world.now))
    assert sweep(on.world.platform, on.name, JANUARY, on.world.now) is not None
    on.world.work()


def judge(on: Ground, customers: list[Customer]) -> None:
    """No law is violated, nothing is open, and no key was charged twice."""
    violated = [f"{f.law} {f.says}: {f.violations}" for f in on.world.laws() if f.violations]
    assert violated == [], violated
    open_ones = [a for who in customers for a in who.attempts() if a.state in ("opening", "unknown")]
    assert open_ones == [], open_ones
    keys = [row.key for row in on.world.banks.played[on.name].statement() if row.kind == "charge"]
    assert keys, "nothing was charged at all"
    assert len(keys) == len(set(keys)), "one key was charged twice"
    if plays_of(on) is keeping_plays.PLAYS:
        keeping_plays.kept(on, customers)

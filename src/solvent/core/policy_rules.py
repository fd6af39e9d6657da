"""Policy rules: what a segment's policy must keep before it may hold for anyone.

Owns the rules and the proof: every cause, product, currency, amount and age has exactly one answer, every rung is
reached, and can be left again by paying (`policy_exits`). The proof asks `decide` itself. Does not own how a policy is
written.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from itertools import product as combinations

from solvent.core.catalog import Catalog
from solvent.core.dunning import decide
from solvent.core.expiry import LOOK_AHEAD, ExpiryNotice
from solvent.core.ladder import RUNG_MEASURES, Channel, Ladder, Measure, Trouble, chosen
from solvent.core.payment import CAUSE_CLASS, CauseClass, FailureCause
from solvent.core.policy import Policy, longest, promised
from solvent.core.policy_exits import Decider, exits

ANY_OTHER = "any other"
_OTHER_CURRENCY = "XXX"  # ISO 4217: no currency; stands for all that the policy does not name
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A rule that a policy breaks, at a field below its segment."""

    field: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """All invoices of one cause, product, currency and band of amounts, with the ladder that answers for them.

    The amounts are from `at_least` on and below `below` (None: however much), in minor units.
    """

    trouble: Trouble
    product: str | None
    currency: str
    at_least: int
    below: int | None
    ladder: Ladder


def policy_problems(
    policy: Policy, catalog: Catalog | None = None, decider: Decider = decide
) -> tuple[Problem, ...]:
    """Every rule that the policy breaks; empty: it may hold. With a `catalog`, what it names must be there.

    The proof asks the `decider`, so that it can itself be tried on one that is wrong."""
    problems = [*_value_problems(policy), *_schedule_problems(policy), *_expiry_problems(policy.expiry)]
    for n, ladder in enumerate(policy.ladders):
        problems += _ladder_problems(ladder, f"ladders[{n}]", policy)
    if catalog is not None:
        problems += _catalog_problems(policy, catalog)
    if not problems:
        problems += _cell_problems(policy)
    if not problems:
        problems += [x for cell in cells(policy) for x in _exit_problems(cell, policy, decider)]
    return tuple(dict.fromkeys(problems))


def cells(policy: Policy) -> tuple[Cell, ...]:
    """The policy's answers, for every kind of invoice that it tells apart; of a policy that keeps the rules."""
    return tuple(
        Cell(trouble=t, product=p, currency=c, at_least=low, below=high, ladder=fitting[0])
        for t, p, c, low, high, fitting in _answers(policy)
        if len(fitting) == 1
    )


Answer = tuple[Trouble, str | None, str, int, int | None, tuple[Ladder, ...]]


def _answers(policy: Policy) -> Iterator[Answer]:
    """Every kind of invoice that some ladder tells from others. Between two bounds all amounts are alike."""
    bounds = [b for ladder in policy.ladders for b in (ladder.at_least, ladder.below)]
    currencies = [*sorted({c for bound in bounds for c in bound}), _OTHER_CURRENCY]
    products = [*sorted({p for ladder in policy.ladders for p in ladder.products}), None]
    for trouble, product, currency in combinations(Trouble, products, currencies):
        edges = sorted({1, *(bound[currency] for bound in bounds if currency in bound)})
        for low, high in [*pairwise(edges), (edges[-1], None)]:
            yield (
                trouble,
                product,
                currency,
                low,
                high,
                chosen(policy.ladders, trouble, product, currency, low),
            )


def _cell_problems(policy: Policy) -> Iterator[Problem]:
    used: set[str] = set()
    for trouble, product, currency, low, _, fitting in _answers(policy):
        used |= {ladder.id for ladder in fitting}
        if len(fitting) != 1:
            names = " and ".join(ladder.id for ladder in fitting) or "none"
            money = "any other currency" if currency == _OTHER_CURRENCY else f"{currency} from {low}"
            yield Problem(
                field="ladders",
                rule=f"must have exactly one answer for cause {trouble}, product {product or ANY_OTHER}, "
                f"{money} (minor units): {names}",
            )
    for n, ladder in enumerate(policy.ladders):
        if ladder.id not in used:
            yield Problem(
                field=f"ladders[{n}]", rule="must answer for some invoice: no invoice ever comes to it"
            )


def _exit_problems(cell: Cell, policy: Policy, decider: Decider) -> Iterator[Problem]:
    money = (cell.currency, cell.at_least)
    yield from _broken(*exits(cell.ladder, cell.trouble, cell.product, money, policy, decider))


def _broken(*rules: tuple[str, bool, str]) -> Iterator[Problem]:
    for field, holds, rule in rules:
        if not holds:
            yield Problem(field=field, rule=rule)


def _value_problems(policy: Policy) -> Iterator[Problem]:
    yield from _broken(
        ("grace", timedelta() <= policy.grace <= 90 * _DAY, "must be from 0d to 90d"),
        ("service", policy.unpaid_service >= policy.grace, "must not be shorter than the grace"),
        ("outage_max", timedelta() <= policy.outage_max <= 90 * _DAY, "must be from 0d to 90d"),
        (
            "outage_max",
            policy.outage_max <= min(promised(policy)),
            "must not be longer than an outage is retried: nothing would tell that it is over",
        ),
        ("ladders", bool(policy.ladders), "must be at least one ladder"),
        ("ladders", _once(ladder.id for ladder in policy.ladders), "must each have an id of its own"),
        ("free", _once(policy.free or ()), "must not name a product twice"),
        ("method_order", _once(policy.method_order), "must not name a kind twice"),
        *(
            (f"retries.{cause}", cause in policy.retries, "must be given: every cause has an answer")
            for cause in CauseClass
        ),
    )
    downgrades = any(Measure.DOWNGRADE in r.measures for x in policy.ladders for r in x.rungs)
    yield from _broken(("free", not policy.free or downgrades, "must be empty: no rung downgrades"))


def _expiry_problems(expiry: ExpiryNotice | None) -> Iterator[Problem]:
    if expiry is not None:
        finance = Channel.FINANCE in expiry.notify
        yield from _broken(
            ("expiry.ahead", _DAY <= expiry.ahead < LOOK_AHEAD, f"must be from 1d to {LOOK_AHEAD.days - 1}d"),
            ("expiry.notify", bool(expiry.notify), "must name a channel"),
            ("expiry.notify", not finance, "must not be finance: whose card ends is the customer's business"),
        )


def _schedule_problems(policy: Policy) -> Iterator[Problem]:
    for cause, waits in policy.retries.items():
        yield from _broken((f"retries.{cause}", _waits_hold(waits), _WAITS_RULE))
        if cause in (CauseClass.PERMANENT, CauseClass.ACTION_NEEDED):
            yield from _broken((f"retries.{cause}", not waits, "must be empty: trying again cannot help"))
    taken: Counter[tuple[str, str]] = Counter()
    for n, schedule in enumerate(policy.schedules):
        place = f"schedules[{n}]"
        taken.update(combinations(schedule.causes, schedule.providers or [ANY_OTHER]))
        yield from _broken(
            (f"{place}.causes", bool(schedule.causes), "must name a cause"),
            (f"{place}.waits", _waits_hold(schedule.waits), _WAITS_RULE),
            (
                f"{place}.weekdays",
                not (schedule.weekdays and schedule.paydays),
                "must not be given with paydays",
            ),
            (f"{place}.weekdays", all(0 <= d <= 6 for d in schedule.weekdays), "must be days of the week"),
            (f"{place}.paydays", all(1 <= d <= 31 for d in schedule.paydays), "must be from 1 to 31"),
            (f"{place}.hour", 0 <= schedule.hour <= 23, "must be from 0 to 23"),
        )
    for (named, provider), count in sorted(taken.items()):
        yield from _broken(
            ("schedules", count == 1, f"must have one answer for {named} with provider {provider}")
        )


_RETRIES_MAX = 200
_WAITS_RULE = f"must be at most {_RETRIES_MAX} waits, each of 1m to 90d"


def _waits_hold(waits: tuple[timedelta, ...]) -> bool:
    return len(waits) <= _RETRIES_MAX and all(timedelta(minutes=1) <= wait <= 90 * _DAY for wait in waits)


def _once(names: Iterable[str]) -> bool:
    return all(count == 1 for count in Counter(names).values())


def _ladder_problems(ladder: Ladder, place: str, policy: Policy) -> Iterator[Problem]:
    rungs = ladder.rungs
    last = {m for rung in rungs[-1:] for m in rung.measures}
    gives_up = Measure.GIVE_UP in last
    yield from _broken(
        (f"{place}.rungs", bool(rungs), "must be at least one rung"),
        (f"{place}.rungs", _once(rung.id for rung in rungs), "must each have an id of its own"),
        (f"{place}.ends", gives_up or ladder.ends is not None, "must say where it ends: no rung gives up"),
        (f"{place}.ends", not gives_up or ladder.ends is None, "must be empty: its last rung gives up"),
        (f"{place}.below", all(v > 0 for v in ladder.below.values()), "must be greater than 0"),
    )
    for n, rung in enumerate(rungs):
        at = f"{place}.rungs[{n}]"
        rising = n == 0 or rung.after > rungs[n - 1].after
        told_or_done = bool(rung.measures or rung.notify)
        early = Measure.GIVE_UP in rung.measures and n < len(rungs) - 1
        late = Measure.DOWNGRADE not in rung.measures or rung.after <= policy.unpaid_service
        yield from _broken(
            (f"{at}.after", rung.after >= timedelta(), "must not be before the due date"),
            (f"{at}.after", rising, "must be later than that of the rung before: one age has one answer"),
            (f"{at}", told_or_done, "must do something: measures, or notify"),
            (f"{at}.measures", rung.measures <= RUNG_MEASURES, "must be of those that a rung can take"),
            (f"{at}.measures", not early, "must not give up: rungs after it are never reached"),
            (f"{at}.after", late, "must not be after the service, or there is nothing left to downgrade"),
        )
    yield from _retry_problems(ladder, place, policy)


def _retry_problems(ladder: Ladder, place: str, policy: Policy) -> Iterator[Problem]:
    """A try that a schedule promises must be made before the debt is given up."""
    end = next((r.after for r in ladder.rungs if Measure.GIVE_UP in r.measures), None)
    for cause, waits in policy.retries.items():
        concerned = not ladder.causes or Trouble(cause) in ladder.causes
        if end is not None and concerned and sum(waits, timedelta()) >= end:
            yield Problem(field=f"{place}.rungs", rule=f"must give up after the last retry of {cause}")
    if end is None or any(_schedule_problems(policy)):
        return
    for n, schedule in enumerate(policy.schedules):
        classes = {CAUSE_CLASS[c] if isinstance(c, FailureCause) else c for c in schedule.causes}
        concerned = not ladder.causes or any(Trouble(c) in ladder.causes for c in classes)
        if concerned and (last := longest(schedule)) >= end:
            rule = f"must give up after the last try of schedules[{n}], up to {last.days + 1} days after the first"
            yield Problem(field=f"{place}.rungs", rule=rule)


def _catalog_problems(policy: Policy, catalog: Catalog) -> Iterator[Problem]:
    named = [("free", p) for p in policy.free or ()]
    named += [(f"ladders[{n}].products", p) for n, x in enumerate(policy.ladders) for p in sorted(x.products)]
    for field, product in named:
        yield from _broken(
            (field, product in catalog.products, f"must name a product of the catalog, got {product!r}")
        )
    families = Counter(catalog.products[p].family for p in policy.free or () if p in catalog.products)
    for family, count in families.items():
        yield from _broken(("free", count == 1, f"must name one product of the family {family}"))

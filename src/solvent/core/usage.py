"""Usage: which usage is owed, and the plan of the invoice that asks for it, in arrears.

Owns the usage period (one item over one span of time, with what was billed of it), when a commit opens or cuts one,
and the rule by which it is billed: the price of all that was used, less what was billed before. So late events,
corrections and threshold invoices need no rule of their own, and the invoices of a period sum to its price. Does not
own what goes back where that is below nothing (`overbilled`), counting (`meter`), prices (`pricing`) nor who collects
(the usage flow).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from solvent.core.account import Account
from solvent.core.catalog import Catalog
from solvent.core.credit import CreditGrant
from solvent.core.invoice import Line, LineKind
from solvent.core.invoice_item import InvoiceItem, uses_of, with_items
from solvent.core.money import Rounding
from solvent.core.payment import Path
from solvent.core.period import Period
from solvent.core.phrase import Phrase, Sentence, named
from solvent.core.plan import Billed, Intent, OnFailure, Plan, make_plan
from solvent.core.policy import Policy
from solvent.core.pricing import amount, explain
from solvent.core.proration import Convention
from solvent.core.subscription import Subscription, SubscriptionState
from solvent.core.taxing import Taxation

CHARGED_MAX = 10**15  # minor units of one invoice; more is a mistake in a price or a meter
_WHOLE = frozenset({Intent.START, Intent.RENEW})  # what begins a period at its start, however late

_INSTANT = timedelta(microseconds=1)

LATE_MAX = timedelta(days=90)  # how long after its end a period still takes late usage


@dataclass(frozen=True, slots=True, kw_only=True)
class UsagePeriod:
    """One metered item from `starts_at` to `ends_at` (UTC), at one price; `version` counts what was billed.

    `look_at` is when it must be billed, after its end; None: it has been, and only late usage can follow.
    """

    item_id: UUID
    subscription_id: UUID
    account_id: UUID
    price_id: str
    meter: str
    object: str
    starts_at: datetime
    ends_at: datetime
    look_at: datetime | None
    billed_quantity: int = 0
    billed_amount: int = 0
    version: int = 1

    @property
    def period(self) -> Period:
        """The span whose usage counts."""
        return Period(start=self.starts_at, end=self.ends_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was used in a period up to now, late events and corrections included."""

    period: UsagePeriod
    quantity: int


class Reach(StrEnum):
    """Which periods of an account have to be read before anything can be said about them."""

    NONE = "none"
    THRESHOLDS = "thresholds"  # those that are open, at a price with a threshold
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Where periods of a subscription end that would go on: those under way at `at`, or (when it is over) those that
    end at `ending`, which may also be earlier than `at`."""

    subscription_id: UUID
    at: datetime
    look_at: datetime
    ending: datetime | None


def opened(plan: Plan, after: Subscription, catalog: Catalog, policy: Policy) -> tuple[UsagePeriod, ...]:
    """The periods that must be open after a commit: for each metered item from when it, or its subscription's period,
    began. Those that are open already are named again and change nothing. Usage during a trial is free."""
    if not catalog.meters or after.state is not SubscriptionState.ACTIVE:
        return ()
    # The clocks of two servers differ a little: a change may be planned just before the period it is in.
    start = (
        after.period.start if plan.intent_of(after) in _WHOLE else max(plan.planned_at, after.period.start)
    )
    return tuple(
        UsagePeriod(
            item_id=item.id,
            subscription_id=after.id,
            account_id=after.account_id,
            price_id=item.price_id,
            meter=meter.id,
            object=item.object,
            starts_at=start,
            ends_at=after.period.end,
            look_at=after.period.end + policy.usage_delay,
        )
        for item in after.items
        if (meter := catalog.meter_of(item.price_id)) is not None
    )


def cut(plan: Plan, after: Subscription, catalog: Catalog, policy: Policy) -> Cut | None:
    """What a commit does to periods that are open: nothing, unless the subscription ends or begins a new period early.

    One that ends unpaid may do so after its period, when grace is over: then what was used until then is counted.
    """
    if not catalog.meters or (after.ended_at is None and plan.intent_of(after) is not Intent.MODIFY):
        return None
    return cut_at(after, policy)


def cut_at(after: Subscription, policy: Policy) -> Cut:
    """What ends the open periods of a subscription as it is `after` its end, or after a new period began early."""
    at = after.ended_at or after.period.start
    ending = None if after.ended_at is None else after.period.end
    return Cut(subscription_id=after.id, at=at, look_at=at + policy.usage_delay, ending=ending)


def reach(periods: Iterable[UsagePeriod], catalog: Catalog, now: datetime) -> Reach:
    """What has to be read of an account with these periods. Late usage alone waits for the account's next invoice, as
    long as one is to come."""
    open_ = [p for p in periods if p.look_at is not None]
    if any(_ended(p, now) for p in open_) or not open_:
        return Reach.ALL
    return Reach.THRESHOLDS if any(catalog.price(p.price_id).threshold for p in open_) else Reach.NONE


def crossed(readings: Iterable[Reading], catalog: Catalog, rounding: Rounding) -> bool:
    """Whether what is not billed of any open period has reached the threshold of its price."""
    return any(_crossed(r, catalog, rounding) for r in readings)


def plan_usage(
    account: Account,
    readings: Sequence[Reading],
    *,
    catalog: Catalog,
    policy: Policy,
    convention: Convention,
    credit_grants: Sequence[CreditGrant],
    now: datetime,
    waiting: Sequence[InvoiceItem] = (),
) -> Plan | None:
    """One invoice of all usage of an account that is owed at `now`; None when none is to be billed.

    A period is billed when it has ended, or when its threshold is crossed; with the next invoice after that, whatever
    was late or corrected. When nothing more will come, late usage is billed by itself. `readings` are of all periods
    that may have changed; of one that came to less than was billed of it nothing is charged: that goes back first
    (`overbilled`). What is `waiting` for an invoice comes along at the end of a period.
    """
    found = owed(account, readings, catalog, convention, now)
    if found is None:
        return None

    def plan_of(items: Sequence[InvoiceItem]) -> Plan:
        return make_plan(
            account_id=account.id,
            path=Path.FINALISATION,
            intent=Intent.BILL_USAGE,
            claim=claim(account.id),
            currency=account.currency,
            lines=(*found.lines, *(item.invoiced for item in items)),
            credit=credit_grants,
            planned_at=now,
            lifetime=policy.attempt_lifetime,
            terms_days=catalog.terms_days(account),
            taxation=Taxation(account=account, catalog=catalog, convention=convention, at=now),
            on_failure=OnFailure.GRACE,
            usage=found.billed,
            items=uses_of(items),
        )

    return with_items(waiting if any(_ended(r.period, now) for r in readings) else (), plan_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedUsage:
    """What is owed of usage: its lines, and what has been billed of each period when they are committed."""

    lines: tuple[Line, ...] = ()
    billed: tuple[Billed, ...] = ()


NO_USAGE = OwedUsage()


def owed(
    account: Account,
    readings: Sequence[Reading],
    catalog: Catalog,
    convention: Convention,
    now: datetime,
) -> OwedUsage | None:
    """All usage of an account that is owed at `now`, as `plan_usage` says; None when none is to be billed."""
    rounding = convention.rounding
    found = [
        (r, _charged(r, catalog, rounding))
        for r in chosen(readings, catalog, rounding, now)
        if r.period.look_at is not None or _charged(r, catalog, rounding)
    ]
    if not found:
        return None
    refuse_absurd(account, [r for r, _ in found], catalog, rounding)
    return OwedUsage(
        lines=tuple(_line(r, n, catalog, rounding, account.time_zone, now) for r, n in found if n),
        billed=tuple(billed_of(r, charged, now) for r, charged in found),
    )


def refuse_absurd(
    account: Account, readings: Iterable[Reading], catalog: Catalog, rounding: Rounding
) -> None:
    """Raises ValueError for amounts that are a mistake in a price or a meter, whichever way they go."""
    if sum(abs(unbilled(r, catalog, rounding)) for r in readings) > CHARGED_MAX:
        raise ValueError(f"account {account.id}: usage of more than {CHARGED_MAX} minor units is not billed")


def chosen(
    readings: Iterable[Reading], catalog: Catalog, rounding: Rounding, now: datetime
) -> Sequence[Reading]:
    """The periods that are to be billed at `now`, by their start: those that are over or whose threshold is crossed,
    and with them (or where none is open) whatever of earlier ones was late or corrected."""
    found = [r for r in readings if _ended(r.period, now) or _crossed(r, catalog, rounding)]
    if found or all(r.period.look_at is None for r in readings):
        found += [r for r in readings if r.period.look_at is None and unbilled(r, catalog, rounding)]
    return sorted(found, key=lambda r: (r.period.starts_at, r.period.object, r.period.item_id))


def claim(account_id: UUID) -> str:
    """What at most one attempt in flight is about: all usage of the account."""
    return f"use:{account_id}"


def _ended(period: UsagePeriod, now: datetime) -> bool:
    return period.look_at is not None and period.look_at <= now


def _crossed(reading: Reading, catalog: Catalog, rounding: Rounding) -> bool:
    threshold = catalog.price(reading.period.price_id).threshold
    is_open = reading.period.look_at is not None
    return is_open and threshold is not None and unbilled(reading, catalog, rounding) >= threshold


def _charged(reading: Reading, catalog: Catalog, rounding: Rounding) -> int:
    """What is still to be charged: nothing, where it comes to less than was billed."""
    return max(unbilled(reading, catalog, rounding), 0)


def unbilled(reading: Reading, catalog: Catalog, rounding: Rounding) -> int:
    """The price of all that was used, less what was billed of it; below 0 where it comes to less than that: by a
    correction, a price that falls with the quantity, or a meter that counts the last value."""
    total = amount(catalog.price(reading.period.price_id), reading.quantity, rounding)
    return total - reading.period.billed_amount


def billed_of(reading: Reading, charged: int, now: datetime) -> Billed:
    """What a plan that charges so much of a period says of it; below 0: that gives so much back."""
    period = reading.period
    return Billed(
        item_id=period.item_id,
        starts_at=period.starts_at,
        base=period.version,
        quantity=reading.quantity,
        amount=period.billed_amount + charged,
        charged=charged,
        look_at=None if _ended(period, now) else period.look_at,
    )


def _line(
    reading: Reading, charged: int, catalog: Catalog, rounding: Rounding, zone: str, now: datetime
) -> Line:
    """What is charged for one period, with the sum that a person can check."""
    period = reading.period
    price, product = catalog.price(period.price_id), catalog.product_of(period.price_id)
    meter = catalog.meters[period.meter]
    thing = "" if period.object == "account" else period.object
    so_far = not _ended(period, now) and period.look_at is not None
    used = explained(reading, catalog, rounding, zone, so_far=so_far)
    if period.version > 1:
        used = Phrase(Sentence.LESS_BILLED, (used, period.billed_amount, charged, price.currency))
    late = Sentence.LATER_USAGE if period.look_at is None else Sentence.USAGE
    return Line(
        kind=LineKind.USAGE,
        description=Phrase(late, (named(product.name, product.names), named(meter.name, meter.names), thing)),
        amount=charged,
        explanation=used,
        quantity=reading.quantity,
        price_id=price.id,
        item_id=period.item_id,
        object=period.object,
        period=period.period,
        tax_point=min(now, period.ends_at - _INSTANT),
    )


def explained(
    reading: Reading, catalog: Catalog, rounding: Rounding, zone: str, *, so_far: bool = False
) -> Phrase:
    """What all that was used in a period comes to, by days of the time zone: its first, and the last of which it has
    any time, as the e-invoice has it."""
    period = reading.period
    price, meter = catalog.price(period.price_id), catalog.meters[period.meter]
    days = (
        x.astimezone(ZoneInfo(zone)).date().isoformat() for x in (period.starts_at, period.ends_at - _INSTANT)
    )
    said = Sentence.USED_SO_FAR if so_far else Sentence.USED
    return Phrase(said, (named(meter.unit, meter.units), explain(price, reading.quantity, rounding), *days))

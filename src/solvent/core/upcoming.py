"""Upcoming: the invoice that an account gets next, as it would be if nothing changed until then.

Owns which of the account's next renewals and usage periods comes first, and when it is invoiced. The plan itself is the
one that the billing clock makes then, by the same functions (`renewal`, `usage`), and before it what goes back of usage
(`overbilled`). Writes nothing, and takes nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from solvent.core.account import Account
from solvent.core.booking import issues_invoice
from solvent.core.catalog import Catalog
from solvent.core.charged import Charged
from solvent.core.credit import CreditGrant, GrantKind
from solvent.core.crediting import BY_CREDIT_NOTE
from solvent.core.invoice_item import InvoiceItem
from solvent.core.overbilled import plan_overbilled, rebilled
from solvent.core.plan import Plan
from solvent.core.policy import Policy
from solvent.core.proration import Convention
from solvent.core.renewal import belongs_with, falls_together, plan_together, waits_for_usage
from solvent.core.subscription import Subscription
from solvent.core.unused_time import PlannedNote
from solvent.core.usage import LATE_MAX, Reading, owed, plan_usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What an account is going to be invoiced for: its live subscriptions, the usage so far of its periods, the
    invoices that `billed` more of it than that comes to, what waits for an invoice, and its credit; as of `now`."""

    account: Account
    subscriptions: Sequence[Subscription]
    readings: Sequence[Reading]
    waiting: Sequence[InvoiceItem]
    credit_grants: Sequence[CreditGrant]
    catalog: Catalog
    policy: Policy
    convention: Convention
    now: datetime
    billed: Sequence[Charged] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """The plan of the account's next invoice, which is made at `at` (UTC), and the credit notes that go first: the plan
    draws on what they give back, by grants that have no ids yet but the number of the credit note."""

    at: datetime
    plan: Plan
    credit_notes: tuple[PlannedNote, ...] = ()


_Planned = tuple[Plan, tuple[PlannedNote, ...]]
_Coming = tuple[datetime, int, Callable[[datetime], Iterator[_Planned]]]


def upcoming(outlook: Outlook) -> Upcoming | None:
    """The next invoice of the billing clock; None when none is to come."""
    coming = sorted([*_renewals(outlook), *_usage(outlook)], key=lambda one: one[:2])
    plans = (
        Upcoming(at=at, plan=plan, credit_notes=notes)
        for at, _, plans_at in coming
        for plan, notes in plans_at(at)
    )
    return next((one for one in plans if issues_invoice(one.plan)), None)


def _renewals(outlook: Outlook) -> Iterator[_Coming]:
    """What is renewed next, together or alone, each with the moment at which that is planned."""
    groups: dict[object, list[Subscription]] = {}
    for subscription in sorted(outlook.subscriptions, key=lambda s: s.id):
        if falls_together(subscription) is not None:
            key = belongs_with(outlook.account, subscription, outlook.catalog)
            groups.setdefault(key, []).append(subscription)
    for group in groups.values():
        waits = [at for s in group if (at := _waits(outlook, s)) is not None]
        yield (
            max(waits, default=max(outlook.now, group[0].period.end)),
            0,
            _renewal(outlook, group, bool(waits)),
        )


def _waits(outlook: Outlook, subscription: Subscription) -> datetime | None:
    ended = [
        r.period.look_at
        for r in outlook.readings
        if r.period.look_at is not None and r.period.ends_at == subscription.period.end
    ]
    o, usage_at = outlook, max(ended, default=None)
    at = waits_for_usage(o.account, subscription, usage_at, o.catalog, o.policy, o.convention)
    return None if at is None else max(at, o.now)


def _renewal(
    outlook: Outlook, group: Sequence[Subscription], with_usage: bool
) -> Callable[[datetime], Iterator[_Planned]]:
    def plans(at: datetime) -> Iterator[_Planned]:
        first = _first(outlook, _readings(outlook, at) if with_usage else [], at)
        for plan in plan_together(
            outlook.account,
            group,
            catalog=outlook.catalog,
            policy=outlook.policy,
            convention=outlook.convention,
            credit_grants=first.credit_grants,
            now=at,
            waiting=outlook.waiting,
            readings=first.readings,
        ):
            yield plan, first.notes

    return plans


def _usage(outlook: Outlook) -> Iterator[_Coming]:
    """The usage that is billed next by itself, where no renewal bills it first."""
    moments = [r.period.look_at for r in outlook.readings if r.period.look_at is not None]
    if _owed_now(outlook):
        moments.append(outlook.now)

    def plans(at: datetime) -> Iterator[_Planned]:
        first = _first(outlook, _readings(outlook, at), at)
        plan = plan_usage(
            outlook.account,
            first.readings,
            catalog=outlook.catalog,
            policy=outlook.policy,
            convention=outlook.convention,
            credit_grants=first.credit_grants,
            now=at,
            waiting=outlook.waiting,
        )
        if plan is not None:
            yield plan, first.notes

    for moment in sorted(set(moments)):
        yield max(moment, outlook.now), 1, plans


class _First(NamedTuple):
    """What an invoice finds when what goes back of usage has gone first: by `notes`, of which credit is there."""

    readings: Sequence[Reading]
    credit_grants: Sequence[CreditGrant]
    notes: tuple[PlannedNote, ...]


def _first(outlook: Outlook, readings: Sequence[Reading], at: datetime) -> _First:
    plan = plan_overbilled(
        outlook.account,
        readings,
        outlook.billed,
        catalog=outlook.catalog,
        policy=outlook.policy,
        convention=outlook.convention,
        now=at,
    )
    if plan is None:
        return _First(readings, outlook.credit_grants, ())
    grants = tuple(
        CreditGrant(
            id=UUID(int=n),
            kind=GrantKind.RETURNED,
            currency=plan.currency,
            amount=note.amount - note.to_debt,
            remaining=note.amount - note.to_debt,
            granted_at=at,
            reason=BY_CREDIT_NOTE,
        )
        for n, note in enumerate(plan.credit_notes, start=1)
        if note.amount > note.to_debt
    )
    return _First(rebilled(readings, plan), (*outlook.credit_grants, *grants), plan.credit_notes)


def _owed_now(outlook: Outlook) -> bool:
    """Whether usage is billed as soon as it is looked at: a threshold was crossed, or it came after the last period. A
    renewal that is due comes first."""
    o = outlook
    if any(s.due_at is not None and s.due_at <= o.now for s in o.subscriptions):
        return False
    return owed(o.account, _readings(o, o.now), o.catalog, o.convention, o.now) is not None


def _readings(outlook: Outlook, at: datetime) -> list[Reading]:
    """Of the periods that can still be billed then."""
    return [r for r in outlook.readings if r.period.look_at is not None or r.period.ends_at > at - LATE_MAX]

"""Upcoming: the invoice that an account gets next, as it would be if nothing changed until then.

Owns which of the account's next renewals and usage periods comes first, and when it is invoiced. The plan itself is the
one that the billing clock makes then, by the same functions (`renewal`, `usage`). Writes nothing, and takes nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from solvent.core.account import Account
from solvent.core.booking import issues_invoice
from solvent.core.catalog import Catalog
from solvent.core.credit import CreditGrant
from solvent.core.invoice_item import InvoiceItem
from solvent.core.plan import Plan
from solvent.core.policy import Policy
from solvent.core.proration import Convention
from solvent.core.renewal import belongs_with, falls_together, plan_together, waits_for_usage
from solvent.core.subscription import Subscription
from solvent.core.usage import LATE_MAX, Reading, owed, plan_usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What an account is going to be invoiced for: its live subscriptions, the usage so far of its periods, what waits
    for an invoice, and its credit; all as of `now`."""

    account: Account
    subscriptions: Sequence[Subscription]
    readings: Sequence[Reading]
    waiting: Sequence[InvoiceItem]
    credit_grants: Sequence[CreditGrant]
    catalog: Catalog
    policy: Policy
    convention: Convention
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """The plan of the account's next invoice, which is made at `at` (UTC)."""

    at: datetime
    plan: Plan


_Coming = tuple[datetime, int, Callable[[datetime], Iterator[Plan]]]


def upcoming(outlook: Outlook) -> Upcoming | None:
    """The next invoice of the billing clock; None when none is to come."""
    coming = sorted([*_renewals(outlook), *_usage(outlook)], key=lambda one: one[:2])
    plans = (Upcoming(at=at, plan=plan) for at, _, plans_at in coming for plan in plans_at(at))
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
) -> Callable[[datetime], Iterator[Plan]]:
    def plans(at: datetime) -> Iterator[Plan]:
        yield from plan_together(
            outlook.account,
            group,
            catalog=outlook.catalog,
            policy=outlook.policy,
            convention=outlook.convention,
            credit_grants=outlook.credit_grants,
            now=at,
            waiting=outlook.waiting,
            readings=_readings(outlook, at) if with_usage else (),
        )

    return plans


def _usage(outlook: Outlook) -> Iterator[_Coming]:
    """The usage that is billed next by itself, where no renewal bills it first."""
    moments = [r.period.look_at for r in outlook.readings if r.period.look_at is not None]
    if _owed_now(outlook):
        moments.append(outlook.now)

    def plans(at: datetime) -> Iterator[Plan]:
        plan = plan_usage(
            outlook.account,
            _readings(outlook, at),
            catalog=outlook.catalog,
            policy=outlook.policy,
            convention=outlook.convention,
            credit_grants=outlook.credit_grants,
            now=at,
            waiting=outlook.waiting,
        )
        assert plan is not None, "a period that is over by then, or owed already, is billed"
        yield plan

    for moment in sorted(set(moments)):
        yield max(moment, outlook.now), 1, plans


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

"""Renewal: what the billing clock plans for a subscription whose period is over.

Owns the next period (with whatever was scheduled for it), which subscriptions are renewed together and with which
usage, and the two ways in which a subscription ends by itself. Does not own when the clock runs nor the collection of
what is due; each call plans one period, however late it is.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from solvent.core.account import Account
from solvent.core.catalog import Catalog
from solvent.core.coupon import CouponUse
from solvent.core.credit import CreditGrant
from solvent.core.ending import ended
from solvent.core.invoice import Line
from solvent.core.invoice_item import InvoiceItem, uses_of, with_items
from solvent.core.lines import full_charges
from solvent.core.payment import Path
from solvent.core.period import Anchor, Period, boundary
from solvent.core.plan import Intent, OnFailure, Plan, make_plan
from solvent.core.policy import Policy
from solvent.core.proration import Convention
from solvent.core.redemption import of_renewal, uses
from solvent.core.subscription import EndReason, Subscription, SubscriptionState
from solvent.core.taxing import Taxation
from solvent.core.terms import Together
from solvent.core.usage import NO_USAGE, OwedUsage, Reading, owed


def plan_renewal(
    account: Account,
    subscription: Subscription,
    *,
    catalog: Catalog,
    policy: Policy,
    convention: Convention,
    credit_grants: Sequence[CreditGrant],
    now: datetime,
    waiting: Sequence[InvoiceItem] = (),
) -> Plan | None:
    """The next period, or the end, of a subscription that is due; None when it is not due at `now`.

    `credit_grants` are the account's in the currency of the subscription, `waiting` what waits for its next invoice: a
    renewal that costs something takes it along. A failed payment grants grace. Whoever still
    has an unpaid invoice from the grace before gets no further period: the subscription ends when it is next due.
    """
    due_at = subscription.due_at
    if due_at is None or due_at > now:
        return None
    taxation = Taxation(account=account, catalog=catalog, convention=convention, at=now)
    if subscription.pending is not None and subscription.pending.cancel:
        over = ended(subscription, subscription.period.end, EndReason.CANCELED)
    elif subscription.grace_invoice is not None:
        over = ended(subscription, due_at, EndReason.UNPAID)
    else:
        return _plan(Intent.RENEW, [_next(subscription, taxation)], taxation, policy, credit_grants, waiting)
    part = _Part(over, (), uses(subscription.coupons, over, (), catalog))
    return _plan(Intent.END, [part], taxation, policy, credit_grants)


def plan_together(  # noqa: PLR0913 -- what planning looks at, by keyword
    account: Account,
    subscriptions: Sequence[Subscription],
    *,
    catalog: Catalog,
    policy: Policy,
    convention: Convention,
    credit_grants: Sequence[CreditGrant],
    now: datetime,
    waiting: Sequence[InvoiceItem] = (),
    readings: Sequence[Reading] = (),
) -> tuple[Plan, ...]:
    """The next periods of subscriptions that `falls_together` says belong together: one invoice, one payment, all or
    nothing; when it fails, each of them stands on the one open invoice. What costs nothing is renewed by itself: it
    must not depend on a payment.

    `readings` are of the account's usage, where that is invoiced with them: all of it that is owed by now."""
    taxation = Taxation(account=account, catalog=catalog, convention=convention, at=now)
    parts = sorted((_next(s, taxation) for s in subscriptions), key=lambda part: part.after.id)
    paid = [part for part in parts if part.costs]
    groups = [[part] for part in parts if part not in paid] + ([paid] if paid else [])
    return tuple(
        _plan(Intent.RENEW, group, taxation, policy, credit_grants, waiting, readings) for group in groups
    )


def waits_for_usage(
    account: Account,
    subscription: Subscription,
    usage_at: datetime | None,
    catalog: Catalog,
    policy: Policy,
    convention: Convention,
) -> datetime | None:
    """When a renewal can be invoiced together with the usage of what ended as it fell due: at `usage_at`, when the last
    events have arrived. None: it is not, and waits for nothing.

    It is not where that would outlast the service that goes on while a renewal is being collected.
    """
    if usage_at is None or catalog.terms_of(account).together is not Together.INSTANT:
        return None
    if falls_together(subscription) is None or usage_at - subscription.period.end > policy.collecting:
        return None
    taxation = Taxation(account=account, catalog=catalog, convention=convention, at=usage_at)
    return usage_at if _next(subscription, taxation).costs else None


def falls_together(subscription: Subscription) -> tuple[UUID, str, datetime] | None:
    """What subscriptions that are renewed together have in common: account, currency and the instant at which they fall
    due. None: it ends, which is a matter of its own."""
    leaves = subscription.pending is not None and subscription.pending.cancel
    if leaves or subscription.grace_invoice is not None or subscription.due_at is None:
        return None
    return subscription.account_id, subscription.currency, subscription.due_at


def belongs_with(account: Account, subscription: Subscription, catalog: Catalog) -> object:
    """What subscriptions of an account have in common that are renewed by one invoice under its terms; of one that is
    renewed alone, itself."""
    apart = catalog.terms_of(account).together is Together.NEVER
    return subscription.id if apart else falls_together(subscription) or subscription.id


class _Part(NamedTuple):
    """A subscription as a plan leaves it, what it is charged, and what becomes of its coupons."""

    after: Subscription
    lines: tuple[Line, ...]
    coupons: tuple[CouponUse, ...]

    @property
    def costs(self) -> bool:
        """Whether there is anything to pay for it."""
        return sum(line.amount for line in self.lines) != 0


def _next(subscription: Subscription, taxation: Taxation) -> _Part:
    """The next period of a subscription that goes on, lowered by its coupons."""
    catalog = taxation.catalog
    after = _renewed(subscription, taxation.account)
    lines = full_charges(catalog, after.items, after.period, after.anchor.time_zone)
    after, lines = of_renewal(subscription, after, lines, catalog, taxation.convention.rounding)
    return _Part(after, lines, uses(subscription.coupons, after, (), catalog))


def _plan(
    intent: Intent,
    parts: Sequence[_Part],
    taxation: Taxation,
    policy: Policy,
    credit_grants: Sequence[CreditGrant],
    waiting: Sequence[InvoiceItem] = (),
    readings: Sequence[Reading] = (),
) -> Plan:
    """One plan of these parts; where there is something to pay anyway, with usage and what waits for an invoice."""

    def plan_of(usage: OwedUsage, items: Sequence[InvoiceItem]) -> Plan:
        return _made(intent, parts, taxation, policy, credit_grants, usage, items)

    if intent is not Intent.RENEW or not any(part.costs for part in parts):
        return plan_of(NO_USAGE, ())
    account, catalog, convention = taxation.account, taxation.catalog, taxation.convention
    usage = (owed(account, readings, catalog, convention, taxation.at) if readings else None) or NO_USAGE
    return with_items(waiting, lambda items: plan_of(usage, items))


def _made(
    intent: Intent,
    parts: Sequence[_Part],
    taxation: Taxation,
    policy: Policy,
    credit_grants: Sequence[CreditGrant],
    usage: OwedUsage,
    items: Sequence[InvoiceItem],
) -> Plan:
    account, first = taxation.account, parts[0].after
    fees = [line for part in parts for line in part.lines]
    return make_plan(
        account_id=account.id,
        path=Path.RENEWAL,
        intent=intent,
        claim=f"sub:{first.id}",
        currency=first.currency,
        lines=[*fees, *usage.lines, *(item.invoiced for item in items)],
        credit=credit_grants,
        planned_at=taxation.at,
        lifetime=policy.attempt_lifetime,
        after=first,
        also=tuple(part.after for part in parts[1:]),
        terms_days=taxation.catalog.terms_days(account),
        taxation=taxation,
        on_failure=OnFailure.GRACE if intent is Intent.RENEW else OnFailure.NOTHING,
        coupons=tuple(use for part in parts for use in part.coupons),
        usage=usage.billed,
        items=uses_of(items),
    )


def _renewed(base: Subscription, account: Account) -> Subscription:
    """The next version, one period later, with the scheduled items and interval in force."""
    scheduled = base.pending
    anchor, interval, index = base.anchor, base.interval, base.index + 1
    if base.state is SubscriptionState.TRIALING:
        index = 0  # the trial's end is the anchor already
    if scheduled is not None and scheduled.interval is not None:
        anchor = Anchor(at=base.period.end, time_zone=account.time_zone)
        interval, index = scheduled.interval, 0
    return replace(
        base,
        state=SubscriptionState.ACTIVE,
        interval=interval,
        anchor=anchor,
        index=index,
        # Starts at the stored end, so that periods meet even when the rules of a time zone have changed since.
        period=Period(start=base.period.end, end=boundary(anchor, interval, index + 1)),
        items=base.items if scheduled is None or scheduled.items is None else scheduled.items,
        version=base.version + 1,
        pending=None,
        grace_until=None,
        grace_invoice=None,
    )

"""Renewal: what the billing clock plans for a subscription whose period is over.

Owns the next period (with whatever was scheduled for it), which subscriptions are renewed together, and the two ways in
which a subscription ends by itself. Does not own when the clock runs nor the collection of what is due; each call plans
one period, however late it is.
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


def plan_together(
    account: Account,
    subscriptions: Sequence[Subscription],
    *,
    catalog: Catalog,
    policy: Policy,
    convention: Convention,
    credit_grants: Sequence[CreditGrant],
    now: datetime,
    waiting: Sequence[InvoiceItem] = (),
) -> tuple[Plan, ...]:
    """The next periods of subscriptions that `falls_together` says belong together: one invoice, one payment, all or
    nothing; when it fails, each of them stands on the one open invoice. What costs nothing is renewed by itself: it
    must not depend on a payment."""
    taxation = Taxation(account=account, catalog=catalog, convention=convention, at=now)
    parts = sorted((_next(s, taxation) for s in subscriptions), key=lambda part: part.after.id)
    paid = [part for part in parts if part.costs]
    groups = [[part] for part in parts if part not in paid] + ([paid] if paid else [])
    return tuple(_plan(Intent.RENEW, group, taxation, policy, credit_grants, waiting) for group in groups)


def falls_together(subscription: Subscription) -> tuple[UUID, str, datetime] | None:
    """What subscriptions that are renewed together have in common: account, currency and the instant at which they fall
    due. None: it ends, which is a matter of its own."""
    leaves = subscription.pending is not None and subscription.pending.cancel
    if leaves or subscription.grace_invoice is not None or subscription.due_at is None:
        return None
    return subscription.account_id, subscription.currency, subscription.due_at


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
) -> Plan:
    """One plan of these parts, with what waits for an invoice where there is something to pay anyway."""
    joining = waiting if intent is Intent.RENEW and any(part.costs for part in parts) else ()
    return with_items(joining, lambda items: _made(intent, parts, taxation, policy, credit_grants, items))


def _made(
    intent: Intent,
    parts: Sequence[_Part],
    taxation: Taxation,
    policy: Policy,
    credit_grants: Sequence[CreditGrant],
    items: Sequence[InvoiceItem],
) -> Plan:
    account, first = taxation.account, parts[0].after
    return make_plan(
        account_id=account.id,
        path=Path.RENEWAL,
        intent=intent,
        claim=f"sub:{first.id}",
        currency=first.currency,
        lines=[*(line for part in parts for line in part.lines), *(item.invoiced for item in items)],
        credit=credit_grants,
        planned_at=taxation.at,
        lifetime=policy.attempt_lifetime,
        after=first,
        also=tuple(part.after for part in parts[1:]),
        terms_days=taxation.catalog.terms_days(account),
        taxation=taxation,
        on_failure=OnFailure.GRACE if intent is Intent.RENEW else OnFailure.NOTHING,
        coupons=tuple(use for part in parts for use in part.coupons),
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

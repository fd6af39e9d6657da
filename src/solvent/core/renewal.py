"""Renewal: what the billing clock plans for a subscription whose period is over.

Owns the next period (with whatever was scheduled for it), and the two ways in which a subscription ends by itself.
Does not own when the clock runs nor the collection of what is due; each call plans one period, however late it is.
"""

from dataclasses import replace
from datetime import datetime

from solvent.core.account import Account
from solvent.core.catalog import Catalog
from solvent.core.ending import ended
from solvent.core.invoice import Line
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
    credit: int,
    now: datetime,
) -> Plan | None:
    """The next period, or the end, of a subscription that is due; None when it is not due at `now`.

    `credit` is the account credit in the currency of the subscription. A failed payment grants grace. Whoever still
    has an unpaid invoice from the grace before gets no further period: the subscription ends when it is next due.
    """
    due_at = subscription.due_at
    if due_at is None or due_at > now:
        return None
    lines: tuple[Line, ...] = ()
    if subscription.pending is not None and subscription.pending.cancel:
        intent, after = Intent.END, ended(subscription, subscription.period.end, EndReason.CANCELED)
    elif subscription.grace_invoice is not None:
        intent, after = Intent.END, ended(subscription, due_at, EndReason.UNPAID)
    else:
        intent, after = Intent.RENEW, _renewed(subscription, account)
        lines = full_charges(catalog, after.items, after.period, after.anchor.time_zone)
        after, lines = of_renewal(subscription, after, lines, catalog, convention.rounding)
    return make_plan(
        account_id=account.id,
        path=Path.RENEWAL,
        intent=intent,
        claim=f"sub:{subscription.id}",
        currency=subscription.currency,
        lines=lines,
        credit_balance=credit,
        planned_at=now,
        lifetime=policy.attempt_lifetime,
        after=after,
        terms_days=catalog.terms_days(account),
        taxation=Taxation(account=account, catalog=catalog, convention=convention, at=now),
        on_failure=OnFailure.GRACE if intent is Intent.RENEW else OnFailure.NOTHING,
        coupons=uses(subscription.coupons, after, (), catalog),
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

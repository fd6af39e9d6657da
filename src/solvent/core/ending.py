"""Ending: cancelling a subscription, now or when its period ends, and taking that back.

Owns the planning of these three. Does not own the scheduled end itself, which the billing clock applies (`renewal`).
"""

from dataclasses import replace
from datetime import datetime

from solvent.core.invoice import Line
from solvent.core.lines import exchange, rest_of_period
from solvent.core.offer import RECOVER_FIRST
from solvent.core.plan import Intent, Plan, Refusal
from solvent.core.request import CancelNow, Context
from solvent.core.revision import revision
from solvent.core.subscription import TRANSITIONS, EndReason, Pending, Subscription, SubscriptionState


def ended(base: Subscription, at: datetime, reason: EndReason) -> Subscription:
    """The last version of a subscription: nothing is scheduled, nothing stands on grace."""
    assert SubscriptionState.ENDED in TRANSITIONS[base.state], f"subscription {base.id} is {base.state}"
    return replace(
        base,
        version=base.version + 1,
        state=SubscriptionState.ENDED,
        pending=None,
        grace_until=None,
        grace_invoice=None,
        ended_at=at,
        end_reason=reason,
        coupons=(),
    )


def cancel_now(change: CancelNow, base: Subscription, context: Context) -> Plan | Refusal:
    """The end at once. With `credit`, the unused time becomes account credit, if it was paid for.

    A trial and a period on grace were not: they give no credit, and the open invoice stays owed in full. An invoice
    on terms counts as paid here, because what it says is owed either way.
    """
    lines: tuple[Line, ...] = ()
    paid = base.state is SubscriptionState.ACTIVE and base.grace_until is None
    if change.credit and paid and context.now < base.period.end:
        rest = rest_of_period(base, context.now, context.convention)
        lines = exchange(context.catalog, base.items, (), rest)
    return revision(ended(base, context.now, EndReason.CANCELED), context, Intent.CANCEL, lines)


def cancel_at_period_end(base: Subscription, context: Context) -> Plan | Refusal:
    """The end when the period ends. What else is scheduled is kept, so that un-cancelling restores it."""
    pending = base.pending or Pending()
    if pending.cancel:
        return Refusal(field="subscription_id", rule="is already cancelled at the end of its period")
    after = replace(base, version=base.version + 1, pending=replace(pending, cancel=True))
    return revision(after, context, Intent.SCHEDULE)


def uncancel(base: Subscription, context: Context) -> Plan | Refusal:
    """A scheduled cancellation dropped; what else was scheduled counts again."""
    if base.pending is None or not base.pending.cancel:
        return Refusal(field="subscription_id", rule="has no scheduled cancellation")
    if context.banned:
        return RECOVER_FIRST
    pending = replace(base.pending, cancel=False)
    after = replace(base, version=base.version + 1, pending=None if pending == Pending() else pending)
    return revision(after, context, Intent.SCHEDULE)

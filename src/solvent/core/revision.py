"""Revision: the next version of a subscription, what it schedules, and the plan that closes it.

Owns how the current items and the scheduled ones stay consistent, and the plan that every change of an existing
subscription ends in. Does not own what a change wants (`changing`, `interval_change`, `ending`).
"""

from collections.abc import Sequence
from dataclasses import replace

from solvent.core.invoice import Line
from solvent.core.payment import Path
from solvent.core.period import Interval
from solvent.core.plan import Intent, Plan, Refusal, make_plan
from solvent.core.redemption import of_change, scope_refusal, uses
from solvent.core.request import Context
from solvent.core.subscription import Item, Pending, Subscription


def following_items(base: Subscription) -> tuple[Item, ...]:
    """The items from the end of the period on, whether or not a cancellation is scheduled as well."""
    return base.items if base.pending is None or base.pending.items is None else base.pending.items


def with_item(order: Sequence[Item], items: Sequence[Item], new: Item) -> tuple[Item, ...]:
    """`items` with `new` in the place of the item of its id, or put back there; in the order of `order`."""
    by_id = {item.id: item for item in items} | {new.id: new}
    return tuple(by_id[item.id] for item in order if item.id in by_id)


def revised(
    base: Subscription,
    items: tuple[Item, ...],
    following: tuple[Item, ...],
    interval: Interval | None = None,
) -> Subscription:
    """The next version with `items` now, and `following` (in `interval`, if another) from the period's end on.

    A scheduled cancellation stays: only un-cancelling drops it.
    """
    pending = Pending(
        items=None if following == items else following,
        interval=interval,
        cancel=base.pending is not None and base.pending.cancel,
    )
    return replace(
        base, version=base.version + 1, items=items, pending=None if pending == Pending() else pending
    )


def revision(
    after: Subscription, context: Context, intent: Intent, lines: Sequence[Line] = ()
) -> Plan | Refusal:
    """The plan that leaves an existing subscription as `after`, with the coupons that count for it."""
    base = next(s for s in context.subscriptions if s.id == after.id)
    refusal = scope_refusal(context.redeemed, (*after.items, *following_items(after)), context.catalog)
    if refusal is not None:
        return refusal
    after, lines = of_change(
        base, after, lines, context.redeemed, context.catalog, context.convention, context.now
    )
    return make_plan(
        account_id=after.account_id,
        path=Path.CHANGE,
        intent=intent,
        claim=f"sub:{after.id}",
        currency=after.currency,
        lines=lines,
        credit=context.credit_grants,
        planned_at=context.now,
        lifetime=context.policy.attempt_lifetime,
        after=after,
        terms_days=context.terms_days,
        taxation=context.taxation,
        coupons=uses(base.coupons, after, context.redeemed, context.catalog),
        unused=context.unused,
    )


def renewal_first(base: Subscription, context: Context) -> Refusal | None:
    """Nothing is prorated in a period that is over: the billing clock renews it first."""
    if base.period.end <= context.now:
        return Refusal(
            field="subscription_id", rule="is being renewed: try again when its new period has begun"
        )
    return None

"""Change: a requested difference, planned.

Owns `plan_change`, which turns a request into an immutable `Plan` or refuses it by field and rule, and is where
readers import the requests from. Does not own renewal (`renewal`), debts and manual invoices (`collection`), or
anything that writes. What each change does is next door: `buying`, `changing`, `interval_change`, `ending`,
`coupons_change`.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from solvent.core import buying, changing, coupons_change, ending, interval_change, redemption
from solvent.core.catalog import Catalog
from solvent.core.closed_account import CLOSED
from solvent.core.payment import Authentication
from solvent.core.plan import Plan, Refusal
from solvent.core.request import (
    AddItem,
    AddMethod,
    CancelAtPeriodEnd,
    CancelNow,
    Change,
    ChangeInterval,
    Context,
    NewItem,
    Purchase,
    Redeem,
    RemoveCoupon,
    RemoveItem,
    SetQuantity,
    Start,
    SubscriptionChange,
    SwitchPrice,
    TopUp,
    Uncancel,
)
from solvent.core.subscription import Applied, Subscription, SubscriptionState

__all__ = [
    "AddItem",
    "AddMethod",
    "CancelAtPeriodEnd",
    "CancelNow",
    "Change",
    "ChangeInterval",
    "Context",
    "NewItem",
    "Purchase",
    "Redeem",
    "RemoveCoupon",
    "RemoveItem",
    "SetQuantity",
    "Start",
    "SubscriptionChange",
    "SwitchPrice",
    "TopUp",
    "Uncancel",
    "plan_change",
]


def plan_change(change: Change, context: Context) -> Plan | Refusal:
    """What the change would write and cost, or the field and rule that forbid it. Writes nothing itself.

    The same request in the same context gives a plan with the same fingerprint, so a quote equals the invoice.
    """
    plan = CLOSED if context.account.closed_at is not None else _planned(change, context)
    if isinstance(plan, Refusal):
        return plan
    return replace(plan, authentication=_demanded(plan, context.catalog))


def _demanded(plan: Plan, catalog: Catalog) -> Authentication:
    """How the payer is authenticated: as what is charged for demands, or what a mandate is asked for."""
    charged = [line.price_id for line in plan.lines if line.amount > 0 and line.price_id is not None]
    begun = plan.subscriptions if plan.needs_setup else ()
    return catalog.authentication_of([*charged, *(item.price_id for after in begun for item in after.items)])


def _planned(change: Change, context: Context) -> Plan | Refusal:
    match change:
        case Start():
            redeeming = _redeeming(change.coupons, (), context)
            return redeeming if isinstance(redeeming, Refusal) else buying.start(change, redeeming)
        case Purchase():
            redeeming = _redeeming(change.coupons, (), context)
            return redeeming if isinstance(redeeming, Refusal) else buying.purchase(change, redeeming)
        case TopUp():
            return buying.top_up(change, context)
        case AddMethod():
            return buying.add_method(change, context)
        case _:
            base = _live(change, context)
            if isinstance(base, Refusal):
                return base
            redeeming = _redeeming(codes_of(change), base.coupons, context)
            return redeeming if isinstance(redeeming, Refusal) else _plan_for(change, base, redeeming)


def codes_of(change: Change) -> tuple[str, ...]:
    """The codes of the coupons that a change redeems."""
    match change:
        case TopUp() | AddMethod() | CancelNow() | CancelAtPeriodEnd() | RemoveCoupon():
            return ()
        case _:
            return change.coupons


def _redeeming(codes: Sequence[str], held: Sequence[Applied], context: Context) -> Context | Refusal:
    """The context of a change that redeems these codes."""
    if not codes:
        return context
    new = redemption.asked(
        codes,
        held,
        catalog=context.catalog,
        currency=context.account.currency,
        exhausted=context.exhausted,
        now=context.now,
        draw=context.draw,
    )
    if isinstance(new, Refusal):
        return new
    shared = (replace(x, share=context.shares.get(context.catalog.coupon(x.coupon_id).code)) for x in new)
    return replace(context, redeemed=tuple(shared))


def _live(change: SubscriptionChange, context: Context) -> Subscription | Refusal:
    """The subscription the change is about, while it can still be changed."""
    for subscription in context.subscriptions:
        if subscription.id == change.subscription_id:
            if subscription.state is SubscriptionState.ENDED:
                return Refusal(field="subscription_id", rule="has ended; start a new subscription instead")
            return subscription
    return Refusal(field="subscription_id", rule="must be a subscription of this account")


def _plan_for(  # noqa: C901, PLR0911 -- one branch for each kind of change
    change: SubscriptionChange, base: Subscription, context: Context
) -> Plan | Refusal:
    match change:
        case AddItem():
            return changing.add_item(change, base, context)
        case RemoveItem():
            return changing.remove_item(change, base, context)
        case SetQuantity():
            return changing.set_quantity(change, base, context)
        case SwitchPrice():
            return changing.switch_price(change, base, context)
        case ChangeInterval():
            return interval_change.change_interval(change, base, context)
        case CancelNow():
            return ending.cancel_now(change, base, context)
        case CancelAtPeriodEnd():
            return ending.cancel_at_period_end(base, context)
        case Uncancel():
            return ending.uncancel(base, context)
        case Redeem():
            return coupons_change.redeem(change, base, context)
        case RemoveCoupon():
            return coupons_change.remove(change, base, context)
        case _:
            assert_never(change)

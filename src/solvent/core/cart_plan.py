"""Cart plan: all of a cart as one plan, so that it is paid at once, invoiced once, and committed whole or not at all.

Owns how the plans of its parts become one. Does not own which changes its lines are (`cart_parts`), what of a coupon
counts for which (`cart_coupons`), nor the planning of any of them (`change`), which stays the one way to a price: a
cart costs what its changes cost.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from solvent.core.cart import Cart
from solvent.core.cart_coupons import with_coupons
from solvent.core.cart_parts import Part, parts_of
from solvent.core.change import plan_change
from solvent.core.payment import Path, strictest
from solvent.core.plan import CartUse, Intent, Plan, Refusal, make_plan
from solvent.core.request import Context
from solvent.core.subscription import Subscription
from solvent.core.tax import Rules

_PLACE = re.compile(r"(?:items|prices)\[(\d+)\]")


def plan_cart(cart: Cart, context: Context) -> Plan | Refusal:
    """What paying the cart would write and cost, or the line and rule that forbid it. Each change is planned on what
    the ones before it leave; tax, credit and the amount due are those of the one invoice."""
    parts = parts_of(cart, context)
    if isinstance(parts, Refusal):
        return parts
    # Taxed and paid as one invoice, at the end: until then there are no taxes and there is no credit.
    seen = replace(context, catalog=replace(context.catalog, taxes=Rules()), credit_grants=(), charged=None)
    redeeming = with_coupons(parts, cart.coupons, seen, _planned)
    plans = redeeming if isinstance(redeeming, Refusal) else _planned(redeeming, seen)
    return plans if isinstance(plans, Refusal) else _joined(cart, plans, context)


def _planned(parts: Sequence[Part], seen: Context) -> tuple[Plan, ...] | Refusal:
    """The plan of each part."""
    plans: list[Plan] = []
    for part in parts:
        plan = plan_change(part.change, replace(seen, shares=part.shares))
        if isinstance(plan, Refusal):
            return _placed(plan, part)
        plans.append(plan)
        seen = replace(seen, subscriptions=_after(seen.subscriptions, plan))
    return tuple(plans)


def _placed(refusal: Refusal, part: Part) -> Refusal:
    """The refusal of a change, by the line of the cart that it is about."""
    name, lines = refusal.field, part.wanted
    if (found := _PLACE.match(name)) is not None:
        name = f"lines[{lines[int(found[1])].n}]{name[found.end() :] or '.price_id'}"
    elif name in ("quantity", "price_id", "item_id", "subscription_id", "items"):
        name = f"lines[{lines[0].n}].{'quantity' if name == 'quantity' else 'price_id'}"
    return Refusal(field=name, rule=refusal.rule)


def _after(subscriptions: Sequence[Subscription], plan: Plan) -> tuple[Subscription, ...]:
    left = {s.id: s for s in (*subscriptions, *plan.subscriptions)}
    return tuple(left.values())


def _joined(cart: Cart, plans: Sequence[Plan], context: Context) -> Plan:
    changed = [(after, plan.intent) for plan in plans for after in plan.subscriptions]
    after = tuple(s for s, _ in changed)
    plan = make_plan(
        account_id=cart.account_id,
        path=Path.CHANGE if any(plan.path is Path.CHANGE for plan in plans) else Path.PURCHASE,
        intent=Intent.CART,
        claim=cart.claim,
        currency=context.account.currency,
        lines=[line for plan in plans for line in plan.lines],
        credit=context.credit_grants,
        planned_at=context.now,
        lifetime=context.policy.attempt_lifetime,
        after=after[0] if after else None,
        also=after[1:],
        terms_days=context.terms_days,
        taxation=context.taxation,
        needs_setup=any(plan.needs_setup for plan in plans),
        coupons=tuple(use for plan in plans for use in plan.coupons),
        unused=context.unused,
    )
    return replace(
        plan,
        cart=CartUse(cart_id=cart.id, base=cart.version),
        intents=tuple(intent for _, intent in changed),
        slots=tuple(slot for plan in plans for slot in plan.slots),
        authentication=strictest(plan.authentication for plan in plans),
    )

"""Cart plan: all of a cart as one plan, so that it is paid at once, invoiced once, and committed whole or not at all.

Owns which changes the lines of a cart are (a new subscription for each interval, changes of what the account has, a
one-off purchase), which of them a coupon counts for, and how their plans become one. Does not own the planning of any
of them (`change`), which stays the one way to a price: a cart costs what its changes cost.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from solvent.core.cart import Cart
from solvent.core.change import plan_change
from solvent.core.coupon import Coupon
from solvent.core.offer import Offer, offered
from solvent.core.payment import Path
from solvent.core.plan import CartUse, Intent, Plan, Refusal, make_plan
from solvent.core.pricing import amount
from solvent.core.redemption import asked
from solvent.core.request import ChangeInterval, Context, NewItem, Purchase, SetQuantity, Start, SwitchPrice
from solvent.core.subscription import Item, Subscription, SubscriptionState
from solvent.core.tax import Rules

EMPTY = Refusal(field="lines", rule="must be at least one")
_PLACE = re.compile(r"(?:items|prices)\[(\d+)\]")
_CODE = re.compile(r"coupons\[(\d+)\]")

Ask = Start | Purchase | SetQuantity | SwitchPrice | ChangeInterval


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A line of the cart, at its position `n`, with what the account has in its place already."""

    n: int
    offer: Offer
    subscription: Subscription | None = None
    item: Item | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One change, and the positions in the cart of what it names; `codes` are the positions of its coupons."""

    change: Ask
    wanted: tuple[_Wanted, ...]
    codes: tuple[int, ...] = ()


def plan_cart(cart: Cart, context: Context) -> Plan | Refusal:
    """What paying the cart would write and cost, or the line and rule that forbid it. Each change is planned on what
    the ones before it leave; tax, credit and the amount due are those of the one invoice."""
    parts = _parts(cart, context)
    if isinstance(parts, Refusal):
        return parts
    parts = _with_coupons(parts, cart, context)
    if isinstance(parts, Refusal):
        return parts
    # Taxed and paid as one invoice, at the end: until then there are no taxes and there is no credit.
    seen = replace(context, catalog=replace(context.catalog, taxes=Rules()), credit_grants=(), charged=None)
    plans: list[Plan] = []
    for part in parts:
        plan = plan_change(part.change, seen)
        if isinstance(plan, Refusal):
            return _placed(plan, part)
        plans.append(plan)
        seen = replace(seen, subscriptions=_after(seen.subscriptions, plan))
    return _joined(cart, plans, context)


def _parts(cart: Cart, context: Context) -> tuple[_Part, ...] | Refusal:
    if not cart.lines:
        return EMPTY
    new: dict[object, list[_Wanted]] = {}
    held: dict[UUID, list[_Wanted]] = {}
    once: list[_Wanted] = []
    for n, line in enumerate(cart.lines):
        offer = offered(line.item, context, f"lines[{n}]")
        if isinstance(offer, Refusal):
            return offer
        wanted = _found(n, offer, context)
        if offer.price.interval is None:
            if any(
                (w.offer.price.id, w.offer.item.object) == (offer.price.id, offer.item.object) for w in once
            ):
                return Refusal(field=f"lines[{n}].price_id", rule="must be one line: raise its quantity")
            once.append(wanted)
        elif wanted.subscription is not None:
            held.setdefault(wanted.subscription.id, []).append(wanted)
        else:
            # A name that cannot be registered must leave nothing else behind it.
            alone = None if offer.product.ending is None else n
            group = offer.price.interval, offer.price.trial_days > 0, alone
            new.setdefault(group, []).append(wanted)
    changes = [_change(wanted) for wanted in held.values()]
    refusal = next((x for x in changes if isinstance(x, Refusal)), None)
    if refusal is not None:
        return refusal
    bought = [_Part(change=Purchase(items=_items(once)), wanted=tuple(once))] if once else []
    started = [_Part(change=Start(items=_items(w)), wanted=tuple(w)) for w in new.values()]
    return (*(x for x in changes if isinstance(x, _Part)), *started, *bought)


def _items(wanted: Sequence[_Wanted]) -> tuple[NewItem, ...]:
    return tuple(w.offer.item for w in wanted)


def _found(n: int, offer: Offer, context: Context) -> _Wanted:
    """What the account has of the family on the object is changed; nothing is bought beside it."""
    for subscription in context.subscriptions:
        for item in subscription.items if subscription.state is not SubscriptionState.ENDED else ():
            if (context.catalog.product_of(item.price_id).family, item.object) == offer.slot:
                return _Wanted(n=n, offer=offer, subscription=subscription, item=item)
    return _Wanted(n=n, offer=offer)


def _change(wanted: Sequence[_Wanted]) -> _Part | Refusal:
    """What becomes of a subscription that the account has: one change of it, or another interval for all of it."""
    first = wanted[0]
    base, item = first.subscription, first.item
    assert base is not None
    assert item is not None
    if any(w.offer.price.interval != base.interval for w in wanted):
        return _interval_change(base, wanted)
    if len(wanted) > 1:
        rule = "must not change a subscription that another line changes: buy one after the other"
        return Refusal(field=f"lines[{wanted[1].n}].price_id", rule=rule)
    asked_for = first.offer.item
    change: Ask
    if asked_for.price_id == item.price_id:
        change = SetQuantity(subscription_id=base.id, item_id=item.id, quantity=asked_for.quantity)
    elif asked_for.quantity == item.quantity:
        change = SwitchPrice(subscription_id=base.id, item_id=item.id, price_id=asked_for.price_id)
    else:
        return _other_quantity(first, item)
    return _Part(change=change, wanted=(first,))


def _interval_change(base: Subscription, wanted: Sequence[_Wanted]) -> _Part | Refusal:
    for w in wanted:
        if w.item is not None and w.offer.item.quantity != w.item.quantity:
            return _other_quantity(w, w.item)
    named = {w.item.id: w.offer.price.id for w in wanted if w.item is not None}
    missing = [item.object for item in base.items if item.id not in named]
    if missing:
        rule = f"must come with the rest of its subscription, of which the interval is one: {missing[0]}"
        return Refusal(field=f"lines[{wanted[0].n}].price_id", rule=rule)
    return _Part(
        change=ChangeInterval(subscription_id=base.id, prices=tuple(named.items())), wanted=tuple(wanted)
    )


def _other_quantity(wanted: _Wanted, item: Item) -> Refusal:
    rule = f"must be {item.quantity:,}, as the account has it: change price and quantity one after the other"
    return Refusal(field=f"lines[{wanted.n}].quantity", rule=rule)


def _with_coupons(parts: Sequence[_Part], cart: Cart, context: Context) -> tuple[_Part, ...] | Refusal:
    """Each coupon counts for one part, as a redemption belongs to one subscription: where it is for the most."""
    if not cart.coupons:
        return tuple(parts)
    found = asked(
        cart.coupons,
        (),
        catalog=context.catalog,
        currency=context.account.currency,
        exhausted=context.exhausted,
        now=context.now,
        draw=context.draw,
    )
    if isinstance(found, Refusal):
        return found
    chosen: dict[int, list[int]] = {}
    for n, applied in enumerate(found):
        coupon = context.catalog.coupon(applied.coupon_id)
        worth = [_worth(part, coupon) for part in parts]
        best = max(range(len(parts)), key=lambda at: (worth[at], -at))
        if worth[best] < 0:
            return Refusal(field=f"coupons[{n}]", rule="must be for a product in the cart, paid in advance")
        chosen.setdefault(best, []).append(n)
    return tuple(_redeeming(part, chosen.get(at, ()), cart) for at, part in enumerate(parts))


def _worth(part: _Part, coupon: Coupon) -> int:
    """The price of what the coupon is for; -1: it is for nothing of it."""
    covered = [
        amount(w.offer.price, w.offer.item.quantity)
        for w in part.wanted
        if w.offer.price.meter is None and coupon.covers(w.offer.product.id)
    ]
    return sum(covered) if covered else -1


def _redeeming(part: _Part, positions: Sequence[int], cart: Cart) -> _Part:
    codes = tuple(cart.coupons[n] for n in positions)
    return replace(part, change=replace(part.change, coupons=codes), codes=tuple(positions))


def _placed(refusal: Refusal, part: _Part) -> Refusal:
    """The refusal of a change, by the line of the cart that it is about."""
    name, lines = refusal.field, part.wanted
    if (found := _PLACE.match(name)) is not None:
        name = f"lines[{lines[int(found[1])].n}]{name[found.end() :] or '.price_id'}"
    elif (found := _CODE.match(name)) is not None:
        name = f"coupons[{part.codes[int(found[1])]}]"
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
    )

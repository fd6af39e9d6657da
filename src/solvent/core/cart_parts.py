"""Cart parts: which changes the lines of a cart are.

Owns that a line is an item of a new subscription (one for each interval), a change of what the account has, or a part
of a one-off purchase. Does not own the planning of any of them (`change`), how their plans become one (`cart_plan`),
nor which coupons count for which (`cart_coupons`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from solvent.core.cart import Cart
from solvent.core.offer import Offer, offered
from solvent.core.plan import Refusal
from solvent.core.request import ChangeInterval, Context, NewItem, Purchase, SetQuantity, Start, SwitchPrice
from solvent.core.subscription import Item, Subscription, SubscriptionState

EMPTY = Refusal(field="lines", rule="must be at least one")

Ask = Start | Purchase | SetQuantity | SwitchPrice | ChangeInterval


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A line of the cart, at its position `n`, with what the account has in its place already."""

    n: int
    offer: Offer
    subscription: Subscription | None = None
    item: Item | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One change, and the positions in the cart of what it names; `shares` is what it has, by code, of fixed amounts
    that it shares with other parts."""

    change: Ask
    wanted: tuple[Wanted, ...]
    shares: Mapping[str, int] = field(default_factory=dict)


def parts_of(cart: Cart, context: Context) -> tuple[Part, ...] | Refusal:
    """The changes that a cart is, or the line and rule that forbid it."""
    if not cart.lines:
        return EMPTY
    new: dict[object, list[Wanted]] = {}
    held: dict[UUID, list[Wanted]] = {}
    once: list[Wanted] = []
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
    bought = [Part(change=Purchase(items=_items(once)), wanted=tuple(once))] if once else []
    started = [Part(change=Start(items=_items(w)), wanted=tuple(w)) for w in new.values()]
    return (*(x for x in changes if isinstance(x, Part)), *started, *bought)


def _items(wanted: Sequence[Wanted]) -> tuple[NewItem, ...]:
    return tuple(w.offer.item for w in wanted)


def _found(n: int, offer: Offer, context: Context) -> Wanted:
    """What the account has of the family on the object is changed; nothing is bought beside it."""
    for subscription in context.subscriptions:
        for item in subscription.items if subscription.state is not SubscriptionState.ENDED else ():
            if (context.catalog.product_of(item.price_id).family, item.object) == offer.slot:
                return Wanted(n=n, offer=offer, subscription=subscription, item=item)
    return Wanted(n=n, offer=offer)


def _change(wanted: Sequence[Wanted]) -> Part | Refusal:
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
    return Part(change=change, wanted=(first,))


def _interval_change(base: Subscription, wanted: Sequence[Wanted]) -> Part | Refusal:
    for w in wanted:
        if w.item is not None and w.offer.item.quantity != w.item.quantity:
            return _other_quantity(w, w.item)
    named = {w.item.id: w.offer.price.id for w in wanted if w.item is not None}
    missing = [item.object for item in base.items if item.id not in named]
    if missing:
        rule = f"must come with the rest of its subscription, of which the interval is one: {missing[0]}"
        return Refusal(field=f"lines[{wanted[0].n}].price_id", rule=rule)
    return Part(
        change=ChangeInterval(subscription_id=base.id, prices=tuple(named.items())), wanted=tuple(wanted)
    )


def _other_quantity(wanted: Wanted, item: Item) -> Refusal:
    rule = f"must be {item.quantity:,}, as the account has it: change price and quantity one after the other"
    return Refusal(field=f"lines[{wanted.n}].quantity", rule=rule)

"""Changing: the items of a subscription, one at a time.

Owns the planning of add, remove, quantity and price: what costs more happens at once with proration, what costs less
waits for the end of the period, and what costs the same happens at once without lines. While trialing everything
happens at once and nothing is charged. Does not own other intervals (`interval_change`) or the end (`ending`).
"""

from dataclasses import replace
from uuid import UUID

from solvent.core.lines import exchange, rest_of_period
from solvent.core.offer import (
    ITEMS_MAX,
    debt_first,
    metered_alike,
    offered,
    quantity_rule,
    slot_rule,
    taken_slots,
)
from solvent.core.plan import Intent, Plan, Refusal
from solvent.core.pricing import amount
from solvent.core.request import AddItem, Context, NewItem, RemoveItem, SetQuantity, SwitchPrice
from solvent.core.revision import following_items, renewal_first, revised, revision, with_item
from solvent.core.subscription import Item, Subscription, SubscriptionState


def add_item(change: AddItem, base: Subscription, context: Context) -> Plan | Refusal:
    """One more item now, charged for the rest of the period, and in whatever is scheduled for after it."""
    refusal = debt_first(context) or _interval_scheduled(base) or renewal_first(base, context)
    offer = refusal or offered(change.item, context, "item")
    if isinstance(offer, Refusal):
        return offer
    if offer.price.interval != base.interval:
        return Refusal(field="item.price_id", rule=f"must be per {base.interval} like the subscription")
    if offer.slot in taken_slots(context):
        return Refusal(field="item.price_id", rule=slot_rule(offer))
    if len(base.items) == ITEMS_MAX:
        return Refusal(field="item", rule=f"must not be more than {ITEMS_MAX} items of one subscription")
    asked = offer.item
    new = Item(id=context.draw(), price_id=asked.price_id, quantity=asked.quantity, object=asked.object)
    if base.state is SubscriptionState.TRIALING:
        after = revised(base, (*base.items, new), (*following_items(base), new))
        return revision(after, context, Intent.MODIFY)
    rest = rest_of_period(base, context.now, context.convention)
    new = replace(new, changed_at=rest.period.start)
    after = revised(base, (*base.items, new), (*following_items(base), new))
    return revision(after, context, Intent.MODIFY, exchange(context.catalog, (), (new,), rest))


def remove_item(change: RemoveItem, base: Subscription, context: Context) -> Plan | Refusal:
    """One item less from the end of the period on; at once while trialing."""
    item = _interval_scheduled(base) or _item_of(base, change.item_id)
    if isinstance(item, Refusal):
        return item
    following = tuple(x for x in following_items(base) if x.id != item.id)
    if not following:
        return Refusal(field="item_id", rule="is the last item: cancel the subscription instead")
    if base.state is SubscriptionState.TRIALING:
        return revision(revised(base, following, following), context, Intent.MODIFY)
    if following == following_items(base):
        return Refusal(field="item_id", rule="already ends with the period")
    return revision(revised(base, base.items, following), context, Intent.SCHEDULE)


def set_quantity(change: SetQuantity, base: Subscription, context: Context) -> Plan | Refusal:
    """Another quantity of the same price."""
    item = _item_of(base, change.item_id)
    if isinstance(item, Refusal):
        return item
    if context.catalog.meter_of(item.price_id) is not None:
        return Refusal(field="item_id", rule="must not be a metered item: usage says how much")
    scheduled = replace(_scheduled(base, item), quantity=change.quantity)
    for price_id in (item.price_id, scheduled.price_id):
        rule = quantity_rule(change.quantity, context.catalog.product_of(price_id))
        if rule is not None:
            return Refusal(field="quantity", rule=rule)
    return _replaced(base, (item, replace(item, quantity=change.quantity), scheduled), "quantity", context)


def switch_price(change: SwitchPrice, base: Subscription, context: Context) -> Plan | Refusal:
    """Another price of the same family and interval for the same quantity; of a metered item from the next period on,
    so that the usage of one period has one price."""
    item = _item_of(base, change.item_id)
    if isinstance(item, Refusal):
        return item
    if change.price_id != item.price_id:  # the price it has need not be on sale any more
        refusal = _switch_refusal(change.price_id, item, base, context)
        if refusal is not None:
            return refusal
    new = replace(item, price_id=change.price_id)
    scheduled = replace(_scheduled(base, item), price_id=change.price_id)
    return _replaced(base, (item, new, scheduled), "price", context)


def _switch_refusal(price_id: str, item: Item, base: Subscription, context: Context) -> Refusal | None:
    quantity = max(item.quantity, _scheduled(base, item).quantity)
    offer = offered(NewItem(price_id=price_id, quantity=quantity, object=item.object), context, "item")
    if isinstance(offer, Refusal):
        return Refusal(field="price_id", rule=offer.rule)
    family = context.catalog.product_of(item.price_id).family
    if offer.product.family != family:
        return Refusal(field="price_id", rule=f"must be of the family {family}, got {offer.product.family}")
    if offer.price.interval != base.interval:
        return Refusal(field="price_id", rule=f"must be per {base.interval}: change the interval instead")
    return metered_alike("price_id", item, offer, context)


def _replaced(
    base: Subscription, items: tuple[Item, Item, Item], attribute: str, context: Context
) -> Plan | Refusal:
    """Of `items`, the first becomes the second, now or (as the third) when the period ends, by what a period costs.

    The request names one attribute, price or quantity, which then counts now and later. What was scheduled for the
    other attribute stays scheduled; a scheduled removal is dropped.
    """
    old, new, scheduled = items
    rise = _full(new, context) - _full(old, context)
    is_trial = base.state is SubscriptionState.TRIALING
    # A metered period is billed at the price it began with.
    in_arrears = context.catalog.meter_of(old.price_id) is not None
    is_dearer = rise > 0 or (rise == 0 and _tax_terms(old, context) != _tax_terms(new, context))
    refusal = _interval_scheduled(base)
    if is_dearer:
        refusal = refusal or debt_first(context, upgrade=True) or renewal_first(base, context)
    if refusal is not None:
        return refusal
    if is_dearer and not is_trial and not in_arrears:
        rest = rest_of_period(base, context.now, context.convention)
        new, scheduled = (replace(x, changed_at=rest.period.start) for x in (new, scheduled))
        after = revised(
            base,
            with_item(base.items, base.items, new),
            with_item(base.items, following_items(base), scheduled),
        )
        return revision(after, context, Intent.MODIFY, exchange(context.catalog, (old,), (new,), rest))
    now = base.items if (rise < 0 or in_arrears) and not is_trial else with_item(base.items, base.items, new)
    following = now if is_trial else with_item(base.items, following_items(base), scheduled)
    after = revised(base, now, following)
    if (after.items, after.pending) == (base.items, base.pending):
        field = "price_id" if attribute == "price" else attribute
        return Refusal(field=field, rule=f"already has this {attribute}, or will when its period ends")
    intent = Intent.SCHEDULE if after.items == base.items else Intent.MODIFY
    return revision(after, context, intent)


def _full(item: Item, context: Context) -> int:
    return amount(context.catalog.price(item.price_id), item.quantity)


def _tax_terms(item: Item, context: Context) -> tuple[str, str]:
    """What decides about its tax beside the amount: alike in price is not alike in tax."""
    price = context.catalog.price(item.price_id)
    return context.catalog.product_of(item.price_id).tax_category, price.tax_behavior


def _item_of(base: Subscription, item_id: UUID) -> Item | Refusal:
    found = [item for item in base.items if item.id == item_id]
    return found[0] if found else Refusal(field="item_id", rule="must be an item of the subscription")


def _scheduled(base: Subscription, item: Item) -> Item:
    """What the item will be after the period; the item itself when its removal is scheduled."""
    return next((x for x in following_items(base) if x.id == item.id), item)


def _interval_scheduled(base: Subscription) -> Refusal | None:
    if base.pending is not None and base.pending.interval is not None:
        rule = f"changes to {base.pending.interval} at the end of its period: drop that first"
        return Refusal(field="subscription_id", rule=rule)
    return None

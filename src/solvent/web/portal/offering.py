"""Offering: which changes of a subscription the portal offers, and what an address of a quote asks for.

Owns the choice of prices that are offered beside the one an item has, and the way between a change and the fields of a
query. Does not own what a change does or costs (`core.change`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from solvent.core.catalog import Catalog, Price
from solvent.core.ids import spell
from solvent.core.period import Interval, Unit
from solvent.core.request import (
    CancelAtPeriodEnd,
    CancelNow,
    Change,
    ChangeInterval,
    RemoveItem,
    SetQuantity,
    SubscriptionChange,
    SwitchPrice,
    Uncancel,
)
from solvent.core.subscription import Item, Subscription, SubscriptionState
from solvent.web.portal.having import catalog_of, described, interval_text, price_text, product_name
from solvent.web.portal.visit import Visit, id_in
from solvent.web.problems import FieldError, Problem, invalid

QUANTITY_DIGITS_MAX = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Another price of an item, or another interval of all of them."""

    value: str
    label: str
    price: str
    current: bool = False


def plans_for(visit: Visit, subscription: Subscription, item: Item) -> Sequence[Option]:
    """What an item can be switched to within its interval, with what it has first; empty where nothing else is sold."""
    catalog = catalog_of(visit)
    own, family = catalog.price(item.price_id), catalog.product_of(item.price_id).family
    others: dict[str, Price] = {}
    for price in sorted(catalog.prices.values(), key=lambda p: (p.trial_days, p.id)):
        product = catalog.product_of(price.id)
        if (
            (price.active, price.currency, price.meter) == (True, own.currency, own.meter)
            and price.interval == subscription.interval
            and product.family == family
            and product.id != own.product_id
        ):
            others.setdefault(product.id, price)
    found = sorted([own, *others.values()], key=lambda p: (p.unit_amount, p.id))
    if len(found) == 1:
        return ()
    return [
        Option(
            value=price.id,
            label=product_name(visit, catalog.product_of(price.id)),
            price=price_text(visit, price.id, item.quantity),
            current=price.id == own.id,
        )
        for price in found
    ]


def intervals_for(visit: Visit, subscription: Subscription) -> Sequence[Option]:
    """The other intervals in which everything of a subscription is sold."""
    found = []
    for unit, count in _intervals(catalog_of(visit)):
        interval = Interval(unit=unit, count=count)
        if interval != subscription.interval and _at_interval(visit, subscription, interval) is not None:
            text = interval_text(visit, interval)
            costs = ", ".join(
                price_text(visit, price_id, item.quantity)
                for item, (_, price_id) in zip(
                    subscription.items, _at_interval(visit, subscription, interval) or (), strict=True
                )
            )
            found.append(Option(value=f"{unit}:{count}", label=text, price=costs))
    return found


def asked_for(visit: Visit, subscription: Subscription, sent: Mapping[str, str]) -> SubscriptionChange:
    """The change that a query or a form asks for; raises a problem that names the field."""
    match sent.get("do"):
        case "price":
            return SwitchPrice(
                subscription_id=subscription.id,
                item_id=_item(subscription, sent).id,
                price_id=sent.get("price", ""),
            )
        case "quantity":
            return SetQuantity(
                subscription_id=subscription.id,
                item_id=_item(subscription, sent).id,
                quantity=_quantity(visit, sent),
            )
        case "interval":
            return _interval_change(visit, subscription, sent.get("interval", ""))
        case "remove":
            return RemoveItem(subscription_id=subscription.id, item_id=_item(subscription, sent).id)
        case "keep":
            return _keeping(subscription, sent)
        case "cancel":
            return CancelAtPeriodEnd(subscription_id=subscription.id)
        case "cancel_now" if visit.call.solvent.settings.portal_cancel != "period_end":
            credit = visit.call.solvent.settings.portal_cancel == "now_with_credit"
            return CancelNow(subscription_id=subscription.id, credit=credit)
        case "resume":
            return Uncancel(subscription_id=subscription.id)
        case _:
            raise invalid(FieldError("do", "must be a change that is offered"))


def quote_address(subscription_id: UUID, fields: Mapping[str, str]) -> str:
    """Where a change is quoted."""
    return f"/portal/subscriptions/{spell('sub', subscription_id)}/quote?{urlencode(fields)}"


def fields_of(change: Change | None) -> Mapping[str, str] | None:
    """The fields that ask for a change; None: the portal does not offer it."""
    match change:
        case SwitchPrice():
            return {"do": "price", "item": spell("itm", change.item_id), "price": change.price_id}
        case SetQuantity():
            return {"do": "quantity", "item": spell("itm", change.item_id), "quantity": str(change.quantity)}
        case RemoveItem():
            return {"do": "remove", "item": spell("itm", change.item_id)}
        case CancelAtPeriodEnd():
            return {"do": "cancel"}
        case CancelNow():
            return {"do": "cancel_now"}
        case Uncancel():
            return {"do": "resume"}
        case _:
            return None


def asked_text(visit: Visit, subscription: Subscription, change: SubscriptionChange, do: str) -> str:
    """A change in a few words."""
    words, catalog = visit.words, catalog_of(visit)
    what = quantity = interval = ""
    if isinstance(change, SwitchPrice) and change.price_id in catalog.prices:
        what = product_name(visit, catalog.product_of(change.price_id))
    if isinstance(change, SetQuantity):
        quantity = visit.tongue.number(change.quantity)
    if isinstance(change, RemoveItem):
        what = described(visit, next(i for i in subscription.items if i.id == change.item_id))
    if isinstance(change, ChangeInterval):
        to = catalog.price(change.prices[0][1]).interval
        interval = "" if to is None else interval_text(visit, to)
    return words.asks[do].format(what=what, quantity=quantity, interval=interval)


def changeable(subscription: Subscription) -> bool:
    """Whether anything can still be changed."""
    return subscription.state is not SubscriptionState.ENDED


def kept_fields(subscription: Subscription) -> Sequence[tuple[Item | None, Mapping[str, str]]]:
    """What asks for dropping what is scheduled, for each thing that is."""
    pending = subscription.pending
    if pending is None or pending.cancel:
        return ()
    if pending.interval is not None:
        return [(None, {"do": "keep"})]
    later = {item.id: item for item in pending.items or ()}
    return [
        (item, {"do": "keep", "item": spell("itm", item.id)})
        for item in subscription.items
        if later.get(item.id) != item
    ]


def _keeping(subscription: Subscription, sent: Mapping[str, str]) -> SubscriptionChange:
    """What drops what is scheduled: naming what there is now."""
    if subscription.pending is not None and subscription.pending.interval is not None:
        kept = tuple((item.id, item.price_id) for item in subscription.items)
        return ChangeInterval(subscription_id=subscription.id, prices=kept)
    item = _item(subscription, sent)
    later = (subscription.pending and subscription.pending.items) or subscription.items
    scheduled = next((x for x in later if x.id == item.id), None)
    if scheduled is not None and scheduled.price_id != item.price_id:
        return SwitchPrice(subscription_id=subscription.id, item_id=item.id, price_id=item.price_id)
    return SetQuantity(subscription_id=subscription.id, item_id=item.id, quantity=item.quantity)


def _interval_change(visit: Visit, subscription: Subscription, text: str) -> ChangeInterval:
    for unit, count in _intervals(catalog_of(visit)):
        if text == f"{unit}:{count}":
            prices = _at_interval(visit, subscription, Interval(unit=unit, count=count))
            if prices is not None:
                return ChangeInterval(subscription_id=subscription.id, prices=tuple(prices))
    raise invalid(FieldError("interval", "must be an interval that is offered"))


def _at_interval(
    visit: Visit, subscription: Subscription, interval: Interval
) -> Sequence[tuple[UUID, str]] | None:
    """The price of every item at an interval; None: one of them is not sold so."""
    catalog, found = catalog_of(visit), []
    for item in subscription.items:
        own = catalog.price(item.price_id)
        alike = [
            p
            for p in catalog.prices.values()
            if (p.product_id, p.currency, p.scheme, p.meter)
            == (own.product_id, own.currency, own.scheme, own.meter)
            and p.active
            and p.interval == interval
        ]
        if not alike:
            return None
        best = min(alike, key=lambda p: (p.trial_days, p.id))
        found.append((item.id, best.id))
    return found


def _intervals(catalog: Catalog) -> Sequence[tuple[Unit, int]]:
    return sorted(
        {(p.interval.unit, p.interval.count) for p in catalog.prices.values() if p.interval is not None}
    )


def _item(subscription: Subscription, sent: Mapping[str, str]) -> Item:
    item_id = id_in("itm", sent.get("item", ""))
    for item in subscription.items:
        if item.id == item_id:
            return item
    raise Problem("not_found", "there is no such thing")


def _quantity(visit: Visit, sent: Mapping[str, str]) -> int:
    text = sent.get("quantity", "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= QUANTITY_DIGITS_MAX and int(text) >= 1):
        raise Problem("refused", visit.words.wrong_quantity, [FieldError("quantity", "must be 1 or more")])
    return int(text)

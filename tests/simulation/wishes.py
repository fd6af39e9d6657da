"""Wishes: the changes that a customer may ask for, built from what the customer has and from small numbers.

Owns one wish for each kind of change. A wish may well be one that planning refuses.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from solvent.core.request import (
    AddItem,
    CancelAtPeriodEnd,
    CancelNow,
    Change,
    ChangeInterval,
    NewItem,
    Purchase,
    RemoveItem,
    SetQuantity,
    Start,
    SwitchPrice,
    Uncancel,
)
from solvent.core.subscription import Item, Subscription
from solvent.sim import Customer
from tests.simulation.goods import price

ZONES = 3
PLANS = ("zone-free", "zone-pro", "zone-business")
STARTS: tuple[tuple[str, str], ...] = (
    ("zone-pro", "month"),
    ("zone-pro", "month"),
    ("zone-business", "month"),
    ("zone-free", "month"),
    ("zone-pro-trial", "month"),
    ("zone-pro", "year"),
    ("seats", "month"),
    ("media", "month"),
    ("domain-com", "year"),
)


class Wish(StrEnum):
    """A kind of change of what the customer has."""

    SWITCH = "switch"
    QUANTITY = "quantity"
    INTERVAL = "interval"
    ADD = "add"
    REMOVE = "remove"
    CANCEL = "cancel"
    CANCEL_WITH_CREDIT = "cancel_with_credit"
    CANCEL_LATER = "cancel_later"
    UNCANCEL = "uncancel"


@dataclass(frozen=True, slots=True)
class _About:
    """The subscription and the item that a wish is about, and a number that chooses the rest."""

    subscription: Subscription
    item: Item
    currency: str
    number: int


def item(product: str, period: str | None, currency: str, number: int) -> NewItem:
    """One item of a product on one of a few objects."""
    kind = {"zone": "zone:", "domain": "domain:"}.get(product.partition("-")[0])
    quantity = 1 + number % 5 if product == "seats" else 1
    thing = "account" if kind is None else f"{kind}{number % ZONES}.example"
    return NewItem(price_id=price(product, currency, period), quantity=quantity, object=thing)


def start(number: int, currency: str) -> Start:
    """A new subscription."""
    product, period = STARTS[number % len(STARTS)]
    return Start(items=(item(product, period, currency, number // len(STARTS)),))


def purchase(currency: str) -> Purchase:
    """Something bought once."""
    return Purchase(items=(item("onboarding", None, currency, 0),))


def change(wish: Wish, customer: Customer, number: int) -> Change | None:
    """A change of one of the customer's subscriptions; None when there is none."""
    subscriptions = customer.subscriptions()
    return (
        change_of(wish, customer, subscriptions[number % len(subscriptions)], number)
        if subscriptions
        else None
    )


def change_of(wish: Wish, customer: Customer, subscription: Subscription, number: int) -> Change:
    """A change of that subscription."""
    first = subscription.items[number % len(subscription.items)]
    return _build(wish, _About(subscription, first, customer.account.currency, number // 7))


def _build(wish: Wish, about: _About) -> Change:
    subscription_id, item_id = about.subscription.id, about.item.id
    match wish:
        case Wish.SWITCH:
            others = [
                plan
                for plan in PLANS
                if not about.item.price_id.startswith(f"{plan}-{about.currency.lower()}")
            ]
            target = price(
                others[about.number % len(others)], about.currency, about.subscription.interval.unit
            )
            return SwitchPrice(subscription_id=subscription_id, item_id=item_id, price_id=target)
        case Wish.QUANTITY:
            quantity = 1 + about.number % 5
            return SetQuantity(subscription_id=subscription_id, item_id=item_id, quantity=quantity)
        case Wish.INTERVAL:
            return ChangeInterval(subscription_id=subscription_id, prices=_other_interval(about))
        case Wish.ADD:
            product, period = STARTS[about.number % len(STARTS)]
            new = item(product, period, about.currency, about.number)
            return AddItem(subscription_id=subscription_id, item=new)
        case Wish.REMOVE:
            return RemoveItem(subscription_id=subscription_id, item_id=item_id)
        case Wish.CANCEL | Wish.CANCEL_WITH_CREDIT:
            return CancelNow(subscription_id=subscription_id, credit=wish is Wish.CANCEL_WITH_CREDIT)
        case Wish.CANCEL_LATER:
            return CancelAtPeriodEnd(subscription_id=subscription_id)
        case Wish.UNCANCEL:
            return Uncancel(subscription_id=subscription_id)
    assert_never(wish)


def _other_interval(about: _About) -> tuple[tuple[UUID, str], ...]:
    """Every item at the price that the same product has by the year, or by the month."""
    now, other = ("month", "year") if about.subscription.interval.unit == "month" else ("year", "month")
    return tuple((i.id, i.price_id.replace(f"-{now}@", f"-{other}@")) for i in about.subscription.items)

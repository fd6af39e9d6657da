"""Change bodies: what a customer may ask to change, as a union told apart by ``type``.

Owns the shapes of the changes and their translation into the requests of the core. Does not own rules that need the
catalog or what is stored.
"""

from collections.abc import Callable
from typing import Annotated

from msgspec import Meta, Struct

from solvent.core import change as core
from solvent.web.fields import (
    CouponCode,
    Coupons,
    ItemId,
    ObjectName,
    PriceRef,
    Quantity,
    SubscriptionId,
    uuid_in,
)

ITEMS_MAX = 100
Prices = Callable[[str], str]
"""From a reference to a price to its exact id."""


class Body(Struct, forbid_unknown_fields=True, kw_only=True):
    """What every request body has in common."""


class NewItem(Body):
    """One price × quantity on one billable object."""

    price_id: PriceRef
    quantity: Quantity = 1
    object: ObjectName = "account"

    def core(self, prices: Prices) -> core.NewItem:
        """The item as the core asks for it."""
        return core.NewItem(price_id=prices(self.price_id), quantity=self.quantity, object=self.object)


Items = Annotated[tuple[NewItem, ...], Meta(min_length=1, max_length=ITEMS_MAX)]


class Start(Body, tag="start", tag_field="type"):
    """Start a new subscription with one or several items of one interval."""

    items: Items
    coupons: Coupons = ()

    def core(self, prices: Prices) -> core.Change:
        """The request in the core's words; so in each of these classes."""
        return core.Start(items=tuple(item.core(prices) for item in self.items), coupons=self.coupons)


class Purchase(Body, tag="purchase", tag_field="type"):
    """Buy one or several one-off prices."""

    items: Items
    coupons: Coupons = ()

    def core(self, prices: Prices) -> core.Change:
        return core.Purchase(items=tuple(item.core(prices) for item in self.items), coupons=self.coupons)


class TopUp(Body, tag="top_up", tag_field="type"):
    """Account credit bought for money, paid for at once; it bears no tax."""

    amount: Annotated[int, Meta(ge=1, le=1_000_000_000, description="Minor units of the account's currency.")]

    def core(self, _prices: Prices) -> core.Change:
        return core.TopUp(amount=self.amount)


class AddMethod(Body, tag="add_method", tag_field="type"):
    """Vault a collection method without paying anything."""

    def core(self, _prices: Prices) -> core.Change:
        return core.AddMethod()


class AddItem(Body, tag="add_item", tag_field="type"):
    """One more item, at once, prorated to the end of the current period."""

    subscription_id: SubscriptionId
    item: NewItem
    coupons: Coupons = ()

    def core(self, prices: Prices) -> core.Change:
        return core.AddItem(
            subscription_id=uuid_in(self.subscription_id), item=self.item.core(prices), coupons=self.coupons
        )


class RemoveItem(Body, tag="remove_item", tag_field="type"):
    """One item less from the end of the current period on."""

    subscription_id: SubscriptionId
    item_id: ItemId
    coupons: Coupons = ()

    def core(self, _prices: Prices) -> core.Change:
        return core.RemoveItem(
            subscription_id=uuid_in(self.subscription_id), item_id=uuid_in(self.item_id), coupons=self.coupons
        )


class SetQuantity(Body, tag="set_quantity", tag_field="type"):
    """Another quantity: more at once with proration, less at the end of the period."""

    subscription_id: SubscriptionId
    item_id: ItemId
    quantity: Quantity
    coupons: Coupons = ()

    def core(self, _prices: Prices) -> core.Change:
        return core.SetQuantity(
            subscription_id=uuid_in(self.subscription_id),
            item_id=uuid_in(self.item_id),
            quantity=self.quantity,
            coupons=self.coupons,
        )


class SwitchPrice(Body, tag="switch_price", tag_field="type"):
    """Another price of the same interval: an upgrade at once, a downgrade at the end of the period."""

    subscription_id: SubscriptionId
    item_id: ItemId
    price_id: PriceRef
    coupons: Coupons = ()

    def core(self, prices: Prices) -> core.Change:
        return core.SwitchPrice(
            subscription_id=uuid_in(self.subscription_id),
            item_id=uuid_in(self.item_id),
            price_id=prices(self.price_id),
            coupons=self.coupons,
        )


class ItemPrice(Body):
    """The price that one item has in the new interval."""

    item_id: ItemId
    price_id: PriceRef


class ChangeInterval(Body, tag="change_interval", tag_field="type"):
    """Another interval for the whole subscription; every item is named with its price in it."""

    subscription_id: SubscriptionId
    prices: Annotated[tuple[ItemPrice, ...], Meta(min_length=1, max_length=ITEMS_MAX)]
    coupons: Coupons = ()

    def core(self, prices: Prices) -> core.Change:
        return core.ChangeInterval(
            subscription_id=uuid_in(self.subscription_id),
            prices=tuple((uuid_in(pair.item_id), prices(pair.price_id)) for pair in self.prices),
            coupons=self.coupons,
        )


class CancelNow(Body, tag="cancel_now", tag_field="type"):
    """End at once; with `credit` the unused paid time becomes account credit."""

    subscription_id: SubscriptionId
    credit: bool = False

    def core(self, _prices: Prices) -> core.Change:
        return core.CancelNow(subscription_id=uuid_in(self.subscription_id), credit=self.credit)


class CancelAtPeriodEnd(Body, tag="cancel_at_period_end", tag_field="type"):
    """End when the paid period ends."""

    subscription_id: SubscriptionId

    def core(self, _prices: Prices) -> core.Change:
        return core.CancelAtPeriodEnd(subscription_id=uuid_in(self.subscription_id))


class Uncancel(Body, tag="uncancel", tag_field="type"):
    """Drop a scheduled cancellation."""

    subscription_id: SubscriptionId
    coupons: Coupons = ()

    def core(self, _prices: Prices) -> core.Change:
        return core.Uncancel(subscription_id=uuid_in(self.subscription_id), coupons=self.coupons)


class RedeemCoupons(Body, tag="redeem_coupons", tag_field="type"):
    """Coupons for what the subscription is charged from its next period on, without another change."""

    subscription_id: SubscriptionId
    coupons: Annotated[tuple[CouponCode, ...], Meta(min_length=1, max_length=10)]

    def core(self, _prices: Prices) -> core.Change:
        return core.Redeem(subscription_id=uuid_in(self.subscription_id), coupons=self.coupons)


class RemoveCoupon(Body, tag="remove_coupon", tag_field="type"):
    """A coupon counts for nothing that is charged from now on; the current period stays charged as it is."""

    subscription_id: SubscriptionId
    coupon: CouponCode

    def core(self, _prices: Prices) -> core.Change:
        return core.RemoveCoupon(subscription_id=uuid_in(self.subscription_id), coupon=self.coupon)


Change = (
    Start
    | Purchase
    | TopUp
    | AddMethod
    | AddItem
    | RemoveItem
    | SetQuantity
    | SwitchPrice
    | ChangeInterval
    | CancelNow
    | CancelAtPeriodEnd
    | Uncancel
    | RedeemCoupons
    | RemoveCoupon
)

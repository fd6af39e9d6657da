"""Bodies: what requests carry, as structs.

Owns their shapes and their translation into the requests of the core. Unknown fields are refused, so that a typing
error is not lost. Does not own rules that need the catalog or what is stored.
"""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from solvent.core import change as core
from solvent.core.account import Segment
from solvent.core.invoice import Line, LineKind
from solvent.web.fields import (
    AMOUNT_MAX,
    AccountId,
    InvoiceId,
    ItemId,
    MethodId,
    Moment,
    ObjectName,
    PriceRef,
    ProviderName,
    Quantity,
    SubscriptionId,
    Token,
)

ITEMS_MAX = 100
Prices = Callable[[str], str]
"""From a reference to a price to its exact id."""


def uuid_in(spelled: str) -> UUID:
    """The id in a public spelling whose shape decoding has already checked."""
    return UUID(hex=spelled[4:])


class _Body(Struct, forbid_unknown_fields=True, kw_only=True):
    """What every request body has in common."""


class NewItem(_Body):
    """One price × quantity on one billable object."""

    price_id: PriceRef
    quantity: Quantity = 1
    object: ObjectName = "account"

    def core(self, prices: Prices) -> core.NewItem:
        """The item as the core asks for it."""
        return core.NewItem(price_id=prices(self.price_id), quantity=self.quantity, object=self.object)


Items = Annotated[tuple[NewItem, ...], Meta(min_length=1, max_length=ITEMS_MAX)]


class Start(_Body, tag="start", tag_field="type"):
    """Start a new subscription with one or several items of one interval."""

    items: Items

    def core(self, prices: Prices) -> core.Change:
        """The request in the core's words; so in each of these classes."""
        return core.Start(items=tuple(item.core(prices) for item in self.items))


class Purchase(_Body, tag="purchase", tag_field="type"):
    """Buy one or several one-off prices."""

    items: Items

    def core(self, prices: Prices) -> core.Change:
        return core.Purchase(items=tuple(item.core(prices) for item in self.items))


class AddMethod(_Body, tag="add_method", tag_field="type"):
    """Vault a collection method without paying anything."""

    def core(self, _prices: Prices) -> core.Change:
        return core.AddMethod()


class AddItem(_Body, tag="add_item", tag_field="type"):
    """One more item, at once, prorated to the end of the current period."""

    subscription_id: SubscriptionId
    item: NewItem

    def core(self, prices: Prices) -> core.Change:
        return core.AddItem(subscription_id=uuid_in(self.subscription_id), item=self.item.core(prices))


class RemoveItem(_Body, tag="remove_item", tag_field="type"):
    """One item less from the end of the current period on."""

    subscription_id: SubscriptionId
    item_id: ItemId

    def core(self, _prices: Prices) -> core.Change:
        return core.RemoveItem(subscription_id=uuid_in(self.subscription_id), item_id=uuid_in(self.item_id))


class SetQuantity(_Body, tag="set_quantity", tag_field="type"):
    """Another quantity: more at once with proration, less at the end of the period."""

    subscription_id: SubscriptionId
    item_id: ItemId
    quantity: Quantity

    def core(self, _prices: Prices) -> core.Change:
        return core.SetQuantity(
            subscription_id=uuid_in(self.subscription_id),
            item_id=uuid_in(self.item_id),
            quantity=self.quantity,
        )


class SwitchPrice(_Body, tag="switch_price", tag_field="type"):
    """Another price of the same interval: an upgrade at once, a downgrade at the end of the period."""

    subscription_id: SubscriptionId
    item_id: ItemId
    price_id: PriceRef

    def core(self, prices: Prices) -> core.Change:
        return core.SwitchPrice(
            subscription_id=uuid_in(self.subscription_id),
            item_id=uuid_in(self.item_id),
            price_id=prices(self.price_id),
        )


class ItemPrice(_Body):
    """The price that one item has in the new interval."""

    item_id: ItemId
    price_id: PriceRef


class ChangeInterval(_Body, tag="change_interval", tag_field="type"):
    """Another interval for the whole subscription; every item is named with its price in it."""

    subscription_id: SubscriptionId
    prices: Annotated[tuple[ItemPrice, ...], Meta(min_length=1, max_length=ITEMS_MAX)]

    def core(self, prices: Prices) -> core.Change:
        return core.ChangeInterval(
            subscription_id=uuid_in(self.subscription_id),
            prices=tuple((uuid_in(pair.item_id), prices(pair.price_id)) for pair in self.prices),
        )


class CancelNow(_Body, tag="cancel_now", tag_field="type"):
    """End at once; with `credit` the unused paid time becomes account credit."""

    subscription_id: SubscriptionId
    credit: bool = False

    def core(self, _prices: Prices) -> core.Change:
        return core.CancelNow(subscription_id=uuid_in(self.subscription_id), credit=self.credit)


class CancelAtPeriodEnd(_Body, tag="cancel_at_period_end", tag_field="type"):
    """End when the paid period ends."""

    subscription_id: SubscriptionId

    def core(self, _prices: Prices) -> core.Change:
        return core.CancelAtPeriodEnd(subscription_id=uuid_in(self.subscription_id))


class Uncancel(_Body, tag="uncancel", tag_field="type"):
    """Drop a scheduled cancellation."""

    subscription_id: SubscriptionId

    def core(self, _prices: Prices) -> core.Change:
        return core.Uncancel(subscription_id=uuid_in(self.subscription_id))


Change = (
    Start
    | Purchase
    | AddMethod
    | AddItem
    | RemoveItem
    | SetQuantity
    | SwitchPrice
    | ChangeInterval
    | CancelNow
    | CancelAtPeriodEnd
    | Uncancel
)


class QuoteBody(_Body):
    """What a change would cost; nothing is written."""

    account_id: AccountId
    change: Change


class ChangeBody(_Body):
    """Open a change. `method_id` pays with a stored method, `provider` chooses who takes a new one."""

    account_id: AccountId
    change: Change
    provider: ProviderName | None = None
    method_id: MethodId | None = None


class ConfirmBody(_Body):
    """The customer's part. `method` is the provider's token; left out for a stored method or after a redirect."""

    method: Token | None = None


class MethodBody(_Body):
    """Open a setup that vaults a collection method."""

    provider: ProviderName | None = None


class PayDebtBody(_Body):
    """Pay what is owed on one open invoice."""

    invoice_id: InvoiceId
    provider: ProviderName | None = None
    method_id: MethodId | None = None


class ManualLine(_Body):
    """One line of a manual invoice. A negative amount is a deduction; all lines together are not negative."""

    description: Annotated[
        str,
        Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$", examples=["Onboarding, 2 hours"]),
    ]
    amount: Annotated[
        int,
        Meta(
            ge=-AMOUNT_MAX,
            le=AMOUNT_MAX,
            description="Minor units of the account's currency.",
            examples=[9000],
        ),
    ]
    quantity: Quantity = 1

    def core(self) -> Line:
        """The line as the core keeps it."""
        return Line(
            kind=LineKind.MANUAL,
            description=self.description,
            amount=self.amount,
            explanation="entered by the merchant",
            quantity=self.quantity,
        )


class InvoiceBody(_Body):
    """An invoice of the merchant's own lines, collected off-session; unpaid it stays owed."""

    account_id: AccountId
    lines: Annotated[tuple[ManualLine, ...], Meta(min_length=1, max_length=250)]


class ClockBody(_Body):
    """Move a test account's clock forward to `now`, through everything that falls due."""

    account_id: AccountId
    now: Moment


class AccountBody(_Body):
    """A new customer. `test_clock` makes a test account whose time only moves by `POST /v1/clock`."""

    currency: Annotated[str, Meta(description="ISO 4217 code; never changes.", examples=["USD"])]
    country: Annotated[str, Meta(description="ISO 3166-1 alpha-2 code.", examples=["US"])]
    email: Annotated[str, Meta(description="At most 254 characters.", examples=["billing@example.com"])]
    name: Annotated[str, Meta(description="1 to 200 characters.", examples=["Example Ltd"])]
    time_zone: Annotated[
        str, Meta(description="IANA name; days begin in it.", examples=["Europe/Berlin"])
    ] = "UTC"
    segment: Segment = Segment.STANDARD
    entity: Annotated[
        str | None,
        Meta(description="The legal entity that bills; may be left out where there is only one."),
    ] = None
    terms_days: Annotated[int, Meta(description="0 to 120; above 0, invoices are due so much later.")] = 0
    test_clock: Moment | None = None

"""Offer: whether an account may have a price, in that quantity, on that object.

Owns the rules that hold for every item however it is asked for: the price is on sale in the account's currency, the
quantity and the object fit the product, no family twice on one object, open debt first. Does not own what a change
then does (`buying`, `changing`, `interval_change`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from solvent.core.catalog import Price, Product
from solvent.core.ladder import Unpaid
from solvent.core.plan import Refusal
from solvent.core.registration import name_rule
from solvent.core.request import Context, NewItem
from solvent.core.subscription import Item, SubscriptionState

ACCOUNT_OBJECT = "account"
ITEMS_MAX = 100  # items of one subscription or purchase
QUANTITY_MAX = (
    1_000_000_000  # units of one item, where the product sets no limit; keeps amounts inside 64 bits
)

RECOVER_FIRST = Refusal(field="account", rule="owes an invoice that was given up: pay the open debt first")
_OBJECT_NAME = re.compile(r"\S{1,255}")  # a domain name has at most 253 characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An item that was asked for, with the price and the product it refers to."""

    item: NewItem
    price: Price
    product: Product

    @property
    def slot(self) -> tuple[str, str]:
        """What may be taken once: the product's family on the object."""
        return self.product.family, self.item.object


def offered(item: NewItem, context: Context, field: str) -> Offer | Refusal:
    """The offer behind `item`, or the rule it breaks; `field` is the place of the item in the request."""
    catalog = context.catalog
    if item.price_id not in catalog.prices:
        return Refusal(field=f"{field}.price_id", rule="must be a price of the catalog")
    offer = Offer(item=item, price=catalog.price(item.price_id), product=catalog.product_of(item.price_id))
    rules = (
        ("price_id", _price_rule(offer.price, context.account.currency)),
        (
            "quantity",
            quantity_rule(item.quantity, offer.product) or _metered_rule(item.quantity, offer.price),
        ),
        ("object", _object_rule(item.object, offer.product)),
    )
    broken = [Refusal(field=f"{field}.{name}", rule=rule) for name, rule in rules if rule is not None]
    return broken[0] if broken else offer


def all_offered(items: Sequence[NewItem], context: Context) -> tuple[Offer, ...] | Refusal:
    """The offers behind the items of a request, or the first rule that one of them breaks."""
    if not 1 <= len(items) <= ITEMS_MAX:
        return Refusal(field="items", rule=f"must be 1 to {ITEMS_MAX} items, got {len(items)}")
    offers = []
    for n, item in enumerate(items):
        offer = offered(item, context, f"items[{n}]")
        if isinstance(offer, Refusal):
            return offer
        offers.append(offer)
    return tuple(offers)


def quantity_rule(quantity: int, product: Product) -> str | None:
    """The rule that a quantity of this product breaks, if any."""
    most = product.quantity_max or QUANTITY_MAX
    return (
        None if 1 <= quantity <= most else f"must be from 1 to {most:,} of {product.name}, got {quantity:,}"
    )


def _metered_rule(quantity: int, price: Price) -> str | None:
    return "must be 1: a metered price is charged by usage" if price.meter and quantity != 1 else None


def taken_slots(context: Context) -> set[tuple[str, str]]:
    """Each family on each object that a live subscription of the account already has."""
    live = [s for s in context.subscriptions if s.state is not SubscriptionState.ENDED]
    return {(context.catalog.product_of(i.price_id).family, i.object) for s in live for i in s.items}


def slot_rule(offer: Offer) -> str:
    """The rule that an offer for a taken slot breaks."""
    return (
        f"must be the only {offer.product.family} on {offer.item.object}: switch the price of the other one"
    )


def metered_alike(field: str, item: Item, offer: Offer, context: Context) -> Refusal | None:
    """An item that is paid in advance stays so, and one that is metered too."""
    metered = context.catalog.meter_of(item.price_id) is not None
    if metered is (offer.price.meter is not None):
        return None
    return Refusal(
        field=field, rule=f"must {'' if metered else 'not '}be metered, like the price it replaces"
    )


def debt_first(context: Context, *, upgrade: bool = False) -> Refusal | None:
    """Overdue debt refuses whatever is new or costs more, where the policy says so; it may allow an `upgrade`."""
    if context.banned:
        return RECOVER_FIRST
    if upgrade and context.policy.upgrades is Unpaid.ALLOWED:
        return None
    if context.overdue and context.policy.unpaid_blocks:
        return Refusal(field="account", rule="owes an overdue invoice: pay the open debt first")
    return None


def _price_rule(price: Price, currency: str) -> str | None:
    if not price.active:
        return "must be a price that is on sale"
    if price.currency != currency:
        return f"must be in {currency}, the currency of the account, got {price.currency}"
    return None


def _object_rule(thing: str, product: Product) -> str | None:
    kind, colon, name = thing.partition(":")
    if product.object_kind == ACCOUNT_OBJECT:
        return None if thing == ACCOUNT_OBJECT else f'must be "{ACCOUNT_OBJECT}" for {product.name}'
    if kind == product.object_kind and colon and _OBJECT_NAME.fullmatch(name):
        return None if product.ending is None else name_rule(name, product.ending)
    return f'must be "{product.object_kind}:" and a name without spaces for {product.name}'

"""Goods: what the stories buy, from the example catalog, and the cards they pay with.

Owns names for prices and test numbers. Does not own either (`examples/catalog.yaml`, `providers.sandbox.cards`).
"""

from uuid import UUID

from solvent.core.request import NewItem, Start, SwitchPrice
from solvent.core.subscription import Subscription

FREE = "zone-free-usd-month@1"
PRO = "zone-pro-usd-month@1"
PRO_EUR = "zone-pro-eur-month@1"
PRO_TRIAL = "zone-pro-trial-usd-month@1"
BUSINESS = "zone-business-usd-month@1"
SEATS = "seats-usd-month@1"
PRO_COSTS = 2_000
BUSINESS_COSTS = 20_000

VISA = "4242424242424242"
MASTERCARD = "5555555555554444"
CHALLENGED = "4000002500003155"
CHALLENGED_ALWAYS = "4000002760003184"
DECLINED = "4000000000000002"
NO_FUNDS = "4000000000009995"
EXPIRED = "4000000000000069"
BANK_DEBIT = "000123456789"
CHARGED_TWICE = "4000000000018889"
ODD_STATUS = "4000000000017709"


def zone_plan(zone: str, price_id: str = PRO) -> Start:
    """A new plan for one zone."""
    return Start(items=(NewItem(price_id=price_id, object=f"zone:{zone}"),))


def switch(subscription: Subscription, price_id: str) -> SwitchPrice:
    """Another plan for the subscription's one item."""
    return SwitchPrice(subscription_id=subscription.id, item_id=item_of(subscription), price_id=price_id)


def item_of(subscription: Subscription) -> UUID:
    """The subscription's one item."""
    (item,) = subscription.items
    return item.id

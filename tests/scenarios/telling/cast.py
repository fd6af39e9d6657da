"""Cast: who takes part in a story, and what its words stand for.

Owns the customers of a story, their open attempts by label, and how names of prices, things, invoices, amounts and
cards are read. Does not own what anybody does (`acts`, `staff`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from solvent.core.account import Segment
from solvent.core.attempt import Attempt
from solvent.core.catalog import Catalog, Price
from solvent.core.invoice import Invoice
from solvent.core.money import Money
from solvent.core.request import NewItem
from solvent.core.subscription import Item, Subscription
from solvent.core.tax import Buyer
from solvent.sim import Customer, World

CARDS: Mapping[str, str] = {
    "visa": "4242424242424242",
    "mastercard": "5555555555554444",
    "a challenged card": "4000002500003155",
    "an always challenged card": "4000002760003184",
    "a declined card": "4000000000000002",
    "no funds": "4000000000009995",
    "an expired card": "4000000000000069",
    "a bank debit": "000123456789",
    "a failing bank debit": "000222222227",
    "a card charged twice": "4000000000018889",
    "a card that refuses refunds": "4000000000005126",
    "a card with slow refunds": "4000000000007726",
    "a card whose refunds come back": "4000000000005159",
}
GOODS = re.compile(r"(?P<key>[\w.@-]+?)(?: × (?P<count>\d+))?(?: for (?P<thing>\S+))?")


class Cast:
    """The people of a story in its world. `tabs` are the attempts that are open in the browser, by label, `drafts` the
    last draft for each customer; `dispute` is the bank's name of the one that was opened last."""

    def __init__(self, world: World, accounts: list[str]) -> None:
        self.world = world
        self.customers = {c.name: c for c in (_enter(world, told) for told in accounts)}
        self.tabs: dict[tuple[str, str], Attempt] = {}
        self.drafts: dict[str, UUID] = {}
        self.dispute = ""
        self.zone = zone_of(accounts[0])

    @property
    def catalog(self) -> Catalog:
        """What is on sale."""
        return self.world.platform.store.catalog()

    def moment(self, text: str) -> datetime:
        """A moment that is told in the local time of the story."""
        return local(text, self.zone)

    def price(self, key: str) -> Price:
        """The price of that key, its first version unless it names another."""
        return self.catalog.price(key if "@" in key else f"{key}@1")

    def goods(self, text: str) -> tuple[NewItem, ...]:
        """``key × 2 for zone:a.example and other-key``."""
        return tuple(self._item(part) for part in text.split(" and "))

    def invoice(self, number: str, name: str | None = None) -> tuple[Customer, Invoice]:
        """The so-manieth invoice, of the first customer unless one is named."""
        customer = self.customers[name] if name else next(iter(self.customers.values()))
        return customer, customer.invoices()[int(number) - 1]

    def held(self, customer: Customer, thing: str | None) -> tuple[Subscription, Item]:
        """The live item of that object or product; without either, the first item of the only subscription."""
        if thing is None:
            return customer.subscription(), customer.subscription().items[0]
        return next(
            (subscription, item)
            for subscription in customer.subscriptions()
            for item in subscription.items
            if thing in (item.object, self.catalog.price(item.price_id).product_id)
        )

    def _item(self, text: str) -> NewItem:
        found = GOODS.fullmatch(text)
        assert found, f"goods read 'key × count for thing', got {text!r}"
        price = self.price(found["key"])
        return NewItem(
            price_id=price.id, quantity=int(found["count"] or 1), object=found["thing"] or "account"
        )


def local(text: str, zone: ZoneInfo) -> datetime:
    """A moment of a time zone, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def zone_of(told: str) -> ZoneInfo:
    """The time zone of an account as the heading tells it."""
    facts = dict(_fact(fact.strip()) for fact in told.split(",")[1:])
    return ZoneInfo(facts.get("time_zone", "UTC"))


def minor(text: str, currency: str) -> int:
    """An amount in minor units."""
    return Money.parse(text.replace(",", ""), currency).minor


def _enter(world: World, told: str) -> Customer:
    """A customer as the heading tells it: ``Ada, EUR, DE, Europe/Berlin, solvent-eu, VAT DE136695976``."""
    name, *facts = (part.strip() for part in told.split(","))
    said = dict(_fact(fact) for fact in facts)
    country, _, region = said.get("country", "US").partition(":")
    buyer = Buyer(country=country, region=region or None, tax_id=said.get("tax_id"), exempt="exempt" in said)
    return world.customer(
        name,
        currency=said.get("currency", "USD"),
        time_zone=said.get("time_zone", "UTC"),
        entity=said.get("entity", "solvent-us"),
        segment=Segment(said.get("segment", "standard")),
        terms_days=int(said.get("terms", "0")),
        buyer=buyer,
    )


FACTS = (
    ("currency", re.compile(r"([A-Z]{3})")),
    ("country", re.compile(r"([A-Z]{2}(?::\S+)?)")),
    ("time_zone", re.compile(r"([A-Z]\w+/\w+)")),
    ("entity", re.compile(r"(solvent-\w+)")),
    ("tax_id", re.compile(r"VAT (\w+)")),
    ("terms", re.compile(r"terms (\d+) days")),
    ("exempt", re.compile(r"(exempt)")),
    ("segment", re.compile(rf"({'|'.join(Segment)})")),
)


def _fact(text: str) -> tuple[str, str]:
    for key, pattern in FACTS:
        if found := pattern.fullmatch(text):
            return key, found[1]
    raise ValueError(f"Account: nothing that is known of one: {text!r}")

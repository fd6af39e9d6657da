"""Prices: what Stripe's own subscriptions are made of.

Owns products and prices at Stripe: one product for each of ours, one price for each amount that a unit costs in an
interval, found by its look-up key, so that any number of processes make each once. Does not own subscriptions
(`subscriptions`).
"""

from collections.abc import Sequence
from typing import NamedTuple

import stripe

from solvent.core.period import Interval, Unit
from solvent.core.recurring import Part, Recurring
from solvent.ports.provider import ProviderSilent
from solvent.providers.stripe.calls import Refused, ask
from solvent.providers.stripe.currencies import to_stripe

PARTS_MAX = 20  # of one subscription at Stripe
ADJUSTMENT = "solvent_adjustment"
ADJUSTMENT_NAME = "Taxes, discounts and credit"

_INTERVALS = {
    Unit.DAY: ("day", 1, 3 * 365),
    Unit.WEEK: ("week", 1, 156),
    Unit.MONTH: ("month", 1, 36),
    Unit.QUARTER: ("month", 3, 12),
    Unit.YEAR: ("year", 1, 3),
}  # Stripe's unit, how many of it are one of ours, and how many of ours are three years, its longest period


class Priced(NamedTuple):
    """What one unit costs, by the name under which Stripe is asked for it."""

    lookup_key: str
    part: Part
    unit_amount: int
    quantity: int


def can_be_shown(recurring: Recurring) -> bool:
    """Whether Stripe can have such a subscription."""
    return (
        0 < len(recurring.parts) <= PARTS_MAX
        and recurring.interval.count <= _INTERVALS[recurring.interval.unit][2]
    )


class Prices:
    """Products and prices of the merchant's; what was found once is remembered, for they never change."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._prices = client.v1.prices
        self._products = client.v1.products
        self._known: dict[str, str] = {}
        self._made: set[str] = set()

    def quantities(self, recurring: Recurring) -> dict[str, int]:
        """How many of which of Stripe's prices a subscription has; each is there afterwards."""
        priced = [_priced(part, recurring) for part in recurring.parts]
        self._find([one.lookup_key for one in priced if one.lookup_key not in self._known])
        found: dict[str, int] = {}
        for one in priced:
            ref = self._known.get(one.lookup_key) or self._create(one, recurring)
            found[ref] = found.get(ref, 0) + one.quantity
        return found

    def adjustment(self) -> str:
        """The product under which an invoice of Stripe's is made to come to what is due here."""
        return self._product(ADJUSTMENT, ADJUSTMENT_NAME)

    def _find(self, keys: Sequence[str]) -> None:
        if not keys:
            return
        unique = list(dict.fromkeys(keys))
        try:
            rows = ask(self._prices.list, {"lookup_keys": unique, "active": True, "limit": len(unique)})[
                "data"
            ]
        except Refused as refusal:
            raise ProviderSilent(f"Stripe refused a list: {refusal}") from None
        self._known |= {row["lookup_key"]: row["id"] for row in rows}

    def _create(self, one: Priced, recurring: Recurring) -> str:
        unit, times = _interval(recurring.interval)
        parameters = {
            "currency": recurring.currency.lower(),
            "unit_amount": one.unit_amount,
            "recurring": {"interval": unit, "interval_count": times},
            "product": self._product(f"solvent_{one.part.product_id}", one.part.name),
            "lookup_key": one.lookup_key,
        }
        made = ask(self._prices.create, parameters, {"idempotency_key": f"price-{one.lookup_key}"})
        ref = self._known[one.lookup_key] = str(made["id"])
        return ref

    def _product(self, ref: str, name: str) -> str:
        """One with that id, of our choice: whoever comes second is told that it exists."""
        if ref not in self._made:
            try:
                ask(self._products.create, {"id": ref, "name": name})
            except Refused as refusal:
                if refusal.error.get("code") != "resource_already_exists":
                    raise
            self._made.add(ref)
        return ref


def _priced(part: Part, recurring: Recurring) -> Priced:
    """In units where they cost the same each; else as one of it all."""
    quantity = part.quantity if part.quantity > 0 and part.amount % part.quantity == 0 else 1
    unit_amount = to_stripe(part.amount // quantity, recurring.currency)
    unit, times = _interval(recurring.interval)
    key = f"solvent:{part.price_id}:{recurring.currency.lower()}:{unit_amount}:{times}{unit}"
    return Priced(key, part, unit_amount, quantity)


def _interval(interval: Interval) -> tuple[str, int]:
    unit, times, _ = _INTERVALS[interval.unit]
    return unit, times * interval.count

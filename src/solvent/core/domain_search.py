"""Domain search: the names that a customer may mean, and what each costs.

Owns which names follow from what was typed, out of the endings that the catalog sells. Does not own whether one can be
had (the registrar).
"""

from dataclasses import dataclass

from solvent.core.catalog import Catalog, Price
from solvent.core.pricing import amount
from solvent.core.registration import name_rule

NAMES_MAX = 20  # looked for at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A name, at the price that sells its ending; `amount` in minor units."""

    name: str
    price: Price
    amount: int


def candidates(typed: str, catalog: Catalog, currency: str) -> tuple[Candidate, ...]:
    """What was typed, with the ending that it has first, then with every other one that is sold in the currency."""
    typed = typed.strip().lower()
    label = typed.partition(".")[0]
    found = []
    for price in catalog.prices.values():
        ending = catalog.products[price.product_id].ending
        if ending is None or price.interval is None or not price.active or price.currency != currency:
            continue
        if name_rule(label + ending, ending) is None:
            found.append(Candidate(name=label + ending, price=price, amount=amount(price, 1)))
    found.sort(key=lambda c: (c.name != typed, c.amount, c.price.id))
    return tuple(found[:NAMES_MAX])

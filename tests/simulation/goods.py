"""Goods: what the simulated merchant sells: the catalog of the examples.

Owns its way into an empty database, and how tests name its prices.
"""

from datetime import UTC, datetime
from pathlib import Path

from solvent.store import catalog_file, offers
from solvent.store.database import Database

CATALOG = Path(__file__).parents[2] / "examples" / "catalog.yaml"
CURRENCIES = ("USD", "EUR", "JPY", "KWD")
PUT_ON_SALE = datetime(2027, 1, 1, tzinfo=UTC)


def price(product: str, currency: str = "USD", period: str | None = "month") -> str:
    """The id of a price; without a period it is bought once."""
    return "-".join(part for part in (product, currency.lower(), period) if part) + "@1"


def put_on_sale(url: str) -> None:
    """Bring the catalog into a migrated database."""
    told = catalog_file.parse(CATALOG.read_text())
    with Database(url) as database:
        offers.apply(
            database,
            entities=told.entities,
            products=told.products,
            prices=told.prices,
            meters=told.meters,
            terms=told.terms,
            coupons=told.coupons,
            now=PUT_ON_SALE,
        )

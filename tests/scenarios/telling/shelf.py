"""Shelf: what is on sale in the stories: the examples' catalog and taxes, and what stories/*.yaml adds.

Owns its way into an empty database. Does not own the files.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from solvent.store import catalog_file, offers, tax_declaration, tax_file
from solvent.store.database import Database

EXAMPLES = Path(__file__).parents[3] / "examples"
STORIES = Path(__file__).parents[1] / "stories"
BEFORE_ANY_STORY = datetime(2026, 1, 1, tzinfo=UTC)


def put_on_sale(url: str) -> None:
    """Bring goods and taxes into a migrated database."""
    with Database(url) as database:
        for path in (EXAMPLES / "catalog.yaml", STORIES / "goods.yaml"):
            goods = catalog_file.parse(path.read_bytes())
            offers.apply(
                database,
                entities=goods.entities,
                products=goods.products,
                prices=goods.prices,
                meters=goods.meters,
                coupons=goods.coupons,
                now=BEFORE_ANY_STORY,
            )
        for path in (
            EXAMPLES / "tax-rates.yaml",
            EXAMPLES / "tax-registrations.yaml",
            STORIES / "taxes.yaml",
        ):
            taxes = tax_file.parse(path.read_bytes())
            tax_declaration.apply(
                database, rates=taxes.rates, registrations=taxes.registrations, now=BEFORE_ANY_STORY
            )

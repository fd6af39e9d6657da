"""Stock: what is on sale in the scenarios. Owns bringing the example catalog and taxes into a migrated database."""

from datetime import UTC, datetime
from pathlib import Path

from solvent.store import catalog_file, offers, tax_declaration, tax_file
from solvent.store.database import Database

CATALOG = Path(__file__).parents[2] / "examples" / "catalog.yaml"


def stock(database: Database) -> None:
    """Put the examples on sale, since the beginning of 2026."""
    declared = catalog_file.parse(CATALOG.read_bytes())
    offers.apply(
        database,
        entities=declared.entities,
        products=declared.products,
        prices=declared.prices,
        meters=declared.meters,
        terms=declared.terms,
        coupons=declared.coupons,
        features=declared.features,
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )
    for name in ("tax-rates.yaml", "tax-registrations.yaml"):
        taxes = tax_file.parse((CATALOG.parent / name).read_bytes())
        tax_declaration.apply(
            database,
            rates=taxes.rates,
            registrations=taxes.registrations,
            now=datetime(2026, 1, 1, tzinfo=UTC),
        )

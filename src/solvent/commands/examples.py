"""Examples: the catalog and the tax files that come with Solvent, from an installed wheel or from a clone.

Owns where they lie and bringing such files into a database. Does not own what they say (`store.catalog_file`,
`store.tax_file`).
"""

from datetime import datetime
from pathlib import Path

import solvent
from solvent.commands.console import USAGE, CommandError
from solvent.core.catalog import CatalogError
from solvent.store import catalog_file, offers, tax_declaration, tax_file
from solvent.store.database import Database

_PACKAGE = Path(solvent.__file__).parent
_PLACES = (_PACKAGE / "examples", _PACKAGE.parents[1] / "examples")
_TAX_FILES = ("tax-rates.yaml", "tax-registrations.yaml")


def example_catalog() -> Path:
    """The example catalog's file."""
    return _example("catalog.yaml")


def example_taxes() -> tuple[Path, ...]:
    """The example tax files, in the order in which they are applied."""
    return tuple(_example(name) for name in _TAX_FILES)


def _example(name: str) -> Path:
    for place in _PLACES:
        if (place / name).is_file():
            return place / name
    raise CommandError(f"an example is missing: {name} is neither in {_PLACES[0]} nor in {_PLACES[1]}")


def apply_taxes(database: Database, file: Path, now: datetime) -> list[str]:
    """Bring a tax file into the database; returns what changed, a line each."""
    try:
        declared = tax_file.parse(file.read_bytes())
        return tax_declaration.apply(
            database, rates=declared.rates, registrations=declared.registrations, now=now
        )
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}", USAGE) from None
    except CatalogError as error:
        raise CommandError(f"{file}: {error}", USAGE) from None


def apply_catalog(database: Database, file: Path, now: datetime) -> list[str]:
    """Bring a catalog file into the database; returns what changed, a line each."""
    try:
        declared = catalog_file.parse(file.read_bytes())
        return offers.apply(
            database,
            entities=declared.entities,
            products=declared.products,
            prices=declared.prices,
            meters=declared.meters,
            terms=declared.terms,
            coupons=declared.coupons,
            features=declared.features,
            now=now,
        )
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}", USAGE) from None
    except CatalogError as error:
        raise CommandError(f"{file}: {error}", USAGE) from None

"""Examples: the catalog that comes with Solvent, from an installed wheel or from a clone.

Owns where it lies and bringing it into a database. Does not own what a catalog file says (`store.catalog_file`).
"""

from datetime import datetime
from pathlib import Path

import solvent
from solvent.commands.console import USAGE, CommandError
from solvent.core.catalog import CatalogError
from solvent.store import catalog_file, offers
from solvent.store.database import Database

_PACKAGE = Path(solvent.__file__).parent
_PLACES = (_PACKAGE / "examples" / "catalog.yaml", _PACKAGE.parents[1] / "examples" / "catalog.yaml")


def example_catalog() -> Path:
    """The example catalog's file."""
    for place in _PLACES:
        if place.is_file():
            return place
    raise CommandError(f"the example catalog is missing: neither {_PLACES[0]} nor {_PLACES[1]} is there")


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
            now=now,
        )
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}", USAGE) from None
    except CatalogError as error:
        raise CommandError(f"{file}: {error}", USAGE) from None

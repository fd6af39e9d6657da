"""Tax desk: making one tax rate known, registering a legal entity for tax and ending that, and finding what there is.

Owns that each of them is one declaration by itself, and the order in which they are listed. Does not own the rules of a
declaration (`tax_declaration`), how a whole file is brought in (`tax_file`), nor what follows from them (`core.tax`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from solvent.core.catalog import CatalogError
from solvent.core.tax import Place, Registration, TaxRate
from solvent.store import tax_declaration
from solvent.store.database import Database
from solvent.store.tax_declaration import RegistrationDraft
from solvent.store.taxes import read_rates, read_sellers


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration of a legal entity, which counts or did once."""

    entity: str
    registration: Registration

    @property
    def key(self) -> str:
        """Its place in the list: entity, place, and since when; a wider place before what lies in it."""
        one = self.registration
        place = Place(country=one.country, region=one.region)
        return f"{self.entity}!{place}!{one.known_from:%Y%m%dT%H%M%S%f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRates:
    """Which rates; what is None may be anything. A region is that itself, not what lies in it."""

    country: str | None = None
    region: str | None = None
    category: str | None = None

    def has(self, rate: TaxRate) -> bool:
        """Whether a rate is one of them."""
        pairs = ((self.country, rate.country), (self.region, rate.region), (self.category, rate.category))
        return all(wanted is None or wanted == given for wanted, given in pairs)


def rates(database: Database, wanted: WantedRates) -> list[TaxRate]:
    """The rates that are wanted, by id, from the source that charges are taxed by. Raises `TaxRatesSilent`."""
    return sorted((r for r in database.tax_rates.rates() if wanted.has(r)), key=lambda r: r.id)


def put_rate(database: Database, rate: TaxRate, now: datetime) -> TaxRate:
    """Make a rate known; the same again changes nothing. Raises `CatalogError` for a rule that it breaks."""
    tax_declaration.apply(database, rates=[rate], now=now)
    with database.transaction() as connection:
        return next(known for known in read_rates(connection) if known.id == rate.id)


def registrations(
    database: Database, entity: str | None = None, *, country: str | None = None, ended: bool = False
) -> list[Registered]:
    """Of one legal entity or of all, in one country or anywhere; with those that count no more if `ended`."""
    with database.transaction() as connection:
        sellers = read_sellers(connection)
    found = [Registered(seller.id, one) for seller in sellers.values() for one in seller.registrations]
    return sorted(
        (
            one
            for one in found
            if entity in (None, one.entity)
            and country in (None, one.registration.country)
            and (ended or one.registration.known_until is None)
        ),
        key=lambda one: one.key,
    )


def register(database: Database, draft: RegistrationDraft, now: datetime) -> Registered:
    """Register a legal entity; the same again changes nothing, another number ends the one before. Raises
    `CatalogError` for a rule that it breaks."""
    tax_declaration.apply(database, registrations=[draft], now=now)
    return _latest(registrations(database, draft.entity), draft)


def deregister(
    database: Database, entity: str, country: str, region: str | None, now: datetime
) -> Registered:
    """End a registration: it counts no more for what is charged soon after. Ended already, it stays as it is. Raises
    `CatalogError` for a rule that this breaks, as that there must be one."""
    draft = RegistrationDraft(entity=entity, country=country, region=region, number="any", ended=True)
    tax_declaration.apply(database, registrations=[draft], now=now)
    found = registrations(database, entity, ended=True)
    if not any(_is_at(one, draft) for one in found):
        raise CatalogError(f"{draft.path}.country", "must be a place where the entity is registered")
    return _latest(found, draft)


def _latest(found: Sequence[Registered], draft: RegistrationDraft) -> Registered:
    return max((one for one in found if _is_at(one, draft)), key=lambda one: one.registration.known_from)


def _is_at(one: Registered, draft: RegistrationDraft) -> bool:
    return (one.registration.country, one.registration.region) == (draft.country, draft.region)

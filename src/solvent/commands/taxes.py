"""Taxes: tax rates, registrations and legal entities, listed on the command line.

Owns the options' check and the tables; for programs they are as the API shows them. Does not own the reads
(`store.tax_desk`, `store.entity_desk`) nor declaring any of them (`commands.examples`).
"""

from collections.abc import Iterator

from solvent.commands import filters
from solvent.commands.console import CommandError
from solvent.commands.saying import as_json, lined, moment
from solvent.core.party import address_block
from solvent.core.tax import Place, TaxRate
from solvent.ports.tax import TaxRatesSilent
from solvent.store import entity_desk, tax_desk
from solvent.store.entity_desk import EntityVersion
from solvent.store.tax_declaration import ALWAYS
from solvent.store.tax_desk import Registered, WantedRates
from solvent.web.handlers.entities import entity_view
from solvent.web.handlers.taxes import rate_view, registration_view
from solvent.wiring import Solvent

RATES = ("place", "category", "tax", "from", "counts from", "id")
REGISTRATIONS = ("entity", "place", "number", "counts from", "until")
ENTITIES = ("entity", "name", "country", "series", "since")


def rates(solvent: Solvent, wanted: WantedRates, *, for_programs: bool) -> Iterator[str]:
    """The rates that are wanted, by place."""
    try:
        found = tax_desk.rates(solvent.database, wanted)
    except TaxRatesSilent as error:
        raise CommandError(f"the source of tax rates does not answer: {error}") from None
    if for_programs:
        yield as_json([rate_view(rate) for rate in found])
        return
    found.sort(key=lambda rate: (str(rate.place), rate.category, rate.name, rate.valid_from))
    yield from lined(RATES, [_rate(rate) for rate in found])


def registrations(
    solvent: Solvent, entity: str | None, country: str | None, *, ended: bool, for_programs: bool
) -> Iterator[str]:
    """Where legal entities collect tax."""
    named = filters.entity(solvent, entity)
    found = tax_desk.registrations(solvent.database, named, country=country, ended=ended)
    if for_programs:
        yield as_json([registration_view(one) for one in found])
    else:
        yield from lined(REGISTRATIONS, [_registration(one) for one in found])


def entities(solvent: Solvent, *, for_programs: bool) -> Iterator[str]:
    """The legal entities as they are now."""
    found = entity_desk.latest(solvent.database)
    if for_programs:
        yield as_json([entity_view(one) for one in found])
    else:
        yield from lined(ENTITIES, [_entity(one) for one in found])


def entity(solvent: Solvent, entity_id: str, *, for_programs: bool) -> Iterator[str]:
    """Every version of a legal entity, the oldest first."""
    found = entity_desk.versions(solvent.database, entity_id)
    if not found:
        raise CommandError(f"no legal entity {entity_id}")
    if for_programs:
        yield as_json([entity_view(one) for one in found])
        return
    for one in found:
        yield from (f"{name:<14}{value}" for name, value in _facts(one))
        yield ""


def _rate(rate: TaxRate) -> tuple[str, ...]:
    known = "always" if rate.known_from == ALWAYS else moment(rate.known_from)
    kind = f"{rate}, in place of wider ones" if rate.replaces_wider else str(rate)
    return (str(rate.place), rate.category, kind, rate.valid_from.isoformat(), known, rate.id)


def _registration(one: Registered) -> tuple[str, ...]:
    registration = one.registration
    known = "always" if registration.known_from == ALWAYS else moment(registration.known_from)
    place = Place(country=registration.country, region=registration.region)
    return (one.entity, str(place), registration.number, known, moment(registration.known_until))


def _entity(one: EntityVersion) -> tuple[str, ...]:
    entity = one.entity
    return (entity.id, entity.name, entity.country, entity.series_prefix, moment(one.valid_from))


def _facts(one: EntityVersion) -> Iterator[tuple[str, str]]:
    entity = one.entity
    yield from zip(ENTITIES, _entity(one), strict=True)
    if entity.address is not None:
        yield "address", ", ".join(address_block(entity.address, entity.country))
    for name, text in (("registration", entity.registration), ("e-mail", entity.email)):
        if text is not None:
            yield name, text
    if entity.currencies:
        yield "bills in", ", ".join(entity.currencies)
    for number in entity.tax_ids:
        yield number.scheme, number.value
    for bank in entity.bank_accounts:
        told = (bank.iban, bank.bic, bank.account, bank.routing, bank.bank)
        yield bank.currency, " ".join(text for text in told if text is not None)

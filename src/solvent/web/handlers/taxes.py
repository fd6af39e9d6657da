"""Taxes: which rates are known and where legal entities are registered, and declaring one of either.

Owns how a request becomes one declaration. Does not own what is done (`store.tax_desk`), the rules of a declaration
(`store.tax_declaration`), nor what a customer is for tax (`tax_status`).
"""

from solvent.core.catalog import CatalogError
from solvent.core.percent import percent
from solvent.core.tax import TaxRate
from solvent.ports.tax import TaxRatesSilent
from solvent.store import tax_desk
from solvent.store.tax_declaration import ALWAYS, RegistrationDraft
from solvent.store.tax_desk import Registered, WantedRates
from solvent.store.tax_file import parts_per_million
from solvent.web.endpoint import Call, Reply
from solvent.web.handlers.paging import page_of
from solvent.web.handlers.shared import existing_entity
from solvent.web.problems import Problem, not_found, refused
from solvent.web.tax_views import (
    TaxPlaceBody,
    TaxRateBody,
    TaxRatesQuery,
    TaxRateView,
    TaxRegistrationBody,
    TaxRegistrationsQuery,
    TaxRegistrationView,
)


def rates(call: Call) -> Reply:
    """A page of rates."""
    query: TaxRatesQuery = call.query
    found = _rates(call, WantedRates(country=query.country, region=query.region, category=query.category))
    return page_of(found, query.after, query.limit, key=lambda rate: rate.id, view=rate_view)


def rate(call: Call) -> Reply:
    """One rate."""
    named = call.path["rate_id"]
    found = next((one for one in _rates(call, WantedRates()) if one.id == named), None)
    if found is None:
        raise not_found("tax rate", named[:64])
    return Reply(rate_view(found))


def create_rate(call: Call) -> Reply:
    """Make a rate known."""
    body: TaxRateBody = call.body
    try:
        declared = TaxRate(
            id=body.id,
            country=body.country,
            region=body.region,
            category=body.category,
            name=body.name,
            ppm=parts_per_million(body.rate, "rate"),
            valid_from=body.valid_from,
            known_from=call.now,
            replaces_wider=body.replaces_wider,
            names=body.names,
        )
        known = tax_desk.put_rate(call.solvent.database, declared, call.now)
    except CatalogError as error:
        raise _broken(error) from None
    return Reply(rate_view(known), 201, [("location", f"/v1/tax/rates/{known.id}")])


def registrations(call: Call) -> Reply:
    """A page of registrations."""
    query: TaxRegistrationsQuery = call.query
    existing_entity(call, query.entity)
    found = tax_desk.registrations(
        call.solvent.database, query.entity, country=query.country, ended=query.ended
    )
    return page_of(found, query.after, query.limit, key=lambda one: one.key, view=registration_view)


def register(call: Call) -> Reply:
    """Register a legal entity for tax from five seconds on."""
    body: TaxRegistrationBody = call.body
    draft = RegistrationDraft(
        entity=body.entity, country=body.country, region=body.region, number=body.number
    )
    try:
        registered = tax_desk.register(call.solvent.database, draft, call.now)
    except CatalogError as error:
        raise _broken(error) from None
    return Reply(registration_view(registered), 201)


def deregister(call: Call) -> Reply:
    """End a registration."""
    body: TaxPlaceBody = call.body
    database = call.solvent.database
    try:
        ended = tax_desk.deregister(database, body.entity, body.country, body.region, call.now)
    except CatalogError as error:
        raise _broken(error) from None
    return Reply(registration_view(ended))


def rate_view(one: TaxRate) -> TaxRateView:
    """A rate as it is shown."""
    return TaxRateView(
        id=one.id,
        country=one.country,
        region=one.region,
        category=one.category,
        name=one.name,
        rate=percent(one.ppm).removesuffix(" %"),
        valid_from=one.valid_from,
        known_from=None if one.known_from == ALWAYS else one.known_from,
        replaces_wider=one.replaces_wider,
        names=dict(one.names),
    )


def registration_view(one: Registered) -> TaxRegistrationView:
    """A registration as it is shown."""
    registration = one.registration
    return TaxRegistrationView(
        entity=one.entity,
        country=registration.country,
        region=registration.region,
        number=registration.number,
        known_from=None if registration.known_from == ALWAYS else registration.known_from,
        known_until=registration.known_until,
    )


def _rates(call: Call, wanted: WantedRates) -> list[TaxRate]:
    try:
        return tax_desk.rates(call.solvent.database, wanted)
    except TaxRatesSilent:
        raise Problem("unavailable", "the source of tax rates does not answer") from None


def _broken(error: CatalogError) -> Problem:
    """The rule that a declaration breaks: its path ends with the field of the request, or with a language of names."""
    above, _, field = error.field.rpartition(".")
    return refused(f"names.{field}" if above.endswith(".names") else field, error.rule)

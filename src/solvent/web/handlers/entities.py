"""Entities: who bills: reading legal entities with their versions, and declaring one.

Owns how a request becomes one declaration. Does not own what is done (`store.entity_desk`) nor the rules of an entity
(`core.party`, `store.entities`).
"""

import re

from solvent.core.catalog import CatalogError
from solvent.store import entity_desk
from solvent.store.entity_desk import EntityVersion
from solvent.web.bodies import AddressBody
from solvent.web.endpoint import Call, Reply
from solvent.web.entity_views import BankAccountBody, EntitiesQuery, EntityBody, EntityView, TaxIdBody
from solvent.web.handlers.paging import page_of
from solvent.web.params import EntityVersionsQuery
from solvent.web.problems import FieldError, invalid, not_found, refused

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def page(call: Call) -> Reply:
    """A page of legal entities as they are now."""
    query: EntitiesQuery = call.query
    found = entity_desk.latest(call.solvent.database)
    return page_of(found, query.after, query.limit, key=lambda one: one.entity.id, view=entity_view)


def read(call: Call) -> Reply:
    """One legal entity as it is now."""
    return Reply(entity_view(_versions(call)[-1]))


def versions(call: Call) -> Reply:
    """A page of the versions of a legal entity, the oldest first: none ever comes before another."""
    query: EntityVersionsQuery = call.query
    return page_of(
        list(enumerate(_versions(call))),
        query.after,
        query.limit,
        key=lambda numbered: f"{numbered[0]:06}",
        view=lambda numbered: entity_view(numbered[1]),
    )


def put(call: Call) -> Reply:
    """Bring a legal entity to what is declared."""
    body: EntityBody = call.body
    entity_id = call.path["entity_id"]
    if _ID.fullmatch(entity_id) is None:
        rule = "must be 1 to 64 small letters, digits, '.', '_' or '-', starting with a letter or digit"
        raise invalid(FieldError("entity_id", rule))
    try:
        known, new = entity_desk.put(call.solvent.database, body.core(entity_id), call.now)
    except CatalogError as error:
        raise refused(error.field.removeprefix(f"entities.{entity_id}."), error.rule) from None
    return Reply(entity_view(known), 201 if new else 200, [("location", f"/v1/entities/{entity_id}")])


def entity_view(one: EntityVersion) -> EntityView:
    """A legal entity as it is shown."""
    entity, address = one.entity, one.entity.address
    return EntityView(
        id=entity.id,
        name=entity.name,
        country=entity.country,
        series_prefix=entity.series_prefix,
        address=None
        if address is None
        else AddressBody(
            lines=address.lines, city=address.city, postal_code=address.postal_code, region=address.region
        ),
        registration=entity.registration,
        tax_ids=[TaxIdBody(scheme=number.scheme, value=number.value) for number in entity.tax_ids],
        email=entity.email,
        bank_accounts=[
            BankAccountBody(
                currency=bank.currency,
                holder=bank.holder,
                bank=bank.bank,
                iban=bank.iban,
                bic=bank.bic,
                account=bank.account,
                routing=bank.routing,
            )
            for bank in entity.bank_accounts
        ],
        currencies=list(entity.currencies),
        valid_from=one.valid_from,
    )


def _versions(call: Call) -> list[EntityVersion]:
    found = entity_desk.versions(call.solvent.database, call.path["entity_id"])
    if not found:
        raise not_found("legal entity", call.path["entity_id"][:64])
    return found

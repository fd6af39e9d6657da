"""Entities: the legal entities that bill, each with every version of what its invoices say of it.

Owns their rows, and that a change is a next version: an invoice is printed with the version that held when it was
issued. Does not own the rules of an entity by itself (`core.party`) nor the file it is declared in (`catalog_file`).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from psycopg import Connection

from solvent.core.catalog import CatalogError
from solvent.core.party import VAT, Address, BankAccount, Broken, Entity, TaxId, entity_problems
from solvent.store.tax_numbers import WrongTaxNumber, check_seller

_KNOWN = """
select e.id, coalesce(v.name, e.name), coalesce(v.country, e.country), e.series_prefix, v.profile::text
from legal_entity e left join lateral (
    select * from legal_entity_version where entity_id = e.id order by valid_from desc limit 1
) v on true"""

_BILLS = "select exists (select from account where entity = %s)"
_BILLS_IN = "select currency from account where entity = %s and currency <> all(%s) limit 1"

_ENTITY = """
insert into legal_entity (id, name, country, series_prefix) values (%s, %s, %s, %s)
on conflict (id) do update set name = excluded.name, country = excluded.country"""

# A version begins later than the one before, whatever the clock says.
_VERSION = """
insert into legal_entity_version (entity_id, valid_from, name, country, profile)
select %(id)s, greatest(%(now)s, max(v.valid_from) + interval '1 microsecond'), %(name)s, %(country)s, %(profile)s
from legal_entity_version v where v.entity_id = %(id)s"""

# The columns from which `entity_of` reads the version that held at a moment; the first, for all that lay before it.
# `{entity}` and `{at}` are SQL expressions.
AS_OF = """(select json_build_object('id', e.id, 'series_prefix', e.series_prefix, 'name', coalesce(w.name, e.name),
        'country', coalesce(w.country, e.country), 'profile', w.profile)
    from legal_entity e left join lateral (
        select * from legal_entity_version x where x.entity_id = e.id
        order by x.valid_from <= {at} desc,
                 case when x.valid_from <= {at} then x.valid_from end desc, x.valid_from limit 1
    ) w on true
    where e.id = {entity})::text"""


class _Profile(msgspec.Struct):
    address: Address | None = None
    registration: str | None = None
    tax_ids: tuple[TaxId, ...] = ()
    email: str | None = None
    bank_accounts: tuple[BankAccount, ...] = ()
    currencies: tuple[str, ...] = ()


class _Row(msgspec.Struct):
    id: str
    name: str
    country: str
    series_prefix: str
    profile: _Profile | None = None

    def value(self) -> Entity:
        profile = self.profile or _Profile()
        return Entity(
            id=self.id,
            name=self.name,
            country=self.country,
            series_prefix=self.series_prefix,
            address=profile.address,
            registration=profile.registration,
            tax_ids=profile.tax_ids,
            email=profile.email,
            bank_accounts=profile.bank_accounts,
            currencies=profile.currencies,
        )


_row = msgspec.json.Decoder(_Row)
_profile = msgspec.json.Decoder(_Profile)


def entity_of(data: str) -> Entity:
    """The legal entity behind `AS_OF`."""
    return _row.decode(data).value()


def entity_row(entity_id: str, name: str, country: str, series_prefix: str, profile: str | None) -> Entity:
    """The legal entity of a row; `profile` is the JSON of a version, if there is one."""
    return _Row(
        id=entity_id,
        name=name,
        country=country,
        series_prefix=series_prefix,
        profile=None if profile is None else _profile.decode(profile),
    ).value()


def apply(connection: Connection, entities: Sequence[Entity], now: datetime) -> list[str]:
    """Bring the stored entities to what is declared; returns what changed, one line each."""
    known = _known(connection)
    changed = []
    for entity in entities:
        _check(connection, entity, known)
        if known.get(entity.id) != entity:
            _write(connection, entity, now)
            changed.append(f"entity {entity.id}: {'changed' if entity.id in known else 'added'}")
        known[entity.id] = entity
    return changed


def _known(connection: Connection) -> dict[str, Entity]:
    return {row[0]: entity_row(*row) for row in connection.execute(_KNOWN).fetchall()}


def _check(connection: Connection, entity: Entity, known: dict[str, Entity]) -> None:
    for field, rule in (*entity_problems(entity), *_number_problems(entity)):
        raise CatalogError(f"entities.{entity.id}.{field}", rule)
    before = known.get(entity.id)
    if before is not None and before.series_prefix != entity.series_prefix:
        raise CatalogError(
            f"entities.{entity.id}.series_prefix", "must stay as it is: invoices are numbered by it"
        )
    if before is not None and before.country != entity.country:
        bills = connection.execute(_BILLS, (entity.id,)).fetchone()
        assert bills is not None, "asking whether something exists has an answer"
        if bills[0]:  # what was charged was taxed as sold from there, and is credited with that tax
            rule = f"must stay {before.country}, for it bills accounts: one that moves is a new entity"
            raise CatalogError(f"entities.{entity.id}.country", rule)
    if entity.currencies and before is not None:
        other = connection.execute(_BILLS_IN, (entity.id, list(entity.currencies))).fetchone()
        if other is not None:
            raise CatalogError(
                f"entities.{entity.id}.currencies", f"must have {other[0]}: it bills accounts in that"
            )
    if entity.series_prefix in {e.series_prefix for e in known.values() if e.id != entity.id}:
        raise CatalogError(f"entities.{entity.id}.series_prefix", "must differ from every other entity's")


def _number_problems(entity: Entity) -> Iterator[Broken]:
    for position, number in enumerate(entity.tax_ids):
        try:
            if number.scheme == VAT:
                check_seller(number.value, entity.country)
        except WrongTaxNumber as error:
            yield f"tax_ids[{position}].value", str(error)


def _write(connection: Connection, entity: Entity, now: datetime) -> None:
    connection.execute(_ENTITY, (entity.id, entity.name, entity.country, entity.series_prefix))
    profile = _Profile(
        address=entity.address,
        registration=entity.registration,
        tax_ids=entity.tax_ids,
        email=entity.email,
        bank_accounts=entity.bank_accounts,
        currencies=entity.currencies,
    )
    version = {
        "id": entity.id,
        "now": now,
        "name": entity.name,
        "country": entity.country,
        "profile": msgspec.json.encode(profile).decode(),
    }
    connection.execute(_VERSION, version)

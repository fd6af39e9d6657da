"""Tax declaration: bringing the stored rates and registrations to what a merchant declares.

Owns the rules of that. A rate is immutable: one that is there and is declared otherwise is refused. A registration
lasts until it is declared as ended, or under another number. What a declaration does not name stays as it is; all of it
is applied, or nothing. Does not own how it is written (`tax_file`) nor what follows from it (`core.tax`).

What is applied counts for charges from `KNOWN_AFTER` on, when no process has an older copy of the rates any more: a
charge of before bears the old ones, and what is given back of it too. Only what is there before the first account,
before anything can have been charged, counts as always known.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from psycopg import Connection

from solvent.core.catalog import CatalogError
from solvent.core.code_lists import COUNTRY_RULE, is_country
from solvent.core.language import TURNING_RULE, names_problems, turned
from solvent.core.percent import PPM
from solvent.core.tax import ONE_STOP_SHOP, Place, Registration, Seller, TaxRate
from solvent.store import codec
from solvent.store.database import Database
from solvent.store.tax_numbers import WrongTaxNumber, check_registration
from solvent.store.taxes import read_rates, read_sellers

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
KNOWN_AFTER = timedelta(
    seconds=5
)  # a copy of the rates is a second old (`shelf`), or a little more under load

_LOCK = "select revision from catalog_revision for update"
_BUMP = "update catalog_revision set revision = revision + 1"
_UNUSED = "select not exists (select from account)"

_RATE = """
insert into tax_rate (id, country, region, category, name, ppm, valid_from, known_from, replaces_wider, names)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""

_REGISTER = """
insert into tax_registration (entity_id, country, region, number, known_from) values (%s, %s, %s, %s, %s)"""
_END = """
update tax_registration set known_until = %s
where entity_id = %s and country = %s and region = %s and known_until is null"""

_REGION = re.compile(r"[A-Z0-9]{1,3}(/[A-Z0-9-]{1,20})*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TITLE = re.compile(r"\S(.{0,38}\S)?")

REGION_RULE = (
    "must be an ISO 3166-2 code without its country, e.g. NY, and what lies in it after a slash: NY/NYC"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationDraft:
    """A registration as declared; `ended`: it counts for nothing that is charged from now on."""

    entity: str
    country: str
    region: str | None
    number: str
    ended: bool = False

    @property
    def path(self) -> str:
        """Where an error in it is."""
        return f"registrations.{self.entity}.{Place(country=self.country, region=self.region)}"


def apply(
    database: Database,
    *,
    rates: Sequence[TaxRate] = (),
    registrations: Sequence[RegistrationDraft] = (),
    now: datetime,
) -> list[str]:
    """Bring rates and registrations to what is declared, in one transaction; returns what changed, one line each.

    The `known_from` of the declared rates is not looked at: it is `KNOWN_AFTER` `now`, or always. Raises
    `CatalogError` for the first rule that is broken; nothing is written then.
    """
    with database.transaction() as connection:
        connection.execute(_LOCK)
        (unused,) = connection.execute(_UNUSED).fetchone() or (False,)
        moment = ALWAYS if unused else now + KNOWN_AFTER
        changed = _apply_rates(connection, [replace(rate, known_from=moment) for rate in rates])
        changed += _apply_registrations(connection, registrations, moment)
        if changed:
            connection.execute(_BUMP)
    return changed


def is_region(text: str) -> bool:
    """Whether it is spelled as a region, with what lies in it."""
    return _REGION.fullmatch(text) is not None


def _apply_rates(connection: Connection, rates: Sequence[TaxRate]) -> list[str]:
    stored = {rate.id: rate for rate in read_rates(connection)}
    changed: list[str] = []
    slots: dict[object, str] = {}
    for rate in rates:
        before = stored.get(rate.id)
        _check(f"rates.{rate.id}", _rate_rules(rate, before))
        if before is not None:
            continue
        slot = (rate.place, rate.category, rate.name, rate.valid_from)
        other = slots.setdefault(slot, rate.id)
        rule = f"must differ from {other} in place, category, name or first day"
        _check(f"rates.{rate.id}", [("valid_from", other == rate.id, rule)])
        row = (rate.id, rate.country, rate.region, rate.category, rate.name, rate.ppm, rate.valid_from)
        names = codec.encode(rate.names).decode()
        connection.execute(_RATE, (*row, rate.known_from, rate.replaces_wider, names))
        stored[rate.id] = rate
        changed.append(f"rate {rate.id}: {rate} in {rate.place} from {rate.valid_from}")
    return changed


def _rate_rules(rate: TaxRate, before: TaxRate | None) -> Iterator[tuple[str, bool, str]]:
    alike = before is None or replace(before, known_from=rate.known_from) == rate
    yield "id", _NAME.fullmatch(rate.id) is not None, "must be 1 to 64 letters, digits, '.', '_' or '-'"
    yield (
        "id",
        alike,
        f"is that of another rate, {before}: rates are immutable, a new one needs an id of its own",
    )
    yield "country", is_country(rate.country), COUNTRY_RULE
    yield "region", rate.region is None or is_region(rate.region), REGION_RULE
    yield "category", _NAME.fullmatch(rate.category) is not None, "must be the tax category of products"
    yield "name", _TITLE.fullmatch(rate.name) is not None, "must be 1 to 40 characters"
    yield "name", not turned(rate.name), TURNING_RULE
    yield from names_problems("names", rate.names)
    yield "rate", 0 <= rate.ppm <= PPM, "must be from 0 to 100 percent"
    yield "replaces_wider", rate.region is not None or not rate.replaces_wider, "needs a region"


def _apply_registrations(
    connection: Connection, drafts: Sequence[RegistrationDraft], moment: datetime
) -> list[str]:
    sellers = read_sellers(connection)
    changed: list[str] = []
    seen: set[str] = set()
    for draft in drafts:
        _check(draft.path, _registration_rules(draft, sellers, seen))
        seen.add(draft.path)
        live = _live(sellers[draft.entity], draft)
        place = (draft.entity, draft.country, draft.region or "")
        if live is not None and (draft.ended or live.number != draft.number):
            later = moment > live.known_from
            _check(draft.path, [("number", later, f"cannot change before {live.known_from.isoformat()}")])
            connection.execute(_END, (moment, *place))
            changed.append(f"registration {draft.path.removeprefix('registrations.')}: ended")
        if not draft.ended and (live is None or live.number != draft.number):
            connection.execute(_REGISTER, (*place, draft.number, moment))
            changed.append(f"registration {draft.path.removeprefix('registrations.')}: added")
    return changed


def _live(seller: Seller, draft: RegistrationDraft) -> Registration | None:
    for registration in seller.registrations:
        same = (registration.country, registration.region) == (draft.country, draft.region)
        if same and registration.known_until is None:
            return registration
    return None


def _registration_rules(
    draft: RegistrationDraft, sellers: dict[str, Seller], seen: set[str]
) -> Iterator[tuple[str, bool, str]]:
    yield (
        "entity",
        draft.entity in sellers,
        f"must be a legal entity: {', '.join(sellers) or 'there is none'}",
    )
    known = is_country(draft.country) or draft.country == ONE_STOP_SHOP
    yield "country", known, f"{COUNTRY_RULE}, or {ONE_STOP_SHOP} for the One Stop Shop"
    yield "region", draft.region is None or is_region(draft.region), REGION_RULE
    yield "number", _TITLE.fullmatch(draft.number) is not None, "must be 1 to 40 characters"
    yield from _number_rules(draft)
    yield "country", draft.path not in seen, "must occur once for an entity"


def _number_rules(draft: RegistrationDraft) -> Iterator[tuple[str, bool, str]]:
    """What is ended need not have a right number: ending it is how a wrong one goes."""
    try:
        if not draft.ended:
            check_registration(draft.number, draft.country, draft.region)
    except WrongTaxNumber as error:
        yield "number", False, str(error)


def _check(path: str, rules: Iterator[tuple[str, bool, str]] | Sequence[tuple[str, bool, str]]) -> None:
    for field, holds, rule in rules:
        if not holds:
            raise CatalogError(f"{path}.{field}", rule)

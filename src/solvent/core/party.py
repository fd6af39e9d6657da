"""Parties: who bills and who is billed, as money documents name them.

Owns the legal entity, postal address, tax identifiers and bank account as values, the rules they keep, and the order
in which the parts of an address are written. Does not own the account (`account`) nor what a document says
(`document`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from solvent.core.code_lists import COUNTRY_RULE, is_country
from solvent.core.language import TURNING
from solvent.core.money import CURRENCY_RULE, is_currency

ADDRESS_LINES_MAX = 4
LINE_MAX = 100  # characters of a line of an address, a city, a name of a bank
POSTAL_CODE_MAX = 20
TAX_ID_MAX = 40
TAX_IDS_MAX = 4
BANK_ACCOUNTS_MAX = 20
VAT = "VAT"  # the scheme of a VAT number, which is checked and stands in e-invoices

_PREFIX = re.compile(r"[A-Z][A-Z0-9]{1,11}")
_CONTROL = re.compile(rf"[\x00-\x1f\x7f-\x9f\u2028\u2029{TURNING}]")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z -]{1,33}")

# Where the postal code follows the city (and the region stands between them); elsewhere it precedes the city.
_CITY_FIRST = "AE AU BD CA CO EG GB HK IE IN JM JO KE KR KW LB MY NG NZ PK QA SA SG TH TW US VN ZA"
_CODE_LAST = frozenset(_CITY_FIRST.split())

Broken = tuple[str, str]  # a field and the rule it breaks


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where post reaches a party. Its country stands beside it, with whoever has the address."""

    lines: tuple[str, ...]
    city: str
    postal_code: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Who a customer is on documents: name, e-mail and address."""

    name: str
    email: str
    address: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastProfile:
    """Who a customer was on documents before `until` (UTC)."""

    until: datetime
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxId:
    """A number under which a tax office knows a party; `scheme` is how documents call it, e.g. VAT or EIN."""

    scheme: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccount:
    """Where customers transfer money of one currency to: by IBAN, or by account number and routing code."""

    currency: str
    holder: str
    bank: str | None = None
    iban: str | None = None
    bic: str | None = None
    account: str | None = None
    routing: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A legal entity that bills; its invoices are numbered in series that begin with `series_prefix`.

    `registration` is its entry in the commercial register, as law wants it on invoices. It bills in `currencies`
    (ISO 4217); none: in every one.
    """

    id: str
    name: str
    country: str
    series_prefix: str
    address: Address | None = None
    registration: str | None = None
    tax_ids: tuple[TaxId, ...] = ()
    email: str | None = None
    bank_accounts: tuple[BankAccount, ...] = ()
    currencies: tuple[str, ...] = ()

    def bank_account(self, currency: str) -> BankAccount | None:
        """Where it takes transfers of a currency."""
        return next((b for b in self.bank_accounts if b.currency == currency), None)


def printable(text: str | None, length_max: int) -> bool:
    """Whether a text is absent, or one line of 1 to `length_max` characters with no space around it, no control
    character, and no mark that turns its direction."""
    return text is None or (0 < len(text.strip()) == len(text) <= length_max and not _CONTROL.search(text))


def address_problems(address: Address) -> Iterator[Broken]:
    """Every rule that an address breaks."""
    if not 1 <= len(address.lines) <= ADDRESS_LINES_MAX:
        yield "lines", f"must be 1 to {ADDRESS_LINES_MAX} lines"
    for position, line in enumerate(address.lines):
        if not printable(line, LINE_MAX):
            yield f"lines[{position}]", _text_rule(LINE_MAX)
    for field, length_max in (("city", LINE_MAX), ("postal_code", POSTAL_CODE_MAX), ("region", LINE_MAX)):
        if not printable(getattr(address, field), length_max):
            yield field, _text_rule(length_max)


def address_block(address: Address, country: str) -> tuple[str, ...]:
    """The lines of an address in the order of its country, without the country itself."""
    code, region = address.postal_code or "", address.region or ""
    if country not in _CODE_LAST:
        return tuple(line for line in (*address.lines, f"{code} {address.city}".strip(), region) if line)
    tail = f"{region} {code}".strip()
    return (*address.lines, f"{address.city}, {tail}" if tail else address.city)


def entity_problems(entity: Entity) -> Iterator[Broken]:
    """Every rule that a legal entity breaks by itself."""
    if not printable(entity.name, LINE_MAX):
        yield "name", _text_rule(LINE_MAX)
    if not is_country(entity.country):
        yield "country", COUNTRY_RULE
    if not _PREFIX.fullmatch(entity.series_prefix):
        yield "series_prefix", "must be 2 to 12 capital letters or digits, starting with a letter"
    for field in ("registration", "email"):
        if not printable(getattr(entity, field), LINE_MAX):
            yield field, _text_rule(LINE_MAX)
    if entity.address is not None:
        yield from _below("address", address_problems(entity.address))
    yield from _list_problems(entity)
    yield from _currency_problems(entity.currencies)


def _list_problems(entity: Entity) -> Iterator[Broken]:
    for field, length_max in (("tax_ids", TAX_IDS_MAX), ("bank_accounts", BANK_ACCOUNTS_MAX)):
        if len(getattr(entity, field)) > length_max:
            yield field, f"must be at most {length_max}"
    for position, tax_id in enumerate(entity.tax_ids):
        for field in ("scheme", "value"):
            if not printable(getattr(tax_id, field), TAX_ID_MAX):
                yield f"tax_ids[{position}].{field}", _text_rule(TAX_ID_MAX)
    seen: set[str] = set()
    for position, bank in enumerate(entity.bank_accounts):
        yield from _below(f"bank_accounts[{position}]", bank_problems(bank))
        if bank.currency in seen:
            yield f"bank_accounts[{position}].currency", "must differ from every other account's"
        seen.add(bank.currency)


def _currency_problems(currencies: tuple[str, ...]) -> Iterator[Broken]:
    for position, currency in enumerate(currencies):
        if not is_currency(currency):
            yield f"currencies[{position}]", CURRENCY_RULE
        elif currency in currencies[:position]:
            yield f"currencies[{position}]", "must be there once"


def bank_problems(bank: BankAccount) -> Iterator[Broken]:
    """Every rule that a bank account breaks."""
    if not is_currency(bank.currency):
        yield "currency", CURRENCY_RULE
    for field in ("holder", "bank"):
        if not printable(getattr(bank, field), LINE_MAX):
            yield field, _text_rule(LINE_MAX)
    if (bank.iban is None) == (bank.account is None):
        yield "iban", "must be given, or else `account`"
    if bank.iban is not None and not is_iban(bank.iban):
        yield "iban", "must be an IBAN without spaces whose check digits are right"
    if bank.bic is not None and not _BIC.fullmatch(bank.bic):
        yield "bic", "must be a BIC of 8 or 11 capital letters and digits"
    for field in ("account", "routing"):
        value = getattr(bank, field)
        if value is not None and not _NUMBER.fullmatch(value):
            yield field, "must be 2 to 34 digits, capital letters, spaces or hyphens"


def is_iban(text: str) -> bool:
    """Whether a text is an IBAN: its shape, and its check digits (ISO 13616: modulo 97 leaves 1)."""
    turned = text[4:] + text[:4]
    return _IBAN.fullmatch(text) is not None and int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def _below(path: str, problems: Iterator[Broken]) -> Iterator[Broken]:
    return ((f"{path}.{field}", rule) for field, rule in problems)


def _text_rule(length_max: int) -> str:
    return f"must be one line of 1 to {length_max} characters without spaces around it"

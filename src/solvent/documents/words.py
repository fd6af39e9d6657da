"""Words: what all documents on paper say alike, as a reader sees it.

Owns how days, amounts, addresses and countries are written, in English; days and their order as the buyer's country
writes them in English. Does not own which words a document has (`wording`, `credit_wording`), figures (`core`), nor
places and fonts (`invoice.typ`).
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from solvent.core.document_parts import Buyer, DocumentLine, Seller, TaxTotal
from solvent.core.money import format_minor
from solvent.core.party import Address, address_block
from solvent.core.tax import percent

_LETTER_COUNTRIES = "US CA MX CO CL VE PH GT CR SV PA DO PR"  # where paper is US Letter, elsewhere A4
_LETTER = frozenset(_LETTER_COUNTRIES.split())
_INTERNATIONAL = "001"
NBSP = "\u00a0"
_BREAK = "\u200b"
_LONG_WORD = re.compile(r"[^\s\u00a0]{28,}")

Content = dict[str, Any]


def head(number: str, issued_at: datetime, seller: Seller, buyer: Buyer) -> Content:
    """What the template needs of every document beside its own words."""
    return {
        "number": number,
        "paper": "us-letter" if buyer.country in _LETTER else "a4",
        "region": "us" if buyer.country == "US" else "gb",
        "issued": {
            unit: getattr(issued_at, unit) for unit in ("year", "month", "day", "hour", "minute", "second")
        },
        "seller": party(seller.name, seller_lines(seller)),
        "buyer": party(buyer.name, buyer_lines(buyer)),
        "footer": list(footer(seller)),
        "page": "Page",
        "of": "of",
    }


def amount(minor: int, currency: str) -> str:
    """An amount without its currency: 1234550 USD → "12,345.50", with a minus sign, not a hyphen."""
    whole, point, decimals = format_minor(abs(minor), currency).partition(".")
    return f"{'−' if minor < 0 else ''}{int(whole):,}{point}{decimals}"


def money(minor: int, currency: str) -> str:
    """An amount with its currency, which stay on one line."""
    return f"{amount(minor, currency)}{NBSP}{currency}"


class Days:
    """Days as English is written in a country."""

    def __init__(self, country: str) -> None:
        self._locale = _locale(country)

    def long(self, day: date) -> str:
        return format_date(day, "long", self._locale).replace(" ", NBSP)

    def span(self, first: date, last: date) -> str:
        return " – ".join(format_date(d, "medium", self._locale).replace(" ", NBSP) for d in (first, last))


@cache
def _locale(country: str) -> Locale:
    try:
        return Locale("en", country)
    except UnknownLocaleError:
        return Locale("en", _INTERNATIONAL)


def breakable(text: str) -> str:
    """Long words, such as the names of objects, get places at which a line may break."""
    return _LONG_WORD.sub(lambda word: _BREAK.join(word[0]), text)


def party(name: str, lines: Iterable[str]) -> Content:
    """A party as the template places it."""
    return {"name": breakable(name), "lines": [breakable(line) for line in lines]}


def _country(code: str) -> str:
    return str(Locale("en").territories.get(code, code))


def _place(address: Address | None, country: str) -> Iterator[str]:
    if address is not None:
        yield from address_block(address, country)
    yield _country(country)


def seller_lines(seller: Seller) -> Iterator[str]:
    """What stands below the name of who bills."""
    yield from _place(seller.address, seller.country)
    if seller.email is not None:
        yield seller.email
    yield from (f"{tax.scheme} {tax.value}" for tax in seller.tax_ids)


def buyer_lines(buyer: Buyer) -> Iterator[str]:
    """What stands below the name of who is billed."""
    yield from _place(buyer.address, buyer.country)
    yield buyer.email
    if buyer.tax_id is not None:
        yield f"Tax number {buyer.tax_id}"


def line_row(line: DocumentLine, currency: str, days: Days) -> dict[str, str | bool | None]:
    """One line as the template places it. A discount stands below its line, whose quantity and time are its own."""
    has_period = line.first is not None and line.last is not None and not line.lowers
    return {
        "description": breakable(line.description),
        "period": days.span(line.first, line.last) if has_period else None,  # type: ignore[arg-type]
        "explanation": breakable("; ".join([line.explanation, *(tax.explanation for tax in line.taxes)])),
        "quantity": "" if line.lowers else f"{line.quantity:,}",
        "amount": amount(line.amount, currency),
        "lowers": line.lowers,
    }


def row(label: str, text: str, *, strong: bool = False, rule: bool = False) -> dict[str, Any]:
    """One row of the totals."""
    return {"label": label, "amount": text, "strong": strong, "rule": rule}


def tax_label(tax: TaxTotal, currency: str) -> str:
    """What a tax is called on the whole document, or why none is charged."""
    if tax.note:
        return tax.note[:1].upper() + tax.note[1:]
    return f"{tax.name} {percent(tax.ppm).replace(' ', NBSP)} on {money(tax.base, currency)}"


def footer(seller: Seller) -> Iterator[str]:
    """What stays readable on every page: who bills, and where it is registered."""
    yield seller.name
    if seller.registration is not None:
        yield seller.registration

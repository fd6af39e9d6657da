"""Words: what all documents on paper say alike, as a reader sees it.

Owns how days, amounts, addresses and countries are written in the language of a document; days and their order as the
buyer's country writes them in that language. Does not own labels (`labels` and its languages), which of them a document
has (`wording`, `credit_wording`), what lines say (`core.phrase`), figures (`core`), nor places and fonts
(`invoice.typ`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from solvent.core.document_parts import Buyer, DocumentLine, Seller, TaxTotal
from solvent.core.language import Language
from solvent.core.money import format_minor
from solvent.core.party import Address, address_block
from solvent.core.percent import percent
from solvent.core.phrase import Text, spoken
from solvent.documents import labels_de, labels_en
from solvent.documents.labels import Labels

_LETTER_COUNTRIES = "US CA MX CO CL VE PH GT CR SV PA DO PR"  # where paper is US Letter, elsewhere A4
_LETTER = frozenset(_LETTER_COUNTRIES.split())
_LABELS: Mapping[Language, Labels] = {Language.EN: labels_en.LABELS, Language.DE: labels_de.LABELS}
_INTERNATIONAL = {
    Language.EN: "001",
    Language.DE: "DE",
}  # as it is written where a country does not say otherwise
# Of whole numbers and decimals; amounts of one language are written alike everywhere, as in the lines' explanations.
_MARKS = {Language.EN: str.maketrans({}), Language.DE: str.maketrans({",": ".", ".": ","})}
NBSP = "\u00a0"
_BREAK = "\u200b"
_LONG_WORD = re.compile(r"[^\s\u00a0]{28,}")

Content = dict[str, Any]


class Pen:
    """How a document writes: in its language, for a buyer's country."""

    def __init__(self, language: Language, country: str) -> None:
        self.labels = _LABELS[language]
        self.language = language
        self._locale = _locale(language, country)

    def say(self, text: Text) -> str:
        """What a line says."""
        return spoken(text, self.language)

    def number(self, value: int) -> str:
        """A whole number."""
        return f"{value:,}".translate(_MARKS[self.language])

    def amount(self, minor: int, currency: str) -> str:
        """An amount without its currency: 1234550 USD → "12,345.50", with a minus sign, not a hyphen."""
        whole, point, decimals = format_minor(abs(minor), currency).partition(".")
        written = f"{int(whole):,}{point}{decimals}".translate(_MARKS[self.language])
        return f"{'−' if minor < 0 else ''}{written}"

    def money(self, minor: int, currency: str) -> str:
        """An amount with its currency, which stay on one line."""
        return f"{self.amount(minor, currency)}{NBSP}{currency}"

    def share(self, ppm: int) -> str:
        """Parts per million as a percentage, which stays on one line."""
        return percent(ppm).translate(_MARKS[self.language]).replace(" ", NBSP)

    def long(self, day: date) -> str:
        """A day, with its month as a word."""
        return format_date(day, "long", self._locale).replace(" ", NBSP)

    def span(self, first: date, last: date) -> str:
        """From a day to another."""
        return " – ".join(format_date(d, "medium", self._locale).replace(" ", NBSP) for d in (first, last))

    def country(self, code: str) -> str:
        """A country's name."""
        return str(Locale(self.language).territories.get(code, code))


@cache
def _locale(language: Language, country: str) -> Locale:
    try:
        return Locale(language, country)
    except UnknownLocaleError:
        return Locale(language, _INTERNATIONAL[language])


def head(number: str, issued_at: datetime, seller: Seller, buyer: Buyer, pen: Pen) -> Content:
    """What the template needs of every document beside its own words."""
    return {
        "number": number,
        "paper": "us-letter" if buyer.country in _LETTER else "a4",
        "language": pen.language.value,
        "region": _region(pen.language, buyer.country),
        "issued": {
            unit: getattr(issued_at, unit) for unit in ("year", "month", "day", "hour", "minute", "second")
        },
        "seller": party(seller.name, seller_lines(seller, pen)),
        "buyer": party(buyer.name, buyer_lines(buyer, pen)),
        "footer": list(footer(seller)),
        "page": pen.labels.page,
        "of": pen.labels.of,
    }


def _region(language: Language, country: str) -> str:
    """Whose hyphens and quotation marks a document has."""
    if language is Language.DE:
        return country.lower() if country in ("AT", "CH") else "de"
    return "us" if country == "US" else "gb"


def breakable(text: str) -> str:
    """Long words, such as the names of objects, get places at which a line may break."""
    return _LONG_WORD.sub(lambda word: _BREAK.join(word[0]), text)


def party(name: str, lines: Iterable[str]) -> Content:
    """A party as the template places it."""
    return {"name": breakable(name), "lines": [breakable(line) for line in lines]}


def _place(address: Address | None, country: str, pen: Pen) -> Iterator[str]:
    if address is not None:
        yield from address_block(address, country)
    yield pen.country(country)


def seller_lines(seller: Seller, pen: Pen) -> Iterator[str]:
    """What stands below the name of who bills."""
    yield from _place(seller.address, seller.country, pen)
    if seller.email is not None:
        yield seller.email
    yield from (f"{tax.scheme} {tax.value}" for tax in seller.tax_ids)


def buyer_lines(buyer: Buyer, pen: Pen) -> Iterator[str]:
    """What stands below the name of who is billed."""
    yield from _place(buyer.address, buyer.country, pen)
    yield buyer.email
    if buyer.tax_id is not None:
        yield pen.labels.tax_number.format(number=buyer.tax_id)


def line_row(line: DocumentLine, currency: str, pen: Pen) -> dict[str, str | bool | None]:
    """One line as the template places it. A discount stands below its line, whose quantity and time are its own."""
    has_period = line.first is not None and line.last is not None and not line.lowers
    told = "; ".join(pen.say(text) for text in (line.explanation, *(tax.explanation for tax in line.taxes)))
    return {
        "description": breakable(pen.say(line.description)),
        "period": pen.span(line.first, line.last) if has_period else None,  # type: ignore[arg-type]
        "explanation": breakable(told),
        "quantity": "" if line.lowers else pen.number(line.quantity),
        "amount": pen.amount(line.amount, currency),
        "lowers": line.lowers,
    }


def row(label: str, text: str, *, strong: bool = False, rule: bool = False) -> dict[str, Any]:
    """One row of the totals."""
    return {"label": label, "amount": text, "strong": strong, "rule": rule}


def tax_label(tax: TaxTotal, currency: str, pen: Pen) -> str:
    """What a tax is called on the whole document, or why none is charged."""
    if tax.note:
        note = pen.say(tax.note)
        return note[:1].upper() + note[1:]
    rate = f"{pen.say(tax.name)} {pen.share(tax.ppm)}"
    return pen.labels.tax_on.format(tax=rate, base=pen.money(tax.base, currency))


def footer(seller: Seller) -> Iterator[str]:
    """What stays readable on every page: who bills, and where it is registered."""
    yield seller.name
    if seller.registration is not None:
        yield seller.registration

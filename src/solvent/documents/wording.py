"""Wording: an invoice in words, as a reader sees it.

Owns every label, how days, amounts, addresses and countries are written, and what is left out when there is nothing to
say. English; days and their order as the buyer's country writes them in English. Does not own figures
(`core.document`) nor places and fonts (`invoice.typ`).
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from solvent.core.document import DocumentLine, InvoiceDocument, Settlement, Status, TaxTotal, Transfer
from solvent.core.money import format_minor
from solvent.core.party import Address, address_block
from solvent.core.tax import percent
from solvent.documents.qr import epc_svg

_LETTER_COUNTRIES = "US CA MX CO CL VE PH GT CR SV PA DO PR"  # where paper is US Letter, elsewhere A4
_LETTER = frozenset(_LETTER_COUNTRIES.split())
_INTERNATIONAL = "001"
_NBSP = "\u00a0"
_BREAK = "\u200b"
_LONG_WORD = re.compile(r"[^\s\u00a0]{28,}")

Content = dict[str, Any]


def content(document: InvoiceDocument) -> Content:
    """What the template places, all of it text."""
    days = _Days(document.buyer.country)
    issued = document.issued_at
    return {
        "title": "Invoice",
        "number": document.number,
        "paper": "us-letter" if document.buyer.country in _LETTER else "a4",
        "region": "us" if document.buyer.country == "US" else "gb",
        "issued": {
            unit: getattr(issued, unit) for unit in ("year", "month", "day", "hour", "minute", "second")
        },
        "seller": _party(document.seller.name, _seller_lines(document)),
        "billed": "Billed to",
        "buyer": _party(document.buyer.name, _buyer_lines(document)),
        "facts": [list(row) for row in _facts(document, days)],
        "status": _status(document, days),
        "columns": ["Description", "Quantity", f"Amount ({document.currency})"],
        "lines": [_line(line, document.currency, days) for line in document.lines],
        "totals": list(_totals(document, days)),
        "pay": None if document.transfer is None else _pay(document.transfer),
        "notes": [f"Days begin in the time zone {document.time_zone}."],
        "footer": list(_footer(document)),
        "page": "Page",
        "of": "of",
    }


def amount(minor: int, currency: str) -> str:
    """An amount without its currency: 1234550 USD → "12,345.50", with a minus sign, not a hyphen."""
    whole, point, decimals = format_minor(abs(minor), currency).partition(".")
    return f"{'−' if minor < 0 else ''}{int(whole):,}{point}{decimals}"


def money(minor: int, currency: str) -> str:
    """An amount with its currency, which stay on one line."""
    return f"{amount(minor, currency)}{_NBSP}{currency}"


class _Days:
    """Days as English is written in a country."""

    def __init__(self, country: str) -> None:
        self._locale = _locale(country)

    def long(self, day: date) -> str:
        return format_date(day, "long", self._locale).replace(" ", _NBSP)

    def span(self, first: date, last: date) -> str:
        return " – ".join(format_date(d, "medium", self._locale).replace(" ", _NBSP) for d in (first, last))


@cache
def _locale(country: str) -> Locale:
    try:
        return Locale("en", country)
    except UnknownLocaleError:
        return Locale("en", _INTERNATIONAL)


def _breakable(text: str) -> str:
    """Long words, such as the names of objects, get places at which a line may break."""
    return _LONG_WORD.sub(lambda word: _BREAK.join(word[0]), text)


def _party(name: str, lines: Iterable[str]) -> Content:
    return {"name": _breakable(name), "lines": [_breakable(line) for line in lines]}


def _country(code: str) -> str:
    return str(Locale("en").territories.get(code, code))


def _place(address: Address | None, country: str) -> Iterator[str]:
    if address is not None:
        yield from address_block(address, country)
    yield _country(country)


def _seller_lines(document: InvoiceDocument) -> Iterator[str]:
    seller = document.seller
    yield from _place(seller.address, seller.country)
    if seller.email is not None:
        yield seller.email
    yield from (f"{tax.scheme} {tax.value}" for tax in seller.tax_ids)


def _buyer_lines(document: InvoiceDocument) -> Iterator[str]:
    buyer = document.buyer
    yield from _place(buyer.address, buyer.country)
    yield buyer.email
    if buyer.tax_id is not None:
        yield f"Tax number {buyer.tax_id}"


def _facts(document: InvoiceDocument, days: _Days) -> Iterator[tuple[str, str]]:
    yield "Invoice number", document.number
    yield "Issued", days.long(document.issued_on)
    if document.terms_days:
        yield "Due", days.long(document.due_on)
        yield "Terms", f"{document.terms_days} days net"


def _status(document: InvoiceDocument, days: _Days) -> dict[str, str]:
    shown, currency = document.totals.open, document.currency
    match document.status:
        case Status.OPEN:
            word = "Open"
            detail = f"Due {days.long(document.due_on)}" if document.terms_days else "Due on receipt"
        case Status.PAID:
            word, shown = "Paid", document.totals.total
            detail = "" if document.settled_on is None else days.long(document.settled_on)
        case Status.RESOLVED:
            word, detail = "Resolved", "Nothing is due"
    return {"word": word, "detail": detail, "amount": money(shown, currency)}


def _line(line: DocumentLine, currency: str, days: _Days) -> dict[str, str | None]:
    has_period = line.first is not None and line.last is not None
    return {
        "description": _breakable(line.description),
        "period": days.span(line.first, line.last) if has_period else None,  # type: ignore[arg-type]
        "explanation": _breakable("; ".join([line.explanation, *(tax.explanation for tax in line.taxes)])),
        "quantity": f"{line.quantity:,}",
        "amount": amount(line.amount, currency),
    }


def _totals(document: InvoiceDocument, days: _Days) -> Iterator[dict[str, Any]]:
    totals, currency = document.totals, document.currency
    if totals.taxes:
        yield _row("Subtotal", money(totals.subtotal, currency))
        for tax in totals.taxes:
            yield _row(_tax_label(tax, currency), money(tax.amount, currency))
    yield _row("Total", money(totals.total, currency), strong=True, rule=bool(totals.taxes))
    if totals.credited:
        yield _row("Credit notes", money(-totals.credited, currency))
    for part in document.settled:
        yield _row(_settlement_label(part, days), money(-part.amount, currency))
    yield _row("Open", money(totals.open, currency), strong=True, rule=True)


def _row(label: str, text: str, *, strong: bool = False, rule: bool = False) -> dict[str, Any]:
    return {"label": label, "amount": text, "strong": strong, "rule": rule}


def _tax_label(tax: TaxTotal, currency: str) -> str:
    if tax.note:
        return tax.note[:1].upper() + tax.note[1:]
    return f"{tax.name} {percent(tax.ppm).replace(' ', _NBSP)} on {money(tax.base, currency)}"


def _settlement_label(part: Settlement, days: _Days) -> str:
    if part.amount < 0:
        return f"{'Returned as account credit' if part.by_credit else 'Refunded'}, {days.long(part.on)}"
    return f"{'Account credit used' if part.by_credit else 'Payment received'}, {days.long(part.on)}"


def _pay(transfer: Transfer) -> dict[str, Any]:
    bank = transfer.to
    rows = [
        ("Amount", money(transfer.amount, bank.currency)),
        ("Reference", transfer.reference),
        ("Account holder", bank.holder),
        ("Bank", bank.bank),
        ("IBAN", None if bank.iban is None else _in_fours(bank.iban)),
        ("BIC", bank.bic),
        ("Account number", bank.account),
        ("Routing code", bank.routing),
    ]
    return {
        "title": "Paying by bank transfer",
        "rows": [[name, value] for name, value in rows if value is not None],
        "qr": epc_svg(transfer),
        "caption": "Scan with a banking app",
    }


def _in_fours(iban: str) -> str:
    return _NBSP.join(iban[at : at + 4] for at in range(0, len(iban), 4))


def _footer(document: InvoiceDocument) -> Iterator[str]:
    """What stays readable on every page: who bills, and where it is registered."""
    yield document.seller.name
    if document.seller.registration is not None:
        yield document.seller.registration

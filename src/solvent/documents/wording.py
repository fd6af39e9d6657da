"""Wording: an invoice in words, as a reader sees it.

Owns every label of an invoice, and what is left out when there is nothing to say. Does not own how days, amounts and
addresses are written (`words`), figures (`core.document`), nor places and fonts (`invoice.typ`).
"""

from collections.abc import Iterator
from typing import Any

from solvent.core.document import InvoiceDocument, Settlement, Status
from solvent.core.document_parts import Transfer
from solvent.documents.qr import epc_svg
from solvent.documents.words import NBSP, Content, Days, head, line_row, money, row, tax_label


def content(document: InvoiceDocument) -> Content:
    """What the template places, all of it text."""
    days = Days(document.buyer.country)
    return {
        **head(document.number, document.issued_at, document.seller, document.buyer),
        "title": "Invoice",
        "billed": "Billed to",
        "facts": [list(fact) for fact in _facts(document, days)],
        "status": _status(document, days),
        "columns": ["Description", "Quantity", f"Amount ({document.currency})"],
        "lines": [line_row(line, document.currency, days) for line in document.lines],
        "totals": list(_totals(document, days)),
        "pay": None if document.transfer is None else _pay(document.transfer),
        "notes": [*document.notes, f"Days begin in the time zone {document.time_zone}."],
    }


def _facts(document: InvoiceDocument, days: Days) -> Iterator[tuple[str, str]]:
    yield "Invoice number", document.number
    if document.reference is not None:
        yield "Your reference", document.reference
    yield "Issued", days.long(document.issued_on)
    if document.terms_days:
        yield "Due", days.long(document.due_on)
        yield "Terms", f"{document.terms_days} days net"


def _status(document: InvoiceDocument, days: Days) -> dict[str, str]:
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


def _totals(document: InvoiceDocument, days: Days) -> Iterator[dict[str, Any]]:
    totals, currency = document.totals, document.currency
    if totals.taxes:
        yield row("Subtotal", money(totals.subtotal, currency))
        for tax in totals.taxes:
            yield row(tax_label(tax, currency), money(tax.amount, currency))
    yield row("Total", money(totals.total, currency), strong=True, rule=bool(totals.taxes))
    for note in document.credit_notes:
        yield row(f"Credit note {note.number}, {days.long(note.on)}", money(-note.amount, currency))
    for part in document.settled:
        yield row(_settlement_label(part, days), money(-part.amount, currency))
    yield row("Open", money(totals.open, currency), strong=True, rule=True)


def _settlement_label(part: Settlement, days: Days) -> str:
    if part.by_dispute:
        return f"{'Charged back' if part.amount < 0 else 'Dispute decided'}, {days.long(part.on)}"
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
    return NBSP.join(iban[at : at + 4] for at in range(0, len(iban), 4))

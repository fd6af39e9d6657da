"""Wording: an invoice in words, as a reader sees it.

Owns which labels an invoice has, and what is left out when there is nothing to say. Does not own the labels (`labels`),
how days, amounts and addresses are written (`words`), figures (`core.document`), nor places and fonts (`invoice.typ`).
"""

from collections.abc import Iterator
from typing import Any

from solvent.core.document import InvoiceDocument, Settlement, Status
from solvent.core.document_parts import Transfer
from solvent.documents.qr import epc_svg
from solvent.documents.words import NBSP, Content, Pen, head, line_row, row, tax_label


def content(document: InvoiceDocument) -> Content:
    """What the template places, all of it text."""
    pen = Pen(document.language, document.buyer.country)
    labels = pen.labels
    return {
        **head(document.number, document.issued_at, document.seller, document.buyer, pen),
        "title": labels.invoice,
        "billed": labels.billed_to,
        "facts": [list(fact) for fact in _facts(document, pen)],
        "status": _status(document, pen),
        "columns": [
            labels.description,
            labels.quantity,
            labels.amount_in.format(currency=document.currency),
        ],
        "lines": [line_row(line, document.currency, pen) for line in document.lines],
        "totals": list(_totals(document, pen)),
        "pay": None if document.transfer is None else _pay(document.transfer, pen),
        "notes": [*document.notes, labels.time_zone.format(zone=document.time_zone)],
    }


def _facts(document: InvoiceDocument, pen: Pen) -> Iterator[tuple[str, str]]:
    labels = pen.labels
    yield labels.invoice_number, document.number
    if document.reference is not None:
        yield labels.your_reference, document.reference
    yield labels.issued, pen.long(document.issued_on)
    if document.terms_days:
        yield labels.due, pen.long(document.due_on)
        yield labels.terms, labels.net_days.format(days=document.terms_days)


def _status(document: InvoiceDocument, pen: Pen) -> dict[str, str]:
    shown, currency, labels = document.totals.open, document.currency, pen.labels
    match document.status:
        case Status.OPEN:
            word, due = labels.open, labels.due_on.format(day=pen.long(document.due_on))
            detail = due if document.terms_days else labels.on_receipt
        case Status.PAID:
            word, shown = labels.paid, document.totals.total
            detail = "" if document.settled_on is None else pen.long(document.settled_on)
        case Status.RESOLVED:
            word, detail = labels.resolved, labels.nothing_due
    return {"word": word, "detail": detail, "amount": pen.money(shown, currency)}


def _totals(document: InvoiceDocument, pen: Pen) -> Iterator[dict[str, Any]]:
    totals, currency, labels = document.totals, document.currency, pen.labels
    if totals.taxes:
        yield row(labels.subtotal, pen.money(totals.subtotal, currency))
        for tax in totals.taxes:
            yield row(tax_label(tax, currency, pen), pen.money(tax.amount, currency))
    yield row(labels.total, pen.money(totals.total, currency), strong=True, rule=bool(totals.taxes))
    for note in document.credit_notes:
        label = labels.credited_by.format(number=note.number, day=pen.long(note.on))
        yield row(label, pen.money(-note.amount, currency))
    for part in document.settled:
        label = f"{_settlement_label(part, pen)}, {pen.long(part.on)}"
        yield row(label, pen.money(-part.amount, currency))
    yield row(labels.open, pen.money(totals.open, currency), strong=True, rule=True)


def _settlement_label(part: Settlement, pen: Pen) -> str:
    labels = pen.labels
    if part.by_dispute:
        return labels.charged_back if part.amount < 0 else labels.dispute_decided
    if part.amount < 0:
        return labels.returned_as_credit if part.by_credit else labels.refunded
    return labels.credit_used if part.by_credit else labels.payment


def _pay(transfer: Transfer, pen: Pen) -> dict[str, Any]:
    bank, labels = transfer.to, pen.labels
    rows = [
        (labels.amount, pen.money(transfer.amount, bank.currency)),
        (labels.reference, transfer.reference),
        (labels.holder, bank.holder),
        (labels.bank, bank.bank),
        ("IBAN", None if bank.iban is None else _in_fours(bank.iban)),
        ("BIC", bank.bic),
        (labels.account_number, bank.account),
        (labels.routing, bank.routing),
    ]
    return {
        "title": labels.transfer,
        "rows": [[name, value] for name, value in rows if value is not None],
        "qr": epc_svg(transfer),
        "caption": labels.scan,
    }


def _in_fours(iban: str) -> str:
    return NBSP.join(iban[at : at + 4] for at in range(0, len(iban), 4))

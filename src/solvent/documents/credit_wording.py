"""Credit wording: a credit note in words, as a reader sees it.

Owns which labels a credit note has, and what is left out when there is nothing to say. Does not own the labels
(`labels`), how days, amounts and addresses are written (`words`), figures (`core.credit_document`), nor places and
fonts (`invoice.typ`).
"""

from collections.abc import Iterator
from typing import Any

from solvent.core.credit_document import CreditNoteDocument
from solvent.documents.words import Content, Pen, breakable, head, line_row, row, tax_label


def content(document: CreditNoteDocument) -> Content:
    """What the template places, all of it text."""
    pen = Pen(document.language, document.buyer.country)
    labels = pen.labels
    to_invoice = labels.to_invoice.format(number=document.invoice_number)
    return {
        **head(document.number, document.issued_at, document.seller, document.buyer, pen),
        "title": labels.credit_note,
        "billed": labels.issued_to,
        "facts": [
            [labels.credit_note, document.number],
            [labels.issued, pen.long(document.issued_on)],
            [labels.for_invoice, document.invoice_number],
            [labels.invoice_of, pen.long(document.invoice_issued_on)],
        ],
        "status": {
            "word": labels.credited,
            "detail": to_invoice,
            "amount": pen.money(document.total, document.currency),
        },
        "columns": [labels.description, "", labels.amount_in.format(currency=document.currency)],
        "lines": [line_row(line, document.currency, pen) | {"quantity": ""} for line in document.lines],
        "totals": list(_totals(document, pen)),
        "pay": None,
        "notes": [
            breakable(labels.reason.format(reason=document.reason)),
            labels.time_zone.format(zone=document.time_zone),
        ],
    }


def _totals(document: CreditNoteDocument, pen: Pen) -> Iterator[dict[str, Any]]:
    currency, labels = document.currency, pen.labels
    if document.taxes:
        yield row(labels.subtotal, pen.money(document.subtotal, currency))
        for tax in document.taxes:
            yield row(tax_label(tax, currency, pen), pen.money(tax.amount, currency))
    total = pen.money(document.total, currency)
    yield row(labels.total_credited, total, strong=True, rule=bool(document.taxes))
    ways = (
        (labels.set_off.format(number=document.invoice_number), document.to_debt),
        (labels.to_method, document.to_refund),
        (labels.to_credit, document.to_credit),
    )
    given = [(label, amount) for label, amount in ways if amount]
    for position, (label, amount) in enumerate(given):
        yield row(label, pen.money(amount, currency), rule=position == 0)

"""Credit wording: a credit note in words, as a reader sees it.

Owns every label of a credit note, and what is left out when there is nothing to say. Does not own how days, amounts and
addresses are written (`words`), figures (`core.credit_document`), nor places and fonts (`invoice.typ`).
"""

from collections.abc import Iterator
from typing import Any

from solvent.core.credit_document import CreditNoteDocument
from solvent.documents.words import Content, Days, breakable, head, line_row, money, row, tax_label


def content(document: CreditNoteDocument) -> Content:
    """What the template places, all of it text."""
    days = Days(document.buyer.country)
    credited = {"word": "Credited", "detail": f"to invoice {document.invoice_number}"}
    return {
        **head(document.number, document.issued_at, document.seller, document.buyer),
        "title": "Credit note",
        "billed": "Issued to",
        "facts": [
            ["Credit note", document.number],
            ["Issued", days.long(document.issued_on)],
            ["For invoice", document.invoice_number],
            ["Invoice of", days.long(document.invoice_issued_on)],
        ],
        "status": {**credited, "amount": money(document.total, document.currency)},
        "columns": ["Description", "", f"Amount ({document.currency})"],
        "lines": [line_row(line, document.currency, days) | {"quantity": ""} for line in document.lines],
        "totals": list(_totals(document)),
        "pay": None,
        "notes": [
            breakable(f"Reason: {document.reason}"),
            f"Days begin in the time zone {document.time_zone}.",
        ],
    }


def _totals(document: CreditNoteDocument) -> Iterator[dict[str, Any]]:
    currency = document.currency
    if document.taxes:
        yield row("Subtotal", money(document.subtotal, currency))
        for tax in document.taxes:
            yield row(tax_label(tax, currency), money(tax.amount, currency))
    yield row("Total credited", money(document.total, currency), strong=True, rule=bool(document.taxes))
    ways = (
        (f"Set off against invoice {document.invoice_number}", document.to_debt),
        ("Refunded to the method of payment", document.to_refund),
        ("Added to the account\u2019s credit", document.to_credit),
    )
    given = [(label, amount) for label, amount in ways if amount]
    for position, (label, amount) in enumerate(given):
        yield row(label, money(amount, currency), rule=position == 0)

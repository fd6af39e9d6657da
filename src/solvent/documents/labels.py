"""Labels: every word that a document on paper has beside what its lines say, in one language.

Owns which words there are. Does not own the words (`labels_en`, `labels_de`), nor when each is used (`wording`,
`credit_wording`).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The words of one language; what stands in braces is put in."""

    page: str
    of: str
    tax_number: str
    tax_on: str
    time_zone: str
    description: str
    quantity: str
    amount_in: str
    issued: str
    subtotal: str
    total: str

    invoice: str
    billed_to: str
    invoice_number: str
    your_reference: str
    due: str
    terms: str
    net_days: str
    open: str
    due_on: str
    on_receipt: str
    paid: str
    resolved: str
    nothing_due: str
    credited_by: str
    charged_back: str
    dispute_decided: str
    returned_as_credit: str
    refunded: str
    credit_used: str
    payment: str

    transfer: str
    amount: str
    reference: str
    holder: str
    bank: str
    account_number: str
    routing: str
    scan: str

    credit_note: str
    issued_to: str
    for_invoice: str
    invoice_of: str
    credited: str
    to_invoice: str
    reason: str
    total_credited: str
    set_off: str
    to_method: str
    to_credit: str

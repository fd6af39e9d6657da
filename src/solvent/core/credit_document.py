"""Credit document: a credit note as it is printed or sent, as one value.

Owns what a credit note says: which invoice it lowers, line by line and with each tax, and what becomes of it. It
is computed from committed facts alone, and never changes. Does not own the parts of a credit note (`credit_note`), what
invoices say alike (`document_parts`), the e-invoice (`einvoice`), nor words and places on paper (`solvent.documents`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from solvent.core.account import Account
from solvent.core.credit_note import CreditLine
from solvent.core.document_parts import (
    Buyer,
    DocumentLine,
    Seller,
    TaxTotal,
    buyer_of,
    day_in,
    days_of,
    seller_of,
    tax_totals,
)
from solvent.core.invoice import Invoice
from solvent.core.language import Language
from solvent.core.party import Entity
from solvent.core.phrase import Phrase, Sentence, listed


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCreditNote:
    """A credit note as it was issued, minor units: `amount` = `to_debt` + `to_refund` + `to_credit`."""

    number: str
    currency: str
    amount: int
    to_debt: int
    to_refund: int
    to_credit: int
    reason: str
    issued_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteFacts:
    """What is committed about one credit note, read in one moment; `entity` is as it was when it was issued. `charged`
    is what the line of the invoice that each of the `lines` is of had charged, without tax."""

    note: IssuedCreditNote
    lines: tuple[CreditLine, ...]
    charged: tuple[int, ...]
    invoice: Invoice
    account: Account
    entity: Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteDocument:
    """Everything that a credit note says. Amounts are minor units of `currency`; days are those of `time_zone`.

    `subtotal` + the amounts of `taxes` = `total` = `to_debt` + `to_refund` + `to_credit`. It speaks the `language`
    of its invoice.
    """

    number: str
    currency: str
    time_zone: str
    issued_at: datetime
    issued_on: date
    invoice_number: str
    invoice_issued_on: date
    reason: str
    seller: Seller
    buyer: Buyer
    lines: tuple[DocumentLine, ...]
    subtotal: int
    taxes: tuple[TaxTotal, ...]
    total: int
    to_debt: int
    to_refund: int
    to_credit: int
    language: Language


def of_credit_note(facts: CreditNoteFacts) -> CreditNoteDocument:
    """The document of a credit note. The buyer is whom the invoice was issued for: its tax is given back."""
    note, zone = facts.note, ZoneInfo(facts.account.time_zone)
    subtotal, tax = sum(line.net for line in facts.lines), sum(line.tax for line in facts.lines)
    if subtotal + tax != note.amount:
        raise ValueError(
            f"credit note {note.number}: amount {note.amount} must be what its lines come to: {subtotal} + {tax}"
        )
    return CreditNoteDocument(
        number=note.number,
        currency=note.currency,
        time_zone=facts.account.time_zone,
        issued_at=note.issued_at,
        issued_on=day_in(zone, note.issued_at),
        invoice_number=facts.invoice.number,
        invoice_issued_on=day_in(zone, facts.invoice.issued_at),
        reason=note.reason,
        seller=seller_of(facts.entity, [line.taxes for line in facts.lines]),
        buyer=buyer_of(facts.account, facts.invoice.issued_at),
        lines=tuple(
            _line(line, charged, note.currency, zone)
            for line, charged in zip(facts.lines, facts.charged, strict=True)
        ),
        subtotal=subtotal,
        taxes=tax_totals([line.taxes for line in facts.lines]),
        total=note.amount,
        to_debt=note.to_debt,
        to_refund=note.to_refund,
        to_credit=note.to_credit,
        language=facts.invoice.language,
    )


def _line(line: CreditLine, charged: int, currency: str, zone: ZoneInfo) -> DocumentLine:
    first, last, through = days_of(line.period, zone)
    part = Phrase(Sentence.OF_LINE, (line.position, line.net, charged, currency))
    return DocumentLine(
        description=line.description,
        explanation=part if line.explanation is None else listed(part, line.explanation),
        quantity=1,
        amount=line.net,
        first=first,
        last=last,
        through=through,
        taxes=line.taxes,
    )

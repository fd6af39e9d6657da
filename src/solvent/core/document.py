"""Document: an invoice as it is printed or sent, as one value.

Owns what an invoice says: parties, dates in the account's days, lines, totals, what has been settled and how, what is
open and where to pay it. It is computed from committed facts alone, so that the same facts always give the same
document. Does not own the facts (`invoice`, `ledger`), what credit notes say alike (`document_parts`), the e-invoice
(`einvoice`), nor words, fonts and places on paper (`solvent.documents`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from solvent.core.account import Account
from solvent.core.document_parts import (
    Buyer,
    DocumentLine,
    Seller,
    TaxTotal,
    Transfer,
    buyer_of,
    day_in,
    days_of,
    seller_of,
    tax_totals,
)
from solvent.core.invoice import Invoice, Line, LineKind
from solvent.core.language import Language
from solvent.core.ledger import CREDIT_ACCOUNTS, DISPUTES
from solvent.core.party import Entity

EPC_CURRENCY = "EUR"
EPC_AMOUNT_MAX = 999_999_999_99  # EPC069-12 §3: amounts from 0.01 to 999,999,999.99


class Status(StrEnum):
    """How an invoice stands. RESOLVED: nothing is owed, and neither payment nor credit was needed for that."""

    OPEN = "open"
    PAID = "paid"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """A part of an invoice that was settled on a day: by the account's credit, by a payment, or (`by_dispute`) by one
    that came back; negative: given back, or charged back."""

    by_credit: bool
    amount: int
    on: date
    by_dispute: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditedBy:
    """A credit note of the invoice: of `amount`, `to_debt` lowered what was owed."""

    number: str
    amount: int
    to_debt: int
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Minor units: `subtotal` + the amounts of `taxes` = `total`; that − `credited` − `credit_used` − `paid` = `open`.

    What credit notes gave back of `credit_used` and `paid` is taken from them.
    """

    subtotal: int
    taxes: tuple[TaxTotal, ...]
    total: int
    credit_used: int
    paid: int
    open: int
    credited: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A posting that settled an invoice: where it came from, minor units (negative: given back, and where to), and when
    it was booked."""

    debit: str
    amount: int
    booked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """A credit note of an invoice, in minor units: of `amount`, `to_debt` lowered what was owed."""

    number: str
    amount: int
    to_debt: int
    issued_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFacts:
    """What is committed about one invoice, read in one moment."""

    invoice: Invoice
    lines: tuple[Line, ...]
    account: Account
    entity: Entity
    settled: tuple[Settled, ...]
    credited: tuple[Credited, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDocument:
    """Everything that an invoice says. Amounts are minor units of `currency`; days are those of `time_zone`.
    `reference` is the customer's own; `notes` are the merchant's, line by line. It speaks the `language`
    that the account had when it was issued."""

    number: str
    status: Status
    currency: str
    time_zone: str
    issued_at: datetime
    issued_on: date
    due_on: date
    terms_days: int
    settled_on: date | None
    seller: Seller
    buyer: Buyer
    lines: tuple[DocumentLine, ...]
    totals: Totals
    settled: tuple[Settlement, ...]
    credit_notes: tuple[CreditedBy, ...]
    transfer: Transfer | None
    reference: str | None = None
    notes: tuple[str, ...] = ()
    language: Language = Language.EN


def of_invoice(facts: InvoiceFacts) -> InvoiceDocument:
    """The document of an invoice as it now stands."""
    invoice, zone = facts.invoice, ZoneInfo(facts.account.time_zone)
    settlements = tuple(_settlement(fact, zone) for fact in facts.settled)
    issued_on, due_on = day_in(zone, invoice.issued_at), day_in(zone, invoice.due_at)
    status = _status(invoice)
    return InvoiceDocument(
        number=invoice.number,
        status=status,
        currency=invoice.currency,
        time_zone=facts.account.time_zone,
        issued_at=invoice.issued_at,
        issued_on=issued_on,
        due_on=due_on,
        terms_days=(due_on - issued_on).days,
        settled_on=max((s.on for s in settlements), default=None) if status is Status.PAID else None,
        seller=seller_of(facts.entity, [line.taxes for line in facts.lines]),
        buyer=buyer_of(facts.account, invoice.issued_at),
        lines=tuple(_line(line, zone) for line in facts.lines),
        totals=_totals(invoice, facts.lines, settlements),
        settled=settlements,
        credit_notes=tuple(_credited(fact, zone) for fact in facts.credited),
        transfer=_transfer(invoice, facts.entity),
        reference=invoice.reference,
        language=invoice.language,
        notes=tuple(line for line in (invoice.notes or "").split("\n") if line.strip()),
    )


def _status(invoice: Invoice) -> Status:
    if invoice.debt:
        return Status.OPEN
    spotless = invoice.credited == invoice.charged_back == 0
    return Status.PAID if invoice.paid and spotless else Status.RESOLVED


def _line(line: Line, zone: ZoneInfo) -> DocumentLine:
    first, last, through = days_of(line.period, zone)
    return DocumentLine(
        description=line.description,
        explanation=line.explanation,
        quantity=line.quantity,
        amount=line.net,
        first=first,
        last=last,
        through=through,
        taxes=line.taxes,
        lowers=line.kind is LineKind.DISCOUNT,
    )


def _settlement(fact: Settled, zone: ZoneInfo) -> Settlement:
    return Settlement(
        by_credit=fact.debit in CREDIT_ACCOUNTS,
        by_dispute=fact.debit == DISPUTES,
        amount=fact.amount,
        on=day_in(zone, fact.booked_at),
    )


def _credited(fact: Credited, zone: ZoneInfo) -> CreditedBy:
    return CreditedBy(
        number=fact.number, amount=fact.amount, to_debt=fact.to_debt, on=day_in(zone, fact.issued_at)
    )


def _totals(invoice: Invoice, lines: Sequence[Line], settlements: Sequence[Settlement]) -> Totals:
    """L7: the document shows the invoice's own total and debt; lines and postings must come to the same."""
    subtotal, tax = sum(line.net for line in lines), sum(line.tax for line in lines)
    credit_used = sum(s.amount for s in settlements if s.by_credit)
    paid = sum(s.amount for s in settlements if not s.by_credit)
    if (subtotal + tax, tax, credit_used + paid) != (invoice.total, invoice.tax, invoice.paid):
        raise ValueError(
            f"invoice {invoice.number}: total {invoice.total} and paid {invoice.paid} must be what its lines "
            f"({subtotal} + {tax}) and postings ({credit_used} + {paid}) come to"
        )
    return Totals(
        subtotal=subtotal,
        taxes=tax_totals([line.taxes for line in lines]),
        total=invoice.total,
        credit_used=credit_used,
        paid=paid,
        open=invoice.debt,
        credited=invoice.credited,
    )


def _transfer(invoice: Invoice, entity: Entity) -> Transfer | None:
    """Where to transfer what is open, if the legal entity takes transfers of that currency."""
    bank = entity.bank_account(invoice.currency)
    if not invoice.debt or bank is None:
        return None
    epc = bank.iban is not None and bank.currency == EPC_CURRENCY and invoice.debt <= EPC_AMOUNT_MAX
    return Transfer(to=bank, amount=invoice.debt, reference=invoice.number, epc=epc)

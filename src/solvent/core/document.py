"""Document: an invoice as it is printed or sent, as one value.

Owns what a money document says: parties, dates in the account's days, lines, totals, what has been settled and how,
what is open and where to pay it. It is computed from committed facts alone, so that the same facts always give the same
document. Tax has its place in every line and in the totals, and is empty until invoices carry tax. Does not own the
facts (`invoice`, `ledger`), nor words, fonts and places on paper (`solvent.documents`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from solvent.core.account import Account
from solvent.core.invoice import Invoice, Line
from solvent.core.ledger import CUSTOMER_CREDIT
from solvent.core.party import Address, BankAccount, Entity, TaxId

EPC_CURRENCY = "EUR"
EPC_AMOUNT_MAX = 999_999_999_99  # EPC069-12 §3: amounts from 0.01 to 999,999,999.99


class Status(StrEnum):
    """How an invoice stands. RESOLVED: nothing is owed, and neither payment nor credit was needed for that."""

    OPEN = "open"
    PAID = "paid"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxShare:
    """Tax at one rate: `amount` on `base`, both in minor units; `rate_bp` in hundredths of a per cent."""

    name: str
    rate_bp: int
    base: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """One line; `amount` is without the tax beside it. The period's days are local: from `first` to `last`, on which
    the next one begins."""

    description: str
    explanation: str
    quantity: int
    amount: int
    first: date | None
    last: date | None
    tax: tuple[TaxShare, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """A part of an invoice that was settled on a day: by the account's credit, or by a payment."""

    by_credit: bool
    amount: int
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Minor units: `subtotal` + `tax` = `total`; `total` − `credit_used` − `paid` = `open`."""

    subtotal: int
    tax: tuple[TaxShare, ...]
    total: int
    credit_used: int
    paid: int
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """How to pay what is open by hand. `epc`: a SEPA credit transfer that a QR code can describe (EPC069-12)."""

    to: BankAccount
    amount: int
    reference: str
    epc: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """The legal entity that bills, as it was when the invoice was issued."""

    name: str
    country: str
    address: Address | None
    registration: str | None
    tax_ids: tuple[TaxId, ...]
    email: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """The customer."""

    name: str
    country: str
    email: str
    address: Address | None
    tax_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A posting that lowered the receivable of an invoice: its debit side, minor units, and when it was booked."""

    debit: str
    amount: int
    booked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFacts:
    """What is committed about one invoice, read in one moment."""

    invoice: Invoice
    lines: tuple[Line, ...]
    account: Account
    entity: Entity
    settled: tuple[Settled, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDocument:
    """Everything that an invoice says. Amounts are minor units of `currency`; days are those of `time_zone`."""

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
    transfer: Transfer | None


def of_invoice(facts: InvoiceFacts) -> InvoiceDocument:
    """The document of an invoice as it now stands."""
    invoice, zone = facts.invoice, ZoneInfo(facts.account.time_zone)
    settlements = tuple(_settlement(fact, zone) for fact in facts.settled)
    issued_on, due_on = _day(invoice.issued_at, zone), _day(invoice.due_at, zone)
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
        seller=_seller(facts.entity),
        buyer=_buyer(facts.account),
        lines=tuple(_line(line, zone) for line in facts.lines),
        totals=_totals(invoice, facts.lines, settlements),
        settled=settlements,
        transfer=_transfer(invoice, facts.entity),
    )


def _status(invoice: Invoice) -> Status:
    if invoice.debt:
        return Status.OPEN
    return Status.PAID if invoice.paid else Status.RESOLVED


def _line(line: Line, zone: ZoneInfo) -> DocumentLine:
    return DocumentLine(
        description=line.description,
        explanation=line.explanation,
        quantity=line.quantity,
        amount=line.amount,
        first=None if line.period is None else _day(line.period.start, zone),
        last=None if line.period is None else _day(line.period.end, zone),
    )


def _settlement(fact: Settled, zone: ZoneInfo) -> Settlement:
    return Settlement(
        by_credit=fact.debit == CUSTOMER_CREDIT, amount=fact.amount, on=_day(fact.booked_at, zone)
    )


def _totals(invoice: Invoice, lines: Sequence[Line], settlements: Sequence[Settlement]) -> Totals:
    """L7: the document shows the invoice's own total and debt; lines and postings must come to the same."""
    subtotal = sum(line.amount for line in lines)
    credit_used = sum(s.amount for s in settlements if s.by_credit)
    paid = sum(s.amount for s in settlements if not s.by_credit)
    if (subtotal, credit_used + paid) != (invoice.total, invoice.paid):
        raise ValueError(
            f"invoice {invoice.number}: total {invoice.total} and paid {invoice.paid} must be what its lines "
            f"({subtotal}) and postings ({credit_used} + {paid}) come to"
        )
    return Totals(
        subtotal=subtotal,
        tax=(),
        total=invoice.total,
        credit_used=credit_used,
        paid=paid,
        open=invoice.debt,
    )


def _transfer(invoice: Invoice, entity: Entity) -> Transfer | None:
    """Where to transfer what is open, if the legal entity takes transfers of that currency."""
    bank = entity.bank_account(invoice.currency)
    if not invoice.debt or bank is None:
        return None
    epc = bank.iban is not None and bank.currency == EPC_CURRENCY and invoice.debt <= EPC_AMOUNT_MAX
    return Transfer(to=bank, amount=invoice.debt, reference=invoice.number, epc=epc)


def _seller(entity: Entity) -> Seller:
    return Seller(
        name=entity.name,
        country=entity.country,
        address=entity.address,
        registration=entity.registration,
        tax_ids=entity.tax_ids,
        email=entity.email,
    )


def _buyer(account: Account) -> Buyer:
    return Buyer(
        name=account.name,
        country=account.country,
        email=account.email,
        address=account.address,
        tax_id=account.tax_id,
    )


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()

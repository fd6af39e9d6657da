"""Samples: invoices and credit notes to print and to send, made of facts as the store gives them.

Owns no expectation.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from solvent.core.account import Account, Segment
from solvent.core.catalog import Catalog
from solvent.core.credit_document import (
    CreditNoteDocument,
    CreditNoteFacts,
    IssuedCreditNote,
    of_credit_note,
)
from solvent.core.credit_note import CreditLine, by_amount
from solvent.core.document import Credited, InvoiceDocument, InvoiceFacts, Settled, of_invoice
from solvent.core.invoice import Invoice, InvoiceState, Line, LineKind, lower
from solvent.core.party import Address, BankAccount, Entity, TaxId
from solvent.core.period import Period
from solvent.core.plan import Refusal
from solvent.core.proration import Convention
from solvent.core.tax import Rules
from solvent.core.taxing import Taxation, taxed

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
MONTH = Period(start=AT, end=AT + timedelta(days=30))
EUROPE = Entity(
    id="solvent-eu",
    name="Solvent Europe B.V.",
    country="NL",
    series_prefix="SEU",
    address=Address(lines=("Herengracht 182",), city="Amsterdam", postal_code="1016 BR"),
    registration="KvK Amsterdam 12345678",
    tax_ids=(TaxId(scheme="VAT", value="NL004495445B01"),),
    email="billing@solvent.example",
    bank_accounts=(
        BankAccount(
            currency="EUR",
            holder="Solvent Europe B.V.",
            bank="Voorbeeldbank",
            iban="NL91ABNA0417164300",
            bic="ABNANL2A",
        ),
        BankAccount(currency="USD", holder="Solvent Europe B.V.", account="0001 2345", routing="110000000"),
    ),
)
BERLIN = Address(lines=("Unter den Linden 77",), city="Berlin", postal_code="10117")


def account(
    name: str = "Beispiel GmbH",
    *,
    country: str = "DE",
    currency: str = "EUR",
    time_zone: str = "Europe/Berlin",
    address: Address | None = BERLIN,
) -> Account:
    """A customer."""
    return Account(
        id=UUID(int=7),
        segment=Segment.STANDARD,
        currency=currency,
        country=country,
        time_zone=time_zone,
        email="billing@example.com",
        name=name,
        entity=EUROPE.id,
        address=address,
        tax_id="DE123456789",
    )


def line(description: str, amount: int, *, quantity: int = 1, period: Period | None = MONTH) -> Line:
    """A line with an explanation."""
    return Line(
        kind=LineKind.CHARGE,
        description=description,
        amount=amount,
        explanation=f"explained: {description}",
        quantity=quantity,
        period=period,
    )


def invoice(
    *lines: Line, of: Account | None = None, paid: int = 0, credit: int = 0, terms_days: int = 0
) -> InvoiceDocument:
    """The document of an invoice, of which so much was settled: credit at once, money three days later."""
    return of_invoice(issued(*lines, of=of, paid=paid, credit=credit, terms_days=terms_days))


def issued(
    *lines: Line,
    of: Account | None = None,
    entity: Entity = EUROPE,
    rules: Rules | None = None,
    convention: Convention = Convention(),  # noqa: B008 - a frozen value
    paid: int = 0,
    credit: int = 0,
    terms_days: int = 0,
) -> InvoiceFacts:
    """The facts of an invoice whose lines are taxed by `rules`, with its entity as their one seller."""
    buyer = replace(of or account(), entity=entity.id)
    if rules is not None:
        (seller,) = rules.sellers.values()
        catalog = Catalog(products={}, prices={}, taxes=replace(rules, sellers={entity.id: seller}))
        taxation = Taxation(account=buyer, catalog=catalog, convention=convention, at=AT)
        lines = taxed(lines, taxation, buyer.currency)
    total = sum(each.gross for each in lines)
    by_credit = Settled(debit="customer_credit", amount=credit, booked_at=AT)
    by_money = Settled(debit="cash:sandbox", amount=paid, booked_at=AT + timedelta(days=3))
    issued = Invoice(
        id=UUID(int=9),
        account_id=buyer.id,
        subscription_id=None,
        number=f"{entity.series_prefix}-07-000042",
        state=InvoiceState.PAID if paid + credit == total else InvoiceState.OPEN,
        currency=buyer.currency,
        tax=sum(each.tax for each in lines),
        total=total,
        paid=paid + credit,
        issued_at=AT,
        due_at=AT + timedelta(days=terms_days),
        version=1,
    )
    settled = tuple(each for each in (by_credit, by_money) if each.amount)
    return InvoiceFacts(invoice=issued, lines=lines, account=buyer, entity=entity, settled=settled)


def note_facts(facts: InvoiceFacts, amount: int, number: int = 1) -> CreditNoteFacts:
    """A credit note of `amount` after those that the invoice has. What is beyond the debt is refunded as far as it is
    even; the rest becomes account credit."""
    taken: dict[int, int] = {}
    for earlier in facts.credited:
        for part in _parts(facts.lines, taken, earlier.amount):
            taken[part.position] = taken.get(part.position, 0) + part.amount
    to_debt = min(amount, facts.invoice.debt)
    to_refund = (amount - to_debt) // 2 * 2
    note = IssuedCreditNote(
        number=f"SEU-CN-07-{number:06}",
        currency=facts.invoice.currency,
        amount=amount,
        to_debt=to_debt,
        to_refund=to_refund,
        to_credit=amount - to_debt - to_refund,
        reason="Goodwill",
        issued_at=AT + timedelta(days=number),
    )
    parts = _parts(facts.lines, taken, amount)
    return CreditNoteFacts(
        note=note,
        lines=parts,
        charged=tuple(facts.lines[part.position - 1].net for part in parts),
        invoice=facts.invoice,
        account=facts.account,
        entity=facts.entity,
    )


def credit_notes(facts: InvoiceFacts, *amounts: int) -> tuple[InvoiceFacts, list[CreditNoteDocument]]:
    """The invoice after credit notes of these amounts, one a day, and what they say."""
    documents = []
    for number, amount in enumerate(amounts, start=1):
        issued = note_facts(facts, amount, number)
        note = issued.note
        documents.append(of_credit_note(issued))
        facts = replace(
            facts,
            invoice=lower(facts.invoice, credited=amount, paid=note.to_debt - amount),
            credited=(*facts.credited, _credited(note)),
            settled=(*facts.settled, *_given_back(note)),
        )
    return facts, documents


def _parts(lines: tuple[Line, ...], taken: dict[int, int], amount: int) -> tuple[CreditLine, ...]:
    parts = by_amount(lines, taken, amount)
    assert not isinstance(parts, Refusal), parts
    return parts


def _credited(note: IssuedCreditNote) -> Credited:
    return Credited(number=note.number, amount=note.amount, to_debt=note.to_debt, issued_at=note.issued_at)


def _given_back(note: IssuedCreditNote) -> list[Settled]:
    ways = (("customer_credit", note.to_credit), ("refunds_payable", note.to_refund))
    return [
        Settled(debit=debit, amount=-amount, booked_at=note.issued_at) for debit, amount in ways if amount
    ]

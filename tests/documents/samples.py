"""Samples: invoices to print, made of facts as the store gives them.

Owns no expectation.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from solvent.core.account import Account, Segment
from solvent.core.document import InvoiceDocument, InvoiceFacts, Settled, of_invoice
from solvent.core.invoice import Invoice, InvoiceState, Line, LineKind
from solvent.core.party import Address, BankAccount, Entity, TaxId
from solvent.core.period import Period

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
MONTH = Period(start=AT, end=AT + timedelta(days=30))
EUROPE = Entity(
    id="solvent-eu",
    name="Solvent Europe B.V.",
    country="NL",
    series_prefix="SEU",
    address=Address(lines=("Herengracht 182",), city="Amsterdam", postal_code="1016 BR"),
    registration="KvK Amsterdam 12345678",
    tax_ids=(TaxId(scheme="VAT", value="NL123456789B01"),),
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
    buyer = of or account()
    total = sum(each.amount for each in lines)
    by_credit = Settled(debit="customer_credit", amount=credit, booked_at=AT)
    by_money = Settled(debit="cash:sandbox", amount=paid, booked_at=AT + timedelta(days=3))
    issued = Invoice(
        id=UUID(int=9),
        account_id=buyer.id,
        subscription_id=None,
        number="SEU-07-000042",
        state=InvoiceState.PAID if paid + credit == total else InvoiceState.OPEN,
        currency=buyer.currency,
        total=total,
        paid=paid + credit,
        issued_at=AT,
        due_at=AT + timedelta(days=terms_days),
        version=1,
    )
    settled = tuple(each for each in (by_credit, by_money) if each.amount)
    return of_invoice(
        InvoiceFacts(invoice=issued, lines=lines, account=buyer, entity=EUROPE, settled=settled)
    )

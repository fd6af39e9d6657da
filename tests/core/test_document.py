"""The document of an invoice: days in the account's zone, figures that are the invoice's own, and where to pay."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from solvent.core.account import Account, Segment
from solvent.core.document import (
    EPC_AMOUNT_MAX,
    InvoiceFacts,
    Settled,
    Settlement,
    Status,
    Totals,
    of_invoice,
)
from solvent.core.document_parts import TaxTotal
from solvent.core.invoice import Invoice, InvoiceState, Line, LineKind
from solvent.core.party import Address, BankAccount, Entity, Profile, TaxId
from solvent.core.period import Period
from solvent.core.tax import Buyer, TaxShare, Treatment

ISSUED = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)  # 1 February in Berlin
ADDRESS = Address(lines=("Unter den Linden 77",), city="Berlin", postal_code="10117")
EURO = BankAccount(currency="EUR", holder="Europe B.V.", iban="NL91ABNA0417164300")
ACCOUNT = Account(
    id=UUID(int=7),
    segment=Segment.STANDARD,
    currency="EUR",
    country="DE",
    time_zone="Europe/Berlin",
    email="billing@example.com",
    name="Beispiel GmbH",
    entity="eu",
    address=ADDRESS,
    tax_id="DE123456789",
)
ENTITY = Entity(
    id="eu",
    name="Europe B.V.",
    country="NL",
    series_prefix="EU",
    tax_ids=(TaxId(scheme="VAT", value="NL004495445B01"),),
    bank_accounts=(EURO,),
)
MONTH = Line(
    kind=LineKind.CHARGE,
    description="Pro",
    amount=1900,
    explanation="19.00 EUR per month",
    quantity=2,
    period=Period(start=ISSUED, end=datetime(2026, 2, 28, 23, 30, tzinfo=UTC)),
)
DEDUCTION = Line(
    kind=LineKind.MANUAL, description="Goodwill", amount=-400, explanation="entered by the merchant"
)


def _facts(paid: int = 0, credit: int = 0, total: int = 1500, days: int = 0) -> InvoiceFacts:
    settled = []
    if credit:
        settled.append(Settled(debit="customer_credit", amount=credit, booked_at=ISSUED))
    if paid:
        settled.append(Settled(debit="cash:sandbox", amount=paid, booked_at=ISSUED + timedelta(days=2)))
    invoice = Invoice(
        id=UUID(int=9),
        account_id=ACCOUNT.id,
        subscription_id=None,
        number="EU-07-000001",
        state=InvoiceState.PAID if paid + credit == total else InvoiceState.OPEN,
        currency="EUR",
        total=total,
        paid=paid + credit,
        issued_at=ISSUED,
        due_at=ISSUED + timedelta(days=days),
        version=1,
    )
    lines = (MONTH, replace(DEDUCTION, amount=total - MONTH.amount))
    return InvoiceFacts(invoice=invoice, lines=lines, account=ACCOUNT, entity=ENTITY, settled=tuple(settled))


def test_an_open_invoice_says_what_is_owed_until_when_and_where_to_pay_it() -> None:
    document = of_invoice(_facts(credit=300, days=30))
    assert (document.status, document.settled_on) == (Status.OPEN, None)
    assert (document.issued_on, document.due_on, document.terms_days) == (
        date(2026, 2, 1),
        date(2026, 3, 3),
        30,
    )
    assert document.totals == Totals(subtotal=1500, taxes=(), total=1500, credit_used=300, paid=0, open=1200)
    assert document.settled == (Settlement(by_credit=True, amount=300, on=date(2026, 2, 1)),)
    transfer = document.transfer
    assert transfer is not None
    assert (transfer.to, transfer.amount, transfer.reference, transfer.epc) == (
        EURO,
        1200,
        "EU-07-000001",
        True,
    )


def test_a_paid_invoice_says_when_and_asks_for_nothing() -> None:
    document = of_invoice(_facts(credit=300, paid=1200))
    assert (document.status, document.settled_on) == (Status.PAID, date(2026, 2, 3))
    assert (document.totals.credit_used, document.totals.paid, document.totals.open) == (300, 1200, 0)
    assert document.transfer is None


def test_an_invoice_that_nobody_had_to_pay_is_resolved_not_paid() -> None:
    document = of_invoice(_facts(total=0))
    assert (document.status, document.settled_on, document.transfer) == (Status.RESOLVED, None, None)


def test_lines_have_local_days_and_an_empty_tax_breakdown() -> None:
    month, deduction = of_invoice(_facts()).lines
    assert (month.first, month.last, month.quantity, month.amount, month.taxes) == (
        date(2026, 2, 1),
        date(2026, 3, 1),
        2,
        1900,
        (),
    )
    assert (deduction.first, deduction.last, deduction.amount) == (None, None, -400)


def test_both_parties_are_named() -> None:
    document = of_invoice(_facts())
    assert (document.seller.name, document.seller.tax_ids) == ("Europe B.V.", ENTITY.tax_ids)
    assert (document.buyer.name, document.buyer.address, document.buyer.tax_id) == (
        "Beispiel GmbH",
        ADDRESS,
        "DE123456789",
    )


def test_an_entity_without_an_account_in_the_currency_takes_no_transfer() -> None:
    facts = _facts()
    assert of_invoice(replace(facts, entity=replace(ENTITY, bank_accounts=()))).transfer is None


@pytest.mark.parametrize(
    ("bank", "total"),
    [
        (replace(EURO, iban=None, account="1234"), 1500),
        (EURO, EPC_AMOUNT_MAX + 1),
    ],
)
def test_a_code_to_scan_is_only_for_what_a_sepa_transfer_can_carry(bank: BankAccount, total: int) -> None:
    facts = replace(_facts(total=total), entity=replace(ENTITY, bank_accounts=(bank,)))
    transfer = of_invoice(facts).transfer
    assert transfer is not None
    assert not transfer.epc


def test_a_code_to_scan_is_only_for_euros() -> None:
    facts = _facts()
    dollars = replace(
        facts,
        invoice=replace(facts.invoice, currency="USD"),
        entity=replace(ENTITY, bank_accounts=(replace(EURO, currency="USD"),)),
    )
    transfer = of_invoice(dollars).transfer
    assert transfer is not None
    assert not transfer.epc


@pytest.mark.parametrize(
    "wrong", [{"total": 1501, "paid": 0}, {"total": 1500, "paid": 1}, {"total": 1500, "tax": 1}]
)
def test_figures_that_contradict_each_other_are_never_printed(wrong: dict[str, int]) -> None:
    facts = _facts()
    with pytest.raises(ValueError, match="must be what its lines"):
        of_invoice(replace(facts, invoice=replace(facts.invoice, **wrong)))  # type: ignore[arg-type]


def _share(name: str, jurisdiction: str, ppm: int, amount: int, base: int, **other: object) -> TaxShare:
    usual = {"treatment": Treatment.TAXED, "explanation": "as computed"}
    return TaxShare(
        name=name,
        jurisdiction=jurisdiction,
        ppm=ppm,
        base=base,
        amount=amount,
        **usual | other,  # type: ignore[arg-type]
    )


def test_each_tax_is_summed_once_and_the_reason_for_none_is_told() -> None:
    facts = _facts()
    reverse = "reverse charge: the customer accounts for VAT in DE"
    lines = (
        replace(MONTH, tax=361, taxes=(_share("VAT", "NL", 190_000, 361, 1900),)),
        replace(DEDUCTION, tax=-76, taxes=(_share("VAT", "NL", 190_000, -76, -400),)),
        replace(
            DEDUCTION,
            amount=0,
            taxes=(_share("", "DE", 0, 0, 0, treatment=Treatment.REVERSE_CHARGE, explanation=reverse),),
        ),
        replace(DEDUCTION, amount=0, taxes=(_share("", "JP", 0, 0, 0, treatment=Treatment.NOT_COLLECTED),)),
    )
    invoice = replace(facts.invoice, tax=285, total=1785)
    document = of_invoice(replace(facts, invoice=invoice, lines=lines))
    assert document.totals.taxes == (
        TaxTotal(name="VAT", ppm=190_000, base=1500, amount=285),
        TaxTotal(name="", ppm=0, base=0, amount=0, note=reverse),
    )
    assert (document.totals.subtotal, document.totals.total) == (1500, 1785)
    assert document.lines[0].taxes == lines[0].taxes


@pytest.mark.parametrize(
    ("under", "printed"),
    [
        ([("VAT", "FR", "NL810433941B01")], ["VAT NL810433941B01", "KvK 12345678"]),
        ([("VAT", "FR", "FR40303265045")] * 2, ["VAT FR40303265045", "KvK 12345678"]),
        (
            [("VAT", "DE", "DE136695976"), ("VAT", "FR", "FR40303265045")],
            ["VAT DE136695976", "VAT FR40303265045", "KvK 12345678"],
        ),
        ([("", "DE", "NL810433941B01")], ["VAT NL810433941B01", "KvK 12345678"]),
        ([("GST", "AU", "51824753556")], ["GST 51824753556", "VAT NL004495445B01", "KvK 12345678"]),
        (
            [("Sales tax", "US-NY", "12-34"), ("City sales tax", "US-NY/NYC", "12-34")],
            ["Sales tax 12-34", "VAT NL004495445B01", "KvK 12345678"],
        ),
        ([("VAT", "FR", None)], ["VAT NL004495445B01", "KvK 12345678"]),
    ],
    ids=[
        "one stop shop",
        "abroad",
        "two countries",
        "reverse charge",
        "outside the union",
        "a city's",
        "under none",
    ],
)
def test_the_seller_is_named_by_the_numbers_under_which_it_taxes(
    under: list[tuple[str, str, str | None]], printed: list[str]
) -> None:
    numbers = (*ENTITY.tax_ids, TaxId(scheme="KvK", value="12345678"))
    lines = tuple(
        replace(MONTH, taxes=(_share(name, place, 0, 0, 1900, registration=number),))
        for name, place, number in under
    )
    facts = _facts()
    total = 1900 * len(lines)
    document = of_invoice(
        replace(
            facts,
            lines=lines,
            invoice=replace(facts.invoice, total=total),
            entity=replace(ENTITY, tax_ids=numbers),
        )
    )
    assert [f"{each.scheme} {each.value}" for each in document.seller.tax_ids] == printed


def test_an_invoice_names_the_buyer_for_whom_it_was_issued() -> None:
    facts = _facts()
    moved = ACCOUNT.now_buying_as(Buyer(country="FR", tax_id="FR40303265045"), ISSUED + timedelta(days=1))
    buyer = of_invoice(replace(facts, account=moved)).buyer
    assert (buyer.country, buyer.tax_id) == ("DE", "DE123456789")


def test_an_invoice_names_the_customer_as_it_was_called_when_it_was_issued() -> None:
    """Of two later names the first is not what was issued, either."""
    facts, named = _facts(), ACCOUNT.profile
    called = ACCOUNT
    for days, name in ((1, "Second"), (2, "Third")):
        changed = Profile(name=name, email="new@example.com")
        called = called.now_called(changed, ISSUED + timedelta(days=days))
    buyer = of_invoice(replace(facts, account=called)).buyer
    assert (buyer.name, buyer.email, buyer.address) == (named.name, named.email, named.address)
    assert called.profile_at(ISSUED + timedelta(days=1)).name == "Second"
    assert (called.profile.name, called.now_called(called.profile, ISSUED)) == ("Third", called)

"""Paying a debt, and invoices that the merchant writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from solvent.core.collection import plan_debt, plan_invoice
from solvent.core.invoice import Invoice, InvoiceState, Line, LineKind
from solvent.core.payment import Path, ProofKind
from solvent.core.plan import Debt, Intent, OnFailure, Plan, Refusal
from solvent.core.policy import Policy
from tests.core import places
from tests.core.funds import grants, whole

if TYPE_CHECKING:
    from tests.core.conftest import Shop

NOW = datetime(2026, 5, 1, tzinfo=UTC)
POLICY = Policy()


def rules(shop: Shop) -> dict[str, Any]:
    return {"catalog": shop.catalog, "policy": POLICY, "convention": shop.convention, "now": NOW}


@pytest.fixture
def invoice(shop: Shop) -> Invoice:
    return Invoice(
        id=UUID(int=5),
        account_id=shop.account.id,
        subscription_id=None,
        number="SOL-7F-000042",
        state=InvoiceState.OPEN,
        currency="USD",
        total=2000,
        paid=300,
        issued_at=NOW,
        due_at=NOW,
        version=3,
    )


def line(amount: float) -> Line:
    return Line(kind=LineKind.MANUAL, description="Migration", amount=amount, explanation="as agreed")  # type: ignore[arg-type] # a float is to be refused


def test_a_debt_is_paid_as_a_whole(shop: Shop, invoice: Invoice) -> None:
    plan = plan_debt(shop.account, invoice, owed=whole(invoice), credit_grants=(), policy=POLICY, now=NOW)
    assert isinstance(plan, Plan)
    assert (plan.path, plan.intent, plan.claim) == (Path.COLLECTION, Intent.PAY_DEBT, f"inv:{invoice.id}")
    debt = Debt(invoice_id=invoice.id, version=3, amount=invoice.debt)
    assert (plan.settles, plan.after, plan.lines) == ((debt,), None, ())
    assert (plan.total, plan.due, plan.proof, plan.on_failure) == (
        1700,
        1700,
        ProofKind.PAYMENT,
        OnFailure.NOTHING,
    )
    assert plan.expires_at == NOW + timedelta(minutes=30)


def test_account_credit_pays_a_debt_also_on_terms(shops: type[Shop], invoice: Invoice) -> None:
    contract = shops(terms_days=30)
    plan = plan_debt(
        contract.account, invoice, owed=whole(invoice), credit_grants=grants(1000), policy=POLICY, now=NOW
    )
    assert (plan.credit_used, plan.due, plan.terms_days) == (1000, 700, 0)
    covered = plan_debt(
        contract.account, invoice, owed=whole(invoice), credit_grants=grants(1700), policy=POLICY, now=NOW
    )
    assert (covered.credit_used, covered.due, covered.proof) == (1700, 0, ProofKind.CREDIT)


def test_an_invoice_without_debt_is_not_collected(shop: Shop, invoice: Invoice) -> None:
    paid = replace(invoice, paid=2000, state=InvoiceState.PAID)
    assert plan_debt(
        shop.account, paid, owed=whole(paid), credit_grants=(), policy=POLICY, now=NOW
    ) == Refusal(field="invoice_id", rule="must be an invoice on which something is owed")


def test_a_manual_invoice(shop: Shop) -> None:
    lines = (line(50000), line(-5000))
    plan = plan_invoice(shop.account, lines, invoice_id=UUID(int=6), credit_grants=(), **rules(shop))
    assert (plan.path, plan.intent, plan.claim) == (
        Path.FINALISATION,
        Intent.INVOICE,
        f"fin:{UUID(int=6)}",
    )
    assert (plan.lines, plan.total, plan.due, plan.on_failure) == (lines, 45000, 45000, OnFailure.GRACE)


def test_a_manual_invoice_on_terms(shops: type[Shop]) -> None:
    contract = shops(terms_days=60)
    plan = plan_invoice(
        contract.account, (line(100),), invoice_id=UUID(int=6), credit_grants=grants(40), **rules(contract)
    )
    assert (plan.due, plan.credit_used, plan.terms_days, plan.proof) == (0, 0, 60, ProofKind.TERMS)


@pytest.mark.parametrize(
    ("lines", "field", "rule"),
    [
        ((), "lines", "must be at least one line"),
        ((line(1), line(1.5)), "lines[1].amount", "must be a whole number of minor units"),
        ((line(True),), "lines[0].amount", "must be a whole number of minor units"),
        ((line(1), line(-2)), "lines", "must not be negative together"),
        (
            (line(1), replace(line(1), tax_category="ebok")),
            "lines[1].tax_category",
            "must be one that is declared: book, standard",
        ),
    ],
)
def test_a_manual_invoice_that_breaks_a_rule_is_refused(
    shop: Shop, lines: tuple[Line, ...], field: str, rule: str
) -> None:
    refusal = plan_invoice(shop.account, lines, invoice_id=UUID(int=6), credit_grants=(), **rules(shop))
    assert refusal == Refusal(field=field, rule=rule)


def test_a_manual_line_names_its_tax_category_and_may_contain_its_tax(shop: Shop) -> None:
    taxes = places.rules(*places.EUROPE)
    catalog = replace(shop.catalog, taxes=taxes)
    reader = replace(shop.account, country="DE", entity="solvent-inc")
    lines = (
        replace(line(10_000), tax_category="book"),
        replace(line(10_700), tax_category="book", inclusive=True),
        replace(line(10_000), tax_category="standard"),
        line(10_000),
    )
    at = rules(shop) | {"catalog": catalog}
    plan = plan_invoice(reader, lines, invoice_id=UUID(int=6), credit_grants=(), **at)
    assert isinstance(plan, Plan)
    assert [(x.net, x.tax) for x in plan.lines] == [
        (10_000, 700),
        (10_000, 700),
        (10_000, 1_900),
        (10_000, 1_900),
    ]
    other = plan_invoice(
        reader, (replace(line(1), tax_category="film"),), invoice_id=UUID(int=6), credit_grants=(), **at
    )
    assert other == Refusal(
        field="lines[0].tax_category", rule="must be one that is declared: book, standard"
    )

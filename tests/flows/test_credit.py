"""Credit notes, from the request to what the customer, the ledger and the bank then say."""

from __future__ import annotations

from uuid import UUID

import pytest

from solvent.core.crediting import OUTSIDE, PaidPart, Wish
from solvent.core.invoice import Invoice, InvoiceState
from solvent.core.payment import ExternalMethod
from solvent.core.plan import Refusal
from solvent.core.receiving import Receipt
from solvent.flows.credit import (
    Answer,
    Issue,
    Issued,
    KeyReused,
    issue_credit_note,
    refund_payment,
)
from solvent.flows.debts import Recorded, record_receipt
from solvent.sim import Customer
from tests.flows.acts import DECLINED_LATER, GOOD, REFUNDS_REFUSED, manual, zone
from tests.simulation.fragile import FragileWorld


def wish(key: str, paid_part: PaidPart = PaidPart.REFUND, content: bytes = b"same") -> Wish:
    return Wish(paid_part=paid_part, reason="goodwill", issued_by="carol", key=key, input_hash=content)


def credit(
    customer: Customer,
    invoice: Invoice,
    amount: int | None = None,
    *,
    key: str | None = None,
    paid_part: PaidPart = PaidPart.REFUND,
    lines: dict[int, int | None] | None = None,
    content: bytes = b"same",
) -> Answer:
    key = key or f"cn-{len(customer.events('credit_note'))}-{invoice.id}"
    issue = Issue(invoice_id=invoice.id, wish=wish(key, paid_part, content), amount=amount, lines=lines)
    return issue_credit_note(customer.world.platform, issue, customer.world.now)


def only(customer: Customer) -> Invoice:
    (invoice,) = customer.invoices()
    return invoice


def last(customer: Customer) -> Invoice:
    return customer.invoices()[-1]


def figures(invoice: Invoice) -> tuple[str, int, int, int, int]:
    return invoice.state, invoice.total, invoice.credited, invoice.paid, invoice.debt


def test_a_paid_invoice_is_refunded_in_part_and_again(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    assert isinstance(credit(ada, only(ada), 500), Issued)
    assert figures(only(ada)) == ("resolved", 2_000, 500, 1_500, 0)
    assert isinstance(credit(ada, only(ada), 300), Issued)
    world.work()
    assert figures(only(ada)) == ("resolved", 2_000, 800, 1_200, 0)
    assert [e.data["amount"] for e in ada.events("refund.settled")] == [500, 300]
    assert ada.ledger()["cash:sandbox", "USD"] == 1_200
    assert [e.type for e in ada.events("invoice")] == ["invoice.paid", "invoice.resolved"]
    assert isinstance(credit(ada, only(ada), 1_201), Refusal)
    assert isinstance(credit(ada, only(ada)), Issued)
    world.work()
    assert figures(only(ada)) == ("resolved", 2_000, 2_000, 0, 0)
    assert ada.ledger().get(("cash:sandbox", "USD"), 0) == 0


def test_what_was_paid_can_become_account_credit(ada: Customer) -> None:
    ada.buy(zone())
    credit(ada, only(ada), 700, paid_part=PaidPart.CREDIT)
    assert (ada.credit(), only(ada).debt) == (700, 0)
    (granted,) = ada.events("credit.granted")
    said = {name: value for name, value in granted.data.items() if name != "grant_id"}
    assert said == {
        "kind": "returned",
        "amount": 700,
        "currency": "USD",
        "reason": "credit_note",
        "expires_at": None,
    }


def test_what_credit_paid_for_comes_back_as_credit(ada: Customer) -> None:
    """There is no payment that could be refunded."""
    ada.buy(zone())
    credit(ada, only(ada), 2_000, paid_part=PaidPart.CREDIT)
    ada.receive_invoice(manual(1_500))
    credit(ada, last(ada), 400)
    assert ada.credit() == 900
    assert figures(last(ada)) == ("resolved", 1_500, 400, 1_100, 0)


def test_a_refused_refund_becomes_account_credit(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), REFUNDS_REFUSED)
    credit(ada, only(ada), 500)
    world.work()
    assert ada.credit() == 500
    assert figures(only(ada)) == ("resolved", 2_000, 500, 1_500, 0)


def test_a_debt_is_lowered_first(world: FragileWorld, ada: Customer) -> None:
    ada.receive_invoice(manual(9_900))
    credit(ada, only(ada), 900)
    assert figures(only(ada)) == ("open", 9_900, 900, 0, 9_000)
    world.work()
    assert ada.snapshot().debt == {"USD": 9_000}
    assert ada.pay_debt().plan.due == 9_000
    assert figures(only(ada)) == ("resolved", 9_900, 900, 9_000, 0)
    assert [e.type for e in ada.events("invoice")] == ["invoice.issued", "invoice.resolved"]
    credit(ada, only(ada), 1_000)
    world.work()
    assert figures(only(ada)) == ("resolved", 9_900, 1_900, 8_000, 0)


def test_crediting_all_that_is_owed_resolves_and_lifts_the_grace(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), DECLINED_LATER)
    world.until(ada.subscription().period.end)
    assert ada.subscription().grace_invoice == last(ada).id
    credit(ada, last(ada))
    assert figures(last(ada)) == ("resolved", 2_000, 2_000, 0, 0)
    assert ada.subscription().grace_invoice is None
    assert [e.type for e in ada.events("grace")] == ["grace.granted", "grace.lifted"]
    world.work()
    assert ada.standing() == "good"
    assert ada.has("zone-pro")


def test_a_part_of_what_is_owed_leaves_the_grace(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), DECLINED_LATER)
    world.until(ada.subscription().period.end)
    credit(ada, last(ada), 500)
    assert ada.subscription().grace_invoice == last(ada).id
    ada.pay_debt(GOOD)
    assert figures(last(ada)) == ("resolved", 2_000, 500, 1_500, 0)
    assert ada.subscription().grace_invoice is None


def test_money_for_a_debt_that_was_credited_meanwhile_becomes_credit(ada: Customer) -> None:
    ada.receive_invoice(manual(2_000))
    page = ada.open_debt(only(ada).id)
    credit(ada, only(ada))
    ada.complete(page)  # type: ignore[arg-type]  # an attempt: nothing else wanted the debt
    assert ada.credit() == 2_000
    assert figures(only(ada)) == ("resolved", 2_000, 2_000, 0, 0)


def test_lines_are_credited_by_name(ada: Customer) -> None:
    ada.receive_invoice((*manual(5_000), *manual(2_500)))
    credit(ada, only(ada), lines={2: None})
    assert figures(only(ada)) == ("open", 7_500, 2_500, 0, 5_000)
    assert isinstance(credit(ada, only(ada), lines={2: 1}), Refusal)
    credit(ada, only(ada), lines={1: 1_000})
    assert only(ada).debt == 4_000


def test_the_same_key_is_the_same_credit_note(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    first = credit(ada, only(ada), 500, key="once")
    again = credit(ada, only(ada), 500, key="once")
    assert isinstance(first, Issued)
    assert isinstance(again, Issued)
    assert (first.new, again.new) == (True, False)
    assert first.credit_note_id == again.credit_note_id
    other = credit(ada, only(ada), 600, key="once", content=b"other")
    assert other == KeyReused(credit_note_id=first.credit_note_id)
    assert only(ada).credited == 500


def test_credit_notes_are_numbered_by_themselves(ada: Customer) -> None:
    ada.buy(zone())
    credit(ada, only(ada), 1)
    credit(ada, only(ada), 1)
    first, second = (str(e.data["number"]) for e in ada.events("credit_note.issued"))
    series, number = first.rsplit("-", 1)
    assert (series.split("-")[1], number) == ("CN", "000001")
    assert second == f"{series}-000002"
    assert only(ada).state is InvoiceState.RESOLVED


@pytest.mark.parametrize("amount", [0, -1, 2_001])
def test_what_cannot_be_credited_is_refused(ada: Customer, amount: int) -> None:
    ada.buy(zone())
    answer = credit(ada, only(ada), amount)
    assert answer == Refusal(field="amount", rule="must be from 1 to 2000, what is left of the invoice")
    assert ada.events("credit_note") == []


def test_an_invoice_that_is_not_there(world: FragileWorld, ada: Customer) -> None:
    issue = Issue(invoice_id=ada.id, wish=wish("none"))
    answer = issue_credit_note(world.platform, issue, world.now)
    assert answer == Refusal(field="invoice_id", rule="must be an existing invoice")


# Refunds of a payment


def refund(
    customer: Customer,
    amount: int | None,
    payment: UUID | None = None,
    key: str = "r",
    content: bytes = b"same",
) -> Answer:
    (told,) = customer.events("invoice.paid") or customer.events("invoice.resolved")
    payment = payment or UUID(str(told.data["payment_id"]))
    invoice_id = UUID(str(told.data["invoice_id"]))
    platform, now = customer.world.platform, customer.world.now
    return refund_payment(platform, invoice_id, payment, amount, wish(key, content=content), now)


def test_a_payment_is_refunded_by_a_credit_note(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    first = refund(ada, 700)
    assert isinstance(first, Issued)
    assert refund(ada, 700) == Issued(credit_note_id=first.credit_note_id, new=False)
    assert refund(ada, 700, content=b"other") == KeyReused(credit_note_id=first.credit_note_id)
    too_much = Refusal(field="amount", rule="must be from 1 to 1300, what is left of the payment")
    assert refund(ada, 1_301, key="s") == too_much
    assert isinstance(refund(ada, None, key="s"), Issued)
    world.work()
    assert figures(only(ada)) == ("resolved", 2_000, 2_000, 0, 0)
    none = Refusal(field="payment_id", rule="must be a payment of which something is left")
    assert refund(ada, None, key="t") == none
    assert refund(ada, 1, payment=ada.id, key="u") == none


def test_what_came_from_outside_cannot_go_back_to_a_method(world: FragileWorld, ada: Customer) -> None:
    ada.receive_invoice(manual(2_000))
    receipt = Receipt(
        method=ExternalMethod.BANK_TRANSFER, reference="TR-1", amount=2_000, received_at=world.now
    )
    recorded = record_receipt(world.platform, only(ada).id, receipt, world.now)
    assert isinstance(recorded, Recorded)
    assert refund(ada, None, payment=recorded.payment_id) == Refusal(field="payment_id", rule=OUTSIDE)
    assert figures(only(ada)) == ("paid", 2_000, 0, 2_000, 0)
    back = wish("as-credit", PaidPart.CREDIT)
    given = refund_payment(world.platform, only(ada).id, recorded.payment_id, 500, back, world.now)
    assert isinstance(given, Issued)
    assert (figures(only(ada)), ada.credit()) == (("resolved", 2_000, 500, 1_500, 0), 500)


def test_what_is_owed_is_not_refunded(world: FragileWorld, ada: Customer) -> None:
    ada.receive_invoice(manual(2_000))
    answer = refund_payment(world.platform, only(ada).id, ada.id, 1, wish("r"), world.now)
    assert answer == Refusal(field="payment_id", rule="must be of an invoice on which nothing is owed")


def test_after_a_refund_the_customer_pays_anew(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    credit(ada, only(ada))
    world.work()
    ada.receive_invoice(manual(2_000))
    assert [i.state for i in ada.invoices()] == ["resolved", "paid"]
    assert ada.ledger()["cash:sandbox", "USD"] == 2_000

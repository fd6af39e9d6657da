"""Payments from outside any provider, invoices that are given up, and what comes in afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from solvent.core.attempt import Attempt
from solvent.core.booking import Booking
from solvent.core.giving_up import Surrender
from solvent.core.invoice import Invoice, Line, LineKind
from solvent.core.payment import ExternalMethod
from solvent.core.plan import Refusal
from solvent.core.receiving import Receipt
from solvent.flows.debts import Recorded, give_up, record_receipt
from solvent.sim import Customer
from tests.flows.acts import DECLINED_LATER, GOOD, manual, zone
from tests.flows.test_credit import credit, figures, last, only
from tests.simulation.fragile import FragileWorld


def receive(
    customer: Customer, invoice: Invoice, amount: int, reference: str = "TR-1", at: datetime | None = None
) -> Recorded | Refusal:
    world = customer.world
    receipt = Receipt(
        method=ExternalMethod.BANK_TRANSFER,
        reference=reference,
        amount=amount,
        received_at=at or world.now,
    )
    return record_receipt(world.platform, invoice.id, receipt, world.now)


def surrender(customer: Customer, invoice: Invoice) -> Booking | Refusal:
    world = customer.world
    return give_up(world.platform, invoice.id, Surrender(reason="moved away", by="carol"), world.now)


def graced(world: FragileWorld, customer: Customer, product: str = "zone-pro") -> Invoice:
    """A renewal that was declined: its invoice is open, and its period stands on grace."""
    customer.buy(zone(product=product), DECLINED_LATER)
    world.until(customer.subscription().period.end)
    return last(customer)


# Payments from outside


def test_a_transfer_pays_an_invoice(world: FragileWorld, ada: Customer) -> None:
    ada.receive_invoice(manual(9_900))
    assert isinstance(receive(ada, only(ada), 9_900), Recorded)
    assert figures(only(ada)) == ("paid", 9_900, 0, 9_900, 0)
    assert ada.ledger()["cash:bank_transfer", "USD"] == 9_900
    assert [e.type for e in ada.events()][-2:] == ["payment.received", "invoice.paid"]
    world.work()
    assert ada.standing() == "good"


def test_transfers_may_pay_in_parts_and_the_customer_the_rest(ada: Customer) -> None:
    ada.receive_invoice(manual(9_900))
    receive(ada, only(ada), 4_000, "TR-1")
    receive(ada, only(ada), 900, "TR-2")
    assert figures(only(ada)) == ("open", 9_900, 0, 4_900, 5_000)
    assert ada.pay_debt(GOOD).plan.due == 5_000
    assert figures(only(ada)) == ("paid", 9_900, 0, 9_900, 0)


def test_what_is_paid_too_much_becomes_credit(ada: Customer) -> None:
    ada.receive_invoice(manual(9_900))
    receive(ada, only(ada), 10_000)
    assert (only(ada).state, ada.credit()) == ("paid", 100)
    receive(ada, only(ada), 50, "TR-2")
    assert ada.credit() == 150


def test_the_same_reference_is_the_same_payment(ada: Customer) -> None:
    ada.receive_invoice(manual(9_900))
    first = receive(ada, only(ada), 4_000)
    again = receive(ada, only(ada), 4_000)
    assert isinstance(first, Recorded)
    assert again == Recorded(payment_id=first.payment_id, new=False)
    refused = Refusal(field="reference", rule="came before, with another amount or for another invoice")
    assert receive(ada, only(ada), 4_001) == refused
    assert only(ada).paid == 4_000


def test_a_receipt_must_be_possible(ada: Customer) -> None:
    ada.receive_invoice(manual(9_900))
    assert receive(ada, only(ada), 0) == Refusal(field="amount", rule="must be 1 or more")
    later = receive(ada, only(ada), 1, at=ada.world.now + timedelta(seconds=1))
    assert later == Refusal(field="received_at", rule="must not be in the future")
    old = receive(ada, only(ada), 1, at=ada.world.now - timedelta(days=3_661))
    assert old == Refusal(field="received_at", rule="must be within the last 3660 days")
    spaced = Receipt(method=ExternalMethod.CHEQUE, reference="1 ", amount=1, received_at=ada.world.now)
    told = record_receipt(ada.world.platform, only(ada).id, spaced, ada.world.now)
    assert told == Refusal(field="reference", rule="must not begin or end with a space")
    nobody = Receipt(method=ExternalMethod.CHEQUE, reference="1", amount=1, received_at=ada.world.now)
    answer = record_receipt(ada.world.platform, ada.id, nobody, ada.world.now)
    assert answer == Refusal(field="invoice_id", rule="must be an existing invoice")


def test_a_transfer_lifts_grace_and_beats_an_open_page(world: FragileWorld, ada: Customer) -> None:
    invoice = graced(world, ada)
    page = ada.open_debt(invoice.id)
    assert isinstance(page, Attempt)
    receive(ada, invoice, 2_000)
    assert ada.subscription().grace_invoice is None
    ada.complete(page, GOOD)
    assert (last(ada).state, ada.credit()) == ("paid", 2_000)
    assert ("receivable", "USD") not in ada.ledger()


def test_what_came_from_outside_does_not_go_back_by_a_provider(ada: Customer) -> None:
    ada.receive_invoice(manual(9_900))
    receive(ada, only(ada), 9_900)
    credit(ada, only(ada), 1_000)
    assert ada.credit() == 1_000
    assert ada.events("refund") == []


# Giving up


def test_200_dollars_given_up_after_5_of_31_days(world: FragileWorld, ada: Customer) -> None:
    """Domain, section 6: credit $167.74, debt $32.26."""
    world.until(datetime(world.now.year + 1, 2, 1, tzinfo=UTC))
    invoice = graced(world, ada, "zone-business")
    march = ada.subscription().period
    world.clock.move_to(march.start + timedelta(days=5))
    assert isinstance(surrender(ada, invoice), Booking)
    assert (march.end - march.start).days == 31
    assert figures(last(ada)) == ("uncollectible", 20_000, 16_774, 0, 3_226)
    assert ada.ledger()["bad_debt", "USD"] == 3_226
    assert ("receivable", "USD") not in ada.ledger()
    assert ada.subscriptions() == ()
    assert [s.end_reason for s in ada.past_subscriptions()] == ["unpaid"]
    assert not ada.has("zone-business")
    world.work()
    assert ada.standing() == "bad_debt"
    assert ada.snapshot().debt == {"USD": 3_226}
    (told,) = ada.events("invoice.uncollectible")
    assert (told.data["reason"], told.data["by"], told.data["debt"]) == (
        "moved away",
        "carol",
        3_226,
    )


def test_what_is_not_in_advance_is_owed_in_full(ada: Customer) -> None:
    ada.receive_invoice(manual(5_470))
    surrender(ada, only(ada))
    assert figures(only(ada)) == ("uncollectible", 5_470, 0, 0, 5_470)
    assert ada.events("credit_note") == []


def test_what_is_unused_altogether_leaves_no_debt(world: FragileWorld, ada: Customer) -> None:
    invoice = graced(world, ada)
    receive(ada, invoice, 1_990)
    surrender(ada, invoice)
    assert figures(last(ada)) == ("resolved", 2_000, 10, 1_990, 0)
    assert ada.subscriptions() == ()
    assert ada.ledger().get(("bad_debt", "USD"), 0) == 0


def test_only_an_open_invoice_without_a_payment_under_way_is_given_up(
    world: FragileWorld, ada: Customer
) -> None:
    ada.receive_invoice(manual(5_470))
    page = ada.open_debt(only(ada).id)
    refused = Refusal(field="invoice_id", rule="must not be given up while a payment is under way")
    assert surrender(ada, only(ada)) == refused
    assert isinstance(page, Attempt)
    ada.complete(page)
    assert surrender(ada, only(ada)) == Refusal(
        field="invoice_id", rule="must be an open invoice; it is paid"
    )
    nobody = give_up(world.platform, ada.id, Surrender(reason="r", by="b"), world.now)
    assert nobody == Refusal(field="invoice_id", rule="must be an existing invoice")


# What comes in afterwards


def test_a_debt_that_was_given_up_is_paid_and_resolved(world: FragileWorld, ada: Customer) -> None:
    ada.receive_invoice(manual(5_470))
    surrender(ada, only(ada))
    world.wait(days=30)
    assert only(ada).state == "uncollectible"
    page = ada.open_debt(only(ada).id)
    assert isinstance(page, Attempt)
    ada.complete(page)
    assert figures(only(ada)) == ("resolved", 5_470, 0, 5_470, 0)
    assert ("bad_debt", "USD") not in ada.ledger()
    world.work()
    assert ada.standing() == "good"


def test_a_transfer_recovers_in_parts(ada: Customer) -> None:
    ada.receive_invoice(manual(5_470))
    surrender(ada, only(ada))
    receive(ada, only(ada), 5_000, "TR-1")
    assert figures(only(ada)) == ("uncollectible", 5_470, 0, 5_000, 470)
    credit(ada, only(ada), 70)
    assert ada.ledger()["bad_debt", "USD"] == 400
    receive(ada, only(ada), 500, "TR-2")
    assert figures(only(ada)) == ("resolved", 5_470, 70, 5_400, 0)
    assert ("bad_debt", "USD") not in ada.ledger()
    assert ada.credit() == 100


def lines(amount: int) -> tuple[Line, ...]:
    return (Line(kind=LineKind.MANUAL, description="A", amount=amount, explanation="as agreed"),)


def test_two_notes_one_debt(ada: Customer) -> None:
    """Two invoices, one given up: the other one is collected as before."""
    ada.receive_invoice(lines(1_000))
    ada.receive_invoice(lines(2_000))
    first, second = ada.invoices()
    surrender(ada, first)
    receive(ada, second, 2_000)
    assert [i.state for i in ada.invoices()] == ["uncollectible", "paid"]


@pytest.mark.parametrize("amount", [2_000, 500])
def test_a_credit_note_does_not_make_a_paid_part_owed_again(ada: Customer, amount: int) -> None:
    ada.receive_invoice(manual(3_000))
    receive(ada, only(ada), 2_500)
    credit(ada, only(ada), amount)
    paid_back = max(amount - 500, 0)
    assert figures(only(ada)) == ("resolved", 3_000, amount, 2_500 - paid_back, 0)
    assert ada.credit() == paid_back

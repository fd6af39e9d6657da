"""Disputes and refunds of one payment: the customer gets the money once."""

from __future__ import annotations

import pytest

from solvent.core.crediting import PaidPart
from solvent.core.dispute import Loss, Taken
from solvent.core.plan import Refusal
from solvent.flows.credit import Issued, refund_payment
from solvent.flows.reconcile import sweep
from solvent.sim import Customer
from tests.flows.acts import zone
from tests.flows.disputes.contests import (
    BANK,
    Contest,
    agree,
    balance,
    cash,
    figures,
    only,
    payment_of,
    told,
)
from tests.flows.test_credit import credit, refund, wish
from tests.simulation.fragile import START, FragileWorld


def test_after_a_partial_refund_only_the_rest_is_owed_again(world: FragileWorld, ada: Customer) -> None:
    """The bank takes back all of it: what had been refunded is lost, for the customer has it twice."""
    paid = ada.buy(zone())
    credit(ada, only(ada), 300)
    world.work()
    contest = Contest(ada, paid)
    contest.close(won=False)
    assert figures(only(ada)) == ("open", 2_000, 0, 1_700, 1_700)
    assert only(ada).credited == 300
    assert (balance(ada, "dispute_losses"), cash(ada)) == (300, -300)
    ada.pay_debt()
    assert [e.type for e in ada.events("invoice")] == [
        "invoice.paid",
        "invoice.resolved",
        "invoice.reopened",
        "invoice.resolved",
    ]
    agree(world)


def test_a_payment_that_was_refunded_altogether_is_lost_altogether(
    world: FragileWorld, ada: Customer
) -> None:
    paid = ada.buy(zone())
    credit(ada, only(ada))
    world.work()
    contest = Contest(ada, paid)
    contest.close(won=False)
    assert figures(only(ada)) == ("resolved", 2_000, 0, 0, 0)
    assert (balance(ada, "dispute_losses"), cash(ada)) == (2_000, -2_000)
    assert told(ada)[-2:] == ["dispute.opened", "dispute.lost"]
    agree(world)


def test_a_refund_that_was_refused_is_credit_and_goes_with_the_payment(
    world: FragileWorld, ada: Customer
) -> None:
    paid = ada.buy(zone(), "4000000000005126")
    credit(ada, only(ada), 500)
    world.work()
    assert ada.credit() == 500
    contest = Contest(ada, paid)
    contest.close(won=False)
    assert (figures(only(ada))[2:], ada.credit()) == ((0, 1_500, 1_500), 0)
    assert balance(ada, "dispute_losses") == 0
    (taken,) = ada.events("credit.taken")
    assert taken.data["amount"] == 500
    agree(world)


def test_a_refund_that_is_refused_after_the_loss_lowers_it(world: FragileWorld, ada: Customer) -> None:
    """20.00 paid; 3.00 and 2.00 on their way back when the bank takes all: the bank refuses them, for they are gone."""
    paid = ada.buy(zone())
    credit(ada, only(ada), 300)
    credit(ada, only(ada), 200)
    contest = Contest(ada, paid)
    contest.bank.close_dispute(contest.ref, False, world.now)
    sweep(world.platform, BANK, START, world.now)
    assert (only(ada).debt, balance(ada, "dispute_losses"), ada.credit()) == (1_500, 500, 0)
    world.work()
    assert (only(ada).debt, balance(ada, "dispute_losses"), ada.credit()) == (1_500, 0, 0)
    assert contest.stored.loss == Loss(
        parts=(Taken(payment_id=contest.stored.payment_id, to_debt=1_500, from_credit=500),), written_off=0
    )
    assert [e.data["amount"] for e in ada.events("credit.taken")] == [300, 200]
    ada.pay_debt()
    contest.close(won=True)
    assert (ada.credit(), balance(ada, "dispute_losses"), cash(ada)) == (2_000, 0, 3_500)
    agree(world)


def test_a_refund_that_is_refused_is_credit_as_far_as_nothing_was_lost(
    world: FragileWorld, ada: Customer
) -> None:
    """Of 20.00 the bank took 18.00, and 3.00 were to go back: 17.00 owed again, 1.00 lost; then 2.00 is credit."""
    paid = ada.buy(zone())
    credit(ada, only(ada), 300)
    contest = Contest(ada, paid, amount=1_800)
    contest.bank.close_dispute(contest.ref, False, world.now)
    sweep(world.platform, BANK, START, world.now)
    assert (only(ada).debt, balance(ada, "dispute_losses")) == (1_700, 100)
    world.work()
    assert (only(ada).debt, balance(ada, "dispute_losses"), ada.credit()) == (1_700, 0, 200)
    agree(world)


def test_a_refund_while_a_dispute_is_open_is_refused(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.work()
    invoice, payment = payment_of(ada)
    key = wish("r-1")
    refused = refund_payment(world.platform, invoice.id, payment, 100, key, world.now)
    assert refused == Refusal(field="payment_id", rule="must not be disputed: the payer would get it twice")
    by_note = credit(ada, invoice, 100)
    assert isinstance(by_note, Refusal)
    assert by_note.field == "paid_part"
    assert isinstance(credit(ada, invoice, 100, paid_part=PaidPart.CREDIT), Issued)
    contest.close(won=True)
    again = refund_payment(world.platform, invoice.id, payment, 100, key, world.now)
    assert isinstance(again, Issued)
    world.work()
    agree(world)


def test_given_credit_comes_back_while_the_money_beside_it_is_disputed(
    world: FragileWorld, ada: Customer
) -> None:
    """5.00 of goodwill and 15.00 by card, which is disputed and became credit meanwhile: nobody gets the rest twice."""
    ada.receive_credit(500)
    Contest(ada, ada.buy(zone()))
    world.work()
    refused = credit(ada, only(ada), 500)
    assert isinstance(refused, Refusal)
    assert "money comes back first" in refused.rule
    assert isinstance(credit(ada, only(ada), 1_500, paid_part=PaidPart.CREDIT), Issued)
    assert isinstance(credit(ada, only(ada), 500), Issued)
    assert sorted((g.kind, g.remaining) for g in ada.credit_grants()) == [
        ("goodwill", 500),
        ("returned", 1_500),
    ]
    agree(world)


def test_a_refund_after_a_part_was_lost_and_paid_again_goes_to_the_payment_that_is_named(
    world: FragileWorld, ada: Customer
) -> None:
    contest = Contest(ada, ada.buy(zone()), amount=500)
    contest.close(won=False)
    invoice, payment = payment_of(ada)
    ada.pay_debt()
    gone = refund_payment(world.platform, invoice.id, payment, 1_501, wish("r-1"), world.now)
    assert gone == Refusal(field="amount", rule="must be from 1 to 1500, what is left of the payment")
    given = refund_payment(world.platform, invoice.id, payment, 1_500, wish("r-2"), world.now)
    assert isinstance(given, Issued)
    world.work()
    assert cash(ada) == 500
    agree(world)


@pytest.mark.parametrize("won", [True, False])
def test_what_the_payer_only_asks_about_can_be_refunded(
    world: FragileWorld, ada: Customer, won: bool
) -> None:
    """An inquiry has taken nothing: giving the money back is the best answer to it."""
    contest = Contest(ada, ada.buy(zone()), inquiry=True)
    world.work()
    assert isinstance(refund(ada, None), Issued)
    world.work()
    (row,) = [row for row in world.banks.by_name[BANK].statement() if row.kind == "refund"]
    assert row.amount == -2_000
    if won:
        world.banks.by_name[BANK].withdraw_dispute(contest.ref, world.now)
        world.work()
        assert contest.stored.state == "withdrawn"
    assert ada.ledger().get(("cash:sandbox", "USD"), 0) == 0

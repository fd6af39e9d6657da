"""Disputes, from what the bank tells to what the customer, the ledger and the bank then say."""

from __future__ import annotations

import pytest

from solvent.sim import Customer
from tests.flows.acts import TWICE, manual, switch, zone
from tests.flows.disputes.contests import (
    BANK,
    Contest,
    agree,
    balance,
    cash,
    figures,
    only,
    told,
)
from tests.simulation.fragile import FragileWorld

pytestmark = pytest.mark.unmeasured


def test_while_a_dispute_is_open_the_bank_holds_the_money(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()), reason="fraudulent", fee=1_500)
    world.work()
    assert (contest.stored.state, contest.stored.reason) == ("needs_response", "fraudulent")
    assert (balance(ada, "disputes"), balance(ada, "dispute_fees"), cash(ada)) == (2_000, 1_500, -1_500)
    assert figures(only(ada)) == ("paid", 2_000, 2_000, 0, 0)
    assert ada.has("zone-pro")
    assert (ada.standing(), ada.snapshot().disputed) == ("good", {"USD": 2_000})
    (opened,) = ada.events("dispute")
    assert opened.data["evidence_due_by"] is not None
    agree(world)


def test_won_the_money_is_back(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()), fee=1_500)
    world.work()
    contest.close(won=True)
    assert (balance(ada, "disputes"), balance(ada, "dispute_fees"), cash(ada)) == (0, 1_500, 500)
    assert figures(only(ada)) == ("paid", 2_000, 2_000, 0, 0)
    assert ada.snapshot().disputed == {}
    assert [e.type for e in ada.events("dispute")] == ["dispute.opened", "dispute.won"]
    agree(world)


def test_lost_it_is_owed_again_aged_from_the_invoice_and_never_charged_by_us(
    world: FragileWorld, ada: Customer
) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.wait(days=10)
    contest.close(won=False)
    assert figures(only(ada)) == ("open", 2_000, 0, 2_000, 2_000)
    assert (balance(ada, "disputes"), balance(ada, "receivable"), cash(ada)) == (0, 2_000, 0)
    assert (ada.standing(), ada.has("zone-pro")) == ("past_due", False)
    world.wait(days=10)
    assert len(ada.charges()) == 1
    ada.pay_debt()
    world.work()
    assert figures(only(ada)) == ("resolved", 2_000, 2_000, 2_000, 0)
    assert (ada.standing(), ada.has("zone-pro"), len(ada.charges())) == ("good", True, 2)
    assert told(ada) == [
        "invoice.paid",
        "dispute.opened",
        "dispute.lost",
        "invoice.reopened",
        "grace.granted",
        "invoice.resolved",
        "grace.lifted",
    ]
    agree(world)


def test_nobody_pays_and_the_period_was_the_last(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    contest.close(won=False)
    assert (ada.standing(), ada.has("zone-pro")) == ("grace", True)
    world.wait(days=40)
    assert (ada.subscriptions(), ada.debt(), len(ada.charges())) == ((), 2_000, 1)


def test_a_part_is_lost(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()), amount=500)
    contest.close(won=False)
    assert figures(only(ada)) == ("open", 2_000, 1_500, 500, 500)
    assert ada.pay_debt().plan.due == 500
    assert figures(only(ada)) == ("resolved", 2_000, 2_000, 500, 0)
    agree(world)


def test_money_that_became_credit_is_taken_from_it_and_what_was_spent_is_lost(
    world: FragileWorld, ada: Customer
) -> None:
    """The bank charged twice by mistake: the second charge is credit, of which some has been spent."""
    ada.buy(zone(), TWICE)
    world.work()
    assert ada.credit() == 2_000
    ada.receive_invoice(manual(1_200))
    (second,) = [row for row in ada.charges() if row.ref != row.intent]
    bank = world.banks.by_name[BANK]
    opened = bank.open_dispute(second.ref, world.now)
    world.work()
    assert balance(ada, "disputes") == 2_000
    bank.close_dispute(opened["id"], False, world.now)
    world.work()
    assert (ada.credit(), balance(ada, "dispute_losses"), ada.debt()) == (0, 1_200, 0)


def test_an_inquiry_moves_nothing_until_it_is_a_dispute(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()), inquiry=True, fee=1_500)
    world.work()
    assert (contest.stored.state, balance(ada, "disputes"), cash(ada)) == ("warning", 0, 2_000)
    contest.bank.escalate_dispute(contest.ref, world.now)
    world.work()
    assert (contest.stored.state, balance(ada, "disputes"), cash(ada)) == ("needs_response", 2_000, -1_500)
    contest.bank.withdraw_dispute(contest.ref, world.now)
    world.work()
    assert (contest.stored.state, balance(ada, "disputes"), cash(ada)) == ("withdrawn", 0, 500)
    assert [e.type for e in ada.events("dispute")] == ["dispute.opened", "dispute.updated", "dispute.won"]
    agree(world)


def test_first_heard_of_when_it_is_lost(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()), fee=1_500)
    contest.close(won=False)
    assert [e.type for e in ada.events("dispute")] == ["dispute.opened", "dispute.lost"]
    assert (balance(ada, "disputes"), balance(ada, "receivable"), cash(ada)) == (0, 2_000, -1_500)
    agree(world)


def test_the_subscription_of_another_period_is_left_alone(world: FragileWorld, ada: Customer) -> None:
    paid = ada.buy(zone())
    world.until(ada.subscription().period.end)
    Contest(ada, paid).close(won=False)
    first, second = ada.invoices()
    assert (first.debt, second.debt, ada.standing()) == (2_000, 0, "past_due")
    assert ada.has("zone-pro")
    assert ada.subscription().grace_invoice is None
    agree(world)


def test_what_stands_on_another_debt_goes_on_standing_on_that(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    upgrade = ada.buy(switch(ada, "zone-business"))
    Contest(ada, upgrade).close(won=False)
    stands_on = ada.subscription().grace_invoice
    first = ada.invoices()[0]
    assert stands_on == ada.invoices()[1].id
    bank = world.banks.by_name[BANK]
    purchase = next(row for row in ada.charges() if row.amount == 2_000)
    lost = bank.open_dispute(purchase.ref, world.now)
    bank.close_dispute(lost["id"], False, world.now)
    world.work()
    assert ada.subscription().grace_invoice == stands_on
    assert next(i for i in ada.invoices() if i.id == first.id).debt == 2_000
    agree(world)


def test_an_invoice_of_the_merchants_own_is_owed_again(world: FragileWorld, ada: Customer) -> None:
    ada.receive_invoice(manual(9_900))
    paid = ada.pay_debt()
    Contest(ada, paid).close(won=False)
    assert figures(only(ada)) == ("open", 9_900, 0, 9_900, 9_900)
    assert ada.standing() == "grace"
    agree(world)


@pytest.mark.parametrize(("lost", "kept"), [(500, 1_500), (2_000, 0)])
def test_a_duplicate_charge_pays_what_is_owed_again(
    world: FragileWorld, ada: Customer, lost: int, kept: int
) -> None:
    """The bank charges 20.00 once more by mistake. It pays 20.00; where 5.00 is owed it is a duplicate like any other:
    credit, which then pays the 5.00."""
    paid = ada.buy(zone())
    contest = Contest(ada, paid, amount=lost)
    contest.close(won=False)
    contest.bank.charge_twice(str(paid.ref), world.now)
    world.work()
    assert (ada.debt(), ada.credit()) == (0, kept)
    assert [e.data["reason"] for e in ada.events("payment.stranded")] == ["duplicate"] * (kept > 0)
    agree(world)

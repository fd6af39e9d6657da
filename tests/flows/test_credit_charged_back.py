"""Bought credit whose price is taken back by a dispute: nobody spends what nobody has paid for. And credit in yen and
dinar."""

from __future__ import annotations

from datetime import timedelta

import pytest

from solvent.core.credit import GrantKind
from solvent.core.request import CancelNow, TopUp
from solvent.sim import Customer
from tests.flows.acts import DECLINED_LATER, manual, zone
from tests.flows.disputes.contests import Contest, figures
from tests.flows.test_account_credit import uses
from tests.flows.test_credit import credit
from tests.simulation.fragile import FragileWorld


def spend(ada: Customer) -> None:
    """20.00 of its credit."""
    ada.buy(zone())
    ada.open(CancelNow(subscription_id=ada.subscription().id))


def test_what_is_left_goes_with_the_money_and_what_was_spent_is_owed(
    world: FragileWorld, ada: Customer
) -> None:
    """50.00 bought, 20.00 spent: 30.00 cannot be spent any more, 20.00 is owed, and nothing is lost."""
    bought = ada.buy(TopUp(amount=5_000))
    spend(ada)
    contest = Contest(ada, bought)
    contest.close(won=False)
    assert (ada.credit(), ada.debt()) == (0, 2_000)
    assert figures(ada.invoices()[0]) == ("open", 5_000, 3_000, 2_000, 2_000)
    assert uses(world, ada) == [("invoice", 2_000), ("charged_back", 3_000)]
    assert [e.data["amount"] for e in ada.events("credit.taken")] == [3_000]
    books = {name: amount for (name, _), amount in ada.ledger().items() if amount}
    assert (books["receivable"], "prepaid_credit" in books, "dispute_losses" in books) == (
        2_000,
        False,
        False,
    )
    assert ada.quote(zone("other.example")).credit_used == 0
    ada.pay_debt()
    assert (ada.credit(), ada.debt(), ada.invoices()[0].state) == (0, 0, "resolved")
    assert [grant for grant in ada.credit_grants() if grant.kind is GrantKind.PREPAID] == []


def test_a_dispute_of_a_part_takes_that_part_of_what_is_left(world: FragileWorld, ada: Customer) -> None:
    bought = ada.buy(TopUp(amount=5_000))
    Contest(ada, bought, amount=1_000).close(won=False)
    assert (ada.credit(), ada.debt(), ada.invoices()[0].state) == (4_000, 0, "paid")


def test_the_next_dispute_of_the_same_money_finds_less(world: FragileWorld, ada: Customer) -> None:
    """10.00 of 50.00 was refunded and 20.00 spent: of 40.00, 20.00 is unspent."""
    bought = ada.buy(TopUp(amount=5_000))
    credit(ada, ada.invoices()[0], 1_000)
    world.work()
    spend(ada)
    contest = Contest(ada, bought, amount=4_000)
    contest.close(won=False)
    assert (ada.credit(), ada.debt()) == (0, 2_000)
    assert "dispute_losses" not in {name for (name, _), amount in ada.ledger().items() if amount}


def test_a_decision_that_is_reversed_gives_money_that_is_kept(world: FragileWorld, ada: Customer) -> None:
    world.decide(prepaid_validity=timedelta(days=100))
    bought = ada.buy(TopUp(amount=5_000))
    spend(ada)
    contest = Contest(ada, bought)
    contest.close(won=False)
    contest.close(won=True)
    (kept,) = ada.credit_grants()
    assert (kept.kind, kept.amount, kept.expires_at) == (GrantKind.RETURNED, 3_000, None)
    assert (ada.debt(), ada.invoices()[0].state) == (0, "resolved")


def test_a_plan_that_counted_on_it_is_stale_and_loses_no_money(world: FragileWorld, ada: Customer) -> None:
    bought = ada.buy(TopUp(amount=500))
    attempt = ada.open(zone())
    assert (attempt.plan.credit_used, attempt.plan.due) == (500, 1_500)
    Contest(ada, bought).close(won=False)
    assert ada.complete(attempt).state == "returned"
    (kept,) = ada.credit_grants()
    assert (kept.kind, kept.amount, ada.subscriptions()) == (GrantKind.RETURNED, 1_500, ())


def test_while_a_dispute_is_open_what_is_disputed_is_not_spent(world: FragileWorld, ada: Customer) -> None:
    """20.00 of 50.00 bought is disputed: 30.00 may be spent, and once it is won the rest as well."""
    bought = ada.buy(TopUp(amount=5_000))
    contest = Contest(ada, bought, amount=2_000)
    world.work()
    assert [(g.remaining, g.held, g.available) for g in ada.credit_grants()] == [(5_000, 2_000, 3_000)]
    assert ada.quote(zone(product="zone-business")).credit_used == 3_000
    ada.receive_invoice(manual(3_500))
    assert (ada.credit(), ada.debt()) == (2_000, 0)  # the card paid 5.00
    assert ada.quote(zone()).credit_used == 0
    contest.close(won=True)
    assert [(g.remaining, g.held) for g in ada.credit_grants()] == [(2_000, 0)]
    assert ada.quote(zone()).credit_used == 2_000


def test_a_plan_that_counted_on_it_before_is_stale_while_it_is_held(
    world: FragileWorld, ada: Customer
) -> None:
    bought = ada.buy(TopUp(amount=500))
    attempt = ada.open(zone())
    Contest(ada, bought)
    world.work()
    assert ada.complete(attempt).state == "returned"
    assert ada.subscriptions() == ()
    assert uses(world, ada) == []


def test_what_is_held_pays_no_debt_until_it_is_won(world: FragileWorld, ada: Customer) -> None:
    bought = ada.buy(TopUp(amount=5_000), DECLINED_LATER)
    contest = Contest(ada, bought)
    world.work()
    ada.receive_invoice(manual(1_000))
    world.wait(days=1)
    assert (ada.credit(), ada.debt()) == (5_000, 1_000)
    contest.close(won=True)
    assert (ada.credit(), ada.debt()) == (4_000, 0)


def test_what_is_held_expires_when_the_dispute_is_over(world: FragileWorld, ada: Customer) -> None:
    world.decide(prepaid_validity=timedelta(days=2))
    bought = ada.buy(TopUp(amount=5_000))
    contest = Contest(ada, bought)
    world.wait(days=3)
    assert (ada.credit(), uses(world, ada)) == (5_000, [])
    contest.close(won=True)
    assert (ada.credit(), uses(world, ada)) == (0, [("expired", 5_000)])


@pytest.mark.parametrize(("currency", "country"), [("JPY", "JP"), ("KWD", "KW")])
def test_credit_in_yen_and_dinar(world: FragileWorld, currency: str, country: str) -> None:
    """Minor units all the way: 5,000 yen, or 5.000 dinar."""
    who = world.customer("Mio", currency=currency, country=country)
    who.buy(TopUp(amount=5_000))
    who.receive_credit(1_001, expires_at=world.now + timedelta(days=3))
    who.receive_invoice(manual(2_222))
    assert (who.credit(), who.debt()) == (3_779, 0)
    assert uses(world, who) == [("invoice", 1_001), ("invoice", 1_221)]
    assert {held for _, held in who.ledger()} == {currency}
    assert {g.currency for g in who.credit_grants()} == {currency}
    who.receive_credit(7, expires_at=world.now + timedelta(days=1))
    world.wait(days=2)
    assert (who.credit(), who.ledger()["credit_given", currency]) == (3_779, 1_001)

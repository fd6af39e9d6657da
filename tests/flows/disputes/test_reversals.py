"""Decisions about disputes that are reversed: what comes back."""

from __future__ import annotations

from solvent.core.attempt import Attempt
from solvent.core.giving_up import Surrender
from solvent.core.plan import Refusal
from solvent.flows.debts import give_up
from solvent.sim import Customer
from tests.flows.acts import manual, zone
from tests.flows.disputes.contests import (
    Contest,
    agree,
    balance,
    cash,
    figures,
    only,
    told,
)
from tests.flows.test_credit import credit
from tests.simulation.fragile import FragileWorld


def test_a_reversed_decision_pays_what_is_owed(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    contest.close(won=False)
    contest.close(won=True)
    assert figures(only(ada)) == ("resolved", 2_000, 2_000, 2_000, 0)
    assert (ada.standing(), ada.has("zone-pro"), cash(ada)) == ("good", True, 2_000)
    assert told(ada)[-4:] == ["grace.granted", "dispute.won", "invoice.resolved", "grace.lifted"]
    agree(world)


def test_a_reversed_decision_after_the_debt_was_paid_becomes_credit(
    world: FragileWorld, ada: Customer
) -> None:
    contest = Contest(ada, ada.buy(zone()))
    contest.close(won=False)
    ada.pay_debt()
    contest.close(won=True)
    assert (figures(only(ada))[2:], ada.credit(), cash(ada)) == ((2_000, 2_000, 0), 2_000, 4_000)
    agree(world)


def test_a_reversed_decision_after_uncollectible_recovers(world: FragileWorld, ada: Customer) -> None:
    ada.receive_invoice(manual(5_000))
    contest = Contest(ada, ada.pay_debt())
    contest.close(won=False)
    given_up = give_up(world.platform, only(ada).id, Surrender(reason="gone", by="carol"), world.now)
    assert not isinstance(given_up, Refusal)
    assert balance(ada, "bad_debt") == 5_000
    contest.close(won=True)
    assert figures(only(ada)) == ("resolved", 5_000, 5_000, 5_000, 0)
    assert (balance(ada, "bad_debt"), ada.standing()) == (0, "good")
    agree(world)


def test_a_debt_that_was_given_up_and_recovered_is_bad_debt_again(world: FragileWorld, ada: Customer) -> None:
    ada.receive_invoice(manual(5_000))
    give_up(world.platform, only(ada).id, Surrender(reason="gone", by="carol"), world.now)
    page = ada.open_debt(only(ada).id)
    assert isinstance(page, Attempt)
    contest = Contest(ada, ada.complete(page))
    contest.close(won=False)
    assert figures(only(ada)) == ("uncollectible", 5_000, 0, 5_000, 5_000)
    assert (balance(ada, "bad_debt"), ada.standing()) == (5_000, "bad_debt")
    agree(world)


def test_a_reversed_decision_gives_back_what_was_written_off(world: FragileWorld, ada: Customer) -> None:
    paid = ada.buy(zone())
    credit(ada, only(ada))
    world.work()
    contest = Contest(ada, paid)
    contest.close(won=False)
    contest.close(won=True)
    assert (balance(ada, "dispute_losses"), cash(ada), ada.credit()) == (0, 0, 0)
    agree(world)

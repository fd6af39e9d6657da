"""Races about disputed money, on threads and connections of their own: whoever wins, the customer has it once.

Each race is run some rounds in one world, every round with a customer of its own.
"""

from __future__ import annotations

import pytest

from solvent.core.attempt import Attempt
from solvent.core.plan import Refusal
from solvent.flows.collect import collect_debts
from solvent.flows.credit import Issued, refund_payment
from solvent.flows.disputes import accept, learn
from solvent.flows.notify import process
from solvent.flows.reconcile import refund, sweep
from solvent.sim import Customer
from tests.flows.acts import DECLINED_LATER, GOOD, NO_FUNDS, manual, zone
from tests.flows.conftest import AtOnce
from tests.flows.disputes.contests import (
    BANK,
    LIMIT,
    Contest,
    agree,
    balance,
    cash,
    payment_of,
    report_of,
    told,
)
from tests.flows.test_credit import wish
from tests.simulation.fragile import START, FragileWorld

pytestmark = pytest.mark.unmeasured

ROUNDS = range(3)


@pytest.fixture
def everybody(world: FragileWorld) -> list[Customer]:
    """A customer for each round."""
    return [world.customer(f"Ben {n}") for n in ROUNDS]


def test_notification_and_poll_at_once_lose_it_once(
    world: FragileWorld, everybody: list[Customer], at_once: AtOnce
) -> None:
    contests = [Contest(ben, ben.buy(zone()), fee=1_500) for ben in everybody]
    for contest in contests:
        contest.bank.close_dispute(contest.ref, False, world.now)
    world.deliver()
    at_once(
        lambda: process(world.platform, world.buckets[0], world.now, 2),
        lambda: process(world.platform, world.buckets[0], world.now, LIMIT),
        lambda: sweep(world.platform, BANK, START, world.now),
        lambda: sweep(world.platform, BANK, START, world.now),
    )
    world.work()
    for contest, ben in zip(contests, everybody, strict=True):
        assert contest.stored.state == "lost"
        assert (ben.debt(), cash(ben), balance(ben, "dispute_fees")) == (2_000, -1_500, 1_500)
        assert [e.type for e in ben.events("dispute")] == ["dispute.opened", "dispute.lost"]
        assert told(ben).count("invoice.reopened") == 1
    agree(world)


def test_what_was_said_before_and_after_a_reversal_at_once_ends_with_the_reversal(
    world: FragileWorld, everybody: list[Customer], at_once: AtOnce
) -> None:
    for ben in everybody:
        contest = Contest(ben, ben.buy(zone()))
        opened = report_of(world, contest)
        world.clock.move_to(world.now.replace(microsecond=world.now.microsecond + 1))
        contest.bank.close_dispute(contest.ref, False, world.now)
        lost = report_of(world, contest)
        world.clock.move_to(world.now.replace(microsecond=world.now.microsecond + 1))
        contest.bank.close_dispute(contest.ref, True, world.now)
        won = report_of(world, contest)
        at_once(*[lambda x=x: learn(world.platform, BANK, x, world.now) for x in (opened, lost, won, lost)])
        assert contest.stored.state == "won"
        assert (ben.debt(), ben.credit(), cash(ben), balance(ben, "disputes")) == (0, 0, 2_000, 0)
    world.work()
    agree(world)


def test_a_refund_and_a_dispute_of_its_payment_at_once_give_it_back_once(
    world: FragileWorld, everybody: list[Customer], at_once: AtOnce
) -> None:
    """The refund is refused because of the dispute, or by the bank: then it was credit, and went with the dispute."""
    for ben in everybody:
        contest = Contest(ben, ben.buy(zone()))
        invoice, payment = payment_of(ben)
        report = report_of(world, contest)
        answer, *_ = at_once(
            lambda i=invoice, p=payment: refund_payment(world.platform, i.id, p, 300, wish("r"), world.now),
            lambda r=report: learn(world.platform, BANK, r, world.now),
            lambda: refund(world.platform, world.buckets[0], world.now, LIMIT),
        )
        assert isinstance(answer, Refusal | Issued)
        contest.close(won=False)
        owed = 2_000 if isinstance(answer, Refusal) else 1_700
        assert (ben.debt(), ben.credit(), balance(ben, "dispute_losses"), cash(ben)) == (owed, 0, 0, 0)
    agree(world)


def test_a_refund_that_is_refused_while_the_dispute_is_lost_is_no_loss(
    world: FragileWorld, everybody: list[Customer], at_once: AtOnce
) -> None:
    for ben in everybody:
        paid = ben.buy(zone())
        invoice, payment = payment_of(ben)
        for n, amount in enumerate((300, 200)):
            refund_payment(world.platform, invoice.id, payment, amount, wish(f"r{n}"), world.now)
        contest = Contest(ben, paid)
        contest.bank.close_dispute(contest.ref, False, world.now)
        report = report_of(world, contest)
        at_once(
            lambda r=report: learn(world.platform, BANK, r, world.now),
            lambda: refund(world.platform, world.buckets[0], world.now, 1),
            lambda: refund(world.platform, world.buckets[0], world.now, 1),
        )
        world.work()
        assert (ben.debt(), ben.credit(), balance(ben, "dispute_losses"), cash(ben)) == (1_500, 0, 0, 0)
        assert balance(ben, "refunds_payable") == 0
    agree(world)


def test_a_dispute_is_lost_while_another_debt_is_paid(
    world: FragileWorld, everybody: list[Customer], at_once: AtOnce
) -> None:
    contests = [Contest(ben, ben.buy(zone(), DECLINED_LATER)) for ben in everybody]
    world.until(everybody[0].subscription().period.end)
    for ben, contest in zip(everybody, contests, strict=True):
        page = ben.open_debt()
        assert isinstance(page, Attempt)
        contest.bank.close_dispute(contest.ref, False, world.now)
        report = report_of(world, contest)
        at_once(
            lambda b=ben, p=page: b.confirm(p, GOOD),
            lambda r=report: learn(world.platform, BANK, r, world.now),
        )
        first, second = ben.invoices()
        assert (first.debt, second.debt, ben.credit()) == (2_000, 0, 0)
        assert ben.subscription().grace_invoice is None
        ben.pay_debt()
        assert (ben.debt(), len(ben.charges())) == (0, 3)
    world.work()
    agree(world)


def test_all_debts_are_paid_while_a_dispute_makes_another(
    world: FragileWorld, everybody: list[Customer], at_once: AtOnce
) -> None:
    """What the page shows is what is paid; what came to be owed meanwhile is owed still."""
    for ben in everybody:
        contest = Contest(ben, ben.buy(zone()))
        ben.card_becomes(NO_FUNDS)
        ben.receive_invoice(manual(900))
        contest.bank.close_dispute(contest.ref, False, world.now)
        report = report_of(world, contest)
        page, _ = at_once(
            lambda b=ben: b.open_debt(), lambda r=report: learn(world.platform, BANK, r, world.now)
        )
        assert isinstance(page, Attempt)
        ben.complete(page)
        assert ben.debt() == 2_900 - page.plan.due
        if ben.debt():
            ben.pay_debt()
        assert (ben.debt(), ben.credit()) == (0, 0)
    world.work()
    agree(world)


def test_a_decision_is_reversed_while_the_debt_is_paid(
    world: FragileWorld, everybody: list[Customer], at_once: AtOnce
) -> None:
    """The money comes twice, in whatever order: once it pays, once it is credit."""
    for ben in everybody:
        contest = Contest(ben, ben.buy(zone()), amount=500)
        contest.close(won=False)
        (invoice,) = ben.open_invoices()
        page = ben.open_debt(invoice.id)
        assert isinstance(page, Attempt)
        contest.bank.close_dispute(contest.ref, True, world.now)
        report = report_of(world, contest)
        at_once(
            lambda b=ben, p=page: b.confirm(p, GOOD),
            lambda r=report: learn(world.platform, BANK, r, world.now),
            lambda b=ben, i=invoice: collect_debts(world.platform, b.id, [i.id], world.now),
        )
        assert (ben.debt(), ben.credit(), cash(ben)) == (0, 500, 2_500)
    world.work()
    agree(world)


def test_a_dispute_is_accepted_twice_while_it_is_polled(
    world: FragileWorld, everybody: list[Customer], at_once: AtOnce
) -> None:
    for ben in everybody:
        contest = Contest(ben, ben.buy(zone()))
        world.work()
        stored = contest.stored
        answers = at_once(
            lambda s=stored: accept(world.platform, s, world.now),
            lambda s=stored: accept(world.platform, s, world.now),
            lambda: sweep(world.platform, BANK, START, world.now),
        )
        assert answers[:2] == [None, None]
        assert (contest.stored.state, ben.debt()) == ("accepted", 2_000)
    world.work()
    agree(world)

"""Money that paid several debts in one payment, and is disputed: the last goes first, the oldest stays paid."""

from __future__ import annotations

import pytest

from solvent.core.attempt import Attempt
from solvent.core.ids import bucket_of
from solvent.core.invoice import Invoice
from solvent.sim import Customer
from tests.flows.acts import GOOD, NO_FUNDS, REFUNDS_REFUSED, manual, zone
from tests.flows.disputes.contests import Contest, agree, balance, cash, figures
from tests.flows.test_credit import credit
from tests.simulation.fragile import FragileWorld


@pytest.fixture
def owing(world: FragileWorld, ada: Customer) -> Customer:
    """Ada owes 20.00 for her present period, and 30.00 and 50.00 on invoices of the merchant."""
    ada.buy(zone())
    ada.card_becomes(NO_FUNDS)
    world.until(ada.subscription().period.end)
    for amount in (3_000, 5_000):
        ada.receive_invoice(manual(amount))
    assert [invoice.debt for invoice in owed(ada)] == [2_000, 3_000, 5_000]
    return ada


def owed(customer: Customer) -> list[Invoice]:
    """The invoices after that of the purchase, as they are numbered."""
    return sorted(customer.invoices(), key=lambda invoice: invoice.number)[1:]


def pay_all(customer: Customer, card: str = GOOD) -> Attempt:
    page = customer.open_debt()
    assert isinstance(page, Attempt)
    return customer.complete(page, card)


def taken(world: FragileWorld, customer: Customer) -> list[tuple[int, int, int]]:
    """What the database says that a dispute took: by part of the payment, of debts and of credit."""
    query = """
        select p.part, sum(c.to_debt)::int, sum(c.from_credit)::int from chargeback c
        join payment p on p.bucket = c.bucket and p.id = c.payment_id
        where c.bucket = %s and c.account_id = %s group by p.part order by p.part"""
    with world.database.pool.connection() as connection:
        return connection.execute(query, (bucket_of(customer.id), customer.id)).fetchall()


def test_the_last_debt_is_owed_again_first(world: FragileWorld, owing: Customer) -> None:
    """100.00 paid 20.00, 30.00 and 50.00; 60.00 is lost: all of the last, 10.00 of the second."""
    contest = Contest(owing, pay_all(owing), amount=6_000)
    contest.close(won=False)
    assert [figures(invoice) for invoice in owed(owing)] == [
        ("paid", 2_000, 2_000, 0, 0),
        ("open", 3_000, 2_000, 1_000, 1_000),
        ("open", 5_000, 0, 5_000, 5_000),
    ]
    assert taken(world, owing) == [(2, 1_000, 0), (3, 5_000, 0)]
    assert (balance(owing, "disputes"), balance(owing, "receivable"), cash(owing)) == (0, 6_000, 6_000)
    assert owing.subscription().grace_invoice is None
    agree(world)


def test_all_of_it_is_lost_paid_anew_in_one_payment_and_reversed(
    world: FragileWorld, owing: Customer
) -> None:
    """100.00 twice, and 20.00 before: what nobody owes when it comes back is credit."""
    contest = Contest(owing, pay_all(owing), fee=1_500)
    contest.close(won=False)
    renewed = owed(owing)[0]
    assert ([i.debt for i in owed(owing)], owing.debt()) == ([2_000, 3_000, 5_000], 10_000)
    assert owing.subscription().grace_invoice == renewed.id
    again = pay_all(owing)
    world.work()
    assert [debt.amount for debt in again.plan.settles] == [2_000, 3_000, 5_000]
    assert [invoice.state for invoice in owed(owing)] == ["resolved"] * 3
    assert (owing.subscription().grace_invoice, owing.standing(), owing.credit()) == (None, "good", 0)
    contest.close(won=True)
    assert (owing.debt(), owing.credit(), cash(owing)) == (0, 10_000, 2_000 + 10_000 + 10_000 - 1_500)
    agree(world)


def test_a_reversed_decision_pays_those_that_are_owed_still(world: FragileWorld, owing: Customer) -> None:
    contest = Contest(owing, pay_all(owing))
    contest.close(won=False)
    first, *_ = owed(owing)
    page = owing.open_debt(first.id)
    assert isinstance(page, Attempt)
    owing.complete(page, GOOD)
    contest.close(won=True)
    assert [figures(i)[2:] for i in owed(owing)] == [(2_000, 2_000, 0), (3_000, 3_000, 0), (5_000, 5_000, 0)]
    assert (owing.debt(), owing.credit()) == (0, 2_000)
    agree(world)


def test_a_refund_of_one_debt_that_is_refused_after_the_loss_lowers_it(
    world: FragileWorld, owing: Customer
) -> None:
    """10.00 of the 30.00 were to go back when the bank takes all: 20.00, 20.00 and 50.00 are owed, nothing is lost."""
    paid = pay_all(owing, REFUNDS_REFUSED)
    credit(owing, owed(owing)[1], 1_000)
    contest = Contest(owing, paid)
    contest.bank.close_dispute(contest.ref, False, world.now)
    world.deliver()
    world.work()
    assert [invoice.debt for invoice in owed(owing)] == [2_000, 2_000, 5_000]
    assert (owing.credit(), balance(owing, "dispute_losses"), balance(owing, "refunds_payable")) == (0, 0, 0)
    assert taken(world, owing) == [(1, 2_000, 0), (2, 2_000, 1_000), (3, 5_000, 0)]
    agree(world)


def test_won_nothing_of_it_is_touched(world: FragileWorld, owing: Customer) -> None:
    contest = Contest(owing, pay_all(owing))
    world.work()
    assert (balance(owing, "disputes"), owing.debt()) == (10_000, 0)
    contest.close(won=True)
    assert [invoice.state for invoice in owed(owing)] == ["paid"] * 3
    assert (balance(owing, "disputes"), cash(owing), taken(world, owing)) == (0, 12_000, [])
    agree(world)

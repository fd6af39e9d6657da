"""What is written of money that its plan cannot use, of failures, and what is refused: see `test_booking`."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from solvent.core import events as ev
from solvent.core.booking import Booking, book_commit, book_stranded
from solvent.core.change import NewItem, Start
from solvent.core.paying import book_debts
from solvent.core.payment import AttemptState, FailureCause, Outcome, ProofKind, StaleMoney
from solvent.core.settlement import Commit
from tests.core.booked import granted, owed, pro, proven, told
from tests.core.till import ISSUED, METHOD_ID, Till, accounts, declined, open_invoice, paid, said

if TYPE_CHECKING:
    from tests.core.conftest import Shop


def overtaken(shop: Shop) -> tuple[Till, Booking]:
    """The money for a new zone arrives after another subscription took the zone."""
    till = Till(shop)
    attempt = till.open(shop.plan(pro()), request=pro())
    till.live.taken["zone", "zone:example.com"] = UUID(int=9)
    return till, till.settle(paid(attempt))


def test_stranded_money_becomes_credit(shop: Shop) -> None:
    till, booking = overtaken(shop)
    assert accounts(booking) == {"cash:sandbox": 2000, "customer_credit": -2000}
    assert (booking.credit, till.live.credit, booking.refund) == (2000, 2000, None)
    assert booking.state is AttemptState.RETURNED
    assert booking.events == (
        ev.MoneyStranded(
            payment_id=booking.payment.id,
            amount=2000,
            currency="USD",
            reason="stale",
            disposition="credited",
        ),
        granted(booking, 2000, "stale"),
    )


def test_stranded_money_is_refunded_where_policy_says_so(shop: Shop) -> None:
    Till(shop).stale_money(StaleMoney.REFUND)
    till, booking = overtaken(shop)
    assert accounts(booking) == {"cash:sandbox": 2000, "refunds_payable": -2000}
    assert (booking.credit, till.live.credit) == (0, 0)
    refund = booking.refund
    assert (refund.payment_id, refund.amount, refund.currency, refund.reason) == (
        booking.payment.id,
        2000,
        "USD",
        "stale",
    )
    assert [(e.type, asdict(e)["disposition"]) for e in booking.events] == [("payment.stranded", "refunded")]


def test_a_second_charge_of_one_attempt_is_returned(shop: Shop) -> None:
    till = Till(shop)
    attempt = till.open(shop.plan(pro()))
    till.settle(paid(attempt, ref="pi_1"))
    booking = till.settle(paid(attempt, ref="pi_2"))
    assert (booking.state, booking.payment.reason, booking.ref) == (
        AttemptState.COMMITTED,
        "duplicate",
        "pi_1",
    )
    assert (booking.credit, booking.proof) == (2000, None)


def test_stranded_money_keeps_its_own_currency(shop: Shop) -> None:
    till = Till(shop)
    booking = till.settle(paid(till.open(shop.plan(pro())), currency="EUR"))
    assert (booking.currency, booking.credit, booking.payment.reason) == ("EUR", 2000, "amount")
    assert till.live.credit == 0  # there are no dollars to spend


def test_money_without_a_currency_is_taken_for_the_plans(shop: Shop) -> None:
    till = Till(shop)
    booking = till.settle(paid(till.open(shop.plan(pro())), currency=None))
    assert (booking.currency, booking.payment.reason) == ("USD", "amount")


def test_money_for_a_change_planned_anew_commits_it_and_credits_the_rest(shop: Shop) -> None:
    """20.00 came for a zone that is taken by now; the change planned anew costs 5.00."""
    till = Till(shop).stale_money(StaleMoney.REPLAN)
    attempt = till.open(shop.plan(pro()))
    anew = replace(attempt, plan=shop.plan(Start(items=(NewItem(price_id="seats"),))))
    till.locked.attempts[attempt.id] = anew
    verdict = Commit(proof=ProofKind.PAYMENT, replanned="stale")
    booking = till.book(paid(attempt, amount=2000), verdict)
    assert accounts(booking) == {
        "cash:sandbox": 2000,
        "deferred_revenue": -500,
        "customer_credit": -1500,
    }
    assert (proven(booking), booking.payment.amount, booking.credit) == (("payment", 500), 2000, 1500)
    assert booking.payment.disposition == "applied"
    assert told(booking) == ["payment.stranded", "subscription.started", "invoice.paid", "credit.granted"]
    first, last = asdict(booking.events[0]), asdict(booking.events[-1])
    assert (first["disposition"], last["reason"]) == ("replanned", "surplus")


def test_late_money_of_a_failed_attempt_commits_its_plan(shop: Shop) -> None:
    till = Till(shop)
    attempt = till.open(shop.plan(pro()), ref="pi_1")
    failed = till.settle(declined(attempt))
    assert (failed.state, failed.events, failed.proof) == (AttemptState.FAILED, (), None)
    booking = till.settle(paid(attempt, ref="pi_1"))
    assert (booking.state, proven(booking), booking.cause) == (
        AttemptState.COMMITTED,
        ("payment", 2000),
        None,
    )


def test_a_failure_leaves_nothing_but_the_journal(shop: Shop) -> None:
    till = Till(shop)
    attempt = till.open(shop.plan(pro()), ref="pi_1")
    booking = till.settle(said(attempt, Outcome.FAILED, cause=FailureCause.CARD_EXPIRED))
    assert booking == Booking(
        attempt_id=attempt.id,
        account_id=shop.account.id,
        state=AttemptState.FAILED,
        cause=FailureCause.CARD_EXPIRED,
        ref="pi_1",
        invalid_method=METHOD_ID,
        events=(ev.MethodInvalidated(method_id=METHOD_ID, cause="card_expired"),),
    )
    assert booking.currency is None


def test_an_invoice_and_its_number_come_together(shop: Shop) -> None:
    till = Till(shop)
    costly = till.open(shop.plan(pro()))
    free = till.open(shop.plan(Start(items=(NewItem(price_id="free", object="zone:a"),))))
    with pytest.raises(ValueError, match="its number"):
        book_commit(costly, Commit(proof=ProofKind.PAYMENT), paid(costly), till.live, till.desk, None)
    with pytest.raises(ValueError, match="its number"):
        book_commit(
            free, Commit(proof=ProofKind.NOTHING_DUE), paid(free), till.live, till.desk, ("SOL-7F", 1)
        )


def test_a_payment_is_booked_only_with_its_provider_its_name_and_enough_money(shop: Shop) -> None:
    till, commit = Till(shop), Commit(proof=ProofKind.PAYMENT)
    attempt = till.open(shop.plan(pro()))
    for report in (paid(attempt, amount=1999), said(attempt, Outcome.SUCCEEDED)):
        with pytest.raises(ValueError, match="needs 2000"):
            book_commit(attempt, commit, report, till.live, till.desk, ("SOL-7F", 1))
    nobody = replace(attempt, provider=None)
    with pytest.raises(ValueError, match="by a provider"):
        book_stranded(nobody, paid(nobody), "late", till.desk)


@pytest.mark.parametrize("amount", [1999, 2001])
def test_a_debt_is_paid_exactly(shop: Shop, amount: int) -> None:
    till = Till(shop)
    till.owes(open_invoice(shop))
    attempt = till.open(owed(till, ISSUED))
    with pytest.raises(ValueError, match="do not pay 2000"):
        book_debts(attempt, paid(attempt, amount=amount), till.live, till.desk)

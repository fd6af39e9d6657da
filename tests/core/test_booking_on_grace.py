"""What grace writes, and what pays it, in exact figures: see `test_booking`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from solvent.core import events as ev
from solvent.core.collection import plan_invoice
from solvent.core.payment import FailureCause, Outcome
from solvent.core.subscription import EndReason
from tests.core.booked import invoiced, manual, on_grace, owed, proven, rules, told
from tests.core.till import CARD, ISSUED, METHOD_ID, Till, accounts, declined, open_invoice, paid, said

if TYPE_CHECKING:
    from tests.core.conftest import Shop


def test_a_declined_renewal_is_committed_on_grace(shop: Shop) -> None:
    _, booking = on_grace(shop)
    assert accounts(booking) == {"receivable": 1500, "customer_credit": 500, "deferred_revenue": -2000}
    assert (proven(booking), booking.credit) == (("grace", 1500), -500)
    assert (invoiced(booking), booking.cause) == (
        ("SOL-7F-000042", 2000, 500),
        FailureCause.INSUFFICIENT_FUNDS,
    )
    until = datetime(2026, 2, 6, tzinfo=UTC)
    after = booking.subscription
    assert (after.grace_until, after.grace_invoice) == (until, booking.invoice.id)
    assert [grant.ends_at for grant in booking.grants] == [until]
    assert told(booking) == [
        "subscription.renewed",
        "credit.used",
        "invoice.issued",
        "grace.granted",
    ]
    assert booking.events[-1] == ev.GraceGranted(
        invoice_id=booking.invoice.id, amount=1500, cause="insufficient_funds", until=until
    )


def test_grace_is_longer_by_what_an_outage_may_last(shop: Shop) -> None:
    shop.policy = replace(shop.policy, outage_max=timedelta(days=3))
    _, booking = on_grace(shop, FailureCause.PROVIDER_UNAVAILABLE)
    assert booking.proof.grace_until == datetime(2026, 2, 9, tzinfo=UTC)


def test_another_cause_makes_grace_no_longer(shop: Shop) -> None:
    shop.policy = replace(shop.policy, outage_max=timedelta(days=3))
    _, booking = on_grace(shop, FailureCause.DECLINED)
    assert booking.proof.grace_until == datetime(2026, 2, 6, tzinfo=UTC)


def test_grace_counts_from_the_period_however_late_its_collection_failed(shop: Shop) -> None:
    shop.zone()
    till = Till(shop)
    booking = till.settle(declined(till.open(shop.at(2026, 2, 10).due())))
    assert booking.proof.grace_until == datetime(2026, 2, 6, tzinfo=UTC)
    assert booking.invoice.due_at == shop.now


def test_a_permanent_failure_ends_the_method(shop: Shop) -> None:
    _, booking = on_grace(shop, FailureCause.CARD_LOST)
    assert booking.invalid_method == METHOD_ID
    assert booking.events[-1] == ev.MethodInvalidated(method_id=METHOD_ID, cause="card_lost")


def test_a_manual_invoice_that_is_declined_stays_owed(shop: Shop) -> None:
    plan = plan_invoice(shop.account, manual(4500), invoice_id=UUID(int=6), credit_grants=(), **rules(shop))
    till = Till(shop)
    booking = till.settle(declined(till.open(plan)))
    assert accounts(booking) == {"receivable": 4500, "revenue": -4500}
    assert (proven(booking), invoiced(booking)) == (("grace", 4500), ("SOL-7F-000042", 4500, 0))
    assert booking.proof.grace_until == shop.now + timedelta(days=5)


def test_paying_the_debt_lifts_grace_at_once(shop: Shop) -> None:
    till, granted = on_grace(shop)
    booking = till.settle(paid(till.open(owed(till, granted.invoice.id)), ref="pi_2"))
    assert accounts(booking) == {"cash:sandbox": 1500, "receivable": -1500}
    assert (proven(booking), booking.proof.of_plan) == (("payment", 1500), True)
    after = booking.subscription
    assert (after.version, after.grace_until, after.grace_invoice) == (3, None, None)
    assert [grant.ends_at for grant in booking.grants] == [datetime(2026, 3, 6, tzinfo=UTC)]
    assert booking.events == (
        ev.InvoicePaid(
            invoice_id=granted.invoice.id,
            number="SOL-7F-000042",
            total=2000,
            currency="USD",
            proof="payment",
            payment_id=booking.payment.id,
        ),
        ev.GraceLifted(subscription_id=after.id, invoice_id=granted.invoice.id),
    )


def test_late_money_pays_the_invoice_that_grace_left_open(shop: Shop) -> None:
    till, granted = on_grace(shop)
    assert granted.attempt_id is not None
    attempt = till.locked.attempts[granted.attempt_id]
    booking = till.settle(paid(attempt, ref="pi_late"))
    assert accounts(booking) == {"cash:sandbox": 1500, "receivable": -1500}
    assert (proven(booking), booking.proof.of_plan, booking.credit) == (("payment", 1500), False, 0)
    assert told(booking) == ["invoice.paid", "grace.lifted"]
    assert booking.ref == "pi_1"  # the attempt keeps the name it first had


def test_credit_pays_a_debt(shop: Shop) -> None:
    till, granted = on_grace(shop)
    till.has_credit(1800)
    booking = till.settle(said(till.open(owed(till, granted.invoice.id)), Outcome.SUCCEEDED))
    assert accounts(booking) == {"customer_credit": 1500, "receivable": -1500}
    assert (proven(booking), booking.credit, booking.payment) == (("credit", 1500), -1500, None)
    assert told(booking) == ["credit.used", "invoice.paid", "grace.lifted"]


def test_credit_and_money_pay_a_debt_together(shop: Shop) -> None:
    till = Till(shop)
    till.owes(open_invoice(shop))
    till.has_credit(300)
    attempt = till.open(owed(till, ISSUED), method_token=None)
    booking = till.settle(paid(attempt, method=CARD))
    assert accounts(booking) == {"cash:sandbox": 1700, "customer_credit": 300, "receivable": -2000}
    assert (proven(booking), booking.credit) == (("payment", 1700), -300)
    assert (booking.subscription, told(booking)) == (None, ["credit.used", "invoice.paid", "method.added"])


def test_a_period_that_was_never_paid_ends_the_subscription(shop: Shop) -> None:
    till, granted = on_grace(shop)
    booking = till.settle(said(till.open(shop.at(2026, 3, 1).due()), Outcome.SUCCEEDED))
    assert booking.subscription.end_reason is EndReason.UNPAID
    assert (told(booking), booking.grants) == (["subscription.ended"], ())
    late = till.settle(paid(till.open(owed(till, granted.invoice.id))))  # still owed, but it revives nothing
    assert (told(late), late.subscription) == (["invoice.paid"], None)

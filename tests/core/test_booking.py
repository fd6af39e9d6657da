"""What each verdict writes, in exact figures: a page per kind of plan and proof, as an accountant reads it.

Amounts are minor units. `accounts(booking)` is debits less credits, so what we hold is positive and what we owe, or
have earned, is negative. Every booking also passes the till's `check`.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from solvent.core import events as ev
from solvent.core.booking import Booking, book_commit, book_stranded, issues_invoice
from solvent.core.change import (
    AddMethod,
    CancelAtPeriodEnd,
    CancelNow,
    NewItem,
    Purchase,
    SetQuantity,
    Start,
    SwitchPrice,
)
from solvent.core.collection import plan_debt, plan_invoice
from solvent.core.invoice import Line, LineKind
from solvent.core.paying import book_debts
from solvent.core.payment import AttemptState, FailureCause, Outcome, ProofKind, StaleMoney
from solvent.core.period import Period
from solvent.core.plan import Plan
from solvent.core.settlement import Commit
from solvent.core.subscription import EndReason
from tests.core.funds import whole
from tests.core.till import CARD, ISSUED, METHOD_ID, Till, accounts, declined, open_invoice, paid, said

if TYPE_CHECKING:
    from tests.core.conftest import Shop


def told(booking: Booking) -> list[str]:
    return [event.type for event in booking.events]


def proven(booking: Booking) -> tuple[str, int]:
    assert booking.proof is not None
    return booking.proof.kind.value, booking.proof.amount


def invoiced(booking: Booking) -> tuple[str, int, int]:
    """Number, total and what is paid of it."""
    assert booking.invoice is not None
    value = booking.invoice.value(booking.account_id)
    return value.number, value.total, value.paid


def rules(shop: Shop) -> dict[str, Any]:
    return {
        "catalog": shop.catalog,
        "policy": shop.policy,
        "convention": shop.convention,
        "now": shop.now,
    }


def pro(thing: str = "zone:example.com") -> Start:
    return Start(items=(NewItem(price_id="pro", object=thing),))


def manual(*amounts: int) -> tuple[Line, ...]:
    return tuple(
        Line(kind=LineKind.MANUAL, description="Migration", amount=a, explanation="as agreed")
        for a in amounts
    )


# ─── a plan is committed ──────────────────────────────────────────────────────────────────────────────────────


def test_a_paid_start(shop: Shop) -> None:
    till = Till(shop)
    attempt = till.open(shop.plan(pro()), method_token=None)
    booking = till.settle(paid(attempt, method=CARD))
    assert accounts(booking) == {"cash:sandbox": 2000, "deferred_revenue": -2000}
    assert (proven(booking), invoiced(booking)) == (("payment", 2000), ("SOL-7F-000042", 2000, 2000))
    assert told(booking) == ["subscription.started", "invoice.paid", "method.added"]
    assert (booking.credit, booking.items_changed, booking.ref) == (0, True, "pi_1")
    assert booking.method is not None
    assert booking.method.vaulted is CARD
    (grant,) = booking.grants
    assert (grant.object, grant.starts_at) == ("zone:example.com", shop.now)
    assert grant.ends_at == datetime(2026, 2, 6, tzinfo=UTC)  # the period, and five days to collect the next


def test_credit_pays_a_part(shops: type[Shop]) -> None:
    shop = shops(credit=500)
    till = Till(shop)
    booking = till.settle(paid(till.open(shop.plan(pro()))))
    assert accounts(booking) == {"cash:sandbox": 1500, "customer_credit": 500, "deferred_revenue": -2000}
    assert (proven(booking), booking.credit) == (("payment", 1500), -500)
    assert told(booking) == ["subscription.started", "credit.used", "invoice.paid"]


def test_credit_pays_it_all(shops: type[Shop]) -> None:
    shop = shops(credit=3000)
    till = Till(shop)
    booking = till.settle(said(till.open(shop.plan(pro())), Outcome.SUCCEEDED))
    assert accounts(booking) == {"customer_credit": 2000, "deferred_revenue": -2000}
    assert (proven(booking), booking.credit, booking.payment) == (("credit", 2000), -2000, None)
    assert (invoiced(booking), till.live.credit) == (("SOL-7F-000042", 2000, 2000), 1000)


def test_something_free_writes_no_invoice_and_no_posting(shop: Shop) -> None:
    till = Till(shop)
    plan = shop.plan(Start(items=(NewItem(price_id="free", object="zone:a"),)))
    booking = till.settle(said(till.open(plan), Outcome.SUCCEEDED))
    assert (proven(booking), booking.postings, booking.invoice) == (("nothing_due", 0), (), None)
    assert told(booking) == ["subscription.started"]


def test_a_trial_stands_on_the_confirmed_mandate(shop: Shop) -> None:
    till = Till(shop)
    attempt = till.open(shop.plan(Start(items=(NewItem(price_id="media"),))), method_token=None)
    booking = till.settle(said(attempt, Outcome.SUCCEEDED, ref="seti_1", method=CARD))
    assert (proven(booking), booking.postings, booking.invoice) == (("trial", 0), (), None)
    assert told(booking) == ["subscription.started", "method.added"]


def test_a_method_on_its_own(shop: Shop) -> None:
    till = Till(shop)
    attempt = till.open(shop.plan(AddMethod()), method_token=None)
    booking = till.settle(said(attempt, Outcome.SUCCEEDED, ref="seti_1", method=CARD))
    assert (proven(booking), booking.subscription, booking.grants) == (("trial", 0), None, ())
    assert booking.events == (
        ev.MethodAdded(method_id=booking.method.id, provider="sandbox", label="Visa 4242"),
    )


def test_the_method_that_was_charged_is_not_added_again(shop: Shop) -> None:
    till = Till(shop)
    attempt = till.open(shop.plan(pro()), method_token=CARD.token)
    assert till.settle(paid(attempt, method=CARD)).method is None


def test_terms_issue_an_invoice_that_is_due_later(shops: type[Shop]) -> None:
    shop = shops(terms_days=30, credit=500)
    till = Till(shop)
    booking = till.settle(said(till.open(shop.plan(pro())), Outcome.SUCCEEDED))
    assert accounts(booking) == {"receivable": 2000, "deferred_revenue": -2000}
    assert (proven(booking), booking.credit) == (("terms", 2000), 0)
    assert (invoiced(booking), told(booking)) == (
        ("SOL-7F-000042", 2000, 0),
        ["subscription.started", "invoice.issued"],
    )
    assert booking.events[-1] == ev.InvoiceIssued(
        invoice_id=booking.invoice.id,
        number="SOL-7F-000042",
        total=2000,
        debt=2000,
        currency="USD",
        due_at=shop.now + timedelta(days=30),
    )


def test_an_upgrade_posts_the_difference(shop: Shop) -> None:
    """16 January, 12:00: 15.5 of 31 days are left. −10.00 unused, +100.00 remaining."""
    base = shop.zone().after
    shop.at(2026, 1, 16, 12)
    plan = shop.plan(SwitchPrice(subscription_id=base.id, item_id=base.items[0].id, price_id="business"))
    till = Till(shop)
    booking = till.settle(paid(till.open(plan)))
    assert [line.amount for line in booking.invoice.lines] == [-1000, 10000]
    assert accounts(booking) == {"cash:sandbox": 9000, "deferred_revenue": -9000}
    assert (told(booking), booking.items_changed) == (["subscription.changed", "invoice.paid"], True)


def test_a_purchase_is_earned_at_once(shop: Shop) -> None:
    till = Till(shop)
    booking = till.settle(paid(till.open(shop.plan(Purchase(items=(NewItem(price_id="setup"),))))))
    assert accounts(booking) == {"cash:sandbox": 5000, "revenue": -5000}
    assert (booking.subscription, told(booking)) == (None, ["invoice.paid"])


def test_lines_that_cancel_out_make_a_paid_invoice_of_nothing(shop: Shop) -> None:
    plan = plan_invoice(
        shop.account, manual(700, -700), invoice_id=UUID(int=6), credit_grants=(), **rules(shop)
    )
    till = Till(shop)
    booking = till.settle(said(till.open(plan), Outcome.SUCCEEDED))
    assert (proven(booking), invoiced(booking)) == (("nothing_due", 0), ("SOL-7F-000042", 0, 0))
    assert (booking.postings, told(booking)) == ((), ["invoice.paid"])


def test_a_renewal_changes_items_only_when_that_was_scheduled(shop: Shop) -> None:
    base = shop.start(("pro", 3, "zone:a")).after
    till = Till(shop)
    booking = till.settle(paid(till.open(shop.at(2026, 2, 1).due())))
    assert (booking.items_changed, told(booking)) == (False, ["subscription.renewed", "invoice.paid"])
    fewer = SetQuantity(subscription_id=base.id, item_id=base.items[0].id, quantity=1)
    scheduled = till.settle(said(till.open(shop.plan(fewer)), Outcome.SUCCEEDED))
    assert told(scheduled) == ["subscription.scheduled"]
    assert till.settle(paid(till.open(shop.at(2026, 3, 1).due()))).items_changed


def granted(booking: Booking, amount: int, reason: str) -> ev.CreditGranted:
    """What is told of the one grant of a booking, out of money that is kept: it never expires."""
    (grant,) = booking.credit_grants
    return ev.CreditGranted(
        grant_id=grant.id, kind="returned", amount=amount, currency="USD", reason=reason, expires_at=None
    )


def test_cancelling_with_credit_gives_the_unused_time_back(shop: Shop) -> None:
    base = shop.zone().after
    shop.at(2026, 1, 16, 12)
    till = Till(shop)
    plan = shop.plan(CancelNow(subscription_id=base.id, credit=True))
    assert (plan.total, issues_invoice(plan)) == (-1000, False)
    booking = till.settle(said(till.open(plan), Outcome.SUCCEEDED))
    assert accounts(booking) == {"deferred_revenue": 1000, "customer_credit": -1000}
    assert (proven(booking), booking.credit, booking.grants) == (("nothing_due", 0), 1000, ())
    assert [(line.amount, line.period) for line in booking.unused] == [
        (-1000, Period(start=shop.now, end=datetime(2026, 2, 1, tzinfo=UTC)))
    ]
    assert booking.events == (
        ev.SubscriptionEnded(subscription_id=base.id, reason="canceled", ended_at=shop.now),
        granted(booking, 1000, "cancel"),
    )


def test_a_scheduled_cancellation_and_the_end(shop: Shop) -> None:
    base = shop.zone().after
    till = Till(shop)
    plan = shop.plan(CancelAtPeriodEnd(subscription_id=base.id))
    scheduled = till.settle(said(till.open(plan), Outcome.SUCCEEDED))
    end = datetime(2026, 2, 1, tzinfo=UTC)
    assert scheduled.events == (ev.ChangeScheduled(subscription_id=base.id, at=end, cancel=True),)
    assert [grant.ends_at for grant in scheduled.grants] == [end]
    ended = till.settle(said(till.open(shop.at(2026, 2, 3).due()), Outcome.SUCCEEDED))
    assert ended.events == (ev.SubscriptionEnded(subscription_id=base.id, reason="canceled", ended_at=end),)


# ─── grace, and what pays it ──────────────────────────────────────────────────────────────────────────────────


def on_grace(shop: Shop, cause: FailureCause = FailureCause.INSUFFICIENT_FUNDS) -> tuple[Till, Booking]:
    """A renewal for 1 February of which credit paid 5.00 and the card nothing."""
    shop.zone()
    shop.credit = 500
    till = Till(shop)
    attempt = till.open(shop.at(2026, 2, 1).due())
    return till, till.settle(declined(attempt, cause))


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


def owed(till: Till, invoice_id: UUID) -> Plan:
    shop = till.shop
    plan = plan_debt(
        shop.account,
        till.live.invoices[invoice_id],
        owed=whole(till.live.invoices[invoice_id]),
        credit_grants=shop.credit_grants,
        policy=shop.policy,
        now=shop.now,
    )
    assert isinstance(plan, Plan)
    return plan


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


# ─── money that its plan cannot use ───────────────────────────────────────────────────────────────────────────


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


# ─── failures, and what is refused ────────────────────────────────────────────────────────────────────────────


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

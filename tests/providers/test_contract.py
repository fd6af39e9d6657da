"""What every provider must do, whatever its personality and however it is reached."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from solvent.core.dispute import DisputeReason, Evidence
from solvent.core.payment import ActionKind, FailureCause, Outcome
from solvent.ports.provider import DisputeAnswer, RefundOutcome

World = Any  # the fixture's class; see conftest
PROCESSING_THEN_PAID = "000123456789"
PROCESSING_THEN_FAILED = "000222222227"
UNMAPPED = "4000000000017709"
DECLINED = "4000000000000002"
EXPIRED = "4000000000000069"
NEEDS_CUSTOMER = "4000002760003184"
CHARGED_TWICE = "4000000000018889"


def test_open_moves_no_money_and_says_what_the_customer_must_do(world: World) -> None:
    request = world.request()
    report = world.provider.open(request)
    assert report.outcome is Outcome.REQUIRES_ACTION
    assert report.key == request.key
    assert report.action.attempt_id == request.key
    assert report.action.provider == world.name
    assert report.action.expires_at == request.expires_at
    assert report.action.kind in world.provider.capabilities.actions
    assert world.charged(request.key) == []


def test_paying_on_session_charges_once_and_vaults_the_method(world: World) -> None:
    paid = world.pay()
    assert (paid.outcome, paid.amount, paid.currency) == (Outcome.SUCCEEDED, 1200, "USD")
    assert paid.method.provider == world.name
    assert paid.method.off_session
    assert world.charged(paid.key) == [1200]


def test_opening_again_gives_the_first_answer(world: World) -> None:
    request = world.request()
    first = world.provider.open(request)
    assert world.provider.open(request) == first


def test_confirming_again_charges_no_second_time(world: World) -> None:
    paid = world.pay()
    assert world.provider.confirm(paid.key, paid.ref, None) == paid
    assert world.charged(paid.key) == [1200]


def test_setup_vaults_a_method_without_money(world: World) -> None:
    ready = world.pay(amount=0, setup=True)
    assert (ready.outcome, ready.amount) == (Outcome.SUCCEEDED, 0)
    assert world.charged(ready.key) == []
    charged = world.provider.charge(world.charge_request(ready.method.token))
    assert charged.outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize(("amount", "setup"), [(0, False), (1200, True)])
def test_an_amount_that_contradicts_the_setup_is_no_payment(world: World, amount: int, setup: bool) -> None:
    request = world.request(amount=amount, setup=setup)
    assert world.provider.open(request).outcome is Outcome.UNKNOWN
    assert world.provider.get(request.key, None) is None


def test_charging_off_session_with_the_same_key_charges_once(world: World) -> None:
    request = world.charge_request(world.vaulted())
    first = world.provider.charge(request)
    assert first.outcome is Outcome.SUCCEEDED
    assert world.provider.charge(request) == first
    assert world.charged(request.key) == [1200]


def test_a_stored_failure_is_answered_again_even_when_the_card_would_work_now(world: World) -> None:
    token = world.vaulted(DECLINED)
    request = world.charge_request(token)
    first = world.provider.charge(request)
    assert (first.outcome, first.cause) == (Outcome.FAILED, FailureCause.DECLINED)
    world.control("set_behaviour", token=token, number="4242424242424242")
    assert world.provider.charge(request) == first
    assert world.charged(request.key) == []


def test_another_request_under_a_used_key_is_refused(world: World) -> None:
    token = world.vaulted()
    request = world.charge_request(token)
    world.provider.charge(request)
    other = world.charge_request(token, key=request.key, amount=9900)
    assert world.provider.charge(other).outcome is Outcome.UNKNOWN
    assert world.provider.open(request).outcome is Outcome.UNKNOWN
    assert world.charged(request.key) == [1200]


def test_a_method_of_another_customer_cannot_be_charged(world: World) -> None:
    token = world.vaulted()
    report = world.provider.charge(world.charge_request(token, customer=uuid4()))
    assert (report.outcome, report.cause) == (Outcome.FAILED, FailureCause.NO_METHOD)


@pytest.mark.parametrize("token", [None, "vm_unheard_of"])
def test_charging_without_a_usable_method_fails(world: World, token: str | None) -> None:
    report = world.provider.charge(world.charge_request(token))
    assert (report.outcome, report.cause) == (Outcome.FAILED, FailureCause.NO_METHOD)


def test_a_card_that_expires_later_fails_from_then_on(world: World) -> None:
    token = world.vaulted()
    assert world.provider.charge(world.charge_request(token)).outcome is Outcome.SUCCEEDED
    world.control("set_behaviour", token=token, number=EXPIRED)
    assert world.provider.charge(world.charge_request(token)).cause is FailureCause.CARD_EXPIRED


def test_needing_the_customer_off_session_is_a_failure_with_that_cause(world: World) -> None:
    report = world.provider.charge(world.charge_request(world.vaulted(NEEDS_CUSTOMER)))
    assert (report.outcome, report.cause) == (Outcome.FAILED, FailureCause.AUTHENTICATION_REQUIRED)


def test_looking_up_by_our_key_or_by_ref_gives_the_same(world: World) -> None:
    request = world.charge_request(world.vaulted())
    charged = world.provider.charge(request)
    assert world.provider.get(request.key, None) == charged
    assert world.provider.get(request.key, charged.ref) == charged


def test_what_the_provider_never_heard_of_is_none(world: World) -> None:
    assert world.provider.get(uuid4(), None) is None
    assert world.provider.cancel(uuid4(), None) is None
    assert list(world.provider.payments_of(uuid4(), None)) == []


def test_confirming_what_the_provider_never_heard_of_is_unknown(world: World) -> None:
    assert world.provider.confirm(uuid4(), "pi_unheard_of", None).outcome is Outcome.UNKNOWN


def test_a_cancelled_attempt_can_no_longer_succeed(world: World) -> None:
    opened = world.provider.open(world.request())
    canceled = world.provider.cancel(opened.key, opened.ref)
    assert (canceled.outcome, canceled.cause) == (Outcome.FAILED, FailureCause.CANCELED)
    world.control("approve", ref=opened.ref)
    later = world.provider.confirm(opened.key, opened.ref, "4242424242424242")
    assert later == canceled
    assert world.provider.cancel(opened.key, opened.ref) == canceled
    assert world.charged(opened.key) == []


def test_cancelling_too_late_reports_the_outcome_that_came_first(world: World) -> None:
    paid = world.pay()
    assert world.provider.cancel(paid.key, None).outcome is Outcome.SUCCEEDED


def test_a_bank_debit_is_processing_for_days_and_then_succeeds(world: World) -> None:
    request = world.charge_request(world.vaulted(PROCESSING_THEN_PAID))
    assert world.provider.charge(request).outcome is Outcome.PROCESSING
    assert world.provider.cancel(request.key, None).outcome is Outcome.PROCESSING
    world.clock.advance(days=2, hours=23)
    assert world.provider.get(request.key, None).outcome is Outcome.PROCESSING
    assert world.charged(request.key) == []
    world.clock.advance(hours=1)
    assert world.provider.get(request.key, None).outcome is Outcome.SUCCEEDED
    assert world.charged(request.key) == [1200]
    assert world.provider.charge(request).outcome is Outcome.PROCESSING, "a replay gives the first answer"


def test_a_bank_debit_may_fail_after_days(world: World) -> None:
    request = world.charge_request(world.vaulted(PROCESSING_THEN_FAILED))
    assert world.provider.charge(request).outcome is Outcome.PROCESSING
    world.clock.advance(days=3)
    report = world.provider.get(request.key, None)
    assert (report.outcome, report.cause) == (Outcome.FAILED, FailureCause.INSUFFICIENT_FUNDS)


def test_a_status_that_nobody_mapped_is_unknown_until_it_is_decided(world: World) -> None:
    request = world.charge_request(world.vaulted(UNMAPPED))
    report = world.provider.charge(request)
    assert report.outcome is Outcome.UNKNOWN
    assert world.provider.get(request.key, None).outcome is Outcome.UNKNOWN
    world.control("decide", ref=report.ref, succeeded=True)
    assert world.provider.get(request.key, None).outcome is Outcome.SUCCEEDED


def test_a_duplicate_charge_is_found_and_can_be_returned(world: World) -> None:
    request = world.charge_request(world.vaulted(CHARGED_TWICE))
    charged = world.provider.charge(request)
    first, second = world.provider.payments_of(request.key, None)
    assert (first.ref, first.outcome, second.outcome) == (charged.ref, Outcome.SUCCEEDED, Outcome.SUCCEEDED)
    assert second.ref != first.ref
    refund = world.provider.refund(world.refund_request(second, 1200))
    assert refund.outcome is RefundOutcome.SUCCEEDED
    assert world.net(request.key) == 1200


def test_refunds_full_partial_and_several_never_exceed_the_payment(world: World) -> None:
    paid = world.pay()
    outcomes = [
        world.provider.refund(world.refund_request(paid, amount)).outcome for amount in (500, 701, 700, 1)
    ]
    assert outcomes == [
        RefundOutcome.SUCCEEDED,
        RefundOutcome.FAILED,
        RefundOutcome.SUCCEEDED,
        RefundOutcome.FAILED,
    ]
    assert world.net(paid.key) == 0


def test_refunding_again_under_the_same_key_returns_money_once(world: World) -> None:
    paid = world.pay()
    request = world.refund_request(paid, 500)
    first = world.provider.refund(request)
    assert world.provider.refund(request) == first
    assert world.net(paid.key) == 700
    other = world.refund_request(paid, 501, key=request.key)
    assert world.provider.refund(other).outcome is RefundOutcome.UNKNOWN
    assert world.net(paid.key) == 700


def test_refunding_what_was_never_charged_or_in_another_currency_fails(world: World) -> None:
    paid = world.pay()
    for request in (
        world.refund_request(paid, 100, payment_ref="nothing"),
        world.refund_request(paid, 100, currency="EUR"),
    ):
        assert world.provider.refund(request).outcome is RefundOutcome.FAILED
    assert world.net(paid.key) == 1200


def test_a_refund_may_take_a_day(world: World) -> None:
    paid = world.pay("4000000000007726")
    request = world.refund_request(paid, 1200)
    assert world.provider.refund(request).outcome is RefundOutcome.PROCESSING
    assert world.provider.refund(world.refund_request(paid, 1)).outcome is RefundOutcome.FAILED
    world.clock.advance(days=1)
    assert world.provider.refund(request).outcome is RefundOutcome.SUCCEEDED
    assert world.net(paid.key) == 0


def test_a_refund_may_be_refused(world: World) -> None:
    paid = world.pay("4000000000005126")
    assert world.provider.refund(world.refund_request(paid, 1200)).outcome is RefundOutcome.FAILED
    assert world.net(paid.key) == 1200


def test_a_detached_method_cannot_be_charged_and_detaching_twice_is_no_error(world: World) -> None:
    token = world.vaulted()
    world.provider.detach(token)
    world.provider.detach(token)
    report = world.provider.charge(world.charge_request(token))
    assert (report.outcome, report.cause) == (Outcome.FAILED, FailureCause.NO_METHOD)


@pytest.mark.parametrize(("won", "kept"), [(True, 1200), (False, 0)])
def test_a_dispute_opens_and_is_decided(world: World, won: bool, kept: int) -> None:
    paid = world.pay()
    since = world.clock.advance(minutes=5)
    world.control("open_dispute", ref=paid.ref)
    world.control("open_dispute", ref=paid.ref)
    (dispute,) = [one for one in world.provider.disputes_since(since) if one.key == paid.key]
    assert (dispute.state, dispute.amount, dispute.payment_ref) == ("needs_response", 1200, paid.ref)
    assert (dispute.opened_at, dispute.changed_at) == (since, since)
    assert world.provider.get_dispute(dispute.ref) == dispute
    assert world.net(paid.key) == 0
    assert world.provider.refund(world.refund_request(paid, 1200)).outcome is RefundOutcome.FAILED
    decided_at = world.clock.advance(days=30)
    world.control("close_dispute", ref=dispute.ref, won=won)
    (dispute,) = [one for one in world.provider.disputes_since(decided_at) if one.key == paid.key]
    assert dispute.state == ("won" if won else "lost")
    assert dispute == world.provider.get_dispute(dispute.ref)
    assert world.net(paid.key) == kept


def test_a_dispute_nobody_knows(world: World) -> None:
    assert world.provider.get_dispute("dp_none") is None
    assert world.provider.accept_dispute("dp_none") is None
    assert world.provider.submit_evidence("dp_none", Evidence(statement="It was used.")) is None


def test_a_part_is_disputed_for_a_fee_and_the_rest_can_be_refunded(world: World) -> None:
    paid = world.pay()
    told = {"amount": 500, "reason": "product_not_received", "fee": 15}
    dispute = world.dispute(paid, **told)
    assert (dispute.amount, dispute.reason, dispute.fee) == (500, DisputeReason.NOT_RECEIVED, 15)
    assert world.net(paid.key) == 685
    world.control("close_dispute", ref=dispute.ref, won=False)
    assert world.provider.refund(world.refund_request(paid, 701)).outcome is RefundOutcome.FAILED
    assert world.provider.refund(world.refund_request(paid, 700)).outcome is RefundOutcome.SUCCEEDED
    assert world.net(paid.key) == -15


def test_an_inquiry_moves_no_money_until_it_becomes_a_dispute(world: World) -> None:
    paid = world.pay()
    inquiry = world.dispute(paid, inquiry=True, fee=15, reason="out of spite")
    assert (inquiry.state, inquiry.reason, inquiry.fee) == ("warning", "unknown", 0)
    assert inquiry.evidence_due_by == world.clock() + timedelta(days=14)
    assert world.net(paid.key) == 1200
    world.control("escalate_dispute", ref=inquiry.ref)
    assert (world.provider.get_dispute(inquiry.ref).state, world.net(paid.key)) == ("needs_response", -15)
    world.control("withdraw_dispute", ref=inquiry.ref)
    assert (world.provider.get_dispute(inquiry.ref).state, world.net(paid.key)) == ("withdrawn", 1185)
    assert world.provider.accept_dispute(inquiry.ref).state == "withdrawn"


def test_a_merchant_answers_or_accepts_where_the_provider_lets(world: World) -> None:
    evidence = Evidence(statement="The customer signed in every day.")
    dispute = world.dispute(world.pay())
    answers = DisputeAnswer.EVIDENCE in world.provider.capabilities.dispute_answers
    answered = world.provider.submit_evidence(dispute.ref, evidence)
    assert answered.state == ("under_review" if answers else "needs_response")
    accepted = world.provider.accept_dispute(dispute.ref)
    assert accepted.state == "accepted"
    assert world.provider.submit_evidence(dispute.ref, evidence) == accepted


def test_a_lost_dispute_may_be_won_after_all(world: World) -> None:
    paid = world.pay()
    dispute = world.dispute(paid)
    for won, kept in ((False, 0), (True, 1200), (False, 1200)):
        world.control("close_dispute", ref=dispute.ref, won=won)
        assert world.net(paid.key) == kept


def test_a_number_may_be_disputed_at_once(world: World) -> None:
    paid = world.pay("4000000000000259")
    assert [one.state for one in world.provider.disputes_since(world.clock()) if one.key == paid.key] == [
        "needs_response"
    ]


def test_changes_since_come_oldest_first_and_leave_out_what_did_not_change(world: World) -> None:
    before = world.pay()
    world.clock.advance(minutes=1)
    since = world.clock()
    keys = []
    for _ in range(3):
        keys.append(world.pay().key)
        world.clock.advance(minutes=1)
    changed = [report.key for report in world.provider.reports_since(since)]
    assert [key for key in changed if key in keys] == keys
    assert before.key not in changed


def test_changes_since_find_a_debit_that_settled_meanwhile(world: World) -> None:
    request = world.charge_request(world.vaulted(PROCESSING_THEN_PAID))
    world.provider.charge(request)
    since = world.clock.advance(days=4)
    reports = {report.key: report for report in world.provider.reports_since(since)}
    assert reports[request.key].outcome is Outcome.SUCCEEDED


def test_next_actions_speak_our_words(world: World) -> None:
    action = world.provider.open(world.request()).action
    if world.name == "sandbox":
        assert (action.kind, action.url) == (ActionKind.CONFIRM, None)
        assert action.client_secret
    else:
        assert (action.kind, action.client_secret) == (ActionKind.REDIRECT, None)
        assert "/approve/" in action.url

"""PayPal as a provider: orders, captures, vault and refunds, over HTTP against the peer."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from solvent.core.payment import ActionKind, FailureCause, Outcome
from solvent.ports.provider import RefundOutcome
from tests.patience import PATIENCE_S
from tests.peers.paypal import Wallet
from tests.peers.paypal.acts import decide

World = Any  # the fixture's class; see conftest


def test_an_order_waits_for_the_payer_and_moves_no_money(world: World) -> None:
    request = world.request()
    report = world.provider.open(request)
    assert report.outcome is Outcome.REQUIRES_ACTION
    assert (report.amount, report.currency) == (1200, "USD")
    assert (report.action.kind, report.action.expires_at) == (ActionKind.REDIRECT, request.expires_at)
    assert report.action.url.endswith(
        f"?token={report.ref}"
    )  # whoever asks in the page finds the order there
    assert world.peer.charged(request.key.hex) == []
    assert world.provider.confirm(request.key, report.ref, None).outcome is Outcome.REQUIRES_ACTION


def test_the_payer_approves_on_the_page_and_comes_back_to_the_shop(world: World) -> None:
    opened = world.provider.open(world.request())
    page = httpx.get(opened.action.url, trust_env=False, timeout=PATIENCE_S, verify=False)
    assert "Pay now" in page.text
    back = httpx.post(opened.action.url, trust_env=False, timeout=PATIENCE_S, verify=False)
    assert back.headers["location"].startswith(f"https://shop.example/done?token={opened.ref}&PayerID=")
    approved = world.provider.get(opened.key, opened.ref)
    assert (approved.outcome, approved.action.kind) == (Outcome.REQUIRES_ACTION, ActionKind.NONE)
    assert world.provider.confirm(opened.key, opened.ref, None).outcome is Outcome.SUCCEEDED


def test_confirming_captures_once_and_vaults_the_method(world: World) -> None:
    paid = world.pay()
    assert (paid.outcome, paid.amount, paid.currency) == (Outcome.SUCCEEDED, 1200, "USD")
    assert (paid.method.kind, paid.method.label) == ("agreement", "PayPal a…@example.com")
    assert paid.method.off_session
    assert world.provider.confirm(paid.key, paid.ref, None) == paid
    assert world.provider.get(paid.key, paid.ref) == paid
    assert world.peer.charged(paid.key.hex) == [1200]


def test_opening_again_gives_the_same_order(world: World) -> None:
    request = world.request()
    assert world.provider.open(request) == world.provider.open(request)


def test_a_stored_method_is_charged_without_the_payer(world: World) -> None:
    request = world.charge_request(world.vaulted())
    paid = world.provider.charge(request)
    assert (paid.outcome, paid.amount) == (Outcome.SUCCEEDED, 1200)
    assert world.provider.charge(request) == paid
    assert world.peer.charged(request.key.hex) == [1200]


def test_a_stored_method_pays_on_session_when_the_customer_confirms(world: World) -> None:
    token = world.vaulted()
    opened = world.provider.open(world.request(method=token))
    assert (opened.outcome, opened.action.kind) == (Outcome.REQUIRES_ACTION, ActionKind.NONE)
    assert world.peer.charged(opened.key.hex) == []
    assert world.provider.confirm(opened.key, opened.ref, token).outcome is Outcome.SUCCEEDED
    assert world.peer.charged(opened.key.hex) == [1200]


@pytest.mark.parametrize(
    ("issue", "cause"),
    [
        ("INSTRUMENT_DECLINED", FailureCause.DECLINED),
        ("TRANSACTION_LIMIT_EXCEEDED", FailureCause.LIMIT_EXCEEDED),
        ("PAYER_ACCOUNT_LOCKED_OR_CLOSED", FailureCause.ACCOUNT_CLOSED),
        ("AGREEMENT_ALREADY_CANCELLED", FailureCause.AGREEMENT_REVOKED),
        ("COMPLIANCE_VIOLATION", FailureCause.FRAUD_SUSPECTED),
        ("PAYEE_ACCOUNT_RESTRICTED", FailureCause.PROVIDER_UNAVAILABLE),
        ("PAYER_ACTION_REQUIRED", FailureCause.AUTHENTICATION_REQUIRED),
    ],
)
def test_a_refused_charge_has_a_cause_and_took_nothing(world: World, issue: str, cause: FailureCause) -> None:
    token = world.vaulted()
    world.becomes(token, issue=issue)
    request = world.charge_request(token)
    failed = world.provider.charge(request)
    assert (failed.outcome, failed.cause, failed.unmapped) == (Outcome.FAILED, cause, None)
    assert world.peer.charged(request.key.hex) == []


def test_a_refusal_that_nobody_mapped_is_a_failure_under_its_own_name(world: World) -> None:
    token = world.vaulted()
    world.becomes(token, issue="A_NEW_ISSUE")
    failed = world.provider.charge(world.charge_request(token))
    assert (failed.outcome, failed.cause, failed.unmapped) == (
        Outcome.FAILED,
        FailureCause.DECLINED,
        "A_NEW_ISSUE",
    )
    world.peer.witness.faults.clear()  # the document has no such issue either


def test_a_capture_of_an_unheard_of_status_is_unknown(world: World) -> None:
    token = world.vaulted()
    world.becomes(token, status="PENDING")
    pending = world.provider.charge(world.charge_request(token))
    world.peer.book.captures[pending.ref]["status"] = "PONDERED"
    report = world.provider.get(pending.key, pending.ref)
    assert (report.outcome, report.unmapped) == (Outcome.UNKNOWN, "PONDERED")
    world.peer.witness.faults.clear()  # the document has no such status either


@pytest.mark.parametrize("parts", [(1200,), (500, 700), (500,)])
def test_a_capture_that_was_refunded_was_paid_all_the_same(world: World, parts: tuple[int, ...]) -> None:
    paid = world.pay()
    for amount in parts:
        world.provider.refund(world.refund_request(paid, amount))
    whole = sum(parts) == 1200
    status = world.peer.book.captures[paid.ref]["status"]
    assert status == ("REFUNDED" if whole else "PARTIALLY_REFUNDED")
    # Whoever only now hears of it commits what was paid for: the refund is a movement of its own.
    for told in (
        world.provider.get(paid.key, paid.ref),
        *world.provider.payments_of(paid.key, paid.ref),
        *world.provider.reports_since(world.clock()),
        world.provider.confirm(paid.key, paid.ref, None),
        world.provider.cancel(paid.key, paid.ref),
    ):
        assert (told.outcome, told.ref, told.amount, told.unmapped) == (
            Outcome.SUCCEEDED,
            paid.ref,
            1200,
            None,
        )


@pytest.mark.parametrize(
    ("status", "processor", "outcome", "cause"),
    [
        ("COMPLETED", None, Outcome.SUCCEEDED, None),
        ("DECLINED", "5120", Outcome.FAILED, FailureCause.INSUFFICIENT_FUNDS),
        ("DECLINED", None, Outcome.FAILED, FailureCause.DECLINED),
        ("FAILED", None, Outcome.FAILED, FailureCause.PROVIDER_UNAVAILABLE),
    ],
)
def test_a_pending_capture_ends(
    world: World, status: str, processor: str | None, outcome: Outcome, cause: FailureCause | None
) -> None:
    token = world.vaulted()
    world.becomes(token, status="PENDING")
    pending = world.provider.charge(world.charge_request(token))
    assert pending.outcome is Outcome.PROCESSING
    decide(world.peer.book, pending.ref, status, processor)
    report = world.provider.get(pending.key, pending.ref)
    assert (report.outcome, report.cause, report.ref) == (outcome, cause, pending.ref)


def test_a_declined_payer_may_be_asked_again_and_nothing_was_taken(world: World) -> None:
    failed = world.pay(Wallet(issue="INSTRUMENT_DECLINED"))
    assert (failed.outcome, failed.cause) == (Outcome.FAILED, FailureCause.DECLINED)
    assert world.peer.charged(failed.key.hex) == []


def test_a_cancelled_order_can_never_be_captured(world: World) -> None:
    opened = world.provider.open(world.request())
    canceled = world.provider.cancel(opened.key, opened.ref)
    assert (canceled.outcome, canceled.cause) == (Outcome.FAILED, FailureCause.CANCELED)
    world.peer.approve(opened.ref)
    assert world.provider.confirm(opened.key, opened.ref, None) == canceled
    assert world.provider.get(opened.key, opened.ref) == canceled
    assert world.peer.charged(opened.key.hex) == []


def test_an_order_that_paypal_does_not_change_is_given_up_while_it_waits(world: World) -> None:
    """As PayPal's document reads: it changes orders that are created or approved. Nobody else captures it."""
    world.peer.book.changes_no_waiting_order = True
    waits, approved = (world.provider.open(world.request()) for _ in range(2))
    world.peer.approve(approved.ref)
    for opened in (waits, approved):
        canceled = world.provider.cancel(opened.key, opened.ref)
        assert (canceled.outcome, canceled.cause) == (Outcome.FAILED, FailureCause.CANCELED)
        assert world.peer.charged(opened.key.hex) == []
    assert world.provider.confirm(approved.key, approved.ref, None).cause is FailureCause.CANCELED


def test_cancelling_what_is_paid_says_so(world: World) -> None:
    paid = world.pay()
    assert world.provider.cancel(paid.key, paid.ref) == paid


def test_what_was_never_heard_of_is_none(world: World) -> None:
    assert world.provider.get(uuid4(), None) is None
    assert world.provider.cancel(uuid4(), None) is None
    assert world.provider.get(uuid4(), "5O190127TN364715T") is None
    assert list(world.provider.payments_of(uuid4(), None)) == []
    assert world.provider.get(uuid4(), "../../v1/oauth2/token") is None


def test_a_method_of_another_customer_is_not_charged(world: World) -> None:
    request = world.charge_request(world.vaulted(), customer=uuid4())
    failed = world.provider.charge(request)
    assert (failed.outcome, failed.cause) == (Outcome.FAILED, FailureCause.NO_METHOD)
    assert world.peer.charged(request.key.hex) == []


def test_a_payment_of_another_process_is_found_by_our_key(world: World) -> None:
    request = world.charge_request(world.vaulted())
    paid = world.provider.charge(request)
    world.forget()
    assert world.provider.get(request.key, None) == paid
    assert list(world.provider.payments_of(request.key, None)) == [paid]
    assert list(world.provider.payments_of(request.key, paid.ref)) == [paid]


def test_a_key_that_paypal_has_forgotten_still_charges_once(world: World) -> None:
    request = world.charge_request(world.vaulted())
    paid = world.provider.charge(request)
    world.peer.book.once.clear()  # PayPal's memory of request ids is short
    world.forget()
    assert world.provider.charge(request) == paid
    assert world.peer.charged(request.key.hex) == [1200]


def test_a_forgotten_key_without_a_trace_is_unknown_not_paid_again(world: World) -> None:
    request = world.charge_request(world.vaulted())
    world.provider.charge(request)
    world.peer.book.once.clear()
    world.peer.book.events.clear()
    world.forget()
    report = world.provider.charge(request)
    assert (report.outcome, report.unmapped) == (Outcome.UNKNOWN, "DUPLICATE_INVOICE_ID")
    assert world.peer.charged(request.key.hex) == [1200]


@pytest.mark.parametrize(("currency", "amount", "value"), [("JPY", 1200, "1200"), ("EUR", 5, "0.05")])
def test_amounts_keep_their_decimals(world: World, currency: str, amount: int, value: str) -> None:
    paid = world.pay(amount=amount, currency=currency)
    assert (paid.amount, paid.currency) == (amount, currency)
    assert world.peer.book.captures[paid.ref]["amount"] == {"currency_code": currency, "value": value}


def test_a_setup_vaults_a_method_without_money(world: World) -> None:
    opened = world.provider.open(world.request(amount=0, setup=True))
    assert (opened.outcome, opened.action.kind) == (Outcome.REQUIRES_ACTION, ActionKind.REDIRECT)
    assert world.provider.confirm(opened.key, opened.ref, None).outcome is Outcome.REQUIRES_ACTION
    httpx.post(opened.action.url, trust_env=False, timeout=PATIENCE_S, verify=False)
    waiting = world.provider.get(opened.key, opened.ref)
    assert (waiting.outcome, waiting.action.kind) == (Outcome.REQUIRES_ACTION, ActionKind.NONE)
    ready = world.provider.confirm(opened.key, opened.ref, None)
    assert (ready.outcome, ready.amount) == (Outcome.SUCCEEDED, 0)
    assert world.provider.get(opened.key, opened.ref) == ready
    assert world.provider.confirm(opened.key, opened.ref, None) == ready
    assert list(world.provider.payments_of(opened.key, opened.ref)) == []
    charged = world.provider.charge(world.charge_request(ready.method.token))
    assert charged.outcome is Outcome.SUCCEEDED


def test_a_setup_is_given_up(world: World) -> None:
    opened = world.provider.open(world.request(amount=0, setup=True))
    canceled = world.provider.cancel(opened.key, opened.ref)
    assert (canceled.outcome, canceled.cause) == (Outcome.FAILED, FailureCause.CANCELED)
    world.peer.book.setups.clear()
    assert world.provider.get(opened.key, opened.ref) is None
    expired = world.provider.confirm(opened.key, opened.ref, None)
    assert (expired.outcome, expired.cause) == (Outcome.FAILED, FailureCause.EXPIRED)


def test_a_billing_agreement_becomes_a_method_without_an_approval(world: World) -> None:
    world.peer.book.agreements.add("B-5YM51202WL041493H")
    opened = world.provider.open(world.request(amount=0, setup=True))
    ready = world.provider.confirm(opened.key, opened.ref, "B-5YM51202WL041493H")
    assert (ready.outcome, ready.amount) == (Outcome.SUCCEEDED, 0)
    assert world.provider.charge(world.charge_request(ready.method.token)).outcome is Outcome.SUCCEEDED
    unknown = world.provider.open(world.request(amount=0, setup=True))
    refused = world.provider.confirm(unknown.key, unknown.ref, "B-00000000000000000")
    assert (refused.outcome, refused.cause) == (Outcome.FAILED, FailureCause.AGREEMENT_REVOKED)


def test_a_billing_agreement_can_be_charged_as_it_is(world: World) -> None:
    world.peer.book.agreements.add("B-7YM51202WL041493H")
    assert world.provider.charge(world.charge_request("B-7YM51202WL041493H")).outcome is Outcome.SUCCEEDED
    world.provider.detach("B-7YM51202WL041493H")  # nothing of ours to forget


def test_a_forgotten_method_cannot_be_charged(world: World) -> None:
    token = world.vaulted()
    world.provider.detach(token)
    world.provider.detach(token)
    failed = world.provider.charge(world.charge_request(token))
    assert (failed.outcome, failed.cause) == (Outcome.FAILED, FailureCause.NO_METHOD)
    none = world.provider.charge(world.charge_request(None))
    assert (none.outcome, none.cause) == (Outcome.FAILED, FailureCause.NO_METHOD)


def test_an_order_that_paypal_has_forgotten_has_expired(world: World) -> None:
    opened = world.provider.open(world.request())
    world.peer.book.orders.clear()
    expired = world.provider.confirm(opened.key, opened.ref, None)
    assert (expired.outcome, expired.cause) == (Outcome.FAILED, FailureCause.EXPIRED)


def test_refunds_in_parts_never_exceed_the_payment(world: World) -> None:
    paid = world.pay()
    first = world.refund_request(paid, 500)
    assert world.provider.refund(first).outcome is RefundOutcome.SUCCEEDED
    assert world.provider.refund(first).outcome is RefundOutcome.SUCCEEDED  # the same refund
    assert world.provider.refund(world.refund_request(paid, 701)).outcome is RefundOutcome.FAILED
    assert world.provider.refund(world.refund_request(paid, 700)).outcome is RefundOutcome.SUCCEEDED
    assert world.peer.net(paid.key.hex) == 0
    assert world.provider.get(paid.key, paid.ref).outcome is Outcome.SUCCEEDED  # the money did come


def test_a_refund_whose_key_was_forgotten_is_made_once(world: World) -> None:
    paid = world.pay()
    request = world.refund_request(paid, 1200)
    made = world.provider.refund(request)
    world.peer.book.once.clear()
    assert world.provider.refund(request) == made
    assert world.peer.net(paid.key.hex) == 0


def test_a_refund_that_cannot_be_looked_into_is_not_called_failed(world: World) -> None:
    """The money went back under our key, and neither the key nor the order is there any more."""
    paid = world.pay()
    request = world.refund_request(paid, 1200)
    world.provider.refund(request)
    world.peer.book.once.clear()
    world.peer.book.orders.clear()
    again = world.provider.refund(request)
    assert (again.outcome, again.unmapped) == (RefundOutcome.UNKNOWN, "CAPTURE_FULLY_REFUNDED")


@pytest.mark.parametrize(
    ("status", "outcome"), [("PENDING", RefundOutcome.PROCESSING), ("FAILED", RefundOutcome.FAILED)]
)
def test_a_refund_may_take_its_time_or_fail(world: World, status: str, outcome: RefundOutcome) -> None:
    paid = world.pay()
    world.peer.book.captures[paid.ref]["_refunds"] = status
    assert world.provider.refund(world.refund_request(paid, 100)).outcome is outcome


def test_a_refund_of_nothing_that_paypal_knows_fails(world: World) -> None:
    paid = world.pay()
    request = world.refund_request(paid, 100, payment_ref="5O190127TN364715T")
    assert world.provider.refund(request).outcome is RefundOutcome.FAILED


def test_what_changed_since_is_told_as_it_stands(world: World) -> None:
    paid = world.pay()
    waiting = world.provider.open(world.request())
    world.peer.approve(waiting.ref)
    told = {report.key: report for report in world.provider.reports_since(world.clock())}
    assert told[paid.key] == paid
    assert told[waiting.key].action.kind is ActionKind.NONE
    later = world.clock.advance(hours=2)
    assert list(world.provider.reports_since(later)) == []

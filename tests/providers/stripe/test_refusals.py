"""What Stripe refuses as a request: a failure with its cause once it is certain that nothing was made."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from solvent.core.ids import compose
from solvent.core.payment import FailureCause, Outcome
from solvent.ports.provider import ProviderDown, ProviderSilent
from solvent.providers.conformance import Card, Fault, charge_request, pay, payment_request
from tests.peers.stripe import acts
from tests.peers.stripe.state import Refused, invalid, missing
from tests.providers.stripe.stage import StripeStage
from tests.providers.wire import Mishap

CLOSED = "Your account cannot currently make charges."
SHAPES = {
    "the account takes no charges": (invalid(CLOSED), "provider_unavailable", "invalid_request_error"),
    "a currency that the account does not take": (
        invalid("Invalid currency", param="currency"),
        "provider_unavailable",
        "invalid_request_error currency",
    ),
    "a parameter that is none": (
        invalid("Received unknown parameter", code="parameter_unknown", param="mandate_data"),
        "provider_unavailable",
        "parameter_unknown mandate_data",
    ),
    "less than the least amount": (
        invalid("too small", code="amount_too_small", param="amount"),
        "provider_unavailable",
        None,
    ),
    "a type of method that is not switched on": (
        invalid("not activated", code="payment_method_unactivated", param="payment_method"),
        "provider_unavailable",
        None,
    ),
    "a method that is not the customer's any more": (
        invalid("was detached from a Customer", param="payment_method"),
        "no_method",
        None,
    ),
    "a method that Stripe never heard of": (
        missing("PaymentMethod", "pm", "payment_method"),
        "no_method",
        None,
    ),
    "a decline without an intent": (
        Refused(402, {"type": "card_error", "code": "expired_card", "message": "expired"}),
        "card_expired",
        None,
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_refused_request_has_failed_with_its_cause(stage: StripeStage, shape: str) -> None:
    refusal, cause, unmapped = SHAPES[shape]
    request = charge_request(stage, stage.cards[Card.PAYS])
    stage.peer.book.refusing = refusal
    report = stage.provider.charge(request)
    assert (report.outcome, report.cause, report.unmapped) == (Outcome.FAILED, cause, unmapped)
    stage.peer.book.refusing = None
    assert stage.provider.get(request.key, None) is None
    assert stage.provider.charge(replace(request, key=uuid4())).outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, {"type": "invalid_request_error", "message": "Invalid API Key"}),
        (403, {"type": "invalid_request_error", "message": "not allowed for this key"}),
        (429, {"type": "invalid_request_error", "code": "rate_limit", "message": "too many"}),
    ],
)
def test_what_is_turned_away_is_no_refusal(stage: StripeStage, status: int, error: dict[str, Any]) -> None:
    request = charge_request(stage, stage.cards[Card.PAYS])
    stage.peer.book.refusing = Refused(status, error)
    with pytest.raises(ProviderDown):
        stage.provider.charge(request)


def test_a_conflict_of_two_requests_under_one_key_says_nothing(stage: StripeStage) -> None:
    request = charge_request(stage, stage.cards[Card.PAYS])
    told = {"type": "invalid_request_error", "code": "idempotency_key_in_use", "message": "in use"}
    stage.peer.book.refusing = Refused(409, told)
    with pytest.raises(ProviderSilent):
        stage.provider.charge(request)


def test_a_key_that_stood_for_another_request_is_unknown_and_named(stage: StripeStage) -> None:
    request = charge_request(stage, stage.cards[Card.PAYS])
    stage.peer.book.refusing = Refused(400, {"type": "idempotency_error", "message": "another request"})
    report = stage.provider.charge(request)
    assert (report.outcome, report.unmapped) == (Outcome.UNKNOWN, "idempotency_error")


@pytest.mark.parametrize("refusal", [invalid(CLOSED), invalid("was detached", param="payment_method")])
def test_a_search_that_is_behind_hides_no_payment(stage: StripeStage, refusal: Refused) -> None:
    request = charge_request(stage, stage.cards[Card.PAYS])
    stage.peer.book.search_lag = timedelta(hours=1)
    with stage.failing(Fault.LOST_REPLY), pytest.raises(ProviderSilent):
        stage.provider.charge(request)
    assert stage.provider.get(request.key, None) is None
    stage.peer.book.refusing = refusal
    report = stage.provider.charge(request)
    assert (report.outcome, list(stage.charged(request.key))) == (Outcome.SUCCEEDED, [report.amount])


def test_the_list_is_read_to_the_payment(stage: StripeStage) -> None:
    """The customer has paid more often since than a page of the list holds."""
    request = charge_request(stage, stage.cards[Card.PAYS])
    with stage.failing(Fault.LOST_REPLY), pytest.raises(ProviderSilent):
        stage.provider.charge(request)
    made = stage.peer.book.of("payment_intent")
    (ours,) = [one for one in made.values() if one["metadata"]["solvent_attempt"] == request.key.hex]
    for number in range(120):
        other = ours["metadata"] | {"solvent_attempt": uuid4().hex}
        made[f"pi_{number}"] = ours | {"id": f"pi_{number}", "metadata": other}
    stage.peer.book.search_lag = timedelta(hours=1)
    stage.peer.book.refusing = invalid(CLOSED)
    report = stage.provider.charge(request)
    assert (report.outcome, report.ref) == (Outcome.SUCCEEDED, ours["id"])


@pytest.mark.parametrize("apart", [timedelta(hours=-23), timedelta(hours=23), timedelta(days=-30)])
def test_no_more_is_listed_than_clocks_may_be_apart(stage: StripeStage, apart: timedelta) -> None:
    """The attempt's id was drawn then, by our clock; older intents of the customer cannot be its."""
    key = compose(int((stage.now + apart).timestamp() * 1000), 1, 7)
    request = charge_request(stage, stage.cards[Card.PAYS], key=key)
    with stage.failing(Fault.LOST_REPLY), pytest.raises(ProviderSilent):
        stage.provider.charge(request)
    made = stage.peer.book.of("payment_intent")
    long_ago = int((stage.now - timedelta(days=32)).timestamp())
    for number in range(250):
        made[f"pi_{number}"] = {
            "created": long_ago,
            "customer": stage.payers.find("stripe", request.customer),
        }
    stage.peer.book.search_lag = timedelta(hours=1)
    stage.peer.book.refusing = invalid(CLOSED)
    asked = len(stage.wire.met)
    assert stage.provider.charge(request).outcome is Outcome.SUCCEEDED
    assert len(stage.wire.met) == asked + 2


def test_a_customer_who_is_not_listed_is_searched_for(stage: StripeStage) -> None:
    request = charge_request(stage, stage.cards[Card.PAYS])
    with stage.failing(Fault.LOST_REPLY), pytest.raises(ProviderSilent):
        stage.provider.charge(request)
    stage.peer.book.unlisted.add(str(stage.payers.find("stripe", request.customer)))
    stage.peer.book.refusing = missing("customer", "cus", "customer")
    assert stage.provider.charge(request).outcome is Outcome.SUCCEEDED
    other = replace(request, key=uuid4())
    failed = stage.provider.charge(other)
    assert (failed.outcome, failed.cause) == (Outcome.FAILED, FailureCause.NO_METHOD)


@pytest.mark.parametrize("mishap", [Mishap.CUT_BEFORE, Mishap.CUT_AFTER, Mishap.BREAK, Mishap.TRUNCATE])
def test_a_refusal_that_cannot_be_looked_into_claims_nothing(stage: StripeStage, mishap: Mishap) -> None:
    request = charge_request(stage, stage.cards[Card.PAYS])
    stage.peer.book.refusing = invalid(CLOSED)
    on_the_way = iter([Mishap.NONE])
    stage.wire.choose = lambda: next(on_the_way, mishap)
    with pytest.raises(ProviderSilent):
        stage.provider.charge(request)


def test_an_intent_that_was_made_and_not_confirmed_is_given_up(stage: StripeStage) -> None:
    request = charge_request(stage, stage.cards[Card.PAYS], kind="bank_debit")
    report = stage.provider.charge(request)
    assert (report.outcome, report.cause) == (Outcome.FAILED, FailureCause.NO_METHOD)
    assert stage.peer.book.of("payment_intent")[str(report.ref)]["status"] == "canceled"
    told = stage.provider.get(request.key, report.ref)
    assert told is not None
    assert told.outcome is Outcome.FAILED


@pytest.mark.parametrize("setup", [True, False])
def test_another_customers_method_at_confirm_ends_the_attempt(stage: StripeStage, setup: bool) -> None:
    theirs = pay(stage, customer=uuid4()).method
    assert theirs is not None
    opened = stage.provider.open(payment_request(stage, setup=setup, amount=0 if setup else 1200))
    report = stage.provider.confirm(opened.key, str(opened.ref), theirs.token)
    assert (report.outcome, report.cause, report.ref) == (Outcome.FAILED, FailureCause.NO_METHOD, opened.ref)
    late = stage.provider.confirm(opened.key, str(opened.ref), "pm_card_visa")
    assert late.outcome is Outcome.FAILED
    assert not stage.charged(opened.key)


def test_a_refused_confirmation_of_what_was_paid_meanwhile_tells_the_payment(stage: StripeStage) -> None:
    """The page confirmed at the same moment: of the two only one is refused."""
    opened = stage.provider.open(payment_request(stage))
    intent = stage.peer.book.of("payment_intent")[str(opened.ref)]
    page = {"payment_method": "pm_card_visa", "return_url": "https://shop.example"}
    on_the_way: Iterator[Callable[[], object]] = iter(
        [lambda: None, lambda: acts.confirm(stage.peer.book, intent, page)]
    )

    def choose() -> Mishap:
        next(on_the_way, lambda: None)()
        return Mishap.NONE

    stage.wire.choose = choose
    paid = stage.provider.confirm(opened.key, str(opened.ref), "pm_nobodys")
    assert (paid.outcome, list(stage.charged(opened.key))) == (Outcome.SUCCEEDED, [paid.amount])

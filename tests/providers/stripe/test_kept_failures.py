"""A 500 that Stripe keeps under our key: nothing is charged twice, and nobody who pays is made to wait for a day."""

from datetime import timedelta
from uuid import uuid4

import pytest

from solvent.core.payment import Outcome
from solvent.ports.provider import ProviderSilent, RefundOutcome
from solvent.providers.conformance import Card, charge_request, pay, payment_request, refund_request
from tests.providers.stripe.stage import StripeStage

A_DAY = timedelta(hours=25)


def test_a_charge_that_was_made_is_found_though_its_key_only_says_500(stage: StripeStage) -> None:
    request = charge_request(stage, stage.cards[Card.PAYS])
    stage.peer.stumble(acted=True)
    for _ in range(2):
        with pytest.raises(ProviderSilent):
            stage.provider.charge(request)
    found = stage.provider.get(request.key, None)
    assert found is not None
    assert (found.outcome, list(stage.charged(request.key))) == (Outcome.SUCCEEDED, [found.amount])


def test_a_charge_that_was_not_made_is_made_once_stripe_forgets_the_key(stage: StripeStage) -> None:
    request = charge_request(stage, stage.cards[Card.PAYS])
    stage.peer.stumble(acted=False)
    for _ in range(2):
        with pytest.raises(ProviderSilent):
            stage.provider.charge(request)
    assert stage.provider.get(request.key, None) is None
    stage.wait(A_DAY)
    assert stage.provider.charge(request).outcome is Outcome.SUCCEEDED
    assert len(stage.charged(request.key)) == 1


@pytest.mark.parametrize("setup", [True, False])
@pytest.mark.parametrize("acted", [True, False])
def test_a_customer_who_is_there_can_pay_at_the_second_try(
    stage: StripeStage, acted: bool, setup: bool
) -> None:
    """Whether it was the customer's record there that failed, or the intent."""
    customer = uuid4()
    for number in (1, 2):  # a new customer, and one that is known
        request = payment_request(stage, customer=customer, setup=setup, amount=0 if setup else 1200)
        stage.peer.stumble(acted=acted)
        with pytest.raises(ProviderSilent):
            stage.provider.open(request)
        opened = stage.provider.open(request)
        assert opened.outcome is Outcome.REQUIRES_ACTION
        assert stage.provider.open(request).ref == opened.ref
        ended = stage.provider.confirm(request.key, str(opened.ref), "pm_card_visa")
        assert ended.outcome is Outcome.SUCCEEDED
        assert len(stage.peer.book.of("setup_intent" if setup else "payment_intent")) == number


@pytest.mark.parametrize("acted", [True, False])
def test_a_confirmation_is_made_once_at_the_second_try(stage: StripeStage, acted: bool) -> None:
    opened = stage.provider.open(payment_request(stage))
    stage.peer.stumble(acted=acted)
    with pytest.raises(ProviderSilent):
        stage.provider.confirm(opened.key, str(opened.ref), "pm_card_visa")
    paid = stage.provider.confirm(opened.key, str(opened.ref), "pm_card_visa")
    assert (paid.outcome, list(stage.charged(opened.key))) == (Outcome.SUCCEEDED, [paid.amount])


@pytest.mark.parametrize("acted", [True, False])
def test_a_refund_is_made_once_in_the_end(stage: StripeStage, acted: bool) -> None:
    paid = pay(stage)
    request = refund_request(paid, 500)
    stage.peer.stumble(acted=acted)
    with pytest.raises(ProviderSilent):
        stage.provider.refund(request)
    stage.wait(A_DAY)
    assert stage.provider.refund(request).outcome is RefundOutcome.SUCCEEDED
    assert stage.refunded(paid.key) == 500

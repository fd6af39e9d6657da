"""Stripe's calls of several requests are as many places in the rate."""

from tests.providers.places import every_request_has_had_a_place
from tests.providers.stripe.stage import StripeStage


def test_every_request_to_stripe_has_had_a_place(stage: StripeStage) -> None:
    every_request_has_had_a_place(stage, stage.wire.met)

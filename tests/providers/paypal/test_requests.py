"""PayPal's calls of several requests are as many places in the rate, a new access token among them."""

from typing import Any

from tests.providers.paypal.test_conformance import PayPalStage
from tests.providers.places import every_request_has_had_a_place

World = Any  # the fixture's class; see conftest


def test_every_request_to_paypal_has_had_a_place(world: World) -> None:
    stage = PayPalStage(world)
    world.line._token_until = 0.0  # so that a new access token is among them
    every_request_has_had_a_place(stage, world.wire.met)

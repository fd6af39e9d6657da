"""Stripe passes the conformance kit, through its own library, over real HTTP with real faults."""

import pytest

from solvent.providers.conformance import (
    Abilities,
    Basics,
    Brought,
    Causes,
    Challenges,
    Customers,
    Delays,
    Disputes,
    Expiries,
    Notifications,
    Outages,
    Refunds,
    Statements,
)
from tests.providers.mistakes.mistaken import Mistake
from tests.providers.mistakes.table import finds, rows
from tests.providers.stripe.stage import StripeStage


class TestStripe(
    Abilities,
    Basics,
    Brought,
    Causes,
    Challenges,
    Customers,
    Delays,
    Disputes,
    Expiries,
    Notifications,
    Outages,
    Refunds,
    Statements,
):
    """Cards, wallets and bank debits; the stage is the fixture of this folder."""


@pytest.mark.parametrize(("kit", "check", "mistake"), rows("stripe"))
def test_a_check_finds_the_mistake_that_is_planted_for_it(
    stage: StripeStage, kit: type, check: str, mistake: Mistake
) -> None:
    """What the sandbox cannot be asked for; the others are planted in its adapter."""
    assert issubclass(TestStripe, kit)
    finds(TestStripe, check, stage, mistake)

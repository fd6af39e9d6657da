"""Guarding: before an attempt is opened, limits against card testing and the bot check are asked; nothing is left."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from solvent.core.card_testing import TOO_OFTEN, Most
from solvent.core.payment import AttemptState
from solvent.flows.guarding import NOT_A_PERSON, Visitor
from solvent.ports.bot_check import BotCheckSilent
from solvent.providers.bot_check import SANDBOX_TOKEN, SandboxCheck
from solvent.sim import Customer
from tests.flows.acts import DECLINED
from tests.flows.test_checkout import OTHER, ZONE, Shopper, refusal
from tests.simulation.fragile import FragileWorld

PERSON = Visitor(bot_token=SANDBOX_TOKEN)


class Silent(SandboxCheck):
    """A check that does not answer."""

    def __init__(self, *, passes: bool) -> None:
        self.lets_silence_pass = passes

    def passes(self, _token: str | None, _address: str | None, _key: UUID) -> bool:
        raise BotCheckSilent("nobody there")


@pytest.fixture
def shopper(world: FragileWorld, ada: Customer) -> Shopper:
    """Ada, with carts, in a world with the sandbox's bot check and small limits."""
    most = Most(of_cart=2, of_account=3, of_address=4)
    world.platform = replace(world.platform, bot_check=SandboxCheck(), most_tries=most)
    return Shopper(world, ada)


def test_who_is_no_person_opens_nothing(shopper: Shopper, ada: Customer) -> None:
    cart = shopper.cart(ZONE)
    assert refusal(shopper.ask(cart)) == NOT_A_PERSON
    assert refusal(shopper.ask(cart, visitor=Visitor(bot_token="other"))) == NOT_A_PERSON
    assert ada.attempts() == []
    first = shopper.pay(cart, key="one", visitor=PERSON)
    assert (
        shopper.pay(cart, key="one").id == shopper.pay(cart, key="two").id == first.id
    )  # opens nothing: not asked
    shopper.confirm(cart, DECLINED)
    assert shopper.pay(cart, key="one").state is AttemptState.FAILED


@pytest.mark.parametrize("passes", [True, False])
def test_a_check_that_does_not_answer_decides_as_the_merchant_says(
    world: FragileWorld, shopper: Shopper, passes: bool
) -> None:
    world.platform = replace(world.platform, bot_check=Silent(passes=passes))
    answer = shopper.ask(shopper.cart(ZONE))
    assert passes or refusal(answer) == NOT_A_PERSON


def test_declines_of_a_cart_and_of_an_account_are_counted_for_an_hour(
    world: FragileWorld, shopper: Shopper
) -> None:
    cart, other = shopper.cart(ZONE), shopper.cart(OTHER)
    for _ in range(2):
        shopper.pay(cart, visitor=PERSON)
        shopper.confirm(cart, DECLINED)
    assert refusal(shopper.ask(cart, visitor=PERSON)) == TOO_OFTEN
    shopper.pay(other, visitor=PERSON)
    shopper.confirm(other, DECLINED)
    assert refusal(shopper.ask(shopper.cart(ZONE), visitor=PERSON)) == TOO_OFTEN
    world.wait(hours=1, minutes=1)
    assert shopper.pay(cart, visitor=PERSON).state is AttemptState.REQUIRES_ACTION


def test_orders_of_an_address_are_counted_for_ten_minutes(
    world: FragileWorld, shopper: Shopper, ada: Customer
) -> None:
    cart = shopper.cart(ZONE)
    digest = ada.id.bytes[::-1]
    visitor = Visitor(bot_token="bad", digest=bytes([*ada.id.bytes[-1:], *digest[1:]]))
    for _ in range(4):
        assert refusal(shopper.ask(cart, visitor=visitor)) == NOT_A_PERSON
    assert refusal(shopper.ask(cart, visitor=visitor)) == TOO_OFTEN
    world.wait(minutes=11)
    assert refusal(shopper.ask(cart, visitor=visitor)) == NOT_A_PERSON

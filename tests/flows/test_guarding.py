"""Guarding: before an attempt is opened, limits against card testing and the bot check are asked; nothing is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from solvent.core.card_testing import TOO_OFTEN, Most
from solvent.core.ids import bucket_of
from solvent.core.payment import AttemptState
from solvent.flows.guarding import NOT_A_PERSON, Visitor, may_search, may_try, stopped
from solvent.flows.opening import Asked
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


def test_a_customer_without_a_cart_is_counted_by_account_alone(
    world: FragileWorld, shopper: Shopper, ada: Customer
) -> None:
    def asked(key: str) -> Asked:
        drawn = world.platform.ids.draw(bucket_of(ada.id))
        return Asked(account_id=ada.id, key=key, input_hash=b"1", id=drawn)

    cart = shopper.cart(ZONE)
    for key in ("one", "two"):
        shopper.pay(cart, key=key, visitor=PERSON)
        shopper.confirm(cart, DECLINED)
    assert stopped(world.platform, PERSON, asked("page"), world.now) is None
    world.platform = replace(world.platform, most_tries=Most(of_account=2))
    refused = stopped(world.platform, PERSON, asked("page"), world.now)
    assert refused is not None
    assert refused.field == TOO_OFTEN
    known = asked(f"cart:{cart.id.hex}:two")
    assert stopped(world.platform, PERSON, known, world.now) is None, "a repetition opens nothing"


def test_names_are_looked_for_so_often_and_then_a_minute_later(world: FragileWorld) -> None:
    platform, digest = replace(world.platform, most_tries=Most(of_searches=2)), uuid4().bytes
    assert [may_search(platform, digest, world.now) for _ in range(3)] == [True, True, False]
    assert may_search(platform, digest, world.now + timedelta(seconds=61))


def test_signing_in_is_tried_so_often_and_then_ten_minutes_later(world: FragileWorld) -> None:
    digest, other = uuid4().bytes, uuid4().bytes
    assert [may_try(world.platform, digest, world.now, 2) for _ in range(3)] == [True, True, False]
    assert may_try(world.platform, other, world.now, 2)
    assert may_try(world.platform, digest, world.now + timedelta(minutes=10), 2)

"""Customers at Stripe: told who they are, judged by its own document; nobody is made a customer by it."""

from contextlib import suppress
from uuid import uuid4

import pytest

from solvent.ports.customers import Customer, CustomerRefused
from solvent.ports.provider import ProviderDown, ProviderSilent
from solvent.providers.boundary import Boundary, Limits
from solvent.providers.conformance import pay
from tests.providers.stripe.stage import StripeStage
from tests.providers.wire import Mishap


def test_name_and_email_are_kept_and_nothing_else_of_the_customer_changes(stage: StripeStage) -> None:
    ada = Customer(account_id=uuid4(), name="Ada Ltd", email="ada@example.com")
    paid = pay(stage, customer=ada.account_id)
    for _ in range(2):
        stage.provider.keep_customer(ada)
    (made,) = stage.peer.book.of("customer").values()
    assert (made["name"], made["email"]) == ("Ada Ltd", "ada@example.com")
    assert made["metadata"] == {"solvent_account": ada.account_id.hex}
    assert paid.method is not None
    assert stage.provider.get_method(paid.method.token) is not None


def test_who_never_came_is_not_made_a_customer(stage: StripeStage) -> None:
    stage.provider.keep_customer(Customer(account_id=uuid4(), name="Ben", email="ben@example.com"))
    assert stage.peer.book.of("customer") == {}


def test_what_stripe_will_not_keep_is_a_refusal_that_says_nothing_of_the_customer(stage: StripeStage) -> None:
    odd = Customer(account_id=uuid4(), name="Odd", email="nowhere")
    pay(stage, customer=odd.account_id)
    with pytest.raises(CustomerRefused, match=r"^email_invalid$"):
        stage.provider.keep_customer(odd)
    boundary = Boundary(stage.provider, Limits())
    assert boundary.customers is not None
    with pytest.raises(CustomerRefused, match=r"^email_invalid$"):
        boundary.customers.keep_customer(odd)


@pytest.mark.parametrize(
    "mishap", [Mishap.CUT_AFTER, Mishap.CUT_BEFORE, Mishap.THROTTLE, Mishap.BREAK, Mishap.TRUNCATE]
)
def test_a_wire_that_fails_is_tried_again_and_ends_alike(stage: StripeStage, mishap: Mishap) -> None:
    ada = Customer(account_id=uuid4(), name="Ada", email="ada@example.com")
    pay(stage, customer=ada.account_id)
    with stage.wire.always(mishap), suppress(ProviderDown, ProviderSilent):
        stage.provider.keep_customer(ada)
        raise AssertionError("nobody answered, and that was not said")
    stage.provider.keep_customer(ada)
    (made,) = stage.peer.book.of("customer").values()
    assert (made["name"], made["email"]) == ("Ada", "ada@example.com")

"""Vault: a method comes with a payment or a confirmed setup, and goes when nothing needs it."""

from uuid import uuid4

import pytest

from solvent.core.account import MethodState
from solvent.core.payment import AttemptState
from solvent.core.plan import Refusal
from solvent.core.request import AddMethod
from solvent.flows.vault import detach, reorder
from solvent.sim import Customer
from tests.flows.acts import CHALLENGED, DECLINED, EXPIRED, GOOD, zone
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.fragile import FragileWorld

MASTERCARD = "5555555555554444"
NOT_THE_LAST = Refusal(
    field="method_id", rule="must not be the last usable method while anything is to be paid"
)


def two_methods(customer: Customer) -> None:
    customer.buy(zone())
    customer.complete(customer.open(AddMethod()), MASTERCARD)
    assert len(customer.snapshot().methods) == 2


@pytest.mark.parametrize("card", [GOOD, CHALLENGED])
def test_a_method_is_vaulted_without_paying(ada: Customer, card: str) -> None:
    attempt = ada.complete(ada.open(AddMethod()), card)
    assert attempt.state is AttemptState.COMMITTED
    assert [method.off_session for method in ada.snapshot().methods] == [True]
    assert (ada.charges(), ada.invoices()) == ([], [])


def test_a_declined_setup_leaves_no_method(ada: Customer) -> None:
    assert ada.complete(ada.open(AddMethod()), DECLINED).state is AttemptState.FAILED
    assert ada.snapshot().methods == ()


def test_an_agreement_is_vaulted_at_the_redirect_provider(world: FragileWorld, ada: Customer) -> None:
    assert ada.buy(zone(), provider="sandpal").state is AttemptState.COMMITTED
    (method,) = ada.snapshot().methods
    assert (method.provider, method.kind) == ("sandpal", "agreement")
    world.until(ada.subscription().period.end)
    assert len(ada.charges()) == 2


def test_a_method_is_forgotten_here_and_at_the_provider(world: FragileWorld, ada: Customer) -> None:
    two_methods(ada)
    first, second = ada.snapshot().methods
    assert ada.remove_method(first.id) is None
    assert ada.snapshot().methods == (second,)
    assert world.banks.by_name["sandbox"]._book.vault[first.token].state == "detached"
    assert [e.type for e in ada.events("method.detached")] == ["method.detached"]


def test_the_last_method_stays_while_something_is_to_be_paid(ada: Customer) -> None:
    ada.buy(zone())
    (method,) = ada.snapshot().methods
    assert ada.remove_method(method.id) == NOT_THE_LAST
    assert ada.snapshot().methods == (method,)


def test_an_invalid_method_does_not_count_as_another(world: FragileWorld, ada: Customer) -> None:
    two_methods(ada)
    first, second = ada.snapshot().methods
    world.banks.by_name["sandbox"].set_behaviour(first.token, EXPIRED)
    world.until(ada.subscription().period.end)
    assert ada.snapshot().methods[0].state is MethodState.INVALID
    assert ada.remove_method(second.id) == NOT_THE_LAST
    assert ada.remove_method(first.id) is None


def test_the_last_method_goes_when_nothing_is_to_be_paid(ada: Customer) -> None:
    ada.complete(ada.open(AddMethod()), GOOD)
    (method,) = ada.snapshot().methods
    assert ada.remove_method(method.id) is None
    assert ada.snapshot().methods == ()


def test_only_a_method_of_the_account_can_be_removed(world: FragileWorld, ada: Customer) -> None:
    rule = Refusal(field="method_id", rule="must be a method of the account")
    ada.complete(ada.open(AddMethod()), GOOD)
    (method,) = ada.snapshot().methods
    ben = world.customer("Ben")
    assert ben.remove_method(method.id) == rule
    assert ada.remove_method(uuid4()) == rule
    assert detach(world.platform, uuid4(), method.id, world.now) == rule


@pytest.mark.parametrize("trouble", [Trouble.NOT_REACHED, Trouble.SILENT, Trouble.REPLY_LOST])
def test_a_method_is_forgotten_here_even_if_the_provider_does_not_answer(
    world: FragileWorld, ada: Customer, trouble: Trouble
) -> None:
    two_methods(ada)
    first, second = ada.snapshot().methods
    with world.during(Mishap(trouble, 1)):
        assert ada.remove_method(first.id) is None
    assert ada.snapshot().methods == (second,)
    world.until(ada.subscription().period.end)
    assert [c.amount for c in ada.charges()] == [2_000, 2_000]


def test_a_method_removed_while_it_is_charged_stays_removed(world: FragileWorld, ada: Customer) -> None:
    """The charge finds that the method is gone, which is a permanent failure, and must not bring it back."""
    two_methods(ada)
    first, second = ada.snapshot().methods
    world.clock.move_to(ada.subscription().period.end)
    with world.during(Mishap(Trouble.NOT_REACHED, 1)):
        world.work()
    assert ada.remove_method(first.id) is None
    world.wait(minutes=10)
    assert ada.snapshot().methods == (second,)
    world.wait(days=2)
    assert ada.debt() == 0


def test_methods_are_tried_in_the_order_that_was_chosen(world: FragileWorld, ada: Customer) -> None:
    two_methods(ada)
    first, second = ada.snapshot().methods
    assert reorder(world.platform, ada.id, [second.id, first.id], world.now) is None
    assert [m.id for m in ada.snapshot().methods] == [second.id, first.id]
    assert reorder(world.platform, ada.id, [second.id, first.id], world.now) is None, "as it is already"
    assert [e.data["method_ids"] for e in ada.events("method.ordered")] == [[str(second.id), str(first.id)]]
    world.until(ada.subscription().period.end)
    assert ada.charges()[-1].amount == 2_000
    assert world.banks.by_name["sandbox"]._book.vault[second.token].state == "active"
    ada.complete(ada.open(AddMethod()), "4012888888881881")
    assert [m.id for m in ada.snapshot().methods][:2] == [second.id, first.id], "a new one comes last"


def test_an_order_names_every_method_once(world: FragileWorld, ada: Customer) -> None:
    two_methods(ada)
    first, second = (m.id for m in ada.snapshot().methods)
    rule = Refusal(field="method_ids", rule="must name every method of the account exactly once")
    for order in ([first], [first, first], [first, second, second], [first, uuid4()], []):
        assert reorder(world.platform, ada.id, order, world.now) == rule
    assert reorder(world.platform, uuid4(), [first], world.now) == rule

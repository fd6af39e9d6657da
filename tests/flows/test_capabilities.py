"""What a provider cannot do: each flow that would need it asks the table, and finds another way or says no."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from solvent.core.account import MethodState, usable
from solvent.core.crediting import PaidPart
from solvent.core.payment import AttemptState
from solvent.core.plan import Refusal
from solvent.core.request import AddMethod, TopUp
from solvent.flows.account_credit import Refunded
from solvent.flows.credit import Issued
from solvent.flows.routing import method_for
from solvent.providers.registry import Registry
from solvent.providers.sandbox import CARD, SANDBOX, SandboxProvider
from solvent.sim import Customer
from solvent.sim.banks import SECRET
from tests.flows.acts import DEBIT, manual, zone
from tests.flows.disputes.contests import cash, payment_of
from tests.flows.test_credit import credit, only, refund
from tests.flows.test_credit_refunds import give_back
from tests.simulation.fragile import FragileWorld

WHOLE = "must be 2000, the whole payment, or become account credit: its provider gives nothing back in parts"


def able(world: FragileWorld, **can: Any) -> None:  # noqa: ANN401 -- fields of the table
    """From now on the sandbox, which is the only provider, can do this."""
    words = replace(SANDBOX, capabilities=replace(SANDBOX.capabilities, **can))
    adapter = SandboxProvider(world.banks.lines[CARD.name], world.clock, SECRET, words)
    world.platform = replace(world.platform, providers=Registry({adapter.name: adapter}))


def test_a_part_of_a_payment_is_not_promised_where_its_provider_gives_back_the_whole_alone(
    world: FragileWorld, ada: Customer
) -> None:
    able(world, partial_refunds=False)
    ada.buy(zone())
    assert refund(ada, 500) == Refusal(field="amount", rule=WHOLE)
    assert isinstance(refund(ada, 2_000), Issued)
    world.work()
    assert cash(ada) == 0


def test_a_credit_note_over_a_part_becomes_account_credit_there(world: FragileWorld, ada: Customer) -> None:
    able(world, partial_refunds=False)
    ada.buy(zone())
    assert isinstance(credit(ada, only(ada), 500, paid_part=PaidPart.REFUND), Issued)
    assert (ada.credit(), cash(ada)) == (500, 2_000)
    _, payment = payment_of(ada)
    assert give_back(ada, payment, 500) == Refusal(field="amount", rule=WHOLE)
    assert isinstance(credit(ada, only(ada), 1_500, paid_part=PaidPart.CREDIT), Issued)
    assert isinstance(give_back(ada, payment, 2_000), Refunded)
    world.work()
    assert (ada.credit(), cash(ada)) == (0, 0)


def test_a_part_of_bought_credit_does_not_become_credit_of_another_kind_there(
    world: FragileWorld, ada: Customer
) -> None:
    able(world, partial_refunds=False)
    ada.buy(TopUp(amount=5_000))
    (grant,) = ada.credit_grants()
    rule = "must be 5000, the whole payment: its provider gives nothing back in parts"
    assert credit(ada, only(ada), 1_000) == Refusal(field="amount", rule=rule)
    assert ada.credit_grants() == (grant,)
    assert isinstance(credit(ada, only(ada), 5_000), Issued)
    world.work()
    assert (ada.credit(), cash(ada)) == (0, 0)


def test_what_is_not_configured_any_more_is_not_known_to_refuse(world: FragileWorld) -> None:
    able(world, partial_refunds=False)
    assert [world.platform.refunds_in_parts(name) for name in ("sandbox", "gone")] == [False, True]


def test_no_setup_goes_where_no_mandate_can_be_confirmed(world: FragileWorld, ada: Customer) -> None:
    able(world, mandates=False)
    rule = "must be one with which a mandate for later charges can be confirmed"
    assert ada.ask(AddMethod()) == Refusal(field="provider", rule=rule)
    assert ada.attempts() == []
    assert ada.buy(zone()).state is AttemptState.COMMITTED, "a payment needs none"


def test_a_method_without_a_mandate_is_never_charged_without_the_customer(
    world: FragileWorld, ada: Customer
) -> None:
    ada.buy(zone())
    (method,) = ada.snapshot().methods
    assert method_for(world.platform, (method,), "USD") == method
    without = replace(method, off_session=False)
    assert (usable((without,)), method_for(world.platform, (without,), "USD")) == ((), None)
    with world.database.pool.connection() as connection:
        connection.execute("update method set off_session = false where id = %s", (method.id,))
    assert ada.snapshot().methods[0].state is MethodState.ACTIVE
    before = ada.charges()
    ada.receive_invoice(manual(9_000))
    assert ada.charges() == before
    assert [i.debt for i in ada.open_invoices()] == [9_000]


def test_what_settles_at_once_is_asked_about_soon_and_what_takes_days_is_left_alone(
    world: FragileWorld, ada: Customer
) -> None:
    def waits(name: str) -> timedelta:
        bought = ada.complete(ada.open(zone(name)), DEBIT)
        assert bought.state is AttemptState.PROCESSING
        assert bought.look_at is not None
        return bought.look_at - world.now

    assert waits("slow.example") == world.platform.policy.processing_interval
    able(world, delayed_settlement=False)
    assert timedelta() < waits("quick.example") < timedelta(minutes=10)

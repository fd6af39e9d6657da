"""Importing: agreements from before become methods, each once, whatever fails on the way; nothing else is touched."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from solvent.core.payment import AttemptState, FailureCause
from solvent.core.plan import Refusal
from solvent.core.request import AddMethod
from solvent.flows import importing
from solvent.flows.importing import Agreement, Imported, ImportState, import_methods
from solvent.providers.registry import Registry
from solvent.providers.sandbox import FaultPlan
from solvent.sim import Customer
from solvent.sim.banks import NO_FAULTS
from tests.flows.acts import GOOD, zone
from tests.flows.test_routing import down, guarded
from tests.simulation.fragile import FragileWorld

MINE, OTHERS, REVOKED = "B-4242424242424242", "B-5555555555554444", "B-0000000000000000"
A_THIRD = "B-4000056655665556"


def named(world: FragileWorld, *agreements: tuple[UUID, str]) -> list[Imported]:
    wanted = [Agreement(account_id=account, reference=reference) for account, reference in agreements]
    results = import_methods(world.platform, "sandpal", wanted, world.clock)
    assert not isinstance(results, Refusal)
    return list(results)


def states(results: Sequence[Imported]) -> list[ImportState]:
    return [one.state for one in results]


def test_an_agreement_is_a_method_that_is_charged_without_the_customer(
    world: FragileWorld, ada: Customer
) -> None:
    (one,) = named(world, (ada.id, MINE))
    assert one.state is ImportState.IMPORTED
    assert one.attempt_id is not None
    assert [attempt.state for attempt in ada.attempts()] == ["committed"]
    (method,) = ada.snapshot().methods
    assert (method.provider, method.kind, method.off_session) == ("sandpal", "agreement", True)
    assert ada.charges() == []
    assert ada.open(zone(), method=method.id).provider == "sandpal"


def test_named_again_it_is_known_and_nothing_is_made_twice(world: FragileWorld, ada: Customer) -> None:
    (first,) = named(world, (ada.id, MINE))
    before = (ada.snapshot().methods, ada.attempts())
    (again,) = named(world, (ada.id, MINE))
    assert (again.state, again.attempt_id) == (ImportState.KNOWN, first.attempt_id)
    assert (ada.snapshot().methods, ada.attempts()) == before


def test_a_method_that_the_customer_removed_since_does_not_come_back(
    world: FragileWorld, ada: Customer
) -> None:
    named(world, (ada.id, MINE))
    assert ada.remove_method(ada.snapshot().methods[0].id) is None
    assert states(named(world, (ada.id, MINE))) == [ImportState.KNOWN]
    assert ada.snapshot().methods == ()


def test_cards_and_subscriptions_of_the_account_are_as_they_were(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), GOOD)
    before = ada.snapshot()
    named(world, (ada.id, MINE))
    after = ada.snapshot()
    assert (after.methods[:1], after.subscriptions) == (before.methods, before.subscriptions)
    world.until(ada.subscription().period.end)
    assert [row.ref for row in world.banks.by_name["sandpal"].statement()] == [], "the card goes on paying"


def test_a_customer_who_adds_a_card_at_the_same_time_is_not_disturbed(
    world: FragileWorld, ada: Customer
) -> None:
    adding = ada.open(AddMethod())
    assert states(named(world, (ada.id, MINE))) == [ImportState.IMPORTED]
    assert ada.attempt(adding).state is AttemptState.REQUIRES_ACTION
    assert ada.complete(adding, GOOD).state is AttemptState.COMMITTED
    assert {method.provider for method in ada.snapshot().methods} == {"sandbox", "sandpal"}


def test_each_refusal_is_named_and_keeps_no_other_waiting(world: FragileWorld, ada: Customer) -> None:
    bob = world.customer("Bob")
    nobody = uuid4()
    told = named(
        world,
        (ada.id, "4242"),
        (ada.id, OTHERS),
        (bob.id, OTHERS),
        (nobody, A_THIRD),
        (bob.id, REVOKED),
        (ada.id, MINE),
    )
    one_account = Refusal(field="reference", rule="must be named for one account")
    assert [one.refusal for one in told] == [
        Refusal(field="reference", rule="must be like B-[0-9]{8,32}"),
        one_account,
        one_account,
        Refusal(field="account_id", rule="must be an existing account"),
        None,
        None,
    ]
    assert (told[4].state, told[4].cause) == (ImportState.REFUSED, FailureCause.AGREEMENT_REVOKED)
    assert told[5].state is ImportState.IMPORTED
    assert bob.snapshot().methods == ()
    (again,) = named(world, (bob.id, REVOKED))
    assert (again.state, again.attempt_id) == (ImportState.REFUSED, told[4].attempt_id)


def test_only_a_provider_that_has_such_agreements_is_asked(world: FragileWorld, ada: Customer) -> None:
    wanted = [Agreement(account_id=ada.id, reference=MINE)]
    rule = "must be one whose agreements can be imported: "
    for provider in ("sandbox", "nobody"):
        told = import_methods(world.platform, provider, wanted, world.clock)
        assert told == Refusal(field="provider", rule=f"{rule}sandpal")
    cards = Registry({"sandbox": world.platform.providers.get("sandbox")})
    told = import_methods(replace(world.platform, providers=cards), "sandbox", wanted, world.clock)
    assert told == Refusal(field="provider", rule=f"{rule}none is")


@pytest.mark.parametrize("plan", [FaultPlan(down=1.0), FaultPlan(lost_reply=1.0)])
def test_what_had_no_answer_is_gone_on_with(world: FragileWorld, ada: Customer, plan: FaultPlan) -> None:
    world.banks.lines["sandpal"].plan(plan)
    assert states(named(world, (ada.id, MINE))) == [ImportState.UNANSWERED]
    assert ada.snapshot().methods == ()
    world.banks.lines["sandpal"].plan(NO_FAULTS)
    assert states(named(world, (ada.id, MINE))) == [ImportState.IMPORTED]
    assert (len(ada.snapshot().methods), len(ada.attempts())) == (1, 1)


def test_while_the_provider_does_not_answer_none_is_begun(world: FragileWorld, ada: Customer) -> None:
    guarded(world)
    down(world, "sandpal")
    bob = world.customer("Bob")
    told = named(world, (ada.id, MINE), (bob.id, OTHERS))
    assert states(told) == [ImportState.UNANSWERED, ImportState.UNANSWERED]
    assert (len(ada.attempts()), len(bob.attempts())) == (1, 0)
    world.banks.lines["sandpal"].plan(NO_FAULTS)
    world.wait(hours=1)
    assert states(named(world, (ada.id, MINE), (bob.id, OTHERS))) == [ImportState.IMPORTED] * 2


def test_a_setup_that_was_given_up_is_begun_anew_within_a_bound(
    world: FragileWorld, ada: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.banks.lines["sandpal"].plan(FaultPlan(down=1.0))
    named(world, (ada.id, MINE))
    world.banks.lines["sandpal"].plan(NO_FAULTS)
    world.wait(days=2)
    assert [attempt.state for attempt in ada.attempts()] == [AttemptState.FAILED]
    with monkeypatch.context() as bound:
        bound.setattr(importing, "SETUPS_MAX", 1)
        (told,) = named(world, (ada.id, MINE))
        rule = "must not have been begun 1 times without an end"
        assert told.refusal == Refusal(field="reference", rule=rule)
    assert states(named(world, (ada.id, MINE))) == [ImportState.IMPORTED]
    assert len(ada.attempts()) == 2


def test_a_key_that_stands_for_something_else_is_in_the_way(world: FragileWorld, ada: Customer) -> None:
    ada.open(AddMethod(), key=f"import sandpal {MINE} 0")
    (told,) = named(world, (ada.id, MINE))
    rule = "must not be imported by somebody else at this moment"
    assert (told.state, told.refusal) == (ImportState.REFUSED, Refusal(field="reference", rule=rule))

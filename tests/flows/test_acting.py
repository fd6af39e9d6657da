"""Acting: what lets a customer act is never in the journal, and is told again to whoever may have it."""

from dataclasses import replace

from solvent.core.attempt import Attempt
from solvent.core.payment import NextAction, Outcome
from solvent.flows.acting import with_action
from solvent.flows.actions import Actions
from solvent.flows.change import open_change
from solvent.flows.opening import Asked
from solvent.flows.platform import Platform
from solvent.providers.registry import Registry
from solvent.sim import Customer
from solvent.store.sealing import SealedAddresses
from tests.flows.acts import CHALLENGED, GOOD, zone
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.fragile import FragileWorld

SHOP = "https://shop.example/cart/link-that-is-a-secret"


def elsewhere(world: FragileWorld) -> Platform:
    """Another process of the same platform: it remembers nothing."""
    return replace(world.platform, actions=Actions())


def action_of(attempt: Attempt) -> NextAction:
    assert attempt.action is not None
    return attempt.action


def test_the_journal_keeps_no_client_secret_and_each_process_can_tell_it(
    world: FragileWorld, ada: Customer
) -> None:
    opened = ada.open(zone())
    secret = action_of(opened).client_secret
    assert secret
    kept = ada.attempt(opened)
    assert action_of(kept) == action_of(opened).bare
    asked = len(world.banks.lines["sandbox"].calls)
    assert with_action(world.platform, kept).action == opened.action
    assert len(world.banks.lines["sandbox"].calls) == asked, "this process knows it"
    other = elsewhere(world)
    assert [with_action(other, kept).action for _ in range(2)] == [opened.action] * 2
    assert len(world.banks.lines["sandbox"].calls) == asked + 1, "another one asks once"


def test_the_page_of_a_challenge_is_told_again_and_the_one_before_is_not(
    world: FragileWorld, ada: Customer
) -> None:
    opened = ada.open(zone())
    challenged = ada.confirm(opened, CHALLENGED)
    page = action_of(challenged).url
    assert page
    kept = ada.attempt(challenged)
    assert (action_of(kept).kind, action_of(kept).url) == (action_of(challenged).kind, None)
    assert action_of(with_action(world.platform, kept)).url == page


def test_while_the_provider_does_not_answer_it_is_not_told(world: FragileWorld, ada: Customer) -> None:
    kept = ada.attempt(ada.open(zone()))
    with world.during(Mishap(Trouble.SILENT, 1)):
        assert with_action(elsewhere(world), kept) == kept
    assert not action_of(with_action(elsewhere(world), kept)).lacks


def test_of_a_provider_that_is_not_configured_any_more_it_is_not_told(
    world: FragileWorld, ada: Customer
) -> None:
    kept = ada.attempt(ada.open(zone()))
    without = replace(
        elsewhere(world), providers=Registry({"sandpal": world.platform.providers.get("sandpal")})
    )
    assert with_action(without, kept) == kept


def test_what_has_ended_meanwhile_is_left_to_whoever_settles_it(world: FragileWorld, ada: Customer) -> None:
    kept = ada.attempt(ada.open(zone()))
    paid = elsewhere(world).providers.get("sandbox").confirm(kept.id, str(kept.ref), GOOD)
    assert paid.outcome is Outcome.SUCCEEDED
    assert with_action(elsewhere(world), kept) == kept


def test_what_is_remembered_is_bounded(ada: Customer) -> None:
    first, second = ada.open(zone()), ada.open(zone("example.org"))
    few = Actions(most=1)
    few.remember(first)
    few.remember(second)
    assert (few.recall(first), few.recall(second)) == (None, second.action)
    few.remember(replace(first, action=action_of(first).bare))
    assert few.recall(second) == second.action, "what lacks something is not worth a place"


def test_where_the_customer_comes_back_to_is_sealed_and_still_reaches_the_provider(
    world: FragileWorld, ada: Customer
) -> None:
    platform = replace(world.platform, addresses=SealedAddresses("a-secret-of-sixteen"))
    asked = Asked(account_id=ada.id, key="k", input_hash=b"", provider="sandbox", return_url=SHOP)
    opened = open_change(platform, asked, zone(), world.now)
    assert isinstance(opened, Attempt)
    kept = ada.attempt(opened)
    assert kept.return_url is not None
    assert "shop" not in kept.return_url
    assert world.banks.by_name["sandbox"].return_url(str(kept.ref)) == SHOP

"""What a provider last said of an attempt is kept beside what followed from it: its own words, and only those."""

from datetime import timedelta

import pytest

from solvent.core.attempt import Attempt
from solvent.core.drift_kinds import DriftKind
from solvent.core.payment import AttemptState, FailureCause, Outcome, ProviderView, Report
from solvent.core.request import NewItem, Start
from solvent.flows.opening import read
from solvent.flows.recompute import examine
from solvent.flows.settle import settle
from solvent.sim import Customer
from tests.flows.acts import DECLINED_LATER, zone
from tests.flows.plants import run
from tests.flows.test_settle import at_the_bank, learn, reported
from tests.simulation.ending import dump
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

SAID_OTHERWISE = DriftKind.PROVIDER_LAST_SAID_OTHERWISE


def said(world: FragileWorld, ada: Customer) -> set[str]:
    """The evidence that an attempt is not as its provider last said."""
    (verdict,) = examine(world.platform, world.buckets[0], [ada.id], world.now)
    return {d.evidence for d in verdict.disagreements if d.kind is SAID_OTHERWISE}


def newest(world: FragileWorld, ada: Customer) -> Attempt:
    """The attempt of the account that was opened last."""
    with world.database.pool.connection() as connection:
        query = "select id from attempt where account_id = %s order by created_at desc, id desc limit 1"
        ((found,),) = connection.execute(query, (ada.id,)).fetchall()
    attempt = read(world.platform, found)
    assert attempt is not None
    return attempt


def test_what_is_answered_on_opening_and_confirming_is_kept(world: FragileWorld, ada: Customer) -> None:
    opened = ada.open(zone())
    assert ada.attempt(opened).provider_view == ProviderView(outcome=Outcome.REQUIRES_ACTION, at=world.now)
    world.clock.move(timedelta(minutes=5))
    ada.complete(opened)
    assert ada.attempt(opened).provider_view == ProviderView(outcome=Outcome.SUCCEEDED, at=world.now)


def test_what_a_poll_finds_is_kept(world: FragileWorld, ada: Customer) -> None:
    attempt = ada.open(zone())
    at_the_bank(world, attempt)
    world.clock.move(timedelta(minutes=5))
    learn(world)
    assert ada.attempt(attempt).provider_view == ProviderView(outcome=Outcome.SUCCEEDED, at=world.now)


def test_a_decline_is_kept_with_its_cause_where_service_goes_on(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), DECLINED_LATER)
    world.until(ada.subscription().period.end)
    renewal = newest(world, ada)
    assert renewal.state is AttemptState.COMMITTED  # on grace
    assert renewal.provider_view is not None
    view = renewal.provider_view
    assert (view.outcome, view.cause) == (Outcome.FAILED, renewal.cause)
    world.clock.move(timedelta(days=1))
    assert said(world, ada) == set()


@pytest.mark.parametrize("unmapped", [None, "pondered"])
def test_silence_is_no_word_but_one_that_nobody_maps_is(
    world: FragileWorld, ada: Customer, unmapped: str | None
) -> None:
    attempt = ada.open(zone())
    settle(world.platform, [Report(outcome=Outcome.UNKNOWN, key=attempt.id, unmapped=unmapped)], world.now)
    after = ada.attempt(attempt)
    assert (after.state, after.provider_view is None) == (AttemptState.UNKNOWN, False)
    assert after.provider_view is not None
    heard = Outcome.REQUIRES_ACTION if unmapped is None else Outcome.UNKNOWN
    assert after.provider_view.outcome is heard


def test_what_follows_without_a_provider_is_not_its_word(world: FragileWorld, ada: Customer) -> None:
    free = ada.buy(Start(items=(NewItem(price_id=price("zone-free"), object="zone:free.example"),)))
    assert (free.state, ada.attempt(free).provider_view) == (AttemptState.COMMITTED, None)
    ada.buy(zone())
    run(world, "update method set state = 'detached', look_at = null where account_id = %(id)s", id=ada.id)
    world.until(ada.subscriptions()[-1].period.end)
    renewal = newest(world, ada)
    assert (renewal.cause, renewal.provider_view) == (FailureCause.NO_METHOD, None)


def test_a_later_word_against_what_is_committed_is_kept_once_and_named(
    world: FragileWorld, ada: Customer
) -> None:
    attempt = ada.buy(zone())
    world.clock.move(timedelta(hours=2))
    denied = reported(attempt, Outcome.FAILED, cause=FailureCause.DECLINED)
    older = reported(attempt, Outcome.PROCESSING)
    settled = settle(world.platform, [older, denied], world.now)
    told = ProviderView(outcome=Outcome.FAILED, cause=FailureCause.DECLINED, at=world.now)
    assert settled[attempt.id].provider_view == ada.attempt(attempt).provider_view == told
    assert ada.attempt(attempt).state is AttemptState.COMMITTED
    (evidence,) = said(world, ada)
    assert evidence.endswith(f"is committed, and sandbox last said failed, on {world.now:%Y-%m-%d}")
    before = dump(world)
    world.clock.move(timedelta(hours=1))
    settle(world.platform, [denied], world.now)
    assert dump(world) == before
    settle(world.platform, [reported(attempt)], world.now)
    assert said(world, ada) == set()


def test_a_payment_in_flight_tells_what_its_provider_last_said(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), DECLINED_LATER)
    world.until(ada.subscription().period.end)
    debt = ada.open_debt()
    assert isinstance(debt, Attempt)
    settle(world.platform, [reported(debt, Outcome.PROCESSING)], world.now)
    (verdict,) = examine(world.platform, world.buckets[0], [ada.id], world.now)
    assert "a payment is in flight, of which its provider last said: processing" in verdict.evidence[0]

"""Transfers: nothing is committed before the money is recorded, and then all of it is; what comes otherwise is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from solvent.core.attempt import Attempt
from solvent.core.payment import AttemptState, FailureCause
from solvent.core.plan import Refusal
from solvent.flows.transfers import receive
from solvent.ports.transfers import Arrived
from solvent.providers.manual import ManualProvider
from solvent.providers.registry import Registry
from solvent.providers.sandbox import FaultPlan
from solvent.sim import Customer
from solvent.sim.banks import NO_FAULTS
from solvent.store import transfers as store_transfers
from tests.flows.acts import GOOD, zone
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.fragile import FragileWorld

MANUAL = "manual"
DAYS = 30


class Current:
    """The transfers of whichever process lives."""

    def __init__(self, world: FragileWorld) -> None:
        self._world = world

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as the store has it
        return getattr(self._world.database.transfers, name)


@pytest.fixture
def world(world: FragileWorld) -> FragileWorld:
    """Beside the banks customers may pay by transfer."""
    world.honest = False  # no bank of this world has a statement of what came
    manual = ManualProvider(
        Current(world), world.clock, instructions="IBAN DE02 1203", lasts=timedelta(days=DAYS)
    )
    there = world.platform.providers
    known = {name: there.get(name) for name in there.names()}
    world._outside = replace(world._outside, providers=Registry(known | {MANUAL: manual}))
    world.decide()
    return world


def record(
    world: FragileWorld, attempt: Attempt, amount: int = 2_000, reference: str = "TR-1"
) -> Attempt | Refusal | None:
    arrived = Arrived(reference=reference, amount=amount, received_at=world.now, recorded_at=world.now)
    return receive(world.platform, attempt.id, arrived, world.now)


def asked(customer: Customer) -> Attempt:
    return customer.open(zone(), provider=MANUAL)


def test_nothing_is_committed_until_the_money_is_recorded(world: FragileWorld, ada: Customer) -> None:
    attempt = asked(ada)
    assert (attempt.state, attempt.provider) == (AttemptState.PROCESSING, MANUAL)
    assert attempt.action is not None
    assert attempt.action.instructions == "IBAN DE02 1203"
    world.wait(days=5)
    assert (ada.has("zone-pro"), ada.invoices()) == (False, [])
    paid = record(world, attempt)
    assert isinstance(paid, Attempt)
    assert paid.state is AttemptState.COMMITTED
    assert ada.has("zone-pro")
    assert ada.ledger()["cash:manual", "USD"] == 2_000
    assert record(world, attempt) == paid
    assert ada.ledger()["cash:manual", "USD"] == 2_000


def test_another_amount_proves_nothing_and_is_kept_as_credit(world: FragileWorld, ada: Customer) -> None:
    attempt = asked(ada)
    record(world, attempt, 1_500)
    assert (ada.attempt(attempt).state, ada.credit(), ada.has("zone-pro")) == (
        AttemptState.RETURNED,
        1_500,
        False,
    )
    record(world, attempt, 500, "TR-2")
    assert ada.credit() == 2_000


def test_the_same_reference_is_the_same_money(world: FragileWorld, ada: Customer) -> None:
    attempt = asked(ada)
    record(world, attempt)
    again = record(world, attempt, 1_999)
    assert again == Refusal(field="reference", rule="was recorded before, with the amount 2000")
    ben = world.customer("Ben")
    other = record(world, asked(ben))  # whose bank writes the same reference
    assert isinstance(other, Attempt)
    assert other.state is AttemptState.COMMITTED


def test_a_transfer_that_does_not_come_is_given_up_and_late_money_still_buys_what_it_was_for(
    world: FragileWorld, ada: Customer
) -> None:
    attempt = asked(ada)
    world.wait(days=DAYS + 2)
    found = ada.attempt(attempt)
    assert (found.state, found.cause) == (AttemptState.FAILED, FailureCause.EXPIRED)
    assert ada.invoices() == []
    record(world, attempt)
    assert (ada.credit(), ada.has("zone-pro"), ada.debt()) == (0, True, 0)


def test_who_changes_their_mind_pays_by_card_at_once(world: FragileWorld, ada: Customer) -> None:
    attempt = asked(ada)
    ada.buy(zone(), GOOD, provider="sandbox")
    assert ada.has("zone-pro")
    assert ada.attempt(attempt).cause is FailureCause.CANCELED
    record(world, attempt)
    assert ada.credit() == 2_000


def test_a_crash_after_the_money_was_recorded_commits_it_later(world: FragileWorld, ada: Customer) -> None:
    attempt = asked(ada)
    with world.during(Mishap(Trouble.KILLED, 4)) as fate:
        record(world, attempt)
    assert fate.died
    world.wait(days=2)
    assert ada.attempt(attempt).state is AttemptState.COMMITTED


def test_what_waits_for_no_transfer_is_refused(world: FragileWorld, ada: Customer) -> None:
    by_card = ada.open(zone())
    rule = "must be one whose payment is waited for, and recorded"
    assert record(world, by_card) == Refusal(field="change_id", rule=rule)
    assert record(world, replace(by_card, id=ada.id)) is None
    future = Arrived(
        reference="x", amount=1, received_at=world.now + timedelta(days=1), recorded_at=world.now
    )
    waiting = asked(world.customer("Ben"))
    spaced = replace(future, reference="x ", received_at=world.now)
    told = receive(world.platform, waiting.id, spaced, world.now)
    assert told == Refusal(field="reference", rule="must not begin or end with a space")
    told = receive(world.platform, waiting.id, future, world.now)
    assert told == Refusal(field="received_at", rule="must not be in the future")


def test_nobody_is_sent_to_the_bank_because_a_card_provider_is_away(
    world: FragileWorld, ada: Customer
) -> None:
    world.banks.lines["sandbox"].plan(FaultPlan(down=1.0))
    assert ada.open(zone()).provider == "sandbox"
    world.banks.lines["sandbox"].plan(NO_FAULTS)


def test_what_was_never_opened_waits_for_nothing(world: FragileWorld, ada: Customer) -> None:
    with world.during(Mishap(Trouble.NOT_REACHED, 1)):
        attempt = asked(ada)
    assert attempt.state is AttemptState.UNKNOWN
    rule = "must have been opened: nothing was asked for yet"
    assert record(world, attempt) == Refusal(field="change_id", rule=rule)


@pytest.mark.unmeasured
def test_only_what_changed_is_told_a_page_after_the_other(
    world: FragileWorld, ada: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_transfers, "PAGE_MAX", 2)
    began = world.now
    attempts = [asked(world.customer(name)) for name in ("Ben", "Cleo", "Dora", "Eli", "Fay")]
    keys = {attempt.id for attempt in attempts}

    def told(since: timedelta) -> set[UUID]:
        found = [t.key for t in world.database.transfers.changed(world.now - since, world.now)]
        assert len(found) == len(set(found))
        return keys & set(found)

    assert told(world.now - began + timedelta(minutes=1)) == keys
    world.wait(days=1)
    assert told(timedelta(hours=1)) == set()  # all of them are waited for, and nothing happened
    record(world, attempts[3])
    assert told(timedelta(hours=1)) == {attempts[3].id}
    world.until(began + timedelta(days=DAYS, minutes=30))
    assert told(timedelta(hours=1)) == keys  # and now nobody waits any more

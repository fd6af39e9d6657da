"""Copies: who keeps subscriptions of its own is told of what a payment begins or changes, and of what ours are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from solvent.copies import CopySink, copy_sinks
from solvent.core.ids import bucket_of
from solvent.core.payment import AttemptState, Report
from solvent.core.recurring import Recurring
from solvent.core.request import CancelNow
from solvent.flows.reconcile import resolve
from solvent.ports.copies import CopyRefused
from solvent.ports.provider import PaymentRequest, ProviderDown
from solvent.providers.boundary import Boundary, Limits
from solvent.providers.registry import Registry
from solvent.providers.sandbox import SANDBOX, InProcess, SandboxProvider
from solvent.relay import Relay, SinkFailed
from solvent.sim import Customer
from solvent.sim.banks import SECRET
from tests.flows.acts import GOOD, switch, zone
from tests.flows.test_checkout import OTHER, ZONE, Shopper
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

LIMITS = Limits(failures_max=100, tries_max=1)


class CopyingBank(SandboxProvider):
    """The sandbox bank, which keeps copies: what it was told, and whether it answers."""

    def __init__(self, world: FragileWorld) -> None:
        words = replace(SANDBOX, capabilities=replace(SANDBOX.capabilities, copies_subscriptions=True))
        super().__init__(
            InProcess(world.banks.by_name["sandbox"], lambda: world.now), lambda: world.now, SECRET, words
        )
        self.opened: list[Recurring | None] = []
        self.kept: dict[UUID, Sequence[Recurring]] = {}
        self.away = False
        self.refuses: UUID | None = None

    def open(self, request: PaymentRequest) -> Report:
        """Open, and remember for what."""
        self.opened.append(request.recurring)
        if self.away:
            raise ProviderDown("nobody is there")
        return super().open(request)

    def keep(self, account_id: UUID, live: Sequence[Recurring]) -> None:
        """Keep the copies of an account."""
        if self.away:
            raise ProviderDown("nobody is there")
        if account_id == self.refuses:
            raise CopyRefused("no such customer")
        self.kept[account_id] = live


@pytest.fixture
def bank(world: FragileWorld) -> CopyingBank:
    """The only provider, behind its boundary."""
    bank = CopyingBank(world)
    world.platform = replace(world.platform, providers=Registry({"sandbox": Boundary(bank, LIMITS)}))
    return bank


def tell(world: FragileWorld) -> int:
    """A round of the relay: how many events it handed over."""
    (sink,) = copy_sinks(world.platform, lambda: world.now)
    return Relay(world.database.outbox, sink).run_once()


def test_a_payment_tells_of_the_subscription_that_it_begins_or_changes(
    ada: Customer, bank: CopyingBank
) -> None:
    ada.buy(zone(), GOOD)
    begun = ada.subscription()
    ada.buy(switch(ada, "zone-business"), GOOD)
    first, second = bank.opened
    assert first is not None
    assert second is not None
    assert [(one.subscription_id, one.version) for one in (first, second)] == [(begun.id, 1), (begun.id, 2)]
    assert first.parts[0].amount < second.parts[0].amount


def test_who_keeps_none_is_told_of_none(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), GOOD)
    assert copy_sinks(world.platform, lambda: world.now) == []


def test_what_the_janitor_opens_again_is_the_same_request(
    world: FragileWorld, ada: Customer, bank: CopyingBank
) -> None:
    bank.away = True
    ada.open(zone())
    bank.away = False
    world.wait(minutes=1)
    resolve(world.platform, bucket_of(ada.id), world.now, 10)
    first, again = bank.opened
    assert first == again
    assert first is not None


def test_a_payment_for_several_is_told_of_none_and_all_are_copied_afterwards(
    world: FragileWorld, ada: Customer, bank: CopyingBank
) -> None:
    shopper = Shopper(world, ada)
    yearly = (price("zone-pro", period="year"), OTHER[1])
    attempt = ada.complete(shopper.pay(shopper.cart(ZONE, yearly)))
    assert (attempt.state, bank.opened) == (AttemptState.COMMITTED, [None])
    tell(world)
    assert {one.interval for one in bank.kept[ada.id]} == {s.interval for s in ada.subscriptions()}
    assert len(bank.kept[ada.id]) == 2


def test_what_is_refused_keeps_nobody_else_waiting_and_is_no_outage(
    world: FragileWorld, ada: Customer, bank: CopyingBank, caplog: pytest.LogCaptureFixture
) -> None:
    ben = world.customer("Ben")
    bank.refuses = ada.id
    for customer in (ada, ben):
        customer.buy(zone(), GOOD)
    tell(world)
    assert list(bank.kept) == [ben.id]
    assert "is not copied: no such customer" in caplog.text
    boundary = world.platform.providers.get("sandbox")
    assert isinstance(boundary, Boundary)
    assert set(boundary.tally.calls()) == {"answered"}
    bank.refuses = None
    ada.buy(switch(ada, "zone-business"), GOOD)
    tell(world)
    assert set(bank.kept) == {ada.id, ben.id}


def test_what_ours_are_is_told_after_every_commit_and_again_after_a_silence(
    world: FragileWorld, ada: Customer, bank: CopyingBank
) -> None:
    ada.buy(zone(), GOOD)
    bank.away = True
    with pytest.raises(SinkFailed, match="nobody is there"):
        tell(world)
    assert bank.kept == {}
    bank.away = False
    with world.database.transaction() as connection:  # the pause is over
        connection.execute("update relay_cursor set leased_until = '-infinity'")
    assert tell(world) > 0
    (told,) = bank.kept[ada.id]
    assert (told.subscription_id, told.ends) == (ada.subscription().id, False)
    ada.buy(CancelNow(subscription_id=ada.subscription().id))
    tell(world)
    assert bank.kept[ada.id] == []
    assert tell(world) == 0


def test_an_account_that_is_no_more_is_passed_over(world: FragileWorld, bank: CopyingBank) -> None:
    sink = CopySink("sandbox", bank, world.platform.store, lambda: world.now)
    sink._catch_up(uuid4())
    assert bank.kept == {}

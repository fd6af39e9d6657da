"""Customers: who keeps them is told of who ours are, once a method is there and when it changes; nobody else is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solvent.core.language import Language
from solvent.core.party import Profile
from solvent.customers import customer_sinks
from solvent.ports.customers import Customer as Told
from solvent.ports.customers import CustomerRefused
from solvent.ports.provider import ProviderDown
from solvent.providers.boundary import Boundary, Limits
from solvent.providers.registry import Registry
from solvent.providers.sandbox import SANDBOX, InProcess, SandboxProvider
from solvent.relay import Relay, SinkFailed
from solvent.sim import Customer
from solvent.sim.banks import SECRET
from solvent.store.queries import Queries
from tests.flows.acts import GOOD, zone
from tests.simulation.fragile import FragileWorld

LIMITS = Limits(failures_max=100, tries_max=2)


class KeepingBank(SandboxProvider):
    """The sandbox bank, which keeps customers: what it was told, and whether it answers."""

    def __init__(self, world: FragileWorld) -> None:
        words = replace(SANDBOX, capabilities=replace(SANDBOX.capabilities, keeps_customers=True))
        super().__init__(
            InProcess(world.banks.by_name["sandbox"], lambda: world.now), lambda: world.now, SECRET, words
        )
        self.told: list[Told] = []
        self.away = False
        self.refuses = ""

    def keep_customer(self, customer: Told) -> None:
        """Keep a customer."""
        if self.away:
            raise ProviderDown("nobody is there")
        if customer.email == self.refuses:
            raise CustomerRefused("email_invalid")
        self.told.append(customer)

    def of(self, customer: Customer) -> list[Told]:
        """What was told of one: other tests' customers are told of, too."""
        return [one for one in self.told if one.account_id == customer.id]


@pytest.fixture
def bank(world: FragileWorld) -> KeepingBank:
    """The only provider, behind its boundary."""
    bank = KeepingBank(world)
    world.platform = replace(world.platform, providers=Registry({"sandbox": Boundary(bank, LIMITS)}))
    return bank


def tell(world: FragileWorld) -> None:
    """A round of the relay."""
    (sink,) = customer_sinks(world.platform, Queries(world.database.pool).account)
    Relay(world.database.outbox, sink).run_once()


def call(world: FragileWorld, customer: Customer, language: Language = Language.EN, **fields: str) -> None:
    """Somebody is called otherwise."""
    with world.database.begin() as tx:
        account = tx.accounts.lock(customer.id)
        assert account is not None
        before = {"name": account.name, "email": account.email}
        profile = Profile(**(before | fields), address=account.address)
        tx.accounts.set_profile(account, profile, language, world.now)


def test_whoever_leaves_a_method_is_told_of_and_each_change_of_name_or_address_after_it(
    world: FragileWorld, ada: Customer, bank: KeepingBank
) -> None:
    tell(world)
    assert bank.of(ada) == []
    ada.buy(zone(), GOOD)
    tell(world)
    (first,) = bank.of(ada)
    assert (first.account_id, first.name) == (ada.id, "Ada")
    call(world, ada, name="Ada Ltd")
    call(world, ada, email="accounts@ada.example")
    tell(world)
    assert bank.of(ada)[1:] == [Told(account_id=ada.id, name="Ada Ltd", email="accounts@ada.example")]
    call(world, ada, Language.DE)
    tell(world)
    assert len(bank.of(ada)) == 2, "a language is nothing to it"


def test_who_keeps_none_is_told_of_none(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), GOOD)
    assert customer_sinks(world.platform, Queries(world.database.pool).account) == []


def test_an_outage_delays_and_loses_nothing(world: FragileWorld, ada: Customer, bank: KeepingBank) -> None:
    bank.away = True
    call(world, ada, name="Ada Ltd")
    with pytest.raises(SinkFailed, match="nobody is there"):
        tell(world)
    bank.away = False
    with world.database.transaction() as connection:  # the pause is over
        connection.execute("update relay_cursor set leased_until = '-infinity'")
    tell(world)
    assert [one.name for one in bank.of(ada)] == ["Ada Ltd"]


def test_what_is_refused_keeps_nobody_else_waiting(
    world: FragileWorld, ada: Customer, bank: KeepingBank, caplog: pytest.LogCaptureFixture
) -> None:
    ben = world.customer("Ben")
    bank.refuses = "ada@odd.example"
    call(world, ada, email="ada@odd.example")
    call(world, ben, name="Ben Ltd")
    tell(world)
    assert bank.of(ada) == []
    assert [one.name for one in bank.of(ben)] == ["Ben Ltd"]
    assert "is not told: email_invalid" in caplog.text
    assert "ada@odd.example" not in caplog.text
    boundary = world.platform.providers.get("sandbox")
    assert isinstance(boundary, Boundary)
    assert set(boundary.tally.calls()) == {"answered"}, "a refusal is no outage"

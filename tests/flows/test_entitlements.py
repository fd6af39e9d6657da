"""Whoever follows the events hears of every change of a grant, also where no subscription changed."""

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from solvent.sim import Customer
from solvent.store import offers
from tests.flows.acts import GOOD, zone
from tests.simulation.checks import wrong
from tests.simulation.databases import Databases
from tests.simulation.fragile import FragileWorld
from tests.simulation.watched import watched


@pytest.fixture
def world(databases: Databases) -> Iterator[FragileWorld]:
    """A world whose database refuses grants that nobody was told of."""
    with databases.one() as url:
        world = FragileWorld(watched(url), buckets=(9,), seed=9)
        yield world
        found = wrong(world)
        world.close()
        assert found == []


def test_other_features_of_a_product_are_told_to_whoever_holds_it(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), GOOD)
    product = world.platform.store.catalog().products["zone-pro"]
    changed = replace(product, features={**product.features, "page_rules": 25})
    offers.apply(world.database, products=[changed], now=world.now)
    told = len(ada.events("entitlements.changed"))
    world.reboot()  # a process knows of a new catalog after a second
    world.wait(seconds=3)
    world.work()
    assert [g.features["page_rules"] for g in ada.grants()] == [25]
    assert [e.data["products"] for e in ada.events("entitlements.changed")[told:]] == [["zone-pro"]]


def test_a_change_that_nobody_tells_is_refused(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), GOOD)
    with (
        pytest.raises(psycopg.errors.RaiseException, match="nobody was told"),
        world.database.transaction() as connection,
    ):
        connection.execute("update entitlement set quantity = 9 where account_id = %s", (ada.id,))

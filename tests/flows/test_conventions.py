"""Unused time given back under each way of counting it: it is what the convention says, and no law objects."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from solvent.core.giving_up import Surrender
from solvent.core.request import CancelNow
from solvent.flows.debts import give_up
from solvent.store.laws import violations
from tests.flows.acts import switch, zone
from tests.simulation.fragile import FragileWorld

pytestmark = pytest.mark.unmeasured

# 20.00 for a month that begins on 31 January at 12:00 and has 28 days; 10 days and 6 hours are used of it.
WAYS = [
    ({}, 1_268),  # 20.00 × (17 d 18 h) / 28 d = 12.678…
    ({"SOLVENT_PRORATION": "day"}, 1_286),  # 20.00 × 18 / 28 = 12.857…
    ({"SOLVENT_PRORATION_DENOMINATOR": "fixed_30"}, 1_183),  # 20.00 × (17 d 18 h) / 30 d = 11.833…
    ({"SOLVENT_PRORATION": "day", "SOLVENT_PRORATION_DENOMINATOR": "fixed_30"}, 1_200),  # 20.00 × 18 / 30
    ({"SOLVENT_PRORATION": "day", "SOLVENT_PRORATION_CHANGE_DAY": "old"}, 1_214),  # 20.00 × 17 / 28 = 12.142…
]


@pytest.fixture
def world(
    request: pytest.FixtureRequest, flows_url: str, numbers: Iterator[int], monkeypatch: pytest.MonkeyPatch
) -> Iterator[FragileWorld]:
    for name, value in request.param.items():
        monkeypatch.setenv(name, value)
    number = next(numbers)
    world = FragileWorld(flows_url, buckets=(number,), seed=number)
    yield world
    world.close()


@pytest.mark.parametrize(("world", "unused"), WAYS, indirect=["world"], ids=[str(way) for way, _ in WAYS])
def test_unused_time_goes_back_as_it_is_counted(world: FragileWorld, unused: int) -> None:
    gone, moved, failed = world.customer("Ada"), world.customer("Bob"), world.customer("Eve", terms_days=30)
    for customer in (gone, moved, failed):
        customer.buy(zone())
    world.wait(days=10, hours=6)
    gone.buy(CancelNow(subscription_id=gone.subscription().id, credit=True))
    assert sum(i.credited for i in gone.invoices()) == unused
    give_up(world.platform, failed.invoices()[0].id, Surrender(reason="gone", by="carol"), world.now)
    assert sum(i.credited for i in failed.invoices()) == unused
    moved.buy(switch(moved, "zone-business"))
    world.wait(days=2, hours=3)
    moved.buy(CancelNow(subscription_id=moved.subscription().id, credit=True))
    with world.database.pool.connection() as connection:
        assert [law.says for law, count in violations(connection, world.now) if count] == []

"""A rung's channels: what goes to the portal is there until it is paid, what goes to webhooks says so in its event."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from solvent.core.attempt import Attempt
from solvent.core.ids import bucket_of
from solvent.core.messages import Kind
from solvent.core.shown_notices import shown
from solvent.flows.recompute import gather
from solvent.sim import Customer
from solvent.store.portal_reads import PortalReads
from tests.flows.acts import DECLINED_LATER, GOOD, zone
from tests.flows.test_dunning import DAY, govern
from tests.simulation.checks import wrong
from tests.simulation.fragile import FragileWorld

pytestmark = pytest.mark.unmeasured


@pytest.fixture
def world(flows_url: str, numbers: Iterator[int]) -> Iterator[FragileWorld]:
    number = next(numbers)
    world = FragileWorld(flows_url, buckets=(number,), seed=number)
    yield world
    found = wrong(world)
    world.close()
    assert found == []


def in_portal(world: FragileWorld, ada: Customer) -> list[Kind]:
    """What the portal says, by what was kept and by how the account stands."""
    told = PortalReads(world.database.pool).notices(ada.id)
    (verdict,) = gather(world.platform, bucket_of(ada.id), [ada.id], world.now)
    return [t.kind for t in shown(told, verdict.owed, verdict.decision.measures, verdict.assessed_at)]


def test_the_portal_shows_rungs_that_name_it_until_they_are_paid(world: FragileWorld) -> None:
    govern(world)
    ada = world.customer("Ada")
    ada.buy(zone(), DECLINED_LATER)
    start = ada.subscription().period.end
    said: list[tuple[int, Kind]] = []
    for day in range(23):
        world.until(start + (day + 0.5) * DAY)
        (kind,) = in_portal(world, ada)
        if not said or said[-1][1] is not kind:
            said.append((day, kind))
    # The reminder and the suspension of usage are told by mail alone.
    assert said == [(0, Kind.PAYMENT_FAILED), (5, Kind.RESTRICTED), (20, Kind.DOWNGRADED)]
    page = ada.open_debt()
    assert isinstance(page, Attempt)
    ada.complete(page, GOOD)
    assert in_portal(world, ada) == []


def test_a_rung_for_webhooks_alone_is_an_event_and_nothing_else(world: FragileWorld) -> None:
    """Whoever writes to customers by their own means acts on events that name `webhook`."""
    govern(world, "{id: due, after: 0d, notify: [email, portal]}", "{id: due, after: 0d, notify: [webhook]}")
    ada = world.customer("Ada")
    ada.buy(zone(), DECLINED_LATER)
    world.until(ada.subscription().period.end + 5.5 * DAY)
    told = {e.data["rung"]: e.data["channels"] for e in ada.events("dunning.notice")}
    assert told["due"] == ["webhook"]
    assert told["restricted"] == ["email", "portal"]
    with world.database.pool.connection() as connection:
        query = "select rung from message where account_id = %s and channel = 'email' order by told_at"
        mailed = [rung for (rung,) in connection.execute(query, (ada.id,)).fetchall()]
    assert "due" not in mailed
    assert "restricted" in mailed
    assert in_portal(world, ada) == [Kind.RESTRICTED]

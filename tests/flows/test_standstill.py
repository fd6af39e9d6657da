"""A provider that cannot be reached does not age a debt: what customers live through, their state, and the replay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from solvent.core.attempt import Attempt
from solvent.core.history import Window
from solvent.core.ids import spell
from solvent.core.snapshot import Standing
from solvent.flows.trying import try_policies
from solvent.sim import Customer
from solvent.store import policy_file
from solvent.store.histories import StoredHistories
from tests.flows.acts import DECLINED_LATER, GOOD, NO_FUNDS, zone
from tests.flows.edge import Edge, edge
from tests.flows.test_dunning import DAY, govern
from tests.flows.test_trying import STANDARD
from tests.simulation.checks import wrong
from tests.simulation.fragile import FragileWorld

pytestmark = pytest.mark.unmeasured

UNREACHED = "4000000000000119"
HOUR = timedelta(hours=1)


@pytest.fixture
def world(flows_url: str, numbers: Iterator[int]) -> Iterator[FragileWorld]:
    number = next(numbers)
    world = FragileWorld(flows_url, buckets=(number,), seed=number)
    world.polls = False
    govern(world)
    yield world
    found = wrong(world)
    world.close()
    assert found == []


@pytest.fixture(scope="module")
def server() -> Iterator[Edge]:
    with edge() as opened:
        yield opened


def buyer(world: FragileWorld, card: str = UNREACHED) -> Customer:
    ada = world.customer("Ada")
    ada.buy(zone(), DECLINED_LATER if card == NO_FUNDS else GOOD)
    ada.card_becomes(card)
    return ada


def begun(ada: Customer, start: object) -> list[str]:
    """How long after the due date measures changed."""
    return [str(e.occurred_at - start) for e in ada.events("dunning.changed")]  # type: ignore[operator]


def test_an_outage_of_three_days_puts_every_measure_off_by_three_days(world: FragileWorld) -> None:
    """From the renewal on nobody is reached; the retry after 71 h 50 min is answered, and declined."""
    ada = buyer(world)
    start = ada.subscription().period.end
    world.until(start + 71 * HOUR)
    assert ada.standing() is Standing.GRACE
    ada.card_becomes(NO_FUNDS)
    world.until(start + 14 * DAY)
    # Restricted after 5 days, usage suspended after 10; each 71 h 50 min = 2 d 23 h 50 min later.
    assert begun(ada, start) == ["7 days, 23:50:00", "12 days, 23:50:00"]
    world.until(start + 22 * DAY)
    assert ada.has("zone-pro")  # its service is as much longer as an outage may count
    world.until(start + 23 * DAY)
    assert ada.has("zone-free")
    world.until(start + 33 * DAY)
    given_up = [str(e.occurred_at - start) for e in ada.events("invoice.uncollectible")]
    assert given_up == ["32 days, 23:50:00"]


def test_one_that_lasts_longer_than_the_policy_lets_it_count_ages_from_then_on(world: FragileWorld) -> None:
    govern(world, "    outage_max: 7d", "    outage_max: 2d")
    ada = buyer(world)
    start = ada.subscription().period.end
    world.until(start + 13 * DAY)
    assert begun(ada, start) == ["7 days, 0:00:00", "12 days, 0:00:00"]


def test_an_outage_among_the_retries_stops_the_age_where_it_is(world: FragileWorld) -> None:
    """Declined at once and after a day; out from the second day's retry until the fifth day."""
    ada = buyer(world, NO_FUNDS)
    start = ada.subscription().period.end
    world.until(start + 1.5 * DAY)
    ada.card_becomes(UNREACHED)
    world.until(start + 4.5 * DAY)
    ada.card_becomes(NO_FUNDS)
    world.until(start + 9 * DAY)
    # Out since day 2; of its retries, after 3 d 23 h 50 min and day by day, that of 2 d 23 h 50 min later is answered.
    assert begun(ada, start) == ["7 days, 23:50:00"]


@pytest.mark.parametrize(("service", "meanwhile"), [("20d", []), ("27d", ["zone-pro"])])
def test_service_that_was_granted_for_a_decline_is_not_made_longer_by_an_outage(
    world: FragileWorld, service: str, meanwhile: list[str]
) -> None:
    """As above. Who wants it to outlast an outage adds `outage_max` to the rung's age (decision 0087)."""
    govern(world, "    service: 20d", f"    service: {service}")
    ada = buyer(world, NO_FUNDS)
    start = ada.subscription().period.end
    world.until(start + 1.5 * DAY)
    ada.card_becomes(UNREACHED)
    world.until(start + 4.5 * DAY)
    ada.card_becomes(NO_FUNDS)
    world.until(start + 19.5 * DAY)
    assert ada.has("zone-pro")
    world.until(start + 21 * DAY)
    assert [p for p in ("zone-pro", "zone-free") if ada.has(p)] == meanwhile
    world.until(start + 23 * DAY)  # the rung of 20 days came 2 d 23 h 50 min later
    assert [p for p in ("zone-pro", "zone-free") if ada.has(p)] == ["zone-free"]


def test_paying_meanwhile_ends_it(world: FragileWorld) -> None:
    ada = buyer(world)
    start = ada.subscription().period.end
    world.until(start + 2 * DAY)
    page = ada.open_debt()
    assert isinstance(page, Attempt)
    ada.complete(page, GOOD)
    world.until(start + 20 * DAY)
    assert (ada.debt(), ada.standing(), begun(ada, start)) == (0, Standing.GOOD, [])


def test_the_state_says_since_when_and_why(world: FragileWorld, server: Edge) -> None:
    ada = buyer(world)
    start = ada.subscription().period.end
    world.until(start + DAY)
    state = server.of(world).get(f"/accounts/{spell('acc', ada.id)}/state").json()
    (told,) = [line for line in state["evidence"] if "stands still" in line]
    assert told.endswith(
        f"stands still from {start:%Y-%m-%d %H:%M} until {start + 7 * DAY:%Y-%m-%d %H:%M} UTC at the latest, "
        "because the payment provider could not be reached or took no payments"
    )


def test_the_replay_of_the_policy_in_effect_is_what_happened(world: FragileWorld) -> None:
    ada = buyer(world)
    start = ada.subscription().period.end
    world.until(start + 71 * HOUR)
    ada.card_becomes(NO_FUNDS)
    world.until(start + 7 * DAY)
    tried = policy_file.parse(STANDARD.replace("    outage_max: 7d", "    outage_max: 0d"))
    window = Window(since=start, until=world.now)
    found = try_policies(
        world.platform, StoredHistories(world.database.pool), tried.policies, window, accounts_max=999
    )
    assert begun(ada, start) == []
    (of_ada,) = [d for d in found.accounts if d.account_id == ada.id]
    assert of_ada.before == ("retried",)  # as it was
    assert of_ada.after == ("retried", "restricted")  # as it would have been

"""Caps end to end: how many accounts a consequence begins for, who waits for their turn, and where that is seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from solvent.core.caps import Caps
from solvent.core.consequence import Consequence
from solvent.core.engine import Engine, Mode
from solvent.core.ids import spell
from solvent.core.ladder import Measure
from solvent.core.snapshot import Standing
from solvent.flows.fleet import sweep_bucket
from solvent.flows.permits import Waiting, draw
from solvent.flows.recompute import gather
from solvent.sim import Customer
from solvent.store import engine as stored
from solvent.store.gauges import gauges
from solvent.store.retention import Retention
from tests.flows.acts import DECLINED_LATER, GOOD, zone
from tests.flows.edge import Edge, edge
from tests.flows.plants import DAY
from tests.flows.test_drift import kinds
from tests.flows.test_dunning import govern
from tests.simulation.checks import wrong
from tests.simulation.fragile import FragileWorld

BUCKETS = iter(range(1, 250))
ABOVE = "above the cap of 1 accounts in 24 hours"


@pytest.fixture
def world(flows_url: str) -> Iterator[FragileWorld]:
    number = next(BUCKETS)
    world = FragileWorld(flows_url, buckets=(number,), seed=number)
    with world.database.pool.connection() as connection:
        connection.execute("delete from engine_tally")
    yield world
    cap(world, {})
    world.work()
    found = wrong(world)
    world.close()
    assert found == []


@pytest.fixture(scope="module")
def server() -> Iterator[Edge]:
    with edge() as opened:
        yield opened


def cap(world: FragileWorld, accounts: Mapping[Consequence, int], **more: object) -> None:
    engine = Engine(by="carol", reason="a test", caps=Caps(accounts=accounts), **more)  # type: ignore[arg-type]
    stored.set_mode(world.database.pool, engine, world.now)
    world.database.catalog(["not yet read@1"])


def three(world: FragileWorld, days: float) -> list[Customer]:
    """Three customers whose renewals failed so many days ago."""
    customers = [world.customer(name) for name in ("Ada", "Ben", "Cyd")]
    for customer in customers:
        customer.buy(zone(), DECLINED_LATER)
    world.until(customers[-1].subscription().period.end + days * DAY)
    return customers


def without_ladders(world: FragileWorld) -> None:
    """Let the policy hold that is built in."""
    with world.database.pool.connection() as connection:
        connection.execute("alter table policy_edition disable trigger user")
        connection.execute("delete from policy_edition")
        connection.execute("alter table policy_edition enable trigger user")
        connection.execute("update catalog_revision set revision = revision + 1")


def told(customer: Customer) -> list[object]:
    return [event.data["rung"] for event in customer.events("dunning.notice")]


def begun(customers: list[Customer]) -> int:
    return sum(bool(c.snapshot().in_effect) for c in customers)


def test_no_more_begin_in_a_window_than_the_cap_says(world: FragileWorld, server: Edge) -> None:
    govern(world)
    cap(world, {Consequence.RESTRICT: 1})
    customers = three(world, 5)
    assert begun(customers) == 1
    waiting = next(c for c in customers if not c.snapshot().in_effect)
    client = server.of(world)
    state = client.get(f"/accounts/{spell('acc', waiting.id)}/state").json()
    assert f"withheld: restrict, {ABOVE}" in state["evidence"]
    assert state["standing"] == "past_due"
    shown = client.get("/engine").json()
    (view,) = shown["caps"]
    assert (view["consequence"], view["most"], view["taken"], view["waiting"]) == ("restrict", 1, 1, 2)
    assert shown["now"]["caps"] == {"restrict": 1}
    seen = {o.metric: o.value for o in gauges(world.database.pool, world.now) if "engine" in o.metric}
    assert seen == {"solvent.engine.left": 0, "solvent.engine.waiting": 2}
    assert kinds(world, waiting) == set()  # to wait for one's turn is no drift


def test_whoever_waits_has_a_turn_in_a_later_window(world: FragileWorld) -> None:
    govern(world)
    cap(world, {Consequence.RESTRICT: 1})
    customers = three(world, 5)
    world.wait(days=1)
    assert begun(customers) == 2
    world.wait(days=1)
    assert begun(customers) == 3


def test_a_raised_cap_counts_at_once_and_a_lowered_one_takes_nothing_back(world: FragileWorld) -> None:
    govern(world)
    cap(world, {Consequence.RESTRICT: 2})
    customers = three(world, 5)
    assert begun(customers) == 2
    cap(world, {Consequence.RESTRICT: 1})
    world.work()
    assert begun(customers) == 2
    cap(world, {Consequence.RESTRICT: 3})
    world.work()
    assert begun(customers) == 3


def written(world: FragileWorld, customer: Customer) -> object:
    """By which transaction the record of dunning was written last."""
    with world.database.pool.connection() as connection:
        query = "select xmin::text from health where account_id = %s"
        return connection.execute(query, (customer.id,)).fetchone()


def test_to_wait_is_to_be_at_rest(world: FragileWorld) -> None:
    govern(world)
    cap(world, {Consequence.RESTRICT: 0})
    (ada, *_) = three(world, 5)
    before, version = ada.snapshot(), written(world, ada)
    with world.platform.store.begin() as tx:
        tx.queue.mark([ada.id], "test", world.now)
    world.work()
    assert (ada.snapshot(), written(world, ada)) == (before, version), "waiting writes nothing"
    (verdict,) = gather(world.platform, world.buckets[0], [ada.id], world.now)
    assert (verdict.changed, verdict.capped) == (False, (Consequence.RESTRICT,))
    sweep_bucket(world.platform, world.buckets[0], world.now, 10)
    assert sweep_bucket(world.platform, world.buckets[0], world.now, 10).read == 0


def test_paying_needs_no_permit_and_nobody_is_told_of_what_waits_for_one(world: FragileWorld) -> None:
    govern(world)
    cap(world, dict.fromkeys((Consequence.RESTRICT, Consequence.SUSPEND, Consequence.DOWNGRADE), 0))
    (ada, *_) = three(world, 26)
    assert told(ada) == ["due", "reminder", "last-notice"]
    cap(world, {Consequence.SUSPEND: 0, Consequence.DOWNGRADE: 0})
    world.work()
    assert told(ada) == ["due", "reminder", "last-notice", "restricted"]
    ada.pay_debt(GOOD)
    world.work()
    assert ada.standing() is Standing.GOOD


def test_giving_up_is_capped_as_one_unit(world: FragileWorld) -> None:
    govern(world)
    cap(world, {Consequence.GIVE_UP: 1})
    customers = three(world, 30)
    gone = [c for c in customers if c.standing() is Standing.BAD_DEBT]
    assert len(gone) == 1
    assert [m.measure for m in gone[0].snapshot().in_effect if m.measure is Measure.BAN] == [Measure.BAN]
    world.wait(days=1)
    assert sum(c.standing() is Standing.BAD_DEBT for c in customers) == 2


def test_the_clock_ends_no_more_than_the_cap_says(world: FragileWorld) -> None:
    without_ladders(world)
    cap(world, {Consequence.CANCEL: 1})
    customers = three(world, 0)
    world.until(customers[0].subscription().period.end)
    live = [c for c in customers if c.subscriptions()]
    assert len(live) == 2
    assert f"cancel, {ABOVE}" in live[0].snapshot().withheld
    world.wait(days=2)
    assert [c for c in customers if c.subscriptions()] == []


def test_who_is_only_observed_is_not_ended_by_the_clock(world: FragileWorld) -> None:
    without_ladders(world)
    cap(world, {}, mode=Mode.OBSERVE)
    (ada, *_) = three(world, 0)
    world.until(ada.subscription().period.end + 2 * DAY)
    assert ada.subscriptions()
    assert "cancel, the engine only observes the account" in ada.snapshot().withheld


def test_windows_are_forgotten_with_history(world: FragileWorld) -> None:
    govern(world)
    cap(world, {Consequence.RESTRICT: 1})
    three(world, 5)
    later = world.now + timedelta(days=800)
    forget = Retention(world.database.pool).forget
    now = world.now
    forget(range(8), answers_before=now, notifications_before=now, history_before=later, carts_before=now)
    with world.database.pool.connection() as connection:
        assert connection.execute("select count(*) from engine_tally").fetchone() == (0,)


def test_whose_debt_is_older_comes_first_and_who_has_none_last(world: FragileWorld) -> None:
    first, second, third = sorted(world.customer(name).id for name in ("Ada", "Ben", "Cyd"))
    caps = Caps(accounts={Consequence.RESTRICT: 1})

    def drawn(now: datetime, **since: tuple[UUID, datetime | None]) -> set[UUID]:
        waiting = [
            Waiting(account_id=who, consequences=(Consequence.RESTRICT,), moment=now, oldest_due=due)
            for who, due in since.values()
        ]
        return set(draw(world.platform, caps, waiting))

    now = world.now
    assert drawn(now, a=(first, None), b=(second, now - DAY), c=(third, now - 2 * DAY)) == {third}
    later = now + 2 * DAY  # another window
    assert drawn(later, a=(first, None), b=(second, now)) == {second}

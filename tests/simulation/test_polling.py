"""Polling: the worker finds what no notification told, also after the provider has been away."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from solvent.core.ids import BUCKETS
from solvent.core.request import NewItem, Start
from solvent.ports.provider import Notification, Subject
from solvent.ports.queues import Arrival
from solvent.providers.sandbox import FaultPlan
from solvent.sim import Customer
from solvent.sim.banks import NO_FAULTS
from solvent.store.gauges import gauges
from solvent.store.polls import Poll, polls
from solvent.worker import LEASE, REST_SHARE, SWEEP_EVERY, THIN_MAX, Worker
from tests.flows.acts import until_idle
from tests.simulation.checks import wrong_at_rest
from tests.simulation.fragile import START, FragileWorld
from tests.simulation.goods import price

STEP_MINUTES = 6
assert timedelta(minutes=STEP_MINUTES) > SWEEP_EVERY


@pytest.fixture
def world(shop_url: str) -> Iterator[FragileWorld]:
    world = FragileWorld(shop_url)
    world.polls = False  # here the worker polls
    yield world
    world.close()


def _work(world: FragileWorld, worker: Worker, minutes: int) -> None:
    """The worker's rounds, some minutes apart."""
    for _ in range(0, minutes, STEP_MINUTES):
        world.clock.move(timedelta(minutes=STEP_MINUTES))
        until_idle(lambda: worker.run_once(world.now))


def _later(world: FragileWorld, worker: Worker, minutes: int) -> None:
    """The worker's rounds after a time in which nobody worked."""
    world.clock.move(timedelta(minutes=minutes))
    _work(world, worker, 2 * STEP_MINUTES)


def _worker(world: FragileWorld) -> Worker:
    return Worker(replace(world.process, platform=world.platform, clock=world.clock))


def _paid(world: FragileWorld) -> Customer:
    ada = world.customer("Ada")
    ada.buy(Start(items=(NewItem(price_id=price("zone-pro"), object="zone:example.com"),)))
    return ada


def test_the_worker_forgets_notifications_that_were_dealt_with_long_ago(world: FragileWorld) -> None:
    _, worker = _paid(world), _worker(world)
    kept = timedelta(days=world.process.settings.notifications_kept_days)
    world.work()
    _work(world, worker, 20)
    assert _inbox(world) > 0
    world.clock.move(kept - timedelta(hours=2))
    _work(world, worker, 30)
    assert _inbox(world) > 0
    world.clock.move(timedelta(hours=2))
    _work(world, worker, 30)
    assert _inbox(world) == 0


def _inbox(world: FragileWorld) -> int:
    with world.database.pool.connection() as connection:
        row = connection.execute(
            "select count(*) from inbox where received_at < %s", (START + timedelta(days=1),)
        ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("away_minutes", [0, 90])
def test_a_second_charge_that_nobody_told_of_is_found_and_returned(
    world: FragileWorld, away_minutes: int
) -> None:
    ada, worker = _paid(world), _worker(world)
    _work(world, worker, 20)
    (charge,) = ada.charges()
    world.banks.by_name["sandbox"].charge_twice(charge.ref, world.now)
    world.banks.post.lose(world.now)
    world.banks.lines["sandbox"].plan(FaultPlan(down=1.0))
    _work(world, worker, away_minutes)
    world.banks.lines["sandbox"].plan(NO_FAULTS)
    assert ada.credit() == 0
    _work(world, worker, STEP_MINUTES)
    assert ada.credit() == charge.amount
    assert wrong_at_rest(world) == []


def test_an_approval_that_nobody_told_of_is_found(world: FragileWorld) -> None:
    ada, worker = world.customer("Ada"), _worker(world)
    attempt = ada.open(Start(items=(NewItem(price_id=price("zone-pro"), object="zone:example.com"),)))
    attempt = ada.confirm(attempt, "4000002500003155")
    ada.pass_challenge(attempt)  # and never comes back to the shop
    world.banks.post.lose(world.now)
    _work(world, worker, STEP_MINUTES)
    assert ada.has("zone-pro")
    assert wrong_at_rest(world) == []


def test_a_poll_that_fails_stops_neither_the_worker_nor_what_the_next_poll_finds(
    world: FragileWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, worker = _paid(world), _worker(world)
    _work(world, worker, 20)
    (charge,) = ada.charges()
    bank = world.platform.providers.get("sandbox")
    with monkeypatch.context() as patched:
        patched.setattr(type(bank), "reports_since", lambda *_: iter([None]), raising=False)
        world.banks.by_name["sandbox"].charge_twice(charge.ref, world.now)
        world.banks.post.lose(world.now)
        _work(world, worker, 12)
    assert ada.credit() == 0
    failed = _polled(world)
    assert (failed.failures, failed.reason) == (2, "AttributeError")
    assert failed.answered_at is not None
    assert failed.tried_at > failed.answered_at
    _work(world, worker, 12)
    assert ada.credit() == 2_000
    again = _polled(world)
    assert (again.failures, again.answered_at, again.until) == (0, again.tried_at, again.tried_at)


def test_a_provider_that_does_not_answer_is_counted(world: FragileWorld) -> None:
    _, worker = _paid(world), _worker(world)
    world.banks.lines["sandbox"].plan(FaultPlan(down=1.0))
    _work(world, worker, 6)
    before = _polled(world).failures
    _work(world, worker, 18)
    silent = _polled(world)
    assert (silent.failures - before, silent.reason) == (3, "it did not answer")
    shown = {
        o.labels: o.value for o in gauges(world.database.pool, world.now) if o.metric.endswith("failures")
    }
    assert shown["sandbox", "poll"] == silent.failures
    world.banks.lines["sandbox"].plan(NO_FAULTS)


def _polled(world: FragileWorld) -> Poll:
    with world.database.autocommit() as connection:
        (one,) = [p for p in polls(connection) if (p.provider, p.what) == ("sandbox", "poll")]
    return one


def _fees(customer: Customer) -> int:
    return customer.ledger().get(("provider_fees", "USD"), 0)


@pytest.mark.parametrize("away_minutes", [0, 70])
def test_the_worker_books_what_providers_keep_also_after_they_were_away(
    world: FragileWorld, away_minutes: int
) -> None:
    ada, worker = world.customer("Ada"), _worker(world)
    world.banks.by_name["sandbox"].set_tariff(29_000, 30)
    _work(world, worker, 12)
    ada.buy(Start(items=(NewItem(price_id=price("zone-pro"), object="zone:example.com"),)))
    world.banks.lines["sandbox"].plan(FaultPlan(down=1.0))
    _work(world, worker, away_minutes)
    assert _fees(ada) == 0
    world.banks.lines["sandbox"].plan(NO_FAULTS)
    _later(world, worker, 120)
    assert _fees(ada) == 88
    assert wrong_at_rest(world) == []


def test_a_statement_that_cannot_be_read_stops_nothing(
    world: FragileWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.banks.by_name["sandbox"].set_tariff(29_000, 30)
    ada, worker = _paid(world), _worker(world)
    bank = world.platform.providers.get("sandbox")
    with monkeypatch.context() as patched:
        patched.setattr(type(bank), "movements_since", lambda *_: iter([None]), raising=False)
        _work(world, worker, 12)
    assert _fees(ada) == 0
    for _ in range(2):
        _later(world, worker, 60)
    assert _fees(ada) == 88


def test_a_worker_rests_after_a_round_of_thin_batches_and_goes_on_after_a_full_one(
    world: FragileWorld,
) -> None:
    worker = _worker(world)
    pauses = []
    for arrived in (0, 1, THIN_MAX):
        hints = [
            Notification(
                id=f"{arrived}-{n}",
                provider="sandbox",
                subject=Subject.ATTEMPT,
                key=None,
                ref=None,
                occurred_at=START,
            )
            for n in range(arrived)
        ]
        with world.database.single() as tx:
            tx.inbox.store([Arrival(1, hint, world.now) for hint in hints])
        assert worker.run_once(world.now) == arrived
        pauses.append(worker.pause_s())
    whole = world.process.settings.worker_pause_s
    assert pauses == [whole, whole * REST_SHARE, 0]


def test_each_batch_of_a_round_bears_its_own_moment(world: FragileWorld) -> None:
    """A round may take long: what is committed late in it must not come before a report of meanwhile."""
    for name in ("Ada", "Bob", "Cy"):
        zone = NewItem(price_id=price("zone-pro"), object=f"zone:{name.lower()}.example")
        world.customer(name).buy(Start(items=(zone,)))
    worker = _worker(world)
    world.clock.move(timedelta(days=31))
    seen: list[datetime] = []

    def clock() -> datetime:
        world.clock.move(timedelta(seconds=1))
        seen.append(world.now)
        return world.now

    worker.round(clock)
    with world.database.pool.connection() as connection:
        rows = connection.execute("select issued_at from invoice order by issued_at desc limit 3").fetchall()
    assert len({at for (at,) in rows}) > 1, "as many as buckets that had something due"
    assert {at for (at,) in rows} <= set(seen)


def test_a_round_leaves_the_buckets_that_another_has_taken_meanwhile(world: FragileWorld) -> None:
    _paid(world)
    worker, rounds = _worker(world), 0
    world.clock.move(timedelta(days=31))

    def clock() -> datetime:
        nonlocal rounds
        rounds += 1
        if rounds == 2:  # it was asleep for longer than its lease, and another has begun
            world.clock.move(2 * LEASE)
            assert len(world.database.schedule.hold(UUID(int=1), world.now, LEASE)) == BUCKETS
        return world.now

    assert worker.round(clock) == 0
    assert rounds > 1
    world.clock.move(2 * LEASE)
    assert worker.run_once(world.now) > 0

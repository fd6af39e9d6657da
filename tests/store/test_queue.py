"""Queue and inbox: at most one waiting and one running recompute per account; each notification once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from psycopg.errors import ReadOnlySqlTransaction

from solvent.core.change import NewItem, Start
from solvent.core.health import Assessment, assess
from solvent.core.payment import FailureCause, ProofKind
from solvent.core.policy import Policy
from solvent.core.snapshot import Standing
from solvent.ports.provider import Notification, Subject
from solvent.ports.queues import Arrival, Received
from solvent.store.database import Session
from solvent.store.inbox import InboxRoom
from tests.store.test_journal import THREADS, at_once
from tests.store.worlds import BUCKET, NOW, World, draw

LATER = NOW + timedelta(minutes=1)


def mark(world: World, *accounts: UUID) -> None:
    with world.database.begin() as tx:
        tx.queue.mark(accounts, "test", NOW)


def claim(world: World, now: datetime = NOW, account: UUID | None = None, limit: int = 100) -> list[UUID]:
    with world.database.begin() as tx:
        return tx.queue.claim(BUCKET, now, now + timedelta(minutes=1), limit, account)


def finish(world: World, *accounts: UUID) -> None:
    with world.database.begin() as tx:
        tx.queue.finish(BUCKET, accounts)


def test_marking_twice_waits_once(world: World) -> None:
    one, two = draw(), draw()
    mark(world, one, two, one)
    mark(world, two)
    mark(world)
    assert sorted(claim(world)) == sorted([one, two])
    assert claim(world) == []


def test_a_mark_while_running_waits_for_the_next_turn(world: World) -> None:
    account = draw()
    mark(world, account)
    assert claim(world) == [account]
    mark(world, account)
    mark(world, account)
    assert claim(world) == []
    finish(world, account)
    assert claim(world) == [account]
    finish(world, account)
    assert claim(world) == []
    assert world.rows("select count(*) from recompute_queue") == [(0,)]


def test_what_a_crashed_worker_left_is_taken_over_once_and_with_its_marks(world: World) -> None:
    account = draw()
    mark(world, account)
    claim(world)
    mark(world, account)
    taken = at_once([lambda: claim(world, LATER) for _ in range(THREADS)])
    assert [a for found in taken for a in found] == [account]
    finish(world, account)
    assert world.rows("select count(*) from recompute_queue") == [(0,)]


def test_many_claimers_share_the_queue(world: World) -> None:
    accounts = [draw() for _ in range(100)]
    mark(world, *accounts)
    taken = at_once([lambda: claim(world, limit=20) for _ in range(THREADS)])
    everything = [a for found in taken for a in found]
    assert len(everything) == len(set(everything))
    everything += claim(world)
    assert sorted(everything) == sorted(accounts)


def test_one_account_can_be_claimed_alone_and_marks_may_span_buckets(world: World) -> None:
    mine, other, elsewhere = draw(), draw(), draw(bucket=9)
    mark(world, mine, elsewhere, other)
    assert claim(world, account=mine) == [mine]
    assert claim(world) == [other]
    with world.database.begin() as tx:
        assert tx.queue.claim(9, NOW, LATER, 10, None) == [elsewhere]


def test_a_recheck_marks_the_account_once_and_on_its_own_clock(world: World) -> None:
    real, frozen = world.account(), world.account(test_now=NOW)
    verdicts = [
        Assessment(
            account_id=account.id,
            standing=Standing.GRACE,
            before=None,
            debt={"USD": 500},
            oldest_due=NOW,
            recheck_at=LATER,
            collect=(),
            lapsed=(),
            grants=(),
            drifted=False,
            evidence=("because",),
            changed=True,
            assessed_at=NOW,
        )
        for account in (real, frozen)
    ]
    with world.database.settlements.begin() as tx:
        tx.books.assess(BUCKET, verdicts)

    def rechecks(now: datetime, account: UUID | None = None) -> int:
        with world.database.begin() as tx:
            return tx.queue.mark_rechecks(BUCKET, now, 10, account)

    assert rechecks(NOW) == 0
    assert rechecks(LATER) == 1
    assert rechecks(LATER) == 0
    assert rechecks(LATER, frozen.id) == 1
    assert sorted(claim(world)) == sorted([real.id, frozen.id])
    told = world.rows(
        "select account_id, data->>'before', data->>'after' from event where type = 'standing.changed'"
    )
    assert sorted(told) == sorted([(real.id, "good", "grace"), (frozen.id, "good", "grace")])


def test_a_snapshot_holds_every_store_of_an_account(world: World) -> None:
    account, _, booking = world.subscribed()
    graced = world.attempt(world.plan(account.id, Start(items=(NewItem(price_id="seats@1", quantity=3),))))
    world.journal(graced)
    unpaid = world.settle(graced, ProofKind.GRACE)
    with world.database.begin() as tx:
        (snapshot,) = tx.queue.snapshots(BUCKET, [account.id, draw()])
        view = tx.accounts.view(account.id)
    assert view is not None
    assert (snapshot.account, snapshot.subscriptions, snapshot.methods, snapshot.open_invoices) == (
        account,
        view.subscriptions,
        view.methods,
        view.open_invoices,
    )
    by_item = sorted([*booking.grants, *unpaid.grants], key=lambda g: g.item_id)
    assert list(snapshot.grants) == by_item
    (invoice,) = snapshot.open_invoices
    tries = snapshot.tries[invoice.id]
    assert (tries.failures, tries.last_cause, tries.last_at) == (1, FailureCause.INSUFFICIENT_FUNDS, NOW)
    assert not tries.in_flight
    assert tries.newest_method == NOW
    assert (snapshot.credit, snapshot.standing, snapshot.recheck_at) == (0, None, None)
    verdict = assess(snapshot, world.database.catalog(), Policy(), NOW)
    assert not verdict.drifted
    assert verdict.debt == {"USD": 1500}


def notification(number: int) -> Notification:
    return Notification(
        id=f"evt_{number}",
        provider="sandbox-card",
        subject=Subject.ATTEMPT,
        key=draw(),
        ref="pi",
        occurred_at=NOW,
    )


def test_a_notification_is_stored_once_and_handled_once(world: World) -> None:
    told = notification(1)

    def store() -> int:
        with world.database.begin() as tx:
            return tx.inbox.store([Arrival(BUCKET, told, NOW)])

    assert sorted(at_once([store] * THREADS)) == [0] * (THREADS - 1) + [1]

    def received() -> list[Notification]:
        with world.database.begin() as tx:
            claimed = tx.inbox.claim(BUCKET, NOW, LATER, 10)
            return [r.notification for r in claimed]

    claimed = at_once([received] * THREADS)
    assert [n for found in claimed for n in found] == [told]


def test_a_notification_waits_again_after_a_crash_until_it_is_finished_or_parked(world: World) -> None:
    with world.database.begin() as tx:
        for number in range(3):
            tx.inbox.store([Arrival(BUCKET, notification(number), NOW)])
        tx.inbox.finish([])
        assert len(tx.inbox.claim(BUCKET, NOW, LATER, 10)) == 3
        assert tx.inbox.claim(BUCKET, NOW, LATER, 10) == []
        again = tx.inbox.claim(BUCKET, LATER, LATER + timedelta(minutes=1), 10)
        assert len(again) == 3
        tx.inbox.finish(again[:2])
        tx.inbox.park({again[2]: "nobody knows it"})
        assert tx.inbox.claim(BUCKET, NOW + timedelta(days=1), LATER, 10) == []
    assert world.rows("select state, reason, count(*) from inbox group by 1, 2 order by 1") == [
        ("done", None, 2),
        ("parked", "nobody knows it", 1),
    ]


def test_where_buckets_have_servers_of_their_own_notifications_of_each_are_a_transaction(
    world: World,
) -> None:
    arrivals = [Arrival(bucket, notification(bucket), NOW) for bucket in (5, 3, 250, 3)]
    with world.database.autocommit() as connection:
        room = InboxRoom(connection, distributed=True)
        assert room.store(arrivals) == 3
        assert room.store(arrivals) == 0
    assert world.rows("select count(distinct xmin::text), count(distinct bucket) from inbox") == [(3, 3)]


def test_two_who_store_the_same_notifications_wait_in_one_direction(world: World) -> None:
    arrivals = [Arrival(bucket, notification(bucket), NOW) for bucket in range(100, 150)]

    def store(told: list[Arrival]) -> int:
        with world.database.single() as tx:
            return tx.inbox.store(told)

    stored = at_once([partial(store, arrivals), partial(store, arrivals[::-1])] * 4)
    assert sum(stored) == len(arrivals)


def test_leases_alone_are_not_waited_for(world: World) -> None:
    """What stands beside them in the same rooms is on disk when its transaction ends."""
    account, arrival = draw(), Arrival(BUCKET, notification(1), NOW)

    def waited_for(act: Callable[[Session], object]) -> bool:
        with world.database.begin() as tx:
            tx.connection.execute("set local synchronous_commit to 'on'")  # which tests do without
            act(tx)
            ((setting,),) = tx.connection.execute("show synchronous_commit").fetchall()
        return bool(setting == "on")

    lease = (NOW, LATER, 100)
    assert waited_for(lambda tx: tx.queue.mark([account], "test", NOW))
    assert not waited_for(lambda tx: tx.queue.claim(BUCKET, *lease, None))
    assert waited_for(lambda tx: tx.queue.mark([account], "test", NOW))  # nothing is left of it
    assert not waited_for(lambda tx: tx.queue.finish(BUCKET, [account]))
    assert waited_for(lambda tx: tx.inbox.store([arrival]))
    received: list[Received] = []
    assert not waited_for(lambda tx: received.extend(tx.inbox.claim(BUCKET, *lease)))
    assert waited_for(lambda tx: tx.inbox.put_off({received[0]: "later"}, NOW))
    assert not waited_for(lambda tx: tx.inbox.finish(received))
    assert waited_for(lambda tx: tx.inbox.park({received[0]: "hopeless"}))


def test_who_is_asked_for_is_marked_once_and_tells_its_own_present(world: World) -> None:
    frozen, real = world.account(test_now=LATER), world.account()
    with world.database.single() as tx:
        assert [tx.queue.ask(a.id, "asked for", NOW) for a in (frozen, real, real)] == [LATER, NOW, NOW]
        with pytest.raises(LookupError):
            tx.queue.ask(draw(), "asked for", NOW)
    assert sorted(claim(world)) == sorted([frozen.id, real.id])


def test_still_reads_see_one_moment_and_write_nothing(world: World) -> None:
    before, after = draw(), draw()
    mark(world, before)
    with world.database.still() as tx:
        assert tx.queue.examined(BUCKET, [], NOW) == []
        query = "select account_id from recompute_queue"
        assert tx.connection.execute(query).fetchall() == [(before,)]
        mark(world, after)
        assert tx.connection.execute(query).fetchall() == [(before,)]
        with pytest.raises(ReadOnlySqlTransaction):
            tx.queue.mark([draw()], "test", NOW)
    with world.database.begin() as tx:
        tx.queue.mark([draw()], "test", NOW)
        assert len(tx.connection.execute(query).fetchall()) == 2 + 1

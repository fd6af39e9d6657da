"""Accounts: what is due is claimed once, on the right clock, and not while a renewal is in flight."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread
from time import sleep
from uuid import UUID

import psycopg
import pytest

from solvent.core.proration import Convention
from solvent.core.renewal import plan_renewal
from solvent.ports.store import DueSubscription
from solvent.store.accounts import AccountRoom
from tests.store.test_journal import THREADS, at_once
from tests.store.worlds import BUCKET, NOW, POLICY, World, draw

PERIOD_END = datetime(2026, 2, 28, 12, 0, tzinfo=UTC)


def due(world: World, now: datetime, account: UUID | None = None, limit: int = 100) -> list[DueSubscription]:
    with world.database.begin() as tx:
        return tx.accounts.due(BUCKET, now, limit, account)


def renewing(world: World, found: DueSubscription, now: datetime) -> None:
    """Journal the renewal of what is due."""
    plan = plan_renewal(
        found.account,
        found.subscription,
        catalog=world.database.catalog(),
        policy=POLICY,
        convention=Convention(),
        credit_grants=found.credit_grants,
        now=now,
    )
    assert plan is not None
    world.journal(world.attempt(plan))


def test_a_subscription_is_due_at_the_end_of_its_period_with_what_renewing_needs(world: World) -> None:
    account, _, booking = world.subscribed()
    assert due(world, PERIOD_END - timedelta(microseconds=1)) == []
    (found,) = due(world, PERIOD_END)
    assert (found.account, found.subscription, found.credit_grants) == (account, booking.subscription, ())
    assert [m.token for m in found.methods] == [f"tok_{account.id.hex}"]


def test_what_is_being_renewed_is_not_due(world: World) -> None:
    account, _, _ = world.subscribed()
    (found,) = due(world, PERIOD_END)
    renewing(world, found, PERIOD_END)
    assert due(world, PERIOD_END) == []
    with world.database.begin() as tx:
        assert tx.accounts.next_moment(account.id) == PERIOD_END + timedelta(minutes=1)


def test_due_subscriptions_are_renewed_once(world: World) -> None:
    """Skipping locked rows keeps claimers apart; where one looked just before another's commit, the journal decides."""
    for _ in range(40):
        world.subscribed()

    def claim() -> list[UUID]:
        with world.database.begin() as tx:
            taken = []
            for one in tx.accounts.due(BUCKET, PERIOD_END, 10, None):
                plan = plan_renewal(
                    one.account,
                    one.subscription,
                    catalog=world.database.catalog(),
                    policy=POLICY,
                    convention=Convention(),
                    credit_grants=(),
                    now=PERIOD_END,
                )
                assert plan is not None
                if tx.journal.add([world.attempt(plan)]):
                    taken.append(one.subscription.id)
        return taken

    claimed = [i for found in at_once([claim] * THREADS) for i in found]
    assert len(claimed) == len(set(claimed))
    assert len(claimed) + len(due(world, PERIOD_END)) == 40


def test_a_test_account_renews_on_its_own_clock_only(world: World) -> None:
    frozen, _, _ = world.subscribed(test_now=NOW)
    assert due(world, PERIOD_END) == []
    (found,) = due(world, PERIOD_END, frozen.id)
    assert found.account == frozen


def test_the_earliest_are_claimed_first(world: World) -> None:
    _, _, booking = [world.subscribed() for _ in range(3)][1]
    assert booking.subscription is not None
    first = booking.subscription.id
    with world.database.pool.connection() as connection:
        connection.execute(
            "update subscription set due_at = due_at - interval '1 day' where id = %s", (first,)
        )
    assert [d.subscription.id for d in due(world, PERIOD_END, limit=1)] == [first]


def test_the_next_moment_is_the_earliest_of_all(world: World) -> None:
    account, _, _ = world.subscribed()
    idle = world.account()
    with world.database.begin() as tx:
        assert tx.accounts.next_moment(account.id) == PERIOD_END
        assert tx.accounts.next_moment(idle.id) is None
        assert tx.accounts.next_moment(draw()) is None


def test_a_test_clock_moves_and_wall_time_does_not(world: World) -> None:
    frozen, real = world.account(test_now=NOW), world.account()
    with world.database.begin() as tx:
        tx.accounts.set_clock(frozen.id, PERIOD_END)
        assert tx.accounts.moment(frozen.id, NOW) == PERIOD_END
        assert tx.accounts.moment(real.id, NOW) == NOW
    for unmovable in (real.id, draw()):
        with pytest.raises(LookupError), world.database.begin() as tx:
            tx.accounts.set_clock(unmovable, PERIOD_END)
    with pytest.raises(LookupError), world.database.begin() as tx:
        tx.accounts.moment(draw(), NOW)


def test_what_is_not_there_is_none(world: World) -> None:
    with world.database.begin() as tx:
        assert tx.accounts.view(draw()) is None
        assert tx.accounts.invoice(draw()) is None
        assert tx.accounts.method(draw()) is None


def test_nothing_is_kept_of_a_transaction_that_raises(world: World) -> None:
    def run() -> None:
        with world.database.begin() as tx:
            tx.queue.mark([draw()], "test", NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run()
    assert world.rows("select count(*) from recompute_queue") == [(0,)]


# A renewal planned from what was read while somebody else changed the subscription


@pytest.fixture
def slow_items(world: World) -> Iterator[None]:
    """A schema `slow` whose items can only be read while nobody holds lock 1: there a statement waits after it has
    begun, and before it locks any row."""
    with psycopg.connect(str(world.database.pool.conninfo)) as connection:
        connection.execute(
            """
            create schema slow;
            create function slow.opened() returns boolean language plpgsql volatile as $$
            begin perform pg_advisory_xact_lock_shared(1); return true; end $$;
            create view slow.item as select * from public.item where slow.opened()"""
        )
    yield
    with psycopg.connect(str(world.database.pool.conninfo)) as connection:
        connection.execute("drop schema slow cascade")


@pytest.mark.usefixtures("slow_items")
def test_a_subscription_that_changes_while_it_is_read_is_not_due_in_that_moment(world: World) -> None:
    """Otherwise its new version would come with the items of the old one, and be charged for them."""
    account, _, booking = world.subscribed()
    assert booking.subscription is not None
    later = booking.subscription.period.end
    gate = psycopg.connect(str(world.database.pool.conninfo))
    gate.execute("select pg_advisory_lock(1)")
    found: list[list[DueSubscription]] = []

    def read() -> None:
        with world.database.transaction() as connection:
            connection.execute("set local search_path to slow, public")
            found.append(AccountRoom(connection).due(BUCKET, later, 10, None))

    reader = Thread(target=read)
    reader.start()
    waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    while world.rows(waiting) == [(0,)]:
        sleep(0.01)
    gate.execute(
        "update item set booked_price = 'seats@1', booked_quantity = 7 where account_id = %s", (account.id,)
    )
    gate.execute("update subscription set version = version + 1 where account_id = %s", (account.id,))
    gate.commit()  # first, for a row that is still locked would be skipped
    gate.execute("select pg_advisory_unlock(1)")
    reader.join()
    gate.close()
    with world.database.begin() as tx:
        (due,) = tx.accounts.due(BUCKET, later, 10, None)
    assert [(i.price_id, i.quantity) for i in due.subscription.items] == [("seats@1", 7)]
    assert found == [[]]

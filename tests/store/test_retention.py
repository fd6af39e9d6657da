"""Retention: what is old is forgotten, portion by portion; what somebody still waits for is not."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from psycopg import Connection

from solvent.core.request import NewItem, Start
from solvent.store.answers import Answered, Answers, Fresh
from solvent.store.database import Database
from solvent.store.portal_sessions import PortalSession, PortalSessions
from solvent.store.retention import Retention
from tests.store.worlds import BUCKET, NOW, World, draw

OTHER = BUCKET + 1
DAY = timedelta(days=1)


@pytest.fixture
def retention(database: Database) -> Retention:
    return Retention(database.pool, portion_max=2)


def forget(retention: Retention, before: datetime) -> bool:
    return retention.forget(
        [BUCKET],
        answers_before=before,
        notifications_before=before,
        history_before=before,
        carts_before=before,
    )


def test_old_answers_are_forgotten_in_the_buckets_asked_for(database: Database, retention: Retention) -> None:
    answers = Answers(database.pool)
    for bucket, key, at in ((BUCKET, "old", NOW), (BUCKET, "new", NOW + DAY), (OTHER, "old", NOW)):
        answers.begin(bucket, key, b"input", at)
        answers.finish(bucket, key, 200, b"{}")
    assert not forget(retention, NOW)
    assert answers.begin(BUCKET, "old", b"input", NOW) == Answered(status=200, body=b"{}")
    assert not forget(retention, NOW + DAY)
    assert answers.begin(BUCKET, "new", b"input", NOW + DAY) == Answered(status=200, body=b"{}")
    assert answers.begin(OTHER, "old", b"input", NOW + DAY) == Answered(status=200, body=b"{}")
    assert answers.begin(BUCKET, "old", b"input", NOW + DAY) == Fresh()


def receive(connection: Connection, name: str, state: str) -> None:
    connection.execute(
        "insert into inbox (bucket, provider, id, subject, state, reason, occurred_at, received_at, look_at)"
        " values (%s, 'sandbox', %s, 'attempt', %s, 'why', %s, %s, %s)",
        (BUCKET, name, state, NOW, NOW, NOW if state == "waiting" else None),
    )


def test_closed_notifications_are_forgotten_portion_by_portion(
    database: Database, retention: Retention
) -> None:
    with database.pool.connection() as connection:
        for name in ("a", "b"):
            receive(connection, name, "done")
        receive(connection, "c", "parked")
        receive(connection, "d", "waiting")
    assert not forget(retention, NOW)
    assert forget(retention, NOW + DAY)  # two of three: there may be more
    assert not forget(retention, NOW + DAY)
    with database.pool.connection() as connection:
        assert connection.execute("select id from inbox").fetchall() == [("d",)]


def test_visits_of_the_portal_are_forgotten_with_answers(world: World) -> None:
    account, pool = world.account(), world.database.pool
    sessions, ids = PortalSessions(pool), {NOW: draw(), NOW + DAY: draw()}
    for at, session_id in ids.items():
        sessions.make(
            PortalSession(
                id=session_id,
                account_id=account.id,
                language=None,
                return_url=None,
                made_at=at,
                enter_until=at + DAY,
            )
        )
    assert not forget(Retention(pool, portion_max=2), NOW + DAY)
    assert [at for at, session_id in ids.items() if sessions.read(session_id)] == [NOW + DAY]


def kept_cart(connection: Connection, account_id: UUID, expires_at: datetime) -> UUID:
    """A cart with a line, by its id."""
    cart_id = draw()
    connection.execute(
        "insert into cart (bucket, id, account_id, version, key, input_hash, coupons, created_at, expires_at)"
        " values (%s, %s, %s, 1, %s, '', '[]', %s, %s)",
        (BUCKET, cart_id, account_id, cart_id.hex, expires_at - DAY, expires_at),
    )
    connection.execute(
        "insert into cart_line (bucket, cart_id, id, position, price_id, quantity, object)"
        " values (%s, %s, %s, 0, 'pro@1', 1, 'account')",
        (BUCKET, cart_id, draw()),
    )
    return cart_id


def test_carts_that_nobody_paid_are_forgotten_after_a_while(world: World) -> None:
    account, pool = world.account(), world.database.pool
    things = [NewItem(price_id="pro@1", object=f"zone:{name}.example") for name in ("a", "b", "c")]
    tried, under_way, paid = (world.attempt(world.plan(account.id, Start(items=(x,)))) for x in things)
    world.journal(tried, under_way, paid)
    world.fail(tried)
    world.settle(paid)
    with pool.connection() as connection:
        untouched, failed, waits, bought, young = (
            kept_cart(connection, account.id, NOW + DAY * (n == 4)) for n in range(5)
        )
        for attempt, cart_id in ((tried, failed), (under_way, waits), (paid, bought)):
            connection.execute(
                "update attempt set cart_id = %s where bucket = %s and id = %s", (cart_id, BUCKET, attempt.id)
            )
    retention, later = Retention(pool, portion_max=1), NOW + timedelta(hours=1)
    assert [forget(retention, later) for _ in range(3)] == [True, True, False]
    assert {row[0] for row in world.rows("select id from cart")} == {waits, bought, young}
    assert not {waits, bought, young} & {untouched, failed}
    kept = world.rows("select cart_id from attempt where id = %s", tried.id)
    assert kept == [(None,)], "the journal keeps the attempt"

"""Telling endpoints once more: what is read for it, and what the gauges say meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from psycopg.types.json import Json

from solvent.ids import SystemIds
from solvent.store.database import Database
from solvent.store.gauges import gauges
from solvent.store.webhook_deliveries import _AGAIN, Wanted, WebhookDeliveries
from solvent.store.webhook_endpoints import WebhookEndpoints
from tests.store.worlds import BUCKET

IDS = SystemIds(11)
ENDPOINT, ADA = IDS.draw(0), IDS.account(BUCKET)
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _published(database: Database, events: int) -> None:
    """An endpoint, and events of one account after it, one a minute, of which it has been told."""
    WebhookEndpoints(database.pool, None).add(ENDPOINT, "https://shop.example", (), "", BEGAN)
    with database.transaction() as connection:
        connection.execute(
            "insert into event (bucket, seq, account_id, type, data, occurred_at)"
            " select %s, n, %s, 'a.b', %s, %s + n * interval '1 minute' from generate_series(1, %s) n",
            (BUCKET, ADA, Json({}), BEGAN, events),
        )
        connection.execute("update event_head set last = %s where bucket = %s", (events, BUCKET))
        connection.execute(
            "update relay_cursor set seq = %s where bucket = %s and sink = %s",
            (events, BUCKET, f"webhook:{ENDPOINT}"),
        )


def _oldest_s(database: Database, now: datetime) -> float:
    (said,) = (one.value for one in gauges(database.pool, now) if one.metric == "solvent.webhooks.oldest")
    return said


def test_what_is_told_again_waits_since_it_was_asked_for(database: Database) -> None:
    _published(database, 3)
    deliveries = WebhookDeliveries(database.pool)
    everything = Wanted(since=BEGAN, until=BEGAN + timedelta(days=1), types=(), failed_only=False)
    asked = BEGAN + timedelta(days=2)
    assert deliveries.again(ENDPOINT, everything, asked, 100) == 3
    assert _oldest_s(database, asked + MINUTE) == 60
    with database.transaction() as connection:  # told
        connection.execute(
            "update webhook_delivery set state = 'delivered', look_at = null, ended_at = %s", (asked,)
        )
    assert _oldest_s(database, asked + MINUTE) == 0
    later = asked + timedelta(days=7)
    assert deliveries.again_one(ENDPOINT, (BUCKET, 2), later)
    assert _oldest_s(database, later + MINUTE) == 60
    assert deliveries.again(ENDPOINT, everything, later + MINUTE, 100) == 2, "one is on its way"
    assert _oldest_s(database, later + 2 * MINUTE) == 120
    assert {one.made_at for one in deliveries.page(ENDPOINT, limit=10)} == {asked}


def test_only_events_of_the_time_are_read(database: Database) -> None:
    _published(database, 20_000)
    since = BEGAN + 5_000 * MINUTE
    scalars = {
        "bucket": BUCKET,
        "endpoint": ENDPOINT,
        "since": since,
        "until": since + 10 * MINUTE,
        "types": [],
        "failed": False,
        "now": BEGAN,
        "limit": 500,
    }
    with database.pool.connection() as connection:
        connection.execute("analyze event")
        plan = "\n".join(row[0] for row in connection.execute("explain (analyze) " + _AGAIN, scalars))
    assert "event_at" in plan, plan
    assert "Rows Removed by Filter" not in plan, plan

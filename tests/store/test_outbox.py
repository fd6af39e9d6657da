"""The outbox and its relay: in order, at least once; a receiver that refuses delays its bucket a little, not others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Json

from solvent.core.ids import spell
from solvent.relay import FAILED_PAUSE_MAX_S, Relay, Sink, SinkFailed, pause_s
from solvent.store.database import Database
from solvent.store.outbox import Published
from tests.store.worlds import BUCKET, NOW

OTHER = BUCKET + 1


class Receiver:
    """Somebody's server that takes events, except those of buckets that it refuses."""

    name = "receiver"

    def __init__(self, *refuses: int) -> None:
        self.refuses = set(refuses)
        self.taken: list[tuple[int, int]] = []
        self.asked = 0

    def deliver(self, events: Sequence[Published]) -> None:
        """Take a batch, or refuse it."""
        self.asked += 1
        if events[0].bucket in self.refuses:
            raise SinkFailed("500")
        self.taken += [(event.bucket, event.seq) for event in events]


def publish(database: Database, bucket: int, count: int) -> None:
    with database.transaction() as connection:
        for seq in range(1, count + 1):
            connection.execute(
                "insert into event (bucket, seq, account_id, type, data, occurred_at)"
                " values (%s, %s, %s, 'account.created', %s, %s)",
                (bucket, seq, uuid4(), Json({}), NOW),
            )
        connection.execute("update event_head set last = %s where bucket = %s", (count, bucket))


def waits_s(database: Database, bucket: int) -> float:
    """For how long nobody tries that bucket again."""
    with database.transaction() as connection:
        row = connection.execute(
            "select extract(epoch from leased_until - now()) from relay_cursor where bucket = %s", (bucket,)
        ).fetchone()
    assert row is not None
    return float(row[0])


def over(database: Database) -> None:
    """All waiting is over."""
    with database.transaction() as connection:
        connection.execute("update relay_cursor set leased_until = '-infinity'")


def test_events_come_in_order_and_in_portions(database: Database) -> None:
    publish(database, BUCKET, 5)
    receiver: Sink = Receiver()
    relay = Relay(database.outbox, receiver, 2)
    assert [relay.run_once() for _ in range(4)] == [2, 2, 1, 0]
    assert isinstance(receiver, Receiver)
    assert receiver.taken == [(BUCKET, seq) for seq in range(1, 6)]


def test_a_refused_bucket_is_tried_again_after_a_growing_pause_and_holds_up_no_other(
    database: Database,
) -> None:
    publish(database, BUCKET, 2)
    publish(database, OTHER, 2)
    receiver = Receiver(BUCKET)
    relay = Relay(database.outbox, receiver)
    with pytest.raises(SinkFailed):
        relay.run_once()
    assert 0 < waits_s(database, BUCKET) <= 1
    assert relay.run_once() == 2
    assert receiver.taken == [(OTHER, 1), (OTHER, 2)]
    for pause in (2, 4, 8):
        over(database)
        with pytest.raises(SinkFailed):
            relay.run_once()
        assert pause - 1 < waits_s(database, BUCKET) <= pause
    over(database)
    receiver.refuses.clear()
    assert relay.run_once() == 2
    assert receiver.taken[2:] == [(BUCKET, 1), (BUCKET, 2)]
    receiver.refuses.add(BUCKET)
    with database.transaction() as connection:
        connection.execute("update relay_cursor set seq = 0 where bucket = %s", (BUCKET,))
    with pytest.raises(SinkFailed):
        relay.run_once()
    assert 0 < waits_s(database, BUCKET) <= 1  # it had been taken in between: the pauses begin anew


def test_one_relay_at_a_time_has_a_bucket_and_a_late_one_does_not_touch_the_lease_of_the_next(
    database: Database,
) -> None:
    publish(database, BUCKET, 1)
    late = database.outbox.take(BUCKET, "receiver", 1)
    assert late is not None
    assert database.outbox.take(BUCKET, "receiver", 1) is None
    over(database)
    assert database.outbox.take(BUCKET, "receiver", 1) is not None
    database.outbox.postpone(late, 0.0)
    assert waits_s(database, BUCKET) > 50


def test_pauses_are_bounded() -> None:
    assert [pause_s(failures) for failures in (0, 1, 2, 5)] == [1, 2, 4, 32]
    assert pause_s(6) == pause_s(10_000) == FAILED_PAUSE_MAX_S


def test_ids_are_spelled_as_elsewhere_also_within_lists() -> None:
    one, other = UUID(int=1), UUID(int=2)
    data = {
        "attempt_id": str(one),
        "method_id": None,
        "invoice_ids": [str(one), str(other)],
        "begun": [{"measure": "restrict", "subscription_id": None, "invoice_id": str(other)}],
        "debt": 5,
    }
    told = Published(bucket=0, seq=1, account_id=one, type="x", data=data, occurred_at=datetime.now(UTC))
    assert told.payload == {
        "attempt_id": spell("att", one),
        "method_id": None,
        "invoice_ids": [spell("inv", one), spell("inv", other)],
        "begun": [{"measure": "restrict", "subscription_id": None, "invoice_id": spell("inv", other)}],
        "debt": 5,
    }

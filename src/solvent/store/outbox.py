"""Outbox: events read in order, and how far each sink has got.

Owns the cursor per bucket and sink. One relay at a time works on a bucket's cursor, which it leases for a bounded time.
Does not own the writing of events (`books`) nor delivery (`relay`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.ids import spell

_BEHIND = """
select h.bucket from event_head h
left join relay_cursor c on c.bucket = h.bucket and c.sink = %s
where h.last > coalesce(c.seq, 0) order by h.bucket"""

_CURSOR = """
insert into relay_cursor (bucket, sink, seq) values (%s, %s, 0) on conflict do nothing"""

_LEASE = """
update relay_cursor set leased_until = now() + make_interval(secs => %s)
where bucket = %s and sink = %s and leased_until <= now() returning seq, leased_until"""

_READ = """
select seq, account_id, type, data, occurred_at, trace from event
where bucket = %s and seq > %s order by seq limit %s"""

_ADVANCE = """
update relay_cursor set seq = %s, leased_until = '-infinity' where bucket = %s and sink = %s and seq = %s"""

# Only while the lease is still the one that was taken: another relay may hold the next one already.
_POSTPONE = """
update relay_cursor set leased_until = now() + make_interval(secs => %s)
where bucket = %s and sink = %s and leased_until = %s"""

LEASE_S = 60
_EVENT_PREFIX = "evt_"

ID_PREFIXES = {
    "attempt_id": "att",
    "hold_id": "hld",
    "subscription_id": "sub",
    "invoice_id": "inv",
    "method_id": "mth",
    "payment_id": "pay",
    "refund_id": "ref",
    "retry_id": "ref",
    "credit_note_id": "crn",
    "grant_id": "crg",
    "dispute_id": "dsp",
    "redemption_id": "rdm",
    "registration_id": "reg",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One event as consumers see it; `bucket` and `seq` make its id, by which they deduplicate. `trace` is what was
    under way when it was written (`ports.telemetry`), for whoever hands it over."""

    bucket: int
    seq: int
    account_id: UUID
    type: str
    data: dict[str, Any]
    occurred_at: datetime
    trace: str | None = None

    @property
    def payload(self) -> dict[str, Any]:
        """The event's data with every id in its public spelling."""
        return {name: _spelled(name, value) for name, value in self.data.items()}

    @property
    def id(self) -> str:
        """The event's public id: position in the bucket's order."""
        return event_id(self.bucket, self.seq)

    def json(self) -> bytes:
        """The event as it is published."""
        return msgspec.json.encode(
            {
                "id": self.id,
                "type": self.type,
                "account_id": spell("acc", self.account_id),
                "occurred_at": self.occurred_at,
                "data": self.payload,
            }
        )


def event_id(bucket: int, seq: int) -> str:
    """The public id of the event at a place."""
    return f"{_EVENT_PREFIX}{bucket:02x}{seq:014x}"


def place_of(id_: str) -> tuple[int, int]:
    """The place (bucket, seq) of an event, by its public id, which was checked."""
    digits = id_.removeprefix(_EVENT_PREFIX)
    bucket, seq = digits[:2], digits[2:]
    return int(bucket, base=16), int(seq, base=16)


def _spelled(name: str, value: Any) -> Any:  # noqa: ANN401 -- whatever JSON can hold
    """Ids as they are spelled in public, those within lists and within what lists hold as well."""
    prefix = ID_PREFIXES.get(name.replace("_ids", "_id"))
    match value:
        case str() if prefix is not None:
            return spell(prefix, UUID(value))
        case list():
            return [_spelled(name, each) for each in value]
        case dict():
            return {each: _spelled(each, inner) for each, inner in value.items()}
        case _:
            return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Events leased for delivery to one sink, in order, the cursor they follow, and the end of the lease."""

    bucket: int
    sink: str
    cursor: int
    leased_until: datetime
    events: tuple[Published, ...]


class Outbox:
    """The outbox of one database."""

    def __init__(self, pool: ConnectionPool[Connection], lease_s: float = LEASE_S) -> None:
        self._pool = pool
        self._lease_s = lease_s

    def behind(self, sink: str) -> list[int]:
        """The buckets with events that the sink has not been given."""
        with self._pool.connection() as connection:
            return [row[0] for row in connection.execute(_BEHIND, (sink,))]

    def take(self, bucket: int, sink: str, limit: int) -> Batch | None:
        """Lease up to `limit` events beyond the cursor; None while another relay has the lease.

        No transaction is open while they are delivered. An unfinished lease ends by itself after `lease_s` seconds.
        """
        with self._pool.connection() as connection, connection.transaction():
            connection.execute(_CURSOR, (bucket, sink))
            cursor = connection.execute(_LEASE, (self._lease_s, bucket, sink)).fetchone()
            if cursor is None:
                return None
            rows = connection.execute(_READ, (bucket, cursor[0], limit)).fetchall()
        events = tuple(
            Published(
                bucket=bucket, seq=r[0], account_id=r[1], type=r[2], data=r[3], occurred_at=r[4], trace=r[5]
            )
            for r in rows
        )
        return Batch(bucket=bucket, sink=sink, cursor=cursor[0], leased_until=cursor[1], events=events)

    def postpone(self, batch: Batch, pause_s: float) -> None:
        """The receiver did not take the batch: anybody may try it again after `pause_s`."""
        with self._pool.connection() as connection:
            connection.execute(_POSTPONE, (pause_s, batch.bucket, batch.sink, batch.leased_until))

    def delivered(self, batch: Batch) -> None:
        """The receiver has the whole batch: move the cursor behind it and end the lease."""
        last = batch.events[-1].seq if batch.events else batch.cursor
        with self._pool.connection() as connection:
            connection.execute(_ADVANCE, (last, batch.bucket, batch.sink, batch.cursor))

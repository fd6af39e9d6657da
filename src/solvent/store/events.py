"""Events: writing them into the outbox, in the transaction that made them true.

Owns their numbers: gapless per bucket, because a bucket's head stays locked from the first number to the commit.
Does not own reading them again (`outbox`).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from psycopg import Connection, Cursor

from solvent.core.events import Event
from solvent.ports.telemetry import UNDER_WAY
from solvent.store import codec
from solvent.store.rows import Statement, insert
from solvent.store.writer import Writer

_APPEND = Statement(
    "n integer, account_id uuid, type text, data json, occurred_at timestamptz, trace text",
    """
with head as (
    update event_head set last = last + %(count)s where bucket = %(bucket)s returning last - %(count)s as base
)
insert into event (bucket, seq, account_id, type, data, occurred_at, trace)
select %(bucket)s, head.base + v.n, v.account_id, v.type, v.data::json, v.occurred_at, v.trace from head, {rows}""",
)

_EVENT = insert(
    "event", "seq bigint, account_id uuid, type text, data json, occurred_at timestamptz, trace text"
)
_HEAD = Statement(
    "last bigint", "update event_head h set last = v.last from {rows} where h.bucket = %(bucket)s"
)

Happened = Sequence[tuple[UUID, Event, datetime]]


def put(writer: Writer, head: int, happened: Happened) -> int:
    """Have a writer write events behind the bucket's head, which is locked and stands at `head`; the new head."""
    trace = UNDER_WAY.get()
    rows = [
        (head + n, account_id, event.type, codec.encode_event(event), moment, trace)
        for n, (account_id, event, moment) in enumerate(happened, start=1)
    ]
    last = head + len(rows)
    writer.put("event", _EVENT, rows)
    writer.put("event_head", _HEAD, [(last,)] if rows else [])
    return last


def append(connection: Connection, bucket: int, happened: Happened) -> Cursor:
    """Write events of one bucket, in their order; each with its account and its moment."""
    trace = UNDER_WAY.get()
    rows = [
        (n, account_id, event.type, codec.encode_event(event), moment, trace)
        for n, (account_id, event, moment) in enumerate(happened, start=1)
    ]
    return _APPEND.run(connection, rows, bucket=bucket, count=len(rows))

"""Webhook deliveries: events on their way to merchants' endpoints, and what became of each.

Owns their rows: made from the outbox in order, behind a cursor per bucket and endpoint, leased, ended, listed, and sent
again. Of an account, an endpoint is told in order: nothing is leased while something earlier waits for a later moment.
Does not own the endpoints (`webhook_endpoints`) nor the telling (`webhooks`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from solvent.core.ids import BUCKETS, bucket_of
from solvent.core.webhook import Answer, DeliveryState
from solvent.store.outbox import Published, event_id

READ_MAX = 500  # events of a bucket that are read for an endpoint at once
WAITING_MAX = 2_000  # of one bucket and endpoint: an endpoint that takes nothing does not pile up more
ANSWERS_MAX = 20  # of the tries of one delivery, the last so many are kept

_BUSY = f"""
select b from generate_series(0, {BUCKETS - 1}) b
where exists (select from webhook_delivery d
              where d.bucket = b and d.look_at <= %(now)s and d.endpoint_id = any(%(endpoints)s))
   or exists (select from event_head h join relay_cursor c on c.bucket = h.bucket and c.seq < h.last
              where h.bucket = b and c.sink = any(%(sinks)s))
order by b"""

_LOCK = """
select substr(sink, 9)::uuid from relay_cursor where bucket = %(bucket)s and sink = any(%(sinks)s)
order by sink for update skip locked"""

_READ = f"""
with read as materialized (
    select w.id as endpoint_id, w.types, v.seq, v.account_id, v.type
    from webhook_endpoint w join relay_cursor c on c.bucket = %(bucket)s and c.sink = 'webhook:' || w.id
    cross join lateral (select seq, account_id, type from event
                        where bucket = %(bucket)s and seq > c.seq order by seq limit {READ_MAX}) v
    where w.id = any(%(endpoints)s)
      and (select count(*) from (select from webhook_delivery d
           where d.bucket = %(bucket)s and d.endpoint_id = w.id and d.look_at is not null limit {WAITING_MAX}) x)
          < {WAITING_MAX}
), made as (
    insert into webhook_delivery
        (bucket, endpoint_id, seq, account_id, type, state, tries, look_at, made_at, asked_at, answers)
    select %(bucket)s, endpoint_id, seq, account_id, type, 'waiting', 0, %(now)s, %(now)s, %(now)s, '[]' from read
    where cardinality(types) = 0 or type = any(types)
    on conflict do nothing
)
update relay_cursor c set seq = r.last from (select endpoint_id, max(seq) as last from read group by endpoint_id) r
where c.bucket = %(bucket)s and c.sink = 'webhook:' || r.endpoint_id"""

_CLAIM = """
with due as (
    select d.endpoint_id, d.seq from webhook_delivery d
    where d.bucket = %(bucket)s and d.endpoint_id = any(%(endpoints)s) and d.look_at <= %(now)s
      and not exists (select from webhook_delivery b
                      where b.bucket = d.bucket and b.endpoint_id = d.endpoint_id and b.account_id = d.account_id
                        and b.seq < d.seq and b.look_at > %(now)s)
    order by d.seq limit %(limit)s
)
update webhook_delivery d set look_at = %(until)s, tries = d.tries + 1
from due, event v
where d.bucket = %(bucket)s and d.endpoint_id = due.endpoint_id and d.seq = due.seq
  and v.bucket = d.bucket and v.seq = d.seq
returning d.endpoint_id, d.tries, v.bucket, v.seq, v.account_id, v.type, v.data, v.occurred_at, v.trace"""

_MINE = """bucket = %(bucket)s and endpoint_id = %(endpoint)s and seq = %(seq)s
  and state = 'waiting' and look_at = %(until)s"""
_ANSWERED = f"""
update webhook_delivery set state = %(state)s, look_at = %(again)s, ended_at = %(ended)s,
    answers = case when jsonb_array_length(answers) >= {ANSWERS_MAX} then answers - 0 else answers end || %(answer)s
where {_MINE}"""
_RELEASE = f"update webhook_delivery set look_at = %(again)s, tries = tries - 1 where {_MINE}"

# Each bucket gives its newest, and the newest of those are the page.
_LIST = """
select d.* from unnest(%(buckets)s::smallint[]) b cross join lateral (
    select bucket, seq, account_id, type, state, tries, look_at, made_at, ended_at, answers
    from webhook_delivery d
    where d.bucket = b and d.endpoint_id = %(endpoint)s and (%(state)s::text is null or d.state = %(state)s)
      and (%(type)s::text is null or d.type = %(type)s)
      and (%(account)s::uuid is null or d.account_id = %(account)s)
      and (%(seq)s::bigint is null or (d.made_at, d.bucket, d.seq) < (
          select a.made_at, a.bucket, a.seq from webhook_delivery a
          where a.bucket = %(in)s and a.endpoint_id = %(endpoint)s and a.seq = %(seq)s))
    order by d.made_at desc, d.seq desc limit %(limit)s) d
order by d.made_at desc, d.bucket desc, d.seq desc limit %(limit)s"""

_COUNT = """
select state, count(*) from webhook_delivery where endpoint_id = %s group by state order by state"""

# Events beyond the cursor come anyway; those that wait are on their way.
_AGAIN = """
with chosen as (
    select v.seq, v.account_id, v.type
    from relay_cursor c join event v on v.bucket = c.bucket and v.seq <= c.seq
    where c.bucket = %(bucket)s and c.sink = 'webhook:' || %(endpoint)s::uuid
      and v.occurred_at >= %(since)s and v.occurred_at < %(until)s
      and (cardinality(%(types)s::text[]) = 0 or v.type = any(%(types)s))
      and (not %(failed)s or exists (select from webhook_delivery d where d.bucket = v.bucket
           and d.endpoint_id = %(endpoint)s and d.seq = v.seq and d.state = 'failed'))
    order by v.seq limit %(limit)s
)
insert into webhook_delivery as d
    (bucket, endpoint_id, seq, account_id, type, state, tries, look_at, made_at, asked_at, answers)
select %(bucket)s, %(endpoint)s, seq, account_id, type, 'waiting', 0, %(now)s, %(now)s, %(now)s, '[]' from chosen
on conflict (bucket, endpoint_id, seq) do update
    set state = 'waiting', tries = 0, look_at = %(now)s, asked_at = %(now)s, ended_at = null
    where d.state <> 'waiting'"""

_AGAIN_ONE = """
update webhook_delivery set state = 'waiting', tries = 0, look_at = %(now)s, asked_at = %(now)s, ended_at = null
where bucket = %(bucket)s and endpoint_id = %(endpoint)s and seq = %(seq)s and state <> 'waiting'"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """An event to be told to an endpoint before `until`; `tries` counts this one."""

    endpoint_id: UUID
    event: Published
    tries: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A delivery as it stands; `look_at` is when it is tried next."""

    event_id: str
    account_id: UUID
    type: str
    state: DeliveryState
    tries: int
    look_at: datetime | None
    made_at: datetime
    ended_at: datetime | None
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events an endpoint is to be told once more: what happened from `since` to before `until`, of some types or
    (none named) of all it is told of, and perhaps only what was left failed."""

    since: datetime
    until: datetime
    types: tuple[str, ...]
    failed_only: bool


class WebhookDeliveries:
    """The deliveries of one database. Every act is one short transaction of its own, in one bucket."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def busy(self, endpoints: Collection[UUID], now: datetime) -> list[int]:
        """The buckets in which one of these endpoints is to be told something."""
        scalars = {"endpoints": list(endpoints), "sinks": _sinks(endpoints), "now": now}
        with self._pool.connection() as connection:
            return [row[0] for row in connection.execute(_BUSY, scalars).fetchall()]

    def claim(
        self, bucket: int, endpoints: Collection[UUID], now: datetime, until: datetime, limit: int
    ) -> list[Leased]:
        """Read what has happened, and lease up to `limit` deliveries, in order. An endpoint whose cursor somebody else
        holds in this moment is left to them."""
        with self._pool.connection() as connection:
            mine = connection.execute(_LOCK, {"bucket": bucket, "sinks": _sinks(endpoints)}).fetchall()
            scalars = {
                "bucket": bucket,
                "endpoints": [row[0] for row in mine],
                "now": now,
                "until": until,
                "limit": limit,
            }
            connection.execute(_READ, scalars)
            rows = connection.execute(_CLAIM, scalars).fetchall()
        return sorted((_leased(row, until) for row in rows), key=lambda one: one.event.seq)

    def answered(self, leased: Leased, answer: Answer, again: datetime | None) -> None:
        """One try is over; `again` is when the next one is, None: there is none."""
        waits, state = again is not None, DeliveryState.FAILED
        if waits or answer.taken:
            state = DeliveryState.WAITING if waits else DeliveryState.DELIVERED
        said = {
            "at": answer.at.isoformat(),
            "status": answer.status,
            "ms": answer.took_ms,
            "error": answer.error,
        }
        ended = None if waits else answer.at
        self._write(_ANSWERED, leased, state=state, again=again, ended=ended, answer=Jsonb([said]))

    def release(self, leased: Leased, again: datetime) -> None:
        """It was not tried after all."""
        self._write(_RELEASE, leased, again=again)

    def page(
        self,
        endpoint: UUID,
        *,
        state: DeliveryState | None = None,
        type_: str | None = None,
        account: UUID | None = None,
        after: tuple[int, int] | None = None,
        limit: int,
    ) -> list[Listed]:
        """Deliveries to an endpoint, the newest first, behind the one of the event at that place (bucket, seq)."""
        place = after or (None, None)
        scalars = {
            "endpoint": endpoint,
            "state": state,
            "type": type_,
            "account": account,
            "buckets": list(range(BUCKETS)) if account is None else [bucket_of(account)],
            "in": place[0],
            "seq": place[1],
            "limit": limit,
        }
        with self._pool.connection() as connection:
            return [_listed(row) for row in connection.execute(_LIST, scalars).fetchall()]

    def count(self, endpoint: UUID) -> dict[DeliveryState, int]:
        """How many there are in each state."""
        with self._pool.connection() as connection:
            return {DeliveryState(row[0]): int(row[1]) for row in connection.execute(_COUNT, (endpoint,))}

    def again(self, endpoint: UUID, wanted: Wanted, now: datetime, limit: int) -> int:
        """Tell it once more of up to `limit` events in each bucket; returns how many will be."""
        scalars = {
            "endpoint": endpoint,
            "since": wanted.since,
            "until": wanted.until,
            "types": list(wanted.types),
            "failed": wanted.failed_only,
            "now": now,
            "limit": limit,
        }
        told = 0
        for bucket in range(BUCKETS):
            with self._pool.connection() as connection:
                told += connection.execute(_AGAIN, {**scalars, "bucket": bucket}).rowcount
        return told

    def again_one(self, endpoint: UUID, place: tuple[int, int], now: datetime) -> bool:
        """Tell it once more of one event that it was told, or was not after all tries; False: there is none."""
        scalars = {"endpoint": endpoint, "bucket": place[0], "seq": place[1], "now": now}
        with self._pool.connection() as connection:
            return connection.execute(_AGAIN_ONE, scalars).rowcount == 1

    def _write(self, query: str, leased: Leased, **scalars: object) -> None:
        whose = {
            "bucket": leased.event.bucket,
            "endpoint": leased.endpoint_id,
            "seq": leased.event.seq,
            "until": leased.until,
        }
        with self._pool.connection() as connection:
            connection.execute(query, {**whose, **scalars})


def _sinks(endpoints: Collection[UUID]) -> list[str]:
    return [f"webhook:{id_}" for id_ in endpoints]


def _leased(row: Sequence[Any], until: datetime) -> Leased:
    event = Published(
        bucket=row[2],
        seq=row[3],
        account_id=row[4],
        type=row[5],
        data=row[6],
        occurred_at=row[7],
        trace=row[8],
    )
    return Leased(endpoint_id=row[0], event=event, tries=row[1], until=until)


def _listed(row: Sequence[Any]) -> Listed:
    bucket, seq, account_id, type_, state, tries, look_at, made_at, ended_at, answers = row
    return Listed(
        event_id=event_id(bucket, seq),
        account_id=account_id,
        type=type_,
        state=DeliveryState(state),
        tries=tries,
        look_at=look_at,
        made_at=made_at,
        ended_at=ended_at,
        answers=tuple(
            Answer(at=datetime.fromisoformat(a["at"]), status=a["status"], took_ms=a["ms"], error=a["error"])
            for a in answers
        ),
    )

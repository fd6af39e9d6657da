"""Usage reads: events as they were told, and what they come to over a stretch of time.

Owns pages of an account's events, by their moments, and of its totals. An event is read with the correction
that counts in its place, if there is one; totals are read as periods are (`tallies`), so both say what is billed.
Writes nothing. Does not own the recording (`usage`).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from solvent.core.catalog import Catalog
from solvent.core.ids import bucket_of
from solvent.store.rows import Column
from solvent.store.tallies import READ

# Events have no index by moment, which would cost as much as they do. The running totals say until when a page
# reaches: up to the last event of those that surely come after the cursor, and are enough. A correction is in no total;
# whatever lies up to that moment is in the page.
_EVENTS = """
with reach as materialized (
    select min(told.last_at) as until from (
        select t.last_at, sum(t.events) over (order by t.last_at, t.meter, t.object, t.slot) as events
        from usage_tally t
        where t.bucket = %(bucket)s and t.account_id = %(account)s and t.first_at > %(since)s
          and (%(meter)s::text is null or t.meter = %(meter)s)
          and (%(object)s::text is null or t.object = %(object)s)) told
    where told.events >= %(limit)s)
select e.account_id, e.id, e.meter, e.object, e.at, e.value, e.member, e.corrects, e.received_at,
       c.id as corrected_by
from usage_event e left join lateral (
    select k.id from usage_event k
    where k.bucket = e.bucket and k.account_id = e.account_id and k.corrects = e.id and e.corrects is null
    order by k.at desc, k.id desc limit 1) c on true
where e.bucket = %(bucket)s and e.account_id = %(account)s
  and e.at >= %(since)s and (e.at, e.id) > (%(since)s, %(since_id)s)
  and e.at <= coalesce((select until from reach), 'infinity')
  and (%(meter)s::text is null or e.meter = %(meter)s)
  and (%(object)s::text is null or e.object = %(object)s)
  and (%(end)s::timestamptz is null or e.at < %(end)s)
order by e.at, e.id limit %(limit)s"""

_EARLIEST = datetime(1, 1, 1, tzinfo=UTC)

_COUNTED = """
select distinct meter, object from usage_tally
where bucket = %(bucket)s and account_id = %(account)s
  and (%(after)s::text[] is null or (meter, object) > ((%(after)s::text[])[1], (%(after)s::text[])[2]))
  and (%(meter)s::text is null or meter = %(meter)s)
  and (%(object)s::text is null or object = %(object)s)
  and last_at >= %(start)s and first_at < %(end)s
order by meter, object limit %(limit)s"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event as it was told, when it came here, and the correction that counts in its place."""

    account_id: UUID
    id: str
    meter: str
    object: str
    at: datetime
    value: int | None
    member: str | None
    corrects: str | None
    received_at: datetime
    corrected_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedUsage:
    """Which usage of an account, from `start` to before `end` (UTC); what is None may be anything."""

    account: UUID
    meter: str | None = None
    object: str | None = None
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """What the events of one meter and object come to."""

    meter: str
    object: str
    quantity: int


class UsageReads:
    """The reads of one database; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def events(
        self, wanted: WantedUsage, after: tuple[datetime, str] | None, limit: int
    ) -> list[StoredEvent]:
        """A page of events after that moment and id, by their moments, and at one moment by their ids."""
        since, since_id = after or (wanted.start or _EARLIEST, "")
        if wanted.start is not None and since < wanted.start:
            since, since_id = wanted.start, ""
        scalars = _scalars(wanted) | {"since": since, "since_id": since_id, "limit": limit}
        with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(StoredEvent)) as cursor,
        ):
            return cursor.execute(_EVENTS, scalars).fetchall()

    def totals(
        self,
        wanted: WantedUsage,
        start: datetime,
        end: datetime,
        catalog: Catalog,
        after: tuple[str, str] | None,
        limit: int,
    ) -> list[Total]:
        """A page of what was used from `start` to before `end`, by meter and object."""
        scalars = _scalars(wanted) | {"start": start, "end": end, "limit": limit}
        scalars["after"] = None if after is None else list(after)
        with self._pool.connection() as connection:
            counted = connection.execute(_COUNTED, scalars).fetchall()
            return [
                _total(connection, wanted.account, meter, thing, start, end, catalog)
                for meter, thing in counted
            ]


def _total(
    connection: Connection,
    account: UUID,
    meter: str,
    thing: str,
    start: datetime,
    end: datetime,
    catalog: Catalog,
) -> Total:
    read = READ[catalog.meters[meter].aggregation]
    row = (account, start, end, account, meter, thing)
    found = read.run(connection, [row], bucket=bucket_of(account), accounts=Column("uuid", [account]))
    counted = found.fetchone()
    return Total(meter, thing, 0 if counted is None else counted[2])


def _scalars(wanted: WantedUsage) -> dict[str, object]:
    return {
        "bucket": bucket_of(wanted.account),
        "account": wanted.account,
        "meter": wanted.meter,
        "object": wanted.object,
        "start": wanted.start,
        "end": wanted.end,
    }

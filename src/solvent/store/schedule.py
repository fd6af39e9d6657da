"""Schedule: which buckets a worker serves, which of them have something due, and how far providers were polled.

Owns the leases of buckets (each worker holds its fair share for a bounded time) and the look ahead of the queues.
Does not own the claiming of work itself: every claim names its bucket, and is safe even if two workers held it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.ids import BUCKETS

_ALIVE = """
insert into worker (id, alive_until) values (%s, %s)
on conflict (id) do update set alive_until = excluded.alive_until"""

_BURY = "delete from worker where alive_until < %s"

_SHARE = "select ceil(%s::numeric / greatest(count(*), 1))::int from worker where alive_until >= %s"

_RENEW = """
update bucket_lease set leased_until = %(until)s
where worker_id = %(worker)s and leased_until >= %(now)s
  and bucket in (select bucket from bucket_lease where worker_id = %(worker)s and leased_until >= %(now)s
                 order by bucket limit %(share)s)
returning bucket"""

_RELEASE = """
update bucket_lease set worker_id = null, leased_until = '-infinity'
where worker_id = %(worker)s and not bucket = any(%(kept)s)"""

_ACQUIRE = """
update bucket_lease set worker_id = %(worker)s, leased_until = %(until)s
where bucket in (select bucket from bucket_lease where leased_until < %(now)s
                 order by bucket limit %(wanted)s for update skip locked)
returning bucket"""

_LEAVE = """
with gone as (delete from worker where id = %(worker)s)
update bucket_lease set worker_id = null, leased_until = '-infinity' where worker_id = %(worker)s"""

_DUE = """
select 'renew', array(select b from unnest(%(buckets)s::smallint[]) b where exists (
    select from subscription where bucket = b and due_at <= %(now)s
      and (stuck_until is null or stuck_until <= %(now)s)
      and (waits_until is null or waits_until <= %(now)s)))
union all select 'resolve', array(select b from unnest(%(buckets)s::smallint[]) b where exists (
    select from attempt where bucket = b and look_at <= %(now)s))
union all select 'process', array(select b from unnest(%(buckets)s::smallint[]) b where exists (
    select from inbox where bucket = b and look_at <= %(now)s))
union all select 'refund', array(select b from unnest(%(buckets)s::smallint[]) b where exists (
    select from refund where bucket = b and look_at <= %(now)s))
union all select 'register', array(select b from unnest(%(buckets)s::smallint[]) b where exists (
    select from registration where bucket = b and look_at <= %(now)s))
union all select 'look_at_methods', array(select b from unnest(%(buckets)s::smallint[]) b where exists (
    select from method where bucket = b and look_at <= %(now)s))
union all select 'bill_usage', array(select b from unnest(%(buckets)s::smallint[]) b where exists (
    select from usage_period where bucket = b and look_at <= %(now)s) or exists (
    select from usage_mark where bucket = b and look_at <= %(now)s))
union all select 'recompute', array(select b from unnest(%(buckets)s::smallint[]) b where exists (
    select from recompute_queue where bucket = b and (state = 'waiting' or look_at <= %(now)s)) or exists (
    select from health where bucket = b and recheck_at <= %(now)s))"""

_NEXT = """
select least(
    (select min(due_at) from subscription where bucket = any(%(buckets)s) and due_at > %(now)s),
    (select min(stuck_until) from subscription where bucket = any(%(buckets)s) and stuck_until > %(now)s),
    (select min(waits_until) from subscription where bucket = any(%(buckets)s) and waits_until > %(now)s),
    (select min(look_at) from attempt where bucket = any(%(buckets)s) and look_at > %(now)s),
    (select min(look_at) from inbox where bucket = any(%(buckets)s) and look_at > %(now)s),
    (select min(look_at) from refund where bucket = any(%(buckets)s) and look_at > %(now)s),
    (select min(look_at) from registration where bucket = any(%(buckets)s) and look_at > %(now)s),
    (select min(look_at) from method where bucket = any(%(buckets)s) and look_at > %(now)s),
    (select min(look_at) from usage_period where bucket = any(%(buckets)s) and look_at > %(now)s),
    (select min(look_at) from usage_mark where bucket = any(%(buckets)s) and look_at > %(now)s),
    (select min(look_at) from recompute_queue where bucket = any(%(buckets)s) and look_at > %(now)s),
    (select min(recheck_at) from health where bucket = any(%(buckets)s) and recheck_at > %(now)s))"""

_SWEPT = "select swept_until from sweep where provider = %s"

_SWEEP = """
insert into sweep (provider, swept_until) values (%s, %s)
on conflict (provider) do update set swept_until = greatest(sweep.swept_until, excluded.swept_until)"""


_STATED = "select stated_until from sweep where provider = %s"

_STATE = """
insert into sweep (provider, swept_until, stated_until) values (%(provider)s, %(swept)s, %(until)s)
on conflict (provider) do update set stated_until = greatest(sweep.stated_until, excluded.stated_until)"""


class Schedule:
    """The schedule of one database, as one worker sees it."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def hold(self, worker: UUID, now: datetime, lease: timedelta) -> list[int]:
        """Renew this worker's leases, give back what is beyond its fair share, take what is free; the buckets held."""
        times = {"worker": worker, "now": now, "until": now + lease}
        with self._pool.connection() as connection, connection.transaction():
            connection.execute(_ALIVE, (worker, now + lease))
            connection.execute(_BURY, (now,))
            row = connection.execute(_SHARE, (BUCKETS, now)).fetchone()
            share = int(row[0]) if row is not None else BUCKETS
            kept = [r[0] for r in connection.execute(_RENEW, {**times, "share": share})]
            connection.execute(_RELEASE, {"worker": worker, "kept": kept})
            wanted = share - len(kept)
            if wanted > 0:
                kept += [r[0] for r in connection.execute(_ACQUIRE, {**times, "wanted": wanted})]
        return sorted(kept)

    def leave(self, worker: UUID) -> None:
        """Give back everything at once, so that others need not wait for the leases to end."""
        with self._pool.connection() as connection:
            connection.execute(_LEAVE, {"worker": worker})

    def due(self, buckets: Sequence[int], now: datetime) -> Mapping[str, list[int]]:
        """By kind of work, which of the buckets have something due: one statement, one index probe each."""
        with self._pool.connection() as connection:
            rows = connection.execute(_DUE, {"buckets": list(buckets), "now": now}).fetchall()
        return {kind: sorted(found) for kind, found in rows}

    def next_moment(self, buckets: Sequence[int], now: datetime) -> datetime | None:
        """The earliest moment after `now` at which anything falls due in these buckets; None: nothing ever does."""
        with self._pool.connection() as connection:
            row = connection.execute(_NEXT, {"buckets": list(buckets), "now": now}).fetchone()
        return None if row is None else row[0]

    def swept_until(self, provider: str) -> datetime | None:
        """How far the provider has been polled; None: never."""
        with self._pool.connection() as connection:
            row = connection.execute(_SWEPT, (provider,)).fetchone()
        return None if row is None else row[0]

    def swept(self, provider: str, until: datetime) -> None:
        """The provider has been polled up to `until`."""
        with self._pool.connection() as connection:
            connection.execute(_SWEEP, (provider, until))

    def stated_until(self, provider: str) -> datetime | None:
        """How far the provider's statement has been read; None: never."""
        with self._pool.connection() as connection:
            row = connection.execute(_STATED, (provider,)).fetchone()
        return None if row is None else row[0]

    def stated(self, provider: str, until: datetime) -> None:
        """The provider's statement has been read up to `until`."""
        with self._pool.connection() as connection:
            connection.execute(_STATE, {"provider": provider, "swept": until, "until": until})

"""Sweeps: how far the whole fleet has been swept, bucket by bucket.

Owns the record of buckets, so that an interrupted sweep is gone on with and a worker knows which bucket is next. Does
not own the sweep of a bucket (`flows.fleet`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.ids import BUCKETS

_LEFT = "select bucket, began_at from fleet_sweep where ended_at is null order by bucket"

_BEGIN = """
insert into fleet_sweep (bucket, began_at) select b, %(now)s from generate_series(0, %(last)s) b
on conflict (bucket) do update set began_at = excluded.began_at, ended_at = null"""

_ENDED = """
insert into fleet_sweep (bucket, began_at, ended_at) values (%(bucket)s, %(began)s, %(now)s)
on conflict (bucket) do update set ended_at = greatest(excluded.ended_at, fleet_sweep.began_at)"""

_NEXT = """
select b from unnest(%(buckets)s::smallint[]) b left join fleet_sweep f on f.bucket = b
where f.ended_at is null or f.ended_at < %(before)s
order by f.ended_at nulls first, b limit 1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A sweep of the whole fleet: when it began (UTC), and the buckets that are left of it."""

    began_at: datetime
    left: Sequence[int]

    @property
    def resumed(self) -> bool:
        """Whether an earlier one was interrupted."""
        return len(self.left) < BUCKETS


class Sweeps:
    """The record of sweeps in one database."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def begin(self, now: datetime, *, anew: bool = False) -> Begun:
        """Go on with the sweep that was interrupted, or (`anew`, or when there is none) begin one with every bucket."""
        with self._pool.connection() as connection:
            left = [] if anew else connection.execute(_LEFT).fetchall()
            if left:
                return Begun(began_at=min(began for _, began in left), left=[bucket for bucket, _ in left])
            connection.execute(_BEGIN, {"now": now, "last": BUCKETS - 1})
        return Begun(began_at=now, left=range(BUCKETS))

    def ended(self, bucket: int, began_at: datetime, now: datetime) -> None:
        """All accounts of a bucket have been looked at."""
        with self._pool.connection() as connection:
            connection.execute(_ENDED, {"bucket": bucket, "began": began_at, "now": now})

    def next(self, buckets: Sequence[int], before: datetime) -> int | None:
        """Of these buckets the one that waits longest, if it was last swept `before`; None: none has to be."""
        with self._pool.connection() as connection:
            row = connection.execute(_NEXT, {"buckets": list(buckets), "before": before}).fetchone()
        return None if row is None else int(row[0])

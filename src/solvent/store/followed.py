"""Followed: which accounts something has happened to since the last look, out of the numbers of the event log.

Owns the place in every bucket, kept in memory. Whoever keeps answers about accounts looks now and then and forgets
those that are named. Does not own what is kept (`web.kept`), nor the feed for others (`feed`).
"""

from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.ids import BUCKETS
from solvent.store.rows import Column

EVENTS_MAX = 20_000  # of one look: of more than that, everybody may be meant

_HEADS = "select bucket, last from event_head"
_MEANT = """
select distinct e.account_id from unnest(%(buckets)b, %(places)b, %(heads)b) v (bucket, place, head)
join event e on e.bucket = v.bucket and e.seq > v.place and e.seq <= v.head"""


class Followed:
    """The place of one reader; not for several threads at once."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool
        self._places: list[int] | None = None

    def look(self) -> list[UUID] | None:
        """The accounts of the events since the last look; None: everybody, as at the first one."""
        with self._pool.connection() as connection:
            heads = [0] * BUCKETS
            for bucket, last in connection.execute(_HEADS, binary=True).fetchall():
                heads[bucket] = last
            before, self._places = self._places, heads
            if before is None or sum(heads) - sum(before) > EVENTS_MAX:
                return None
            moved = [b for b in range(BUCKETS) if heads[b] > before[b]]
            if not moved:
                return []
            scalars = {
                "buckets": Column("smallint", moved),
                "places": Column("bigint", [before[b] for b in moved]),
                "heads": Column("bigint", [heads[b] for b in moved]),
            }
            return [row[0] for row in connection.execute(_MEANT, scalars, binary=True).fetchall()]

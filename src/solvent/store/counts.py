"""Counts: what happened how often, over all processes.

Owns the table. Does not own what is counted, nor any bound on labels (whoever counts has one).
"""

from datetime import datetime
from typing import NamedTuple

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.ports.counts import Counted

_ADD = """
insert into counter (kind, about, label, times, first_at, last_at) values (%s, %s, %s, 1, %s, %s)
on conflict (kind, about, label) do update
set times = counter.times + 1, last_at = greatest(counter.last_at, excluded.last_at)"""

_ALL = (
    "select kind, about, label, times, first_at, last_at from counter order by kind, about, times desc, label"
)


class Count(NamedTuple):
    """How often something happened, and when first and last (UTC)."""

    kind: str
    about: str
    label: str
    times: int
    first_at: datetime
    last_at: datetime


class CountRoom:
    """`ports.counts.Counts` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, kind: Counted, about: str, label: str, now: datetime) -> None:
        """As the port says."""
        self._connection.execute(_ADD, (kind, about, label, now, now))


class StoredCounts:
    """`ports.counts.Counts`, each a transaction of its own; and all of them."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def add(self, kind: Counted, about: str, label: str, now: datetime) -> None:
        """As the port says."""
        with self._pool.connection() as connection:
            CountRoom(connection).add(kind, about, label, now)

    def every(self) -> list[Count]:
        """All counts, by kind, the most frequent first."""
        with self._pool.connection() as connection:
            return [Count(*row) for row in connection.execute(_ALL).fetchall()]

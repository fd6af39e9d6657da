"""Parked: notifications that nothing could be done about, and their return to the inbox.

Owns the list of them and its reasons, and looking at them anew. Does not own the inbox's ways (`inbox`) nor why one
is parked (`flows.notify`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg_pool import ConnectionPool

Pool = ConnectionPool[Connection]

_LIST = """
select provider, id, subject, key, ref, reason, tries, received_at from inbox
where state = 'parked' and (%(provider)s::text is null or provider = %(provider)s)
order by received_at, provider, id limit %(limit)s"""

_COUNT = """
select count(*) from inbox
where state = 'parked' and (%(provider)s::text is null or provider = %(provider)s)"""

_BUCKETS = """
select distinct bucket from inbox
where state = 'parked' and (%(provider)s::text is null or provider = %(provider)s)"""

# Of one bucket, as everything that writes. Its tries begin anew; the reason is seen until it is looked at.
_REPLAY = """
update inbox set state = 'waiting', tries = 0, look_at = %(now)s
where bucket = %(bucket)s and state = 'parked' and (%(provider)s::text is null or provider = %(provider)s)
  and (%(ids)s::text[] is null or id = any(%(ids)s))
returning id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A notification that was put aside, and why. `about` is what it names: the provider's name for it, or our id."""

    provider: str
    id: str
    subject: str
    about: str | None
    reason: str
    tries: int
    received_at: datetime


def parked(pool: Pool, provider: str | None, limit: int) -> list[Parked]:
    """The notifications that are put aside, the oldest first."""
    with pool.connection() as connection:
        rows = connection.execute(_LIST, {"provider": provider, "limit": limit}).fetchall()
    return [
        Parked(
            provider=row[0],
            id=row[1],
            subject=row[2],
            about=row[4] or (None if row[3] is None else str(row[3])),
            reason=row[5],
            tries=row[6],
            received_at=row[7],
        )
        for row in rows
    ]


def count(pool: Pool, provider: str | None) -> int:
    """How many are put aside."""
    with pool.connection() as connection:
        row = connection.execute(_COUNT, {"provider": provider}).fetchone()
    assert row is not None, "a count is one row"
    return int(row[0])


def replay(pool: Pool, provider: str | None, ids: Sequence[str] | None, now: datetime) -> list[str]:
    """Put them back among those that wait, all or those named; returns which. The worker asks the provider anew."""
    given = {"provider": provider, "ids": None if ids is None else list(ids), "now": now}
    with pool.connection() as connection:
        buckets = [row[0] for row in connection.execute(_BUCKETS, given).fetchall()]
    back: list[str] = []
    for bucket in sorted(buckets):
        with pool.connection() as connection:
            back += [row[0] for row in connection.execute(_REPLAY, {**given, "bucket": bucket}).fetchall()]
    return back

"""Fleet: walking over all accounts of a bucket, a page at a time.

Owns which accounts are at rest: not marked for recompute, and with no recheck due. Only of those can it be said that
what is stored is what it should be. Does not own the looking itself (`flows.recompute.gather`).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.ids import BUCKETS

PAGE_MAX = 1_000
_FIRST = UUID(int=0)

_AT_REST = """
not exists (select from recompute_queue q where q.bucket = a.bucket and q.account_id = a.id)
and not exists (select from health h where h.bucket = a.bucket and h.account_id = a.id
                and h.recheck_at <= coalesce(a.test_now, %(now)s))"""

_PAGE = f"""
select a.id from account a
where a.bucket = %(bucket)s and a.id > %(after)s and {_AT_REST} order by a.id limit %(limit)s"""

_STILL = f"""
select a.id from account a where a.bucket = %(bucket)s and a.id = any(%(ids)s) and {_AT_REST}"""


_INHABITED = """
select b from generate_series(0, %s) b where exists (select from account a where a.bucket = b) order by b"""


def inhabited(pool: ConnectionPool[Connection]) -> list[int]:
    """The buckets in which there is an account: one statement, where looking into each would be one for each."""
    with pool.connection() as connection:
        return [row[0] for row in connection.execute(_INHABITED, (BUCKETS - 1,))]


def pages_at_rest(
    pool: ConnectionPool[Connection], bucket: int, now: datetime, page_max: int = PAGE_MAX
) -> Iterator[list[UUID]]:
    """Every account of the bucket that is at rest, in pages, so that memory is bounded by the page."""
    after = _FIRST
    while True:
        with pool.connection() as connection:
            scalars = {"bucket": bucket, "after": after, "limit": page_max, "now": now}
            page = [row[0] for row in connection.execute(_PAGE, scalars)]
        if not page:
            return
        yield page
        if len(page) < page_max:
            return
        after = page[-1]


def still_at_rest(
    pool: ConnectionPool[Connection], bucket: int, accounts: Sequence[UUID], now: datetime
) -> list[UUID]:
    """Those of the accounts that are at rest now: others have moved on since they were looked at."""
    with pool.connection() as connection:
        scalars = {"bucket": bucket, "ids": list(accounts), "now": now}
        return [row[0] for row in connection.execute(_STILL, scalars)]

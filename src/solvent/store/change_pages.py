"""Change pages: changes of one account or of all, by their state and date: those that somebody asked for, and where
that is wanted what the billing clock tries by itself.

Owns which of them are wanted, and the one statement behind a page: in the order of their ids, which is that in which
they were opened. What somebody asked for has an idempotency key, by which an account's is found; with what the clock
tries, an account's are read out of its bucket, from the account's own id on: no index is kept for that, which every
renewal would have to write. Of all accounts a page is read from each bucket, from the moment on that ids tell; so
accounts on a test clock are left out where dates are named. Writes nothing. Does not own the journal (`journal`) nor
single changes (`flows.opening`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.attempt import Attempt
from solvent.core.ids import bucket_of, first_at
from solvent.core.payment import IN_FLIGHT, AttemptState
from solvent.store import journal

_FIRST = UUID(int=0)
# How far the moment in an id may lie from the one at which its attempt says it was opened, by the wall's clock.
_APART_S = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedChanges:
    """Which changes; what is None may be anything. Opened from `start` to before `end` (UTC). `clock`: also what the
    billing clock tried by itself. `test_clock`: the account lives on one, so ids tell nothing of its moments."""

    account: UUID | None = None
    clock: bool = False
    test_clock: bool = False
    state: AttemptState | None = None
    start: datetime | None = None
    end: datetime | None = None


class ChangePages:
    """The pages of one database; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def page(self, wanted: WantedChanges, after: UUID | None, limit: int) -> list[Attempt]:
        """A page of changes after that one."""
        scalars = _scalars(wanted, after) | {"limit": limit}
        with self._pool.connection() as connection:
            rows = connection.execute(page_query(wanted), scalars, binary=True).fetchall()
        return [journal.attempt_of(row) for row in rows]


def page_query(wanted: WantedChanges) -> LiteralString:
    """The statement of a page. Every condition is in it only where it is wanted, so that it is planned for itself."""
    rules: LiteralString = " and ".join(_rules(wanted))
    if wanted.account is not None:
        return f"""
            select {journal.COLUMNS} from attempt t
            where t.bucket = %(bucket)s and t.account_id = %(account)s and {rules} order by t.id limit %(limit)s"""
    return f"""
        select {journal.COLUMNS} from (
            select p.* from generate_series(0, 255) b cross join lateral (
                select t.bucket, t.id from attempt t where t.bucket = b and {rules} order by t.id limit %(limit)s) p
            order by p.id limit %(limit)s) page
        join attempt t on t.bucket = page.bucket and t.id = page.id order by t.id"""


def _rules(wanted: WantedChanges) -> Iterator[LiteralString]:
    """The conditions on an attempt `t`."""
    yield "t.id > %(after)s"
    if not wanted.clock:
        yield "t.key is not null"
    if wanted.account is not None and wanted.clock:
        yield "t.id < %(below)s"
    if wanted.state is not None:
        yield "t.state = %(state)s"
        if wanted.state in IN_FLIGHT:
            yield "t.look_at is not null"  # as the index says it
    if wanted.start is not None:
        yield "t.created_at >= %(start)s"
    if wanted.end is not None:
        yield "t.created_at < %(end)s"
    if wanted.account is None and (wanted.start is not None or wanted.end is not None):
        yield """t.id < %(below)s and not exists (
            select from account a where a.bucket = t.bucket and a.id = t.account_id and a.test_now is not null)"""


def _scalars(wanted: WantedChanges, after: UUID | None) -> dict[str, Any]:
    first, below = after or _FIRST, UUID(int=2**128 - 1)
    told = wanted.account is None or (wanted.clock and not wanted.test_clock)
    if wanted.account is not None and wanted.clock:
        first = max(first, first_at(_made_at(wanted.account), -_APART_S))
    if told and wanted.start is not None:
        first = max(first, first_at(wanted.start, -_APART_S))
    if told and wanted.end is not None:
        below = first_at(wanted.end, _APART_S)
    return {
        "bucket": None if wanted.account is None else bucket_of(wanted.account),
        "account": wanted.account,
        "state": wanted.state,
        "start": wanted.start,
        "end": wanted.end,
        "after": first,
        "below": below,
    }


def _made_at(identifier: UUID) -> datetime:
    """The moment in an id."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)

"""Polls: how asking providers went, what is polled and what is read of their statements.

Owns these rows and their read. Does not own the asking (`worker`), nor how far a poll reaches (`schedule`).
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

REASON_MAX = 500

_TRIED = """
insert into poll_try (provider, what, tried_at, answered_at, failures, reason)
values (%(provider)s, %(what)s, %(now)s, case when %(reason)s::text is null then %(now)s::timestamptz end,
        case when %(reason)s::text is null then 0 else 1 end, %(reason)s)
on conflict (provider, what) do update set tried_at = excluded.tried_at,
    answered_at = coalesce(excluded.answered_at, poll_try.answered_at),
    failures = case excluded.failures when 0 then 0 else poll_try.failures + 1 end,
    reason = coalesce(excluded.reason, poll_try.reason)"""

_POLLS = """
select t.provider, t.what, t.tried_at, t.answered_at, t.failures, t.reason,
    case t.what when 'poll' then s.swept_until else s.stated_until end as until
from poll_try t left join sweep s on s.provider = t.provider order by t.provider, t.what"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """Asking one provider: when it was last tried and answered, how often it failed since, and why the last time;
    everything before `until` is known."""

    provider: str
    what: str
    tried_at: datetime
    answered_at: datetime | None
    failures: int
    reason: str | None
    until: datetime | None


def tried(
    pool: ConnectionPool[Connection], provider: str, what: str, now: datetime, reason: str | None
) -> None:
    """A provider was asked; `reason` says why it did not answer, None that it did."""
    said = None if reason is None else reason[:REASON_MAX]
    scalars = {"provider": provider, "what": what, "now": now, "reason": said}
    with pool.connection() as connection:
        connection.execute(_TRIED, scalars)


def polls(connection: Connection) -> list[Poll]:
    """Every provider that was ever asked."""
    with connection.cursor(row_factory=class_row(Poll)) as cursor:
        return cursor.execute(_POLLS).fetchall()

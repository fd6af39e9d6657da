"""Timeline: what happened to one account, whoever told it: events, attempts, decisions and what operators did.

Owns the order of these sources as one story, the latest first. Does not own any of them, nor the words (`web`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from solvent.core.ids import bucket_of

_PAGE: LiteralString = """
(select e.occurred_at as at, 'event' as source, e.type as what, e.data::jsonb as data, e.seq::text as key from event e
 where e.bucket = %(bucket)s and e.account_id = %(account)s and e.occurred_at < %(before)s
 order by e.seq desc limit %(limit)s)
union all
(select t.created_at, 'attempt', t.path || ', ' || t.state,
    jsonb_build_object('attempt_id', t.id, 'intent', t.intent, 'amount', t.amount, 'currency', t.currency,
        'provider', t.provider, 'cause', t.cause, 'off_session', t.off_session,
        'provider_said', t.said, 'said_at', t.said_at),
    t.id::text from attempt t
 where t.bucket = %(bucket)s and t.account_id = %(account)s and t.created_at < %(before)s
 order by t.id desc limit %(limit)s)
union all
(select d.decided_at, 'decision', d.policy, jsonb_build_object('applied', d.applied, 'withheld', d.withheld), d.id::text
 from decision d
 where d.bucket = %(bucket)s and d.account_id = %(account)s and d.decided_at < %(before)s
 order by d.id desc limit %(limit)s)
union all
(select a.at, 'operator', a.action, jsonb_build_object('by', a.email, 'detail', a.detail, 'reason', a.reason),
    a.id::text
 from audit a
 where a.bucket = %(bucket)s and a.account_id = %(account)s and a.at < %(before)s
 order by a.at desc limit %(limit)s)
order by at desc, source, key desc limit %(limit)s"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One entry: `source` is event, attempt, decision or operator; `data` depends on it."""

    at: datetime
    source: str
    what: str
    data: dict[str, Any]
    key: str


def page(
    pool: ConnectionPool[Connection], account_id: UUID, before: datetime | None, limit: int
) -> list[Happened]:
    """What happened to an account before a moment (None: ever), the latest first."""
    scalars = {
        "bucket": bucket_of(account_id),
        "account": account_id,
        "before": before or "infinity",
        "limit": limit,
    }
    with pool.connection() as connection, connection.cursor(row_factory=class_row(Happened)) as cursor:
        return cursor.execute(_PAGE, scalars).fetchall()

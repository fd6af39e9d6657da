"""Stuck: what has been in an intermediate state for longer than it should be, oldest first.

Owns these reads and the patience of each state. Does not own what is done about it: each kind says where to look.
Accounts with a clock of their own are left out: their time stands still when nobody moves it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

Pool = ConnectionPool[Connection]


class Kind(StrEnum):
    """What may get stuck."""

    ATTEMPT_OPENING = "attempt_opening"
    ATTEMPT_UNKNOWN = "attempt_unknown"
    ATTEMPT_WAITING = "attempt_waiting"
    ATTEMPT_PROCESSING = "attempt_processing"
    REFUND = "refund"
    NOTIFICATION = "notification"
    NOTIFICATION_PARKED = "notification_parked"
    RENEWAL = "renewal"
    USAGE = "usage"
    RECOMPUTE = "recompute"
    DISPUTE = "dispute"
    REGISTRATION = "registration"


PATIENCE: Mapping[Kind, timedelta] = {
    Kind.ATTEMPT_OPENING: timedelta(minutes=15),
    Kind.ATTEMPT_UNKNOWN: timedelta(hours=1),
    Kind.ATTEMPT_WAITING: timedelta(minutes=30),  # behind its expiry
    Kind.ATTEMPT_PROCESSING: timedelta(days=14),
    Kind.REFUND: timedelta(days=3),
    Kind.NOTIFICATION: timedelta(minutes=15),
    Kind.NOTIFICATION_PARKED: timedelta(0),
    Kind.RENEWAL: timedelta(hours=2),
    Kind.USAGE: timedelta(hours=2),
    Kind.RECOMPUTE: timedelta(minutes=15),
    Kind.DISPUTE: timedelta(0),  # behind the day by which evidence is asked for
    Kind.REGISTRATION: timedelta(hours=1),
}

ADVICE: Mapping[Kind, str] = {
    Kind.ATTEMPT_OPENING: "the janitor asks the provider: is a worker running, and does the provider answer?",
    Kind.ATTEMPT_UNKNOWN: "the provider does not say what became of it: look it up there by our attempt id",
    Kind.ATTEMPT_WAITING: "it has expired and is not closed: is a worker running?",
    Kind.ATTEMPT_PROCESSING: "the bank takes longer than it should: ask the provider",
    Kind.REFUND: "ask the provider; the money has not reached the customer",
    Kind.NOTIFICATION: "nobody works on it: is a worker running?",
    Kind.NOTIFICATION_PARKED: "see the reason, then `solvent notifications replay`",
    Kind.RENEWAL: "see the reason; it is tried again by itself",
    Kind.USAGE: "see the reason; it is tried again by itself",
    Kind.RECOMPUTE: "is a worker running? `solvent recompute ACCOUNT` says what stops it",
    Kind.DISPUTE: "evidence was due: it is lost unless the provider says otherwise",
    Kind.REGISTRATION: "the registrar has not registered a name that is paid: does it answer?",
}

_LIVE: LiteralString = """not exists (
    select from account c where c.bucket = x.bucket and c.id = x.account_id and c.test_now is not null)"""

_ATTEMPTS: LiteralString = f"""
select 'attempt_' || case x.state when 'requires_action' then 'waiting' else x.state end as kind, x.id::text as id,
       x.account_id, case x.state when 'requires_action' then x.expires_at else x.created_at end as since,
       x.stuck_reason as reason
from attempt x where x.look_at is not null and {_LIVE} and case x.state
    when 'opening' then x.created_at < %(attempt_opening)s when 'unknown' then x.created_at < %(attempt_unknown)s
    when 'processing' then x.created_at < %(attempt_processing)s else x.expires_at < %(attempt_waiting)s end"""

_OTHERS: LiteralString = f"""
select 'refund', x.id::text, x.account_id, x.created_at, x.reason from refund x
where x.look_at is not null and x.created_at < %(refund)s and {_LIVE}
union all
select 'notification', x.provider || ' ' || x.id, null, x.received_at, x.reason from inbox x
where x.look_at is not null and x.received_at < %(notification)s
union all
select 'notification_parked', x.provider || ' ' || x.id, null, x.received_at, x.reason from inbox x
where x.state = 'parked' and x.received_at < %(notification_parked)s
union all
select 'renewal', x.id::text, x.account_id, x.due_at, x.stuck_reason from subscription x
where x.due_at < %(renewal)s and x.stuck_until is not null and {_LIVE}
union all
select 'usage', x.account_id::text, x.account_id, x.look_at, x.stuck_reason from usage_mark x
where x.stuck_reason is not null and {_LIVE}
union all
select 'recompute', x.account_id::text, x.account_id, x.since, x.reason from recompute_queue x
where x.since < %(recompute)s and {_LIVE}
union all
select 'dispute', x.id::text, x.account_id, x.evidence_due_by, x.reason from dispute x
where x.decided_at is null and x.state = 'needs_response' and x.evidence_due_by < %(dispute)s and {_LIVE}
union all
select 'registration', x.id::text, x.account_id, x.created_at, x.name || coalesce(': ' || x.reason, '')
from registration x where x.look_at is not null and x.created_at < %(registration)s and {_LIVE}"""

_STUCK: LiteralString = f"""
select kind, id, account_id, since, reason, count(*) over (partition by kind) as of_kind
from ({_ATTEMPTS} union all {_OTHERS}) found order by since limit %(limit)s"""


_COUNTED: LiteralString = f"""
select kind, count(*) from ({_ATTEMPTS} union all {_OTHERS}) found group by kind"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """One thing that is stuck, `since` when it has been in its state; `of_kind` are how many of its kind there are."""

    kind: str
    id: str
    account_id: UUID | None
    since: datetime
    reason: str | None
    of_kind: int

    @property
    def advice(self) -> str:
        """Where to look."""
        return ADVICE[Kind(self.kind)]


def stuck(pool: Pool, now: datetime, limit: int) -> list[Stuck]:
    """The `limit` things that have been stuck the longest at `now` (UTC)."""
    with pool.connection() as connection, connection.cursor(row_factory=class_row(Stuck)) as cursor:
        return cursor.execute(_STUCK, {**_before(now), "limit": limit}).fetchall()


def counted(connection: Connection, now: datetime) -> dict[Kind, int]:
    """How many of each kind are stuck at `now` (UTC), also where that is none."""
    found: dict[str, int] = dict(connection.execute(_COUNTED, _before(now)).fetchall())
    return {kind: found.get(kind, 0) for kind in Kind}


def _before(now: datetime) -> dict[str, datetime]:
    """By kind, since before when what is in it is stuck."""
    return {str(kind): now - patience for kind, patience in PATIENCE.items()}

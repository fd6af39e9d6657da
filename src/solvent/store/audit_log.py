"""Audit log: what operators did, with who, when and why; and who was not let in.

Owns these rows; they are never changed. What is about an account lies in its bucket, the rest in the first. Does not
own what can be done.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from solvent.core.ids import BUCKETS, bucket_of
from solvent.core.operator import Operator
from solvent.ports.world import Ids

NO_ACCOUNT = 0  # the bucket of what is about none
NOBODY = "nobody"  # the role of whoever was not let in
UNKNOWN = "unknown"  # who did not say, or prove, who it was
SIGNED_IN, REFUSED = "sign in", "refuse sign-in"

_KEEP = """
insert into audit (bucket, id, at, operator_id, email, role, action, account_id, detail, reason)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""

_PAGE = """
select d.* from unnest(%(buckets)s::smallint[]) b cross join lateral (
    select id, at, email, role, action, account_id, detail, reason from audit a
    where a.bucket = b and (%(account)s::uuid is null or a.account_id = %(account)s)
      and (%(before)s::timestamptz is null or a.at < %(before)s)
    order by a.at desc, a.id desc limit %(limit)s) d
order by d.at desc, d.id desc limit %(limit)s"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One act: `detail` says what exactly, `reason` is what the operator said."""

    id: UUID
    at: datetime
    email: str
    role: str
    action: str
    account_id: UUID | None
    detail: str
    reason: str


class AuditLog:
    """The log of one database."""

    def __init__(self, pool: ConnectionPool[Connection], ids: Ids) -> None:
        self._pool = pool
        self._ids = ids

    def keep(
        self,
        operator: Operator,
        action: str,
        now: datetime,
        *,
        reason: str,
        detail: str = "",
        account_id: UUID | None = None,
    ) -> None:
        """Write down what somebody is about to do: before it is done, so that nothing is done unseen."""
        bucket = NO_ACCOUNT if account_id is None else bucket_of(account_id)
        who = (operator.id, operator.email, operator.role)
        row = (bucket, self._ids.draw(bucket), now, *who, action, account_id, detail, reason)
        with self._pool.connection() as connection:
            connection.execute(_KEEP, row)

    def refuse(self, email: str | None, now: datetime, *, way: str, reason: str) -> None:
        """Write down that somebody was not let in, with the address that was proved, if any."""
        who = (None, email or UNKNOWN, NOBODY)
        row = (NO_ACCOUNT, self._ids.draw(NO_ACCOUNT), now, *who, REFUSED, None, way, reason)
        with self._pool.connection() as connection:
            connection.execute(_KEEP, row)

    def page(self, account_id: UUID | None, before: datetime | None, limit: int) -> list[Entry]:
        """What was done, of one account or of all, the latest first."""
        scalars = {
            "buckets": list(range(BUCKETS)) if account_id is None else [bucket_of(account_id)],
            "account": account_id,
            "before": before,
            "limit": limit,
        }
        with self._pool.connection() as connection, connection.cursor(row_factory=class_row(Entry)) as cursor:
            return cursor.execute(_PAGE, scalars).fetchall()

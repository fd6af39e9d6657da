"""Credit reads: account credit as the API and the command line show it.

Owns balances by currency and kind, one grant, and pages by cursor of grants and of their uses, each by one statement
that names the account's bucket. Writes nothing. Does not own how anything is presented (`web`, `commands`), the rows
(`credit_grants`), nor what planning reads of them (`shapes`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from solvent.core.credit import GrantKind
from solvent.core.facts import UseKind
from solvent.core.ids import bucket_of
from solvent.store.shapes import HELD

_FIRST = UUID(int=0)
_BEFORE_ALL = (_FIRST, 0)

# What attempts in flight count on, grant by grant.
_PROMISED = """
select (d->>'grant_id')::uuid as grant_id, t.id as attempt_id, sum((d->>'amount')::bigint)::bigint as amount
from attempt t cross join json_array_elements(t.plan->'draws') d
where t.bucket = %(bucket)s and t.account_id = %(account)s
  and t.state in ('opening', 'requires_action', 'processing', 'unknown')
group by 1, 2"""

_BALANCES = f"""
select c.currency, c.kind, sum(c.remaining)::bigint as amount, coalesce(sum(p.amount), 0)::bigint as promised,
       min(c.expires_at) as expires_first
from credit_grant c
left join (select grant_id, sum(amount)::bigint as amount from ({_PROMISED}) each_one group by 1) p
    on p.grant_id = c.id
where c.bucket = %(bucket)s and c.account_id = %(account)s and c.remaining > 0
group by c.currency, c.kind order by c.currency, c.kind"""

_GRANT = f"""
select c.id, c.account_id, c.kind, c.currency, c.amount, c.remaining, c.priority, c.excludes, c.reason, c.granted_by,
       c.invoice_id, c.granted_at, c.expires_at, {HELD} as held, c.returns,
       coalesce((select json_agg(json_build_array(p.attempt_id, p.amount) order by p.attempt_id)
                 from ({_PROMISED}) p where p.grant_id = c.id), '[]') as promised
from credit_grant c where c.bucket = %(bucket)s and c.account_id = %(account)s"""
_BY_ID = f"{_GRANT} and c.id = %(id)s"
_GRANTS = f"""{_GRANT} and c.id > %(after)s and (%(spent)s or c.remaining > 0)
  and (%(kind)s::text is null or c.kind = %(kind)s)
order by c.id limit %(limit)s"""

_OWNER = "select account_id from credit_grant where bucket = %s and id = %s"

_USES = """
select u.cause_id, u.position, u.account_id, u.grant_id, g.kind as grant_kind, u.kind, g.currency, u.amount,
       u.invoice_id, u.line, u.used_at
from credit_use u join credit_grant g on g.bucket = u.bucket and g.id = u.grant_id
where u.bucket = %(bucket)s and u.account_id = %(account)s
  and (u.cause_id, u.position) > (%(cause)s, %(position)s)
  and (%(grant)s::uuid is null or u.grant_id = %(grant)s)
  and (%(invoice)s::uuid is null or u.invoice_id = %(invoice)s)
  and (%(kind)s::text is null or u.kind = %(kind)s)
  and (%(start)s::timestamptz is null or u.used_at >= %(start)s)
  and (%(end)s::timestamptz is null or u.used_at < %(end)s)
order by u.cause_id, u.position limit %(limit)s"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditBalance:
    """What is left of an account's credit of one kind in one currency, minor units; `promised` of it to attempts in
    flight (two may count on the same), and the moment at which the first of it expires."""

    currency: str
    kind: str
    amount: int
    promised: int
    expires_first: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredGrant:
    """A grant as it now stands, minor units; `promised` to attempts in flight: their ids, each with its amount."""

    id: UUID
    account_id: UUID
    kind: str
    currency: str
    amount: int
    remaining: int
    priority: int
    excludes: list[str]
    reason: str
    granted_by: str | None
    invoice_id: UUID | None
    granted_at: datetime
    expires_at: datetime | None
    held: int
    returns: UUID | None
    promised: list[tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredUse:
    """A use of credit as it was written: what became of `amount` minor units of a grant."""

    cause_id: UUID
    position: int
    account_id: UUID
    grant_id: UUID
    grant_kind: str
    kind: str
    currency: str
    amount: int
    invoice_id: UUID | None
    line: int | None
    used_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """Which uses; None leaves the field open. From `start` to before `end`."""

    grant: UUID | None = None
    invoice: UUID | None = None
    kind: UseKind | None = None
    start: datetime | None = None
    end: datetime | None = None


class CreditReads:
    """The reads of one database; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def balances(self, account_id: UUID) -> list[CreditBalance]:
        """What is left of an account's credit, by currency and kind; what has expired counts until that is booked."""
        return self._rows(_BALANCES, CreditBalance, _of(account_id))

    def owner(self, grant_id: UUID) -> UUID | None:
        """The account that a grant is of."""
        with self._pool.connection() as connection:
            row = connection.execute(_OWNER, (bucket_of(grant_id), grant_id)).fetchone()
        return None if row is None else row[0]

    def grant(self, account_id: UUID, grant_id: UUID) -> StoredGrant | None:
        """One grant of an account."""
        found = self._rows(_BY_ID, StoredGrant, {**_of(account_id), "id": grant_id})
        return found[0] if found else None

    def grants(
        self, account_id: UUID, kind: GrantKind | None, after: UUID | None, limit: int, *, spent: bool
    ) -> list[StoredGrant]:
        """A page of an account's grants in the order in which they came about; `spent`: also what has nothing left."""
        wanted = {"kind": kind, "after": after or _FIRST, "limit": limit, "spent": spent}
        return self._rows(_GRANTS, StoredGrant, _of(account_id) | wanted)

    def uses(
        self, account_id: UUID, wanted: Uses, after: tuple[UUID, int] | None, limit: int
    ) -> list[StoredUse]:
        """A page of what became of an account's credit, in the order of the transactions."""
        cause, position = after or _BEFORE_ALL
        scalars = {
            **_of(account_id),
            "cause": cause,
            "position": position,
            "grant": wanted.grant,
            "invoice": wanted.invoice,
            "kind": wanted.kind,
            "start": wanted.start,
            "end": wanted.end,
            "limit": limit,
        }
        return self._rows(_USES, StoredUse, scalars)

    def _rows(self, query: Any, kind: type[Any], scalars: dict[str, object]) -> list[Any]:  # noqa: ANN401 - rows
        with self._pool.connection() as connection, connection.cursor(row_factory=class_row(kind)) as cursor:
            return cursor.execute(query, scalars).fetchall()


def _of(account_id: UUID) -> dict[str, object]:
    return {"bucket": bucket_of(account_id), "account": account_id}

"""Credit exports: grants of account credit and what became of them, of a stretch of time, row after row.

Owns the reads; each streams from one cursor on the server, in an order that does not change. Does not own files and
their formats (`exporting`), nor the other exports (`exports`).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection

from solvent.store.closing import Scope
from solvent.store.deferrals import SCOPE, rows

_GRANTS = f"""
select c.id, a.entity, c.account_id, c.kind, c.currency, c.amount, c.remaining, c.priority,
       (select coalesce(string_agg(x.value, ' ' order by x.ordinality), '')
        from jsonb_array_elements_text(c.excludes) with ordinality x),
       c.reason, c.granted_by, c.invoice_id, c.granted_at, c.expires_at
from credit_grant c join account a on a.bucket = c.bucket and a.id = c.account_id
where c.granted_at >= %(start)s and c.granted_at < %(end)s and {SCOPE}
order by c.granted_at, c.id"""

_USES = f"""
select u.cause_id, u.position, a.entity, u.account_id, u.grant_id, c.kind, u.kind, c.currency, u.amount, u.invoice_id,
       u.line, u.used_at
from credit_use u join account a on a.bucket = u.bucket and a.id = u.account_id
join credit_grant c on c.bucket = u.bucket and c.id = u.grant_id
where u.used_at >= %(start)s and u.used_at < %(end)s and {SCOPE}
order by u.used_at, u.cause_id, u.position"""


class GrantRow(NamedTuple):
    """A grant of credit as it now stands, in minor units; `excludes` are products, with a space between them."""

    id: UUID
    entity: str
    account_id: UUID
    kind: str
    currency: str
    amount: int
    remaining: int
    priority: int
    excludes: str
    reason: str
    granted_by: str | None
    invoice_id: UUID | None
    granted_at: datetime
    expires_at: datetime | None


class UseRow(NamedTuple):
    """What became of `amount` minor units of a grant; rows of one `cause_id` are one transaction, as in the journal."""

    cause_id: UUID
    position: int
    entity: str
    account_id: UUID
    grant_id: UUID
    grant_kind: str
    kind: str
    currency: str
    amount: int
    invoice_id: UUID | None
    line: int | None
    used_at: datetime


def grants(connection: Connection, start: datetime, end: datetime, scope: Scope) -> Iterator[GrantRow]:
    """Grants that came about from `start` to before `end`, in that order."""
    scalars = {**scope.scalars(), "start": start, "end": end}
    for row in rows(connection, _GRANTS, scalars):
        yield GrantRow(*row)


def uses(connection: Connection, start: datetime, end: datetime, scope: Scope) -> Iterator[UseRow]:
    """What became of credit from `start` to before `end`, in that order."""
    scalars = {**scope.scalars(), "start": start, "end": end}
    for row in rows(connection, _USES, scalars):
        yield UseRow(*row)

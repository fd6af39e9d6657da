"""Postings: pages of the ledger as it was written.

Owns the filters, the order (by transaction, which is the order of their ids) and the cursor: the id of a posting. Does
not own what is earned between postings (`deferrals`) nor reports (`closing`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from solvent.core.ids import BUCKETS, bucket_of
from solvent.store.closing import Scope
from solvent.store.deferrals import SCOPE
from solvent.store.rows import Column

_BEFORE_ALL = (UUID(int=0), 0)

# The account is asked row by row, not joined: each bucket is then read in the order of its key, as far as a page goes.
_PAGE: LiteralString = """
select g.cause_id, g.position, g.account_id, a.entity, g.debit, g.credit, g.amount, g.currency, g.invoice_id,
       g.booked_at
from (
    select p.* from unnest(%(buckets)b) as b (bucket) cross join lateral (
        select * from posting p
        where p.bucket = b.bucket and (p.cause_id, p.position) > (%(cause)s, %(position)s)
          and (select {scope} from account a where a.bucket = p.bucket and a.id = p.account_id) {filters}
        order by p.cause_id, p.position limit %(limit)s
    ) p order by p.cause_id, p.position limit %(limit)s
) g join account a on a.bucket = g.bucket and a.id = g.account_id
order by g.cause_id, g.position"""

_FILTERS: dict[str, LiteralString] = {
    "account": "and p.account_id = %(account)s",
    "invoice": "and p.invoice_id = %(invoice)s",
    "name": "and %(name)s in (p.debit, p.credit)",
    "currency": "and p.currency = %(currency)s",
    "start": "and p.booked_at >= %(start)s",
    "end": "and p.booked_at < %(end)s",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A posting as it was written: `amount` minor units from `credit` to `debit`; one transaction per `cause_id`."""

    cause_id: UUID
    position: int
    account_id: UUID
    entity: str
    debit: str
    credit: str
    amount: int
    currency: str
    invoice_id: UUID | None
    booked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which postings; None leaves the field open. `name` is a ledger account on either side; from `start` to before
    `end`. Without an account or an invoice every bucket is looked at, and what matches rarely is looked for long."""

    account: UUID | None = None
    invoice: UUID | None = None
    name: str | None = None
    currency: str | None = None
    start: datetime | None = None
    end: datetime | None = None


def page(
    connection: Connection, wanted: Filter, scope: Scope, after: tuple[UUID, int] | None, limit: int
) -> list[Booked]:
    """Up to `limit` postings behind the one whose transaction and position are `after`."""
    given: dict[str, object] = {
        name: value for name in _FILTERS if (value := getattr(wanted, name)) is not None
    }
    owner = wanted.account or wanted.invoice
    cause, position = after or _BEFORE_ALL
    scalars = {
        **scope.scalars(),
        **given,
        "buckets": Column("smallint", range(BUCKETS) if owner is None else [bucket_of(owner)]),
        "cause": cause,
        "position": position,
        "limit": limit,
    }
    query = _PAGE.format(scope=SCOPE, filters=" ".join(_FILTERS[name] for name in given))
    with connection.cursor(row_factory=class_row(Booked)) as cursor:
        return cursor.execute(query, scalars, binary=True).fetchall()

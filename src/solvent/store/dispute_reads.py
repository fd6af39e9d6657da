"""Dispute reads: disputes as the API and the command line show them.

Owns one of them, and pages by cursor of an account's or of everybody's. Writes nothing. Does not own how anything is
presented (`web`, `commands`), nor the rows (`disputes`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.dispute import Dispute, DisputeState
from solvent.core.ids import bucket_of
from solvent.store import shapes

_FIRST = UUID(int=0)

_DISPUTE = f"""
select {shapes.DISPUTE}::text, d.account_id, p.invoice_id, d.recorded_at, d.lost_at, d.decided_at
from dispute d join payment p on p.bucket = d.bucket and p.id = d.payment_id"""
_BY_ID = f"{_DISPUTE} where d.bucket = %(bucket)s and d.id = %(id)s"
_MATCHES = """d.id > %(after)s
  and (%(payment)s::uuid is null or d.payment_id = %(payment)s)
  and (%(state)s::text is null or d.state = %(state)s)
  and (%(undecided)s is not true or d.decided_at is null)
  and (%(currency)s::text is null or d.currency = %(currency)s)
  and (%(provider)s::text is null or d.provider = %(provider)s)
  and (%(entity)s::text is null or exists (select from account a
      where a.bucket = d.bucket and a.id = d.account_id and a.entity = %(entity)s))
  and (%(start)s::timestamptz is null or d.recorded_at >= %(start)s)
  and (%(end)s::timestamptz is null or d.recorded_at < %(end)s)
order by d.id limit %(limit)s"""
_OF_ACCOUNT = f"{_DISPUTE} where d.bucket = %(bucket)s and d.account_id = %(account)s and {_MATCHES}"
_OF_ALL = f"{_DISPUTE} where {_MATCHES}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDispute:
    """A dispute as it now stands, with whose it is, the invoice that its payment paid, and when it was recorded, lost
    and decided here (UTC)."""

    dispute: Dispute
    account_id: UUID
    invoice_id: UUID | None
    recorded_at: datetime
    lost_at: datetime | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Which disputes: of one account, of one payment, in one state, or only those that are not decided; in one
    currency, of one legal entity, by one provider, recorded from `start` to before `end` (UTC)."""

    account: UUID | None = None
    payment: UUID | None = None
    state: DisputeState | None = None
    undecided: bool = False
    currency: str | None = None
    entity: str | None = None
    provider: str | None = None
    start: datetime | None = None
    end: datetime | None = None


class DisputeReads:
    """The reads of one database; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def one(self, dispute_id: UUID) -> StoredDispute | None:
        """One dispute."""
        scalars = {"bucket": bucket_of(dispute_id), "id": dispute_id}
        with self._pool.connection() as connection:
            row = connection.execute(_BY_ID, scalars).fetchone()
        return None if row is None else _stored(row)

    def page(self, which: Which, after: UUID | None, limit: int) -> list[StoredDispute]:
        """A page in the order of their ids, which is that in which they were recorded."""
        scalars = {
            "bucket": None if which.account is None else bucket_of(which.account),
            "account": which.account,
            "payment": which.payment,
            "state": which.state,
            "undecided": which.undecided,
            "currency": which.currency,
            "entity": which.entity,
            "provider": which.provider,
            "start": which.start,
            "end": which.end,
            "after": after or _FIRST,
            "limit": limit,
        }
        query = _OF_ALL if which.account is None else _OF_ACCOUNT
        with self._pool.connection() as connection:
            return [_stored(row) for row in connection.execute(query, scalars).fetchall()]


def _stored(row: tuple[Any, ...]) -> StoredDispute:
    dispute, account_id, invoice_id, recorded_at, lost_at, decided_at = row
    return StoredDispute(
        dispute=shapes.dispute_of(dispute),
        account_id=account_id,
        invoice_id=invoice_id,
        recorded_at=recorded_at,
        lost_at=lost_at,
        decided_at=decided_at,
    )

"""Money documents: the reads behind credit notes and refunds of the API.

Owns pages by cursor, and the one statement behind each read. Every query names the bucket, which the account's or the
row's id carries. Writes nothing. Does not own how anything is presented (`web`), nor invoices (`queries`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from solvent.core.credit_note import CreditLine
from solvent.core.ids import bucket_of
from solvent.core.invoice import LineKind
from solvent.core.period import Period
from solvent.store import codec

_FIRST = UUID(int=0)

_CREDIT_NOTE = """
select c.id, c.account_id, c.invoice_id, c.series, c.number, c.currency, c.amount, c.to_debt, c.to_refund, c.to_credit,
       c.reason, c.issued_by, c.issued_at,
       (select r.id from refund r where r.bucket = c.bucket and r.credit_note_id = c.id) as refund_id
from credit_note c where c.bucket = %(bucket)s"""
_CREDIT_NOTE_BY_ID = f"{_CREDIT_NOTE} and c.id = %(id)s"
_CREDIT_NOTES = f"""{_CREDIT_NOTE} and c.account_id = %(account)s and c.id > %(after)s
  and (%(about)s::uuid is null or c.invoice_id = %(about)s)
order by c.id limit %(limit)s"""

_LINES = """
select position, kind, description, amount, tax, taxes::text, period_start, period_end from credit_note_line
where bucket = %(bucket)s and credit_note_id = %(id)s order by position"""

_REFUND = """
select r.id, r.account_id, r.payment_id, r.credit_note_id, p.provider, r.currency, r.amount, r.reason, r.state, r.ref,
       r.created_at
from refund r join payment p on p.bucket = r.bucket and p.id = r.payment_id
where r.bucket = %(bucket)s"""
_REFUND_BY_ID = f"{_REFUND} and r.id = %(id)s"
_REFUNDS = f"""{_REFUND} and r.account_id = %(account)s and r.id > %(after)s
  and (%(about)s::uuid is null or r.payment_id = %(about)s)
order by r.id limit %(limit)s"""

_PAYMENTS_OF = """
select o.invoice_id from payment p join payment o
  on o.bucket = p.bucket and o.account_id = p.account_id and o.provider = p.provider and o.ref = p.ref
where p.bucket = %(bucket)s and p.id = %(id)s and o.invoice_id is not null order by o.part"""
_PAYMENT_OF = "select p.invoice_id from payment p where p.bucket = %(bucket)s and p.id = %(id)s"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCreditNote:
    """A credit note as it was issued, minor units."""

    id: UUID
    account_id: UUID
    invoice_id: UUID
    series: str
    number: int
    currency: str
    amount: int
    to_debt: int
    to_refund: int
    to_credit: int
    reason: str
    issued_by: str
    issued_at: datetime
    refund_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRefund:
    """A refund as it now stands, minor units."""

    id: UUID
    account_id: UUID
    payment_id: UUID
    credit_note_id: UUID | None
    provider: str
    currency: str
    amount: int
    reason: str
    state: str
    ref: str | None
    created_at: datetime


class MoneyDocuments:
    """The reads of one database; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def credit_note(self, credit_note_id: UUID) -> tuple[StoredCreditNote, list[CreditLine]] | None:
        """One credit note with what it takes of each line."""
        scalars = {"bucket": bucket_of(credit_note_id), "id": credit_note_id}
        with self._pool.connection() as connection:
            with connection.cursor(row_factory=class_row(StoredCreditNote)) as cursor:
                found = cursor.execute(_CREDIT_NOTE_BY_ID, scalars).fetchone()
            return None if found is None else (found, [_line(r) for r in connection.execute(_LINES, scalars)])

    def credit_notes(
        self, account_id: UUID, invoice_id: UUID | None, after: UUID | None, limit: int
    ) -> list[StoredCreditNote]:
        """A page of an account's credit notes, of one invoice or of all."""
        scalars = _page(account_id, invoice_id, after, limit)
        with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(StoredCreditNote)) as cursor,
        ):
            return cursor.execute(_CREDIT_NOTES, scalars).fetchall()

    def refund(self, refund_id: UUID) -> StoredRefund | None:
        """One refund."""
        scalars = {"bucket": bucket_of(refund_id), "id": refund_id}
        with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(StoredRefund)) as cursor,
        ):
            return cursor.execute(_REFUND_BY_ID, scalars).fetchone()

    def refunds(
        self, account_id: UUID, payment_id: UUID | None, after: UUID | None, limit: int
    ) -> list[StoredRefund]:
        """A page of an account's refunds, of one payment or of all."""
        scalars = _page(account_id, payment_id, after, limit)
        with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(StoredRefund)) as cursor,
        ):
            return cursor.execute(_REFUNDS, scalars).fetchall()

    def invoices_paid_by(self, payment_id: UUID) -> list[UUID]:
        """The invoices that a payment paid together with the other parts of its movement, in their order."""
        scalars = {"bucket": bucket_of(payment_id), "id": payment_id}
        with self._pool.connection() as connection:
            return [row[0] for row in connection.execute(_PAYMENTS_OF, scalars)]

    def invoice_paid_by(self, payment_id: UUID) -> UUID | None:
        """The invoice that a payment paid; None when there is none."""
        scalars = {"bucket": bucket_of(payment_id), "id": payment_id}
        with self._pool.connection() as connection:
            row = connection.execute(_PAYMENT_OF, scalars).fetchone()
        return None if row is None else row[0]


def _page(account_id: UUID, about: UUID | None, after: UUID | None, limit: int) -> dict[str, object]:
    return {
        "bucket": bucket_of(account_id),
        "account": account_id,
        "about": about,
        "after": after or _FIRST,
        "limit": limit,
    }


def _line(row: tuple[Any, ...]) -> CreditLine:
    position, kind, description, amount, tax, taxes, start, end = row
    return CreditLine(
        position=position,
        kind=LineKind(kind),
        description=description,
        amount=amount,
        tax=tax,
        taxes=() if taxes is None else codec.decode_taxes(taxes),
        period=None if start is None else Period(start=start, end=end),
    )

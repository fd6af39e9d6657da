"""Money documents: credit notes, refunds and payments, one at a time.

Owns what is read of a row, and the one statement behind each read. Every query names the bucket, which the row's id
carries. Writes nothing. Does not own pages (`document_pages`), how anything is presented (`web`), nor invoices
(`queries`).
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
from solvent.store.numbers import Numbered

CREDIT_NOTE_COLUMNS = """v.id, v.account_id, v.invoice_id, v.series, v.number, v.currency, v.amount, v.to_debt,
    v.to_refund, v.to_credit, v.reason, v.issued_by, v.issued_at,
    (select r.id from refund r where r.bucket = v.bucket and r.credit_note_id = v.id) as refund_id"""
_CREDIT_NOTE = (
    f"select {CREDIT_NOTE_COLUMNS} from credit_note v where v.bucket = %(bucket)s and v.id = %(id)s"
)
_CREDIT_NOTE_ID = """
select id from credit_note where bucket = %(bucket)s and series = %(series)s and number = %(number)s"""

_LINES = """
select position, kind, description::text, amount, tax, taxes::text, period_start, period_end, explanation::text
from credit_note_line
where bucket = %(bucket)s and credit_note_id = %(id)s order by position"""

REFUND_COLUMNS = """v.id, v.account_id, v.payment_id, v.credit_note_id, p.provider, v.currency, v.amount, v.reason,
    v.state, v.ref, v.created_at, v.returned_at, v.retry_of,
    (select t.id from refund t where t.bucket = v.bucket and t.retry_of = v.id) as retry_id"""
REFUND_PAYMENT = "join payment p on p.bucket = v.bucket and p.id = v.payment_id"
_REFUND = (
    f"select {REFUND_COLUMNS} from refund v {REFUND_PAYMENT} where v.bucket = %(bucket)s and v.id = %(id)s"
)

# What went back, or is on its way, counts from the end of the chain of refunds.
PAYMENT_COLUMNS = """v.id, v.account_id, v.invoice_id, v.attempt_id, v.provider, v.ref, v.part, v.currency, v.amount,
    coalesce((select max(r.refunded_after) from refund r
              where r.bucket = v.bucket and r.payment_id = v.id), 0) as refunded,
    v.disposition, v.reason, v.received_at"""
_PAYMENT = f"select {PAYMENT_COLUMNS} from payment v where v.bucket = %(bucket)s and v.id = %(id)s"

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
    returned_at: datetime | None
    retry_of: UUID | None
    retry_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPayment:
    """Money that came, minor units: what it was for, and what of it went back or is on its way."""

    id: UUID
    account_id: UUID
    invoice_id: UUID | None
    attempt_id: UUID | None
    provider: str
    ref: str
    part: int
    currency: str
    amount: int
    refunded: int
    disposition: str
    reason: str | None
    received_at: datetime


class MoneyDocuments:
    """The reads of one database; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def credit_note(self, credit_note_id: UUID) -> tuple[StoredCreditNote, list[CreditLine]] | None:
        """One credit note with what it takes of each line."""
        scalars = {"bucket": bucket_of(credit_note_id), "id": credit_note_id}
        with self._pool.connection() as connection:
            with connection.cursor(row_factory=class_row(StoredCreditNote)) as cursor:
                found = cursor.execute(_CREDIT_NOTE, scalars).fetchone()
            return None if found is None else (found, [_line(r) for r in connection.execute(_LINES, scalars)])

    def credit_note_named(self, where: Numbered) -> UUID | None:
        """The id of the credit note of a printed number."""
        with self._pool.connection() as connection:
            row = connection.execute(_CREDIT_NOTE_ID, where._asdict()).fetchone()
        return None if row is None else row[0]

    def refund(self, refund_id: UUID) -> StoredRefund | None:
        """One refund."""
        scalars = {"bucket": bucket_of(refund_id), "id": refund_id}
        with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(StoredRefund)) as cursor,
        ):
            return cursor.execute(_REFUND, scalars).fetchone()

    def payment(self, payment_id: UUID) -> StoredPayment | None:
        """One payment."""
        scalars = {"bucket": bucket_of(payment_id), "id": payment_id}
        with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(StoredPayment)) as cursor,
        ):
            return cursor.execute(_PAYMENT, scalars).fetchone()

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


def _line(row: tuple[Any, ...]) -> CreditLine:
    position, kind, description, amount, tax, taxes, start, end, explanation = row
    return CreditLine(
        position=position,
        kind=LineKind(kind),
        description=codec.decode_text(description),
        amount=amount,
        tax=tax,
        taxes=() if taxes is None else codec.decode_taxes(taxes),
        period=None if start is None else Period(start=start, end=end),
        explanation=None if explanation is None else codec.decode_text(explanation),
    )

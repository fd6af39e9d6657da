"""Figures: what the books say, read for people: the ledger and the story of one account, money by provider, KPIs.

Owns these reads. Does not own what any figure should be (`laws`), and writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from solvent.core.ids import bucket_of

Pool = ConnectionPool[Connection]

_LEDGER = """
select name, currency, sum(amount)::bigint from (
    select debit as name, currency, amount from posting where bucket = %(bucket)s and account_id = %(account)s
    union all
    select credit, currency, -amount from posting where bucket = %(bucket)s and account_id = %(account)s
) side group by name, currency having sum(amount) <> 0 order by name, currency"""

_EVENTS = """
select type, data, occurred_at from event
where bucket = %(bucket)s and account_id = %(account)s order by seq"""

_PAYMENTS = """
select p.provider, p.ref, p.attempt_id, p.account_id, p.amount, p.currency, p.disposition, p.reason
from payment p where p.bucket = any(%(buckets)s) order by p.received_at, p.id"""

_CASH = """
select substr(name, 6) as provider, currency, sum(amount)::bigint from (
    select debit as name, currency, amount from posting where bucket = any(%(buckets)s)
    union all select credit, currency, -amount from posting where bucket = any(%(buckets)s)
) side where starts_with(name, 'cash:') group by name, currency"""

_IN_FLIGHT = """
select id from attempt where bucket = any(%(buckets)s)
   and state in ('opening', 'requires_action', 'processing', 'unknown')"""

_ATTEMPTS = """
select state, cause, path, amount, currency, created_at from attempt
where bucket = %(bucket)s and account_id = %(account)s order by created_at, id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """A published event of one account."""

    type: str
    data: dict[str, object]
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A movement of money to us, as recorded."""

    provider: str
    ref: str
    attempt_id: UUID
    account_id: UUID
    amount: int
    currency: str
    disposition: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One attempt of an account, as the journal remembers it."""

    state: str
    cause: str | None
    path: str
    amount: int
    currency: str
    created_at: datetime


def ledger_of(pool: Pool, account_id: UUID) -> dict[tuple[str, str], int]:
    """Debits less credits by (ledger account, currency); they sum to zero per currency."""
    with pool.connection() as connection:
        rows = connection.execute(_LEDGER, _whose(account_id)).fetchall()
    return {(name, currency): amount for name, currency, amount in rows}


def events_of(pool: Pool, account_id: UUID) -> list[Happened]:
    """Every event of the account, in the order in which they are published."""
    with pool.connection() as connection, connection.cursor(row_factory=class_row(Happened)) as cursor:
        return cursor.execute(_EVENTS, _whose(account_id)).fetchall()


def attempts_of(pool: Pool, account_id: UUID) -> list[Try]:
    """Every attempt of the account, oldest first."""
    with pool.connection() as connection, connection.cursor(row_factory=class_row(Try)) as cursor:
        return cursor.execute(_ATTEMPTS, _whose(account_id)).fetchall()


def receipts(pool: Pool, buckets: Sequence[int]) -> list[Receipt]:
    """Every payment recorded in these buckets."""
    with pool.connection() as connection, connection.cursor(row_factory=class_row(Receipt)) as cursor:
        return cursor.execute(_PAYMENTS, {"buckets": list(buckets)}).fetchall()


def cash(pool: Pool, buckets: Sequence[int]) -> dict[tuple[str, str], int]:
    """What the ledger says that each provider holds for us, by (provider, currency)."""
    with pool.connection() as connection:
        rows = connection.execute(_CASH, {"buckets": list(buckets)}).fetchall()
    return {(provider, currency): amount for provider, currency, amount in rows}


def in_flight(pool: Pool, buckets: Sequence[int]) -> set[UUID]:
    """Attempts whose end is not known yet."""
    with pool.connection() as connection:
        return {row[0] for row in connection.execute(_IN_FLIGHT, {"buckets": list(buckets)})}


def _whose(account_id: UUID) -> dict[str, object]:
    return {"bucket": bucket_of(account_id), "account": account_id}

"""Figures: what the books say, read for people: the ledger and the story of one account, money by provider, KPIs.

Owns these reads. Does not own what any figure should be (`laws`), and writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
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
from payment p where p.bucket = any(%(buckets)s) and p.attempt_id is not null order by p.received_at, p.id"""

_CASH = """
select substr(name, 6) as provider, currency, sum(amount)::bigint from (
    select debit as name, currency, amount from posting where bucket = any(%(buckets)s)
    union all select credit, currency, -amount from posting where bucket = any(%(buckets)s)
    union all select 'cash:' || provider, currency, amount from provider_fee where bucket = any(%(buckets)s)
) side
where starts_with(name, 'cash:') and substr(name, 6) not in ('bank_transfer', 'cheque', 'other')
group by name, currency"""

_IN_FLIGHT = """
select id from attempt where bucket = any(%(buckets)s)
   and state in ('opening', 'requires_action', 'processing', 'unknown')"""

_ATTEMPTS = """
select state, cause, path, amount, currency, created_at from attempt
where bucket = %(bucket)s and account_id = %(account)s order by created_at, id"""

# A failed upgrade that became debt would be an open invoice of a change that nobody agreed to pay later.
_UPGRADE_DEBT = """
select count(*) from invoice i
join proof p on p.bucket = i.bucket and p.id = i.proof_id
join attempt a on a.bucket = p.bucket and a.id = p.attempt_id
where i.state = 'open' and a.path = 'change' and p.kind <> 'terms'"""

# Accounts with any drift that was seen and is not gone, and those of which the dunning store's opinion of the debt is
# not the invoices' own, whether or not anybody has looked yet; marked accounts are about to be looked at.
_DISAGREEING = """
select count(*) from (
    select bucket, account_id from drift where gone_at is null
    union
    select coalesce(o.bucket, h.bucket), coalesce(o.account_id, h.account_id) from (
        select bucket, account_id, jsonb_object_agg(currency, debt) as debt from (
            select bucket, account_id, currency, sum(debt)::bigint as debt from invoice
            where state in ('open', 'uncollectible')
            group by bucket, account_id, currency) open_debt
        group by bucket, account_id) o
    full join (select bucket, account_id, debt from health) h using (bucket, account_id)
    where coalesce(o.debt, '{}') <> coalesce(h.debt, '{}')
      and not exists (select from recompute_queue q where q.bucket = coalesce(o.bucket, h.bucket)
                      and q.account_id = coalesce(o.account_id, h.account_id))) wrong"""

# Covered: its path is known by the attempt that proved it, and what is still owed on it is in the assessment.
_COVERAGE = """
select count(*) filter (where a.path is not null and (i.state in ('paid', 'resolved') or h.debt ? i.currency)), count(*)
from invoice i
left join proof p on p.bucket = i.bucket and p.id = i.proof_id
left join attempt a on a.bucket = p.bucket and a.id = p.attempt_id
left join health h on h.bucket = i.bucket and h.account_id = i.account_id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Counts over the whole database that tell whether its stores agree. `invoices` of them `covered`."""

    upgrade_debts: int
    disagreeing: int
    covered: int
    invoices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """A published event of one account."""

    type: str
    data: dict[str, object]
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A provider's movement of money to us, as recorded."""

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
    """What the ledger says that each provider holds for us, by (provider, currency), before what it kept for itself of
    payments: that is booked later than they."""
    with pool.connection() as connection:
        rows = connection.execute(_CASH, {"buckets": list(buckets)}).fetchall()
    return {(provider, currency): amount for provider, currency, amount in rows}


def in_flight(pool: Pool, buckets: Sequence[int]) -> set[UUID]:
    """Attempts whose end is not known yet."""
    with pool.connection() as connection:
        return {row[0] for row in connection.execute(_IN_FLIGHT, {"buckets": list(buckets)})}


def health(pool: Pool) -> Health:
    """Count what must be nought, and the coverage of invoices."""
    with pool.connection() as connection:
        upgrade_debts, disagreeing = (_one(connection, q)[0] for q in (_UPGRADE_DEBT, _DISAGREEING))
        covered, invoices = _one(connection, _COVERAGE)
    return Health(upgrade_debts=upgrade_debts, disagreeing=disagreeing, covered=covered, invoices=invoices)


def _one(connection: Connection, query: LiteralString) -> tuple[int, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row


def _whose(account_id: UUID) -> dict[str, object]:
    return {"bucket": bucket_of(account_id), "account": account_id}

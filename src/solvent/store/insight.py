"""Insight: how payments fare and what is coming, over the whole database, for people who watch it.

Owns these sums. Each reads a stretch of time bucket by bucket through ids, which are ordered by the time at which they
were drawn, or what its queue has; a sum that takes too long gives up. Does not own the figures of the business (`kpi`),
the gauges, nor what is shown (`web.dashboard`).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import LiteralString

from psycopg import Connection
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from solvent.core.ids import BUCKETS, first_at

Pool = ConnectionPool[Connection]

READ_TIMEOUT_MS = 8_000
OWED_FOR = timedelta(days=180)  # of invoices that are older, nothing is told about what brought their money

# Attempts that were to move money, by how they ended; what was asked of a provider.
_ENDED: LiteralString = """
select (t.created_at at time zone 'UTC')::date as day, t.provider, t.path, t.off_session,
       coalesce(m.kind, '') as method, t.state, coalesce(t.cause, '') as cause, count(*) as attempts
from unnest(%(buckets)s::smallint[]) b cross join lateral (
    select bucket, created_at, provider, path, off_session, method_id, state, cause from attempt a
    where a.bucket = b and a.id >= %(first)s and a.amount > 0 and a.provider is not null) t
left join method m on m.bucket = t.bucket and m.id = t.method_id
group by 1, 2, 3, 4, 5, 6, 7"""

# What an invoice was last told of when its money came: the rung that brought it.
_RECOVERED: LiteralString = """
select coalesce(told.rung, '') as rung, v.state = 'uncollectible' as lost, v.currency, count(*) as invoices,
       sum(case when v.state = 'uncollectible' then v.debt else v.paid end)::bigint as amount
from unnest(%(buckets)s::smallint[]) b cross join lateral (
    select * from invoice i
    where i.bucket = b and i.id >= %(first)s and (i.paid_at >= %(since)s and i.paid_at > i.due_at and i.paid > 0
          or i.state = 'uncollectible' and i.given_up_at >= %(since)s)) v
left join lateral (
    select m.rung from message m
    where m.bucket = v.bucket and m.account_id = v.account_id and m.invoice_id = v.id and m.channel = 'email'
      and m.told_at > v.due_at and m.told_at <= coalesce(v.paid_at, v.given_up_at)
    order by m.told_at desc limit 1) told on true
group by 1, 2, 3 order by 1, 2, 3"""

_STANDING: LiteralString = (
    "select standing, count(*) as accounts from health group by standing order by standing"
)

# Accounts on a clock of their own do not renew in our time.
_COMING: LiteralString = """
select (s.due_at at time zone 'UTC')::date as day, s.currency, i.booked_price as price_id,
       i.booked_quantity as quantity, count(*) as items
from subscription s join item i on i.bucket = s.bucket and i.subscription_id = s.id and i.ended_at is null
where s.due_at < %(until)s and not exists (
    select from account a where a.bucket = s.bucket and a.id = s.account_id and a.test_now is not null)
group by 1, 2, 3, 4"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """So many attempts of a day (UTC) that stand alike; `method` and `cause` are empty where there is none."""

    day: date
    provider: str
    path: str
    off_session: bool
    method: str
    state: str
    cause: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """So many invoices beyond their due date that were paid after being told of that rung (empty: of none), or were
    given up after it; `amount` in minor units."""

    rung: str
    lost: bool
    currency: str
    invoices: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """So many accounts that stand so."""

    standing: str
    accounts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """So many items of a price and a quantity that are due on a day (UTC)."""

    day: date
    currency: str
    price_id: str
    quantity: int
    items: int


@contextmanager
def _reading(pool: Pool) -> Iterator[Connection]:
    with pool.connection() as connection, connection.transaction():
        connection.execute(f"set local statement_timeout = {READ_TIMEOUT_MS}")
        yield connection


def ended(pool: Pool, since: datetime) -> list[Ended]:
    """Attempts since then, in sums."""
    with _reading(pool) as connection, connection.cursor(row_factory=class_row(Ended)) as cursor:
        return cursor.execute(_ENDED, {"buckets": list(range(BUCKETS)), "first": first_at(since)}).fetchall()


def recovered(pool: Pool, since: datetime) -> list[Recovered]:
    """Money that came, or was given up, since then, of invoices that were beyond their due date."""
    scalars = {"buckets": list(range(BUCKETS)), "first": first_at(since - OWED_FOR), "since": since}
    with _reading(pool) as connection, connection.cursor(row_factory=class_row(Recovered)) as cursor:
        return cursor.execute(_RECOVERED, scalars).fetchall()


def standings(pool: Pool) -> list[Standings]:
    """How all accounts stand that were ever assessed."""
    with _reading(pool) as connection, connection.cursor(row_factory=class_row(Standings)) as cursor:
        return cursor.execute(_STANDING).fetchall()


def coming(pool: Pool, until: datetime) -> Sequence[Coming]:
    """What is due before then."""
    with _reading(pool) as connection, connection.cursor(row_factory=class_row(Coming)) as cursor:
        return cursor.execute(_COMING, {"until": until}).fetchall()

"""Closing: the trial balance and the ageing of receivables as of any instant.

Owns the reads behind both, each in one snapshot. Reports sum postings as they are; no balance is stored for them, and
no index exists for them alone. Does not own how a balance is made of them (`core.closing`), what is earned
(`deferrals`) nor the brackets (`core.ageing`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.ageing import Aged, Bracket, boundaries
from solvent.core.closing import Moved, TrialBalance, trial_balance
from solvent.core.ledger import DEFERRED_REVENUE, RECEIVABLE, UnknownLedgerAccount
from solvent.core.proration import Granularity
from solvent.store.deferrals import SCOPE, earned

Pool = ConnectionPool[Connection]

_FIRST = UUID(int=0)
_SNAPSHOT = "set transaction isolation level repeatable read, read only"
_TIMEOUT = "select set_config('statement_timeout', %s, true)"

# Reports read to the last row, and how much that is depends on the instant: plan each one for its own values.
_PLANNING = (
    "select set_config('cursor_tuple_fraction', '1', true), set_config('plan_cache_mode', 'auto', true)"
)

_MOVED = f"""
select a.entity, g.currency, g.debit, g.credit, sum(g.amount)
from posting g join account a on a.bucket = g.bucket and a.id = g.account_id
where g.booked_at < %(at)s and {SCOPE}
group by a.entity, g.currency, g.debit, g.credit"""

# The invoices that were open at the moment are few; what was receivable on each is what its postings say.
_OPEN = f"""
with debt as materialized (
    select a.entity, v.currency, v.account_id, width_bucket(v.due_at, %(boundaries)s::timestamptz[]) as bracket,
           (select sum(case when g.debit = %(receivable)s then g.amount else -g.amount end) from posting g
            where g.bucket = v.bucket and g.account_id = v.account_id and g.currency = v.currency
              and g.invoice_id = v.id and %(receivable)s in (g.debit, g.credit) and g.booked_at < %(at)s) as amount
    from invoice v join account a on a.bucket = v.bucket and a.id = v.account_id
    where v.issued_at < %(at)s and (v.paid_at is null or v.paid_at >= %(at)s)
      and (%(currency)s::text is null or v.currency = %(currency)s)
      and (%(account)s::uuid is null or v.account_id = %(account)s) and {SCOPE}
)"""

_SUMS = ", ".join(
    f"coalesce(sum(amount) filter (where bracket = {place}), 0)" for place in reversed(range(len(Bracket)))
)

_TOTALS = f"""{_OPEN}
select entity, currency, null::uuid, {_SUMS} from debt
group by entity, currency having sum(amount) <> 0 order by entity, currency"""

_ACCOUNTS = f"""{_OPEN}
select entity, currency, account_id, {_SUMS} from debt where account_id > %(after)s
group by entity, currency, account_id having sum(amount) <> 0 order by account_id, currency limit %(limit)s"""


_DEBT = "select currency, sum(debt) from invoice where state = 'open' group by currency having sum(debt) <> 0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose books: of one legal entity or all; accounts on a test clock belong to them only when asked for."""

    entity: str | None = None
    test_clocks: bool = False

    def scalars(self) -> dict[str, object]:
        """The parameters of `deferrals.SCOPE`."""
        return {"entity": self.entity, "test_clocks": self.test_clocks}


EVERYBODY = Scope(test_clocks=True)
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ageing:
    """Receivables at a moment: all, and a page of the accounts that owe them (an account has one currency)."""

    at: datetime
    totals: tuple[Aged, ...]
    accounts: tuple[Aged, ...]


@contextmanager
def snapshot(pool: Pool, timeout_s: int | None = None) -> Iterator[Connection]:
    """A connection that sees one moment and writes nothing; `timeout_s` bounds a statement other than as usual."""
    with pool.connection() as connection, connection.transaction():
        connection.execute(_SNAPSHOT)
        connection.execute(_PLANNING)
        if timeout_s is not None:
            connection.execute(_TIMEOUT, (f"{timeout_s}s",))
        yield connection


def balance_at(
    connection: Connection, at: datetime, granularity: Granularity, scope: Scope = Scope()
) -> TrialBalance:
    """The trial balance of everything before `at` (UTC)."""
    return trial_balance(
        at, _moved(connection, at, scope), earned(connection, at, granularity, scope.scalars())
    )


def ageing_at(
    connection: Connection,
    at: datetime,
    scope: Scope = Scope(),
    *,
    currency: str | None = None,
    account: UUID | None = None,
    after: UUID | None = None,
    limit: int | None = None,
) -> Ageing:
    """What was owed at `at` (UTC) by how long it was due: totals of all that is asked for, and `limit` accounts behind
    `after` (None: all of them)."""
    scalars: Mapping[str, object] = {
        **scope.scalars(),
        "at": at,
        "boundaries": boundaries(at),
        "receivable": RECEIVABLE,
        "currency": currency,
        "account": account,
        "after": after or _FIRST,
        "limit": limit,
    }
    return Ageing(
        at=at, totals=_aged(connection, _TOTALS, scalars), accounts=_aged(connection, _ACCOUNTS, scalars)
    )


def _moved(connection: Connection, at: datetime, scope: Scope) -> list[Moved]:
    rows = connection.execute(_MOVED, {**scope.scalars(), "at": at}, binary=True).fetchall()
    return [
        Moved(entity=entity, currency=currency, debit=debit, credit=credit, amount=int(amount))
        for entity, currency, debit, credit, amount in rows
    ]


def _aged(connection: Connection, query: str, scalars: Mapping[str, object]) -> tuple[Aged, ...]:
    return tuple(
        Aged(entity=entity, currency=currency, account_id=account_id, amounts=[int(n) for n in amounts])
        for entity, currency, account_id, *amounts in connection.execute(query, scalars, binary=True)
    )


def unbalanced(connection: Connection, now: datetime, granularity: Granularity) -> int:
    """The books (of a legal entity, in a currency) whose trial balance does not sum to zero, now or when every period
    is over, and those that then still hold deferred revenue; one more where a posting is not of the chart."""
    try:
        present, last = (balance_at(connection, at, granularity, EVERYBODY) for at in (now, END_OF_TIME))
    except UnknownLedgerAccount:
        return 1
    lopsided = {books for found in (present, last) for books, amount in found.sums().items() if amount}
    deferred = {(b.entity, b.currency) for b in last.balances if b.account == DEFERRED_REVENUE and b.amount}
    return len(lopsided | deferred)


def misaged(connection: Connection) -> int:
    """The currencies in which the ageing, the debt of the open invoices and the receivable of the ledger differ."""
    aged: Counter[str] = Counter()
    for total in ageing_at(connection, END_OF_TIME, EVERYBODY, limit=0).totals:
        aged[total.currency] += total.total
    receivable: Counter[str] = Counter()
    for moved in _moved(connection, END_OF_TIME, EVERYBODY):
        receivable[moved.currency] += moved.amount * (
            (moved.debit == RECEIVABLE) - (moved.credit == RECEIVABLE)
        )
    debt = {currency: int(amount) for currency, amount in connection.execute(_DEBT)}
    return sum(
        not aged[currency] == receivable[currency] == debt.get(currency, 0)
        for currency in {*aged, *receivable, *debt}
    )

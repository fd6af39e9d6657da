"""Bad debt: what entered it and what left it, posting by posting, with who, why and for which product.

Owns this read of the ledger and its pages. Does not own what is booked (`core.giving_up`, `core.reopening`,
`core.crediting`): an entry is a debit of the account `bad_debt`, an exit a credit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from solvent.core.ids import BUCKETS, bucket_of

Pool = ConnectionPool[Connection]

_BEFORE_ALL = (UUID(int=0), 0)

# The product is that of the invoice's largest line; who and why are of the event that told of the giving up.
_PAGE: LiteralString = """
select g.cause_id, g.position, g.account_id, a.entity, g.invoice_id, v.series, v.number, g.currency, g.amount,
       g.debit = 'bad_debt' as entered, case g.debit when 'bad_debt' then g.credit else g.debit end as against,
       g.booked_at, told.by, told.reason,
       (select coalesce(l.product_id, c.product_id) from invoice_line l left join price c on c.id = l.price_id
        where l.bucket = g.bucket and l.invoice_id = g.invoice_id order by l.amount desc, l.position limit 1) as product
from (
    select p.* from unnest(%(buckets)s::smallint[]) as b (bucket) cross join lateral (
        select * from posting p
        where p.bucket = b.bucket and (p.debit = 'bad_debt' or p.credit = 'bad_debt')
          and (p.cause_id, p.position) > (%(cause)s, %(position)s)
          and (%(account)s::uuid is null or p.account_id = %(account)s)
          and (%(since)s::timestamptz is null or p.booked_at >= %(since)s)
          and (%(until)s::timestamptz is null or p.booked_at < %(until)s)
        order by p.cause_id, p.position limit %(limit)s
    ) p order by p.cause_id, p.position limit %(limit)s
) g
join account a on a.bucket = g.bucket and a.id = g.account_id
join invoice v on v.bucket = g.bucket and v.id = g.invoice_id
left join lateral (
    select e.data ->> 'by' as by, e.data ->> 'reason' as reason from event e
    where e.bucket = g.bucket and e.account_id = g.account_id and e.type = 'invoice.uncollectible'
      and e.data ->> 'invoice_id' = g.invoice_id::text and e.occurred_at <= g.booked_at
    order by e.seq desc limit 1) told on true
order by g.cause_id, g.position"""

# Ids of causes are ordered by time.
_LATEST: LiteralString = _PAGE.replace(
    "order by p.cause_id, p.position", "order by p.cause_id desc, p.position desc"
).replace("order by g.cause_id, g.position", "order by g.cause_id desc, g.position desc")


@dataclass(frozen=True, slots=True, kw_only=True)
class BadDebt:
    """One movement: `amount` in minor units `entered` bad debt, or left it, `against` another ledger account; `by` and
    `reason` say who gave the invoice up and why."""

    cause_id: UUID
    position: int
    account_id: UUID
    entity: str
    invoice_id: UUID
    series: str
    number: int
    currency: str
    amount: int
    entered: bool
    against: str
    booked_at: datetime
    by: str | None
    reason: str | None
    product: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which movements; None leaves the field open. From `since` to before `until`."""

    account: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def latest(pool: Pool, since: datetime, limit: int) -> list[BadDebt]:
    """The last movements of all accounts since then, the latest first."""
    scalars = {
        "buckets": list(range(BUCKETS)),
        "cause": _BEFORE_ALL[0],
        "position": _BEFORE_ALL[1],
        "account": None,
        "since": since,
        "until": None,
        "limit": limit,
    }
    with pool.connection() as connection, connection.cursor(row_factory=class_row(BadDebt)) as cursor:
        return cursor.execute(_LATEST, scalars).fetchall()


def page(pool: Pool, wanted: Wanted, after: tuple[UUID, int] | None, limit: int) -> list[BadDebt]:
    """Up to `limit` movements behind the one whose transaction and position are `after`, in the order of booking."""
    cause, position = after or _BEFORE_ALL
    buckets: Sequence[int] = range(BUCKETS) if wanted.account is None else [bucket_of(wanted.account)]
    given = {
        "buckets": list(buckets),
        "account": wanted.account,
        "since": wanted.since,
        "until": wanted.until,
        "cause": cause,
        "position": position,
        "limit": limit,
    }
    with pool.connection() as connection, connection.cursor(row_factory=class_row(BadDebt)) as cursor:
        return cursor.execute(_PAGE, given).fetchall()

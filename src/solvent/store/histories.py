"""Histories: the recorded debts of accounts, as policies are tried on them.

Owns one statement for each bucket, read through a cursor of the server, so that memory is bounded by a page however
many accounts there are. Does not own what is made of them (`core.replay`).
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import groupby
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.account import Segment
from solvent.core.history import History, PastInvoice, PastTry, Window
from solvent.core.ids import BUCKETS
from solvent.core.payment import FailureCause

PAGE_MAX = 1_000  # invoices
STATEMENT_TIMEOUT_S = 600

# Invoices that were still owed after they fell due, and in the window. What giving up credited was invoiced all the
# same. The tries are those without the customer: the one whose grace issued the invoice, and those to settle it.
_READ = """
select i.account_id, a.segment, a.time_zone, json_build_object(
    'id', i.id, 'subscription_id', i.subscription_id, 'issued_at', i.issued_at, 'due_at', i.due_at,
    'amount', i.total - coalesce((select sum(n.amount) from credit_note n where n.bucket = i.bucket
                                    and n.invoice_id = i.id and n.key not like 'give-up:%%'
                                    and n.key not like 'forgive:%%'), 0),
    'currency', i.currency,
    'product', (select c.product_id from invoice_line l join price c on c.id = l.price_id
        where l.bucket = i.bucket and l.invoice_id = i.id order by l.amount desc, l.position limit 1),
    'beyond', (select coalesce(json_agg(distinct c.product_id), '[]')
        from invoice_line l join price c on c.id = l.price_id
        where l.bucket = i.bucket and l.invoice_id = i.id and l.kind = 'usage' and c.threshold is not null
          and l.period_end > i.issued_at),
    'settled_at', i.paid_at, 'paid', i.paid_at is not null and i.paid > 0,
    'tries', (select coalesce(json_agg(json_build_object('at', t.at, 'cause', t.cause, 'provider', t.provider,
                                                         'begun_at', t.created_at)
                                       order by t.at), '[]')
        from (select t.finished_at as at, coalesce(t.cause, 'declined') as cause, t.provider, t.created_at
              from attempt t where t.bucket = i.bucket and t.account_id = i.account_id and i.id = any(t.settles)
                and t.off_session and t.state in ('failed', 'returned')
              union all
              select t.finished_at, coalesce(t.cause, 'declined'), t.provider, t.created_at
              from proof p join attempt t on t.bucket = p.bucket and t.id = p.attempt_id
              where p.bucket = i.bucket and p.id = i.proof_id and p.kind = 'grace'
                and t.cause is distinct from 'charge_held') t
        where t.at is not null))::text
from invoice i join account a on a.bucket = i.bucket and a.id = i.account_id
where i.bucket = %(bucket)s and i.due_at < %(until)s and a.segment = any(%(segments)s)
  and (i.paid_at is null or (i.paid_at > i.due_at and i.paid_at >= %(since)s))
order by i.account_id, i.due_at, i.id"""


class _Try(msgspec.Struct):
    at: datetime
    cause: FailureCause
    provider: str | None
    begun_at: datetime


class _Invoice(msgspec.Struct):
    id: UUID
    subscription_id: UUID | None
    issued_at: datetime
    due_at: datetime
    amount: int
    currency: str
    product: str | None
    beyond: tuple[str, ...]
    settled_at: datetime | None
    paid: bool
    tries: tuple[_Try, ...]

    def value(self) -> PastInvoice:
        """The invoice as history has it."""
        tries = tuple(
            PastTry(at=t.at, cause=t.cause, provider=t.provider, begun_at=t.begun_at) for t in self.tries
        )
        plain = {name: getattr(self, name) for name in self.__struct_fields__ if name != "tries"}
        return PastInvoice(**plain, tries=tries)


_invoice = msgspec.json.Decoder(_Invoice)


class StoredHistories:
    """`ports.history.Histories` of one database."""

    def __init__(self, pool: ConnectionPool[Connection], page_max: int = PAGE_MAX) -> None:
        self._pool = pool
        self._page_max = page_max

    def read(self, segments: Collection[Segment], window: Window) -> Iterator[History]:
        """Every account of these segments with an invoice that was owed beyond its due date in the window, bucket by
        bucket."""
        scalars = {
            "segments": [str(segment) for segment in segments],
            "since": window.since,
            "until": window.until,
        }
        for bucket in range(BUCKETS):
            yield from self._of_bucket({**scalars, "bucket": bucket})

    def _of_bucket(self, scalars: dict[str, object]) -> Iterator[History]:
        with self._pool.connection() as connection, connection.transaction():
            connection.execute("set transaction read only")
            connection.execute(f"set local statement_timeout = '{STATEMENT_TIMEOUT_S}s'")
            with connection.cursor(name="histories") as cursor:
                cursor.itersize = self._page_max
                cursor.execute(_READ, scalars)
                for (account_id, segment, zone), rows in groupby(cursor, lambda row: row[:3]):
                    yield History(
                        account_id=account_id,
                        segment=Segment(segment),
                        time_zone=zone,
                        invoices=tuple(_invoice.decode(row[3]).value() for row in rows),
                    )

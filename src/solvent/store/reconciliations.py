"""Reconciliations: what our side has of what a provider names, and the reports of comparisons.

Owns those reads, over all buckets (each name comes with an id that says its own), and the rows of reports. Does not own
the comparison (`core.reconciliation`).
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.difference import Reconciliation
from solvent.core.ids import bucket_of
from solvent.core.payment import AttemptState
from solvent.core.reconciliation import OurAttempt, OurPayment, OurRefund, Ours
from solvent.ports.reconciliation import Named
from solvent.store import codec, shapes
from solvent.store.rows import Column

_TOLD = "unnest(%(buckets)b, %(ids)b) told(bucket, id)"
_NAMED = "unnest(%(buckets)b, %(names)b) told(bucket, name)"

_ATTEMPTS = f"""
select a.id, a.state, a.ref, exists (
    select from payment p where p.bucket = a.bucket and p.provider = a.provider and p.ref = a.ref),
    a.created_at >= %(until)s
from {_TOLD} join attempt a on a.bucket = told.bucket and a.id = told.id where a.provider = %(provider)s"""

_PAYMENTS = f"""
select p.attempt_id, p.ref, sum(p.amount)::bigint, p.currency
from {_NAMED} join payment p on p.bucket = told.bucket and p.provider = %(provider)s and p.ref = told.name
where p.attempt_id is not null group by p.attempt_id, p.ref, p.currency"""

_RECENT = """
select p.attempt_id, p.ref, sum(p.amount)::bigint, p.currency
from payment p join account a on a.bucket = p.bucket and a.id = p.account_id
where p.provider = %(provider)s and p.attempt_id is not null and a.test_now is null
  and p.received_at >= %(since)s and p.received_at < %(until)s
group by p.attempt_id, p.ref, p.currency order by min(p.received_at), p.ref"""

_REFUND = "select r.id, r.ref, p.ref, r.amount, r.currency, r.state"
_REFUNDS = f"""{_REFUND}
from {_TOLD} join refund r on r.bucket = told.bucket and r.id = told.id
join payment p on p.bucket = r.bucket and p.id = r.payment_id where p.provider = %(provider)s"""

_GIVEN = f"""{_REFUND}
from refund r join payment p on p.bucket = r.bucket and p.id = r.payment_id
join account a on a.bucket = r.bucket and a.id = r.account_id
where p.provider = %(provider)s and a.test_now is null and r.state = 'succeeded'
  and r.created_at >= %(since)s and r.created_at < %(until)s order by r.created_at, r.id"""

_DISPUTES = f"""
select {shapes.DISPUTE}::text
from {_NAMED} join dispute d on d.bucket = told.bucket and d.provider = %(provider)s and d.ref = told.name"""

_FEES = f"""
select f.movement, f.amount, f.currency
from {_NAMED} join provider_fee f on f.bucket = told.bucket and f.provider = %(provider)s and f.movement = told.name"""

_KEEP = """
insert into reconciliation (id, provider, since, until, made_at, differences, repaired, body)
values (%s, %s, %s, %s, %s, %s, %s, %s::json)"""

_ONE = "select body::text from reconciliation where id = %s"
_PAGE = """
select body::text from reconciliation
where (%(after)s::uuid is null or id < %(after)s) and (%(provider)s::text is null or provider = %(provider)s)
order by id desc limit %(limit)s"""

_report = msgspec.json.Decoder(Reconciliation)


class ReconciliationRoom:
    """`ports.reconciliation.Reconciliations` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ours(self, provider: str, named: Named, since: datetime, until: datetime) -> Ours:
        """As the port says."""
        time = {"provider": provider, "since": since, "until": until}
        payments = [_payment(row) for row in self._named(_PAYMENTS, provider, named.payments)]
        refunds = [_refund(row) for row in self._told(_REFUNDS, provider, named.refunds, until)]
        disputes = [shapes.dispute_of(row[0]) for row in self._named(_DISPUTES, provider, named.disputes)]
        return Ours(
            attempts={
                row[0]: OurAttempt(state=AttemptState(row[1]), ref=row[2], paid=row[3], young=row[4])
                for row in self._told(_ATTEMPTS, provider, named.attempts, until)
            },
            payments={payment.ref: payment for payment in payments},
            refunds={refund.key: refund for refund in refunds},
            disputes={dispute.ref: dispute for dispute in disputes},
            fees={row[0]: (row[1], row[2]) for row in self._named(_FEES, provider, named.movements)},
            recent=[_payment(row) for row in self._connection.execute(_RECENT, time).fetchall()],
            given=[_refund(row) for row in self._connection.execute(_GIVEN, time).fetchall()],
        )

    def keep(self, report: Reconciliation) -> None:
        """As the port says."""
        counts = len(report.differences), len(report.differences) - len(report.open)
        row = (report.id, report.provider, report.since, report.until, report.made_at, *counts)
        self._connection.execute(_KEEP, (*row, codec.encode(report).decode()))

    def _told(
        self, query: str, provider: str, ids: Collection[UUID], until: datetime
    ) -> Iterable[tuple[Any, ...]]:
        scalars = {
            "provider": provider,
            "until": until,
            "buckets": Column("smallint", [bucket_of(one) for one in ids]),
            "ids": Column("uuid", list(ids)),
        }
        return self._connection.execute(query, scalars).fetchall()

    def _named(
        self, query: str, provider: str, names: Collection[tuple[UUID, str]]
    ) -> Iterable[tuple[Any, ...]]:
        scalars = {
            "provider": provider,
            "buckets": Column("smallint", [bucket_of(key) for key, _ in names]),
            "names": Column("text", [name for _, name in names]),
        }
        return self._connection.execute(query, scalars).fetchall()


class ReconciliationReads:
    """The reports of one database; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def one(self, identifier: UUID) -> Reconciliation | None:
        """One report."""
        with self._pool.connection() as connection:
            row = connection.execute(_ONE, (identifier,)).fetchone()
        return None if row is None else _report.decode(row[0])

    def page(self, provider: str | None, after: UUID | None, limit: int) -> list[Reconciliation]:
        """A page of them, the latest first."""
        scalars = {"provider": provider, "after": after, "limit": limit}
        with self._pool.connection() as connection:
            return [_report.decode(row[0]) for row in connection.execute(_PAGE, scalars).fetchall()]


def _payment(row: tuple[Any, ...]) -> OurPayment:
    return OurPayment(key=row[0], ref=row[1], amount=row[2], currency=row[3])


def _refund(row: tuple[Any, ...]) -> OurRefund:
    return OurRefund(key=row[0], ref=row[1], payment_ref=row[2], amount=row[3], currency=row[4], state=row[5])

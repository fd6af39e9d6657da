"""Exports: journal, invoices, payments and disputes of a stretch of time, row after row.

Owns the reads; each streams from one cursor on the server, in an order that does not change. The journal holds every
posting, and for every line in advance what it earned in each calendar month, so that its rows from one instant to
another sum to the difference of the two trial balances. Does not own files and their formats (`exporting`).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection

from solvent.core.invoice import spell_number
from solvent.core.period import Period
from solvent.core.proration import Granularity
from solvent.core.recognition import Deferral, earnings
from solvent.store.closing import Scope
from solvent.store.deferrals import AFTER, LINES, SCOPE, rows, spread

POSTING, RECOGNITION = "posting", "recognition"

_POSTINGS = f"""
select g.booked_at, g.cause_id, g.position, a.entity, g.account_id, g.debit, g.credit, g.currency, g.amount,
       g.invoice_id
from posting g join account a on a.bucket = g.bucket and a.id = g.account_id
where g.booked_at >= %(start)s and g.booked_at < %(end)s and {SCOPE}
order by g.booked_at, g.cause_id, g.position"""

_EARNING = f"""
select d.cause_id, d.position, a.entity, d.account_id, a.time_zone, d.currency, d.amount, d.invoice_id,
       d.period_start, d.period_end, d.booked_at, {AFTER}
from {LINES} d join account a on a.bucket = d.bucket and a.id = d.account_id
where d.booked_at < %(end)s and d.period_start < %(end)s
  and (d.period_end > %(start)s or d.booked_at >= %(start)s) and {SCOPE}
order by d.booked_at, d.cause_id, d.position"""

_INVOICES = f"""
select v.id, v.series, v.number, a.entity, v.account_id, v.subscription_id, v.state, v.currency,
       v.total - v.tax, v.tax, v.total, v.paid, v.credited, v.debt, v.issued_at, v.due_at, v.paid_at
from invoice v join account a on a.bucket = v.bucket and a.id = v.account_id
where v.issued_at >= %(start)s and v.issued_at < %(end)s and {SCOPE}
order by v.series, v.number"""

_PAYMENTS = f"""
select p.id, p.provider, p.ref, p.part, a.entity, p.account_id, p.attempt_id, p.invoice_id, p.disposition, p.reason,
       p.currency, p.amount, p.received_at
from payment p join account a on a.bucket = p.bucket and a.id = p.account_id
where p.received_at >= %(start)s and p.received_at < %(end)s and {SCOPE}
order by p.received_at, p.id"""


_DISPUTES = f"""
select d.id, d.provider, d.ref, a.entity, d.account_id, d.payment_id, p.invoice_id, d.state, d.reason, d.currency,
       d.amount, d.to_debt, d.from_credit, d.written_off, d.fee, d.fee_currency, d.opened_at, d.recorded_at,
       d.decided_at
from dispute d join account a on a.bucket = d.bucket and a.id = d.account_id
join payment p on p.bucket = d.bucket and p.id = d.payment_id
where d.recorded_at >= %(start)s and d.recorded_at < %(end)s and {SCOPE}
order by d.recorded_at, d.id"""


class JournalRow(NamedTuple):
    """`amount` minor units from `credit` to `debit`. Postings of one `cause_id` are one transaction. `source` is
    posting, or recognition: then it is what the line at `position` earned in `period`, dated at its last second."""

    source: str
    booked_at: datetime
    cause_id: UUID
    position: int
    entity: str
    account_id: UUID
    debit: str
    credit: str
    currency: str
    amount: int
    invoice_id: UUID | None
    period_start: datetime | None = None
    period_end: datetime | None = None


class InvoiceRow(NamedTuple):
    """An invoice as it now stands, in minor units."""

    id: UUID
    number: str
    entity: str
    account_id: UUID
    subscription_id: UUID | None
    state: str
    currency: str
    net: int
    tax: int
    total: int
    paid: int
    credited: int
    debt: int
    issued_at: datetime
    due_at: datetime
    paid_at: datetime | None


class PaymentRow(NamedTuple):
    """Money that came to us, in minor units, and what became of it."""

    id: UUID
    provider: str
    ref: str
    part: int
    entity: str
    account_id: UUID
    attempt_id: UUID | None
    invoice_id: UUID | None
    disposition: str
    reason: str | None
    currency: str
    amount: int
    received_at: datetime


class DisputeRow(NamedTuple):
    """A dispute as it now stands, in minor units, and what it took where it was lost."""

    id: UUID
    provider: str
    ref: str
    entity: str
    account_id: UUID
    payment_id: UUID
    invoice_id: UUID | None
    state: str
    reason: str
    currency: str
    amount: int
    to_debt: int
    from_credit: int
    written_off: int
    fee_minor: int
    fee_currency: str
    opened_at: datetime
    recorded_at: datetime
    decided_at: datetime | None


def journal(
    connection: Connection, start: datetime, end: datetime, granularity: Granularity, scope: Scope
) -> Iterator[JournalRow]:
    """What the books show from `start` to before `end`: postings in their order, then what was earned, by line."""
    scalars = {**scope.scalars(), "start": start, "end": end}
    for row in rows(connection, _POSTINGS, scalars):
        yield JournalRow(POSTING, *row)
    for row in rows(connection, _EARNING, scalars):
        (
            cause_id,
            position,
            entity,
            account_id,
            zone,
            currency,
            amount,
            invoice_id,
            since,
            until,
            booked_at,
            after,
        ) = row
        line = Deferral(
            amount=amount,
            period=Period(start=since, end=until),
            booked_at=booked_at,
            time_zone=zone,
            after=spread(after),
        )
        for earning in earnings(line, start, end, granularity):
            for posting in earning.postings():
                yield JournalRow(
                    source=RECOGNITION,
                    booked_at=earning.dated,
                    cause_id=cause_id,
                    position=position,
                    entity=entity,
                    account_id=account_id,
                    debit=posting.debit,
                    credit=posting.credit,
                    currency=currency,
                    amount=posting.amount,
                    invoice_id=invoice_id,
                    period_start=earning.start,
                    period_end=earning.end,
                )


def invoices(connection: Connection, start: datetime, end: datetime, scope: Scope) -> Iterator[InvoiceRow]:
    """Invoices issued from `start` to before `end`, in the order of their numbers."""
    scalars = {**scope.scalars(), "start": start, "end": end}
    for identifier, series, number, *rest in rows(connection, _INVOICES, scalars):
        yield InvoiceRow(identifier, spell_number(series, number), *rest)


def payments(connection: Connection, start: datetime, end: datetime, scope: Scope) -> Iterator[PaymentRow]:
    """Payments received from `start` to before `end`, in the order in which they came."""
    scalars = {**scope.scalars(), "start": start, "end": end}
    for row in rows(connection, _PAYMENTS, scalars):
        yield PaymentRow(*row)


def disputes(connection: Connection, start: datetime, end: datetime, scope: Scope) -> Iterator[DisputeRow]:
    """Disputes recorded from `start` to before `end`, in that order."""
    scalars = {**scope.scalars(), "start": start, "end": end}
    for row in rows(connection, _DISPUTES, scalars):
        yield DisputeRow(*row)

"""Document exports: lines of invoices, credit notes and refunds of a stretch of time, row after row.

Owns the reads; each streams from one cursor on the server, in an order that does not change. Does not own files and
their formats (`exporting`), nor the other exports (`exports`, `credit_exports`).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection

from solvent.core.invoice import spell_number
from solvent.core.percent import percent
from solvent.core.tax import TaxShare, Treatment
from solvent.store import codec
from solvent.store.closing import Scope
from solvent.store.deferrals import SCOPE, rows

_LINES = f"""
select v.series, v.number, l.invoice_id, l.position, a.entity, v.account_id, l.kind, l.description::text, l.quantity,
       coalesce(l.product_id, p.product_id), l.price_id, l.object, l.coupon_id, v.currency,
       case when l.inclusive then l.amount - l.tax else l.amount end, l.tax,
       case when l.inclusive then l.amount else l.amount + l.tax end, l.taxes::text, l.period_start, l.period_end,
       v.issued_at
from invoice v join account a on a.bucket = v.bucket and a.id = v.account_id
join invoice_line l on l.bucket = v.bucket and l.invoice_id = v.id
left join price p on p.id = l.price_id
where v.issued_at >= %(start)s and v.issued_at < %(end)s and {SCOPE}
order by v.series, v.number, l.position"""

_CREDIT_NOTES = f"""
select n.series, n.number, n.id, v.series, v.number, n.invoice_id, a.entity, n.account_id, n.currency,
       n.amount - t.tax, t.tax, n.amount, n.to_debt, n.to_refund, n.to_credit, r.id, n.reason, n.issued_by, n.issued_at
from credit_note n join account a on a.bucket = n.bucket and a.id = n.account_id
join invoice v on v.bucket = n.bucket and v.id = n.invoice_id
cross join lateral (select coalesce(sum(l.tax), 0)::bigint as tax from credit_note_line l
    where l.bucket = n.bucket and l.credit_note_id = n.id) t
left join refund r on r.bucket = n.bucket and r.credit_note_id = n.id
where n.issued_at >= %(start)s and n.issued_at < %(end)s and {SCOPE}
order by n.series, n.number"""

_REFUNDS = f"""
select f.id, p.provider, f.ref, a.entity, f.account_id, f.payment_id, p.invoice_id, f.credit_note_id, f.state, f.reason,
       f.currency, f.amount, f.retry_of, f.created_at, f.returned_at
from refund f join account a on a.bucket = f.bucket and a.id = f.account_id
join payment p on p.bucket = f.bucket and p.id = f.payment_id
where f.created_at >= %(start)s and f.created_at < %(end)s and {SCOPE}
order by f.created_at, f.id"""


class LineRow(NamedTuple):
    """A line of an invoice, in minor units: `net` and `tax` make `gross`; `taxes` names each of them. What it is
    for is said in English."""

    number: str
    invoice_id: UUID
    position: int
    entity: str
    account_id: UUID
    kind: str
    description: str
    quantity: int
    product_id: str | None
    price_id: str | None
    object: str | None
    coupon_id: str | None
    currency: str
    net: int
    tax: int
    gross: int
    taxes: str
    period_start: datetime | None
    period_end: datetime | None
    issued_at: datetime


class CreditNoteRow(NamedTuple):
    """A credit note, in minor units: `net` and `tax` make `amount`, of which so much lowered the debt, goes back, or is
    account credit."""

    number: str
    id: UUID
    invoice_number: str
    invoice_id: UUID
    entity: str
    account_id: UUID
    currency: str
    net: int
    tax: int
    amount: int
    to_debt: int
    to_refund: int
    to_credit: int
    refund_id: UUID | None
    reason: str
    issued_by: str
    issued_at: datetime


class RefundRow(NamedTuple):
    """Money that goes back, as it now stands, in minor units."""

    id: UUID
    provider: str
    ref: str | None
    entity: str
    account_id: UUID
    payment_id: UUID
    invoice_id: UUID | None
    credit_note_id: UUID | None
    state: str
    reason: str
    currency: str
    amount: int
    retry_of: UUID | None
    created_at: datetime
    returned_at: datetime | None


def lines(connection: Connection, start: datetime, end: datetime, scope: Scope) -> Iterator[LineRow]:
    """Lines of invoices issued from `start` to before `end`, in the order of their numbers."""
    scalars = {**scope.scalars(), "start": start, "end": end}
    for series, number, *rest in rows(connection, _LINES, scalars):
        row = LineRow(spell_number(series, number), *rest)
        taxes = "; ".join(map(_named, codec.decode_taxes(row.taxes or "[]")))
        yield row._replace(description=str(codec.decode_text(row.description)), taxes=taxes)


def credit_notes(
    connection: Connection, start: datetime, end: datetime, scope: Scope
) -> Iterator[CreditNoteRow]:
    """Credit notes issued from `start` to before `end`, in the order of their numbers."""
    scalars = {**scope.scalars(), "start": start, "end": end}
    for series, number, note, of_series, of_number, *rest in rows(connection, _CREDIT_NOTES, scalars):
        yield CreditNoteRow(spell_number(series, number), note, spell_number(of_series, of_number), *rest)


def refunds(connection: Connection, start: datetime, end: datetime, scope: Scope) -> Iterator[RefundRow]:
    """Refunds recorded from `start` to before `end`, in that order."""
    scalars = {**scope.scalars(), "start": start, "end": end}
    for row in rows(connection, _REFUNDS, scalars):
        yield RefundRow(*row)


def _named(share: TaxShare) -> str:
    """``VAT 19 % DE``, or why there is none: ``reverse_charge FR``."""
    if share.treatment is Treatment.TAXED:
        return f"{share.name} {percent(share.ppm)} {share.jurisdiction}"
    return f"{share.treatment} {share.jurisdiction}"

"""Charged: issued invoices with their lines and what credit notes took of each.

Owns this read, for planning and for whoever holds an invoice: by the time or by the usage that was charged. Does not
own how much of a line is unused (`core.charged`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection

from solvent.core.charged import Charged, Given
from solvent.core.ids import bucket_of
from solvent.core.invoice import Invoice, Line, LineKind
from solvent.core.period import Period
from solvent.core.subscription import Subscription
from solvent.core.usage import UsagePeriod
from solvent.store import codec, shapes

LOOKS_MAX = 100  # exchanges one after the other, each of the time that the one before had charged
_CLOCKS = timedelta(days=1)  # more than clocks differ: an invoice is issued when what it charges begins

_FOUND = f"""
select json_build_object({shapes.INVOICE})::text from invoice v
where v.bucket = %(bucket)s and v.account_id = %(account)s and v.issued_at >= %(since)s and exists (
    select from invoice_line l where l.bucket = v.bucket and l.invoice_id = v.id and l.item_id = any(%(items)s)
      and l.period_start is not null and l.kind <> 'usage')
order by v.issued_at, v.id"""

_BILLED = f"""
select v.account_id, json_build_object({shapes.INVOICE})::text from invoice v
where v.bucket = %(bucket)s and v.account_id = any(%(accounts)s) and v.issued_at >= %(since)s and exists (
    select from invoice_line l where l.bucket = v.bucket and l.invoice_id = v.id and l.kind = 'usage'
      and l.item_id = any(%(items)s) and l.period_start = any(%(starts)s))
order by v.issued_at, v.id"""

_EVERY_ITEM = shapes.SUBSCRIPTION.replace("and i.ended_at is null", "")
_BASES = f"""
select {_EVERY_ITEM}::text from subscription s
where s.bucket = %(bucket)s and s.id in (
    select i.subscription_id from invoice_line l join item i on i.bucket = l.bucket and i.id = l.item_id
    where l.bucket = %(bucket)s and l.invoice_id = %(invoice)s)
order by s.id"""

LINES = """
select invoice_id, kind, description::text, amount, explanation::text, quantity, price_id, item_id, object,
       period_start, period_end, inclusive, tax, taxes::text, tax_point, coupon_id, product_id, invoice_item_id
from invoice_line where bucket = %(bucket)s and invoice_id = any(%(invoices)s) order by invoice_id, position"""

_TAKEN = """
select n.invoice_id, n.position, n.amount, n.period_start, n.period_end, c.counted is not null
from credit_note_line n
join credit_note c on c.bucket = n.bucket and c.id = n.credit_note_id
where n.bucket = %(bucket)s and n.invoice_id = any(%(invoices)s)"""


def charged_by(connection: Connection, bucket: int, invoices: Sequence[Invoice]) -> tuple[Charged, ...]:
    """These invoices of one bucket, in their order."""
    if not invoices:
        return ()
    scalars = {"bucket": bucket, "invoices": [invoice.id for invoice in invoices]}
    lines: dict[UUID, list[Line]] = {invoice.id: [] for invoice in invoices}
    for invoice_id, *row in connection.execute(LINES, scalars).fetchall():
        lines[invoice_id].append(line_of(row))
    credited: dict[UUID, dict[int, int]] = {invoice.id: {} for invoice in invoices}
    ahead: dict[UUID, dict[int, list[Given]]] = {invoice.id: {} for invoice in invoices}
    for invoice_id, position, amount, start, end, unused in connection.execute(_TAKEN, scalars).fetchall():
        credited[invoice_id][position] = credited[invoice_id].get(position, 0) + amount
        if start is not None:
            given = Given(amount=amount, period=Period(start=start, end=end), unused=unused)
            ahead[invoice_id].setdefault(position, []).append(given)
    return tuple(
        Charged(invoice=v, lines=tuple(lines[v.id]), credited=credited[v.id], ahead=ahead[v.id])
        for v in invoices
    )


def charged_for(
    connection: Connection,
    account_id: UUID,
    subscriptions: Collection[Subscription],
    issued_at: datetime | None = None,
) -> tuple[Charged, ...]:
    """The invoices that charged the present periods of an account's subscriptions (with one that was `issued_at` an
    earlier moment, and all after it), and those whose unused time was exchanged for them, however often."""
    if not subscriptions:
        return ()
    scalars = {
        "bucket": bucket_of(account_id),
        "account": account_id,
        "items": [item.id for subscription in subscriptions for item in subscription.items],
    }
    starts = (s.period.start for s in subscriptions)
    since = min(starts if issued_at is None else (issued_at, *starts)) - _CLOCKS
    found: tuple[Charged, ...] = ()
    for _ in range(LOOKS_MAX):
        rows = connection.execute(_FOUND, {**scalars, "since": since}).fetchall()
        found = charged_by(connection, bucket_of(account_id), [shapes.invoice_of(row[0]) for row in rows])
        earlier = _exchanged(found, since)
        if earlier == since:
            break
        since = earlier
    return found


def billed_for(
    connection: Connection, bucket: int, periods: Sequence[UsagePeriod]
) -> Mapping[UUID, tuple[Charged, ...]]:
    """By account, the invoices that billed usage of these periods of accounts of one bucket."""
    scalars = {
        "bucket": bucket,
        "accounts": list({period.account_id for period in periods}),
        "items": [period.item_id for period in periods],
        "starts": [period.starts_at for period in periods],
        "since": min(period.starts_at for period in periods),
    }
    rows = connection.execute(_BILLED, scalars).fetchall()
    found: dict[UUID, tuple[Charged, ...]] = {}
    charged = charged_by(connection, bucket, [shapes.invoice_of(invoice) for _, invoice in rows])
    for (account_id, _), one in zip(rows, charged, strict=True):
        found[account_id] = (*found.get(account_id, ()), one)
    return found


def _exchanged(found: Iterable[Charged], since: datetime) -> datetime:
    """Since when the time was charged that these invoices exchanged."""
    points = (line.tax_point for x in found for line in x.lines if line.kind is LineKind.PRORATED_CREDIT)
    return min([since, *(point - _CLOCKS for point in points if point is not None)])


def charging(
    connection: Connection, bucket: int, invoice: Invoice
) -> tuple[tuple[Charged, ...], tuple[Subscription, ...]]:
    """The invoices that charged the time of what an invoice is for, itself among them, and the subscriptions of that,
    with all items that they ever had."""
    scalars = {"bucket": bucket, "invoice": invoice.id}
    bases = [shapes.subscription_of(row[0]) for row in connection.execute(_BASES, scalars).fetchall()]
    return charged_for(connection, invoice.account_id, bases, invoice.issued_at), tuple(bases)


def line_of(row: Sequence[Any]) -> Line:
    """The line behind a row of `LINES`, without its invoice."""
    kind, description, amount, explanation, quantity, price_id, item_id, thing, start, end, *taxed = row
    inclusive, tax, taxes, tax_point, coupon_id, product_id, invoice_item_id = taxed
    return Line(
        kind=LineKind(kind),
        description=codec.decode_text(description),
        amount=amount,
        explanation=codec.decode_text(explanation),
        quantity=quantity,
        price_id=price_id,
        item_id=item_id,
        object=thing,
        period=None if start is None else Period(start=start, end=end),
        inclusive=inclusive,
        tax=tax,
        taxes=() if taxes is None else codec.decode_taxes(taxes),
        tax_point=tax_point,
        coupon_id=coupon_id,
        product_id=product_id,
        invoice_item_id=invoice_item_id,
    )

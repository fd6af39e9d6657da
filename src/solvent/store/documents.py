"""Documents: invoices, their lines and their numbers, as bookings leave them.

Owns the rows of an issued invoice, and the change when less of one is owed. Does not own numbering (`books`) nor what
an invoice says (`core.booking`).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from solvent.core.booking import InvoiceFact, SettledInvoice
from solvent.core.invoice import InvoiceState, Line
from solvent.store import codec
from solvent.store.rows import Statement, insert
from solvent.store.writer import Booked, Row, Writer

_INVOICE = insert(
    "invoice",
    "id uuid, account_id uuid, subscription_id uuid, series text, number bigint, state text, currency text,"
    "tax bigint, total bigint, paid bigint, issued_at timestamptz, due_at timestamptz, paid_at timestamptz,"
    "version integer, proof_id uuid, paid_proof_id uuid, reference text, notes text, language text",
)

_LINE = insert(
    "invoice_line",
    "invoice_id uuid, position integer, kind text, description json, explanation json, quantity bigint,"
    "amount bigint, price_id text, item_id uuid, object text, period_start timestamptz, period_end timestamptz,"
    "inclusive boolean, tax bigint, taxes json, tax_point timestamptz, coupon_id text,"
    "product_id text, invoice_item_id uuid",
)

_INVOICE_LOWERED = Statement(
    "id uuid, version integer, state text, paid bigint, credited bigint, charged_back bigint, reopened smallint,"
    "settled_at timestamptz, proof_id uuid, given_up_at timestamptz, given_up_scope text",
    """
update invoice i set state = v.state, paid = v.paid, credited = v.credited, version = v.version,
    charged_back = v.charged_back, reopened = v.reopened,
    paid_at = case when v.settled_at is not null then coalesce(i.paid_at, v.settled_at) end,
    paid_proof_id = case when v.settled_at is not null then coalesce(i.paid_proof_id, v.proof_id) end,
    given_up_at = coalesce(i.given_up_at, v.given_up_at),
    given_up_scope = coalesce(i.given_up_scope, v.given_up_scope)
from {rows} where i.bucket = %(bucket)s and i.id = v.id and i.version = v.version - 1""",
)

_SERIES = Statement(
    "series text, last bigint",
    "update invoice_series s set last = v.last from {rows} where s.bucket = %(bucket)s and s.series = v.series",
)


Settled = tuple[SettledInvoice, datetime, UUID | None]  # what becomes of an invoice, when, and on which proof


def write_invoices(writer: Writer, booked: Booked, series: Sequence[tuple[str, int]]) -> None:
    """Invoices issued and invoices of which less is owed; `series` are the last numbers given."""
    issued = [
        (i, b.account_id, b.proof.id, moment)
        for b, moment in booked
        if (i := b.invoice) is not None and b.proof is not None
    ]
    lines = [
        _line_row(invoice.id, n, line)
        for invoice, *_ in issued
        for n, line in enumerate(invoice.lines, start=1)
    ]
    settled = {
        s.id: (s, moment, None if b.proof is None else b.proof.id)
        for b, moment in booked
        if (s := b.settled) is not None
    }
    # One that is issued and paid in the same batch is written once, as paid: no update would find it yet.
    rows = [_invoice_row(*fact, settled.pop(fact[0].id, None)) for fact in issued]
    writer.put("invoice", _INVOICE, rows)
    writer.put("invoice_line", _LINE, lines)
    writer.put("invoice", _INVOICE_LOWERED, [_lowered_row(*change) for change in settled.values()])
    writer.put("invoice_series", _SERIES, series)


def _invoice_row(
    invoice: InvoiceFact, account_id: UUID, proof_id: UUID, moment: datetime, settled: Settled | None
) -> Row:
    """The invoice as its commit issues it, or as a later booking of the same batch has `settled` it."""
    change, settled_at, settled_by = settled or (None, moment, proof_id)
    after = invoice.value(account_id) if change is None else change.after
    paid = after.state is InvoiceState.PAID
    assert paid or change is None, f"invoice {after.number}: issued and {after.state} at once"
    return (
        invoice.id,
        account_id,
        invoice.subscription_id,
        invoice.series,
        invoice.number,
        after.state,
        invoice.currency,
        invoice.tax,
        invoice.total,
        after.paid,
        moment,
        invoice.due_at,
        settled_at if paid else None,
        after.version,
        proof_id,
        settled_by if paid else None,
        invoice.reference,
        invoice.notes,
        invoice.language,
    )


def _lowered_row(change: SettledInvoice, moment: datetime, proof_id: UUID | None) -> Row:
    after = change.after
    return (
        after.id,
        after.version,
        after.state,
        after.paid,
        after.credited,
        after.charged_back,
        after.reopened,
        None if after.owed else moment,
        proof_id,
        moment if change.gave_up else None,
        change.gave_up,
    )


def _line_row(invoice_id: UUID, position: int, line: Line) -> Row:
    return (
        invoice_id,
        position,
        line.kind,
        codec.encode(line.description),
        codec.encode(line.explanation),
        line.quantity,
        line.amount,
        line.price_id,
        line.item_id,
        line.object,
        None if line.period is None else line.period.start,
        None if line.period is None else line.period.end,
        line.inclusive,
        line.tax,
        codec.encode(line.taxes) if line.taxes else None,
        line.tax_point,
        line.coupon_id,
        line.product_id,
        line.invoice_item_id,
    )

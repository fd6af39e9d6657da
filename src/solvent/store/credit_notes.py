"""Credit notes: their rows, as bookings leave them.

Owns the rows of a credit note and of what it takes of each line. Does not own the change to its invoice (`documents`),
numbering (`books`), nor the refunds of what was paid (`refunds`).
"""

from datetime import datetime
from uuid import UUID

from solvent.core.facts import CreditNoteFact
from solvent.store import codec
from solvent.store.rows import insert
from solvent.store.writer import Booked, Row, Writer

_CREDIT_NOTE = insert(
    "credit_note",
    "id uuid, account_id uuid, invoice_id uuid, series text, number bigint, currency text, amount bigint,"
    "credited_before bigint, credited_after bigint, to_debt bigint, to_refund bigint, to_credit bigint, reason text,"
    "issued_by text, key text, input_hash bytea, issued_at timestamptz, counted text, of_usage boolean",
)

_LINE = insert(
    "credit_note_line",
    "credit_note_id uuid, invoice_id uuid, position integer, kind text, description json, amount bigint,"
    "tax bigint, taxes json, period_start timestamptz, period_end timestamptz, explanation json",
)


def write_credit_notes(writer: Writer, booked: Booked) -> None:
    """Credit notes and their lines."""
    issued = [(note, b.account_id, moment) for b, moment in booked if (note := b.credit_note) is not None]
    writer.put("credit_note", _CREDIT_NOTE, [_row(*one) for one in issued])
    writer.put("credit_note_line", _LINE, [row for note, *_ in issued for row in _lines(note)])


def _row(note: CreditNoteFact, account_id: UUID, moment: datetime) -> Row:
    return (
        note.id,
        account_id,
        note.invoice_id,
        note.series,
        note.number,
        note.currency,
        note.amount,
        note.credited_before,
        note.credited_before + note.amount,
        note.to_debt,
        note.to_refund,
        note.to_credit,
        note.reason,
        note.issued_by,
        note.key,
        note.input_hash,
        moment,
        note.counted,
        note.of_usage,
    )


def _lines(note: CreditNoteFact) -> list[Row]:
    return [
        (
            note.id,
            note.invoice_id,
            line.position,
            line.kind,
            codec.encode(line.description),
            line.amount,
            line.tax,
            codec.encode(line.taxes) if line.taxes else None,
            None if line.period is None else line.period.start,
            None if line.period is None else line.period.end,
            codec.optional(line.explanation),
        )
        for line in note.lines
    ]

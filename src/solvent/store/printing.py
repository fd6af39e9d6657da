"""Printing: the facts behind one money document, in one consistent read.

Owns the two statements that give an invoice, or a credit note, with its lines, account, legal entity and what belongs
to it: one statement sees one moment, so the figures belong together. Does not own what the document says
(`core.document`, `core.credit_document`).
"""

from datetime import datetime
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.credit_document import CreditNoteFacts, IssuedCreditNote
from solvent.core.credit_note import CreditLine
from solvent.core.document import Credited, InvoiceFacts, Settled
from solvent.core.ids import bucket_of
from solvent.core.invoice import Line, spell_number
from solvent.core.ledger import (
    BAD_DEBT,
    CREDIT_ACCOUNTS,
    CUSTOMER_CREDIT,
    DISPUTES,
    PROMISED_CREDIT,
    RECEIVABLE,
    REFUNDS_PAYABLE,
)
from solvent.core.party import Entity
from solvent.store import entities, shapes
from solvent.store.numbers import read_number

_LINES = """(select json_agg(json_build_object(
        'kind', l.kind, 'description', l.description, 'amount', l.amount, 'explanation', l.explanation,
        'quantity', l.quantity, 'price_id', l.price_id, 'item_id', l.item_id, 'object', l.object,
        'inclusive', l.inclusive, 'tax', l.tax, 'taxes', coalesce(l.taxes, '[]'::json), 'tax_point', l.tax_point,
        'coupon_id', l.coupon_id, 'product_id', l.product_id,
        'period', case when l.period_start is not null
                       then json_build_object('start', l.period_start, 'end', l.period_end) end) order by l.position)
    from invoice_line l where l.bucket = v.bucket and l.invoice_id = v.id)::text"""

# Of the account's postings, because those of one invoice have no index of their own: an account has few.
_TAKES = f"(p.debit = '{RECEIVABLE}' or p.credit = '{DISPUTES}')"
_SETTLED = f"""(select coalesce(json_agg(json_build_object(
        'debit', case when {_TAKES} then p.credit else p.debit end,
        'amount', case when {_TAKES} then -p.amount else p.amount end, 'booked_at', p.booked_at)
        order by p.booked_at, p.cause_id, p.position), '[]')
    from posting p where p.bucket = v.bucket and p.account_id = v.account_id and p.currency = v.currency
      and p.invoice_id = v.id
      and (p.credit in ('{RECEIVABLE}', '{BAD_DEBT}')
             and (p.debit in {CREDIT_ACCOUNTS} or starts_with(p.debit, 'cash:'))
           or p.debit = '{RECEIVABLE}' and p.credit in ('{CUSTOMER_CREDIT}', '{PROMISED_CREDIT}', '{REFUNDS_PAYABLE}')
           or '{DISPUTES}' in (p.debit, p.credit)))::text"""

_NOTE = """json_build_object('series', c.series, 'number', c.number, 'currency', c.currency, 'amount', c.amount,
        'to_debt', c.to_debt, 'to_refund', c.to_refund, 'to_credit', c.to_credit, 'reason', c.reason,
        'issued_at', c.issued_at)"""

_CREDITED = f"""(select coalesce(json_agg({_NOTE} order by c.credited_after, c.issued_at, c.number), '[]')
    from credit_note c where c.bucket = v.bucket and c.invoice_id = v.id)::text"""

_FACTS = f"""
select {shapes.ACCOUNT}, json_build_object({shapes.INVOICE})::text, {_LINES}, {_SETTLED}, {_CREDITED},
       {entities.AS_OF.format(entity="a.entity", at="v.issued_at")}
from invoice v join account a on a.bucket = v.bucket and a.id = v.account_id
where v.bucket = %(bucket)s and {{which}}"""
_BY_ID = _FACTS.format(which="v.id = %(id)s")
_BY_NUMBER = _FACTS.format(which="v.series = %(series)s and v.number = %(number)s")

_CREDIT_LINES = """(select json_agg(json_build_object(
        'position', l.position, 'kind', l.kind, 'description', l.description, 'amount', l.amount, 'tax', l.tax,
        'taxes', coalesce(l.taxes, '[]'::json), 'explanation', l.explanation,
        'period', case when l.period_start is not null
                       then json_build_object('start', l.period_start, 'end', l.period_end) end) order by l.position)
    from credit_note_line l where l.bucket = c.bucket and l.credit_note_id = c.id)::text"""

_CHARGED = """(select array_agg(i.amount - case when i.inclusive then i.tax else 0 end order by l.position)
    from credit_note_line l
    join invoice_line i on i.bucket = l.bucket and i.invoice_id = l.invoice_id and i.position = l.position
    where l.bucket = c.bucket and l.credit_note_id = c.id)"""

_NOTE_FACTS = f"""
select {shapes.ACCOUNT}, json_build_object({shapes.INVOICE})::text, {_NOTE}::text, {_CREDIT_LINES}, {_CHARGED},
       {entities.AS_OF.format(entity="a.entity", at="c.issued_at")}
from credit_note c
join invoice v on v.bucket = c.bucket and v.id = c.invoice_id
join account a on a.bucket = c.bucket and a.id = c.account_id
where c.bucket = %(bucket)s and {{which}}"""
_NOTE_BY_ID = _NOTE_FACTS.format(which="c.id = %(id)s")
_NOTE_BY_NUMBER = _NOTE_FACTS.format(which="c.series = %(series)s and c.number = %(number)s")


class _NoteRow(msgspec.Struct):
    """A credit note as its row holds it: series and number apart."""

    series: str
    number: int
    currency: str
    amount: int
    to_debt: int
    to_refund: int
    to_credit: int
    reason: str
    issued_at: datetime

    def value(self) -> IssuedCreditNote:
        return IssuedCreditNote(
            number=spell_number(self.series, self.number),
            currency=self.currency,
            amount=self.amount,
            to_debt=self.to_debt,
            to_refund=self.to_refund,
            to_credit=self.to_credit,
            reason=self.reason,
            issued_at=self.issued_at,
        )

    def of_invoice(self) -> Credited:
        return Credited(
            number=spell_number(self.series, self.number),
            amount=self.amount,
            to_debt=self.to_debt,
            issued_at=self.issued_at,
        )


_lines = msgspec.json.Decoder(tuple[Line, ...])
_settled = msgspec.json.Decoder(tuple[Settled, ...])
_note = msgspec.json.Decoder(_NoteRow)
_notes = msgspec.json.Decoder(tuple[_NoteRow, ...])
_credit_lines = msgspec.json.Decoder(tuple[CreditLine, ...])

_SELLER = f"""
select {entities.AS_OF.format(entity="a.entity", at="%(now)s")} from account a
where a.bucket = %(bucket)s and a.id = %(id)s"""


class Printing:
    """The reads behind documents of one database; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def invoice(self, invoice_id: UUID) -> InvoiceFacts | None:
        """What is committed about an invoice; None when there is none of that id."""
        return self._invoice(_BY_ID, _by_id(invoice_id))

    def invoice_of_number(self, number: str) -> InvoiceFacts | None:
        """The same, by the printed number, e.g. ``SUS-7F-000042``."""
        where = _by_number(number)
        return None if where is None else self._invoice(_BY_NUMBER, where)

    def credit_note(self, credit_note_id: UUID) -> CreditNoteFacts | None:
        """What is committed about a credit note; None when there is none of that id."""
        return self._credit_note(_NOTE_BY_ID, _by_id(credit_note_id))

    def credit_note_of_number(self, number: str) -> CreditNoteFacts | None:
        """The same, by the printed number, e.g. ``SUS-CN-7F-000001``."""
        where = _by_number(number)
        return None if where is None else self._credit_note(_NOTE_BY_NUMBER, where)

    def seller(self, account_id: UUID, now: datetime) -> Entity:
        """The legal entity that bills an account, as it is at `now`."""
        with self._pool.connection() as connection:
            scalars = {**_by_id(account_id), "now": now}
            row = connection.execute(_SELLER, scalars).fetchone()
        assert row is not None, f"account {account_id} is there, and its legal entity"
        return entities.entity_of(row[0])

    def _invoice(self, query: str, where: dict[str, object]) -> InvoiceFacts | None:
        with self._pool.connection() as connection:
            row = connection.execute(query, where, binary=True).fetchone()
        if row is None:
            return None
        invoice, lines, settled, credited, entity = row[-5:]
        return InvoiceFacts(
            invoice=shapes.invoice_of(invoice),
            lines=_lines.decode(lines),
            account=shapes.account_of(row),
            entity=entities.entity_of(entity),
            settled=_settled.decode(settled),
            credited=tuple(note.of_invoice() for note in _notes.decode(credited)),
        )

    def _credit_note(self, query: str, where: dict[str, object]) -> CreditNoteFacts | None:
        with self._pool.connection() as connection:
            row = connection.execute(query, where, binary=True).fetchone()
        if row is None:
            return None
        invoice, note, lines, charged, entity = row[-5:]
        return CreditNoteFacts(
            note=_note.decode(note).value(),
            lines=_credit_lines.decode(lines),
            charged=tuple(charged),
            invoice=shapes.invoice_of(invoice),
            account=shapes.account_of(row),
            entity=entities.entity_of(entity),
        )


def _by_id(document_id: UUID) -> dict[str, object]:
    return {"bucket": bucket_of(document_id), "id": document_id}


def _by_number(number: str) -> dict[str, object] | None:
    found = read_number(number)
    return None if found is None else found._asdict()

"""Printing: the facts behind one money document, in one consistent read.

Owns the one statement that gives an invoice with its lines, account, legal entity and what settled it: one
statement sees one moment, so the figures belong together. Does not own what the document says (`core.document`).
"""

import re
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.document import InvoiceFacts, Settled
from solvent.core.ids import bucket_of
from solvent.core.invoice import Line
from solvent.core.ledger import BAD_DEBT, CUSTOMER_CREDIT, RECEIVABLE, REFUNDS_PAYABLE
from solvent.store import entities, shapes

_LINES = """(select json_agg(json_build_object(
        'kind', l.kind, 'description', l.description, 'amount', l.amount, 'explanation', l.explanation,
        'quantity', l.quantity, 'price_id', l.price_id, 'item_id', l.item_id, 'object', l.object,
        'inclusive', l.inclusive, 'tax', l.tax, 'taxes', coalesce(l.taxes, '[]'::json), 'tax_point', l.tax_point,
        'period', case when l.period_start is not null
                       then json_build_object('start', l.period_start, 'end', l.period_end) end) order by l.position)
    from invoice_line l where l.bucket = v.bucket and l.invoice_id = v.id)::text"""

# Of the account's postings, because those of one invoice have no index of their own: an account has few.
_SETTLED = f"""(select coalesce(json_agg(json_build_object(
        'debit', case when p.debit = '{RECEIVABLE}' then p.credit else p.debit end,
        'amount', case when p.debit = '{RECEIVABLE}' then -p.amount else p.amount end, 'booked_at', p.booked_at)
        order by p.booked_at, p.cause_id, p.position), '[]')
    from posting p where p.bucket = v.bucket and p.account_id = v.account_id and p.currency = v.currency
      and p.invoice_id = v.id
      and (p.credit in ('{RECEIVABLE}', '{BAD_DEBT}')
             and (p.debit = '{CUSTOMER_CREDIT}' or starts_with(p.debit, 'cash:'))
           or p.debit = '{RECEIVABLE}' and p.credit in ('{CUSTOMER_CREDIT}', '{REFUNDS_PAYABLE}')))::text"""

_FACTS = f"""
select {shapes.ACCOUNT}, json_build_object({shapes.INVOICE})::text, {_LINES}, {_SETTLED},
       {entities.AS_OF.format(entity="a.entity", at="v.issued_at")}
from invoice v join account a on a.bucket = v.bucket and a.id = v.account_id
where v.bucket = %(bucket)s and {{which}}"""
_BY_ID = _FACTS.format(which="v.id = %(id)s")
_BY_NUMBER = _FACTS.format(which="v.series = %(series)s and v.number = %(number)s")

# A number as `core.invoice.spell_number` spells it; its series ends with the bucket.
_NUMBER = re.compile(r"(?P<series>[A-Z][A-Z0-9]*-(?P<bucket>[0-9A-F]{2}))-(?P<number>[0-9]{6,18})")

_lines = msgspec.json.Decoder(tuple[Line, ...])
_settled = msgspec.json.Decoder(tuple[Settled, ...])


class Printing:
    """The reads behind documents of one database; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def invoice(self, invoice_id: UUID) -> InvoiceFacts | None:
        """What is committed about an invoice; None when there is none of that id."""
        return self._facts(_BY_ID, {"bucket": bucket_of(invoice_id), "id": invoice_id})

    def invoice_of_number(self, number: str) -> InvoiceFacts | None:
        """The same, by the printed number, e.g. ``SUS-7F-000042``."""
        found = _NUMBER.fullmatch(number)
        if found is None:
            return None
        where = {
            "bucket": int(found["bucket"], 16),
            "series": found["series"],
            "number": int(found["number"]),
        }
        return self._facts(_BY_NUMBER, where)

    def _facts(self, query: str, where: dict[str, object]) -> InvoiceFacts | None:
        with self._pool.connection() as connection:
            row = connection.execute(query, where, binary=True).fetchone()
        if row is None:
            return None
        invoice, lines, settled, entity = row[-4:]
        return InvoiceFacts(
            invoice=shapes.invoice_of(invoice),
            lines=_lines.decode(lines),
            account=shapes.account_of(row),
            entity=entities.entity_of(entity),
            settled=_settled.decode(settled),
        )

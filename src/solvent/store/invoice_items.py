"""Invoice items: what waits for an account's next invoice.

Owns their rows: kept and changed, claimed by the attempt that is about to invoice them, and invoiced by the commit; and
the reading of one or of an account's. Does not own what becomes of them (`core.invoice_item`).
"""

from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.ids import bucket_of
from solvent.core.invoice_item import InvoiceItem, ItemState
from solvent.store import codec, shapes
from solvent.store.rows import Statement
from solvent.store.writer import Booked, Writer

_READ = f"select {shapes.INVOICE_ITEM}::text from invoice_item n where n.bucket = %s and n.id = %s"
_LOCK = "select from invoice_item n where n.bucket = %s and n.id = %s for no key update"
_PAGE = f"""
select {shapes.INVOICE_ITEM}::text from invoice_item n
where n.bucket = %(bucket)s and n.account_id = %(account)s and n.id > %(after)s and
    (%(state)s::text is null or n.state = %(state)s)
order by n.id limit %(limit)s"""

# A version that is not the next one is refused by the trigger.
_PUT = """
insert into invoice_item (bucket, id, account_id, state, version, currency, amount, line, created_at, changed_at)
values (%(bucket)s, %(id)s, %(account)s, %(state)s, %(version)s, %(currency)s, %(amount)s, %(line)s, %(created_at)s,
    %(changed_at)s)
on conflict (bucket, id) do update set state = excluded.state, version = excluded.version, amount = excluded.amount,
    line = excluded.line, changed_at = excluded.changed_at"""

_INVOICED = Statement(
    "id uuid, base integer, invoice_id uuid, moment timestamptz",
    """
update invoice_item n set state = 'invoiced', version = n.version + 1, invoice_id = v.invoice_id,
    changed_at = v.moment
from {rows} where n.bucket = %(bucket)s and n.id = v.id and n.version = v.base and n.state = 'waiting'""",
)


class InvoiceItemRoom:
    """`ports.items.InvoiceItems` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self, item_id: UUID) -> InvoiceItem | None:
        """The item, held until the transaction ends; None when there is none of that id.

        Held first and read afterwards: so the attempt that claimed it before is seen.
        """
        where = bucket_of(item_id), item_id
        self._connection.execute(_LOCK, where)
        row = self._connection.execute(_READ, where).fetchone()
        return None if row is None else shapes.invoice_item_of(row[0])

    def put(self, item: InvoiceItem) -> None:
        """Write a new item, or the next version of one."""
        scalars = {
            "bucket": bucket_of(item.id),
            "id": item.id,
            "account": item.account_id,
            "state": item.state,
            "version": item.version,
            "currency": item.currency,
            "amount": item.line.amount,
            "line": codec.encode(item.line).decode(),
            "created_at": item.created_at,
            "changed_at": item.changed_at,
        }
        self._connection.execute(_PUT, scalars)


def write_items(writer: Writer, booked: Booked) -> None:
    """What had waited for the invoices that are issued."""
    rows = [
        (use.item_id, use.base, b.invoice.id, moment)
        for b, moment in booked
        if b.invoice is not None
        for use in b.items
    ]
    writer.put("invoice_item", _INVOICED, rows)


class InvoiceItemReads:
    """The reads of invoice items; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def one(self, item_id: UUID) -> InvoiceItem | None:
        """One item, whatever has become of it."""
        with self._pool.connection() as connection:
            row = connection.execute(_READ, (bucket_of(item_id), item_id)).fetchone()
        return None if row is None else shapes.invoice_item_of(row[0])

    def of_account(
        self, account_id: UUID, state: ItemState | None, after: UUID | None, limit: int
    ) -> list[InvoiceItem]:
        """A page of an account's items, in the order of their creation; of one state, or of all."""
        scalars = {
            "bucket": bucket_of(account_id),
            "account": account_id,
            "state": state,
            "after": after or UUID(int=0),
            "limit": limit,
        }
        with self._pool.connection() as connection:
            return [shapes.invoice_item_of(row[0]) for row in connection.execute(_PAGE, scalars).fetchall()]

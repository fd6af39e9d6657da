"""Portal reads: pages of an account's documents with the newest first, as the customer portal shows them.

Owns these statements, each of which names the account's bucket. Writes nothing. Does not own how anything is presented.
"""

from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.ids import bucket_of
from solvent.core.invoice import Invoice
from solvent.store import shapes

_LAST = UUID(int=2**128 - 1)

_INVOICES = f"""
select json_build_object({shapes.INVOICE})::text from invoice v
where v.bucket = %s and v.account_id = %s and v.id < %s order by v.id desc limit %s"""


class PortalReads:
    """The reads of one database; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def invoices(self, account_id: UUID, before: UUID | None, limit: int) -> list[Invoice]:
        """A page of an account's invoices, from the newest on."""
        values = (bucket_of(account_id), account_id, before or _LAST, limit)
        with self._pool.connection() as connection:
            return [shapes.invoice_of(row[0]) for row in connection.execute(_INVOICES, values).fetchall()]

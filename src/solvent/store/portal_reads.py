"""Portal reads: pages of documents with the newest first, and notices, as the customer portal shows them.

Owns these statements, each of which names the account's bucket. Writes nothing. Does not own how anything is presented.
"""

from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.ids import bucket_of
from solvent.core.invoice import Invoice
from solvent.core.messages import Kind
from solvent.core.shown_notices import Told
from solvent.store import shapes

_LAST = UUID(int=2**128 - 1)

_INVOICES = f"""
select json_build_object({shapes.INVOICE})::text from invoice v
where v.bucket = %s and v.account_id = %s and v.id < %s order by v.id desc limit %s"""

NOTICES_MAX = 500  # the newest, of one account

_NOTICES = """
select n.invoice_id, n.kind, n.told_at
from notice n join invoice v on v.bucket = n.bucket and v.id = n.invoice_id
where n.bucket = %s and n.account_id = %s and 'portal' = any(n.channels) and v.state in ('open', 'uncollectible')
order by n.told_at desc limit %s"""


class PortalReads:
    """The reads of one database; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def invoices(self, account_id: UUID, before: UUID | None, limit: int) -> list[Invoice]:
        """A page of an account's invoices, from the newest on."""
        values = (bucket_of(account_id), account_id, before or _LAST, limit)
        with self._pool.connection() as connection:
            return [shapes.invoice_of(row[0]) for row in connection.execute(_INVOICES, values).fetchall()]

    def notices(self, account_id: UUID) -> list[Told]:
        """What an account was told in the portal of invoices that are not settled, the newest first."""
        values = (bucket_of(account_id), account_id, NOTICES_MAX)
        with self._pool.connection() as connection:
            rows = connection.execute(_NOTICES, values).fetchall()
        return [Told(invoice_id=row[0], kind=Kind(row[1]), told_at=row[2]) for row in rows]

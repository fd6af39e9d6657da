"""The store's room of invoice items, as a protocol.

Owns what flows may do with what waits for an invoice. That one was invoiced is written by the books alone. Does not own
the other rooms (`store`).
"""

from typing import Protocol
from uuid import UUID

from solvent.core.invoice_item import InvoiceItem


class InvoiceItems(Protocol):
    """What waits for an account's next invoice."""

    def lock(self, item_id: UUID) -> InvoiceItem | None:
        """The item, held until the transaction ends; None when there is none of that id."""
        ...

    def put(self, item: InvoiceItem) -> None:
        """Write a new item, or the next version of one."""
        ...

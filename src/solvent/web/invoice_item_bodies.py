"""Invoice item bodies: what requests about items that wait for an invoice carry, as structs.

Owns their shapes. Does not own what a line comes to (`invoice_bodies`, `core.manual`).
"""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from solvent.core.invoice_item import ItemState
from solvent.web.fields import AccountId, ChangeId, Currency, InvoiceId, InvoiceItemId, Limit
from solvent.web.invoice_bodies import ManualLine
from solvent.web.views import LineView


class InvoiceItemBody(ManualLine, kw_only=True):
    """Something that waits for the account's next invoice; a negative amount is a deduction."""

    account_id: AccountId


class InvoiceItemsQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """A page of one account's items, of one state or of all, in the order of their creation."""

    account: AccountId
    state: ItemState | None = None
    after: InvoiceItemId | None = None
    limit: Limit = 50


class InvoiceItemView(Struct, frozen=True, kw_only=True):
    """Something that waits for an invoice, or what became of it; `line` is without tax until it is invoiced."""

    id: InvoiceItemId
    account_id: AccountId
    state: ItemState
    version: int
    currency: Currency
    line: LineView
    change_id: Annotated[
        ChangeId | None, Meta(description="The payment under way that is about to invoice it; null: none is.")
    ]
    invoice_id: InvoiceId | None
    created_at: datetime
    changed_at: datetime


class InvoiceItemPage(Struct, frozen=True, kw_only=True):
    """A page of items; `next` is the cursor of the following one."""

    data: list[InvoiceItemView]
    next: InvoiceItemId | None

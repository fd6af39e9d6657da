"""Waiting: what waits for an account's next invoice.

Owns the way of an invoice item until then: kept, changed and removed, under the lock of its row. Does not own what may
become of it (`core.invoice_item`), the invoice that takes it along (`renew`, `usage`, `invoicing`) nor the commit
(`settle`).
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from solvent.core.account import Account
from solvent.core.closed_account import CLOSED
from solvent.core.ids import bucket_of
from solvent.core.invoice import Line
from solvent.core.invoice_item import NOT_ZERO, InvoiceItem, changed, removed
from solvent.core.manual import line_rule
from solvent.core.plan import Refusal
from solvent.flows.platform import Platform

NO_ITEM = Refusal(field="invoice_item_id", rule="must be an existing invoice item")


def keep_item(platform: Platform, account: Account, line: Line, now: datetime) -> InvoiceItem | Refusal:
    """A new item of an existing account, in its currency."""
    refusal = CLOSED if account.closed_at is not None else _rule(platform, line)
    if refusal is not None:
        return refusal
    item = InvoiceItem(
        id=platform.ids.draw(bucket_of(account.id)),
        account_id=account.id,
        currency=account.currency,
        line=line,
        created_at=now,
        changed_at=now,
    )
    with platform.store.begin() as tx:
        tx.items.put(item)
    return item


def change_item(platform: Platform, item_id: UUID, line: Line, now: datetime) -> InvoiceItem | Refusal:
    """The item with another line."""
    return _rule(platform, line) or _moved(platform, item_id, lambda item: changed(item, line, now))


def remove_item(platform: Platform, item_id: UUID, now: datetime) -> InvoiceItem | Refusal:
    """The item that will never be invoiced."""
    return _moved(platform, item_id, lambda item: removed(item, now))


def _rule(platform: Platform, line: Line) -> Refusal | None:
    """What could not be invoiced is refused when it is kept."""
    if not line.amount:
        return Refusal(field="amount", rule=NOT_ZERO)
    return line_rule(line, platform.store.catalog())


def _moved(
    platform: Platform, item_id: UUID, move: Callable[[InvoiceItem], InvoiceItem | Refusal]
) -> InvoiceItem | Refusal:
    with platform.store.begin() as tx:
        item = tx.items.lock(item_id)
        if item is None:
            return NO_ITEM
        after = move(item)
        if isinstance(after, InvoiceItem) and after is not item:
            tx.items.put(after)
        return after

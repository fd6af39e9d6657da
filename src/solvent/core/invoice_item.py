"""Invoice item: something that waits for the account's next invoice.

Owns the item, its transition table, and which of those that wait an invoice can carry. Does not own what its line comes
to (`manual`), when an invoice is issued (`renewal`, `usage`, `collection`), nor the commit, in which alone an item is
used.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from solvent.core.invoice import Line
from solvent.core.plan import ItemUse, Plan, Refusal

ITEMS_MAX = 250  # of one invoice; the oldest first

NOT_ZERO = "must come to an amount other than 0"


class ItemState(StrEnum):
    """WAITING: it can be changed and removed. INVOICED: an invoice was issued with it. REMOVED: none ever will be."""

    WAITING = "waiting"
    INVOICED = "invoiced"
    REMOVED = "removed"


TRANSITIONS: Mapping[ItemState, frozenset[ItemState]] = {
    ItemState.WAITING: frozenset({ItemState.INVOICED, ItemState.REMOVED}),
    ItemState.INVOICED: frozenset(),
    ItemState.REMOVED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceItem:
    """One line that waits, in the currency of its account. It owes nobody anything until it is invoiced.

    `claimed_by` is the attempt in flight that is about to invoice it, `invoice_id` the invoice that it is on.
    """

    id: UUID
    account_id: UUID
    currency: str
    line: Line
    created_at: datetime
    changed_at: datetime
    state: ItemState = ItemState.WAITING
    version: int = 1
    claimed_by: UUID | None = None
    invoice_id: UUID | None = None

    @property
    def invoiced(self) -> Line:
        """The line as an invoice has it."""
        return replace(self.line, invoice_item_id=self.id)


def changed(item: InvoiceItem, line: Line, now: datetime) -> InvoiceItem | Refusal:
    """The item with another line."""
    refusal = _held(item)
    return refusal or replace(item, line=line, changed_at=now, version=item.version + 1)


def removed(item: InvoiceItem, now: datetime) -> InvoiceItem | Refusal:
    """The item when it will never be invoiced; one that was removed before is as it is."""
    if item.state is ItemState.REMOVED:
        return item
    refusal = _held(item)
    return refusal or replace(item, state=ItemState.REMOVED, changed_at=now, version=item.version + 1)


def _held(item: InvoiceItem) -> Refusal | None:
    """Why it can no longer be changed."""
    if item.state is not ItemState.WAITING:
        return Refusal(field="invoice_item_id", rule=f"must be an item that waits: it is {item.state}")
    if item.claimed_by is not None:
        return Refusal(
            field="invoice_item_id", rule="must not be about to be invoiced: its payment is under way"
        )
    return None


def uses_of(items: Sequence[InvoiceItem]) -> tuple[ItemUse, ...]:
    """What a plan says of the items that it invoices."""
    return tuple(ItemUse(item_id=item.id, base=item.version) for item in items)


def with_items(waiting: Sequence[InvoiceItem], plan_of: Callable[[Sequence[InvoiceItem]], Plan]) -> Plan:
    """The plan with what waits (oldest first), up to `ITEMS_MAX` of it. No invoice is negative: of the deductions, the
    oldest first, it carries each that it can carry whole; any other goes on waiting, and holds up none after it,
    however many they are. Where the rest is negative, all waits."""
    oldest = waiting[:ITEMS_MAX]
    plan = plan_of(oldest)
    if plan.total >= 0 or not oldest:
        return plan
    taken = [item for item in waiting if item.line.amount >= 0][:ITEMS_MAX]
    plan = plan_of(taken)
    if plan.total < 0:
        return plan_of(())
    for item in waiting:
        if len(taken) == ITEMS_MAX:
            break
        if item.line.amount >= 0 or plan.total + item.line.amount < 0:  # its tax only makes it larger
            continue
        with_it = _in_order(waiting, (*taken, item))
        further = plan_of(with_it)
        if further.total >= 0:
            plan, taken = further, with_it
    return plan


def _in_order(waiting: Sequence[InvoiceItem], chosen: Sequence[InvoiceItem]) -> list[InvoiceItem]:
    ids = {item.id for item in chosen}
    return [item for item in waiting if item.id in ids]

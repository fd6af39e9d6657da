"""Closed account: when an account may be closed, and what is refused from then on.

Owns both rules. What a closed account comes to owe (late usage, a lost dispute) is collected like any other debt;
nothing new begins. Does not own the record of it (`store.accounts`) nor the standing (`health`).
"""

from collections.abc import Sequence

from solvent.core.account import Account
from solvent.core.ids import spell
from solvent.core.invoice import Invoice
from solvent.core.invoice_item import InvoiceItem
from solvent.core.payment import Path
from solvent.core.plan import Plan, Refusal
from solvent.core.subscription import Subscription, SubscriptionState

CLOSED = Refusal(field="account_id", rule="is closed: reopen it first")
_BEGINS = (Path.PURCHASE, Path.CHANGE)


def closing_refusal(
    subscriptions: Sequence[Subscription],
    open_invoices: Sequence[Invoice],
    waiting: Sequence[InvoiceItem],
    going_on: str | None,
) -> Refusal | None:
    """What is still to come to an end before an account can be closed; `going_on` is what is under way of it."""
    live = [spell("sub", s.id) for s in subscriptions if s.state is not SubscriptionState.ENDED]
    if live:
        return Refusal(field="subscriptions", rule=f"must all have ended: {', '.join(live)}")
    owed = [invoice.number for invoice in open_invoices if invoice.debt > 0]
    if owed:
        return Refusal(field="invoices", rule=f"must all be paid, or credited: {', '.join(owed)}")
    if waiting:
        items = ", ".join(spell("ivi", item.id) for item in waiting)
        return Refusal(field="invoice_items", rule=f"must be invoiced or removed first: {items}")
    if going_on is not None:
        return Refusal(field="account_id", rule=f"has {going_on} under way: wait for its end")
    return None


def closed_to(plan: Plan, account: Account) -> bool:
    """Whether the account was closed to what a plan begins."""
    return account.closed_at is not None and plan.path in _BEGINS

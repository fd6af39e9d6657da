"""Ledger: double entry, balanced by construction.

Owns the chart of accounts and the posting. A posting moves an amount from one ledger account to another, so there
is no unbalanced one; rows are never updated. Does not own which postings a commit makes (`booking`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

RECEIVABLE = "receivable"
CUSTOMER_CREDIT = "customer_credit"
DEFERRED_REVENUE = "deferred_revenue"
REVENUE = "revenue"
REFUNDS_PAYABLE = "refunds_payable"


def cash(provider: str) -> str:
    """The ledger account of the money that a provider holds for us."""
    return f"cash:{provider}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """`amount` > 0 minor units from ledger account `credit` to ledger account `debit`."""

    debit: str
    credit: str
    amount: int
    invoice_id: UUID | None = None


def move(debit: str, credit: str, amount: int, invoice_id: UUID | None = None) -> tuple[Posting, ...]:
    """The posting for a signed amount: none for zero, the other way round for a negative one."""
    if amount == 0:
        return ()
    if amount < 0:
        return (Posting(debit=credit, credit=debit, amount=-amount, invoice_id=invoice_id),)
    return (Posting(debit=debit, credit=credit, amount=amount, invoice_id=invoice_id),)


def balances(postings: Iterable[Posting]) -> dict[str, int]:
    """Debits less credits by ledger account; the values of any set of postings sum to zero."""
    result: dict[str, int] = {}
    for posting in postings:
        result[posting.debit] = result.get(posting.debit, 0) + posting.amount
        result[posting.credit] = result.get(posting.credit, 0) - posting.amount
    return result

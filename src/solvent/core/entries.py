"""Entries: which postings a commit makes.

Owns the bookkeeping of issuing an invoice, of settling one by credit and money, and of a negative plan. Does not own
the chart of accounts nor how a posting balances (`ledger`).
"""

from uuid import UUID

from solvent.core import ledger
from solvent.core.facts import InvoiceFact, PaymentFact
from solvent.core.invoice import Invoice, InvoiceState, LineKind
from solvent.core.ledger import Posting
from solvent.core.plan import Plan


def of_commit(plan: Plan, invoice: InvoiceFact | None, payment: PaymentFact | None) -> tuple[Posting, ...]:
    """Issue (receivable to revenue, deferred for what covers a period in advance, and to tax payable), then settle what
    is settled at once.

    Without an invoice, what a negative plan gives back turns into credit: out of deferred revenue for unused time, with
    its tax.
    """
    in_advance = [x for x in plan.lines if x.period is not None and x.kind is not LineKind.USAGE]
    deferred = sum(line.net for line in in_advance)
    earned = plan.total - plan.tax - deferred
    if invoice is None:
        postings = ledger.move(ledger.DEFERRED_REVENUE, ledger.CUSTOMER_CREDIT, -deferred)
        postings += ledger.move(ledger.REVENUE, ledger.CUSTOMER_CREDIT, -earned)
        return postings + ledger.move(ledger.TAX_PAYABLE, ledger.CUSTOMER_CREDIT, -plan.tax)
    postings = ledger.move(ledger.RECEIVABLE, ledger.DEFERRED_REVENUE, deferred, invoice.id)
    postings += ledger.move(ledger.RECEIVABLE, ledger.REVENUE, earned, invoice.id)
    postings += ledger.move(ledger.RECEIVABLE, ledger.TAX_PAYABLE, plan.tax, invoice.id)
    return postings + _settling(
        invoice.id, ledger.RECEIVABLE, plan.credit_used, payment, surplus(plan, payment)
    )


def settling(
    invoice: Invoice, credit_used: int, payment: PaymentFact | None, beyond: int = 0
) -> tuple[Posting, ...]:
    """What settles an issued invoice: against the receivable, or, of one that was given up, back out of bad debt."""
    given_up = invoice.state is InvoiceState.UNCOLLECTIBLE
    against = ledger.BAD_DEBT if given_up else ledger.RECEIVABLE
    return _settling(invoice.id, against, credit_used, payment, beyond)


def _settling(
    invoice_id: UUID, against: str, credit_used: int, payment: PaymentFact | None, beyond: int
) -> tuple[Posting, ...]:
    """Credit and money `against` what is owed; what the money is `beyond` that becomes credit."""
    postings = ledger.move(ledger.CUSTOMER_CREDIT, against, credit_used, invoice_id)
    if payment is not None:
        source = ledger.cash(payment.provider)
        postings += ledger.move(source, against, payment.amount - beyond, invoice_id)
        postings += ledger.move(source, ledger.CUSTOMER_CREDIT, beyond)
    return postings


def surplus(plan: Plan, payment: PaymentFact | None) -> int:
    """What arrived beyond the amount due: only for a plan made anew at an amount paid earlier."""
    return 0 if payment is None else payment.amount - plan.due

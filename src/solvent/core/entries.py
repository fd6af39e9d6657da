"""Entries: which postings a commit makes.

Owns the bookkeeping of issuing an invoice, of settling one by credit and money, and in which ledger account credit of
each kind stands. Does not own the chart of accounts nor how a posting balances (`ledger`).
"""

from collections.abc import Mapping
from uuid import UUID

from solvent.core import ledger
from solvent.core.credit import GrantKind
from solvent.core.facts import InvoiceFact, PaymentFact
from solvent.core.granting import sold
from solvent.core.invoice import Invoice, InvoiceState, LineKind
from solvent.core.ledger import Posting
from solvent.core.plan import Plan

CREDIT_ACCOUNT: Mapping[GrantKind, str] = {
    GrantKind.GOODWILL: ledger.PROMISED_CREDIT,
    GrantKind.SPONSORED: ledger.PROMISED_CREDIT,
    GrantKind.PREPAID: ledger.PREPAID_CREDIT,
    GrantKind.RETURNED: ledger.CUSTOMER_CREDIT,
}

Drawn = Mapping[GrantKind, int]


def of_commit(
    plan: Plan, invoice: InvoiceFact | None, payment: PaymentFact | None, drawn: Drawn
) -> tuple[Posting, ...]:
    """Issue (receivable to revenue, deferred for what covers a period in advance, to credit that is bought, and to tax
    payable), then settle what is settled at once.

    Without an invoice nothing is posted here: what goes back is posted with its credit notes.
    """
    if invoice is None:
        assert plan.total >= 0 or plan.credit_notes, (
            "what comes to less than nothing goes back by credit notes"
        )
        return ()
    lines = invoice.lines
    deferred = sum(x.net for x in lines if x.period is not None and x.kind is not LineKind.USAGE)
    prepaid = sold(lines)
    earned = invoice.total - invoice.tax - deferred - prepaid
    postings = ledger.move(ledger.RECEIVABLE, ledger.DEFERRED_REVENUE, deferred, invoice.id)
    postings += ledger.move(ledger.RECEIVABLE, ledger.REVENUE, earned, invoice.id)
    postings += ledger.move(ledger.RECEIVABLE, ledger.PREPAID_CREDIT, prepaid, invoice.id)
    postings += ledger.move(ledger.RECEIVABLE, ledger.TAX_PAYABLE, invoice.tax, invoice.id)
    return postings + _settling(invoice.id, ledger.RECEIVABLE, drawn, payment, surplus(plan, payment))


def settling(
    invoice: Invoice, drawn: Drawn, payment: PaymentFact | None, beyond: int = 0
) -> tuple[Posting, ...]:
    """What settles an issued invoice: against the receivable, or, of one that was given up, back out of bad debt."""
    given_up = invoice.state is InvoiceState.UNCOLLECTIBLE
    against = ledger.BAD_DEBT if given_up else ledger.RECEIVABLE
    return _settling(invoice.id, against, drawn, payment, beyond)


def _settling(
    invoice_id: UUID, against: str, drawn: Drawn, payment: PaymentFact | None, beyond: int
) -> tuple[Posting, ...]:
    """Credit and money `against` what is owed; what the money is `beyond` that becomes credit."""
    postings: tuple[Posting, ...] = ()
    for kind, amount in drawn.items():
        postings += ledger.move(CREDIT_ACCOUNT[kind], against, amount, invoice_id)
    if payment is not None:
        source = ledger.cash(payment.provider)
        postings += ledger.move(source, against, payment.amount - beyond, invoice_id)
        postings += ledger.move(source, ledger.CUSTOMER_CREDIT, beyond)
    return postings


def surplus(plan: Plan, payment: PaymentFact | None) -> int:
    """What arrived beyond the amount due: only for a plan made anew at an amount paid earlier."""
    return 0 if payment is None else payment.amount - plan.due

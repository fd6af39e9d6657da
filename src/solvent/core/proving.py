"""Proving: how much a proof proves, and until when grace lasts.

Owns the proof of a plan's commit and of an open invoice's payment. Does not own which kind of proof there is
(`settlement` judges that) nor the money behind it (`booking`).
"""

from datetime import timedelta

from solvent.core.facts import Desk, PaymentFact, ProofFact
from solvent.core.invoice import Invoice
from solvent.core.payment import CAUSE_CLASS, CauseClass, FailureCause, ProofKind
from solvent.core.plan import Plan
from solvent.core.policy import Policy


def of_plan(
    plan: Plan, kind: ProofKind, payment: PaymentFact | None, desk: Desk, cause: FailureCause | None = None
) -> ProofFact:
    """Payment and grace prove what is due, credit what it covers, terms the whole; nothing due and trial prove 0.

    Grace counts from the start of the unpaid period, however late its collection failed; where that is because of an
    outage (`cause`), it is longer by what the debt may stand still.
    """
    amounts = {
        ProofKind.PAYMENT: plan.due,
        ProofKind.GRACE: plan.due,
        ProofKind.CREDIT: plan.credit_used,
        ProofKind.TERMS: plan.total,
    }
    start = desk.now if plan.after is None else plan.after.period.start
    return ProofFact(
        id=desk.draw(),
        kind=kind,
        of_plan=True,
        amount=amounts.get(kind, 0),
        currency=plan.currency,
        payment_id=payment.id if payment else None,
        grace_until=start + service_of(desk.policy, cause) if kind is ProofKind.GRACE else None,
    )


def service_of(policy: Policy, cause: FailureCause | None) -> timedelta:
    """How long the service of a period goes on that is not paid for that cause."""
    outage = cause is not None and CAUSE_CLASS[cause] is CauseClass.OUTAGE
    return policy.unpaid_service + (policy.outage_max if outage else timedelta())


def of_debt(
    invoice: Invoice,
    credit_used: int,
    payment: PaymentFact | None,
    desk: Desk,
    *,
    is_plan: bool,
    beyond: int = 0,
) -> ProofFact:
    """Money proves what credit leaves of a debt. Raises ValueError unless both together, less what is `beyond` it, are
    exactly the debt."""
    paid = 0 if payment is None else payment.amount - beyond
    if paid + credit_used != invoice.debt:
        raise ValueError(f"{invoice.number}: {paid} and {credit_used} of credit do not pay {invoice.debt}")
    return ProofFact(
        id=desk.draw(),
        kind=ProofKind.PAYMENT if payment else ProofKind.CREDIT,
        of_plan=is_plan,
        amount=paid or credit_used,
        currency=invoice.currency,
        payment_id=payment.id if payment else None,
    )

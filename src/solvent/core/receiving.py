"""Receiving: what a payment that no provider made writes, as one booking.

Owns the proof of a bank transfer, a cheque and the like: the merchant vouches for it by its reference, so it has a
payment and a proof of that payment, but no attempt. It may pay a part, or several invoices; what is beyond what is owed
becomes account credit.
Does not own payments by a provider (`booking`) nor the writing (the settle flow hands bookings to the books).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from solvent.core import entries, granting, ledger, narration
from solvent.core import events as ev
from solvent.core.crediting import Claim, lift
from solvent.core.facts import APPLIED, CREDITED, Booking, Desk, PaymentFact, ProofFact, SettledInvoice
from solvent.core.invoice import Invoice, lower
from solvent.core.payment import ExternalMethod, ProofKind
from solvent.core.plan import Refusal

RECEIVED_WITHIN = timedelta(days=3_660)  # ten years: what is older is a slip of the pen


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A payment that came outside of any provider: how, under which reference, how much (minor units of the invoice's
    currency), and when (UTC)."""

    method: ExternalMethod
    reference: str
    amount: int
    received_at: datetime


def allocate(owed: Sequence[Invoice], amount: int) -> list[tuple[Invoice, int]]:
    """How money is shared out among invoices in their order: to each what it owes, as far as it reaches; what is more
    than all of them owe goes with the last."""
    shares: list[tuple[Invoice, int]] = []
    for invoice in owed:
        share = min(amount, invoice.debt)
        if share:
            shares.append((invoice, share))
        amount -= share
    if amount and shares:
        last, share = shares[-1]
        shares[-1] = (last, share + amount)
    return shares


def receipt_rule(receipt: Receipt, now: datetime) -> Refusal | None:
    """The rule that a payment from outside breaks, if any."""
    if receipt.amount <= 0:
        return Refusal(field="amount", rule="must be 1 or more")
    return reference_rule(receipt.reference) or received_rule(receipt.received_at, now)


def reference_rule(reference: str) -> Refusal | None:
    """The rule that the reference of money breaks, if any: with spaces around it, one payment could be told twice."""
    if reference != reference.strip():
        return Refusal(field="reference", rule="must not begin or end with a space")
    return None


def received_rule(received_at: datetime, now: datetime) -> Refusal | None:
    """The rule that the moment at which money came breaks, if any."""
    if received_at > now:
        return Refusal(field="received_at", rule="must not be in the future")
    if received_at < now - RECEIVED_WITHIN:
        rule = f"must be within the last {RECEIVED_WITHIN.days} days"
        return Refusal(field="received_at", rule=rule)
    return None


def book_receipt(claim: Claim, receipt: Receipt, desk: Desk, part: int = 1) -> Booking | Refusal:
    """A payment of an invoice from outside: of all that is owed, of a part, or more than that. `part` counts those
    of one that pays several."""
    broken = receipt_rule(receipt, desk.now)
    if broken is not None:
        return broken
    payment = PaymentFact(
        id=desk.draw(),
        provider=receipt.method,
        ref=receipt.reference,
        amount=receipt.amount,
        currency=claim.invoice.currency,
        disposition=APPLIED,
        invoice_id=claim.invoice.id,
        received_at=receipt.received_at,
        part=part,
    )
    return _book_part(claim, payment, desk) if claim.invoice.owed else _book_kept(claim, payment, desk)


def _book_part(claim: Claim, payment: PaymentFact, desk: Desk) -> Booking:
    invoice = claim.invoice
    applied = min(payment.amount, invoice.debt)
    beyond = payment.amount - applied
    after = lower(invoice, paid=applied)
    proof = ProofFact(
        id=desk.draw(),
        kind=ProofKind.PAYMENT,
        of_plan=False,
        amount=applied,
        currency=invoice.currency,
        payment_id=payment.id,
    )
    lifted = lift(claim, after, desk)
    grants = granting.returned(beyond, invoice.currency, narration.SURPLUS, desk)
    received = ev.PaymentReceived(
        payment_id=payment.id,
        invoice_id=invoice.id,
        method=payment.provider,
        reference=payment.ref,
        amount=payment.amount,
        debt=after.debt,
        currency=invoice.currency,
    )
    return replace(
        lifted,
        cause_id=proof.id,
        proof=proof,
        payment=payment,
        settled=SettledInvoice(after=after),
        postings=entries.settling(invoice, {}, payment, beyond),
        credit_grants=grants,
        events=(
            received,
            *narration.of_settled(invoice, after, proof),
            *granting.told(grants),
            *lifted.events,
        ),
    )


def _book_kept(claim: Claim, payment: PaymentFact, desk: Desk) -> Booking:
    """Nothing is owed on the invoice: all of it becomes account credit."""
    kept = replace(payment, disposition=CREDITED, reason=narration.SURPLUS, invoice_id=None)
    grants = granting.returned(kept.amount, kept.currency, narration.SURPLUS, desk)
    return Booking(
        account_id=claim.account.id,
        cause_id=kept.id,
        payment=kept,
        postings=ledger.move(ledger.cash(kept.provider), ledger.CUSTOMER_CREDIT, kept.amount),
        credit_grants=grants,
        events=narration.of_stranded(kept, narration.SURPLUS, grants),
    )

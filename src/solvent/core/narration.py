"""Narration: the events that a booking tells, in the order in which a reader would tell them.

Owns which facts are told, and as what. Does not own the facts (`booking`) nor the events' payloads (`events`).
"""

from collections.abc import Iterator, Sequence

from solvent.core import events as ev
from solvent.core import granting
from solvent.core.attempt import Attempt
from solvent.core.collection_events import CollectionFailed
from solvent.core.coupon import CouponUse
from solvent.core.credit import CreditGrant
from solvent.core.facts import Booking, InvoiceFact, PaymentFact, ProofFact
from solvent.core.invoice import Invoice, InvoiceState, spell_number
from solvent.core.payment import FailureCause
from solvent.core.plan import Intent, Plan
from solvent.core.subscription import Subscription, SubscriptionState

SURPLUS = "surplus"


def of_commit(
    booking: Booking, plan: Plan, proof: ProofFact, replanned: str | None = None
) -> tuple[ev.Event, ...]:
    """What the commit of a plan tells; `replanned` is why its money was stranded before it was planned anew."""
    happened: list[ev.Event] = []
    if replanned is not None and booking.payment is not None:
        happened.append(_stranded(booking.payment, replanned, "replanned"))
    if booking.subscription is not None:
        happened.append(of_subscription(plan.intent_of(booking.subscription), proof, booking.subscription))
    happened += of_coupons(plan.coupons)
    if booking.invoice is not None:
        happened += _of_invoice(booking.invoice, proof, plan.credit_used, booking.cause)
    return (*happened, *granting.told(booking.credit_grants), *_of_method(booking))


def of_debt(booking: Booking, invoice: Invoice, proof: ProofFact, credit_used: int) -> tuple[ev.Event, ...]:
    """What the payment of an open invoice tells."""
    happened: list[ev.Event] = []
    if credit_used:
        used = ev.CreditUsed(amount=credit_used, currency=invoice.currency, invoice_id=invoice.id)
        happened.append(used)
    assert booking.settled is not None, f"invoice {invoice.number}: paid without a change to it"
    happened += of_settled(invoice, booking.settled.after, proof)
    happened += granting.told(booking.credit_grants)
    if booking.subscription is not None:
        happened.append(ev.GraceLifted(subscription_id=booking.subscription.id, invoice_id=invoice.id))
    return (*happened, *_of_method(booking))


def of_stranded(
    payment: PaymentFact, reason: str, grants: tuple[CreditGrant, ...] = ()
) -> tuple[ev.Event, ...]:
    """What money tells that its plan could not use: that it came, and that it became credit if it did."""
    return _stranded(payment, reason, payment.disposition), *granting.told(grants)


def of_settled(before: Invoice, after: Invoice, proof: ProofFact) -> tuple[ev.Event, ...]:
    """What a payment tells of an invoice on which nothing is owed any more: paid, or resolved."""
    if after.state is InvoiceState.PAID:
        return (_invoice_paid(after.number, after, proof),)
    return of_resolved(before, after)


def of_coupons(coupons: Sequence[CouponUse]) -> Iterator[ev.Event]:
    """What a commit tells of redemptions: that they are new, and that they are over."""
    for use in coupons:
        if use.is_new:
            yield ev.CouponRedeemed(
                redemption_id=use.redemption_id,
                coupon_id=use.coupon_id,
                code=use.code,
                subscription_id=use.subscription_id,
            )
        if use.is_over:
            yield ev.CouponEnded(
                redemption_id=use.redemption_id,
                coupon_id=use.coupon_id,
                code=use.code,
                subscription_id=use.subscription_id,
                used=use.used,
            )


def of_resolved(before: Invoice, after: Invoice) -> tuple[ev.Event, ...]:
    """That an invoice became resolved, told when it does."""
    if after.state is not InvoiceState.RESOLVED or before.state is InvoiceState.RESOLVED:
        return ()
    return (
        ev.InvoiceResolved(
            invoice_id=after.id,
            number=after.number,
            total=after.total,
            credited=after.credited,
            paid=after.paid,
            currency=after.currency,
        ),
    )


def of_failure(booking: Booking, attempt: Attempt) -> tuple[ev.Event, ...]:
    """What a failed attempt tells: that nothing was collected, unless the customer was there and knows; and that it
    ended a method."""
    told = (_uncollected(attempt, booking.cause),) if attempt.off_session else ()
    return (*told, *_of_method(booking))


def _uncollected(attempt: Attempt, cause: FailureCause | None) -> CollectionFailed:
    return CollectionFailed(
        attempt_id=attempt.id,
        path=attempt.plan.path,
        invoice_ids=tuple(debt.invoice_id for debt in attempt.plan.settles),
        amount=attempt.plan.due,
        currency=attempt.plan.currency,
        cause=str(cause),
        provider=attempt.provider,
        method_id=attempt.method_id,
    )


def _stranded(payment: PaymentFact, reason: str, disposition: str) -> ev.MoneyStranded:
    return ev.MoneyStranded(
        payment_id=payment.id,
        amount=payment.amount,
        currency=payment.currency,
        reason=reason,
        disposition=disposition,
    )


def of_subscription(intent: Intent, proof: ProofFact, after: Subscription) -> ev.Event:
    """What a commit tells of a subscription."""
    if after.state is SubscriptionState.ENDED:
        ended_at = after.ended_at or after.period.end
        return ev.SubscriptionEnded(subscription_id=after.id, reason=str(after.end_reason), ended_at=ended_at)
    if intent is Intent.START:
        return ev.SubscriptionStarted(subscription_id=after.id, proof=proof.kind, period_end=after.period.end)
    if intent is Intent.RENEW:
        return ev.SubscriptionRenewed(subscription_id=after.id, proof=proof.kind, period_end=after.period.end)
    if intent is Intent.SCHEDULE:
        cancel = after.pending is not None and after.pending.cancel
        return ev.ChangeScheduled(subscription_id=after.id, at=after.period.end, cancel=cancel)
    return ev.SubscriptionChanged(subscription_id=after.id, version=after.version)


def _of_invoice(
    invoice: InvoiceFact, proof: ProofFact, credit_used: int, cause: FailureCause | None
) -> Iterator[ev.Event]:
    """Issued and paid in one moment is told as paid; otherwise what is still owed is told, and grace for it."""
    number = spell_number(invoice.series, invoice.number)
    if credit_used:
        yield ev.CreditUsed(amount=credit_used, currency=invoice.currency, invoice_id=invoice.id)
    if invoice.paid == invoice.total:
        yield _invoice_paid(number, invoice, proof)
        return
    yield ev.InvoiceIssued(
        invoice_id=invoice.id,
        number=number,
        total=invoice.total,
        debt=invoice.total - invoice.paid,
        currency=invoice.currency,
        due_at=invoice.due_at,
    )
    if proof.grace_until is not None and cause is not None:
        until = proof.grace_until
        yield ev.GraceGranted(invoice_id=invoice.id, amount=proof.amount, cause=cause, until=until)


def _of_method(booking: Booking) -> Iterator[ev.Event]:
    if booking.method is not None and not booking.method.known:
        vaulted = booking.method.vaulted
        yield ev.MethodAdded(method_id=booking.method.id, provider=vaulted.provider, label=vaulted.label)
    if booking.invalid_method is not None and booking.cause is not None:
        yield ev.MethodInvalidated(method_id=booking.invalid_method, cause=booking.cause)


def _invoice_paid(number: str, invoice: Invoice | InvoiceFact, proof: ProofFact) -> ev.InvoicePaid:
    return ev.InvoicePaid(
        invoice_id=invoice.id,
        number=number,
        total=invoice.total,
        currency=invoice.currency,
        proof=proof.kind,
        payment_id=proof.payment_id,
    )

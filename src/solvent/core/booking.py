"""Booking: everything that one verdict writes, as one value.

Owns the arithmetic of a commit: what is proven, invoiced, posted, granted and credited. Does not own the payment of
debts (`paying`), the shape of the facts (`facts`, imported from here), the events they tell (`narration`), the
judgement (`settlement`) nor the writing (the settle flow hands bookings to the books).
"""

from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from solvent.core import entries, granting, ledger, narration, proving
from solvent.core.account import Account
from solvent.core.attempt import Attempt
from solvent.core.crediting import LESS_USED, UNUSED_TIME, Claim, PaidPart, Wish, book_credit_note
from solvent.core.entitlement import entitlements
from solvent.core.facts import (
    APPLIED,
    CREDITED,
    REFUNDED,
    Booking,
    Desk,
    InvoiceFact,
    MethodFact,
    PaymentFact,
    ProofFact,
    RefundFact,
    SettledInvoice,
)
from solvent.core.payment import (
    CAUSE_CLASS,
    AttemptState,
    CauseClass,
    FailureCause,
    ProofKind,
    Report,
    StaleMoney,
)
from solvent.core.plan import Intent, Plan
from solvent.core.registration import wanted
from solvent.core.settlement import Commit, Live
from solvent.core.subscription import Subscription, SubscriptionState
from solvent.core.terms import due_at
from solvent.core.unused_time import PlannedNote
from solvent.core.usage import cut, opened

__all__ = [
    "Booking",
    "Desk",
    "InvoiceFact",
    "MethodFact",
    "PaymentFact",
    "ProofFact",
    "RefundFact",
    "SettledInvoice",
    "book_commit",
    "book_failure",
    "book_returned",
    "book_stranded",
    "issues_invoice",
]

Number = tuple[str, int]
BY_PLAN = "solvent"  # who issues a credit note that a plan leads to


def issues_invoice(plan: Plan) -> bool:
    """Whether committing the plan issues an invoice: it charges something."""
    return plan.invoiced != ()


def book_commit(
    attempt: Attempt, verdict: Commit, report: Report, live: Live, desk: Desk, number: Number | None
) -> Booking:
    """The commit of an attempt's plan on a proof. `number` is the (series, number) when it issues an invoice.

    A plan that settles debts is booked by `paying`."""
    plan = attempt.plan
    papers = _papers(attempt, verdict, report, live.account, desk, number)
    after, surplus = papers.after, entries.surplus(plan, papers.payment)
    drawn = granting.by_kind(plan.draws, live.credit_grants)
    booking = Booking(
        attempt_id=attempt.id,
        account_id=attempt.account_id,
        state=AttemptState.COMMITTED,
        cause_id=papers.proof.id,
        cause=verdict.cause,
        ref=report.ref or attempt.ref,
        proof=papers.proof,
        payment=papers.payment,
        subscription=after,
        items_changed=after is not None and (plan.intent is not Intent.RENEW or after.id in live.scheduled),
        grants=entitlements((after,), desk.catalog, desk.policy) if after is not None else (),
        invoice=papers.invoice,
        postings=entries.of_commit(plan, papers.invoice, papers.payment, drawn),
        credit_grants=(
            *granting.bought(papers.invoice, desk),
            *granting.returned(surplus, plan.currency, narration.SURPLUS, desk),
        ),
        credit_uses=granting.uses_of(plan.draws),
        method=method_of(attempt, report, live, desk),
        invalid_method=_invalid(attempt, verdict.cause),
        usage=plan.usage,
        periods=opened(plan, after, desk.catalog, desk.policy) if after is not None else (),
        cut=cut(plan, after, desk.catalog, desk.policy) if after is not None else None,
        coupons=plan.coupons,
        items=plan.items,
        registrations=wanted(plan, after, desk.catalog, desk.draw) if after is not None else (),
    )
    booking = replace(booking, events=narration.of_commit(booking, plan, papers.proof, verdict.replanned))
    return replace(booking, others=_others(booking, plan, papers, live, desk)) if plan.also else booking


def book_returned(claim: Claim, note: PlannedNote, attempt: Attempt, desk: Desk, number: Number) -> Booking:
    """A credit note of an attempt's plan, over the locked facts about its invoice. What it gives back is credit."""
    wish = Wish(
        paid_part=PaidPart.CREDIT,
        reason=LESS_USED if note.counted is None else UNUSED_TIME,
        issued_by=BY_PLAN,
        key=f"change:{attempt.id}:{note.invoice_id}",
        input_hash=b"",
        counted=note.counted,
        of_usage=note.counted is None,
    )
    booking = book_credit_note(_moved_on(claim, attempt.plan), note.parts, wish, desk, number)
    return replace(booking, attempt_id=attempt.id, state=AttemptState.COMMITTED)


def book_stranded(attempt: Attempt, report: Report, reason: str, desk: Desk) -> Booking:
    """Money that its plan cannot use: account credit or a refund, by policy; never lost, never kept silently."""
    refunds = desk.policy.stale_money is StaleMoney.REFUND
    payment = replace(
        money_of(attempt, report, desk), disposition=REFUNDED if refunds else CREDITED, reason=reason
    )
    amount, currency = payment.amount, payment.currency
    refund = RefundFact(
        id=desk.draw(), payment_id=payment.id, amount=amount, currency=currency, reason=reason
    )
    target = ledger.REFUNDS_PAYABLE if refunds else ledger.CUSTOMER_CREDIT
    grants = () if refunds else granting.returned(amount, currency, reason, desk)
    return Booking(
        attempt_id=attempt.id,
        account_id=attempt.account_id,
        state=AttemptState.COMMITTED if attempt.state is AttemptState.COMMITTED else AttemptState.RETURNED,
        cause_id=payment.id,
        ref=attempt.ref or report.ref,
        payment=payment,
        postings=ledger.move(ledger.cash(payment.provider), target, amount),
        credit_grants=grants,
        refund=refund if refunds else None,
        events=narration.of_stranded(payment, reason, grants),
    )


def book_failure(attempt: Attempt, cause: FailureCause, ref: str | None) -> Booking:
    """The end of an attempt without money: only the journal, and the method if it can never work again."""
    booking = Booking(
        attempt_id=attempt.id,
        account_id=attempt.account_id,
        state=AttemptState.FAILED,
        cause=cause,
        ref=ref or attempt.ref,
        invalid_method=_invalid(attempt, cause),
    )
    return replace(booking, events=narration.of_failure(booking, attempt))


def _moved_on(claim: Claim, plan: Plan) -> Claim:
    """The claim with subscriptions as the plan leaves them: it is booked first."""
    after = {s.id: s for s in plan.subscriptions}
    on_grace = tuple((after.get(s.id, s), proof_id) for s, proof_id in claim.on_grace)
    return replace(claim, on_grace=tuple(x for x in on_grace if x[0].state is not SubscriptionState.ENDED))


class _Papers(NamedTuple):
    """The facts of one commit that name each other."""

    payment: PaymentFact | None
    proof: ProofFact
    invoice: InvoiceFact | None
    after: Subscription | None


def _papers(
    attempt: Attempt, verdict: Commit, report: Report, account: Account, desk: Desk, number: Number | None
) -> _Papers:
    plan = attempt.plan
    if issues_invoice(plan) is (number is None):
        raise ValueError(f"attempt {attempt.id}: an invoice and its number come together, got {number}")
    invoice_id = desk.draw()
    paid = verdict.proof is ProofKind.PAYMENT
    payment = money_of(attempt, report, desk, invoice_id, plan.due) if paid else None
    proof = proving.of_plan(plan, verdict.proof, payment, desk, verdict.cause)
    invoice = None if number is None else _invoice(plan, proof.kind, invoice_id, number, account, desk)
    after = plan.after
    if after is not None and proof.grace_until is not None:
        after = replace(after, grace_until=proof.grace_until, grace_invoice=invoice_id)
    return _Papers(payment, proof, invoice, after)


def _others(booking: Booking, plan: Plan, papers: _Papers, live: Live, desk: Desk) -> tuple[Booking, ...]:
    """The subscriptions that are renewed or bought with the first one, on its proof; on grace they all are."""
    return tuple(_other(booking, plan, after, papers, live, desk) for after in plan.also)


def _other(
    booking: Booking, plan: Plan, planned: Subscription, papers: _Papers, live: Live, desk: Desk
) -> Booking:
    first, after = papers.after, planned
    if first is not None and first.grace_until is not None:
        after = replace(planned, grace_until=first.grace_until, grace_invoice=first.grace_invoice)
    return Booking(
        attempt_id=booking.attempt_id,
        account_id=booking.account_id,
        state=booking.state,
        stands_on=papers.proof.id,
        subscription=after,
        items_changed=plan.intent is not Intent.RENEW or after.id in live.scheduled,
        grants=entitlements((after,), desk.catalog, desk.policy),
        periods=opened(plan, after, desk.catalog, desk.policy),
        cut=cut(plan, after, desk.catalog, desk.policy),
        registrations=wanted(plan, after, desk.catalog, desk.draw),
        events=(narration.of_subscription(plan.intent_of(after), papers.proof, after),),
    )


def money_of(
    attempt: Attempt, report: Report, desk: Desk, invoice_id: UUID | None = None, due: int = 1
) -> PaymentFact:
    """The money that a report tells of; `due` is the least that it must be for what it is to prove."""
    if attempt.provider is None or report.ref is None or report.amount < due:
        raise ValueError(
            f"attempt {attempt.id}: needs {due} by a provider, under its reference, got {report}"
        )
    return PaymentFact(
        id=desk.draw(),
        provider=attempt.provider,
        ref=report.ref,
        amount=report.amount,
        currency=report.currency or attempt.plan.currency,
        disposition=APPLIED,
        invoice_id=invoice_id,
    )


def _invoice(
    plan: Plan, kind: ProofKind, invoice_id: UUID, number: Number, account: Account, desk: Desk
) -> InvoiceFact:
    """What the proof leaves open is owed: at once on grace, after the agreed days of the account's zone on terms."""
    open_part = {ProofKind.TERMS: plan.total, ProofKind.GRACE: plan.due}.get(kind, 0)
    days = plan.terms_days if kind is ProofKind.TERMS else 0
    lines = plan.invoiced
    total = sum(line.gross for line in lines)
    return InvoiceFact(
        id=invoice_id,
        subscription_id=plan.after.id if plan.after and not plan.also and plan.cart is None else None,
        series=number[0],
        number=number[1],
        currency=plan.currency,
        tax=sum(line.tax for line in lines),
        total=total,
        paid=total - open_part,
        issued_at=desk.now,
        due_at=due_at(desk.now, days, account.time_zone),
        lines=lines,
        reference=plan.reference,
        notes=plan.notes,
        language=account.language,
    )


def method_of(attempt: Attempt, report: Report, live: Live, desk: Desk) -> MethodFact | None:
    if report.method is None or report.method.token == attempt.method_token:
        return None
    known = live.methods.get((report.method.provider, report.method.token))
    return MethodFact(id=known or desk.draw(), vaulted=report.method, known=known is not None)


def _invalid(attempt: Attempt, cause: FailureCause | None) -> UUID | None:
    if cause is None or CAUSE_CLASS[cause] is not CauseClass.PERMANENT:
        return None
    return attempt.method_id

"""Booking: everything that one verdict writes, as one value.

Owns the facts of a commit (proof, payment, invoice, postings, grants, events) and their arithmetic. Does not own
the judgement (`settlement`) nor the writing (the settle flow hands bookings to the books).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from solvent.core import events as ev
from solvent.core import ledger
from solvent.core.attempt import Attempt
from solvent.core.catalog import Catalog
from solvent.core.entitlement import Grant, entitlements
from solvent.core.invoice import Invoice, Line, spell_number
from solvent.core.ledger import Posting
from solvent.core.payment import (
    CAUSE_CLASS,
    AttemptState,
    CauseClass,
    FailureCause,
    ProofKind,
    Report,
    StaleMoney,
    VaultedMethod,
)
from solvent.core.plan import Intent, Plan
from solvent.core.policy import Policy
from solvent.core.settlement import Commit, Live
from solvent.core.subscription import Subscription, SubscriptionState


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFact:
    """One movement of money to us. `disposition`: applied (to `invoice_id`), credited or refunded (`reason`)."""

    id: UUID
    provider: str
    ref: str
    amount: int
    currency: str
    disposition: str
    reason: str | None = None
    invoice_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFact:
    """Why a commit may happen; `of_plan` marks the one commit of the attempt's plan."""

    id: UUID
    kind: ProofKind
    of_plan: bool
    amount: int
    currency: str
    payment_id: UUID | None = None
    grace_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFact:
    """An invoice as it is issued; `paid` of `total` minor units are settled in the same commit."""

    id: UUID
    subscription_id: UUID | None
    series: str
    number: int
    currency: str
    total: int
    paid: int
    due_at: datetime
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledInvoice:
    """An open invoice of which nothing is owed any more."""

    id: UUID
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFact:
    """Money to be given back by the provider."""

    id: UUID
    payment_id: UUID
    amount: int
    currency: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodFact:
    """A method vaulted as a by-product of paying."""

    id: UUID
    vaulted: VaultedMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What one verdict writes about one attempt, in one transaction. `cause_id` groups its postings."""

    attempt_id: UUID
    account_id: UUID
    state: AttemptState
    cause_id: UUID | None = None
    cause: FailureCause | None = None
    ref: str | None = None
    proof: ProofFact | None = None
    payment: PaymentFact | None = None
    subscription: Subscription | None = None
    items_changed: bool = False
    grants: tuple[Grant, ...] = ()
    invoice: InvoiceFact | None = None
    settled: SettledInvoice | None = None
    postings: tuple[Posting, ...] = ()
    credit: int = 0
    refund: RefundFact | None = None
    method: MethodFact | None = None
    invalid_method: UUID | None = None
    events: tuple[ev.Event, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What booking needs besides facts: catalog, policy, the moment (UTC) and new ids."""

    catalog: Catalog
    policy: Policy
    now: datetime
    draw: Callable[[], UUID]


def issues_invoice(plan: Plan) -> bool:
    """Whether committing the plan issues an invoice: it has amounts, and they do not make a credit."""
    return plan.settles is None and plan.total >= 0 and any(line.amount for line in plan.lines)


def book_commit(
    attempt: Attempt, verdict: Commit, report: Report, live: Live, desk: Desk, number: tuple[str, int] | None
) -> Booking:
    """The commit of an attempt's plan on a proof. `number` is the (series, number) when it issues an invoice."""
    plan = attempt.plan
    if plan.settles is not None:
        return book_debt(attempt, report, live.invoices[plan.settles], live, desk, of_plan=True)
    proof_id, invoice_id = desk.draw(), desk.draw()
    payment = _payment(attempt, report, desk, invoice_id) if verdict.proof is ProofKind.PAYMENT else None
    grace_until = _grace_until(plan, desk) if verdict.proof is ProofKind.GRACE else None
    proof = ProofFact(
        id=proof_id,
        kind=verdict.proof,
        of_plan=True,
        amount=_proven(plan, verdict.proof),
        currency=plan.currency,
        payment_id=payment.id if payment else None,
        grace_until=grace_until,
    )
    after = plan.after
    if after is not None and grace_until is not None:
        after = replace(after, grace_until=grace_until, grace_invoice=invoice_id)
    invoice = _invoice(plan, verdict.proof, invoice_id, number, desk) if number else None
    method = _method(attempt, report, desk)
    return Booking(
        attempt_id=attempt.id,
        account_id=attempt.account_id,
        state=AttemptState.COMMITTED,
        cause_id=proof_id,
        cause=verdict.cause,
        ref=report.ref,
        proof=proof,
        payment=payment,
        subscription=after,
        items_changed=after is not None and (plan.intent is not Intent.RENEW or after.id in live.scheduled),
        grants=entitlements((after,), desk.catalog, desk.policy) if after is not None else (),
        invoice=invoice,
        postings=_postings(plan, invoice, payment),
        credit=plan.credit_granted - plan.credit_used + _surplus(plan, payment),
        method=method,
        invalid_method=_invalid(attempt, verdict.cause),
        events=_events(plan, proof, after, invoice, payment, method, attempt, verdict.cause),
    )


def book_debt(
    attempt: Attempt, report: Report, invoice: Invoice, live: Live, desk: Desk, *, of_plan: bool
) -> Booking:
    """The payment of an open invoice in full, by money, by credit, or both; lifts the grace that stood on it."""
    plan = attempt.plan
    credit_used = plan.credit_used if of_plan else 0
    due = invoice.debt - credit_used
    payment = _payment(attempt, report, desk, invoice.id) if due > 0 else None
    proof = ProofFact(
        id=desk.draw(),
        kind=ProofKind.PAYMENT if payment else ProofKind.CREDIT,
        of_plan=of_plan,
        amount=due if payment else credit_used,
        currency=invoice.currency,
        payment_id=payment.id if payment else None,
    )
    lifted = live.on_grace.get(invoice.id)
    after = None if lifted is None else _lift(lifted, live)
    postings = ledger.move(ledger.CUSTOMER_CREDIT, ledger.RECEIVABLE, credit_used, invoice.id)
    happened: list[ev.Event] = []
    if credit_used:
        happened.append(ev.CreditUsed(amount=credit_used, currency=invoice.currency, invoice_id=invoice.id))
    if payment:
        postings += ledger.move(ledger.cash(payment.provider), ledger.RECEIVABLE, payment.amount, invoice.id)
    happened.append(_invoice_paid(invoice.id, invoice.number, invoice.total, invoice.currency, proof))
    if after is not None:
        happened.append(ev.GraceLifted(subscription_id=after.id, invoice_id=invoice.id))
    method = _method(attempt, report, desk)
    if method:
        happened.append(_method_added(method))
    return Booking(
        attempt_id=attempt.id,
        account_id=attempt.account_id,
        state=AttemptState.COMMITTED,
        cause_id=proof.id,
        ref=report.ref if of_plan else attempt.ref,
        proof=proof,
        payment=payment,
        subscription=after,
        grants=entitlements((after,), desk.catalog, desk.policy) if after is not None else (),
        settled=SettledInvoice(id=invoice.id, version=invoice.version + 1),
        postings=postings,
        credit=-credit_used,
        method=method,
        events=tuple(happened),
    )


def book_stranded(attempt: Attempt, report: Report, reason: str, desk: Desk) -> Booking:
    """Money that its plan cannot use: account credit or a refund, by policy; never lost, never kept silently."""
    refunds = desk.policy.stale_money is StaleMoney.REFUND
    disposition = "refunded" if refunds else "credited"
    payment = replace(
        _payment(attempt, report, desk, None),
        disposition=disposition,
        reason=reason,
        currency=_currency(attempt, report),
    )
    target = ledger.REFUNDS_PAYABLE if refunds else ledger.CUSTOMER_CREDIT
    refund = RefundFact(
        id=desk.draw(), payment_id=payment.id, amount=payment.amount, currency=payment.currency, reason=reason
    )
    stranded = ev.MoneyStranded(
        payment_id=payment.id,
        amount=payment.amount,
        currency=payment.currency,
        reason=reason,
        disposition=disposition,
    )
    granted = ev.CreditGranted(amount=payment.amount, currency=payment.currency, reason=reason)
    return Booking(
        attempt_id=attempt.id,
        account_id=attempt.account_id,
        state=AttemptState.COMMITTED if attempt.state is AttemptState.COMMITTED else AttemptState.RETURNED,
        cause_id=payment.id,
        ref=attempt.ref or report.ref,
        payment=payment,
        postings=ledger.move(ledger.cash(payment.provider), target, payment.amount),
        credit=0 if refunds else payment.amount,
        refund=refund if refunds else None,
        events=(stranded,) if refunds else (stranded, granted),
    )


def book_failure(attempt: Attempt, cause: FailureCause, ref: str | None) -> Booking:
    """The end of an attempt without money: only the journal, and the method if it can never work again."""
    invalid = _invalid(attempt, cause)
    happened = (ev.MethodInvalidated(method_id=invalid, cause=cause),) if invalid else ()
    return Booking(
        attempt_id=attempt.id,
        account_id=attempt.account_id,
        state=AttemptState.FAILED,
        cause=cause,
        ref=ref,
        invalid_method=invalid,
        events=happened,
    )


def _currency(attempt: Attempt, report: Report) -> str:
    return report.currency or attempt.plan.currency


def _payment(attempt: Attempt, report: Report, desk: Desk, invoice_id: UUID | None) -> PaymentFact:
    if attempt.provider is None or report.ref is None:
        raise ValueError(f"attempt {attempt.id}: money without a provider's reference")
    return PaymentFact(
        id=desk.draw(),
        provider=attempt.provider,
        ref=report.ref,
        amount=report.amount,
        currency=_currency(attempt, report),
        disposition="applied",
        invoice_id=invoice_id,
    )


def _grace_until(plan: Plan, desk: Desk) -> datetime:
    """Grace counts from the start of the unpaid period, however late its collection failed."""
    start = desk.now if plan.after is None else plan.after.period.start
    return start + desk.policy.grace


def _proven(plan: Plan, kind: ProofKind) -> int:
    match kind:
        case ProofKind.PAYMENT | ProofKind.GRACE:
            return plan.due
        case ProofKind.CREDIT:
            return plan.credit_used
        case ProofKind.TERMS:
            return plan.total
        case ProofKind.NOTHING_DUE | ProofKind.TRIAL:
            return 0


def _invoice(
    plan: Plan, kind: ProofKind, invoice_id: UUID, number: tuple[str, int], desk: Desk
) -> InvoiceFact:
    open_part = {ProofKind.TERMS: plan.total, ProofKind.GRACE: plan.due}.get(kind, 0)
    terms = timedelta(days=plan.terms_days if kind is ProofKind.TERMS else 0)
    return InvoiceFact(
        id=invoice_id,
        subscription_id=plan.after.id if plan.after else None,
        series=number[0],
        number=number[1],
        currency=plan.currency,
        total=plan.total,
        paid=plan.total - open_part,
        due_at=desk.now + terms,
        lines=plan.lines,
    )


def _postings(plan: Plan, invoice: InvoiceFact | None, payment: PaymentFact | None) -> tuple[Posting, ...]:
    """Issue (receivable to revenue, deferred for what covers a period), then what settles it at once."""
    deferred = sum(line.amount for line in plan.lines if line.period is not None)
    if invoice is None:
        return ledger.move(ledger.DEFERRED_REVENUE, ledger.CUSTOMER_CREDIT, plan.credit_granted)
    postings = ledger.move(ledger.RECEIVABLE, ledger.DEFERRED_REVENUE, deferred, invoice.id)
    postings += ledger.move(ledger.RECEIVABLE, ledger.REVENUE, plan.total - deferred, invoice.id)
    postings += ledger.move(ledger.CUSTOMER_CREDIT, ledger.RECEIVABLE, plan.credit_used, invoice.id)
    if payment is not None:
        source = ledger.cash(payment.provider)
        postings += ledger.move(source, ledger.RECEIVABLE, plan.due, invoice.id)
        postings += ledger.move(source, ledger.CUSTOMER_CREDIT, _surplus(plan, payment))
    return postings


def _surplus(plan: Plan, payment: PaymentFact | None) -> int:
    """What arrived beyond the amount due: only for a plan made anew at an amount paid earlier."""
    return 0 if payment is None else payment.amount - plan.due


def _method(attempt: Attempt, report: Report, desk: Desk) -> MethodFact | None:
    if report.method is None or report.method.token == attempt.method_token:
        return None
    return MethodFact(id=desk.draw(), vaulted=report.method)


def _invalid(attempt: Attempt, cause: FailureCause | None) -> UUID | None:
    if cause is None or CAUSE_CLASS[cause] is not CauseClass.PERMANENT:
        return None
    return attempt.method_id


def _lift(subscription: Subscription, live: Live) -> Subscription:
    version = live.versions.get(subscription.id, subscription.version) + 1
    return replace(subscription, grace_until=None, grace_invoice=None, version=version)


def _invoice_paid(
    invoice_id: UUID, number: str, total: int, currency: str, proof: ProofFact
) -> ev.InvoicePaid:
    return ev.InvoicePaid(
        invoice_id=invoice_id,
        number=number,
        total=total,
        currency=currency,
        proof=proof.kind,
        payment_id=proof.payment_id,
    )


def _method_added(method: MethodFact) -> ev.MethodAdded:
    return ev.MethodAdded(method_id=method.id, provider=method.vaulted.provider, label=method.vaulted.label)


def _events(
    plan: Plan,
    proof: ProofFact,
    after: Subscription | None,
    invoice: InvoiceFact | None,
    payment: PaymentFact | None,
    method: MethodFact | None,
    attempt: Attempt,
    cause: FailureCause | None,
) -> tuple[ev.Event, ...]:
    happened: list[ev.Event] = [] if after is None else [_subscription_event(plan.intent, proof, after)]
    if invoice is not None:
        happened += _invoice_events(invoice, proof, plan.credit_used)
        if proof.grace_until is not None and cause is not None:
            happened.append(
                ev.GraceGranted(
                    invoice_id=invoice.id, amount=proof.amount, cause=cause, until=proof.grace_until
                )
            )
    if plan.credit_granted:
        happened.append(
            ev.CreditGranted(amount=plan.credit_granted, currency=plan.currency, reason=plan.intent)
        )
    if method is not None:
        happened.append(_method_added(method))
    invalid = _invalid(attempt, cause)
    if invalid is not None and cause is not None:
        happened.append(ev.MethodInvalidated(method_id=invalid, cause=cause))
    return tuple(happened)


def _invoice_events(invoice: InvoiceFact, proof: ProofFact, credit_used: int) -> list[ev.Event]:
    number = spell_number(invoice.series, invoice.number)
    happened: list[ev.Event] = []
    if credit_used:
        happened.append(ev.CreditUsed(amount=credit_used, currency=invoice.currency, invoice_id=invoice.id))
    if invoice.paid == invoice.total:
        return [*happened, _invoice_paid(invoice.id, number, invoice.total, invoice.currency, proof)]
    issued = ev.InvoiceIssued(
        invoice_id=invoice.id,
        number=number,
        total=invoice.total,
        debt=invoice.total - invoice.paid,
        currency=invoice.currency,
        due_at=invoice.due_at,
    )
    return [*happened, issued]


def _subscription_event(intent: Intent, proof: ProofFact, after: Subscription) -> ev.Event:
    if after.state is SubscriptionState.ENDED:
        return ev.SubscriptionEnded(
            subscription_id=after.id,
            reason=str(after.end_reason),
            ended_at=after.ended_at or after.period.end,
        )
    if intent is Intent.START:
        return ev.SubscriptionStarted(subscription_id=after.id, proof=proof.kind, period_end=after.period.end)
    if intent is Intent.RENEW:
        return ev.SubscriptionRenewed(subscription_id=after.id, proof=proof.kind, period_end=after.period.end)
    if intent is Intent.SCHEDULE:
        cancel = after.pending is not None and after.pending.cancel
        return ev.ChangeScheduled(subscription_id=after.id, at=after.period.end, cancel=cancel)
    return ev.SubscriptionChanged(subscription_id=after.id, version=after.version)

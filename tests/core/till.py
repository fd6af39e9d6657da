"""A till: attempts, reports and locked facts of one account, settled as the settle flow does, and checked each time.

Owns how a test drives judging and booking, and what must hold of every booking whatever was paid (`check`). Owns no
expectation of a single story.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from solvent.core import events as ev
from solvent.core import ledger
from solvent.core.attempt import Attempt
from solvent.core.booking import (
    Booking,
    Desk,
    book_commit,
    book_failure,
    book_returned,
    book_stranded,
    issues_invoice,
)
from solvent.core.charged import Charged
from solvent.core.crediting import Claim
from solvent.core.entitlement import entitlements
from solvent.core.invoice import Invoice, InvoiceState, LineKind
from solvent.core.paying import book_debt, book_debts
from solvent.core.payment import (
    TRANSITIONS,
    AttemptState,
    FailureCause,
    Outcome,
    ProofKind,
    Report,
    StaleMoney,
    VaultedMethod,
)
from solvent.core.plan import Plan, Refusal
from solvent.core.settlement import Commit, Fail, Families, Live, Past, PayIssued, Strand, Verdict, judge
from solvent.core.unused_time import PlannedNote
from solvent.ports.books import Locked

if TYPE_CHECKING:
    from tests.core.conftest import Shop

ISSUED = UUID(int=0x1550)
METHOD_ID = UUID(int=0xCA4D)
CARD = VaultedMethod(provider="sandbox", token="tok_new", kind="card", label="Visa 4242", off_session=True)


@dataclass(slots=True)
class Till:
    """What settlement locked about the account of a shop. The shop is what later plans are made from."""

    shop: Shop
    locked: Locked = field(init=False)
    families: Families = field(init=False)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(0xB00C))
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(42))
    notes: list[Booking] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.families = Families(self.shop.catalog)
        live = Live(account=self.shop.account, credit_grants={g.id: g for g in self.shop.credit_grants})
        for subscription in self.shop.subscriptions.values():
            live.advance(subscription, self.families)
        live.invoices |= {i: charged.invoice for i, charged in self.shop.charged.items()}
        live.credited |= {i: charged.credited for i, charged in self.shop.charged.items()}
        self.locked = Locked(attempts={}, live={self.shop.account.id: live}, past={})

    @property
    def live(self) -> Live:
        return self.locked.live[self.shop.account.id]

    @property
    def desk(self) -> Desk:
        return Desk(
            catalog=self.shop.catalog,
            policy=self.shop.policy,
            now=self.shop.now,
            draw=lambda: UUID(int=next(self.ids)),
        )

    def stale_money(self, choice: StaleMoney) -> Till:
        """The same till under another policy for money that cannot be used."""
        self.shop.policy = replace(self.shop.policy, stale_money=choice)
        return self

    def has_credit(self, amount: int) -> None:
        """The account has so much credit, in what is locked and in what later plans are made from."""
        self.shop.credit = amount
        self.live.credit_grants = {g.id: g for g in self.shop.credit_grants}

    def owes(self, invoice: Invoice) -> Invoice:
        """An open invoice that was issued before."""
        self.live.invoices[invoice.id] = invoice
        return invoice

    def open(
        self,
        plan: Plan | Refusal | None,
        state: AttemptState = AttemptState.OPENING,
        **other: Any,  # noqa: ANN401 - fields of the attempt
    ) -> Attempt:
        """A journalled attempt of the plan, with a card on file that is charged."""
        assert isinstance(plan, Plan)
        card: dict[str, Any] = {"provider": "sandbox", "method_id": METHOD_ID, "method_token": "tok_filed"}
        attempt = Attempt(
            id=UUID(int=next(self.ids)),
            account_id=plan.account_id,
            plan=plan,
            state=state,
            off_session=False,
            created_at=plan.planned_at,
            expires_at=plan.expires_at,
            look_at=None,
            **card | other,
        )
        self.locked.attempts[attempt.id] = attempt
        return attempt

    def judge(self, report: Report) -> Verdict:
        attempt = self.locked.attempts[report.key]
        return judge(attempt, report, self.live, self.locked.past.get(attempt.id, Past()), self.families)

    def settle(self, report: Report) -> Booking:
        """Judge, book, check, and let the facts follow."""
        return self.book(report, self.judge(report))

    def book(self, report: Report, verdict: Verdict) -> Booking:
        attempt, live = self.locked.attempts[report.key], self.live
        match verdict:
            case Commit() if attempt.plan.settles:
                return self.book_all(report)[-1]
            case Commit():
                number = ("SOL-7F", next(self.numbers)) if issues_invoice(attempt.plan) else None
                booking = book_commit(attempt, verdict, report, live, self.desk, number)
                commit = self.written(booking, attempt)
                for note in attempt.plan.credit_notes:
                    self.returned(note, attempt)
                return commit
            case PayIssued():
                invoice = live.invoices[verdict.invoice_id]
                booking = book_debt(attempt, report, invoice, live, self.desk, of_plan=verdict.of_plan)
            case Strand():
                if verdict.grace is not None:
                    self.book(report, Commit(proof=ProofKind.GRACE, cause=verdict.grace))
                    attempt = self.locked.attempts[report.key]
                booking = book_stranded(attempt, report, verdict.reason, self.desk)
            case Fail():
                booking = book_failure(attempt, verdict.cause, report.ref)
            case _:
                raise AssertionError(f"nothing is booked for {verdict}")
        return self.written(booking, attempt)

    def returned(self, note: PlannedNote, attempt: Attempt) -> Booking:
        """A credit note of the plan, booked after it."""
        charged = self.shop.charged[note.invoice_id]
        claim = Claim(
            account=self.shop.account,
            invoice=charged.invoice,
            lines=charged.lines,
            credited=charged.credited,
            ahead=charged.ahead,
        )
        booking = book_returned(claim, note, attempt, self.desk, ("SOL-CN-7F", next(self.numbers)))
        assert booking.credit_note is not None
        _check_money(booking)
        _check_credit(booking, self.live)
        assert (booking.credit_note.amount, booking.credit_note.to_debt) == (note.amount, note.to_debt)
        self.locked.consume(booking, self.families)
        self.shop.credit_grants = tuple(self.live.credit_grants.values())
        self.shop.credit_note(note.invoice_id, note.parts, unused=True)
        self.notes.append(booking)
        return booking

    def book_all(self, report: Report) -> list[Booking]:
        """The payment of several debts: a booking each, in their order."""
        attempt = self.locked.attempts[report.key]
        bookings = book_debts(attempt, report, self.live, self.desk)
        return [self.written(booking, self.locked.attempts[attempt.id]) for booking in bookings]

    def written(self, booking: Booking, attempt: Attempt) -> Booking:
        """Check a booking, and let the facts follow."""
        check(booking, attempt, self)
        self.locked.consume(booking, self.families)
        self.shop.credit_grants = tuple(self.live.credit_grants.values())
        settled = None if booking.settled is None else self.shop.charged.get(booking.settled.id)
        if booking.settled is not None and settled is not None:
            self.shop.charged[booking.settled.id] = replace(settled, invoice=booking.settled.after)
        if booking.invoice is not None:
            issued = booking.invoice.value(self.shop.account.id)
            self.shop.charged[issued.id] = Charged(invoice=issued, lines=booking.invoice.lines, credited={})
        if booking.subscription is not None:
            self.shop.subscriptions[booking.subscription.id] = booking.subscription
        return booking


def open_invoice(shop: Shop, debt: int = 2000, **other: Any) -> Invoice:  # noqa: ANN401 - fields of the value
    """An invoice of the account that was issued now and is owed."""
    invoice = Invoice(
        id=ISSUED,
        account_id=shop.account.id,
        subscription_id=None,
        number="SOL-7F-000007",
        state=InvoiceState.OPEN,
        currency=shop.account.currency,
        total=debt,
        paid=0,
        issued_at=shop.now,
        due_at=shop.now,
        version=1,
    )
    return replace(invoice, **other)


def said(attempt: Attempt, outcome: Outcome, **other: Any) -> Report:  # noqa: ANN401 - as above
    """What the provider says of the attempt, without money."""
    return Report(outcome=outcome, key=attempt.id, **other)


def paid(attempt: Attempt, ref: str = "pi_1", amount: int | None = None, **other: Any) -> Report:  # noqa: ANN401
    """The provider says that the amount due (or another one) has moved."""
    amount = attempt.plan.due if amount is None else amount
    named = {"ref": ref, "currency": attempt.plan.currency} if amount else {}
    return Report(outcome=Outcome.SUCCEEDED, key=attempt.id, amount=amount, **named | other)


def declined(attempt: Attempt, cause: FailureCause = FailureCause.INSUFFICIENT_FUNDS) -> Report:
    """The provider says that the payment failed for good."""
    return Report(
        outcome=Outcome.FAILED,
        key=attempt.id,
        ref="pi_1",
        amount=attempt.plan.due,
        currency="USD",
        cause=cause,
    )


def accounts(booking: Booking) -> dict[str, int]:
    """What the booking does to each ledger account it touches: debits less credits."""
    return {name: amount for name, amount in ledger.balances(booking.postings).items() if amount}


def check(booking: Booking, attempt: Attempt, till: Till) -> None:
    """What holds of every booking, before the facts follow it. The database refuses most of what breaks this."""
    assert booking.state is attempt.state or booking.state in TRANSITIONS[attempt.state]
    _check_money(booking)
    _check_credit(booking, till.live)
    _check_proof(booking, attempt)
    _check_documents(booking, till.live)
    _check_deferred(booking, attempt.plan)
    after = booking.subscription
    assert booking.grants == entitlements((after,) if after else (), till.shop.catalog, till.shop.policy)
    if after is not None:
        assert booking.proof is not None  # L1
        assert (after.grace_until is None) is (after.grace_invoice is None)
        assert after.version == till.live.versions.get(after.id, 0) + 1


def _check_money(booking: Booking) -> None:
    """L3, L4: every posting moves something between two accounts, and cash is exactly what arrived."""
    assert all(p.amount > 0 and p.debit != p.credit for p in booking.postings)
    moved = accounts(booking)
    assert sum(moved.values()) == 0
    payment, invoice, settled = booking.payment, booking.invoice, booking.settled
    cash = {} if payment is None else {ledger.cash(payment.provider): payment.amount}
    assert {name: amount for name, amount in moved.items() if name.startswith("cash:")} == cash
    if payment is not None:
        about = invoice or settled
        assert payment.invoice_id == (about.id if payment.disposition == "applied" and about else None)
        assert (payment.disposition == "applied") is (payment.reason is None)
        assert (payment.disposition == "refunded") is (booking.refund is not None)


def _check_credit(booking: Booking, live: Live) -> None:
    """The balance moves as the ledger and the events say, and never below zero."""
    assert booking.credit == -sum(accounts(booking).get(name, 0) for name in ledger.CREDIT_ACCOUNTS)
    told = {ev.CreditGranted: 1, ev.CreditUsed: -1}
    assert booking.credit == sum(told.get(type(e), 0) * getattr(e, "amount", 0) for e in booking.events)
    if booking.currency == live.account.currency:
        assert live.credit + booking.credit >= 0


def _check_proof(booking: Booking, attempt: Attempt) -> None:
    """L1, L2: a commit has one proof, of an amount that fits its kind; money that proves nothing is returned."""
    proof, payment = booking.proof, booking.payment
    if proof is None:
        assert (booking.subscription, booking.invoice, booking.settled) == (None, None, None)
        assert payment is None or payment.disposition != "applied"
        return
    assert booking.state is AttemptState.COMMITTED
    assert proof.of_plan is (attempt.state is not AttemptState.COMMITTED)
    assert (proof.amount > 0) is (proof.kind not in {ProofKind.NOTHING_DUE, ProofKind.TRIAL})
    assert (proof.grace_until is not None) is (proof.kind is ProofKind.GRACE)
    assert (payment is not None) is (proof.kind is ProofKind.PAYMENT)
    if payment is not None:
        assert proof.payment_id == payment.id
        assert proof.currency == payment.currency
        assert proof.amount <= payment.amount


def _check_deferred(booking: Booking, plan: Plan) -> None:
    """Every line of a period in advance is in deferred revenue: those of an invoice, or (where no credit note says it)
    those of a plan that comes to less than nothing."""
    kept = booking.proof is not None and plan.total < 0 and not plan.credit_notes
    lines = booking.invoice.lines if booking.invoice is not None else plan.lines if kept else ()
    deferred = sum(
        line.amount for line in lines if line.period is not None and line.kind is not LineKind.USAGE
    )
    assert accounts(booking).get(ledger.DEFERRED_REVENUE, 0) == -deferred


def _check_documents(booking: Booking, live: Live) -> None:
    """L7: what is receivable is the debt, lines sum to the total, and being paid is told once."""
    invoice, receivable = booking.invoice, accounts(booking).get(ledger.RECEIVABLE, 0)
    told = [e.invoice_id for e in booking.events if isinstance(e, ev.InvoicePaid)]
    if invoice is not None:
        assert invoice.total == sum(line.gross for line in invoice.lines)
        assert (
            invoice.tax
            == sum(line.tax for line in invoice.lines)
            == -accounts(booking).get(ledger.TAX_PAYABLE, 0)
        )
        assert 0 <= invoice.paid <= invoice.total
        assert receivable == invoice.total - invoice.paid
        assert told == ([invoice.id] if invoice.paid == invoice.total else [])
    elif booking.settled is not None:
        recovered = accounts(booking).get(ledger.BAD_DEBT, 0)
        assert receivable + recovered == -live.invoices[booking.settled.id].debt
        assert told == ([booking.settled.id] if booking.settled.after.state is InvoiceState.PAID else [])
    else:
        assert (receivable, told) == (0, [])

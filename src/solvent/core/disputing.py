"""Disputing: what a report about a dispute writes, as bookings.

Owns where a disputed payment's money stands in the ledger, what a lost dispute makes of the invoice (owed again), of
the subscription that stands on it and of account credit, and what comes back when a decision is reversed. Everything
is a further fact; nothing that was booked changes. Does not own a dispute's own course (`dispute`) nor the writing
(the settle flow hands bookings to the books).
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from solvent.core import events as ev
from solvent.core import granting, ledger, narration
from solvent.core.account import Account
from solvent.core.credit import CreditGrant, balance, take
from solvent.core.crediting import Claim, lift
from solvent.core.dispute import (
    GONE,
    HELD,
    KEPT,
    Dispute,
    DisputeReport,
    DisputeState,
    Loss,
    Taken,
    begin,
    follow,
)
from solvent.core.entitlement import entitlements
from solvent.core.facts import Booking, CreditUse, Desk, PaymentFact, SettledInvoice, UseKind
from solvent.core.invoice import Invoice, InvoiceState, Line, LineKind, lower, reopen
from solvent.core.ledger import Posting
from solvent.core.period import Period
from solvent.core.subscription import Subscription

BY_DISPUTE = "dispute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A payment that the disputed money was, minor units: `given_back` of it by refunds and by other disputes that were
    lost, and the `claim` on the invoice that it paid, if any."""

    payment: PaymentFact
    given_back: int
    claim: Claim | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contested:
    """The locked facts about disputed money: the payments that it was (one, or one for each debt that it paid), the
    account's money that is kept as credit in its currency, and the dispute as it is `known`, if it is."""

    account: Account
    paid: Sequence[Paid]
    credit_grants: Sequence[CreditGrant]
    known: Dispute | None

    @property
    def credit(self) -> int:
        """What is left of the grants, in minor units."""
        return balance(self.credit_grants)

    @property
    def head(self) -> PaymentFact:
        """The payment, or the first of them."""
        return self.paid[0].payment


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """From one state of a dispute to the next."""

    before: Dispute | None
    after: Dispute

    @property
    def lost(self) -> bool:
        return self.after.state in GONE and (self.before is None or self.before.state not in GONE)

    @property
    def returned(self) -> Loss | None:
        """What comes back, as it was taken, when a decision is reversed."""
        reversed_ = self.before is not None and self.before.state in GONE and self.after.state in KEPT
        return self.after.loss if reversed_ else None

    @property
    def taken(self) -> int:
        """What the provider has taken of the payment by this step (negative: given back)."""
        return _taken(self.after) - (0 if self.before is None else _taken(self.before))


def _taken(dispute: Dispute) -> int:
    return dispute.amount if dispute.state in HELD | GONE else 0


def book_dispute(case: Contested, report: DisputeReport, desk: Desk) -> tuple[Booking, ...]:
    """All that the report brings: nothing, where it is not news; else the dispute with its money, every invoice that is
    owed again or paid after all, and the provider's fee."""
    if report.state is DisputeState.UNKNOWN:
        return ()
    if case.known is None:
        after = begin(report, desk.draw(), case.head.id, case.head.provider)
    else:
        after = follow(case.known, report)
        if after is case.known:
            return ()
    step = _Step(before=case.known, after=after)
    fee = after.fee - (0 if case.known is None else case.known.fee)
    return (*_book(case, step, desk), *_book_fee(case, after, fee, desk))


def _book(case: Contested, step: _Step, desk: Desk) -> tuple[Booking, ...]:
    others: list[Booking] = []
    postings: tuple[Posting, ...] = ()
    credit = 0
    if step.lost:
        loss = _loss(case, step.after.amount)
        step = replace(step, after=replace(step.after, loss=loss))
        others = _owed_again(case, loss, desk)
        credit = -loss.from_credit
        postings = ledger.move(ledger.DISPUTE_LOSSES, ledger.DISPUTES, loss.written_off)
    elif step.returned is not None:
        others, beyond = _paid_again(case, step.returned, desk)
        credit = beyond + step.returned.from_credit
        postings = ledger.move(ledger.DISPUTES, ledger.DISPUTE_LOSSES, step.returned.written_off)
    postings += ledger.move(ledger.DISPUTES, ledger.CUSTOMER_CREDIT, credit)
    grants = granting.returned(max(credit, 0), step.after.currency, BY_DISPUTE, desk)
    booking = Booking(
        account_id=case.account.id,
        cause_id=desk.draw(),
        dispute=step.after,
        charged_back=step.after.loss.parts if step.lost and step.after.loss is not None else (),
        postings=ledger.move(ledger.DISPUTES, ledger.cash(case.head.provider), step.taken) + postings,
        credit_grants=grants,
        credit_uses=_taken_of(case, max(-credit, 0)),
        events=(*_told(case, step), *granting.told(grants), *_told_of_taken(-credit, step.after)),
        money_in=step.after.currency,
    )
    return (booking, *others)


def _book_fee(case: Contested, after: Dispute, fee: int, desk: Desk) -> tuple[Booking, ...]:
    """What more the provider has charged for the dispute (negative: given back), which may be another currency."""
    if not fee:
        return ()
    booking = Booking(
        account_id=case.account.id,
        cause_id=desk.draw(),
        postings=ledger.move(ledger.DISPUTE_FEES, ledger.cash(after.provider), fee),
        money_in=after.fee_currency,
    )
    return (booking,)


def _loss(case: Contested, amount: int) -> Loss:
    """Of each payment, first what it settles of its invoice; then, of what else it brought, the credit that is left.

    Of money that paid several debts the last goes first: what is left still pays the oldest. What went back before, and
    credit that has been spent, cannot be had from the customer by any document.
    """
    parts: list[Taken] = []
    credit = case.credit
    for paid in reversed(case.paid):
        left = min(amount, max(paid.payment.amount - paid.given_back, 0))
        to_debt = 0 if paid.claim is None else min(left, paid.claim.invoice.paid)
        from_credit = min(left - to_debt, credit)
        if to_debt or from_credit:
            parts.append(Taken(payment_id=paid.payment.id, to_debt=to_debt, from_credit=from_credit))
        amount -= to_debt + from_credit
        credit -= from_credit
    return Loss(parts=tuple(reversed(parts)), written_off=amount)


def _owed_again(case: Contested, loss: Loss, desk: Desk) -> list[Booking]:
    """A booking for each invoice that is owed again."""
    claims = {paid.payment.id: paid.claim for paid in case.paid}
    bookings: list[Booking] = []
    stood: set[UUID] = set()  # one subscription stands on one debt
    for part in loss.parts:
        claim = claims[part.payment_id]
        if claim is not None and part.to_debt:
            booking = _reopening(claim, part.to_debt, desk, stood)
            stood |= {b.subscription.id for b in (booking, *booking.others) if b.subscription is not None}
            bookings.append(booking)
    return bookings


def _reopening(claim: Claim, amount: int, desk: Desk, stood: Set[UUID]) -> Booking:
    """The invoice is owed again, by what the dispute took of it (as bad debt, if it had been given up); and service
    stands on it, as on any unpaid period."""
    before = claim.invoice
    after = reopen(before, amount)
    owed = ledger.BAD_DEBT if before.given_up else ledger.RECEIVABLE
    booking = Booking(
        account_id=claim.account.id,
        cause_id=desk.draw(),
        settled=SettledInvoice(after=after),
        postings=ledger.move(owed, ledger.DISPUTES, amount, before.id),
        events=() if before.owed else (_reopened(before, after),),
        money_in=before.currency,
    )
    held = [x for x in _standing_on(claim) if x[0].id not in stood]
    if not held:
        return booking
    until = max(after.due_at, held[0][0].period.start) + desk.policy.grace
    told = replace(booking, events=(*booking.events, _graced(after, amount, until)))
    others = (_on_grace(Booking(account_id=claim.account.id), x, after, until, desk) for x in held[1:])
    return replace(_on_grace(told, held[0], after, until, desk), others=tuple(others))


def _on_grace(
    booking: Booking, held: tuple[Subscription, UUID], after: Invoice, until: datetime, desk: Desk
) -> Booking:
    """And a subscription that stands on the invoice from now on."""
    subscription, proof_id = held
    graced = replace(
        subscription, grace_until=until, grace_invoice=after.id, version=subscription.version + 1
    )
    return replace(
        booking,
        subscription=graced,
        stands_on=proof_id,
        grants=entitlements((graced,), desk.catalog, desk.policy),
    )


def _paid_again(case: Contested, returned: Loss, desk: Desk) -> tuple[list[Booking], int]:
    """What came back settles what is still owed on the invoices; and what of it nobody owes any more."""
    claims = {paid.payment.id: paid.claim for paid in case.paid}
    bookings: list[Booking] = []
    beyond = 0
    for part in returned.parts:
        claim = claims[part.payment_id]
        paid = 0 if claim is None else min(part.to_debt, claim.invoice.debt)
        beyond += part.to_debt - paid
        if claim is not None and paid:
            bookings.append(_recovering(claim, paid, desk))
    return bookings, beyond


def _recovering(claim: Claim, paid: int, desk: Desk) -> Booking:
    before = claim.invoice
    after = lower(before, paid=paid)
    owed = ledger.BAD_DEBT if before.state is InvoiceState.UNCOLLECTIBLE else ledger.RECEIVABLE
    lifted = lift(claim, after, desk)
    return replace(
        lifted,
        cause_id=desk.draw(),
        settled=SettledInvoice(after=after),
        postings=ledger.move(ledger.DISPUTES, owed, paid, before.id),
        events=(*narration.of_resolved(before, after), *lifted.events),
        money_in=before.currency,
    )


def _standing_on(claim: Claim) -> list[tuple[Subscription, UUID]]:
    """The subscriptions whose present period the invoice is for, with proofs, unless they stand on another debt."""
    if claim.invoice.given_up:
        return []
    return [
        held for held in claim.live if held[0].grace_invoice is None and _covers(claim.lines, held[0].period)
    ]


def _covers(lines: Sequence[Line], period: Period) -> bool:
    """Whether any of it was charged in advance for a part of that period."""
    return any(
        line.period is not None
        and line.kind is not LineKind.USAGE
        and line.period.start < period.end
        and period.start < line.period.end
        for line in lines
    )


def _told(case: Contested, step: _Step) -> tuple[ev.Event, ...]:
    """The dispute's own events: that it was opened, and then where it stands; first of all, for whoever reads on."""
    after = step.after
    about = _About(dispute=after, invoice_id=case.head.invoice_id)
    told: tuple[ev.Event, ...] = ()
    if step.before is None:
        told = (about.event(ev.DisputeOpened),)
    if step.lost:
        return (*told, about.event(ev.DisputeLost))
    if after.state in KEPT and (step.before is None or step.before.state not in KEPT):
        return (*told, about.event(ev.DisputeWon))
    return told or (about.event(ev.DisputeUpdated),)


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """A dispute as its events tell it."""

    dispute: Dispute
    invoice_id: UUID | None

    def event(self, kind: type[ev.DisputeTold]) -> ev.Event:
        dispute = self.dispute
        return kind(
            dispute_id=dispute.id,
            payment_id=dispute.payment_id,
            invoice_id=self.invoice_id,
            amount=dispute.amount,
            currency=dispute.currency,
            state=dispute.state,
            reason=dispute.reason,
            evidence_due_by=dispute.evidence_due_by,
        )


def _reopened(before: Invoice, after: Invoice) -> ev.InvoiceReopened:
    return ev.InvoiceReopened(
        invoice_id=after.id,
        number=after.number,
        before=before.state,
        debt=after.debt,
        currency=after.currency,
        due_at=after.due_at,
    )


def _graced(after: Invoice, amount: int, until: datetime) -> ev.GraceGranted:
    return ev.GraceGranted(invoice_id=after.id, amount=amount, cause=BY_DISPUTE, until=until)


def _taken_of(case: Contested, amount: int) -> tuple[CreditUse, ...]:
    """What goes out of which grants, in the order in which they would be drawn on."""
    return tuple(
        CreditUse(grant_id=grant_id, amount=part, kind=UseKind.CHARGED_BACK)
        for grant_id, part in take(amount, case.credit_grants)
    )


def _told_of_taken(amount: int, dispute: Dispute) -> tuple[ev.Event, ...]:
    if amount > 0:
        return (ev.CreditTaken(amount=amount, currency=dispute.currency, dispute_id=dispute.id),)
    return ()

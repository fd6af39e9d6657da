"""Disputing: what a report about a dispute writes, as bookings.

Owns where a disputed payment's money stands in the ledger, and how much a lost dispute takes of invoices and of account
credit. Everything is a further fact; nothing that was booked changes. Does not own a dispute's own course (`dispute`),
what becomes of the invoices (`reopening`), what a refused refund makes of a loss (`refunding`) nor the writing (the
settle flow hands bookings to the books).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from solvent.core import events as ev
from solvent.core import granting, ledger
from solvent.core.account import Account
from solvent.core.credit import CreditGrant, balance, take
from solvent.core.crediting import Claim
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
from solvent.core.facts import Booking, CreditUse, Desk, PaymentFact, UseKind
from solvent.core.ledger import Posting
from solvent.core.reopening import BY_DISPUTE, Claims, owed_again, paid_again


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A payment that the disputed money was, minor units: `given_back` of it by refunds and by other disputes that were
    lost, `refused` of it by refunds that became account credit, and the `claim` on the invoice that it paid, if any."""

    payment: PaymentFact
    given_back: int
    claim: Claim | None
    refused: int = 0

    @property
    def left(self) -> int:
        """What of it has not gone back, as far as we know."""
        return max(self.payment.amount - self.given_back, 0)

    @property
    def on_invoice(self) -> int:
        """What it pays of its invoice. A refund took its part off the invoice, whether it was refused or not."""
        return 0 if self.claim is None else min(max(self.left - self.refused, 0), self.claim.money)

    @property
    def unspent(self) -> int:
        """What is left of the credit that it bought."""
        bought = None if self.claim is None else self.claim.bought
        return 0 if bought is None else min(self.on_invoice, bought.remaining)


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

    @property
    def claims(self) -> Claims:
        """By payment, what it paid on."""
        return {paid.payment.id: paid.claim for paid in self.paid}


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
    unbought: tuple[CreditUse, ...] = ()
    credit = taken = 0
    if step.lost:
        loss = _loss(case, step.after.amount)
        step = replace(step, after=replace(step.after, loss=loss))
        others = owed_again(case.claims, loss, desk)
        unbought, taken = _unbought(case, loss), loss.from_credit
        bought = sum(use.amount for use in unbought)
        credit = bought - taken
        postings = ledger.move(ledger.DISPUTE_LOSSES, ledger.DISPUTES, loss.written_off)
        postings += ledger.move(ledger.PREPAID_CREDIT, ledger.DISPUTES, bought)
    elif step.returned is not None:
        others, beyond = paid_again(case.claims, step.returned, desk)
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
        credit_uses=(*unbought, *_taken_of(case, max(-credit, 0))),
        events=(*_told(case, step), *granting.told(grants), *told_of_taken(taken, step.after)),
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
    """Of each payment, first what is left of the credit that it bought, and what else it settles of its invoice; then,
    of what else it brought, the credit that is left.

    Of money that paid several debts the last goes first: what is left still pays the oldest. What went back before, and
    credit that has been spent, cannot be had from the customer by any document.
    """
    parts: list[Taken] = []
    credit = case.credit
    for paid in reversed(case.paid):
        unspent = min(amount, paid.unspent)
        to_debt = min(amount, paid.on_invoice) - unspent
        kept = min(min(amount, paid.left) - to_debt - unspent, credit)
        from_credit = unspent + kept
        if to_debt or from_credit:
            parts.append(Taken(payment_id=paid.payment.id, to_debt=to_debt, from_credit=from_credit))
        amount -= to_debt + from_credit
        credit -= kept
    return Loss(parts=tuple(reversed(parts)), written_off=amount)


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


def _unbought(case: Contested, loss: Loss) -> tuple[CreditUse, ...]:
    """What goes out of the grants that the money had bought: nobody spends credit whose price was taken back."""
    taken = {part.payment_id: part.from_credit for part in loss.parts}
    return tuple(
        CreditUse(grant_id=paid.claim.bought.id, amount=amount, kind=UseKind.CHARGED_BACK)
        for paid in case.paid
        if paid.claim is not None
        and paid.claim.bought is not None
        and (amount := min(taken.get(paid.payment.id, 0), paid.unspent))
    )


def _taken_of(case: Contested, amount: int) -> tuple[CreditUse, ...]:
    """What goes out of which grants, in the order in which they would be drawn on."""
    return tuple(
        CreditUse(grant_id=grant_id, amount=part, kind=UseKind.CHARGED_BACK)
        for grant_id, part in take(amount, case.credit_grants)
    )


def told_of_taken(amount: int, dispute: Dispute) -> tuple[ev.Event, ...]:
    if amount > 0:
        return (ev.CreditTaken(amount=amount, currency=dispute.currency, dispute_id=dispute.id),)
    return ()

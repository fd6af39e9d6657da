"""Credit: issuing credit notes.

Owns the way of a request for a credit note to its commit: the same key is the same credit note, and what cannot be
credited is refused. Does not own the parts (`core.credit_note`), what is booked (`core.crediting`), nor the writing
(`settle`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from solvent.core.booking import Booking, Desk
from solvent.core.credit_note import Parts, by_amount, by_lines
from solvent.core.crediting import (
    DISPUTED,
    IN_PARTS,
    OUTSIDE,
    Claim,
    PaidPart,
    Wish,
    book_credit_note,
    refunds_disputed,
    refusal_of,
)
from solvent.core.health import assess
from solvent.core.plan import Refusal
from solvent.core.snapshot import Snapshot
from solvent.core.surrender import HeldAccount
from solvent.flows.platform import Platform, traced
from solvent.flows.settle import Number, record, record_surrender


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A credit note as it is asked for: `amount` of the invoice, or what `lines` name (position to amount; None: all
    that is left of the line), or, without either, all that is left of it."""

    invoice_id: UUID
    wish: Wish
    amount: int | None = None
    lines: Mapping[int, int | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """The credit note that stands for a request; `new` when this request issued it."""

    credit_note_id: UUID
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyReused:
    """The idempotency key came with another input before."""

    credit_note_id: UUID


Answer = Issued | KeyReused | Refusal


@traced("issue_credit_note")
def issue_credit_note(platform: Platform, issue: Issue, now: datetime) -> Answer:
    """Credit an invoice, wholly or in part."""

    def decide(claim: Claim, desk: Desk, number: Number) -> Booking | Answer:
        if claim.known is not None:
            return _before(claim.known, issue.wish)
        parts = _parts(issue, claim)
        if isinstance(parts, Refusal):
            return parts
        if refunds_disputed(claim, parts, issue.wish, desk):
            return Refusal(
                field="paid_part",
                rule="must be credit: money comes back first, and that of its payment is disputed: "
                "the payer would get it twice",
            )
        return refusal_of(claim, parts, issue.wish, desk) or book_credit_note(
            claim, parts, issue.wish, desk, number()
        )

    return _answer(record(platform, issue.invoice_id, decide, now, issue.wish.key))


@traced("forgive")
def forgive(platform: Platform, invoice_id: UUID, wish: Wish, now: datetime) -> Answer:
    """Credit what is still owed on an invoice that was given up, if its policy still forgives it: asked again over the
    locked account, so that a hold, a payment or another policy that came between counts."""

    def decide(
        _: HeldAccount, snapshot: Snapshot, hold: Callable[[UUID], Claim], desk: Desk, number: Number
    ) -> list[Booking] | Answer:
        debt = assess(snapshot, desk.catalog, desk.policy, desk.now).decision.forgive.get(invoice_id)
        if debt is None:
            return Refusal(field="invoice_id", rule="is not to be forgiven any more: something came between")
        claim = hold(invoice_id)
        parts = by_amount(claim.lines, claim.credited, debt)
        assert not isinstance(parts, Refusal), f"invoice {claim.invoice.number} owes what it forgives"
        return refusal_of(claim, parts, wish, desk) or [book_credit_note(claim, parts, wish, desk, number())]

    decided: list[Booking] | Answer | None = record_surrender(platform, invoice_id, decide, now)
    return _answer(decided[0] if isinstance(decided, list) else decided)


@traced("refund_payment")
def refund_payment(
    platform: Platform, invoice_id: UUID, payment_id: UUID, amount: int | None, wish: Wish, now: datetime
) -> Answer:
    """Give back a payment of an invoice, wholly or in part (None: all that is left of it), by a credit note: to the
    method, or as the wish says as account credit, which a payment from outside or a disputed one can become too."""

    def decide(claim: Claim, desk: Desk, number: Number) -> Booking | Answer:
        if claim.known is not None:
            return _before(claim.known, wish)
        payment = next((payment for payment in claim.payments if payment.id == payment_id), None)
        back = wish.paid_part is PaidPart.REFUND
        if back and payment is not None and payment.disputed:
            return Refusal(field="payment_id", rule=DISPUTED)
        if back and payment is not None and not payment.refundable:
            return Refusal(field="payment_id", rule=OUTSIDE)
        most = 0 if payment is None else min(payment.kept, claim.money)
        wanted = most if amount is None else amount
        if claim.invoice.debt:
            return Refusal(field="payment_id", rule="must be of an invoice on which nothing is owed")
        if not most:
            return Refusal(field="payment_id", rule="must be a payment of which something is left")
        if not 0 < wanted <= most:
            return Refusal(field="amount", rule=f"must be from 1 to {most}, what is left of the payment")
        assert payment is not None, "something is left of it"
        if back and not payment.gives_back(wanted, desk.in_parts):
            return Refusal(field="amount", rule=IN_PARTS.format(whole=payment.amount))
        parts = by_amount(claim.lines, claim.credited, wanted)
        assert not isinstance(parts, Refusal), (
            f"invoice {claim.invoice.number}: paid beyond what is left of it"
        )
        paying = replace(claim, payments=(payment,))
        return refusal_of(claim, parts, wish, desk) or book_credit_note(paying, parts, wish, desk, number())

    return _answer(record(platform, invoice_id, decide, now, wish.key))


def _before(known: tuple[UUID, bytes], wish: Wish) -> Issued | KeyReused:
    """What the caller's key stands for already."""
    credit_note_id, input_hash = known
    if input_hash != wish.input_hash:
        return KeyReused(credit_note_id=credit_note_id)
    return Issued(credit_note_id=credit_note_id, new=False)


def _answer(decided: Booking | Answer | None) -> Answer:
    if decided is None:
        return Refusal(field="invoice_id", rule="must be an existing invoice")
    if not isinstance(decided, Booking):
        return decided
    assert decided.credit_note is not None, "what was booked is a credit note"
    return Issued(credit_note_id=decided.credit_note.id, new=True)


def _parts(issue: Issue, claim: Claim) -> Parts | Refusal:
    if issue.lines is not None:
        return by_lines(claim.lines, claim.credited, issue.lines)
    amount = issue.amount
    if amount is None:
        amount = claim.invoice.total - claim.invoice.credited
    return by_amount(claim.lines, claim.credited, amount)

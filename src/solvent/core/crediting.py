"""Crediting: what a credit note writes, as one booking.

Owns which part of a credit note lowers a debt and which gives back what was paid, to the method or as account credit,
and the bookkeeping of both. Does not own the parts of a credit note (`credit_note`), who may issue one, nor the writing
(the settle flow hands bookings to the books).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

from solvent.core import events as ev
from solvent.core import granting, ledger, narration
from solvent.core.account import Account
from solvent.core.charged import Ahead, Charged
from solvent.core.credit import GIVEN, CreditGrant, balance
from solvent.core.credit_note import Parts
from solvent.core.entitlement import entitlements
from solvent.core.facts import (
    Booking,
    CreditNoteFact,
    CreditUse,
    Desk,
    RefundFact,
    SettledInvoice,
    UseKind,
)
from solvent.core.invoice import Invoice, InvoiceState, Line, lower, spell_number
from solvent.core.lapsing import resumed
from solvent.core.ledger import Posting
from solvent.core.plan import Refusal
from solvent.core.proration import Counting
from solvent.core.subscription import Subscription

BY_CREDIT_NOTE = "credit_note"
UNUSED_TIME = "unused time"  # why a credit note is issued for time that nobody uses any more
LESS_USED = "less was used"  # why one is issued for usage that came to less than was billed of it
OUTSIDE = "must be a payment that a provider took: what came from outside cannot go back to a method"
DISPUTED = "must not be disputed: the payer would get it twice"
IN_PARTS = (
    "must be {whole}, the whole payment, or become account credit: its provider gives nothing back in parts"
)
WHOLE_ALONE = "must be {whole}, the whole payment: its provider gives nothing back in parts"
NOT_ALL = "must be at most {most}, what of its payment can go back: the invoice sold account credit"


class PaidPart(StrEnum):
    """What becomes of what a credit note takes from the paid part of an invoice."""

    REFUND = "refund"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A payment of the invoice, in minor units: `refunded` of `amount` went back, or is on its way, and disputes that
    were lost took `charged_back`. Only one that is `refundable` can go back to the method it came from, and not while
    it is `disputed`: the payer would get it twice. `provider` took it."""

    id: UUID
    amount: int
    refunded: int
    refundable: bool
    charged_back: int = 0
    disputed: bool = False
    provider: str | None = None

    def gives_back(self, amount: int, in_parts: Callable[[str], bool]) -> bool:
        """Whether its provider gives back so much of it: some give back a whole payment alone."""
        return amount == self.amount or self.provider is None or in_parts(self.provider)

    @property
    def kept(self) -> int:
        """What neither went back to the method nor was charged back."""
        return max(self.amount - self.refunded - self.charged_back, 0)

    @property
    def left(self) -> int:
        """What can still go back to the method."""
        return self.kept if self.refundable else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The locked facts about one invoice.

    `credited` is what credit notes took of each line, by position, of it `ahead` for time still to come; `on_grace` the
    subscriptions whose period stands on the invoice, `live` those that it is for and that have not ended, each with the
    proof that it stands on; `in_flight` whether a payment of it is under way, `moving`
    whether one moves without the customer; `bought` the credit that it sold;
    `spent` the given credit that paid it; where it may be given up, `chain` the invoices (itself among them) that
    charged the time of the same items, and `bases` all subscriptions of these, whether live or over;
    `known` the credit note of the caller's key, with the input that it came with; `recorded` the payment of the
    caller's reference, with its amount and its invoices (none: it was kept as credit).
    """

    account: Account
    invoice: Invoice
    lines: Sequence[Line]
    credited: Mapping[int, int]
    ahead: Ahead = field(default_factory=dict)
    payments: Sequence[Received] = ()
    on_grace: Sequence[tuple[Subscription, UUID]] = ()
    live: Sequence[tuple[Subscription, UUID]] = ()
    in_flight: bool = False
    moving: bool = False
    chain: Sequence[Charged] = ()
    bases: Sequence[Subscription] = ()
    bought: CreditGrant | None = None
    spent: Sequence[granting.Spent] = ()
    known: tuple[UUID, bytes] | None = None
    recorded: tuple[UUID, int, Sequence[UUID]] | None = None

    @property
    def charged(self) -> Charged:
        """The invoice as what it charged and what credit notes took of that."""
        return Charged(
            invoice=self.invoice, lines=tuple(self.lines), credited=self.credited, ahead=self.ahead
        )

    @property
    def money(self) -> int:
        """What of the paid part is money: not given credit, and not given back before."""
        return max(self.invoice.paid - sum(each.amount for each in self.spent), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a credit note is issued for: why, by whom, and under which idempotency key; where it gives back unused time,
    so that of its lines' time nothing more is, how that was `counted`. `of_usage`: it gives back usage that was billed
    beyond what was used."""

    paid_part: PaidPart
    reason: str
    issued_by: str
    key: str
    input_hash: bytes
    counted: Counting | None = None
    of_usage: bool = False


def refusal_of(claim: Claim, parts: Parts, wish: Wish, desk: Desk) -> Refusal | None:
    """Why so much may not be credited. Credit that was bought goes back as money, as far as it is left and its payment
    can go back (a part of it not where its provider gives back the whole alone): it would become credit of another
    kind. Whether the bank then takes it back, nobody knows before it is asked."""
    if claim.bought is None:
        return None
    if wish.paid_part is PaidPart.CREDIT:
        return Refusal(field="paid_part", rule="must be refund: the invoice sold account credit")
    left, amount = claim.bought.remaining, sum(part.amount for part in parts)
    if amount > left:
        return Refusal(
            field="amount", rule=f"must be at most {left}, what is left of the credit that it sold"
        )
    beyond = max(amount - claim.invoice.debt, 0)
    payment, to_refund = _going_back(claim, beyond, wish, desk.in_parts)
    if to_refund == beyond:
        return None
    if payment is not None and not to_refund:
        return Refusal(field="amount", rule=WHOLE_ALONE.format(whole=payment.amount))
    return Refusal(field="amount", rule=NOT_ALL.format(most=to_refund))


def book_credit_note(claim: Claim, parts: Parts, wish: Wish, desk: Desk, number: tuple[str, int]) -> Booking:
    """A credit note over `parts`. What is owed is lowered first; only what is beyond it gives back what was paid. One
    whose parts come to nothing (a charge, together with what an exchange paid for it) leaves the invoice as it is."""
    invoice = claim.invoice
    amount = sum(part.amount for part in parts)
    to_debt = min(amount, invoice.debt)
    after = lower(invoice, credited=amount, paid=to_debt - amount) if amount else invoice
    payment, to_refund = _going_back(claim, amount - to_debt, wish, desk.in_parts)
    note = CreditNoteFact(
        id=desk.draw(),
        invoice_id=invoice.id,
        series=number[0],
        number=number[1],
        currency=invoice.currency,
        amount=amount,
        credited_before=invoice.credited,
        to_debt=to_debt,
        to_refund=to_refund,
        to_credit=amount - to_debt - to_refund,
        lines=parts,
        reason=wish.reason,
        issued_by=wish.issued_by,
        key=wish.key,
        input_hash=wish.input_hash,
        counted=wish.counted,
        of_usage=wish.of_usage,
    )
    lifted = lift(claim, after, desk)
    grants = _kept(claim, note, wish, desk)
    return replace(
        lifted,
        cause_id=note.id,
        credit_note=note,
        settled=SettledInvoice(after=after) if amount else None,
        refund=_refund(note, payment, desk),
        postings=_postings(invoice, note, grants) + _unsold(claim, note),
        credit_uses=_taken(claim, note),
        credit_grants=grants,
        events=(*_told(claim, note, after, grants), *lifted.events),
    )


def lift(claim: Claim, after: Invoice, desk: Desk) -> Booking:
    """The subscriptions that stood on the invoice, when nothing is owed on it any more; as a booking to go on from."""
    if not claim.on_grace or after.owed:
        return Booking(account_id=claim.account.id)
    first, *others = (_lifted(claim, before, proof_id, after, desk) for before, proof_id in claim.on_grace)
    return replace(first, others=tuple(others))


def _lifted(claim: Claim, before: Subscription, proof_id: UUID, after: Invoice, desk: Desk) -> Booking:
    going_on = resumed(before, desk.now)
    return Booking(
        account_id=claim.account.id,
        subscription=going_on,
        stands_on=proof_id,
        grants=entitlements((going_on,), desk.catalog, desk.policy),
        events=(ev.GraceLifted(subscription_id=going_on.id, invoice_id=after.id),),
    )


def refunds_disputed(claim: Claim, parts: Parts, wish: Wish, desk: Desk) -> bool:
    """Whether a credit note over `parts` would give back a payment that is disputed. Where none of its money is left in
    what was paid, only given credit comes back, and nobody gets anything twice."""
    beyond = max(sum(part.amount for part in parts) - claim.invoice.debt, 0)
    payment, to_refund = _going_back(claim, beyond, wish, desk.in_parts)
    return to_refund > 0 and payment is not None and payment.disputed


def _going_back(
    claim: Claim, beyond: int, wish: Wish, in_parts: Callable[[str], bool]
) -> tuple[Received | None, int]:
    """The payment that goes back to its method, and how much of it, of what is `beyond` the debt; nothing where its
    provider does not give back a part of it: what does not go back becomes account credit."""
    payment = _refundable(claim.payments) if wish.paid_part is PaidPart.REFUND else None
    if payment is None:
        return None, 0
    amount = min(beyond, payment.left, claim.money)
    return payment, amount if payment.gives_back(amount, in_parts) else 0


def _refundable(payments: Sequence[Received]) -> Received | None:
    """The payment that can go back: one that a provider made, of which something is left; the latest, where an invoice
    that was charged back has been paid again."""
    return next((payment for payment in reversed(payments) if payment.left), None)


def _refund(note: CreditNoteFact, payment: Received | None, desk: Desk) -> RefundFact | None:
    if payment is None or not note.to_refund:
        return None
    return RefundFact(
        id=desk.draw(),
        payment_id=payment.id,
        amount=note.to_refund,
        currency=note.currency,
        reason=note.reason,
        refunded_before=payment.refunded,
        credit_note_id=note.id,
    )


def _kept(claim: Claim, note: CreditNoteFact, wish: Wish, desk: Desk) -> tuple[CreditGrant, ...]:
    """What is given back as credit: money first, then what was given, as what it was."""
    of_money = min(note.to_credit, claim.money - note.to_refund)
    again = granting.given_back(note.to_credit - of_money, claim.spent, BY_CREDIT_NOTE, wish.issued_by, desk)
    return (*granting.returned(of_money, note.currency, BY_CREDIT_NOTE, desk), *again)


def _postings(invoice: Invoice, note: CreditNoteFact, grants: Sequence[CreditGrant]) -> tuple[Posting, ...]:
    """All of it against the receivable, out of deferred revenue for what is in advance, with its tax; from there what
    goes back.

    What had been given up was no receivable any more: it comes back from bad debt to be credited.
    """
    deferred = sum(line.net for line in note.lines if line.period is not None)
    tax = sum(line.tax for line in note.lines)
    postings = ledger.move(ledger.DEFERRED_REVENUE, ledger.RECEIVABLE, deferred, invoice.id)
    postings += ledger.move(ledger.ALLOWANCES, ledger.RECEIVABLE, note.amount - tax - deferred, invoice.id)
    postings += ledger.move(ledger.TAX_PAYABLE, ledger.RECEIVABLE, tax, invoice.id)
    if invoice.state is InvoiceState.UNCOLLECTIBLE:
        postings += ledger.move(ledger.RECEIVABLE, ledger.BAD_DEBT, note.to_debt, invoice.id)
    postings += ledger.move(ledger.RECEIVABLE, ledger.REFUNDS_PAYABLE, note.to_refund, invoice.id)
    given = balance(grant for grant in grants if grant.kind in GIVEN)
    postings += ledger.move(ledger.RECEIVABLE, ledger.PROMISED_CREDIT, given, invoice.id)
    return postings + ledger.move(
        ledger.RECEIVABLE, ledger.CUSTOMER_CREDIT, note.to_credit - given, invoice.id
    )


def _unsold(claim: Claim, note: CreditNoteFact) -> tuple[Posting, ...]:
    """Credit that was sold is no revenue: what is given back of it was not earned, either."""
    amount = 0 if claim.bought is None else note.amount
    return ledger.move(ledger.PREPAID_CREDIT, ledger.ALLOWANCES, amount)


def _taken(claim: Claim, note: CreditNoteFact) -> tuple[CreditUse, ...]:
    """What the grant that was bought has less."""
    if claim.bought is None:
        return ()
    return (CreditUse(grant_id=claim.bought.id, amount=note.amount, kind=UseKind.REFUNDED),)


def _told(
    claim: Claim, note: CreditNoteFact, after: Invoice, grants: Sequence[CreditGrant]
) -> tuple[ev.Event, ...]:
    issued = ev.CreditNoteIssued(
        credit_note_id=note.id,
        number=spell_number(note.series, note.number),
        invoice_id=note.invoice_id,
        amount=note.amount,
        debt=after.debt,
        to_refund=note.to_refund,
        to_credit=note.to_credit,
        currency=note.currency,
        reason=note.reason,
    )
    return (issued, *granting.told(grants), *narration.of_resolved(claim.invoice, after))

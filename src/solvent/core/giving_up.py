"""Giving up: what makes an invoice uncollectible, as one booking.

Owns the unit: the credit note for the time in advance that is not used, the rest posted as bad debt, the end of the
subscription, and the events. Two of them without the third cannot be written. Does not own when an invoice is given up
(whoever asks says who and why), what else of the account ends with it (`surrender`), nor a payment that comes
afterwards, which recovers it (`booking`, `receiving`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from solvent.core import events as ev
from solvent.core import ledger, narration
from solvent.core.credit_line import Parts
from solvent.core.credit_note import unused
from solvent.core.crediting import UNUSED_TIME, Claim, PaidPart, Wish, book_credit_note
from solvent.core.ending import ended
from solvent.core.facts import Booking, Desk, SettledInvoice
from solvent.core.giving_back import unused_of_one
from solvent.core.invoice import Invoice, InvoiceState, lower
from solvent.core.ladder import Scope
from solvent.core.plan import Refusal
from solvent.core.proration import Convention
from solvent.core.redemption import uses
from solvent.core.subscription import EndReason, Subscription
from solvent.core.unused_time import Unused
from solvent.core.usage import cut_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Surrender:
    """Who gives an invoice up, and why; whether all of the account ends with it, or (None) as its policy says.
    `decided`: by the engine, so that it is refused when its verdict over the locked facts is another; that has asked
    whether it waits for payments which only wait for the customer."""

    reason: str
    by: str
    scope: Scope | None = None
    decided: bool = False


def book_given_up(
    claim: Claim,
    surrender: Surrender,
    convention: Convention,
    desk: Desk,
    number: Callable[[], tuple[str, int]],
) -> Booking | Refusal:
    """The invoice becomes uncollectible, as one unit with the end of the subscriptions that it is for."""
    invoice = claim.invoice
    if invoice.state is not InvoiceState.OPEN:
        return Refusal(field="invoice_id", rule=f"must be an open invoice; it is {invoice.state}")
    if claim.moving if surrender.decided else claim.in_flight:
        return Refusal(field="invoice_id", rule="must not be given up while a payment is under way")
    booking = _credited(claim, surrender, convention, desk, number)
    credited = 0 if booking.credit_note is None else booking.credit_note.amount
    after = lower(invoice, credited=credited, give_up=True)
    booking = replace(
        booking,
        cause_id=booking.cause_id or desk.draw(),
        settled=SettledInvoice(
            after=after, gave_up=_scope(surrender) if after.owed else None, decided=surrender.decided
        ),
        postings=booking.postings + ledger.move(ledger.BAD_DEBT, ledger.RECEIVABLE, after.debt, invoice.id),
        events=(*booking.events, *_told(after, surrender)),
        money_in=invoice.currency,
    )
    return _with_end(claim, booking, desk)


def _credited(
    claim: Claim,
    surrender: Surrender,
    convention: Convention,
    desk: Desk,
    number: Callable[[], tuple[str, int]],
) -> Booking:
    """The booking of the credit note for what is unused; one of nothing where nothing is."""
    parts = _unused_of(claim, convention, desk)
    if not parts:
        return Booking(account_id=claim.account.id)
    wish = Wish(
        paid_part=PaidPart.CREDIT,
        reason=UNUSED_TIME,
        issued_by=surrender.by,
        key=f"give-up:{claim.invoice.id}",
        input_hash=b"",
        counted=convention.counting,
    )
    return book_credit_note(claim, parts, wish, desk, number())


def _unused_of(claim: Claim, convention: Convention, desk: Desk) -> Parts:
    """What is not used of the invoice: of subscriptions as far as the time that they exchanged, from invoice to
    invoice, is still to come; of other lines in their own time."""
    chain = Unused(charged=claim.chain, bases=claim.bases, at=desk.now, convention=convention)
    parts = unused_of_one(claim.charged, chain)
    items = {item.id for base in claim.bases for item in base.items}
    rest = unused(
        claim.lines,
        claim.credited,
        claim.invoice.debt - sum(part.amount for part in parts),
        desk.now,
        claim.account.time_zone,
        convention,
        claim.ahead,
        tuple(claim.charged.of_items(items)),
    )
    return tuple(sorted((*parts, *rest), key=lambda part: part.position))


def _with_end(claim: Claim, booking: Booking, desk: Desk) -> Booking:
    """And the end of the subscriptions that the invoice is for."""
    ends = [book_end(Booking(account_id=booking.account_id), held, desk) for held in claim.live]
    if not ends:
        return booking
    first = book_end(booking, claim.live[0], desk)
    over = {end.subscription.id for end in ends if end.subscription is not None}
    lifted = [b for b in booking.others if b.subscription is not None and b.subscription.id not in over]
    return replace(first, others=(*lifted, *ends[1:]))


def book_end(booking: Booking, held: tuple[Subscription, UUID], desk: Desk) -> Booking:
    """And the end of a subscription, with the proof that it stands on, because nothing more is paid."""
    before, proof_id = held
    over = ended(before, desk.now, EndReason.UNPAID)
    coupons = uses(before.coupons, over, (), desk.catalog)
    told = ev.SubscriptionEnded(subscription_id=over.id, reason=EndReason.UNPAID, ended_at=desk.now)
    return replace(
        booking,
        subscription=over,
        stands_on=proof_id,
        items_changed=True,
        grants=(),
        cut=cut_at(over, desk.policy) if desk.catalog.meters else None,
        coupons=coupons,
        events=(*booking.events, told, *narration.of_coupons(coupons)),
    )


def _scope(surrender: Surrender) -> Scope:
    return surrender.scope or Scope.SUBSCRIPTION


def _told(after: Invoice, surrender: Surrender) -> tuple[ev.Event, ...]:
    if not after.owed:
        return ()
    return (
        ev.InvoiceUncollectible(
            invoice_id=after.id,
            number=after.number,
            debt=after.debt,
            credited=after.credited,
            currency=after.currency,
            reason=surrender.reason,
            by=surrender.by,
        ),
    )

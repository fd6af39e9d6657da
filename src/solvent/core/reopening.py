"""Reopening: what a lost dispute makes of the invoices that its payment had paid, and a reversed one of them again.

Owns the bookings of invoices that are owed again, the subscriptions that stand on them from then on, and the debts that
money settles when it comes back. Does not own how much a dispute takes, nor its own booking (`disputing`).
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from solvent.core import events as ev
from solvent.core import ledger, narration
from solvent.core.crediting import Claim, lift
from solvent.core.dispute import Loss
from solvent.core.entitlement import entitlements
from solvent.core.facts import Booking, Desk, SettledInvoice
from solvent.core.invoice import Invoice, InvoiceState, Line, LineKind, lower, reopen
from solvent.core.period import Period
from solvent.core.subscription import Subscription

BY_DISPUTE = "dispute"

Claims = Mapping[UUID, Claim | None]
"""By payment, what it paid on; none: it is no invoice's."""


def owed_again(claims: Claims, loss: Loss, desk: Desk) -> list[Booking]:
    """A booking for each invoice that is owed again."""
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
    until = max(after.due_at, held[0][0].period.start) + desk.policy.unpaid_service
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


def paid_again(claims: Claims, returned: Loss, desk: Desk) -> tuple[list[Booking], int]:
    """What came back settles what is still owed on the invoices; and what of it nobody owes any more."""
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

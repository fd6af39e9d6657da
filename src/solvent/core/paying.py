"""Paying: what the payment of debts by a provider's money, account credit, or both writes.

Owns how one movement of money is shared out among debts, a booking for each, and the lifting of the grace that stood on
them. Does not own payments from outside any provider (`receiving`) nor the commit of what is bought (`booking`).
"""

from collections import Counter
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from solvent.core import entries, granting, narration, proving
from solvent.core.attempt import Attempt
from solvent.core.booking import method_of, money_of
from solvent.core.credit import Draw
from solvent.core.entitlement import entitlements
from solvent.core.events import GraceLifted
from solvent.core.facts import Booking, Desk, MethodFact, PaymentFact, SettledInvoice
from solvent.core.invoice import Invoice, lower
from solvent.core.lapsing import resumed
from solvent.core.payment import AttemptState, Report
from solvent.core.settlement import Live
from solvent.core.subscription import Subscription


class _Means(NamedTuple):
    """What a debt is paid with: account credit, and money of which so much is `beyond` it, with its `method`."""

    draws: tuple[Draw, ...]
    payment: PaymentFact | None
    beyond: int = 0
    method: MethodFact | None = None


def book_debts(attempt: Attempt, report: Report, live: Live, desk: Desk) -> tuple[Booking, ...]:
    """The payment of all debts of a plan, a booking for each: each by the credit that was drawn for it, and
    money for the rest.

    The first has the proof of the plan. Raises ValueError unless money and credit are exactly the debts.
    """
    settles, money, parts = attempt.plan.settles, report.amount, 0
    method = method_of(attempt, report, live, desk)
    used: Counter[UUID | None] = Counter()
    for draw in attempt.plan.draws:
        used[draw.invoice_id] += draw.amount
    by_money = [debt for debt in settles if used[debt.invoice_id] < debt.amount]
    bookings: list[Booking] = []
    for debt in settles:
        invoice = live.invoices[debt.invoice_id]
        payment = None
        if debt in by_money:
            parts += 1
            part = money if debt is by_money[-1] else debt.amount - used[debt.invoice_id]
            payment = replace(money_of(attempt, report, desk, invoice.id), amount=part, part=parts)
            money -= part
        draws = tuple(draw for draw in attempt.plan.draws if draw.invoice_id == invoice.id)
        means = _Means(draws, payment, method=None if bookings else method)
        bookings.append(_settled(attempt, report, invoice, live, desk, means, of_plan=not bookings))
    return tuple(bookings)


def book_debt(
    attempt: Attempt, report: Report, invoice: Invoice, live: Live, desk: Desk, *, of_plan: bool
) -> Booking:
    """The payment of an invoice in full by money that was asked for before it was as it is now: what is more than the
    debt becomes credit."""
    payment = money_of(attempt, report, desk, invoice.id)
    method = method_of(attempt, report, live, desk)
    means = _Means((), payment, payment.amount - invoice.debt, method)
    return _settled(attempt, report, invoice, live, desk, means, of_plan=of_plan)


def _settled(
    attempt: Attempt,
    report: Report,
    invoice: Invoice,
    live: Live,
    desk: Desk,
    means: _Means,
    *,
    of_plan: bool,
) -> Booking:
    """The payment of an invoice in full, by money, by credit, or both; lifts the grace that stood on it."""
    draws, payment, beyond, method = means
    drawn = granting.by_kind(draws, live.credit_grants)
    credit_used = sum(drawn.values())
    if payment is not None:
        payment = replace(payment, of_debt=invoice.reopened + 1)
    proof = proving.of_debt(invoice, credit_used, payment, desk, is_plan=of_plan, beyond=beyond)
    going_on = [resumed(subscription, desk.now) for subscription in live.on_grace.get(invoice.id, ())]
    after = going_on[0] if going_on else None
    booking = Booking(
        attempt_id=attempt.id,
        account_id=attempt.account_id,
        state=AttemptState.COMMITTED,
        cause_id=proof.id,
        ref=attempt.ref or report.ref,
        proof=proof,
        payment=payment,
        subscription=after,
        grants=entitlements((after,), desk.catalog, desk.policy) if after is not None else (),
        settled=SettledInvoice(after=lower(invoice, paid=invoice.debt)),
        postings=entries.settling(invoice, drawn, payment, beyond),
        credit_grants=granting.returned(beyond, invoice.currency, narration.SURPLUS, desk),
        credit_uses=granting.uses_of(draws),
        method=method,
    )
    booking = replace(booking, events=narration.of_debt(booking, invoice, proof, credit_used))
    return replace(booking, others=tuple(_other(booking, proof.id, s, desk) for s in going_on[1:]))


def _other(booking: Booking, proof_id: UUID, after: Subscription, desk: Desk) -> Booking:
    """A further subscription that stood on the invoice."""
    assert booking.settled is not None, "grace is lifted by what is paid"
    return Booking(
        attempt_id=booking.attempt_id,
        account_id=booking.account_id,
        state=booking.state,
        stands_on=proof_id,
        subscription=after,
        grants=entitlements((after,), desk.catalog, desk.policy),
        events=(GraceLifted(subscription_id=after.id, invoice_id=booking.settled.id),),
    )

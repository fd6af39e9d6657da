"""Refunding: what the end of a refund writes, as bookings.

Owns that money which the provider gave back leaves the books, and that what it will not give back stays the customer's
as account credit: unless the customer has it through the bank already, for then it lowers what a lost dispute of the
same payment had written off. So it makes no difference which of the two is heard of first. Does not own when money is
refunded (`crediting`, `booking`), how much a dispute takes (`disputing`) nor the asking (`reconcile`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from solvent.core import events as ev
from solvent.core import granting, ledger
from solvent.core.account import Account
from solvent.core.credit import CreditGrant, GrantKind
from solvent.core.dispute import Dispute, Taken, regain
from solvent.core.disputing import told_of_taken
from solvent.core.facts import Booking, CreditUse, Desk, RefundEnd, UseKind

REFUSED = "refund_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Returning:
    """The locked facts about a refund that has not ended, in minor units. `losses` are the disputes of its payment that
    were lost and that wrote something off, the first one first."""

    account: Account
    id: UUID
    payment_id: UUID
    provider: str
    amount: int
    currency: str
    losses: Sequence[Dispute] = ()


def book_refund(case: Returning, end: RefundEnd, desk: Desk) -> tuple[Booking, ...]:
    """The refund has ended, one way or the other; and each loss that is lowered by its refusal."""
    settled = ev.RefundSettled(
        refund_id=case.id,
        payment_id=case.payment_id,
        amount=case.amount,
        currency=case.currency,
        succeeded=end.succeeded,
    )
    booking = Booking(
        account_id=case.account.id,
        cause_id=case.id,
        refund_end=end,
        events=(settled,),
        money_in=case.currency,
    )
    if end.succeeded:
        paid_out = ledger.move(ledger.REFUNDS_PAYABLE, ledger.cash(case.provider), case.amount)
        return (replace(booking, postings=paid_out),)
    grant = _kept(case, desk)
    kept = replace(
        booking,
        postings=ledger.move(ledger.REFUNDS_PAYABLE, ledger.CUSTOMER_CREDIT, case.amount),
        credit_grants=(grant,),
        events=(settled, *granting.told((grant,))),
    )
    return (kept, *_lowered(case, grant, desk))


def _lowered(case: Returning, grant: CreditGrant, desk: Desk) -> list[Booking]:
    """The customer got this money by a dispute: what was written off of it is taken from the credit that it became."""
    bookings: list[Booking] = []
    left = grant.amount
    for before in case.losses:
        amount = min(left, before.written_off)
        if not amount:
            continue
        left -= amount
        part = Taken(payment_id=case.payment_id, to_debt=0, from_credit=amount)
        after = regain(before, part)
        bookings.append(
            Booking(
                account_id=case.account.id,
                cause_id=desk.draw(),
                dispute=after,
                charged_back=(part,),
                postings=ledger.move(ledger.CUSTOMER_CREDIT, ledger.DISPUTE_LOSSES, amount),
                credit_uses=(CreditUse(grant_id=grant.id, amount=amount, kind=UseKind.CHARGED_BACK),),
                events=told_of_taken(amount, after),
                money_in=case.currency,
            )
        )
    return bookings


def _kept(case: Returning, desk: Desk) -> CreditGrant:
    """The credit that a refused refund becomes. One refund is refused once, so it bears its id."""
    return CreditGrant(
        id=case.id,
        kind=GrantKind.RETURNED,
        currency=case.currency,
        amount=case.amount,
        remaining=case.amount,
        granted_at=desk.now,
        reason=REFUSED,
    )

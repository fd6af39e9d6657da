"""Refunding: what the end of a refund writes, as bookings.

Owns that money which the provider gave back leaves the books, and that what it will not give back stays the customer's
as account credit: unless the customer has it through the bank already, for then it lowers what a lost dispute of the
same payment had written off. So it makes no difference which of the two is heard of first. Money that had gone back and
came back is booked as what it is, a further movement, and is the customer's again: as credit, or on its way once more.
Does not own when money is refunded (`crediting`, `booking`), how much a dispute takes (`disputing`) nor the asking
(`reconcile`).
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
from solvent.core.facts import (
    Booking,
    CreditUse,
    Desk,
    RefundEnd,
    RefundFact,
    RefundState,
    UseKind,
)
from solvent.core.payment import ReturnedRefund

REFUSED = "refund_refused"
CAME_BACK = "refund_returned"
AS_CREDIT, AS_REFUND = "credit", "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class Returning:
    """The locked facts about a refund that has not ended, or that has `succeeded` and may come back, in minor units.
    `retry`: it is the second try of one that came back. `losses` are the disputes of its payment that were lost and
    that wrote something off, the first one first."""

    account: Account
    id: UUID
    payment_id: UUID
    provider: str
    amount: int
    currency: str
    reason: str = REFUSED
    succeeded: bool = False
    retry: bool = False
    losses: Sequence[Dispute] = ()


def book_refund(case: Returning, end: RefundEnd, desk: Desk) -> tuple[Booking, ...]:
    """The refund has ended, one way or the other, or came back; and each loss that is lowered by that."""
    if end.state is RefundState.RETURNED:
        return _book_return(case, end, desk)
    succeeded = end.state is RefundState.SUCCEEDED
    settled = ev.RefundSettled(
        refund_id=case.id,
        payment_id=case.payment_id,
        amount=case.amount,
        currency=case.currency,
        succeeded=succeeded,
    )
    booking = Booking(
        account_id=case.account.id,
        cause_id=case.id,
        refund_end=end,
        events=(settled,),
        money_in=case.currency,
    )
    if succeeded:
        paid_out = ledger.move(ledger.REFUNDS_PAYABLE, ledger.cash(case.provider), case.amount)
        return (replace(booking, postings=paid_out),)
    grant = _kept(case, REFUSED, desk)
    kept = replace(
        booking,
        postings=ledger.move(ledger.REFUNDS_PAYABLE, ledger.CUSTOMER_CREDIT, case.amount),
        credit_grants=(grant,),
        events=(settled, *granting.told((grant,))),
    )
    return (kept, *_lowered(case, grant, desk))


def _book_return(case: Returning, end: RefundEnd, desk: Desk) -> tuple[Booking, ...]:
    """The money is here again, and owed: once more to the method, or as credit. It is tried again once, and not where
    the payer has it by a dispute."""
    again = desk.policy.returned_refund is ReturnedRefund.RETRY and not case.retry and not case.losses
    booking = Booking(
        account_id=case.account.id, cause_id=desk.draw(), refund_end=end, money_in=case.currency
    )
    cash = ledger.cash(case.provider)
    if again:
        retry = RefundFact(
            id=desk.draw(),
            payment_id=case.payment_id,
            amount=case.amount,
            currency=case.currency,
            reason=case.reason,
            retry_of=case.id,
        )
        owed = ledger.move(cash, ledger.REFUNDS_PAYABLE, case.amount)
        told = _returned(case, AS_REFUND, retry.id)
        return (replace(booking, postings=owed, refund=retry, events=(told,)),)
    grant = _kept(case, CAME_BACK, desk)
    kept = replace(
        booking,
        postings=ledger.move(cash, ledger.CUSTOMER_CREDIT, case.amount),
        credit_grants=(grant,),
        events=(_returned(case, AS_CREDIT, None), *granting.told((grant,))),
    )
    return (kept, *_lowered(case, grant, desk))


def _returned(case: Returning, became: str, retry_id: UUID | None) -> ev.RefundReturned:
    return ev.RefundReturned(
        refund_id=case.id,
        payment_id=case.payment_id,
        amount=case.amount,
        currency=case.currency,
        became=became,
        retry_id=retry_id,
    )


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


def _kept(case: Returning, reason: str, desk: Desk) -> CreditGrant:
    """The credit that a refused refund becomes, or one that came back: either happens once, so it bears its id."""
    return CreditGrant(
        id=case.id,
        kind=GrantKind.RETURNED,
        currency=case.currency,
        amount=case.amount,
        remaining=case.amount,
        granted_at=desk.now,
        reason=reason,
    )

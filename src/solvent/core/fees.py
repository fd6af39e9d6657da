"""Fees: what a provider kept of a payment or refund, as a booking.

Owns that a fee is an expense against the cash that the provider holds, and touches nothing else: no payment, no
invoice, no credit. One below zero was given back. Does not own what disputes cost (`disputing`) nor how fees are learnt
(`flows.statements`).
"""

from dataclasses import dataclass
from uuid import UUID

from solvent.core import ledger
from solvent.core.account import Account
from solvent.core.facts import Booking, Desk, FeeFact
from solvent.core.movement import Movement, MovementKind

CHARGED = frozenset({MovementKind.PAYMENT, MovementKind.REFUND})  # a dispute's is told with the dispute


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The locked facts about a movement of which the provider kept something that is not booked yet."""

    account: Account
    payment_id: UUID
    provider: str
    movement: Movement


def has_fee(movement: Movement) -> bool:
    """Whether something of a movement is to be booked as its fee."""
    return bool(movement.fee) and movement.kind in CHARGED and movement.key is not None


def book_fee(case: Kept, desk: Desk) -> Booking:
    """The fee of one movement, dated when it is booked: a month that was closed before does not change."""
    movement = case.movement
    assert movement.fee_currency is not None, f"movement {movement.name}: a fee without a currency"
    fact = FeeFact(
        id=desk.draw(),
        payment_id=case.payment_id,
        provider=case.provider,
        movement=movement.name,
        amount=movement.fee,
        currency=movement.fee_currency,
        charged_at=movement.moved_at,
    )
    return Booking(
        account_id=case.account.id,
        cause_id=fact.id,
        fee=fact,
        postings=ledger.move(ledger.PROVIDER_FEES, ledger.cash(case.provider), fact.amount),
        money_in=fact.currency,
    )

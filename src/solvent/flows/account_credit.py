"""Account credit: what is done about it without paying anything: it is given, voided, or goes back as the money it was.

Owns the way of each to its commit: the same key is the same gift, and the same refund. Does not own what is booked
(`core.credit_bookings`, `core.credit_refund`), how a refund ends (`refunds`), credit that is bought (a change like any
other) or has expired (`recompute`), nor the writing (`settle`).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from solvent.core.booking import Booking, Desk
from solvent.core.credit_bookings import Gift, book_gift, book_void
from solvent.core.credit_refund import CreditRefund, KeptMoney, book_credit_refund
from solvent.core.plan import Refusal
from solvent.flows.platform import Platform, traced
from solvent.flows.settle import record_credit, record_credit_refund
from solvent.ports.books import HeldCredit


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The grant that stands for a gift; `new` when it was given just now."""

    grant_id: UUID
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyReused:
    """The idempotency key came with another input before."""

    grant_id: UUID


@traced("give_credit")
def give_credit(
    platform: Platform, account_id: UUID, gift: Gift, now: datetime
) -> Given | KeyReused | Refusal:
    """Give an account credit without money."""

    def decide(held: HeldCredit, desk: Desk) -> Booking | Given | KeyReused | Refusal:
        if held.known is None:
            return book_gift(held.account, gift, desk)
        grant_id, input_hash = held.known
        same = input_hash == gift.input_hash
        return Given(grant_id=grant_id, new=False) if same else KeyReused(grant_id=grant_id)

    decided: Booking | Given | KeyReused | Refusal | None = record_credit(
        platform, account_id, decide, now, key=gift.key
    )
    if not isinstance(decided, Booking):
        return decided or Refusal(field="account_id", rule="must be an existing account")
    (grant,) = decided.credit_grants
    return Given(grant_id=grant.id, new=True)


@traced("void_credit")
def void_credit(
    platform: Platform, account_id: UUID, grant_id: UUID, reason: str, by: str, now: datetime
) -> Booking | Refusal:
    """Take back what is left of credit that was given without money."""

    def decide(held: HeldCredit, desk: Desk) -> Booking | Refusal:
        assert held.grant is not None, "it was asked for by its id"
        return book_void(held.account, held.grant, reason, by, desk)

    decided: Booking | Refusal | None = record_credit(platform, account_id, decide, now, grant_id)
    return decided or Refusal(field="grant_id", rule="must be a grant of credit of the account")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded:
    """The refund that stands for a request; `new` when this request asked for it."""

    refund_id: UUID
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundKeyReused:
    """The idempotency key came with another input before."""


@traced("refund_credit")
def refund_credit(
    platform: Platform, payment_id: UUID, wanted: CreditRefund, now: datetime
) -> Refunded | RefundKeyReused | Refusal:
    """Give back to its method what of a payment was kept as account credit, wholly or in part."""

    def decide(kept: KeptMoney, desk: Desk) -> Booking | Refunded | RefundKeyReused | Refusal:
        if kept.known is None:
            return book_credit_refund(kept, wanted, desk)
        refund_id, input_hash = kept.known
        same = input_hash == wanted.input_hash
        return Refunded(refund_id=refund_id, new=False) if same else RefundKeyReused()

    decided: Booking | Refunded | RefundKeyReused | Refusal | None = record_credit_refund(
        platform, payment_id, wanted.key, decide, now
    )
    if not isinstance(decided, Booking):
        return decided or Refusal(field="payment_id", rule="must be an existing payment")
    assert decided.refund is not None, "what was booked is a refund"
    return Refunded(refund_id=decided.refund.id, new=True)

"""Account credit: what is done about it without paying anything: it is given, or voided.

Owns the way of both to their commit. Does not own what is booked (`core.credit_bookings`), credit that is bought (a
change like any other) or has expired (`recompute`), nor the writing (`settle`).
"""

from datetime import datetime
from uuid import UUID

from solvent.core.account import Account
from solvent.core.booking import Booking, Desk
from solvent.core.credit import CreditGrant
from solvent.core.credit_bookings import Gift, book_gift, book_void
from solvent.core.plan import Refusal
from solvent.flows.platform import Platform
from solvent.flows.settle import record_credit


def give_credit(platform: Platform, account_id: UUID, gift: Gift, now: datetime) -> CreditGrant | Refusal:
    """Give an account credit without money."""

    def decide(account: Account, _: CreditGrant | None, desk: Desk) -> Booking | Refusal:
        return book_gift(account, gift, desk)

    decided: Booking | Refusal | None = record_credit(platform, account_id, decide, now)
    if not isinstance(decided, Booking):
        return decided or Refusal(field="account_id", rule="must be an existing account")
    (grant,) = decided.credit_grants
    return grant


def void_credit(
    platform: Platform, account_id: UUID, grant_id: UUID, reason: str, by: str, now: datetime
) -> Booking | Refusal:
    """Take back what is left of credit that was given without money."""

    def decide(account: Account, grant: CreditGrant | None, desk: Desk) -> Booking | Refusal:
        assert grant is not None, "it was asked for by its id"
        return book_void(account, grant, reason, by, desk)

    decided: Booking | Refusal | None = record_credit(platform, account_id, decide, now, grant_id)
    return decided or Refusal(field="grant_id", rule="must be a grant of credit of the account")

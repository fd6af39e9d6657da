"""Movement: one row of a provider's own statement of our balance, in our words.

Owns the shape and the kinds. A movement says what moved and what the provider kept of it; it decides nothing. Does not
own what follows: a fee is booked by `fees`, and a difference to our books is found by `reconciliation`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class MovementKind(StrEnum):
    """What a movement is about."""

    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"
    FEE = "fee"  # of its own, about no payment of ours
    PAYOUT = "payout"  # from the provider to the merchant's bank, or back
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """`amount` minor units of `currency` that came to us (below zero: that left us), before what the provider kept.

    `name` is the provider's for this movement, and no other has it. `ref` is its name for what moved, as our books have
    it: of a payment as in `Report.ref`, of a refund or dispute that one's. `key` is the id of our attempt, of a refund
    that of our refund; None: it bears none of ours. `fee` minor units of `fee_currency` are what the provider kept of
    it; below zero: what it gave back. A refund that failed after all is a second movement, with the amount above zero.
    """

    name: str
    kind: MovementKind
    ref: str | None
    key: UUID | None
    amount: int
    currency: str
    moved_at: datetime
    fee: int = 0
    fee_currency: str | None = None

    def __post_init__(self) -> None:
        if self.fee and self.fee_currency is None:
            raise ValueError(f"movement {self.name}: a fee without a currency")

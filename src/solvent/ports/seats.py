"""Seats of coupons that may be used only so often.

Owns the protocol. Does not own the limits (`core.coupon`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from solvent.core.coupon import Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatsTaken:
    """How many seats of a limit are taken, and the attempts behind some of those that may become free again."""

    taken: int = 0
    held: tuple[UUID, ...] = ()


class Seats(Protocol):
    """The limits of coupons, each with its seats. Every call is about one bucket."""

    def take(self, limit: Limit, attempt_id: UUID, now: datetime) -> bool:
        """Whether the attempt has a seat: the one that it took before, or one that was left."""
        ...

    def held(self, limit: Limit, count_max: int) -> SeatsTaken:
        """How many seats are taken, and the attempts behind up to `count_max` of those that may become free, the
        longest held first."""
        ...

    def sort_out(self, limit: Limit, committed: Collection[UUID], ended: Collection[UUID]) -> None:
        """Seats of attempts that have committed are never free again; those of attempts that otherwise ended are."""
        ...

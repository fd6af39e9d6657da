"""Fees: the part of the books that holds what providers kept. Nothing but the settle flow may reach it."""

from collections.abc import Sequence
from typing import Protocol

from solvent.core.fees import Kept
from solvent.core.movement import Movement


class FeeBooks(Protocol):
    """The movements of which a fee is still to be booked."""

    def hold_fees(self, bucket: int, provider: str, movements: Sequence[Movement]) -> list[Kept]:
        """Lock the accounts and read whose payments and refunds these are; those that are not in the books, or whose
        fee is booked already, are left out."""
        ...

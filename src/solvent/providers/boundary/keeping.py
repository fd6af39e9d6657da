"""Keeping: the copies of subscriptions at a provider, and its customers, within the bounds of its boundary.

Owns nothing but the way there. Does not own the bounds (`boundary`).
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from solvent.core.recurring import Recurring
from solvent.ports.copies import CopyRefused, Keeper
from solvent.ports.customers import Customer, CustomerKeeper, CustomerRefused

Keep = Callable[[], CopyRefused | None]
Tell = Callable[[], CustomerRefused | None]


class Keeping:
    """The keeping of copies, as a look-up is made: doing it twice is doing it once. A refusal is an answer too."""

    def __init__(self, look: Callable[[str, Keep], CopyRefused | None], keeper: Keeper) -> None:
        self._look = look
        self._keeper = keeper

    def keep(self, account_id: UUID, live: Sequence[Recurring]) -> None:
        """As the adapter does it."""
        refusal = self._look("keep", lambda: self._answer(account_id, live))
        if refusal is not None:
            raise refusal

    def _answer(self, account_id: UUID, live: Sequence[Recurring]) -> CopyRefused | None:
        try:
            self._keeper.keep(account_id, live)
        except CopyRefused as refusal:
            return refusal
        return None


class KeepingCustomers:
    """The keeping of customers, in the same way."""

    def __init__(self, look: Callable[[str, Tell], CustomerRefused | None], keeper: CustomerKeeper) -> None:
        self._look = look
        self._keeper = keeper

    def keep_customer(self, customer: Customer) -> None:
        """As the adapter does it."""
        refusal = self._look("keep_customer", lambda: self._answer(customer))
        if refusal is not None:
            raise refusal

    def _answer(self, customer: Customer) -> CustomerRefused | None:
        try:
            self._keeper.keep_customer(customer)
        except CustomerRefused as refusal:
            return refusal
        return None

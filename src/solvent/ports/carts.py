"""The store's room of carts, as a protocol.

Owns what flows may do with what customers mean to buy. That one was paid is written by the books, with its attempt.
Does not own the other rooms (`store`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.cart import Cart


class Carts(Protocol):
    """What customers mean to buy."""

    def add(self, cart: Cart, key: str, input_hash: bytes) -> tuple[Cart, bytes]:
        """Keep a new cart; where the caller's `key` stands for one already, that, and the input that came with it."""
        ...

    def by_key(self, account_id: UUID, key: str) -> tuple[Cart, bytes] | None:
        """What `add` gives for a key that stands for a cart already."""
        ...

    def get(self, cart_id: UUID) -> Cart | None: ...

    def put(self, cart: Cart) -> bool:
        """Write the next version of a cart, in a transaction; False when it is another by now, was cancelled, or an
        attempt to pay it is in flight or has committed."""
        ...

    def attempts(self, cart_id: UUID) -> Sequence[Attempt]:
        """The attempts to pay a cart, those of note first; a bounded number of them."""
        ...

    def declines(self, account_id: UUID, cart_id: UUID | None, since: datetime) -> tuple[int, int]:
        """How many payments with the customer were declined since then: of a cart (0 without one), and of its
        account in all."""
        ...

    def visited(self, digest: bytes, now: datetime, window: timedelta) -> int:
        """Count one more order of an address, known by a digest; how many that makes in the window."""
        ...

    def of_account(self, account_id: UUID, after: UUID | None, limit: int) -> Sequence[Cart]:
        """A page of an account's carts, in the order of their creation."""
        ...

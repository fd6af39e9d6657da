"""The store's room of collection methods that end, as a protocol.

Owns what flows may do with the looks ahead of them. What a look finds is written by the books alone. Does not own the
other rooms (`store`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from solvent.core.account import CollectionMethod


class Methods(Protocol):
    """Methods that are looked at now and then."""

    def claim(
        self, bucket: int, now: datetime, lease_until: datetime, limit: int, account: UUID | None
    ) -> Sequence[CollectionMethod]:
        """Lease those whose look is due; another caller's lease is skipped."""
        ...

    def put_off(self, method: CollectionMethod, until: datetime) -> None:
        """Nothing was learnt: look again then."""
        ...

    def changed(self, provider: str, ref: str, now: datetime) -> bool:
        """A provider says that a method has changed: it is looked at at once. `ref` is its token, or what stands before
        the first `/` of that. Whether it is one of ours."""
        ...

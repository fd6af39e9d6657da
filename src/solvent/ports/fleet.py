"""The fleet as its sweep sees it: which accounts are not as they were when they were last found at rest.

Owns the protocol of that room of the store. Does not own the sweep (`flows.fleet`) nor how rows are compared.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """An account that was found at rest: nothing follows from the rows that have this digest, until that time (UTC;
    None: until a row changes)."""

    account_id: UUID
    digest: int
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A bucket's accounts, by their digests alone: how many there are, and the digests of those that have to be read
    whole."""

    accounts: int
    unproven: Mapping[UUID, int]


class Fleet(Protocol):
    """Proof that accounts need not be read. `basis` stands for all that a verdict rests on beside an account's rows."""

    def glance(self, bucket: int, basis: int, now: datetime) -> Glance:
        """Compare every account of a bucket with what was noted of it: it has to be read whole if its rows differ, the
        basis is another, its time has come, or nothing was noted. Called in a transaction that is `still`."""
        ...

    def digests(self, bucket: int, accounts: Collection[UUID]) -> Mapping[UUID, int]:
        """The digests of these accounts as this transaction sees them."""
        ...

    def note(self, bucket: int, basis: int, examined: Sequence[Examined], now: datetime) -> None:
        """Remember accounts that were found at rest."""
        ...

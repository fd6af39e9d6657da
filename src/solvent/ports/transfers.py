"""Transfers: payments that customers make by themselves, outside of any provider, and the merchant records.

Owns their shape and the port. Does not own where they are kept (`store.transfers`) nor what one pays for (the journal).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """Money that came for a transfer, under the reference by which the merchant vouches for it; minor units."""

    reference: str
    amount: int
    received_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What a customer was asked to transfer for one attempt (`key`), and what came of it. It is waited for `until`
    then, unless it is given up before."""

    key: UUID
    customer: UUID
    amount: int
    currency: str
    asked_at: datetime
    until: datetime
    canceled_at: datetime | None = None
    arrived: Sequence[Arrived] = ()


class Transfers(Protocol):
    """All transfers; each call is a transaction of its own."""

    def ask(self, transfer: Transfer) -> Transfer:
        """Remember one. What was asked for first under its key stays, and is returned."""
        ...

    def find(self, key: UUID) -> Transfer | None: ...

    def cancel(self, key: UUID, now: datetime) -> Transfer | None:
        """Give it up, unless its money has come; as it then stands. None: there is none."""
        ...

    def changed(self, since: datetime, now: datetime) -> Iterator[Transfer]:
        """Those that were asked for, given up or paid since then, or were waited for until a moment between then and
        now; the oldest first, a page at a time."""
        ...


class Receiving(Protocol):
    """The recording of what came, within a transaction of the caller's."""

    def receive(self, key: UUID, arrived: Arrived) -> Arrived | None:
        """Record it. What was recorded first under its reference stays, and is returned. None: there is no transfer."""
        ...

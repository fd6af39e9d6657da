"""The queues of a transaction: notifications that wait, and accounts that are to be looked at.

Owns the protocols. Does not own what is done with an entry (`flows`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from solvent.core.payment import AttemptState
from solvent.core.snapshot import Snapshot
from solvent.ports.provider import Notification


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A notification as the inbox holds it; `tries` counts this look. `attempt` is how the attempt stands that it names
    (None: we have none of that id), `refs` the money already recorded for it, `reason` why the last look came to
    nothing.
    """

    bucket: int
    notification: Notification
    tries: int = 1
    attempt: AttemptState | None = None
    refs: frozenset[str] = frozenset()
    reason: str | None = None


class Arrival(NamedTuple):
    """A notification that came in `at` a moment, and the bucket in which it is kept."""

    bucket: int
    notification: Notification
    at: datetime


class Inbox(Protocol):
    """Notifications, each stored once by its provider's id."""

    def store(self, arrivals: Sequence[Arrival]) -> int:
        """Keep notifications, on disk when the transaction is; how many were not kept before."""
        ...

    def claim(self, bucket: int, now: datetime, lease_until: datetime, limit: int) -> list[Received]: ...

    def finish(self, received: Sequence[Received]) -> None: ...

    def park(self, aside: Mapping[Received, str]) -> None:
        """Put notifications aside that nothing can be done about, each with the reason."""
        ...

    def put_off(self, reasons: Mapping[Received, str], now: datetime) -> None:
        """A look at these came to nothing, and why: the next one is after a growing pause."""
        ...


class Queue(Protocol):
    """Accounts to be recomputed: at most one waiting and one running entry each."""

    def mark(self, account_ids: Sequence[UUID], reason: str, now: datetime) -> None: ...

    def ask(self, account_id: UUID, reason: str, now: datetime) -> datetime:
        """Mark one account, at `now` of the wall; its own present. Raises LookupError if there is none."""
        ...

    def mark_rechecks(self, bucket: int, now: datetime, limit: int, account: UUID | None) -> int: ...

    def claim(
        self, bucket: int, now: datetime, lease_until: datetime, limit: int, account: UUID | None
    ) -> list[UUID]: ...

    def snapshots(self, bucket: int, account_ids: Sequence[UUID]) -> list[Snapshot]: ...

    def examined(self, bucket: int, account_ids: Sequence[UUID], now: datetime) -> list[Snapshot]:
        """Snapshots with what the database says beside them; called in a transaction that is `still`."""
        ...

    def measured(self, bucket: int, account_ids: Collection[UUID]) -> list[UUID]:
        """Those of the accounts for which measures are in effect."""
        ...

    def finish(self, bucket: int, account_ids: Sequence[UUID]) -> None: ...

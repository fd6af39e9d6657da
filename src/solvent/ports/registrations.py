"""The store's room of registrations, as a protocol.

Owns what flows may do with names that were paid for. That one is due is written by the books alone. Does not own the
other rooms (`store`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from solvent.core.registration import Registration


class Registrations(Protocol):
    """Names that were paid for."""

    def claim(
        self, bucket: int, now: datetime, lease_until: datetime, limit: int, account: UUID | None
    ) -> Sequence[Registration]:
        """Lease those that are due; another caller's lease is skipped."""
        ...

    def put_off(self, registration: Registration, until: datetime) -> None:
        """Nothing was decided: look again then."""
        ...

    def registered(self, registration: Registration, now: datetime) -> None:
        """The registrar has registered the name; told once."""
        ...

    def refused(self, registration: Registration, reason: str, now: datetime) -> None:
        """The registrar refused it for good; what was paid is to come back."""
        ...

    def returned(self, registration: Registration, credit_note_id: UUID | None, now: datetime) -> None:
        """What was paid for it is on its way back, and it has ended; told once."""
        ...

    def charged(self, registration: Registration) -> tuple[UUID, int] | None:
        """The invoice and the position of the line that charged it; None: it cost nothing."""
        ...

    def of_attempt(self, attempt_id: UUID) -> Sequence[Registration]:
        """What the commit of an attempt made due."""
        ...

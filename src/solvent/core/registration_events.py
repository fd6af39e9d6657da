"""Registration events: what is told of names that were paid for.

Owns these two. That money goes back is told by the credit note. Does not own the other events (`events`).
"""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from solvent.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainRegistered(Event):
    """The registrar has registered a name."""

    type: ClassVar[str] = "domain.registered"
    registration_id: UUID
    subscription_id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainRefused(Event):
    """The registrar refused a name that was paid for, for good: its line was credited, and it ended."""

    type: ClassVar[str] = "domain.refused"
    registration_id: UUID
    subscription_id: UUID
    name: str
    reason: str
    credit_note_id: UUID | None

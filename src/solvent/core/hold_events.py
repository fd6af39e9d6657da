"""Hold events: what is told of holds that support places.

Owns these two. That a hold ran out is told by what begins then. Does not own the other events (`events`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from solvent.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlaced(Event):
    """Support keeps a consequence from an account until `expires_at`."""

    type: ClassVar[str] = "hold.placed"
    hold_id: UUID
    consequence: str
    reason: str
    author: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased(Event):
    """A hold was ended before it expired, `by` whom."""

    type: ClassVar[str] = "hold.released"
    hold_id: UUID
    consequence: str
    by: str

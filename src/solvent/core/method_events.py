"""Method events: what is told of the order in which methods are tried, and of how long they work.

Owns these. Does not own the other events of methods (`events`).
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from solvent.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodsOrdered(Event):
    """The customer chose in which order methods are tried, the first of `method_ids` first."""

    type: ClassVar[str] = "method.ordered"
    method_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodUpdated(Event):
    """A provider says something else of a method than before: its bank has renewed the card, mostly."""

    type: ClassVar[str] = "method.updated"
    method_id: UUID
    label: str
    expires_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodRenewed(Event):
    """A method that was out of use is tried again: its bank has issued a card that works until the end of
    `expires_on`."""

    type: ClassVar[str] = "method.renewed"
    method_id: UUID
    label: str
    expires_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodExpiring(Event):
    """A method works until the end of `expires_on`, and its customer is told; once for each such day."""

    type: ClassVar[str] = "method.expiring"
    method_id: UUID
    label: str
    expires_on: date

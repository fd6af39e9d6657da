"""Method events: what is told of the order in which methods are tried.

Owns this one. Does not own the other events of methods (`events`).
"""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from solvent.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodsOrdered(Event):
    """The customer chose in which order methods are tried, the first of `method_ids` first."""

    type: ClassVar[str] = "method.ordered"
    method_ids: tuple[UUID, ...]

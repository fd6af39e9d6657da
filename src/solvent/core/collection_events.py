"""Collection events: what is told of tries to collect that came to nothing.

Owns this one. That a try was paid is told by the invoice (`events`), and what follows from one that was not by what is
then decided: grace, measures, a notice.
"""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from solvent.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionFailed(Event):
    """A charge without the customer came to nothing: of debts (`invoice_ids`), or (none) of what would have been
    invoiced by it. It changed nothing else."""

    type: ClassVar[str] = "collection.failed"
    attempt_id: UUID
    path: str
    invoice_ids: tuple[UUID, ...]
    amount: int
    currency: str
    cause: str
    provider: str | None
    method_id: UUID | None

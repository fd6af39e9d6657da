"""Reconciliations: what a comparison reads of our side, and the reports that are kept."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from solvent.core.difference import Reconciliation
from solvent.core.reconciliation import Ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What the provider's side names: ids of ours, and its own names for payments, disputes and movements."""

    attempts: Collection[UUID] = field(default_factory=frozenset)
    refunds: Collection[UUID] = field(default_factory=frozenset)
    payments: Collection[tuple[UUID, str]] = field(default_factory=frozenset)
    disputes: Collection[tuple[UUID, str]] = field(default_factory=frozenset)
    movements: Collection[tuple[UUID, str]] = field(default_factory=frozenset)


class Reconciliations(Protocol):
    """Reads of everybody's books at one provider, and the reports."""

    def ours(self, provider: str, named: Named, since: datetime, until: datetime) -> Ours:
        """What our side has of what is named, and what it has of that time. What accounts on a test clock did is only
        there where it is named: their time is not the provider's."""
        ...

    def keep(self, report: Reconciliation) -> None:
        """Keep a report for good."""
        ...

"""Ageing: how long receivables have been due.

Owns the brackets and where they end. Does not own which invoices are open, nor their sums (the store).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class Bracket(StrEnum):
    """How many days past its due date a debt is; the first instant after it begins day 1."""

    NOT_DUE = "not_due"
    DAYS_1_30 = "days_1_30"
    DAYS_31_60 = "days_31_60"
    DAYS_61_90 = "days_61_90"
    OVER_90 = "over_90"


# The youngest due date that a bracket does not hold any more, in days before the moment of the report.
_ENDS_DAYS = (0, 30, 60, 90)


def boundaries(at: datetime) -> list[datetime]:
    """The due dates at which the next younger bracket begins, oldest first: before all of them, a debt is over 90 days
    past due; from the last one, `at` itself, on it is not due."""
    return [at - timedelta(days=days) for days in reversed(_ENDS_DAYS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aged:
    """Receivables in the books of `entity` in `currency`, minor units for each `Bracket` in its order; of one account,
    or (None) of all."""

    entity: str
    currency: str
    account_id: UUID | None
    amounts: Sequence[int]

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.amounts)

    def by_bracket(self) -> dict[Bracket, int]:
        """Every bracket with its amount."""
        return dict(zip(Bracket, self.amounts, strict=True))

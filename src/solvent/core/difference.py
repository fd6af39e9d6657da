"""Difference: what a reconciliation reports, as values.

Owns the kinds of differences with their evidence, which ordinary flow repairs one, and the shape of the report. Does
not own the comparison (`reconciliation`) nor the repair (`flows.reconciliation`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from solvent.core.movement import Movement, MovementKind


class DifferenceKind(StrEnum):
    """What is different. `OURS_MISSING`: the provider has what our books have not; `THEIRS_MISSING` the reverse."""

    OURS_MISSING = "ours_missing"
    THEIRS_MISSING = "theirs_missing"
    AMOUNT = "amount"
    CURRENCY = "currency"
    STATE = "state"
    TWICE = "twice"
    FEE_UNRECORDED = "fee_unrecorded"
    FEE_AMOUNT = "fee_amount"


class About(StrEnum):
    """What a difference is about."""

    ATTEMPT = "attempt"
    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"


class Repair(StrEnum):
    """Which ordinary flow removes a difference. BY_HAND: none; somebody has to find out who is right."""

    SETTLE = "settle"  # ask the provider about the attempt, and settle what it says
    REFUND = "refund"  # ask for the refund once more, under its key
    DISPUTE = "dispute"  # ask how the dispute stands, and record it
    FEE = "fee"  # book it
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How one side has it. Amounts in minor units; `name` is that of the movement in the provider's statement."""

    amount: int | None = None
    currency: str | None = None
    state: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference, with how each side has it (None: not at all). `key` is the id of our attempt or refund, `ref` the
    provider's name for what it is about."""

    kind: DifferenceKind
    about: About
    repair: Repair
    ref: str | None
    key: UUID | None = None
    ours: Seen | None = None
    theirs: Seen | None = None
    repaired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """What moved of one kind and currency, in minor units, and how often."""

    kind: MovementKind
    currency: str
    movements: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """The report: what was compared, what moved and was kept, and every difference, the repaired ones marked."""

    id: UUID
    provider: str
    since: datetime
    until: datetime
    made_at: datetime
    totals: tuple[Total, ...]
    fees: tuple[Total, ...]
    differences: tuple[Difference, ...]

    @property
    def open(self) -> tuple[Difference, ...]:
        """The differences that are still there."""
        return tuple(one for one in self.differences if not one.repaired)


def marked(before: Sequence[Difference], after: Sequence[Difference]) -> tuple[Difference, ...]:
    """What there was before a repair, with what is gone after it marked as repaired; and what is new."""
    left = set(after)
    new = left - set(before)
    return (*(one if one in left else replace(one, repaired=True) for one in before), *new)


def totals(movements: Iterable[Movement]) -> tuple[tuple[Total, ...], tuple[Total, ...]]:
    """What moved, and what the provider kept, by kind and currency."""
    moved: Counter[tuple[MovementKind, str]] = Counter()
    kept: Counter[tuple[MovementKind, str]] = Counter()
    counts: dict[bool, Counter[tuple[MovementKind, str]]] = {True: Counter(), False: Counter()}
    for m in movements:
        moved[m.kind, m.currency] += m.amount
        counts[True][m.kind, m.currency] += 1
        if m.fee_currency is not None:
            kept[m.kind, m.fee_currency] += m.fee
            counts[False][m.kind, m.fee_currency] += 1
    return _totals(moved, counts[True]), _totals(kept, counts[False])


def _totals(
    amounts: Mapping[tuple[MovementKind, str], int], counts: Mapping[tuple[MovementKind, str], int]
) -> tuple[Total, ...]:
    return tuple(
        Total(kind=kind, currency=currency, movements=counts[kind, currency], amount=amount)
        for (kind, currency), amount in sorted(amounts.items())
    )

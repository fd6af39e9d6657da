"""Decisions: what was decided about an account at a moment, as history.

Owns which verdicts are worth a row, and what it says: what was applied, and what was withheld with the reason. Does not
own the decision (`dunning`), nor for how long rows are kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from solvent.core.health import Assessment
from solvent.core.owed import InEffect


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """What changed something, or would have: `applied` and `withheld` are words for people and for comparing."""

    id: UUID
    account_id: UUID
    decided_at: datetime
    policy: str
    applied: tuple[str, ...]
    withheld: tuple[str, ...]


def applied(assessment: Assessment) -> tuple[str, ...]:
    """What follows from a verdict now: measures that begin or end, charges, notices, ends."""
    decision = assessment.decision
    return (
        *_changes(assessment.in_effect, decision.measures),
        *(f"collect {invoice_id.hex}" for invoice_id in assessment.collect),
        *(f"notice {notice.rung} of {notice.invoice_id.hex}" for notice in decision.notices),
        *(f"give_up {invoice_id.hex}" for invoice_id in decision.give_up),
        *(f"forgive {invoice_id.hex}" for invoice_id in decision.forgive),
    )


def worth_a_row(assessment: Assessment) -> bool:
    """Whether something changes, or other things are withheld than before."""
    return bool(applied(assessment)) or assessment.withheld != assessment.withheld_before


def _changes(before: Sequence[InEffect], after: Sequence[InEffect]) -> Iterator[str]:
    """A measure that a subscription alone is touched by says so; each that begins is worth words of its own."""
    begun, lifted = changed(before, after)
    yield from sorted(f"begin {_touching(m)}" for m in begun)
    yield from sorted(f"lift {_touching(m)}" for m in lifted)


def changed(
    before: Sequence[InEffect], after: Sequence[InEffect]
) -> tuple[tuple[InEffect, ...], tuple[InEffect, ...]]:
    """The measures that begin, and those that are lifted."""
    held, holds = {m.key for m in before}, {m.key for m in after}
    return tuple(m for m in after if m.key not in held), tuple(m for m in before if m.key not in holds)


def _touching(measure: InEffect) -> str:
    touched = measure.subscription_id
    return measure.measure if touched is None else f"{measure.measure} of {touched.hex}"

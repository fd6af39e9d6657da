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
    held, holds = {m.measure for m in before}, {m.measure for m in after}
    yield from (f"begin {measure}" for measure in sorted(holds - held))
    yield from (f"lift {measure}" for measure in sorted(held - holds))

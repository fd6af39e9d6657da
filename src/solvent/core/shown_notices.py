"""Shown notices: which of the notices that went to the portal are still to be read there.

Owns that choice: of each unpaid invoice the last one that is true. Does not own when a notice is told (`telling`), what
it is about (`messages`), nor its words.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from solvent.core.ladder import Measure
from solvent.core.messages import Kind
from solvent.core.owed import InEffect, Owed

_TRUE_WHILE: Mapping[Kind, Measure] = {
    Kind.RESTRICTED: Measure.RESTRICT,
    Kind.SUSPENDED: Measure.SUSPEND_USAGE,
    Kind.DOWNGRADED: Measure.DOWNGRADE,
}
_OF_PLANS = frozenset({Kind.SUSPENDED, Kind.DOWNGRADED})  # which end with an invoice that is given up


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notice as it was told: about which invoice, as what kind, and when (UTC)."""

    invoice_id: UUID
    kind: Kind
    told_at: datetime


def shown(
    told: Iterable[Told], owed: Iterable[Owed], measures: Collection[InEffect], now: datetime
) -> tuple[Told, ...]:
    """The last notice of each invoice that is due, in the order of these, that is still so. What was paid has none, and
    of a measure that was lifted, or whose plan has ended, nothing is said any more."""
    due = {o.invoice_id: o for o in owed if o.due_at <= now or o.given_up}
    last: dict[UUID, Told] = {}
    for one in sorted(told, key=lambda t: t.told_at):
        if one.invoice_id in due and _true(one.kind, due[one.invoice_id], measures):
            last[one.invoice_id] = one
    return tuple(last[invoice_id] for invoice_id in due if invoice_id in last)


def _true(kind: Kind, owed: Owed, measures: Iterable[InEffect]) -> bool:
    if kind is Kind.GIVEN_UP:
        return owed.given_up
    if kind not in _TRUE_WHILE:
        return True
    taken = {m.measure for m in measures if m.subscription_id in (None, owed.subscription_id)}
    return _TRUE_WHILE[kind] in taken and not (owed.given_up and kind in _OF_PLANS)

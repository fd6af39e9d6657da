"""Drift: what was found of one account, in words.

Owns a disagreement with its evidence, and what is asked of several. Does not own the kinds (`drift_kinds`), nor how one
is found: from a snapshot (`comparing`), by asking the database (the store's) or a provider (the flows').
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from solvent.core.drift_kinds import KINDS, DriftKind, Remedy


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """Two stores that contradict each other about an account, and why that is said."""

    kind: DriftKind
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many of an account's open invoices the verdict followed from: `examined` of `owing`."""

    examined: int = 0
    owing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What the database says of an account beside its snapshot, in the same moment.

    `waiting`: a recompute is to come or under way, so that what was recorded may be older than the facts. `owing`: how
    many invoices owe something, whatever their state. `found`: disagreements that only tables side by side show.
    """

    waiting: bool
    owing: int
    found: tuple[Disagreement, ...] = ()


def by_kind(found: Iterable[Disagreement]) -> Mapping[DriftKind, str]:
    """The evidence of each kind; of one that was found more than once, each sentence."""
    evidence: dict[DriftKind, str] = {}
    for one in found:
        before = evidence.get(one.kind)
        evidence[one.kind] = one.evidence if before is None else f"{before}; {one.evidence}"
    return evidence


def mended(found: Iterable[Disagreement]) -> bool:
    """Whether recomputing the account repairs any of it."""
    return any(KINDS[one.kind].done is Remedy.REPAIRED for one in found)


def disagreement(kind: DriftKind, **facts: object) -> Disagreement:
    """A disagreement with its evidence; `facts` are what the sentence of its kind has places for."""
    return Disagreement(kind=kind, evidence=KINDS[kind].evidence.format(**facts))

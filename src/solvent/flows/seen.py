"""Seen: what was found of drift, kept from the first time it was seen until it is gone.

Owns that record's upkeep. Does not own who looks when (`drift`, `recompute`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from solvent.core.drift import Disagreement, by_kind
from solvent.core.drift_kinds import DriftKind
from solvent.flows.platform import Platform
from solvent.ports.drift import Seen


def keep(
    platform: Platform,
    bucket: int,
    found: Mapping[UUID, Sequence[Disagreement]],
    looked_for: Iterable[DriftKind],
    now: datetime,
) -> None:
    """Keep what was found about these accounts after looking for these kinds; what is not found any more is gone."""
    seen = [
        Seen(id=platform.ids.draw(bucket), account_id=account, kind=kind, evidence=evidence)
        for account, disagreements in sorted(found.items())
        for kind, evidence in by_kind(disagreements).items()
    ]
    with platform.store.begin() as tx:
        tx.drift.note(bucket, list(found), looked_for, seen, now)

"""Trouble: what has been in its state for too long, and what contradicts what.

Owns what the page shows. Does not own the reads (`store`), nor what is done about any of it.
"""

from solvent.core.drift_kinds import KINDS, DriftKind
from solvent.core.ids import spell
from solvent.store.drift import DriftReads, WhichDrift
from solvent.store.stuck import Stuck, stuck
from solvent.web.dashboard.desk import BASE, Desk, ago, when
from solvent.web.endpoint import Reply

SHOWN = 100


def trouble(desk: Desk) -> Reply:
    """The page."""
    found = desk.part(lambda: stuck(desk.pool, desk.now, SHOWN))
    drift: DriftReads = desk.call.queries.drift
    ages = desk.part(lambda: drift.ages(desk.now))
    content: dict[str, object] = {
        "stuck": None if found is None else [_stuck(desk, one) for one in found],
        "ages": None
        if ages is None
        else [
            {
                "kind": age.kind,
                "means": KINDS[DriftKind(age.kind)].means,
                "done": KINDS[DriftKind(age.kind)].done.replace("_", " "),
                "accounts": age.accounts,
                "oldest": ago(age.oldest, desk.now),
                "counts": (age.hour, age.day, age.week, age.older),
            }
            for age in ages
        ],
        "rows": [
            {
                "account": spell("acc", row.account_id),
                "kind": row.kind,
                "evidence": row.evidence,
                "since": when(row.first_seen_at),
            }
            for row in drift.page(WhichDrift(), None, SHOWN)
        ],
    }
    return desk.show("dashboard_trouble.html", f"{BASE}/trouble", "Trouble", content)


def _stuck(desk: Desk, one: Stuck) -> dict[str, object]:
    return {
        "kind": one.kind.replace("_", " "),
        "id": one.id,
        "account": None if one.account_id is None else spell("acc", one.account_id),
        "age": ago(one.since, desk.now),
        "reason": one.reason or "–",
        "advice": one.advice,
        "of_kind": one.of_kind,
    }

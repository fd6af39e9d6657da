"""Overview: the figures by which billing is judged, the laws, and how all accounts stand.

Owns what the first page shows. Does not own the figures (`kpi`), the laws (`audit`), nor when they are measured
(`measuring`).
"""

from collections.abc import Sequence

from solvent.kpi import DEFINED, told
from solvent.store import insight, measures
from solvent.store.measures import Measured
from solvent.store.stuck import stuck
from solvent.web.dashboard.desk import BASE, Desk, ago, when
from solvent.web.endpoint import Reply

DAYS = 90
STUCK_SHOWN = 1
DEFINED_BY_NAME = {each.name: each for each in DEFINED}


def overview(desk: Desk) -> Reply:
    """The page."""
    last, days = measures.last(desk.pool), measures.days(desk.pool, None, None, DAYS)
    worst = desk.part(lambda: stuck(desk.pool, desk.now, STUCK_SHOWN))
    content = {
        "figures": told(last.figures) if last is not None else [],
        "laws": sorted(last.laws.items(), key=lambda law: int(law[0][1:])) if last is not None else [],
        "broken": sum(last.laws.values()) if last is not None else 0,
        "measured": f"{when(last.measured_at)} UTC, {ago(last.measured_at, desk.now)} ago" if last else None,
        "standings": desk.part(lambda: insight.standings(desk.pool)),
        "stuck": worst,
        "history": _history(days),
    }
    return desk.show("dashboard_overview.html", BASE, "Overview", content, charts=True)


def _history(days: Sequence[Measured]) -> list[tuple[str, list[tuple[str, float | None]]]]:
    """The course of each figure that has one, oldest day first: counts of code do not move."""
    names = {
        name: DEFINED_BY_NAME[name].what
        for name in (days[0].figures if days else ())
        if name in DEFINED_BY_NAME
    }
    courses = [
        (what, [(f"{d.day}", d.figures.get(name)) for d in reversed(days)]) for name, what in names.items()
    ]
    return [(what, points) for what, points in courses if len({value for _, value in points}) > 1]

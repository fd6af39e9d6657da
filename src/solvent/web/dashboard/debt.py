"""Debt: what brought money that was late, what was lost, and what came back.

Owns what the page shows. Does not own the reads (`store`).
"""

from datetime import timedelta

from solvent.core.ids import spell
from solvent.core.invoice import spell_number
from solvent.store import bad_debt, insight
from solvent.store.bad_debt import BadDebt
from solvent.web.dashboard.desk import BASE, Desk, money, when
from solvent.web.endpoint import Reply

DAYS, DAYS_MAX = 90, 366
SHOWN = 100


def debt(desk: Desk) -> Reply:
    """The page."""
    days = desk.number("days", 1, DAYS_MAX, DAYS)
    since = desk.now - timedelta(days=days)
    moved = desk.part(lambda: bad_debt.latest(desk.pool, since, SHOWN + 1))
    recovered = desk.part(lambda: insight.recovered(desk.pool, since))
    content: dict[str, object] = {
        "days": days,
        "recovered": None
        if recovered is None
        else [
            {
                "rung": row.rung or "before any message",
                "lost": row.lost,
                "invoices": row.invoices,
                "amount": money(row.amount, row.currency),
            }
            for row in recovered
        ],
        "moved": None if moved is None else [_moved(one) for one in moved[:SHOWN]],
        "more": len(moved or ()) > SHOWN,
    }
    return desk.show("dashboard_debt.html", f"{BASE}/debt", "Debt", content)


def _moved(one: BadDebt) -> dict[str, object]:
    return {
        "at": when(one.booked_at),
        "account": spell("acc", one.account_id),
        "number": spell_number(one.series, one.number),
        "entered": one.entered,
        "amount": money(one.amount, one.currency),
        "product": one.product or "–",
        "why": one.reason or one.against.replace("_", " "),
        "by": one.by or "–",
    }

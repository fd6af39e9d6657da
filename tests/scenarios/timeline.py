"""Timelines: a customer's story as an accountant would write it down, from the published events alone.

Owns the spelling of a line. Owns no expectation.
"""

from __future__ import annotations

from datetime import datetime

from solvent.core.money import format_minor
from solvent.sim import Customer
from solvent.store.figures import Happened

LEFT_OUT = {"account.created", "method.added"}


def timeline(customer: Customer) -> list[str]:
    """One line per event: local date, what happened, until when or how much, and why."""
    return [_line(event) for event in customer.events() if event.type not in LEFT_OUT]


def _line(event: Happened) -> str:
    data = event.data
    currency = str(data.get("currency", "USD"))
    sums = (format_minor(int(str(data[key])), currency) for key in ("total", "amount") if key in data)
    dates = (f"to {_day(data[key])}" for key in ("period_end", "until", "at") if key in data)
    reasons = (str(data[key]) for key in ("proof", "cause", "reason", "after") if key in data)
    return " ".join([f"{event.occurred_at:%Y-%m-%d}", event.type, *sums, *dates, *reasons])


def _day(instant: object) -> str:
    return f"{datetime.fromisoformat(str(instant)):%Y-%m-%d}"

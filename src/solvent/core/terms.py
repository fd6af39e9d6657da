"""Terms: when an invoice is to be paid, and what is paid by one invoice.

Owns the terms that a segment's accounts have unless they have their own, and the due date that days lead to. Does not
own which of the two holds for an account (`catalog`), nor what follows when the date has passed (`policy`).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from solvent.core.period import Anchor, Interval, Unit, boundary

TERMS_DAYS_MAX = 120


class Together(StrEnum):
    """What of an account is paid by one invoice and one payment."""

    INSTANT = "instant"  # subscriptions that fall due at one instant, with the usage of what ended then
    IN_ADVANCE = "in_advance"  # the subscriptions alone; usage has an invoice of its own
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an account type pays by. `days` above 0 is a contract: invoices are issued first and due so many days
    later; 0 is paid before anything is committed. `together` says what is paid by one invoice."""

    days: int = 0
    together: Together = Together.INSTANT


AT_ONCE = Terms()


def due_at(issued_at: datetime, days: int, time_zone: str) -> datetime:
    """The end of the terms (UTC): so many days later at the same local time, whatever clocks do in between."""
    if not days:
        return issued_at
    anchor = Anchor(at=issued_at, time_zone=time_zone)
    return boundary(anchor, Interval(unit=Unit.DAY, count=days), 1)

"""Recognition: how much of a fee in advance is earned by an instant.

Owns the formula, the moment from which it counts, and the cutting of a stretch of time into calendar months. Does not
own the ledger accounts (`ledger`) nor the trial balance (`closing`). Everything follows from what is immutable: a
line's amount and period, what was taken of it before, and when it was booked; so what was earned by an instant never
changes afterwards.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from solvent.core.ledger import DEFERRED_REVENUE, REVENUE, Posting, move
from solvent.core.money import Rounding, round_ratio
from solvent.core.period import Period, days_between
from solvent.core.proration import Granularity

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """`amount` minor units, earned evenly over `period`."""

    amount: int
    period: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferral:
    """A line in advance as the ledger holds it: `amount` minor units (negative: unused time credited), earned over
    `period`, in the books since `booked_at`. `time_zone` is the account's, for days.

    What a credit note takes of a line comes `after` the line itself and what earlier credit notes took of it.
    """

    amount: int
    period: Period
    booked_at: datetime
    time_zone: str
    after: tuple[Spread, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Earning:
    """What a line earned from `start` to before `end`, in minor units; never 0."""

    start: datetime
    end: datetime
    amount: int

    def postings(self) -> tuple[Posting, ...]:
        """The movement that it is in the journal."""
        return move(DEFERRED_REVENUE, REVENUE, self.amount)

    @property
    def dated(self) -> datetime:
        """The last second that belongs to it: the date of its journal row."""
        return max(self.start, self.end - _SECOND)


def earned(amount: int, period: Period, at: datetime, granularity: Granularity, time_zone: str) -> int:
    """What of `amount` is earned before `at`: straight-line over `period`, rounded once, half away from zero.

    earned(t) = round(amount × units(start, t) ÷ units(start, end)), 0 up to the start, `amount` from the end on. Units
    are real seconds between instants cut to whole seconds, or local calendar dates in `time_zone`, of which one is
    earned when it is over: Actual/Actual, as `proration.remaining` counts. The rounding is of the cumulative figure, so
    what any stretch earns is earned(t2) − earned(t1), the parts of any split sum to the whole, none is more than one
    unit from its exact share, and a credit for unused time mirrors the charge that it takes from.
    """
    used, total = _elapsed(period, at, granularity, time_zone)
    return round_ratio(amount * used, total, Rounding.HALF_UP)


def _elapsed(period: Period, at: datetime, granularity: Granularity, time_zone: str) -> tuple[int, int]:
    """How many units of a period are over before `at`, and of how many."""
    if at >= period.end:
        return 1, 1
    if at <= period.start:
        return 0, 1
    if granularity is Granularity.DAY:
        total = days_between(period.start, period.end, time_zone)
        used = days_between(period.start, at, time_zone)
    else:
        start = period.start.replace(microsecond=0)
        total = (period.end.replace(microsecond=0) - start) // _SECOND
        used = (at.replace(microsecond=0) - start) // _SECOND
    # Less than one unit long: it is earned when it ends.
    return (used, total) if total else (0, 1)


def _earned_together(
    spreads: tuple[Spread, ...], at: datetime, granularity: Granularity, time_zone: str
) -> int:
    """What of one line and all that was taken of it is earned before `at`: the exact shares are summed, then rounded
    once. So of a line that is credited whole, in however many parts, nothing is earned at any moment, and what is left
    of one whose unused time is credited does not move."""
    exact = Fraction(0)
    for spread in spreads:
        used, total = _elapsed(spread.period, at, granularity, time_zone)
        exact += Fraction(spread.amount * used, total)
    return round_ratio(exact.numerator, exact.denominator, Rounding.HALF_UP)


def recognised(line: Deferral, at: datetime, granularity: Granularity) -> int:
    """What of a line the books show as revenue before `at`: nothing until it is booked, then all that is earned.

    So a document that comes late shows in the month in which it is booked, and closed months stay as they are. What a
    credit note takes is what is earned with it, less what is earned without it; so a line and its credit notes are
    rounded once, together, at every moment.
    """
    if at <= line.booked_at:
        return 0
    if not line.after:
        return earned(line.amount, line.period, at, granularity, line.time_zone)
    upto = (*line.after, Spread(amount=line.amount, period=line.period))
    before, after = (
        _earned_together(spreads, at, granularity, line.time_zone) for spreads in (line.after, upto)
    )
    return after - before


def earnings(line: Deferral, start: datetime, end: datetime, granularity: Granularity) -> Iterator[Earning]:
    """What a line earns from `start` to before `end`, by calendar month (UTC), but those in which it earns nothing."""
    first = max(start, min(line.booked_at, line.period.start))
    last = min(end, max(line.booked_at + _SECOND, line.period.end))
    before = recognised(line, first, granularity)
    for since, until in months(first, last):
        after = recognised(line, until, granularity)
        if after != before:
            yield Earning(start=since, end=until, amount=after - before)
        before = after


def months(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The calendar months (UTC) from `start` to before `end`; the first and the last may be parts of one."""
    while start < end:
        until = min(next_month(start), end)
        yield start, until
        start = until


def next_month(instant: datetime) -> datetime:
    """The start of the calendar month after the one that `instant` lies in, UTC."""
    day = instant.astimezone(UTC)
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return datetime(year, month, 1, tzinfo=UTC)

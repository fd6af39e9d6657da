"""Periods: when a billing period begins and ends, counted from an anchor in the account's time zone.

Owns: intervals, anchors, the boundary function with its rules for month ends, leap days and clock changes,
and local days. Does not own what is charged for a period (`pricing`) or for a part of it (`proration`), nor
when work is done: the present is always an argument. Instants are aware datetimes in UTC.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_HALF_DAY = timedelta(hours=12)
_UTC_NAMES = frozenset({"UTC", "Etc/UTC"})
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class PeriodError(ValueError):
    """A date, zone, interval or index breaks a rule; `field` and `rule` say which."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field
        self.rule = rule


class Unit(StrEnum):
    """What an interval counts."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


# A unit is a number of days or a number of months, never both.
_DAYS = {Unit.DAY: 1, Unit.WEEK: 7}
_MONTHS = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """How long a period is: `count` units, 1 or more."""

    unit: Unit
    count: int = 1

    def __post_init__(self) -> None:
        if self.count < 1:
            raise PeriodError("count", f"must be 1 or more, got {self.count}")

    def __str__(self) -> str:
        return str(self.unit) if self.count == 1 else f"{self.count} {self.unit}s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A half-open stretch of time: `start` belongs to it, `end` does not."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        _require_utc("start", self.start)
        _require_utc("end", self.end)
        if self.start >= self.end:
            raise PeriodError(
                "end", f"must be after the start {self.start.isoformat()}, got {self.end.isoformat()}"
            )

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """Where counting starts: an instant, and the IANA zone whose wall clock the boundaries keep."""

    at: datetime
    time_zone: str

    def __post_init__(self) -> None:
        _require_utc("at", self.at)
        _zone(self.time_zone)


def boundary(anchor: Anchor, interval: Interval, index: int) -> datetime:
    """The start of period `index` (0 or more), in UTC; index 0 is the anchor itself.

    The anchor's local wall-clock time is moved by index × count units from the anchor, never from the
    boundary before, so a clamped month end recovers: 31 Jan, 28 Feb, 31 Mar. 29 Feb is 28 Feb in other years.
    A local time that a clock change skips moves forward by the gap; one that occurs twice is the first.
    Days count days that were lived: where a zone crossed the date line and skipped a date (Pacific/Apia,
    30 Dec 2011), a day interval does not count that date, so no two boundaries coincide.
    Strictly increasing in `index` for anchors since 1970. `PeriodError`: index < 0, or beyond year 9999.
    """
    if index <= 0:
        if index < 0:
            raise PeriodError("index", f"must be 0 or more, got {index}")
        return anchor.at
    try:
        if anchor.time_zone in _UTC_NAMES:
            return _moved(anchor.at, interval, index)
        local = anchor.at.astimezone(_zone(anchor.time_zone))
        moved = _moved(local, interval, index).replace(fold=0)
        if interval.unit is Unit.DAY and _offset(moved) - _offset(local) >= _HALF_DAY:
            moved += _DAY
        # With fold=0 the conversion itself applies both rules for clock changes (PEP 495).
        return moved.astimezone(UTC)
    except (OverflowError, ValueError):
        raise PeriodError("index", f"must lead to a date before year 10000, got {index}") from None


def period(anchor: Anchor, interval: Interval, index: int) -> Period:
    """The period from boundary `index` to the next."""
    return Period(start=boundary(anchor, interval, index), end=boundary(anchor, interval, index + 1))


def local_day_start(instant: datetime, time_zone: str) -> datetime:
    """The first instant, in UTC, of the local calendar day that contains `instant`."""
    _require_utc("instant", instant)
    zone = _zone(time_zone)
    midnight = instant.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    late = midnight.astimezone(UTC)
    early = midnight.replace(fold=1).astimezone(UTC)
    if early >= late:  # midnight exists, once or twice
        return late
    # Midnight was skipped: the day starts at the clock change, which lies in (early, late].
    offset = early.astimezone(zone).utcoffset()
    while late - early > _SECOND:
        middle = early + (late - early) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).utcoffset() == offset:
            early = middle
        else:
            late = middle
    return late


def days_between(start: datetime, end: datetime, time_zone: str) -> int:
    """Calendar days from the local date of `start` to that of `end`; negative when `end` is earlier."""
    _require_utc("start", start)
    _require_utc("end", end)
    if time_zone not in _UTC_NAMES:
        zone = _zone(time_zone)
        start, end = start.astimezone(zone), end.astimezone(zone)
    return end.toordinal() - start.toordinal()


@lru_cache(maxsize=1024)  # more than there are zones
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise PeriodError("time_zone", f"must be a known IANA zone name, got {name!r}") from None


def _require_utc(field: str, instant: datetime) -> None:
    # Offset 0 is not enough: London in winter has it, and its wall clock moves in summer.
    if instant.tzinfo is not UTC and str(instant.tzinfo) not in _UTC_NAMES:
        raise PeriodError(field, f"must be an aware datetime in UTC, got {instant.isoformat()}")


def _offset(local: datetime) -> timedelta:
    offset = local.utcoffset()
    assert offset is not None
    return offset


def _moved(start: datetime, interval: Interval, index: int) -> datetime:
    """`start` moved by index × interval in its own calendar; the day is clamped to the month's last."""
    steps = index * interval.count
    days = _DAYS.get(interval.unit)
    if days is not None:
        return start + timedelta(days=days * steps)
    year, month0 = divmod(start.year * 12 + start.month - 1 + _MONTHS[interval.unit] * steps, 12)
    day = start.day if start.day <= 28 else min(start.day, _days_in_month(year, month0))
    return start.replace(year=year, month=month0 + 1, day=day)


def _days_in_month(year: int, month0: int) -> int:
    leap = month0 == 1 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _MONTH_DAYS[month0] + leap

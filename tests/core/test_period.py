"""Periods: anchors never drift, month ends recover, clock changes neither skip nor repeat a period."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core.period import (
    Anchor,
    Interval,
    Period,
    PeriodError,
    Unit,
    boundary,
    days_between,
    local_day_start,
    period,
)
from tests.drawing import examples

ZONES = [
    "UTC",
    "Etc/UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",  # set its clocks at 00:01 until 2011
    "America/Havana",
    "America/Sao_Paulo",  # skipped midnight
    "America/Scoresbysund",
    "Asia/Kathmandu",
    "Asia/Gaza",
    "Australia/Lord_Howe",  # moves by half an hour
    "Pacific/Apia",  # skipped 30 December 2011
    "Pacific/Fakaofo",
    "Pacific/Kiritimati",  # skipped 31 December 1994
    "Pacific/Kwajalein",  # skipped 21 August 1993
]
checked = settings(max_examples=examples(250), deadline=None)
zones = st.sampled_from(ZONES)
intervals = st.builds(Interval, unit=st.sampled_from(Unit), count=st.integers(1, 14))


def between(first: str, last: str) -> st.SearchStrategy[datetime]:
    start, end = at(first), at(last)
    return st.timedeltas(timedelta(0), end - start).map(lambda later: start + later)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


anywhere = between("1970-01-01T00+00:00", "2200-01-01T00+00:00")
near_a_skipped_date = between("2011-12-28T00+00:00", "2012-01-02T00+00:00")
near_a_clock_change = between("2023-03-24T00+00:00", "2023-03-28T00+00:00")
instants = anywhere | near_a_skipped_date | near_a_clock_change
anchors = st.builds(Anchor, at=instants, time_zone=zones)


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0, *, zone: str) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)
DAILY = Interval(unit=Unit.DAY)
ANCHOR = Anchor(at=NOON, time_zone="Europe/Berlin")


def walls(anchor: Anchor, unit: Unit, count: int, indices: range) -> list[str]:
    """Boundaries as the account sees them on its wall clock."""
    zone = ZoneInfo(anchor.time_zone)
    interval = Interval(unit=unit, count=count)
    return [boundary(anchor, interval, i).astimezone(zone).strftime("%Y-%m-%d %H:%M") for i in indices]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_month_ends_recover(zone: str) -> None:
    anchor = Anchor(at=local(2025, 1, 31, 9, zone=zone), time_zone=zone)
    assert walls(anchor, Unit.MONTH, 1, range(5)) == [
        "2025-01-31 09:00",
        "2025-02-28 09:00",
        "2025-03-31 09:00",
        "2025-04-30 09:00",
        "2025-05-31 09:00",
    ]
    assert walls(anchor, Unit.MONTH, 1, range(13, 14)) == ["2026-02-28 09:00"]
    assert walls(anchor, Unit.MONTH, 1, range(37, 38)) == ["2028-02-29 09:00"]


def test_a_leap_day_comes_back() -> None:
    anchor = Anchor(at=datetime(2024, 2, 29, tzinfo=UTC), time_zone="UTC")
    days = [text[:10] for text in walls(anchor, Unit.YEAR, 1, range(5))]
    assert days == ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]
    assert walls(anchor, Unit.YEAR, 2, range(38, 39)) == ["2100-02-28 00:00"]  # no leap year
    assert walls(anchor, Unit.YEAR, 1, range(376, 377)) == ["2400-02-29 00:00"]  # one


def test_quarters_weeks_and_every_n() -> None:
    anchor = Anchor(at=datetime(2025, 11, 30, 12, tzinfo=UTC), time_zone="UTC")
    assert walls(anchor, Unit.QUARTER, 1, range(1, 3)) == ["2026-02-28 12:00", "2026-05-30 12:00"]
    assert walls(anchor, Unit.WEEK, 2, range(1, 3)) == ["2025-12-14 12:00", "2025-12-28 12:00"]
    assert walls(anchor, Unit.DAY, 10, range(1, 3)) == ["2025-12-10 12:00", "2025-12-20 12:00"]


@pytest.mark.parametrize(
    ("zone", "anchor", "unit", "index", "expected"),
    [
        # The wall clock is kept across the change of offset.
        ("Europe/Berlin", "2025-03-15T08:00+01:00", Unit.MONTH, 1, "2025-04-15T08:00+02:00"),
        ("America/New_York", "2025-10-15T08:00-04:00", Unit.MONTH, 1, "2025-11-15T08:00-05:00"),
        # A time that does not exist moves forward by the gap: one hour, half an hour.
        ("Europe/Berlin", "2025-03-29T02:30+01:00", Unit.DAY, 1, "2025-03-30T03:30+02:00"),
        ("America/New_York", "2025-02-09T02:15-05:00", Unit.MONTH, 1, "2025-03-09T03:15-04:00"),
        ("Australia/Lord_Howe", "2025-10-04T02:10+10:30", Unit.DAY, 1, "2025-10-05T02:40+11:00"),
        # ... and only that once.
        ("Europe/Berlin", "2025-03-29T02:30+01:00", Unit.DAY, 2, "2025-03-31T02:30+02:00"),
        # A time that occurs twice is the first of the two.
        ("Europe/Berlin", "2025-10-25T02:30+02:00", Unit.DAY, 1, "2025-10-26T02:30+02:00"),
        ("America/New_York", "2025-10-02T01:30-04:00", Unit.MONTH, 1, "2025-11-02T01:30-04:00"),
        ("Australia/Lord_Howe", "2025-04-05T01:45+11:00", Unit.DAY, 1, "2025-04-06T01:45+11:00"),
        # An anchor at the second occurrence is itself; the year after, the first occurrence holds.
        ("Europe/Berlin", "2025-10-26T02:30+01:00", Unit.DAY, 0, "2025-10-26T02:30+01:00"),
        ("Europe/Berlin", "2025-10-26T02:30+01:00", Unit.DAY, 1, "2025-10-27T02:30+01:00"),
    ],
)
def test_clock_changes(zone: str, anchor: str, unit: Unit, index: int, expected: str) -> None:
    start = Anchor(at=at(anchor), time_zone=zone)
    assert boundary(start, Interval(unit=unit), index) == at(expected)


def test_days_in_apia_count_the_days_that_were_lived() -> None:
    anchor = Anchor(at=local(2011, 12, 28, 10, zone="Pacific/Apia"), time_zone="Pacific/Apia")
    assert walls(anchor, Unit.DAY, 1, range(4)) == [
        "2011-12-28 10:00",
        "2011-12-29 10:00",
        "2011-12-31 10:00",  # Friday the 30th did not exist
        "2012-01-01 10:00",
    ]
    starts = [boundary(anchor, Interval(unit=Unit.DAY), index) for index in range(6)]
    assert {later - sooner for sooner, later in pairwise(starts)} == {timedelta(days=1)}


def test_weeks_and_months_in_apia_keep_their_day() -> None:
    friday = Anchor(at=local(2011, 12, 23, 10, zone="Pacific/Apia"), time_zone="Pacific/Apia")
    assert walls(friday, Unit.WEEK, 1, range(1, 3)) == ["2011-12-31 10:00", "2012-01-06 10:00"]
    thirtieth = Anchor(at=local(2011, 11, 30, 10, zone="Pacific/Apia"), time_zone="Pacific/Apia")
    assert walls(thirtieth, Unit.MONTH, 1, range(1, 3)) == ["2011-12-31 10:00", "2012-01-30 10:00"]


@checked
@given(anchors, intervals, st.integers(0, 400))
def test_boundaries_increase_and_are_utc(anchor: Anchor, interval: Interval, index: int) -> None:
    this, following = boundary(anchor, interval, index), boundary(anchor, interval, index + 1)
    assert anchor.at <= this < following
    assert this.tzinfo is following.tzinfo is UTC
    assert period(anchor, interval, index) == Period(start=this, end=following)


@checked
@given(instants, intervals, st.integers(0, 400))
def test_the_utc_path_is_the_general_path(start: datetime, interval: Interval, index: int) -> None:
    fast = Anchor(at=start, time_zone="UTC")
    general = Anchor(at=start, time_zone="Etc/GMT")
    assert boundary(fast, interval, index) == boundary(general, interval, index)
    assert days_between(start, boundary(fast, interval, 1), "UTC") == days_between(
        start, boundary(fast, interval, 1), "Etc/GMT"
    )


@checked
@given(instants, zones)
def test_the_local_day_starts_where_the_date_changes(instant: datetime, zone: str) -> None:
    start = local_day_start(instant, zone)
    date = instant.astimezone(ZoneInfo(zone)).date()
    assert start <= instant
    assert start.astimezone(ZoneInfo(zone)).date() == date
    assert (start - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() < date
    assert days_between(start, instant, zone) == 0
    assert days_between(instant, start - timedelta(microseconds=1), zone) < 0


@pytest.mark.parametrize(
    ("zone", "instant", "start"),
    [
        ("Europe/Berlin", "2025-06-15T13:00+02:00", "2025-06-15T00:00+02:00"),
        ("America/Sao_Paulo", "2018-11-04T12:00-02:00", "2018-11-04T01:00-02:00"),  # midnight was skipped
        ("America/Toronto", "1919-03-31T00:45-04:00", "1919-03-31T00:30-04:00"),  # 23:30 became 00:30
        ("America/Havana", "2025-11-02T12:00-05:00", "2025-11-02T00:00-04:00"),  # midnight came twice
        ("Pacific/Apia", "2011-12-31T05:00+14:00", "2011-12-31T00:00+14:00"),
    ],
)
def test_local_day_starts(zone: str, instant: str, start: str) -> None:
    assert local_day_start(at(instant), zone) == at(start)


def test_days_between_counts_local_dates() -> None:
    start, end = at("2025-03-29T23:30+01:00"), at("2025-03-31T00:30+02:00")
    assert days_between(start, end, "Europe/Berlin") == 2
    assert days_between(start, end, "UTC") == 1
    assert days_between(end, start, "Europe/Berlin") == -2


@pytest.mark.parametrize("count", [0, -1])
def test_an_interval_counts_at_least_one(count: int) -> None:
    with pytest.raises(PeriodError, match=f"count: must be 1 or more, got {count}"):
        Interval(unit=Unit.DAY, count=count)


def test_intervals_read_as_words() -> None:
    assert str(Interval(unit=Unit.MONTH)) == "month"
    assert str(Interval(unit=Unit.QUARTER, count=3)) == "3 quarters"


@pytest.mark.parametrize(
    "instant",
    [
        NOON.replace(tzinfo=None),
        datetime(2025, 1, 1, tzinfo=ZoneInfo("Europe/London")),
        datetime(2025, 1, 1, tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_only_utc_instants(instant: datetime) -> None:
    for broken in (
        lambda: Anchor(at=instant, time_zone="UTC"),
        lambda: Period(start=instant, end=NOON),
        lambda: local_day_start(instant, "UTC"),
        lambda: days_between(NOON, instant, "UTC"),
    ):
        with pytest.raises(PeriodError, match="must be an aware datetime in UTC"):
            broken()


def test_utc_by_its_other_names_is_utc() -> None:
    assert Anchor(at=NOON.replace(tzinfo=ZoneInfo("UTC")), time_zone="UTC").at == NOON


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "Europe", "../etc/passwd", "Europe/Berlin\0"])
def test_unknown_zones_are_named(zone: str) -> None:
    with pytest.raises(PeriodError, match="time_zone: must be a known IANA zone name") as caught:
        Anchor(at=NOON, time_zone=zone)
    assert caught.value.field == "time_zone"


@pytest.mark.parametrize("end", [NOON, NOON - timedelta(seconds=1)])
def test_a_period_has_a_length(end: datetime) -> None:
    with pytest.raises(PeriodError, match="end: must be after the start"):
        Period(start=NOON, end=end)


def test_an_index_counts_from_zero() -> None:
    with pytest.raises(PeriodError, match="index: must be 0 or more, got -1"):
        boundary(ANCHOR, DAILY, -1)


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("index", [10**7, 10**12])
def test_an_index_ends_with_the_calendar(unit: Unit, index: int) -> None:
    with pytest.raises(PeriodError, match="index: must lead to a date before year 10000"):
        boundary(ANCHOR, Interval(unit=unit), index)

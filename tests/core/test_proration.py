"""Proration: shares between 0 and 1, and a split anywhere keeps the sum."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core.money import Rounding
from solvent.core.period import Anchor, Interval, Period, PeriodError, Unit, period
from solvent.core.proration import (
    ChangeDay,
    Convention,
    Denominator,
    Granularity,
    Share,
    TaxRounding,
    prorate,
    remaining,
    split,
)
from tests.drawing import examples

checked = settings(max_examples=examples(250), deadline=None)
MONTH = Interval(unit=Unit.MONTH)
BY_DAY = Convention(granularity=Granularity.DAY)
DAYS_OF_30 = Convention(granularity=Granularity.DAY, denominator=Denominator.FIXED_30)
OLD_OWNS = Convention(granularity=Granularity.DAY, change_day=ChangeDay.OLD)
MARCH = Period(start=datetime(2025, 3, 1, tzinfo=UTC), end=datetime(2025, 4, 1, tzinfo=UTC))
FEBRUARY = Period(start=datetime(2025, 2, 1, tzinfo=UTC), end=datetime(2025, 3, 1, tzinfo=UTC))

zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"])
conventions = st.builds(
    Convention,
    granularity=st.sampled_from(Granularity),
    change_day=st.sampled_from(ChangeDay),
    denominator=st.sampled_from(Denominator),
    rounding=st.sampled_from(Rounding),
    tax_rounding=st.sampled_from(TaxRounding),
)
amounts = st.integers(-(10**9), 10**9)


def on(day: int, hour: int = 0, *, whole: Period = MARCH) -> datetime:
    return whole.start.replace(day=day, hour=hour)


def left(at: datetime, convention: Convention, whole: Period = MARCH, zone: str = "UTC") -> tuple[int, int]:
    share = remaining(whole, at, MONTH, zone, convention)
    return share.numerator, share.denominator


@st.composite
def changes(draw: st.DrawFn) -> tuple[Period, list[datetime], Interval, str, Convention]:
    """A period as billing makes it, with two instants in it in order."""
    interval = Interval(unit=draw(st.sampled_from(Unit)), count=draw(st.integers(1, 6)))
    zone = draw(zones)
    seconds = draw(st.integers(0, 3_000_000_000))
    anchor = Anchor(at=datetime(1990, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds), time_zone=zone)
    whole = period(anchor, interval, draw(st.integers(0, 40)))
    parts = sorted(draw(st.tuples(st.floats(0, 1), st.floats(0, 1))))
    at = [min(whole.start + (whole.end - whole.start) * part, whole.end) for part in parts]
    return whole, at, interval, zone, draw(conventions)


def test_200_dollars_given_up_after_5_of_31_days() -> None:
    share = remaining(MARCH, on(6), MONTH, "UTC", BY_DAY)
    assert str(share) == "26 of 31 days"
    assert split(200_00, share, BY_DAY) == (32_26, 167_74)


def test_20_dollars_with_9_of_31_days_unused() -> None:
    share = remaining(MARCH, on(23), MONTH, "UTC", BY_DAY)
    assert str(share) == "9 of 31 days"
    assert prorate(20_00, share, BY_DAY) == 5_81


def test_the_change_day_has_one_owner() -> None:
    assert left(on(6, 15), BY_DAY) == (26, 31)
    assert left(on(6, 15), OLD_OWNS) == (25, 31)
    assert left(MARCH.start, OLD_OWNS) == (30, 31)
    assert left(on(31, 15), OLD_OWNS) == (0, 31)


def test_seconds_are_the_default() -> None:
    assert left(on(16, 12), Convention()) == (15 * 86_400 + 43_200, 31 * 86_400)
    assert left(on(16) + timedelta(microseconds=999_999), Convention()) == (16 * 86_400, 31 * 86_400)


def test_real_seconds_count_when_the_clock_changes() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start, change, end = (
        datetime(2025, month, day, tzinfo=berlin).astimezone(UTC) for month, day in [(3, 1), (3, 31), (4, 1)]
    )
    whole = Period(start=start, end=end)
    assert left(change, Convention(), whole, "Europe/Berlin") == (86_400, 31 * 86_400 - 3_600)
    assert left(change, BY_DAY, whole, "Europe/Berlin") == (1, 31)


def test_days_are_local_days() -> None:
    evening = on(6, 23) + timedelta(minutes=30)
    assert left(evening, BY_DAY) == (26, 31)
    assert left(evening, BY_DAY, zone="Europe/Berlin") == (25, 31)


@pytest.mark.parametrize(
    ("at", "whole", "expected"),
    [
        (on(1), MARCH, (30, 30)),
        (on(2), MARCH, (30, 30)),  # 30 days are left, and a month has no more
        (on(6), MARCH, (26, 30)),
        (MARCH.end, MARCH, (0, 30)),
        (on(1, 12, whole=FEBRUARY), FEBRUARY, (30, 30)),  # nothing is used: the whole month
        (on(2, whole=FEBRUARY), FEBRUARY, (27, 30)),
        (FEBRUARY.end, FEBRUARY, (0, 30)),
    ],
)
def test_months_of_30_days(at: datetime, whole: Period, expected: tuple[int, int]) -> None:
    assert left(at, DAYS_OF_30, whole) == expected


@pytest.mark.parametrize(
    ("unit", "days"), [(Unit.DAY, 1), (Unit.WEEK, 7), (Unit.MONTH, 30), (Unit.QUARTER, 90), (Unit.YEAR, 360)]
)
def test_the_fixed_length_follows_the_interval(unit: Unit, days: int) -> None:
    interval = Interval(unit=unit, count=2)
    whole = period(Anchor(at=MARCH.start, time_zone="UTC"), interval, 0)
    assert remaining(whole, whole.start, interval, "UTC", DAYS_OF_30).denominator == 2 * days
    in_seconds = Convention(denominator=Denominator.FIXED_30)
    assert remaining(whole, whole.start, interval, "UTC", in_seconds).denominator == 2 * days * 86_400


def test_a_period_within_one_day_or_second_counts_as_one() -> None:
    tiny = Period(start=on(6, 1), end=on(6, 1) + timedelta(milliseconds=5))
    middle = on(6, 1) + timedelta(milliseconds=2)
    assert left(middle, Convention(), tiny) == left(middle, BY_DAY, tiny) == (1, 1)
    assert left(tiny.end, Convention(), tiny) == left(tiny.end, BY_DAY, tiny) == (0, 1)


@pytest.mark.parametrize("at", [MARCH.start - timedelta(seconds=1), MARCH.end + timedelta(seconds=1)])
def test_an_instant_outside_the_period_is_refused(at: datetime) -> None:
    with pytest.raises(PeriodError, match="at: must lie within the period 2025-03-01"):
        remaining(MARCH, at, MONTH, "UTC", BY_DAY)


@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 3), (4, 3), (0, 0)])
def test_a_share_lies_between_nothing_and_all(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError, match="numerator: must be from 0 to"):
        Share(numerator=numerator, denominator=denominator, unit=Granularity.DAY)


@checked
@given(changes())
def test_shares_shrink_from_all_to_nothing(
    change: tuple[Period, list[datetime], Interval, str, Convention],
) -> None:
    whole, (sooner, later), interval, zone, convention = change
    shares = [
        remaining(whole, at, interval, zone, convention) for at in (whole.start, sooner, later, whole.end)
    ]
    values = [Fraction(share.numerator, share.denominator) for share in shares]
    assert values == sorted(values, reverse=True)
    assert values[-1] == 0
    if convention.granularity is Granularity.SECOND or convention.change_day is ChangeDay.NEW:
        assert values[0] == 1


@checked
@given(changes(), amounts)
def test_a_split_anywhere_keeps_the_sum(
    change: tuple[Period, list[datetime], Interval, str, Convention], amount: int
) -> None:
    whole, (sooner, _), interval, zone, convention = change
    share = remaining(whole, sooner, interval, zone, convention)
    used, unused = split(amount, share, convention)
    assert used + unused == amount
    assert abs(unused) <= abs(amount)
    assert abs(unused - Fraction(amount * share.numerator, share.denominator)) < 1
    assert split(-amount, share, convention) == (-used, -unused)


@checked
@given(changes(), amounts)
def test_two_splits_in_sequence_telescope(
    change: tuple[Period, list[datetime], Interval, str, Convention], amount: int
) -> None:
    """Used until the first change, used between the two, and unused after: exactly the amount, no cent more."""
    whole, (sooner, later), interval, zone, convention = change
    first, unused_at_first = split(amount, remaining(whole, sooner, interval, zone, convention), convention)
    _, unused_at_second = split(amount, remaining(whole, later, interval, zone, convention), convention)
    between = unused_at_first - unused_at_second
    assert first + between + unused_at_second == amount
    assert between * amount >= 0


@checked
@given(changes(), amounts)
def test_a_change_and_its_return_at_one_instant_net_to_zero(
    change: tuple[Period, list[datetime], Interval, str, Convention], amount: int
) -> None:
    whole, (at, _), interval, zone, convention = change
    share = remaining(whole, at, interval, zone, convention)
    assert prorate(amount, share, convention) + prorate(-amount, share, convention) == 0

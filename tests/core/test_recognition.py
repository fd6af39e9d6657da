"""Fees in advance are earned over their period, to the cent, however the time is cut."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.core.ledger import Posting
from solvent.core.period import Period
from solvent.core.proration import Granularity
from solvent.core.recognition import (
    Deferral,
    Earning,
    Spread,
    earned,
    earnings,
    months,
    next_month,
    recognised,
)

SECOND, DAY = Granularity.SECOND, Granularity.DAY
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = Period(start=NEW_YEAR, end=datetime(2027, 1, 1, tzinfo=UTC))
JANUARY = Period(start=NEW_YEAR, end=datetime(2026, 2, 1, tzinfo=UTC))
ZONES = ["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]

instants = st.integers(0, 11 * 366 * 86_400 * 10**6).map(
    lambda n: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(microseconds=n)
)
amounts = st.integers(-(10**12), 10**12)
granularities = st.sampled_from(list(Granularity))
zones = st.sampled_from(ZONES)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(instants)
    length = draw(st.timedeltas(timedelta(microseconds=1), timedelta(days=800)))
    return Period(start=start, end=start + length)


@st.composite
def deferrals(draw: st.DrawFn) -> Deferral:
    return Deferral(
        amount=draw(amounts), period=draw(periods()), booked_at=draw(instants), time_zone=draw(zones)
    )


def on(month: int, day: int = 1, hour: int = 0, *, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def test_a_year_is_earned_by_the_days_of_its_months() -> None:
    ends = [on(month) for month in range(2, 13)] + [YEAR.end]
    sums = [earned(24_000, YEAR, end, SECOND, "UTC") for end in ends]
    assert sums == [2038, 3879, 5918, 7890, 9929, 11901, 13940, 15978, 17951, 19989, 21962, 24000]
    assert sums == [round(Fraction(24_000 * (end - NEW_YEAR).days, 365)) for end in ends]


@pytest.mark.parametrize(
    ("at", "granularity", "zone", "expected"),
    [
        (NEW_YEAR - timedelta(days=1), SECOND, "UTC", 0),
        (NEW_YEAR, SECOND, "UTC", 0),
        (on(1, 16, 12), SECOND, "UTC", 1550),
        (on(1, 16, 12), DAY, "UTC", 1500),  # a day is earned when it is over
        (on(1, 16, 12), DAY, "Asia/Kolkata", 1500),
        (on(1, 16, 20), DAY, "Asia/Kolkata", 1600),  # where the 17th has begun
        (on(2), SECOND, "UTC", 3100),
        (on(3), DAY, "UTC", 3100),
    ],
)
def test_january_at_a_dollar_a_day(at: datetime, granularity: Granularity, zone: str, expected: int) -> None:
    assert earned(3100, JANUARY, at, granularity, zone) == expected
    assert earned(-3100, JANUARY, at, granularity, zone) == -expected


def test_what_is_shorter_than_a_unit_is_earned_when_it_ends() -> None:
    hour = Period(start=NEW_YEAR, end=NEW_YEAR + timedelta(hours=1))
    assert earned(7, hour, NEW_YEAR + timedelta(minutes=59), DAY, "UTC") == 0
    assert earned(7, hour, hour.end, DAY, "UTC") == 7


def test_an_upgrade_takes_from_the_old_line_what_the_credit_gives_back() -> None:
    """2,000 for January; on the 16th at noon 1,000 of it is credited for the 15.5 days that are left."""
    rest = Period(start=on(1, 16, 12), end=JANUARY.end)
    for day in range(17, 32):
        kept = earned(2000, JANUARY, on(1, day), SECOND, "UTC") + earned(
            -1000, rest, on(1, day), SECOND, "UTC"
        )
        assert abs(kept - 1000) <= 1
    assert earned(2000, JANUARY, on(2), SECOND, "UTC") + earned(-1000, rest, on(2), SECOND, "UTC") == 1000


def test_a_late_document_shows_in_the_month_in_which_it_is_booked() -> None:
    late = Deferral(amount=-3100, period=JANUARY, booked_at=on(3, 10), time_zone="UTC")
    assert [recognised(late, at, SECOND) for at in (on(2), on(3, 10), on(3, 10, 1))] == [0, 0, -3100]
    (entry,) = earnings(late, NEW_YEAR, on(6), SECOND)
    assert (entry.start, entry.amount) == (on(3), -3100)
    assert entry.postings() == (Posting(debit="revenue", credit="deferred_revenue", amount=3100),)


def test_months_of_a_line() -> None:
    period = Period(start=on(1, 31, 12), end=on(2, 28, 12))
    line = Deferral(amount=2800, period=period, booked_at=on(1, 31, 12), time_zone="UTC")
    assert list(earnings(line, NEW_YEAR, on(6), SECOND)) == [
        Earning(start=on(1, 31, 12), end=on(2), amount=50),
        Earning(start=on(2), end=on(2, 28, 12), amount=2750),
    ]
    assert list(earnings(line, on(3), on(6), SECOND)) == []
    first, second = earnings(line, NEW_YEAR, on(6), SECOND)
    assert (first.dated, second.dated) == (on(2) - timedelta(seconds=1), on(2, 28, 12) - timedelta(seconds=1))
    assert first.postings() == (Posting(debit="deferred_revenue", credit="revenue", amount=50),)


def test_a_piece_shorter_than_a_second_is_dated_at_its_start() -> None:
    piece = Earning(start=NEW_YEAR, end=NEW_YEAR + timedelta(milliseconds=1), amount=1)
    assert piece.dated == NEW_YEAR


def test_calendar_months() -> None:
    assert next_month(on(12, 31, 23)) == YEAR.end
    assert list(months(on(11, 15), YEAR.end)) == [(on(11, 15), on(12)), (on(12), YEAR.end)]
    assert list(months(on(2), on(2))) == []


@given(amounts, periods(), st.lists(instants, max_size=6), granularities, zones)
def test_the_parts_of_any_split_sum_to_the_whole(
    amount: int, period: Period, cuts: list[datetime], granularity: Granularity, zone: str
) -> None:
    points = sorted([period.start, *(c for c in cuts if c in period), period.end])
    sums = [earned(amount, period, at, granularity, zone) for at in points]
    parts = [later - earlier for earlier, later in pairwise(sums)]
    assert (sums[0], sums[-1], sum(parts)) == (0, amount, amount)
    assert all(part * amount >= 0 for part in parts), "no stretch of time takes back what another earned"


@given(amounts, periods(), instants, zones)
def test_rounding_is_never_off_by_more_than_half_a_unit(
    amount: int, period: Period, at: datetime, zone: str
) -> None:
    start, end = (x.replace(microsecond=0) for x in (period.start, period.end))
    if period.start < at < period.end and end > start:
        exact = Fraction((at.replace(microsecond=0) - start) // timedelta(seconds=1))
        exact = exact * amount / Fraction((end - start) // timedelta(seconds=1))
        assert abs(earned(amount, period, at, SECOND, zone) - exact) <= Fraction(1, 2)


@given(amounts, periods(), instants, granularities, zones)
def test_a_credit_mirrors_the_charge(
    amount: int, period: Period, at: datetime, granularity: Granularity, zone: str
) -> None:
    charge = earned(amount, period, at, granularity, zone)
    assert earned(-amount, period, at, granularity, zone) == -charge


@given(deferrals(), instants, instants, granularities)
def test_the_entries_of_any_window_are_the_difference_of_its_ends(
    line: Deferral, one: datetime, other: datetime, granularity: Granularity
) -> None:
    start, end = min(one, other), max(one, other)
    entries = list(earnings(line, start, end, granularity))
    difference = recognised(line, end, granularity) - recognised(line, start, granularity)
    assert sum(entry.amount for entry in entries) == difference
    assert all(entry.amount for entry in entries)
    assert all(start <= entry.dated < entry.end <= end for entry in entries)
    assert all(entry.end <= next_month(entry.start) for entry in entries)


def noted(amount: int, taken: list[tuple[int, Period, datetime]], zone: str = "UTC") -> list[Deferral]:
    """A line of January, and what credit notes took of it, one after the other."""
    lines = [Deferral(amount=amount, period=JANUARY, booked_at=NEW_YEAR, time_zone=zone)]
    for part, period, booked_at in taken:
        after = tuple(Spread(amount=line.amount, period=line.period) for line in lines)
        lines.append(Deferral(amount=-part, period=period, booked_at=booked_at, time_zone=zone, after=after))
    return lines


def shown(lines: list[Deferral], at: datetime, granularity: Granularity = SECOND) -> int:
    return sum(recognised(line, at, granularity) for line in lines)


def test_a_line_credited_whole_in_parts_shows_no_revenue_at_any_moment() -> None:
    """19.00 credited by 6.33 three times and 0.01: rounded each by itself, 0.01 would show on some days."""
    lines = noted(1900, [(part, JANUARY, NEW_YEAR) for part in (633, 633, 1, 633)])
    alone = [
        sum(earned(x.amount, x.period, on(1, day), SECOND, "UTC") for x in lines) for day in range(2, 32)
    ]
    assert (min(alone), max(alone)) == (-2, 2)
    assert {shown(lines, on(1, day, hour)) for day in range(2, 32) for hour in range(24)} == {0}


def test_unused_time_credited_leaves_what_was_earned_where_it_was() -> None:
    """200.00, given up after 5 of 31 days: 167.74 credited, 32.26 earned, from then on and at every moment."""
    given_up = Period(start=on(1, 6), end=JANUARY.end)
    lines = noted(20_000, [(16_774, given_up, on(1, 6))])
    assert shown(lines, on(1, 6)) == 3226
    assert {shown(lines, on(1, day, hour)) for day in range(6, 32) for hour in range(1, 24)} == {3226}
    assert shown(lines, on(3)) == 3226


@given(
    st.integers(-(10**9), 10**9),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 30)), max_size=5),
    st.integers(-(10**6), 3 * 10**6).map(lambda n: NEW_YEAR + timedelta(seconds=n)),
    granularities,
    zones,
)
def test_a_line_and_its_credit_notes_are_rounded_once_together(
    amount: int, taken: list[tuple[int, int]], at: datetime, granularity: Granularity, zone: str
) -> None:
    """Credited over all of its period, a line shows what is left of it, and nothing once that is nothing."""
    days = sorted(day for _, day in taken)
    notes = [
        (part, JANUARY, NEW_YEAR + timedelta(days=day)) for (part, _), day in zip(taken, days, strict=True)
    ]
    lines = noted(amount, notes, zone)
    left = amount - sum(part for part, _, booked_at in notes if booked_at < at)
    within = at > NEW_YEAR
    assert shown(lines, at, granularity) == (earned(left, JANUARY, at, granularity, zone) if within else 0)
    rest = [*notes, (amount - sum(part for part, *_ in notes), JANUARY, on(1, 31))]
    assert shown(noted(amount, rest, zone), max(at, on(1, 31, 1)), granularity) == 0

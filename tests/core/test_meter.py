"""Meters: events become one quantity, whatever their order, duplication and corrections."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.core.meter import VALUE_MAX, Aggregation, Meter, UsageEvent, event_rule, meter_problems, quantity
from solvent.core.period import Period

START = datetime(2027, 1, 31, tzinfo=UTC)
MONTH = Period(start=START, end=START + timedelta(days=28))
ACCOUNT = UUID(int=7)
SUM, MAX, LAST, UNIQUE = Aggregation


def event(
    name: str,
    value: int | None = None,
    *,
    hour: int = 0,
    member: str | None = None,
    corrects: str | None = None,
) -> UsageEvent:
    """An event some hours into the month."""
    return UsageEvent(name, ACCOUNT, "m", START + timedelta(hours=hour), "account", value, member, corrects)


DAY = [event("a", 3, hour=1), event("b", 5, hour=3), event("c", 4, hour=2)]


@pytest.mark.parametrize(("aggregation", "expected"), [(SUM, 12), (MAX, 5), (LAST, 5)])
def test_each_aggregation(aggregation: Aggregation, expected: int) -> None:
    assert quantity(aggregation, DAY, MONTH) == expected
    assert quantity(aggregation, [], MONTH) == 0


def test_the_last_of_one_moment_is_told_by_its_id() -> None:
    assert quantity(LAST, [event("b", 1), event("c", 2), event("a", 3)], MONTH) == 2


def test_unique_members_are_counted() -> None:
    members = [event(str(n), member=name) for n, name in enumerate("abcab")]
    assert quantity(UNIQUE, members, MONTH) == 3


def test_the_start_belongs_to_the_period_and_the_end_does_not() -> None:
    edges = [event("start", 1), event("end", 2, hour=28 * 24), event("before", 4, hour=-1)]
    assert quantity(SUM, edges, MONTH) == 1


def test_a_correction_replaces_the_value_and_stays_in_the_period_of_what_it_corrects() -> None:
    assert quantity(SUM, [*DAY, event("d", 10, hour=9999, corrects="b")], MONTH) == 17


def test_of_several_corrections_the_latest_counts_and_one_of_nothing_counts_nothing() -> None:
    late = event("z", 100, hour=9, corrects="b")
    later = event("y", 1, hour=10, corrects="b")
    tie = event("x", 50, hour=10, corrects="b")
    assert quantity(SUM, [later, late, tie, *DAY, event("w", 7, corrects="unknown")], MONTH) == 8


def test_a_correction_without_a_value_takes_the_event_out() -> None:
    out = event("d", corrects="b")
    assert quantity(SUM, [*DAY, out], MONTH) == 7
    assert quantity(MAX, [*DAY, out], MONTH) == 4
    assert quantity(LAST, [*DAY, out], MONTH) == 4
    assert quantity(UNIQUE, [event("b", member="x"), out], MONTH) == 0


_names = st.sampled_from([f"e{n}" for n in range(12)])
_events = st.lists(
    st.builds(
        event,
        _names,
        st.one_of(st.none(), st.integers(0, 50)),
        hour=st.integers(-24, 30 * 24),
        member=st.one_of(st.none(), st.sampled_from("abc")),
        corrects=st.one_of(st.none(), _names),
    ),
    max_size=25,
    unique_by=lambda x: x.id,
)


@given(events=_events, copies=st.lists(st.integers(0, 24), max_size=10), seed=st.integers())
def test_order_and_duplication_change_nothing(events: list[UsageEvent], copies: list[int], seed: int) -> None:
    told = events + [events[n] for n in copies if n < len(events)]
    Random(seed).shuffle(told)
    for aggregation in Aggregation:
        assert quantity(aggregation, told, MONTH) == quantity(aggregation, events, MONTH)


METER = Meter(id="m", name="Minutes", unit="minutes", aggregation=SUM)
PEOPLE = replace(METER, aggregation=UNIQUE)


@pytest.mark.parametrize(
    ("told", "meter", "field"),
    [
        (event("a", 1), None, "meter"),
        (event("a"), METER, "value"),
        (event("a", -1), METER, "value"),
        (event("a", VALUE_MAX + 1), METER, "value"),
        (event("a", member="x"), METER, "value"),
        (event("a", 1, member="x"), METER, "member"),
        (event("a", 1), PEOPLE, "member"),
        (event("a", 1, corrects="a"), METER, "corrects"),
        (event("a", -1, corrects="b"), METER, "value"),
        (event("a", 0), METER, None),
        (event("a", VALUE_MAX), METER, None),
        (event("a", member="x"), PEOPLE, None),
        (event("a", corrects="b"), PEOPLE, None),
    ],
)
def test_the_rules_of_an_event(told: UsageEvent, meter: Meter | None, field: str | None) -> None:
    found = event_rule(told, meter)
    assert (found and found[0]) == field


def test_the_rules_of_a_meter() -> None:
    wrong = Meter(id=" ", name=" ", unit="", aggregation=SUM)
    assert [x.field for x in meter_problems(wrong)] == ["meters. .id", "meters. .name", "meters. .unit"]
    assert list(meter_problems(METER)) == []

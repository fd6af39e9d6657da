"""Codec: whatever the core can plan survives the journal unchanged."""

from __future__ import annotations

from dataclasses import is_dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core import events as ev
from solvent.core.catalog import Tier
from solvent.core.change import Change
from solvent.core.payment import NextAction
from solvent.core.period import Anchor, Interval, Period, Unit
from solvent.core.phrase import Phrase, Sentence
from solvent.core.plan import Plan
from solvent.core.subscription import Pending
from solvent.store import codec
from tests.drawing import examples

MOMENTS = st.integers(0, 7_000_000_000_000_000).map(
    lambda microseconds: datetime(1971, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)
NAMES = st.text(st.characters(codec="utf-8"), max_size=30)
FEATURES = st.dictionaries(NAMES, st.booleans() | st.integers(0, 2**53) | NAMES)
LEAVES: dict[object, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(-(2**62), 2**62),
    str: NAMES,
    UUID: st.uuids(),
    datetime: MOMENTS,
    NoneType: st.none(),
    # as deep as one phrase in another, which is as it is for any depth
    Phrase: st.recursive(
        st.builds(
            Phrase,
            st.sampled_from(Sentence),
            st.lists(NAMES | st.integers(-(2**62), 2**62), max_size=3).map(tuple),
        ),
        lambda phrases: st.builds(
            Phrase, st.sampled_from(Sentence), st.lists(phrases, max_size=2).map(tuple)
        ),
        max_leaves=3,
    ),
    Interval: st.builds(Interval, unit=st.sampled_from(Unit), count=st.integers(1, 100)),
    Anchor: st.builds(Anchor, at=MOMENTS, time_zone=st.sampled_from(["UTC", "Europe/Berlin"])),
    Period: st.lists(MOMENTS, min_size=2, max_size=2, unique=True).map(
        lambda pair: Period(start=min(pair), end=max(pair))
    ),
}


@cache
def any_of(kind: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401 -- a type, in any of the forms types have
    """Any value of a type as the core declares it; nothing is registered, so other tests keep their strategies."""
    if kind in LEAVES:
        return LEAVES[kind]
    parts = get_args(kind)
    if isinstance(kind, UnionType):
        return st.one_of(*map(any_of, parts))
    if get_origin(kind) is tuple and parts[-1] is Ellipsis:
        return st.lists(any_of(parts[0]), max_size=3).map(tuple)
    if get_origin(kind) is tuple:
        return st.tuples(*map(any_of, parts))
    if isinstance(kind, type) and is_dataclass(kind):
        return st.builds(kind, **{name: any_of(hint) for name, hint in get_type_hints(kind).items()})
    return st.sampled_from(kind)


@settings(max_examples=examples(50), deadline=None)  # a plan is large to draw
@given(any_of(Plan))
def test_a_plan_comes_back(plan: Plan) -> None:
    assert codec.decode_plan(codec.encode(plan)) == plan


@given(st.one_of(*(any_of(kind) for kind in get_args(Change))))
def test_a_request_comes_back_as_the_class_it_was(change: Change) -> None:
    again = codec.decode_change(codec.encode_change(change))
    assert again == change
    assert type(again) is type(change)


@given(any_of(NextAction))
def test_an_action_comes_back(action: NextAction) -> None:
    assert codec.decode_action(codec.encode(action)) == action


@given(FEATURES)
def test_features_keep_their_kinds(features: dict[str, bool | int | str]) -> None:
    again = codec.decode_features(codec.encode(features))
    assert again == features
    assert [type(value) for value in again.values()] == [type(value) for value in features.values()]


@given(st.lists(any_of(Tier)).map(tuple))
def test_tiers_come_back(tiers: tuple[Tier, ...]) -> None:
    assert codec.decode_tiers(codec.encode(tiers)) == tiers


def test_every_request_has_its_own_name() -> None:
    names = [kind.__name__ for kind in get_args(Change)]
    assert len(set(names)) == len(names) == 14


def test_an_events_type_is_not_part_of_its_payload() -> None:
    event = ev.StandingChanged(before="good", after="grace")
    assert codec.encode_event(event) == b'{"before":"good","after":"grace"}'


def test_nothing_is_null_and_not_json_null() -> None:
    assert codec.optional(None) is None
    assert codec.optional(Pending(cancel=True)) is not None

"""Ids say by themselves when they were made and which bucket their row lives in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.core.ids import BUCKETS, InvalidId, bucket_of, compose, drawn_by, first_at, parse, spell

moments = st.integers(0, 2**48 - 1)
entropies = st.integers(0, 2**66 - 1)
buckets = st.integers(0, BUCKETS - 1)
ids = st.builds(compose, moments, entropies, buckets)


def test_the_first_of_a_moment_is_before_what_is_drawn_then_at_the_ends_of_time_too() -> None:
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    drawn = compose(int(moment.timestamp() * 1000), 1, 7)
    assert first_at(moment) < drawn < first_at(moment, 1)
    assert first_at(datetime.min.replace(tzinfo=UTC), -86_400) == compose(0, 0, 0)
    assert first_at(datetime.max.replace(tzinfo=UTC), 86_400) > drawn


def test_an_id_says_when_it_was_drawn_which_is_never_to_come() -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for passed in (timedelta(0), timedelta(hours=5), timedelta(days=400)):
        drawn = compose(int((now - passed).timestamp() * 1000), 1, 7)
        assert drawn_by(drawn, now) == now - passed
    assert drawn_by(compose(int(now.timestamp() * 1000) + 1, 1, 7), now) == now
    assert drawn_by(compose(2**48 - 1, 1, 7), now) == now
    assert drawn_by(compose(0, 1, 7), now) == datetime(1970, 1, 1, tzinfo=UTC)


def test_the_layout() -> None:
    assert str(compose(0x0193_A1B2_C3D4, 0, 0x7F)) == "0193a1b2-c3d4-8000-8000-00000000007f"
    assert str(compose(0x0193_A1B2_C3D4, 2**66 - 1, 0)) == "0193a1b2-c3d4-8fff-bfff-ffffffffff00"
    assert spell("acc", UUID(int=1)) == "acc_00000000000000000000000000000001"


@given(moments, entropies, buckets)
def test_an_id_keeps_its_parts(unix_ms: int, entropy: int, bucket: int) -> None:
    identifier = compose(unix_ms, entropy, bucket)
    assert (identifier.version, identifier.variant) == (8, "specified in RFC 4122")
    assert identifier.int >> 80 == unix_ms
    assert bucket_of(identifier) == bucket
    assert ((identifier.int >> 64) & 0xFFF) << 54 | (identifier.int >> 8) & (2**54 - 1) == entropy


@given(st.tuples(moments, entropies), st.tuples(moments, entropies), buckets)
def test_ids_of_a_bucket_are_ordered_by_time_then_chance(
    one: tuple[int, int], other: tuple[int, int], bucket: int
) -> None:
    assert (compose(*one, bucket) < compose(*other, bucket)) is (one < other)


@given(ids, st.sampled_from(["acc", "sub", "att"]))
def test_spelling_and_parsing_are_inverse(identifier: UUID, prefix: str) -> None:
    text = spell(prefix, identifier)
    assert parse(prefix, text) == identifier
    with pytest.raises(InvalidId, match="must look like inv_"):
        parse("inv", text)


@pytest.mark.unmeasured
@given(st.one_of(st.text(max_size=40), st.text(alphabet="0123456789abcdefABCDEF-_+ {}", max_size=34)))
def test_whatever_is_parsed_is_spelled_like_that(tail: str) -> None:
    try:
        identifier = parse("acc", f"acc_{tail}")
    except InvalidId:
        return
    assert spell("acc", identifier) == f"acc_{tail}"


@pytest.mark.parametrize(
    "tail",
    [
        "",
        "0" * 31,
        "0" * 33,
        "A" * 32,
        "g" * 32,
        "+" + "0" * 31,
        "1_0" + "0" * 29,
        "٣" * 32,
        "{" + "0" * 30 + "}",
        "0" * 32 + "\n",
    ],
)
def test_another_spelling_is_refused(tail: str) -> None:
    with pytest.raises(InvalidId, match="32 hexadecimal digits in lower case"):
        parse("acc", f"acc_{tail}")

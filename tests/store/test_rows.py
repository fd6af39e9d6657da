"""Rows: columns arrive as what they were, whatever their values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvent.store import rows
from solvent.store.embedded import EmbeddedServer
from solvent.store.rows import FEW_MAX, Column, Statement, insert
from tests.drawing import examples

MOMENTS = st.integers(-(10**15), 10**16).map(
    lambda microseconds: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
VALUES = {
    "uuid": st.uuids(),
    "text": TEXTS,
    "bytea": st.binary(),
    "boolean": st.booleans(),
    "smallint": st.integers(-(2**15), 2**15 - 1),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "timestamptz": MOMENTS,
}


@pytest.fixture(scope="module")
def connection(postgres: EmbeddedServer) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as opened:
        rows.register(opened.adapters)
        opened.execute("set timezone to 'UTC'")
        yield opened


@pytest.mark.parametrize("kind", VALUES)
@settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_column_arrives_as_it_was(connection: psycopg.Connection, kind: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.none() | VALUES[kind], max_size=5))
    (received,) = (
        connection.execute(f"select %b::{kind}[]", (Column(kind, values),), binary=True).fetchone() or ()
    )
    assert received == values


@pytest.mark.parametrize("kind", VALUES)
@settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_column_of_mostly_one_value_arrives_as_it_was(
    connection: psycopg.Connection, kind: str, data: st.DataObject
) -> None:
    one, other = (data.draw(st.none() | VALUES[kind]) for _ in range(2))
    between = data.draw(st.lists(st.sampled_from([one, other]), max_size=3))
    values = (one, *between, one)
    (received,) = (
        connection.execute(f"select %b::{kind}[]", (Column(kind, values),), binary=True).fetchone() or ()
    )
    assert received == list(values)


ALL_KINDS = Statement(
    ", ".join(f"a_{kind} {kind}" for kind in VALUES), "select v.* from {rows} where %(wanted)s::text = 'all'"
)


@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_few_rows_arrive_as_they_were_and_so_do_many(
    connection: psycopg.Connection, data: st.DataObject
) -> None:
    row = st.tuples(*(st.none() | values for values in VALUES.values()))
    sent = data.draw(st.lists(row, min_size=1, max_size=FEW_MAX + 3))
    assert ALL_KINDS.run(connection, sent, wanted="all").fetchall() == sent


def test_moments_are_read_as_utc_itself(connection: psycopg.Connection) -> None:
    for binary in (True, False):
        (moment,) = connection.execute("select now()", binary=binary).fetchone() or ()
        assert moment.tzinfo is UTC


class Colour(StrEnum):
    RED = "red"


def test_an_insert_takes_rows_of_tuples(connection: psycopg.Connection) -> None:
    connection.execute("create temp table thing (bucket smallint, name text, data json, size bigint)")
    statement = insert("thing", "name text, data json, size bigint")
    given = [(Colour.RED, b'{"a": 1}', 2**40), (None, None, None)]
    for count in (1, FEW_MAX):
        written = statement.run(connection, given * count, bucket=7)
        assert written.rowcount == 2 * count
        assert (
            connection.execute("delete from thing returning *").fetchall()
            == [
                (7, "red", {"a": 1}, 2**40),
                (7, None, None, None),
            ]
            * count
        )


def test_an_unknown_type_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(KeyError):
        Column("money", [1])

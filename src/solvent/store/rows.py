"""Rows: whole batches as parameters of one statement.

Owns the binary form of a column of values as a PostgreSQL array, and statements over `unnest` of such columns.
A statement that takes 1,000 rows costs hardly more than one that takes one. Does not own any table's statements.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection, Cursor
from psycopg.adapt import AdaptersMap, Dumper
from psycopg.pq import Format

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NULL = b"\xff\xff\xff\xff"
_UUID_SIZE = struct.pack("!i", 16)

_pack_size = struct.Struct("!i").pack
_pack_bool = struct.Struct("!i?").pack
_pack_int2 = struct.Struct("!ih").pack
_pack_int4 = struct.Struct("!ii").pack
_pack_int8 = struct.Struct("!iq").pack
_pack_head = struct.Struct("!iiIii").pack


def _uuid(value: UUID) -> bytes:
    return _UUID_SIZE + value.bytes


def _text(value: str) -> bytes:
    data = value.encode()
    return _pack_size(len(data)) + data


def _bytes(value: bytes) -> bytes:
    return _pack_size(len(value)) + value


def _moment(value: datetime) -> bytes:
    return _pack_int8(8, (value - _EPOCH) // _MICROSECOND)


class Kind(NamedTuple):
    """How one type travels: the element's and the array's object id, and the binary form of an element."""

    element: int
    array: int
    pack: Callable[[Any], bytes]


# JSON travels as text: an array of json has no advantage, and the server parses each element anyway.
_KINDS: dict[str, Kind] = {
    "uuid": Kind(2950, 2951, _uuid),
    "text": Kind(25, 1009, _text),
    "json": Kind(25, 1009, _bytes),
    "jsonb": Kind(25, 1009, _bytes),
    "bytea": Kind(17, 1001, _bytes),
    "boolean": Kind(16, 1000, lambda value: _pack_bool(1, value)),
    "smallint": Kind(21, 1005, lambda value: _pack_int2(2, value)),
    "integer": Kind(23, 1007, lambda value: _pack_int4(4, value)),
    "bigint": Kind(20, 1016, lambda value: _pack_int8(8, value)),
    "timestamptz": Kind(1184, 1185, _moment),
}


class Column:
    """Values of one type (None is null), to be passed as one array parameter."""

    __slots__ = ("kind", "values")

    def __init__(self, type_name: str, values: Iterable[object]) -> None:
        self.kind = _KINDS[type_name]
        self.values = values

    def binary(self) -> bytes:
        """The array as PostgreSQL's `array_send` would write it."""
        pack = self.kind.pack
        elements = [_NULL if value is None else pack(value) for value in self.values]
        if not elements:
            return struct.pack("!iiI", 0, 0, self.kind.element)
        return _pack_head(1, _NULL in elements, self.kind.element, len(elements), 1) + b"".join(elements)


class _ColumnDumper(Dumper):
    """Columns differ by their type's name, not by their class: each kind has a dumper with its own object id."""

    format = Format.BINARY

    def get_key(self, obj: Column, format: object) -> Any:  # noqa: A002, ANN401, ARG002 -- psycopg's names
        return (type(obj), obj.kind.array)

    def upgrade(self, obj: Column, format: object) -> Dumper:  # noqa: A002, ARG002 -- psycopg's names
        dumper = _ColumnDumper(type(obj), self.connection)
        dumper.oid = obj.kind.array
        return dumper

    def dump(self, obj: Column) -> bytes:
        return obj.binary()


def register(adapters: AdaptersMap) -> None:
    """Teach connections that use `adapters` to take columns."""
    adapters.register_dumper(Column, _ColumnDumper)


class Statement:
    """SQL over rows: `{rows}` in its text stands for the rows as a table named `v`, whose columns are declared.

    Declared as ``"id uuid, plan json"``; scalars are named parameters beside it.
    """

    def __init__(self, columns: str, sql: str) -> None:
        declared = [column.split() for column in columns.split(",")]
        self.names = tuple(name for name, _ in declared)
        self.types = tuple(kind for _, kind in declared)
        arrays = ", ".join(
            f"%(v_{name})b::{'text' if kind.startswith('json') else kind}[]" for name, kind in declared
        )
        rows = f"unnest({arrays}) as v ({', '.join(self.names)})"
        # The parts are constants of this package; `format` only keeps the column list in one place.
        self.sql = sql.replace("{rows}", rows)
        self._parameters = tuple(f"v_{name}" for name in self.names)

    def run(self, connection: Connection, rows: Sequence[tuple[object, ...]], **scalars: object) -> Cursor:
        """Execute with all rows at once. No rows is the caller's mistake: it has nothing to say."""
        columns = zip(self._parameters, self.types, zip(*rows, strict=True), strict=True)
        for name, kind, values in columns:
            scalars[name] = Column(kind, values)
        return connection.execute(self.sql, scalars)


def insert(table: str, columns: str, tail: str = "") -> Statement:
    """An insert of rows of one bucket (parameter `bucket`); `tail` is what follows, e.g. `on conflict`."""
    declared = [column.split() for column in columns.split(",")]
    names = ", ".join(name for name, _ in declared)
    values = ", ".join(
        f"v.{name}::{kind}" if kind.startswith("json") else f"v.{name}" for name, kind in declared
    )
    sql = f"insert into {table} (bucket, {names}) select %(bucket)s, {values} from {{rows}} {tail}"
    return Statement(columns, sql)

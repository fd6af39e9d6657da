"""Rows: whole batches as parameters of one statement.

Owns the binary form of a column of values as a PostgreSQL array, and statements over `unnest` of such columns.
A statement that takes 1,000 rows costs hardly more than one that takes one. Does not own any table's statements.
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from psycopg import Connection, Cursor
from psycopg.adapt import AdaptersMap, Dumper
from psycopg.pq import Format
from psycopg.types.numeric import Int2, Int4, Int8

T = TypeVar("T")

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NULL = b"\xff\xff\xff\xff"
_UUID_SIZE = 16 << 128  # the size of the element, in front of its 16 bytes

FEW_MAX = 4  # rows that travel as values

_pack_size = struct.Struct("!i").pack
_pack_bool = struct.Struct("!i?").pack
_pack_int2 = struct.Struct("!ih").pack
_pack_int4 = struct.Struct("!ii").pack
_pack_int8 = struct.Struct("!iq").pack
_pack_head = struct.Struct("!iiIii").pack

_SIZES = tuple(_pack_size(n) for n in range(512))  # of nearly all texts

# A batch has some ten thousand values: each of these loops is written to do as little as possible per value.


def _uuids(values: Iterable[Any]) -> list[bytes]:
    return [_NULL if v is None else (_UUID_SIZE | v.int).to_bytes(20, "big") for v in values]


def _texts(values: Iterable[Any]) -> list[bytes]:
    return _bytes([None if v is None else v.encode() for v in values])


def _bytes(values: Iterable[Any]) -> list[bytes]:
    return [
        _NULL if v is None else (_SIZES[n] if (n := len(v)) < len(_SIZES) else _pack_size(n)) + v
        for v in values
    ]


def _moments(values: Iterable[Any]) -> list[bytes]:
    """Many rows of a batch share one moment."""
    packed, last, element = [], None, _NULL
    for value in values:
        if value is not last:
            last = value
            element = _NULL if value is None else _pack_int8(8, (value - _EPOCH) // _MICROSECOND)
        packed.append(element)
    return packed


def _dates(values: Iterable[Any]) -> list[bytes]:
    return [_NULL if v is None else _pack_int4(4, (v - _EPOCH.date()).days) for v in values]


def _fixed(pack: Callable[[int, Any], bytes], size: int) -> Callable[[Iterable[Any]], list[bytes]]:
    def pack_all(values: Iterable[Any]) -> list[bytes]:
        return [_NULL if v is None else pack(size, v) for v in values]

    return pack_all


class Kind(NamedTuple):
    """How one type travels: the element's and the array's object id, and the binary form of elements."""

    element: int
    array: int
    pack: Callable[[Iterable[Any]], list[bytes]]


# JSON travels as text: an array of json has no advantage, and the server parses each element anyway.
_KINDS: dict[str, Kind] = {
    "uuid": Kind(2950, 2951, _uuids),
    "text": Kind(25, 1009, _texts),
    "json": Kind(25, 1009, _bytes),
    "jsonb": Kind(25, 1009, _bytes),
    "bytea": Kind(17, 1001, _bytes),
    "boolean": Kind(16, 1000, _fixed(_pack_bool, 1)),
    "smallint": Kind(21, 1005, _fixed(_pack_int2, 2)),
    "integer": Kind(23, 1007, _fixed(_pack_int4, 4)),
    "bigint": Kind(20, 1016, _fixed(_pack_int8, 8)),
    "date": Kind(1082, 1182, _dates),
    "timestamptz": Kind(1184, 1185, _moments),
}


def _as_it_is(value: T) -> T:
    return value


# How a single value is handed to psycopg, which would otherwise choose an integer's type by its size.
_SINGLE: dict[str, Callable[[Any], Any]] = {
    "json": bytes.decode,
    "jsonb": bytes.decode,
    "smallint": Int2,
    "integer": Int4,
    "bigint": Int8,
}


class Column:
    """Values of one type (None is null), to be passed as one array parameter."""

    __slots__ = ("kind", "values")

    def __init__(self, type_name: str, values: Iterable[object]) -> None:
        self.kind = _KINDS[type_name]
        self.values = values

    def binary(self) -> bytes:
        """The array as PostgreSQL's `array_send` would write it."""
        elements = self._elements()
        if not elements:
            return struct.pack("!iiI", 0, 0, self.kind.element)
        return _pack_head(1, _NULL in elements, self.kind.element, len(elements), 1) + b"".join(elements)

    def _elements(self) -> list[bytes]:
        """Each value packed. Many columns of a batch hold one value throughout: a currency, a state, nothing."""
        values = self.values
        if isinstance(values, tuple) and values and values[0] is values[-1]:
            one = values[0]
            if values.count(one) == len(values):
                return self.kind.pack((one,)) * len(values)
        return self.kind.pack(values)


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

    Declared as ``"id uuid, plan json"``; scalars are named parameters beside it. A few rows travel as values: to set
    up an array for each column costs more than to write them. More travel as one array for each column.
    """

    def __init__(self, columns: str, sql: str) -> None:
        declared = [column.split() for column in columns.split(",")]
        self.names = tuple(name for name, _ in declared)
        self.types = tuple(kind for _, kind in declared)
        self._sql = sql
        self._single = tuple(_SINGLE.get(kind, _as_it_is) for kind in self.types)
        self._few = tuple(self._over(self._listed(count)) for count in range(1, FEW_MAX + 1))
        self.sql = self._over(self._unnested())
        self._places = tuple(f"v_{name}" for name in self.names)
        self._few_places = tuple(f"v{n}_{name}" for n in range(FEW_MAX) for name in self.names)

    def run(self, connection: Connection, rows: Sequence[tuple[object, ...]], **scalars: object) -> Cursor:
        """Execute with all rows at once. No rows is the caller's mistake: it has nothing to say."""
        count = len(rows)
        scalars |= zip(self.places(count), self.parameters(rows), strict=True)
        return connection.execute(self.text(count), scalars)

    def text(self, count: int) -> str:
        """The SQL for so many rows, over named parameters."""
        return self._few[count - 1] if 0 < count <= FEW_MAX else self.sql

    def places(self, count: int) -> tuple[str, ...]:
        """The names of its parameters for so many rows."""
        if 0 < count <= FEW_MAX:
            return self._few_places[: count * len(self.names)]
        return self._places

    def parameters(self, rows: Sequence[tuple[object, ...]]) -> list[object]:
        """The values at `places`, in their order."""
        if 0 < len(rows) <= FEW_MAX:
            return [
                None if value is None else single(value)
                for row in rows
                for single, value in zip(self._single, row, strict=True)
            ]
        return [
            Column(kind, values) for kind, values in zip(self.types, zip(*rows, strict=True), strict=True)
        ]

    def _over(self, rows: str) -> str:
        # The parts are constants of this package; `replace` only keeps the column list in one place.
        return self._sql.replace("{rows}", f"{rows} as v ({', '.join(self.names)})")

    def _listed(self, count: int) -> str:
        rows = (", ".join(f"%(v{n}_{name})b::{sent}" for name, sent in self._sent()) for n in range(count))
        return f"(values {', '.join(f'({row})' for row in rows)})"

    def _unnested(self) -> str:
        return f"unnest({', '.join(f'%(v_{name})b::{sent}[]' for name, sent in self._sent())})"

    def _sent(self) -> Iterator[tuple[str, str]]:
        """Each column with the type it travels as."""
        for name, kind in zip(self.names, self.types, strict=True):
            yield name, "text" if kind.startswith("json") else kind


def insert(table: str, columns: str, tail: str = "") -> Statement:
    """An insert of rows of one bucket (parameter `bucket`); `tail` is what follows, e.g. `on conflict`."""
    declared = [column.split() for column in columns.split(",")]
    names = ", ".join(name for name, _ in declared)
    values = ", ".join(
        f"v.{name}::{kind}" if kind.startswith("json") else f"v.{name}" for name, kind in declared
    )
    sql = f"insert into {table} (bucket, {names}) select %(bucket)s, {values} from {{rows}} {tail}"
    return Statement(columns, sql)

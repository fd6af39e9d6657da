"""Parquet: exported rows as an Apache Parquet file.

Owns the translation of our columns into Arrow's types, and the size of a row group, which bounds memory. Needs the
package pyarrow, which is installed only on request (`solvent[parquet]`): importing this module fails without it. Does
not own the columns (`columns`).
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from solvent.exporting.columns import Column, Type

GROUP_ROWS = 20_000
SCALE = 4  # as many digits after the point as any currency has

_TYPES = {
    Type.TEXT: pa.string(),
    Type.INTEGER: pa.int64(),
    Type.DECIMAL: pa.decimal128(25, SCALE),
    Type.INSTANT: pa.timestamp("us", tz="UTC"),
}


def write_parquet(file: Path, columns: Sequence[Column], rows: Iterable[object]) -> int:
    """One row group after the other; returns the number of rows."""
    schema = pa.schema([pa.field(column.name, _TYPES[column.type]) for column in columns])
    count, remaining = 0, iter(rows)
    with parquet.ParquetWriter(file, schema) as writer:
        while group := list(islice(remaining, GROUP_ROWS)):
            arrays = [_array(column, group) for column in columns]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            count += len(group)
    return count


def _array(column: Column, rows: Sequence[object]) -> pa.Array:
    """A column of a group; decimals come as text, which Arrow reads exactly."""
    given = pa.string() if column.type is Type.DECIMAL else _TYPES[column.type]
    return pa.array([column.of(row) for row in rows], given).cast(_TYPES[column.type])

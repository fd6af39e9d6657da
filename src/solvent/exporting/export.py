"""Export: everything of a kind, of a stretch of time, written to one file.

Owns which rows are of which kind, the way of rows from one moment of the database into a file, a batch at a time, and
the format CSV. Does not own the rows (`store`), the columns (`columns`), the format Parquet (`parquet`), nor where the
file goes and what its client is told.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from psycopg import Connection

from solvent.exporting.columns import COLUMNS, Column, Type, What
from solvent.store import credit_exports, document_exports, exports, fees
from solvent.store.closing import Scope, snapshot
from solvent.wiring import Solvent

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a formula begins; OWASP, CSV injection

PACKAGE = "the package pyarrow: pip install 'solvent[parquet]'"


class Format(StrEnum):
    """As which kind of file."""

    CSV = "csv"
    PARQUET = "parquet"


class PackageMissing(Exception):
    """The format needs a package that is not installed here; says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What is written: everything of a kind from `start` to before `end` (UTC). One statement has `timeout_s`."""

    what: What
    start: datetime
    end: datetime
    scope: Scope
    timeout_s: int


Read = Callable[[Connection, datetime, datetime, Scope], Iterator[object]]
Write = Callable[[Path, Sequence[Column], Iterable[object]], int]

_READS: Mapping[What, Read] = {
    What.INVOICES: exports.invoices,
    What.INVOICE_LINES: document_exports.lines,
    What.CREDIT_NOTES: document_exports.credit_notes,
    What.PAYMENTS: exports.payments,
    What.REFUNDS: document_exports.refunds,
    What.DISPUTES: exports.disputes,
    What.FEES: fees.export,
    What.CREDIT_GRANTS: credit_exports.grants,
    What.CREDIT_USES: credit_exports.uses,
}


def writer_of(kind: Format) -> Write:
    """How a file of that format is written; raises `PackageMissing`."""
    if kind is Format.CSV:
        return write_csv
    try:
        from solvent.exporting.parquet import write_parquet  # noqa: PLC0415 - needs an optional package
    except ImportError:
        raise PackageMissing(PACKAGE) from None
    return write_parquet


def export(solvent: Solvent, wanted: Export, write: Write, file: Path) -> int:
    """Write it to `file`, in place of what that was; how many rows there are. Raises `OSError`."""
    with snapshot(solvent.database.pool, wanted.timeout_s) as connection:
        return write(file, COLUMNS[wanted.what], _rows(solvent, connection, wanted))


def _rows(solvent: Solvent, connection: Connection, wanted: Export) -> Iterator[object]:
    if wanted.what is What.JOURNAL:
        granularity = solvent.platform.convention.granularity
        return exports.journal(connection, wanted.start, wanted.end, granularity, wanted.scope)
    return _READS[wanted.what](connection, wanted.start, wanted.end, wanted.scope)


def write_csv(file: Path, columns: Sequence[Column], rows: Iterable[object]) -> int:
    """RFC 4180 in UTF-8 with a header; what is absent is empty. A text that a spreadsheet would take for a formula has
    an apostrophe before it."""
    count, cells = 0, [_cell(column) for column in columns]
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow([column.name for column in columns])
        for row in rows:
            writer.writerow([cell(row) for cell in cells])
            count += 1
    return count


def _cell(column: Column) -> Callable[[Any], object]:
    """How a row's value is spelled: instants as the API does, texts harmless; the writer knows the rest."""
    if column.type is Type.TEXT:
        return lambda row: _harmless(column.of(row))
    if column.type is not Type.INSTANT:
        return column.of

    def of(row: object) -> str | None:
        value = column.of(row)
        assert value is None or isinstance(value, datetime)
        return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")

    return of


def _harmless(text: object) -> object:
    return f"'{text}" if isinstance(text, str) and text.startswith(_FORMULA) else text

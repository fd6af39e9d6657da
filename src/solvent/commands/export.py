"""Export: journal, invoices, payments, disputes and account credit as files that other programs read.

Owns the way of rows from the database into the file, which appears under its name only when it is whole, and the format
CSV. Does not own the rows (`store.exports`), the columns (`commands.columns`) nor the format Parquet
(`commands.parquet`).
"""

import csv
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar, assert_never

from psycopg import Connection

from solvent.commands.columns import COLUMNS, Column, Type, What
from solvent.commands.console import USAGE, CommandError
from solvent.store import credit_exports, exports, fees
from solvent.store.closing import Scope, snapshot
from solvent.wiring import Solvent

STATEMENT_TIMEOUT_S = 3600  # of one statement: a year of postings is sorted by one
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


class Format(StrEnum):
    """As which kind of file."""

    CSV = "csv"
    PARQUET = "parquet"


Choice = TypeVar("Choice", bound=StrEnum)


def export(
    solvent: Solvent,
    what: What,
    kind: Format,
    file: Path,
    *,
    start: datetime,
    end: datetime,
    scope: Scope,
) -> int:
    """Write everything from `start` to before `end` (UTC) to `file`, in place of what it was; returns the rows."""
    if start > end:
        raise CommandError("--to: must not be before --from", USAGE)
    write = _writer(kind)
    fresh = file.with_name(f"{file.name}.part")
    try:
        with snapshot(solvent.database.pool, STATEMENT_TIMEOUT_S) as connection:
            rows = _rows(solvent, connection, what, start, end, scope)
            count = write(fresh, COLUMNS[what], rows)
        fresh.replace(file)
    except OSError as error:
        raise CommandError(f"--out: {error.strerror or error}: {file}", USAGE) from None
    finally:
        with suppress(OSError):
            fresh.unlink()
    return count


def one_of(kind: type[Choice], text: str, option: str) -> Choice:
    """The member that a word names."""
    try:
        return kind(text)
    except ValueError:
        known = ", ".join(kind)
        raise CommandError(f"{option}: must be one of {known}, got {text!r}", USAGE) from None


def one_of_names(text: str, known: Collection[str], option: str) -> str:
    """The name, if it is one of these."""
    if text not in known:
        raise CommandError(f"{option}: must be one of {', '.join(known)}, got {text!r}", USAGE)
    return text


def instant(text: str, option: str) -> datetime:
    """A day (its first instant) or an instant of RFC 3339, UTC where it names no offset."""
    try:
        found = datetime.fromisoformat(text)
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise CommandError(
            f"{option}: must be like 2026-01-31 or 2026-01-31T12:00:00Z, got {text!r}", USAGE
        ) from None
    if not EARLIEST <= found <= LATEST:
        raise CommandError(
            f"{option}: must be from {EARLIEST:%Y-%m-%d} to {LATEST:%Y-%m-%d}, got {text!r}", USAGE
        )
    return found


def _rows(
    solvent: Solvent, connection: Connection, what: What, start: datetime, end: datetime, scope: Scope
) -> Iterator[object]:
    match what:
        case What.JOURNAL:
            granularity = solvent.platform.convention.granularity
            return exports.journal(connection, start, end, granularity, scope)
        case What.INVOICES:
            return exports.invoices(connection, start, end, scope)
        case What.PAYMENTS:
            return exports.payments(connection, start, end, scope)
        case What.DISPUTES:
            return exports.disputes(connection, start, end, scope)
        case What.FEES:
            return fees.export(connection, start, end, scope)
        case What.CREDIT_GRANTS:
            return credit_exports.grants(connection, start, end, scope)
        case What.CREDIT_USES:
            return credit_exports.uses(connection, start, end, scope)
    assert_never(what)


Write = Callable[[Path, Sequence[Column], Iterable[object]], int]


def _writer(kind: Format) -> Write:
    if kind is Format.CSV:
        return _write_csv
    try:
        from solvent.commands.parquet import write_parquet  # noqa: PLC0415 - needs an optional package
    except ImportError:
        raise CommandError(
            "--format parquet: needs the package pyarrow: pip install 'solvent[parquet]'", USAGE
        ) from None
    return write_parquet


def _write_csv(file: Path, columns: Sequence[Column], rows: Iterable[object]) -> int:
    """RFC 4180 in UTF-8 with a header; what is absent is empty."""
    count, cells = 0, [_cell(column) for column in columns]
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow([column.name for column in columns])
        for row in rows:
            writer.writerow([cell(row) for cell in cells])
            count += 1
    return count


def _cell(column: Column) -> Callable[[Any], object]:
    """How a row's value is spelled: instants as the API does; the writer knows the rest."""
    if column.type is not Type.INSTANT:
        return column.of

    def of(row: object) -> str | None:
        value = column.of(row)
        assert value is None or isinstance(value, datetime)
        return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")

    return of

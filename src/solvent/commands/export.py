"""Export: journal, invoices, payments and disputes as files that other programs read.

Owns the columns and their spelling: ids as in the API, instants in UTC, every amount as minor units and beside it as a
decimal. Rows stream from the database into the file, which appears under its name only when it is whole. Does not own
the rows (`store.exports`) nor the format Parquet (`commands.parquet`).
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar, assert_never
from uuid import UUID

from psycopg import Connection

from solvent.commands.console import USAGE, CommandError
from solvent.core.ids import spell
from solvent.core.money import format_minor
from solvent.store import exports
from solvent.store.closing import Scope, snapshot
from solvent.wiring import Solvent

STATEMENT_TIMEOUT_S = 3600  # of one statement: a year of postings is sorted by one
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


class What(StrEnum):
    """What is exported."""

    JOURNAL = "journal"
    INVOICES = "invoices"
    PAYMENTS = "payments"
    DISPUTES = "disputes"


class Format(StrEnum):
    """As which kind of file."""

    CSV = "csv"
    PARQUET = "parquet"


Choice = TypeVar("Choice", bound=StrEnum)


class Type(StrEnum):
    """The type of a column."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file: its name, its type, and how a row of the store gives its value (a decimal as text)."""

    name: str
    type: Type
    of: Callable[[Any], object]


def _plain(name: str, kind: Type = Type.TEXT) -> Column:
    return Column(name, kind, attrgetter(name))


def _id(name: str, prefix: str, field: str) -> Column:
    def of(row: object) -> str | None:
        value: UUID | None = getattr(row, field)
        return None if value is None else spell(prefix, value)

    return Column(name, Type.TEXT, of)


def _amount(name: str) -> tuple[Column, Column]:
    """Minor units, and the same as a decimal with the currency's digits."""

    def decimal(row: Any) -> str:  # noqa: ANN401 - a row of any export
        return format_minor(getattr(row, name), row.currency)

    return Column(f"{name}_minor", Type.INTEGER, attrgetter(name)), Column(name, Type.DECIMAL, decimal)


COLUMNS: dict[What, Sequence[Column]] = {
    What.JOURNAL: (
        _plain("source"),
        _plain("booked_at", Type.INSTANT),
        _id("transaction", "txn", "cause_id"),
        _plain("position", Type.INTEGER),
        _plain("entity"),
        _id("account_id", "acc", "account_id"),
        _plain("debit"),
        _plain("credit"),
        _plain("currency"),
        *_amount("amount"),
        _id("invoice_id", "inv", "invoice_id"),
        _plain("period_start", Type.INSTANT),
        _plain("period_end", Type.INSTANT),
    ),
    What.INVOICES: (
        _plain("number"),
        _id("id", "inv", "id"),
        _plain("entity"),
        _id("account_id", "acc", "account_id"),
        _id("subscription_id", "sub", "subscription_id"),
        _plain("state"),
        _plain("currency"),
        *_amount("total"),
        *_amount("credited"),
        *_amount("paid"),
        *_amount("debt"),
        _plain("issued_at", Type.INSTANT),
        _plain("due_at", Type.INSTANT),
        _plain("paid_at", Type.INSTANT),
    ),
    What.PAYMENTS: (
        _id("id", "pay", "id"),
        _plain("provider"),
        _plain("ref"),
        _plain("part", Type.INTEGER),
        _plain("entity"),
        _id("account_id", "acc", "account_id"),
        _id("change_id", "att", "attempt_id"),
        _id("invoice_id", "inv", "invoice_id"),
        _plain("disposition"),
        _plain("reason"),
        _plain("currency"),
        *_amount("amount"),
        _plain("received_at", Type.INSTANT),
    ),
    What.DISPUTES: (
        _id("id", "dsp", "id"),
        _plain("provider"),
        _plain("ref"),
        _plain("entity"),
        _id("account_id", "acc", "account_id"),
        _id("payment_id", "pay", "payment_id"),
        _id("invoice_id", "inv", "invoice_id"),
        _plain("state"),
        _plain("reason"),
        _plain("currency"),
        *_amount("amount"),
        *_amount("to_debt"),
        *_amount("from_credit"),
        *_amount("written_off"),
        _plain("fee_minor", Type.INTEGER),
        _plain("fee_currency"),
        _plain("opened_at", Type.INSTANT),
        _plain("recorded_at", Type.INSTANT),
        _plain("decided_at", Type.INSTANT),
    ),
}


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

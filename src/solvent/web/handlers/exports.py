"""Exports: journal, documents, payments and credit of a stretch of time as a file.

Owns the rules of what may be asked for, and that a file is whole on this machine's disk before the first byte of it is
sent: whoever reads slowly holds no transaction, and whatever goes wrong is told in place of half a file. Does not own
what is written, nor how (`exporting`). Why so: docs/decisions/0027-exports-over-http.md.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from solvent.exporting.columns import What
from solvent.exporting.export import Export, Format, PackageMissing, export, writer_of
from solvent.store.closing import Scope
from solvent.web.endpoint import Call, Pieces, Reply
from solvent.web.export_params import ExportQuery
from solvent.web.handlers.filters import checked
from solvent.web.problems import Problem, not_found, refused

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
STATEMENT_TIMEOUT_S = 300  # of one statement; the command line has longer
RETRY_AFTER_S = 10
CONTENT_TYPES = {Format.CSV: "text/csv; charset=utf-8", Format.PARQUET: "application/vnd.apache.parquet"}


def as_csv(call: Call) -> Reply:
    """Everything of a kind as CSV."""
    return _file(call, Format.CSV)


def as_parquet(call: Call) -> Reply:
    """Everything of a kind as Parquet, where its package is installed."""
    return _file(call, Format.PARQUET)


def _file(call: Call, kind: Format) -> Reply:
    wanted = _wanted(call)
    try:
        write = writer_of(kind)
    except PackageMissing as missing:
        raise refused("path", f"must end with .csv here: Parquet needs {missing}") from None
    with _place(call), tempfile.TemporaryDirectory(prefix="solvent-export-") as folder:
        file = Path(folder) / "export"
        try:
            export(call.solvent, wanted, write, file)
            pieces = Pieces(file.open("rb"))
        except psycopg.errors.QueryCanceled:
            rule = f"must be a shorter stretch of time: this one took longer than {STATEMENT_TIMEOUT_S} s"
            raise refused("from", rule) from None
        except OSError as error:
            raise Problem("unavailable", f"the file cannot be written: {error.strerror}") from None
    name = f"{wanted.what}-{wanted.start:%Y%m%d}-{wanted.end:%Y%m%d}.{kind}"
    headers = [("content-disposition", f'attachment; filename="{name}"'), ("cache-control", "no-store")]
    return Reply(pieces, 200, headers, CONTENT_TYPES[kind])


def _wanted(call: Call) -> Export:
    query: ExportQuery = call.query
    try:
        what = What(call.path["what"])
    except ValueError:
        raise not_found("export", f"{call.path['what'][:40]}: {', '.join(What)}") from None
    start, end = query.from_ or EARLIEST, query.to or call.now
    checked(call, entity=query.entity, broken=_broken(start, end))
    scope = Scope(entity=query.entity, test_clocks=query.test_clocks)
    return Export(what=what, start=start, end=end, scope=scope, timeout_s=STATEMENT_TIMEOUT_S)


def _broken(start: datetime, end: datetime) -> Iterator[tuple[str, str]]:
    for field, moment in (("from", start), ("to", end)):
        if not EARLIEST <= moment <= LATEST:
            yield field, f"must be from {EARLIEST:%Y-%m-%d} to {LATEST:%Y-%m-%d}"
    if end < start:
        yield "to", "must not be before from"


@contextmanager
def _place(call: Call) -> Iterator[None]:
    """One of the few exports that a process makes at once."""
    if not call.places.acquire(blocking=False):
        retry = [("retry-after", str(RETRY_AFTER_S))]
        raise Problem("unavailable", "other exports are being made: ask again in a moment", headers=retry)
    try:
        yield
    finally:
        call.places.release()

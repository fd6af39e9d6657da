"""Export: files for other programs on the command line, and words that options name.

Owns that a file appears under its name only when it is whole, and how bad input is named by its option. Does not own
what is written, nor how (`exporting`).
"""

from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from solvent.commands.console import USAGE, CommandError
from solvent.exporting.columns import What
from solvent.exporting.export import Export, Format, PackageMissing, writer_of
from solvent.exporting.export import export as write_to
from solvent.store.closing import Scope
from solvent.wiring import Solvent

STATEMENT_TIMEOUT_S = 3600  # of one statement: a year of postings is sorted by one
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

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
    wanted = Export(what=what, start=start, end=end, scope=scope, timeout_s=STATEMENT_TIMEOUT_S)
    fresh = file.with_name(f"{file.name}.part")
    try:
        count = write_to(solvent, wanted, writer_of(kind), fresh)
        fresh.replace(file)
    except PackageMissing as missing:
        raise CommandError(f"--format {kind}: needs {missing}", USAGE) from None
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

"""Saying: what commands about money documents have in common: ids and words that are read, tables that are printed.

Owns how bad input is named by its option, and lines that are never cut. Does not own what is printed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from solvent.commands.console import USAGE, CommandError
from solvent.core.ids import InvalidId, parse
from solvent.core.language import TURNING
from solvent.core.money import format_minor
from solvent.core.plan import Refusal

REASON_MAX = 500  # characters, as over HTTP
WHO_MAX = 200

_WORDS = re.compile(rf"[^\x00-\x1f\x7f{TURNING}]+")


def id_of(prefix: str, text: str, where: str) -> UUID:
    """The id behind its public spelling; `where` is the option or argument that it came in."""
    try:
        return parse(prefix, text)
    except InvalidId as error:
        raise CommandError(f"{where}: {error}, got {text!r}", USAGE) from None


def words(text: str, option: str, most: int) -> str:
    """A text of one line that says something."""
    if not text.strip() or len(text) > most or _WORDS.fullmatch(text) is None:
        raise CommandError(
            f"{option}: must be 1 to {most} characters, without control characters or marks that turn its direction",
            USAGE,
        )
    return text


def refused(refusal: Refusal) -> CommandError:
    """A refusal of a flow as the error of a command."""
    return CommandError(f"{refusal.field}: {refusal.rule}", USAGE)


def lined(names: Sequence[str], found: Iterable[Sequence[str]]) -> Iterator[str]:
    """A line with the names, and one for each row, in columns."""
    rows = [names, *found]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def money(minor: int, currency: str) -> str:
    """An amount for people."""
    return f"{format_minor(minor, currency)} {currency}"


def moment(at: datetime | None) -> str:
    """An instant for people, UTC."""
    return "–" if at is None else f"{at:%Y-%m-%d %H:%M}"


def as_json(value: object) -> str:
    """What programs read: as the API shows it."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()

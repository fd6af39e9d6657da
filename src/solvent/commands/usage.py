"""Usage: events sent from a file, and what they come to, on the command line.

Owns the reading of the file, a batch at a time, and how what is wrong is named by its line. Does not own any rule of
events nor their recording (`flows.usage`).
"""

import csv
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec

from solvent.commands.console import USAGE, CommandError
from solvent.commands.saying import as_json, id_of, lined, moment, money
from solvent.core.ids import InvalidId, parse
from solvent.core.meter import UsageEvent
from solvent.core.plan import Refusal
from solvent.flows.usage import Ingested, ingest
from solvent.store.queries import Queries
from solvent.web.handlers.usage import usage_view
from solvent.web.params import UsageQuery
from solvent.web.usage_bodies import EVENTS_MAX, Event, UsagePeriodView
from solvent.wiring import Solvent

TOLD_MAX = 5  # of the events of a batch that break a rule
COLUMNS = ("meter", "object", "from", "to", "used", "unit", "costs", "of it billed", "state")


class Told(NamedTuple):
    """An event, and the line of the file that tells it."""

    line: int
    event: UsageEvent


def sent(solvent: Solvent, file: Path) -> str:
    """Send all events of a file; how many were new, and how many were known."""
    accepted = duplicates = 0
    try:
        told = _told(file)
        while batch := list(islice(told, EVENTS_MAX)):
            done = ingest(solvent.platform, [one.event for one in batch], solvent.clock)
            if not isinstance(done, Ingested):
                raise _refused(file, batch, done, accepted + duplicates)
            accepted += done.accepted
            duplicates += done.duplicates
    except OSError as error:
        raise CommandError(f"FILE: {file}: {error.strerror}", USAGE) from None
    except UnicodeDecodeError:
        raise CommandError(f"FILE: {file}: must be UTF-8", USAGE) from None
    return f"{accepted:,} events are new, {duplicates:,} were known"


def lines(solvent: Solvent, account: str, limit: int, *, for_programs: bool) -> Iterator[str]:
    """A line for each of the first periods that are not final."""
    found = Queries(solvent.database.pool).account(id_of("acc", account, "ACCOUNT"))
    if found is None:
        raise CommandError(f"no account {account}")
    view = usage_view(solvent, found, UsageQuery(limit=limit), solvent.clock())
    if for_programs:
        yield as_json(view)
    else:
        yield from lined(COLUMNS, [_row(period, view.currency) for period in view.data])


def _row(period: UsagePeriodView, currency: str) -> tuple[str, ...]:
    return (
        period.meter,
        period.object,
        moment(period.period.start),
        moment(period.period.end),
        f"{period.quantity:,}",
        period.unit,
        money(period.amount, currency),
        money(period.billed_amount, currency),
        period.state,
    )


def _told(file: Path) -> Iterator[Told]:
    """The events of a file in their order, each when it is asked for."""
    with file.open(encoding="utf-8-sig", newline="") as source:  # some programs begin a file with a mark
        if file.suffix.lower() == ".csv":
            yield from _told_by_rows(file, csv.DictReader(source))
            return
        for n, text in enumerate(source, start=1):
            if text.strip():
                yield _event(file, n, _object(file, n, text))


def _told_by_rows(file: Path, rows: "csv.DictReader[str]") -> Iterator[Told]:
    try:
        for row in rows:
            yield _event(file, rows.line_num, _plain(file, rows.line_num, row))
    except csv.Error as error:
        raise CommandError(f"{file}:{rows.line_num + 1}: must be CSV: {error}", USAGE) from None


def _plain(file: Path, line: int, row: Mapping[str | None, str]) -> dict[str, str]:
    """What a row of CSV names; an empty cell is absent."""
    if None in row:
        raise CommandError(f"{file}:{line}: must have no more cells than the header has names", USAGE)
    return {str(name): value for name, value in row.items() if value}


def _object(file: Path, line: int, text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise CommandError(f"{file}:{line}: must be a JSON object: {error}", USAGE) from None
    except RecursionError:
        raise CommandError(f"{file}:{line}: must not be nested so deeply", USAGE) from None


def _event(file: Path, line: int, values: object) -> Told:
    try:
        x = msgspec.convert(values, Event, strict=False)
        account_id = parse("acc", x.account)
    except msgspec.ValidationError as error:
        raise CommandError(f"{file}:{line}: {error}", USAGE) from None
    except InvalidId as error:
        raise CommandError(f"{file}:{line}: account: {error}", USAGE) from None
    event = UsageEvent(x.id, account_id, x.meter, x.at, x.object, x.value, x.member, x.corrects)
    if any("\x00" in text for text in (x.id, x.meter, x.object, x.member or "", x.corrects or "")):
        raise CommandError(f"{file}:{line}: must not contain the character U+0000", USAGE)
    return Told(line, event)


def _refused(file: Path, batch: list[Told], refusals: tuple[Refusal, ...], before: int) -> CommandError:
    """Where a batch breaks rules: the first of its events, by their lines."""
    told = []
    for refusal in refusals[:TOLD_MAX]:
        place, _, field = refusal.field.removeprefix("events[").partition("].")
        told.append(f"{file}:{batch[int(place)].line}: {field}: {refusal.rule}")
    stored = (
        f"the {before:,} events before line {batch[0].line} are stored" if before else "nothing is stored"
    )
    return CommandError(f"{stored}; {'; '.join(told)}", USAGE)

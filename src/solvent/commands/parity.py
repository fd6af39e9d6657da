"""Parity: what the engine decided beside what was done, on the command line.

Owns the words, and the file in which somebody says what another system did. Does not own the comparison
(`core.parity`).
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from rich.table import Table

from solvent.commands.console import USAGE, CommandError
from solvent.commands.export import instant
from solvent.commands.saying import as_json
from solvent.core.consequence import Consequence
from solvent.core.ids import InvalidId, parse, spell
from solvent.core.parity import COMPARED, Deed, Parity
from solvent.store.parity import Window, parity
from solvent.web.engine_views import ParityReport
from solvent.web.handlers.engine_parity import parity_view
from solvent.wiring import Solvent

DAYS = 30  # where nothing else is said
ROWS_MAX = 1_000_000  # of a file
COLUMNS = ["account", "consequence", "at"]


def window_of(since: str | None, until: str | None, now: datetime) -> Window:
    """The window that the options ask for: the last 30 days, unless they say otherwise."""
    end = now if until is None else instant(until, "--until")
    begin = end - timedelta(days=DAYS) if since is None else instant(since, "--since")
    if begin >= end:
        raise CommandError(f"--since: must be before {end:%Y-%m-%dT%H:%M:%SZ}, the end", USAGE)
    return Window(since=begin, until=end)


def done_in(path: Path) -> Iterator[Deed]:
    """What a CSV file says that another system did, line by line."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        if next(rows, None) != COLUMNS:
            raise CommandError(f"{path}: the first line must be {','.join(COLUMNS)}", USAGE)
        for n, row in enumerate(rows, start=2):
            if n > ROWS_MAX:
                raise CommandError(f"{path}: must have at most {ROWS_MAX} lines", USAGE)
            yield _deed(f"{path}:{n}", row)


def _deed(where: str, row: list[str]) -> Deed:
    if len(row) != len(COLUMNS):
        raise CommandError(f"{where}: must have {len(COLUMNS)} fields, got {len(row)}", USAGE)
    account, consequence, at = row
    try:
        account_id = parse("acc", account)
    except InvalidId as error:
        raise CommandError(f"{where}: account: {error}, got {account!r}", USAGE) from None
    if consequence not in COMPARED:
        raise CommandError(
            f"{where}: consequence: must be one of {', '.join(COMPARED)}, got {consequence!r}", USAGE
        )
    moment = instant(at, f"{where}: at")
    return Deed(
        account_id=account_id, consequence=Consequence(consequence), at=moment, words="done elsewhere"
    )


def report(
    solvent: Solvent,
    window: Window,
    done: Iterator[Deed],
    examples_max: int,
    *,
    for_programs: bool = False,
) -> Iterator[Table | str]:
    """A table by consequence, then the oldest of each that differ."""
    found = parity(solvent.database.pool, window, done, examples_max)
    if for_programs:
        data = [parity_view(consequence, one, window) for consequence, one in found.items()]
        yield as_json(ParityReport(since=window.since, until=window.until, data=data))
        return
    yield f"what was decided and what was done from {window.since:%Y-%m-%d %H:%M} to {window.until:%Y-%m-%d %H:%M} UTC"
    yield _table(found, window.until)
    for consequence, one in found.items():
        for unlike in one.examples:
            which = "decided, not done" if unlike.decided else "done, not decided"
            age = _age(window.until - unlike.at)
            yield f"{spell('acc', unlike.account_id)}  {consequence}: {which} for {age} ({unlike.words})"


def _table(found: Mapping[Consequence, Parity], until: datetime) -> Table:
    table = Table()
    for name in ("consequence", "agreed", "at most apart", "only decided", "oldest", "only done", "oldest"):
        table.add_column(name, justify="left" if name == "consequence" else "right")
    for consequence, one in found.items():
        ages = ["–" if at is None else _age(until - at) for at in (one.oldest_decided, one.oldest_done)]
        apart = _age(one.apart) if one.agreed else "–"
        counts = [str(one.only_decided), ages[0], str(one.only_done), ages[1]]
        table.add_row(str(consequence), str(one.agreed), apart, *counts)
    return table


def _age(age: timedelta) -> str:
    hours, rest = divmod(int(age.total_seconds()), 3600)
    return f"{hours // 24} d {hours % 24} h" if hours >= 24 else f"{hours} h {rest // 60} min"

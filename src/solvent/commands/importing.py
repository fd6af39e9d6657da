"""Importing: a file of agreements from before, each of which becomes a collection method.

Owns the file's shape and bounds, and the lines that are printed. Does not own how an agreement becomes a method
(`flows.importing`).
"""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
from rich.console import Console

from solvent.commands.console import USAGE, CommandError
from solvent.commands.saying import as_json
from solvent.core.ids import InvalidId, parse, spell
from solvent.core.plan import Refusal
from solvent.flows.importing import Agreement, Imported, ImportState, import_methods
from solvent.web.handlers.methods import imported_view
from solvent.wiring import Solvent

AGREEMENTS_MAX = 100_000  # of one file
COLUMNS = ("account_id", "reference")
_DONE = frozenset({ImportState.IMPORTED, ImportState.KNOWN})


def run(solvent: Solvent, console: Console, file: Path, provider: str, *, for_programs: bool) -> bool:
    """Import them, tell of each as it ends, and say whether all of them are methods now."""
    agreements = read(file)
    results = import_methods(solvent.platform, provider, agreements, solvent.clock)
    if isinstance(results, Refusal):
        raise CommandError(f"--{results.field}: {results.rule}", USAGE)
    states = Counter[ImportState]()
    for one in results:
        states[one.state] += 1
        line = as_json(msgspec.to_builtins(imported_view(one))) if for_programs else _line(one)
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if not for_programs:
        counted = ", ".join(f"{states[state]} {state}" for state in ImportState)
        console.print(counted, markup=False, highlight=False)
    return set(states) <= _DONE


def read(file: Path) -> list[Agreement]:
    """The agreements of a file; raises `CommandError` with the line that is not as it must be: nothing was begun."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as source:
            return list(_rows(csv.reader(source)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{file.name} cannot be read: {error}", USAGE) from None


def _rows(lines: Iterator[list[str]]) -> Iterator[Agreement]:
    if tuple(next(lines, ())) != COLUMNS:
        raise CommandError(f"line 1: must be {','.join(COLUMNS)}", USAGE)
    for number, line in enumerate(lines, 2):
        if number > AGREEMENTS_MAX + 1:
            raise CommandError(f"line {number}: must not be more than {AGREEMENTS_MAX} agreements", USAGE)
        if len(line) != len(COLUMNS):
            raise CommandError(f"line {number}: must have an account and a reference", USAGE)
        try:
            account_id = parse("acc", line[0].strip())
        except InvalidId as error:
            raise CommandError(f"line {number}: account_id: {error}", USAGE) from None
        yield Agreement(account_id=account_id, reference=line[1].strip())


def _line(one: Imported) -> str:
    account = spell("acc", one.agreement.account_id)
    why = one.cause or (None if one.refusal is None else f"{one.refusal.field} {one.refusal.rule}")
    said = f"{account}  {one.agreement.reference}  {one.state}"
    return said if why is None else f"{said}: {str(why).replace('_', ' ') if one.cause else why}"

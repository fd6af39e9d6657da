"""Policy: checking what a policy file says, showing it, and letting it hold.

Owns where the shipped policies lie, how a file's mistakes are told, and the ladder as a table. Does not own the rules
(`core.policy_rules`) nor the format (`store.policy_file`).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from rich.table import Table

import solvent
from solvent.commands.console import FAILED, USAGE, CommandError
from solvent.core.account import Segment
from solvent.core.catalog import Catalog, CatalogError
from solvent.core.ladder import Ladder, Rung
from solvent.core.money import format_minor
from solvent.core.policy import Policy
from solvent.core.policy_rules import cells, policy_problems
from solvent.store import policies, policy_file
from solvent.store.database import Database
from solvent.store.policy_file import PolicyFile
from solvent.store.shelf import read_catalog

SHIPPED = Path(solvent.__file__).parent / "policies"


def read(file: Path) -> PolicyFile:
    """A policy file whose policies keep every rule that needs no catalog."""
    try:
        found = policy_file.parse(file.read_bytes())
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}", USAGE) from None
    except CatalogError as error:
        raise CommandError(f"{file}: {error}", USAGE) from None
    demand(file, found)
    return found


def demand(file: Path, found: PolicyFile, catalog: Catalog | None = None) -> None:
    """Raise with every rule that the file's policies break."""
    broken = [
        f"{file}: segments.{segment}.{problem.field}: {problem.rule}"
        for segment, policy in found.policies.items()
        for problem in policy_problems(policy, catalog)
    ]
    if broken:
        raise CommandError("\n".join(broken), USAGE)


def files_of(places: Sequence[Path]) -> list[Path]:
    """The files that are named; of a folder all its policies."""
    found = [f for place in places for f in (sorted(place.glob("*.yaml")) if place.is_dir() else [place])]
    if not found:
        raise CommandError(f"{places[0]}: must hold at least one policy, *.yaml", FAILED)
    return found


def apply(database: Database, files: Sequence[tuple[Path, PolicyFile]], now: datetime) -> list[str]:
    """Let policies hold, all or none; returns what changed, a line each."""
    changed: list[str] = []
    with database.transaction() as connection:
        catalog = read_catalog(connection)
        for file, found in files:
            demand(file, found, catalog)
            try:
                changed += policies.apply(connection, found, now)
            except CatalogError as error:
                raise CommandError(f"{file}: {error}", USAGE) from None
    return changed


def tables(found: PolicyFile) -> Iterator[Table | str]:
    """Each segment's ladder, and what was proved of it."""
    for segment, policy in found.policies.items():
        answers = cells(policy)
        ages = {(c.ladder.id, rung.id) for c in answers for rung in c.ladder.rungs}
        yield _table(segment, policy)
        yield (
            f"{segment}: {len(answers)} kinds of invoices, each with exactly one answer at every age; "
            f"rungs, each reached and left again by paying: {len(ages)}"
        )


def _table(segment: Segment, policy: Policy) -> Table:
    upgrades = f"upgrades meanwhile {policy.upgrades}"
    title = (
        f"{segment} · grace {days(policy.grace)}, unpaid service {days(policy.unpaid_service)}, "
        f"still in an outage up to {days(policy.outage_max)} · "
        f"{policy.lift} must be paid · {upgrades} · given-up debt is {policy.fate}"
    )
    table = Table(title=title, title_justify="left")
    for name in ("ladder", "for", "age", "rung", "begins", "notice"):
        table.add_column(name)
    for ladder in policy.ladders:
        for n, rung in enumerate(ladder.rungs):
            table.add_row(*(("", "") if n else (ladder.id, whom(ladder))), *_cells(rung))
        if ladder.ends is not None:
            table.add_row("", "", "then", f"ends: {ladder.ends}", "", "")
    return table


def _cells(rung: Rung) -> tuple[str, str, str, str]:
    begins = ", ".join(m.replace("_", " ") for m in sorted(rung.measures))
    return days(rung.after), rung.id, begins or "–", ", ".join(rung.notify) or "–"


def whom(ladder: Ladder) -> str:
    """Which invoices a ladder is for, in words."""
    parts = [", ".join(sorted(ladder.causes)), ", ".join(sorted(ladder.products))]
    parts += [f"from {format_minor(v, c)} {c}" for c, v in sorted(ladder.at_least.items())]
    parts += [f"below {format_minor(v, c)} {c}" for c, v in sorted(ladder.below.items())]
    told = "; ".join(part for part in parts if part)
    return f"{told or 'all invoices'} ({ladder.scope})"


def days(span: timedelta) -> str:
    """A duration as the file writes it."""
    minutes = int(span.total_seconds()) // 60
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"

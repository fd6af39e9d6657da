"""Reconcile: a comparison with a provider, printed, and repaired when somebody says so.

Owns the table, the words and the question. Does not own what a difference is (`core.reconciliation`) nor the repair
(`flows.reconciliation`).
"""

from collections.abc import Callable

import typer
from rich.console import Console
from rich.table import Table

from solvent.commands.console import USAGE, CommandError, out
from solvent.commands.export import instant, one_of_names
from solvent.core.difference import Difference, Reconciliation, Repair, Seen, Total
from solvent.core.money import format_minor
from solvent.flows.reconciliation import reconcile
from solvent.flows.statements import TooMuch
from solvent.wiring import Solvent

Agreed = Callable[[Reconciliation], bool]


def never(_: Reconciliation) -> bool:
    """Only compare."""
    return False


def always(_: Reconciliation) -> bool:
    """Repair without asking."""
    return True


def confirmed(report: Reconciliation) -> bool:
    """Show what was found, and ask."""
    out.print(table(report))
    count = sum(one.repair is not Repair.BY_HAND for one in report.differences)
    return typer.confirm(f"Ask {report.provider} again about {count} of these, and settle what it says?")


def run(
    solvent: Solvent, console: Console, provider: str, since: str, until: str | None, agreed: Agreed
) -> bool:
    """Compare, print the report and say whether nothing is left to do."""
    name = one_of_names(provider, solvent.platform.providers.names(), "PROVIDER")
    now = solvent.clock()
    start, end = instant(since, "--since"), now if until is None else instant(until, "--until")
    if start > end:
        raise CommandError("--until: must not be before --since", USAGE)
    try:
        report = reconcile(solvent.platform, name, start, end, now, agreed=agreed)
    except TooMuch as error:
        raise CommandError(str(error)) from None
    if report is None:
        raise CommandError(f"{name} does not answer; nothing was compared")
    for line in _summary(report):
        console.print(line, markup=False, soft_wrap=True)
    if report.differences:
        console.print(table(report))
    return not report.open


def _summary(report: Reconciliation) -> list[str]:
    stretch = f"{report.since:%Y-%m-%d %H:%M} to {report.until:%Y-%m-%d %H:%M} UTC"
    left, found = len(report.open), len(report.differences)
    said = "no difference" if not found else f"{found} differences, {found - left} repaired, {left} left"
    moved = [f"  {_total(one)}" for one in report.totals]
    kept = [f"  {_total(one)}, kept by {report.provider}" for one in report.fees]
    return [f"{report.provider}, {stretch}: {said}", *moved, *kept]


def _total(one: Total) -> str:
    amount = format_minor(one.amount, one.currency)
    return f"{one.kind}: {one.movements} of together {amount} {one.currency}"


def table(report: Reconciliation) -> Table:
    """Every difference, a row each."""
    shown = Table(header_style="name")
    for name in ("about", "difference", "provider's name", "ours", "theirs", "repair"):
        shown.add_column(name, overflow="fold")
    for one in report.differences:
        kind = one.kind.replace("_", " ")
        shown.add_row(one.about, kind, one.ref or "–", _seen(one.ours), _seen(one.theirs), _repair(one))
    return shown


def _seen(side: Seen | None) -> str:
    if side is None:
        return "–"
    amount = None
    if side.amount is not None and side.currency is not None:
        amount = f"{format_minor(side.amount, side.currency)} {side.currency}"
    return " ".join(part for part in (amount, side.state, side.name) if part)


def _repair(one: Difference) -> str:
    return "repaired" if one.repaired else one.repair.replace("_", " ")

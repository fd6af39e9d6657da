"""Check: every law against the live database, a line each.

Owns the table and the exit code. Does not own the laws (`audit`).
"""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from solvent.audit import TITLES, Finding, audit, by_law
from solvent.wiring import Solvent


def check(solvent: Solvent, console: Console) -> bool:
    """Run every law and print one line each, with the broken predicates below; True when all hold."""
    findings = audit(solvent.database, solvent.platform, solvent.clock())
    console.print(law_table(findings))
    console.print(*broken(findings), sep="\n", end="")
    return not any(f.violations for f in findings)


def law_table(findings: Sequence[Finding]) -> Table:
    """L1 to L11, what each says, and how often it is broken."""
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False, header_style="bold")
    table.add_column("law", style="name")
    table.add_column("says")
    table.add_column("violations", justify="right")
    for law, count in by_law(findings).items():
        table.add_row(law, TITLES[law], f"[bad]{count}[/]" if count else "[good]0[/]")
    return table


def broken(findings: Sequence[Finding]) -> list[str]:
    """A line for each predicate that does not hold."""
    return [
        f"[bad]✗ {f.law}[/] {f.says}: {f.violations} violation{'s' if f.violations > 1 else ''}\n"
        for f in findings
        if f.violations
    ]

"""Check: every law against the live database, a line each.

Owns the table and the exit code. Does not own the laws (`audit`).
"""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from solvent.audit import TITLES, Finding, audit, by_law
from solvent.core.drift_kinds import DriftKind
from solvent.core.ids import BUCKETS
from solvent.ports.counts import Counted
from solvent.store.counts import Count
from solvent.store.drift import DriftReads
from solvent.wiring import Solvent

# What the look calls stored entitlements that are not those of the facts.
UNENTITLED = frozenset(
    {DriftKind.ENTITLEMENT_MISSING, DriftKind.ENTITLEMENT_UNFOUNDED, DriftKind.ENTITLEMENT_DIFFERS}
)


def check(solvent: Solvent, console: Console) -> bool:
    """Run every law and print one line each, with the broken predicates below; True when all hold."""
    findings = audit(solvent.database, solvent.platform, solvent.clock())
    console.print(law_table(findings))
    console.print(*broken(findings), sep="\n", end="")
    for line in counted(solvent.database.counts.every()):
        console.print(line, markup=False, soft_wrap=True)
    console.print(rechecked(solvent), soft_wrap=True)
    return not any(f.violations for f in findings)


def counted(counts: Sequence[Count]) -> list[str]:
    """A line for each thing that was counted: no law is broken by it, and somebody ought to know."""
    said = {
        Counted.UNMAPPED: "{about} said {label!r}, which its adapter cannot translate",
        Counted.GATE: "the soft gate of {about} let {label} through without a method on file",
    }
    words = ((said[Counted(c.kind)].format(about=c.about, label=c.label), c) for c in counts)
    return [f"{what}: {c.times} times, last {c.last_at:%Y-%m-%d %H:%M} UTC" for what, c in words]


def rechecked(solvent: Solvent) -> str:
    """How far the workers' own look at every account has come (once a day), and what it sees of L10."""
    reads, now = DriftReads(solvent.database.pool), solvent.clock()
    buckets, oldest = reads.looked()
    found = sum(age.accounts for age in reads.ages(now) if age.kind in UNENTITLED)
    since = "" if oldest is None else f", the first of them at {oldest:%Y-%m-%d %H:%M} UTC"
    return (
        f"re-checked by the workers (L10): every account of {buckets} of {BUCKETS} buckets{since}; "
        f"entitlements that differ from the facts now: {found}"
    )


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

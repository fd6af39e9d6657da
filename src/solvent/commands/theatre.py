"""Theatre: how a story looks, beat by beat, in a terminal of 100 columns or in a pipe.

Owns the layout of stories and of the tables that end the demo. Does not own what is told (`sim.stories`).
"""

from collections.abc import Sequence
from datetime import datetime

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from solvent.kpi import Kpi
from solvent.sim.scene import Beat, BeatKind

INTRODUCTION = (
    "Confirm payment before committing state. If payment fails, nothing was committed.\n"
    "[quiet]Every line below happens now, on a real PostgreSQL database, with a simulated bank and clock. "
    "A line with [good]✓[/] is asserted: if it did not hold, the demo would fail.[/]"
)
TIME_WIDTH = 12
LABEL_WIDTH = 11

_STYLES = {
    BeatKind.STEP: "",
    BeatKind.SAY: "",
    BeatKind.PROVED: "good",
    BeatKind.BROKEN: "bad",
    BeatKind.HAS: "name",
    BeatKind.LEDGER: "quiet",
}
_MARKS = {BeatKind.PROVED: "✓ ", BeatKind.BROKEN: "✗ "}


class Stage:
    """Prints the beats of one story after the other; a moment is shown once, when it begins."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: datetime | None = None

    def open(self) -> None:
        """The first words of the evening."""
        self._console.print(
            Panel(INTRODUCTION, title="[title]Solvent[/]", title_align="left", padding=(0, 1))
        )

    def chapter(self, title: str) -> None:
        """A heading over many stories."""
        self._console.print()
        self._console.print(Rule(f"[title]{title}[/]", style="title", characters="━", align="left"))

    def begin(self, number: int, title: str) -> None:
        """A story begins."""
        self._shown = None
        self._console.print()
        self._console.print(Text.assemble((f"{number:>2}  ", "quiet"), (title, "name")))

    def beat(self, beat: Beat) -> None:
        """One line of a story."""
        when = "" if beat.at == self._shown else f"{beat.at:%d %b %H:%M}"
        self._shown = beat.at
        style = _STYLES[beat.kind]
        row = Table.grid(padding=(0, 1, 0, 0), expand=False)
        row.add_column(width=TIME_WIDTH, style="time", no_wrap=True)
        row.add_column(width=LABEL_WIDTH, no_wrap=True)
        row.add_column(overflow="fold")
        text = Text(f"{_MARKS.get(beat.kind, '')}{beat.text}", style=style)
        row.add_row(when, Text(beat.label, style="quiet" if beat.kind is BeatKind.LEDGER else "name"), text)
        self._console.print(row)


def kpi_table(kpis: Sequence[Kpi]) -> Table:
    """What the usual order of things costs, and what is measured here."""
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False, header_style="bold")
    table.add_column("measured")
    table.add_column("commit first, pay later", justify="right", style="quiet")
    table.add_column("target", justify="right")
    table.add_column("here", justify="right")
    table.add_column("how it is counted", style="quiet")
    for kpi in kpis:
        here = f"[good]{kpi.here}[/]" if kpi.reached else f"[bad]{kpi.here}[/]"
        table.add_row(kpi.what, kpi.usual, kpi.target, here, kpi.measured)
    return table

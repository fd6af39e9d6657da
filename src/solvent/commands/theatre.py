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
        self._label = ""

    def open(self) -> None:
        """The first words of the evening."""
        self._console.print(
            Panel(INTRODUCTION, title="[title]Solvent[/]", title_align="left", padding=(0, 1))
        )
        self._console.print()

    def chapter(self, title: str) -> None:
        """A heading over many stories, or over a table."""
        self._console.print(Rule(f"[title]{title}[/]", style="title", characters="━", align="left"))
        self._console.print()

    def begin(self, number: int, title: str) -> None:
        """A story begins."""
        self._shown, self._label = None, ""
        self._console.print(Text.assemble((f"{number:>2}  ", "quiet"), (title, "name")))

    def end(self) -> None:
        """A story or a table ends."""
        self._console.print()

    def beat(self, beat: Beat) -> None:
        """One line of a story."""
        when = "" if beat.at == self._shown else f"{beat.at:%d %b %H:%M}"
        label = "" if beat.label == self._label else beat.label
        self._shown, self._label = beat.at, beat.label
        row = Table.grid(padding=(0, 1, 0, 0), expand=False)
        row.add_column(width=TIME_WIDTH, style="time", no_wrap=True)
        row.add_column(width=LABEL_WIDTH, no_wrap=True)
        row.add_column(overflow="fold")
        text = f"{_MARKS.get(beat.kind, '')}{beat.text.replace('_', ' ')}"
        label_style = "quiet" if beat.kind is BeatKind.LEDGER else "name"
        row.add_row(when, Text(label, style=label_style), Text(text, style=_STYLES[beat.kind]))
        self._console.print(row)


def kpi_table(kpis: Sequence[Kpi]) -> Table:
    """What committing first costs, and what is measured here."""
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False, header_style="bold")
    table.add_column("measured")
    table.add_column("commit first", justify="right", style="quiet")
    table.add_column("target", justify="right")
    table.add_column("here", justify="right")
    table.add_column("how it is counted", style="quiet")
    for kpi in kpis:
        here = f"[good]{kpi.here}[/]" if kpi.reached else f"[bad]{kpi.here}[/]"
        defined = kpi.defined
        table.add_row(defined.what, defined.usual, defined.target, here, defined.measured)
    return table

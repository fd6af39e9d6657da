"""The command line by which Solvent is watched: figures, bad debt, what is stuck.

Owns the names, options and help of these commands. Does not own what they do (`commands.watching`) nor others (`cli`).
"""

from datetime import datetime
from typing import Annotated

import typer

from solvent.commands.console import out
from solvent.commands.parts import built

Json = Annotated[bool, typer.Option("--json", help="For programs: as the API shows it.")]


def kpis(
    days: Annotated[int, typer.Option(help="Show so many days of history.", min=0, max=400)] = 7,
    recorded: Annotated[bool, typer.Option("--recorded", help="Measure nothing: show the latest.")] = False,
) -> None:
    """Measure the figures of the comparison table, record them, and print them with their history."""
    from solvent.commands import watching  # noqa: PLC0415 - what only some commands need is loaded by them

    with built() as solvent:
        watching.kpis(solvent, out, days, recorded=recorded)


def stuck(
    limit: Annotated[int, typer.Option(help="Show so many at most.", min=1, max=1000)] = 50,
    as_json: Json = False,
) -> None:
    """Print what has been in an intermediate state for too long, and where to look. Exits 1 if there is any."""
    from solvent.commands import watching  # noqa: PLC0415 - as above

    with built() as solvent:
        if watching.stuck(solvent, out, limit, for_programs=as_json):
            raise typer.Exit(1)


def polls(as_json: Json = False) -> None:
    """Print how asking providers went: when each was last asked, when it answered, and how far everything is known."""
    from solvent.commands import watching  # noqa: PLC0415 - as above

    with built() as solvent:
        watching.polls(solvent, out, for_programs=as_json)


def why(account: Annotated[str, typer.Argument(help="An account, acc_…")]) -> None:
    """Say on one page why an account stands as it does: what it owes, what follows, what is withheld, what comes next.

    The sentences are those of `accounts/{id}/state`. Nothing is changed, and nobody is asked.
    """
    from solvent.commands import why as command  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in command.lines(solvent, account):
            out.print(line, markup=False, soft_wrap=True)


def bad_debt(
    since: Annotated[datetime | None, typer.Option(help="Booked from this instant (UTC) on.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Booked before this instant (UTC).")] = None,
    account: Annotated[str | None, typer.Option(help="Only of this account, acc_…")] = None,
    limit: Annotated[int, typer.Option(help="Show so many at most.", min=1, max=100_000)] = 1000,
    as_json: Json = False,
) -> None:
    """Print what entered bad debt and what left it: who, why, which product; and the sums by currency."""
    from solvent.commands import watching  # noqa: PLC0415 - as above

    with built() as solvent:
        watching.bad_debt(solvent, out, account, (since, until), limit, for_programs=as_json)

"""The command line of changes: `solvent change <command>`.

Owns the names, options and help of these commands. Does not own what they do (`commands.changes`) nor others (`cli`).
"""

from typing import Annotated

import typer

from solvent.commands.console import out
from solvent.commands.parts import built

change_app = typer.Typer(no_args_is_help=True, help="Changes that somebody asked for: list, show.")

Json = Annotated[bool, typer.Option("--json", help="For programs: as the API shows it.")]


@change_app.command("list")
def change_list(
    *,
    account: Annotated[str | None, typer.Option(help="Only those of this account, acc_…")] = None,
    state: Annotated[
        str | None, typer.Option(help="Only those in this state, e.g. requires_action or failed.")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="Opened not before this, e.g. 2026-01-01.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="Opened before this.")] = None,
    clock: Annotated[
        bool,
        typer.Option(
            "--clock", help="Also what the billing clock tried by itself: renewals, usage, retries."
        ),
    ] = False,
    limit: Annotated[int, typer.Option(help="Show so many at most.", min=1, max=10_000)] = 50,
    as_json: Json = False,
) -> None:
    """Print changes of one account or of all, in the order in which they were opened, with what they came to.

    Of all accounts, dates leave out those on a test clock.
    """
    from solvent.commands import changes  # noqa: PLC0415 - what only some commands need is loaded by them

    with built() as solvent:
        for line in changes.lines(
            solvent, account, state, (start, end), limit, clock=clock, for_programs=as_json
        ):
            out.print(line, markup=False, highlight=False, soft_wrap=True)


@change_app.command("show")
def change_show(
    change: Annotated[str, typer.Argument(metavar="CHANGE", help="The change's id, att_…")],
    as_json: Json = False,
) -> None:
    """Print one change as it stands, with the lines of its plan."""
    from solvent.commands import changes  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in changes.one(solvent, change, for_programs=as_json):
            out.print(line, markup=False, highlight=False, soft_wrap=True)

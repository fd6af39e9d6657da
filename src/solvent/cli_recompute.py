"""The command `recompute`: one account, or all of them.

Owns its options and help. Does not own what it does (`commands.look`, `commands.fleet`).
"""

import os
from typing import Annotated

import typer

from solvent.commands.console import FAILED, USAGE, CommandError, out
from solvent.commands.parts import opened

WORKERS_MAX = 64


def recompute(
    account: Annotated[str | None, typer.Argument(help="The account's id, acc_…")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every account, with a bar of how far it is.")] = False,
    observe: Annotated[
        bool, typer.Option("--observe", help="With --all: only say what would be changed; write nothing.")
    ] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="With --all: begin anew, although an earlier one was interrupted.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            help="With --all: processes that share the work; default: one for each processor.",
            min=1,
            max=WORKERS_MAX,
        ),
    ] = None,
) -> None:
    """Gather, assess and apply for one account now, and say why it stands as it does; or for all of them.

    Of all accounts those are read whose rows are not as they were when they were last found at rest, whoever changed
    them, or whose time has come. A sweep that is interrupted goes on where it was. Exits 1 if somebody cannot be
    read.
    """
    from contextlib import closing  # noqa: PLC0415 - what only some commands need is loaded by them: help is fast

    from solvent.commands import fleet, look  # noqa: PLC0415 - as above
    from solvent.wiring import build  # noqa: PLC0415 - as above

    if every == (account is not None):
        raise CommandError("ACCOUNT: name one account, or --all of them", USAGE)
    if not every and (observe or anew or workers is not None):
        raise CommandError("--observe, --anew and --workers go with --all", USAGE)
    with opened() as (chosen, url), closing(build(chosen, url)) as solvent:
        if account is not None:
            look.recompute_account(solvent, account, out)
            return
        found = fleet.sweep_all(
            solvent, url, out, workers=workers or os.cpu_count() or 1, observe=observe, anew=anew
        )
    for line in fleet.lines(found, observe=observe):
        out.print(line, markup=False, soft_wrap=True)
    if found.broken:
        raise typer.Exit(FAILED)

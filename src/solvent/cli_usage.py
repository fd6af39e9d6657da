"""The command line of usage: `solvent usage <command>`.

Owns the names, options and help of these commands. Does not own what they do (`commands.usage`) nor others (`cli`).
"""

from pathlib import Path
from typing import Annotated

import typer

from solvent.commands.console import out
from solvent.commands.parts import built

usage_app = typer.Typer(no_args_is_help=True, help="Usage in arrears: send events, show totals.")


@usage_app.command("send")
def usage_send(
    file: Annotated[
        Path,
        typer.Argument(
            help="Events: a JSON object on each line, or CSV (*.csv) whose header has their names."
        ),
    ],
) -> None:
    """Send events from a file, as `POST /v1/usage` takes them.

    An event has id, account, meter, at, and value or member; object and corrects where they are wanted.

    In batches of 10,000, each stored whole or refused whole, with the lines that break a rule. An event counts once
    by its account and id: correct the file and send all of it again.
    """
    from solvent.commands import usage  # noqa: PLC0415 - what only some commands need is loaded by them

    with built() as solvent:
        out.print(usage.sent(solvent, file), markup=False, soft_wrap=True)


@usage_app.command("show")
def usage_show(
    account: Annotated[str, typer.Argument(help="The account's id, acc_…")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs: as the API shows it.")] = False,
) -> None:
    """Print what an account used in each period that is not final, what it costs, and what of it is billed."""
    from solvent.commands import usage  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in usage.lines(solvent, account, for_programs=as_json):
            out.print(line, markup=False, highlight=False, soft_wrap=True)

"""The command by which agreements from before become collection methods.

Owns its name, options and help. Does not own what it does (`commands.importing`).
"""

from pathlib import Path
from typing import Annotated

import typer

from solvent.commands.console import FAILED, out
from solvent.commands.parts import built


def import_methods(
    file: Annotated[
        Path,
        typer.Argument(help="A CSV file: account_id,reference.", exists=True, dir_okay=False),
    ],
    provider: Annotated[str, typer.Option(help="Whose agreements they are, e.g. paypal.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs: as the API shows them.")] = False,
) -> None:
    """Make collection methods of what customers agreed on at a provider before, as in PayPal's billing agreements.

    Prints what became of each; the same file again goes on where it was broken off, and makes nothing twice. Nothing
    else of an account is changed. Exits 1 if one was refused or has no answer yet.
    """
    from solvent.commands import importing  # noqa: PLC0415 - what only some commands need is loaded by them

    with built() as solvent:
        if not importing.run(solvent, out, file, provider, for_programs=as_json):
            raise typer.Exit(FAILED)

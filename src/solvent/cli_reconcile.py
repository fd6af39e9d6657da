"""The command of reconciliation: our books against a provider's.

Owns its name, options and help. Does not own what it does (`commands.reconcile`).
"""

from typing import Annotated

import typer

from solvent.commands.console import FAILED, out
from solvent.commands.parts import built


def reconcile(
    provider: Annotated[str, typer.Argument(help="The provider, e.g. stripe.")],
    since: Annotated[str, typer.Option(help="The first instant, e.g. 2026-01-01.")],
    until: Annotated[
        str | None, typer.Option(help="The first instant that is left out; default: now.")
    ] = None,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Offer to repair what can be repaired, after it was shown."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --repair: repair without asking.")] = False,
) -> None:
    """Compare the books with a provider's lists and statement, and print every difference with its evidence.

    Changes nothing without --repair. A repair is what the ordinary flows do: the provider is asked again, and what it
    says is settled. The report is kept. Exits 1 if a difference is left.
    """
    from solvent.commands import reconcile as command  # noqa: PLC0415 - what only some commands need is loaded by them

    with built() as solvent:
        answer = command.always if yes else command.confirmed
        agreed = answer if repair else command.never
        if not command.run(solvent, out, provider, since, until, agreed):
            raise typer.Exit(FAILED)

"""The command `drift`: in what stores contradict each other.

Owns its options and help. Does not own what it does (`commands.drift`).
"""

from typing import Annotated

import typer

from solvent.commands.console import out
from solvent.commands.parts import built


def drift(
    account: Annotated[str | None, typer.Argument(help="Only of this account, acc_…")] = None,
    kind: Annotated[str | None, typer.Option(help="Only of this kind, see docs/drift.md.")] = None,
    older_than: Annotated[
        str | None, typer.Option(help="Only what was seen first so long ago, e.g. 90m, 12h or 2d.")
    ] = None,
    gone: Annotated[bool, typer.Option("--gone", help="Also what is gone.")] = False,
    look: Annotated[
        bool,
        typer.Option(
            "--look", help="First look, at every account or at the one that is named, and ask its providers."
        ),
    ] = False,
    limit: Annotated[int, typer.Option(help="Show so many at most.", min=1, max=10_000)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: as the API shows it.")] = False,
) -> None:
    """Print in what stores contradict each other: how many accounts by kind and age, then each with its evidence.

    Workers look at every account once a day. What recomputing repairs is recomputed as it is seen.
    """
    from solvent.commands import drift as command  # noqa: PLC0415 - what only some commands need is loaded by them

    with built() as solvent:
        if look and account is None:
            seen = command.look_at_all(solvent, out)
            if not as_json:
                out.print(f"looked at every account; {seen} were not at rest, and were read whole")
        elif look and account is not None:
            command.look_at_one(solvent, account)
        for line in command.lines(
            solvent, account, kind, older_than, gone=gone, limit=limit, for_programs=as_json
        ):
            out.print(line, markup=False, soft_wrap=True)

"""The commands of the engine: whose consequences are applied.

Owns their names, options and help. Does not own what they do (`commands.engine`).
"""

from pathlib import Path
from typing import Annotated

import typer

from solvent.commands.console import out
from solvent.commands.parts import built

engine_app = typer.Typer(
    no_args_is_help=True, help="Whose consequences are applied, and whose only written down."
)


Json = Annotated[bool, typer.Option("--json", help="For programs: as the API shows it.")]


@engine_app.command("show")
def show(as_json: Json = False) -> None:
    """Print what counts now, and what was set before, with who and why."""
    from solvent.commands import engine  # noqa: PLC0415 - what only some commands need is loaded by them

    with built() as solvent:
        for line in engine.lines(solvent, for_programs=as_json):
            out.print(line, markup=False, soft_wrap=True)


@engine_app.command("set")
def set_mode(  # noqa: PLR0913, PLR0917 - options of a command
    mode: Annotated[str, typer.Argument(help="off, observe, share or on.")],
    by: Annotated[str, typer.Option(help="Who sets it.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    share: Annotated[int, typer.Option(help="With share: 5, 10, 25, 50 or 100 percent.", min=0, max=100)] = 0,
    account: Annotated[list[str] | None, typer.Option(help="With share: also this account, acc_…")] = None,
    exclude_segment: Annotated[list[str] | None, typer.Option(help="Never act on this account type.")] = None,
    exclude_account: Annotated[
        list[str] | None, typer.Option(help="Never act on this account, acc_…")
    ] = None,
    cap: Annotated[
        list[str] | None,
        typer.Option(
            help="Let a consequence begin for at most so many accounts in a window: restrict=100. Of restrict, suspend,"
            " downgrade, cancel, give_up."
        ),
    ] = None,
    cap_hours: Annotated[int, typer.Option(help="The length of those windows.", min=1, max=168)] = 24,
) -> None:
    """Set whose consequences are applied, for every process within a second.

    off: accounts wait. observe: decisions are written, and not applied. share: applied to a share of all accounts,
    always the same. on: applied to all but the excluded.
    """
    from solvent.commands import engine  # noqa: PLC0415 - as above

    with built() as solvent:
        chosen = engine.engine_of(
            mode,
            share,
            account or [],
            exclude_segment or [],
            exclude_account or [],
            cap or [],
            cap_hours,
            by=by,
            reason=reason,
        )
        out.print(engine.apply(solvent, chosen), markup=False, soft_wrap=True)


@engine_app.command("parity")
def parity(
    since: Annotated[
        str | None, typer.Option(help="From when on, e.g. 2027-01-01; left out: 30 days before the end.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Before when; left out: now.")] = None,
    done: Annotated[
        Path | None,
        typer.Option(
            help="What another system did: a CSV file with account, consequence and at.", exists=True
        ),
    ] = None,
    examples: Annotated[
        int, typer.Option(help="Name so many of each consequence that differ.", min=0, max=1_000)
    ] = 5,
    as_json: Json = False,
) -> None:
    """Compare what the engine decided with what was done: by it, by hand, or by another system.

    While it only observes, what it decides is only written down: this says whether it would have done the same.
    """
    from solvent.commands import parity as command  # noqa: PLC0415 - as above

    with built() as solvent:
        window = command.window_of(since, until, solvent.clock())
        elsewhere = iter(()) if done is None else command.done_in(done)
        for part in command.report(solvent, window, elsewhere, examples, for_programs=as_json):
            out.print(part, markup=False, soft_wrap=True) if isinstance(part, str) else out.print(part)

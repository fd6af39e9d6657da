"""The command line of usage: `solvent usage <command>`.

Owns the names, options and help of these commands. Does not own what they do (`commands.usage`) nor others (`cli`).
"""

from pathlib import Path
from typing import Annotated

import typer

from solvent.commands.console import out
from solvent.commands.parts import built

Account = Annotated[str, typer.Argument(help="The account's id, acc_…")]
MeterOption = Annotated[str | None, typer.Option("--meter", help="Only this meter's.")]
ObjectOption = Annotated[
    str | None, typer.Option("--object", help="Only of this object: account, or kind and name.")
]
Json = Annotated[bool, typer.Option("--json", help="For programs: as the API shows it.")]
Limit = Annotated[int, typer.Option(help="Show so many at most.", min=1, max=10_000)]

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
    account: Account,
    limit: Annotated[int, typer.Option(help="Show so many at most.", min=1, max=10_000)] = 50,
    as_json: Json = False,
) -> None:
    """Print what an account used in each period that is not final, what it costs, and what of it is billed."""
    from solvent.commands import usage  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in usage.lines(solvent, account, limit, for_programs=as_json):
            out.print(line, markup=False, highlight=False, soft_wrap=True)


@usage_app.command("events")
def usage_events(
    account: Account,
    meter: MeterOption = None,
    thing: ObjectOption = None,
    start: Annotated[str | None, typer.Option("--from", help="Not before this, e.g. 2026-01-31.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Before this.")] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """Print the events that an account's usage was told by, in the order of their ids."""
    from solvent.commands import usage_reads  # noqa: PLC0415 - as above

    with built() as solvent:
        filters = usage_reads.Filters(account=account, meter=meter, thing=thing, start=start, end=end)
        for line in usage_reads.events(solvent, filters, limit, for_programs=as_json):
            out.print(line, markup=False, highlight=False, soft_wrap=True)


@usage_app.command("totals")
def usage_totals(
    account: Account,
    start: Annotated[str, typer.Option("--from", help="The first instant, e.g. 2026-01-01.")],
    end: Annotated[str | None, typer.Option("--to", help="The first instant that is left out.")] = None,
    meter: MeterOption = None,
    thing: ObjectOption = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """Print what an account used over any stretch of time, by meter and object, corrections in."""
    from solvent.commands import usage_reads  # noqa: PLC0415 - as above

    with built() as solvent:
        filters = usage_reads.Filters(account=account, meter=meter, thing=thing, start=start, end=end)
        for line in usage_reads.totals(solvent, filters, limit, for_programs=as_json):
            out.print(line, markup=False, highlight=False, soft_wrap=True)


@usage_app.command("meters")
def usage_meters(as_json: Json = False) -> None:
    """Print what is counted, in which unit and how, and the prices on sale that charge by it."""
    from solvent.commands import usage_reads  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in usage_reads.meters(solvent, for_programs=as_json):
            out.print(line, markup=False, highlight=False, soft_wrap=True)

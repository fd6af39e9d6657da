"""The command line of disputes: `solvent dispute <command>`.

Owns the names, options and help of these commands. Does not own what they do (`commands.dispute`) nor others (`cli`).
"""

from pathlib import Path
from typing import Annotated

import typer

from solvent.commands.console import out
from solvent.commands.parts import built

dispute_app = typer.Typer(
    no_args_is_help=True, help="Payments that their payers contest: list, show, evidence, accept."
)

Json = Annotated[bool, typer.Option("--json", help="For programs: as the API shows it.")]
DisputeId = Annotated[str, typer.Argument(metavar="DISPUTE", help="The dispute's id, dsp_…")]


@dispute_app.command("list")
def dispute_list(  # noqa: PLR0913 - a parameter is an option, and it has so many
    *,
    account: Annotated[str | None, typer.Option(help="Only those of this account, acc_…")] = None,
    payment: Annotated[str | None, typer.Option(help="Only those of this payment, pay_…")] = None,
    state: Annotated[str | None, typer.Option(help="Only those in this state, e.g. needs_response.")] = None,
    currency: Annotated[str | None, typer.Option(help="Only those in this currency, e.g. USD.")] = None,
    entity: Annotated[str | None, typer.Option(help="Only those of this legal entity.")] = None,
    provider: Annotated[str | None, typer.Option(help="Only those by this provider.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="Recorded not before this instant.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Recorded before this instant.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that are decided.")] = False,
    limit: Annotated[int, typer.Option(help="Show so many at most.", min=1, max=10_000)] = 50,
    as_json: Json = False,
) -> None:
    """Print disputes, those that are not decided yet, with what they are about and until when they can be answered."""
    from solvent.commands import dispute  # noqa: PLC0415 - what only some commands need is loaded by them

    filters = dispute.Filters(
        account=account,
        payment=payment,
        state=state,
        currency=currency,
        entity=entity,
        provider=provider,
        start=start,
        end=end,
    )
    with built() as solvent:
        for line in dispute.lines(solvent, filters, every=every, limit=limit, for_programs=as_json):
            out.print(line, markup=False, highlight=False, soft_wrap=True)


@dispute_app.command("show")
def dispute_show(dispute_id: DisputeId, as_json: Json = False) -> None:
    """Print one dispute: how it stands, what it took, and what it costs."""
    from solvent.commands import dispute  # noqa: PLC0415 - as above

    with built() as solvent:
        told = dispute.details(solvent, dispute_id, for_programs=as_json)
        out.print(told, markup=False, highlight=False, soft_wrap=as_json)


@dispute_app.command("evidence")
def dispute_evidence(
    dispute_id: DisputeId,
    statement: Annotated[
        str | None, typer.Option(help="What speaks against it, in plain words, for whoever decides.")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="A text file with it, in UTF-8.")] = None,
    as_json: Json = False,
) -> None:
    """Answer a dispute with evidence, at the provider, and print how it then stands."""
    from solvent.commands import dispute  # noqa: PLC0415 - as above

    with built() as solvent:
        told = dispute.answered(solvent, dispute_id, statement, file, for_programs=as_json)
        out.print(told, markup=False, highlight=False, soft_wrap=as_json)


@dispute_app.command("accept")
def dispute_accept(dispute_id: DisputeId, as_json: Json = False) -> None:
    """Leave the money to the payer: the dispute is lost, which cannot be taken back. Prints how it then stands."""
    from solvent.commands import dispute  # noqa: PLC0415 - as above

    with built() as solvent:
        told = dispute.accepted(solvent, dispute_id, for_programs=as_json)
        out.print(told, markup=False, highlight=False, soft_wrap=as_json)

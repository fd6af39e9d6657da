"""The command line of messages by e-mail: `solvent messages <command>`, and links to pay.

Owns the names, options and help of these commands. Does not own what they do (`commands.mailing`) nor others (`cli`).
"""

from typing import Annotated

import typer

from solvent.commands.console import out
from solvent.commands.parts import built

Json = Annotated[bool, typer.Option("--json", help="For programs: as the API shows it.")]

messages_app = typer.Typer(no_args_is_help=True, help="What customers and finance are told by e-mail.")


def pay_link(
    account: Annotated[str, typer.Argument(help="The account's id, acc_…")],
    invoice: Annotated[
        list[str] | None, typer.Option(help="Only this invoice, inv_…; may be repeated.")
    ] = None,
) -> None:
    """Print a link by which a customer can see and pay what is owed; hand it to the customer alone."""
    from solvent.commands import mailing  # noqa: PLC0415 - what only some commands need is loaded by them

    with built() as solvent:
        for line in mailing.pay_link(solvent, account, invoice or []):
            out.print(line, markup=False, soft_wrap=True)


@messages_app.command("list")
def messages_list(
    state: Annotated[
        str | None, typer.Option(help="Only those: waiting, sent, dropped, kept or parked.")
    ] = None,
    account: Annotated[str | None, typer.Option(help="Only those to this account, acc_…")] = None,
    limit: Annotated[int, typer.Option(help="Show so many at most.", min=1, max=10_000)] = 50,
    as_json: Json = False,
) -> None:
    """Print messages, the newest first, with what became of each."""
    from solvent.commands import mailing  # noqa: PLC0415 - what only some commands need is loaded by them

    with built() as solvent:
        for line in mailing.lines(solvent, state, account, limit=limit, for_programs=as_json):
            out.print(line, markup=False, soft_wrap=True)


@messages_app.command("show")
def messages_show(
    invoice: Annotated[str, typer.Argument(help="The invoice's id, inv_…")],
    rung: Annotated[str | None, typer.Option(help="Only the message of this rung.")] = None,
) -> None:
    """Print the messages about an invoice as they would be sent now."""
    from solvent.commands import mailing  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in mailing.shown(solvent, invoice, rung):
            out.print(line, markup=False, soft_wrap=True)


@messages_app.command("resend")
def messages_resend(
    invoice: Annotated[str | None, typer.Argument(help="Those about this invoice, inv_…")] = None,
    rung: Annotated[str | None, typer.Option(help="Only that of this rung.")] = None,
    parked: Annotated[bool, typer.Option("--all-parked", help="All that were refused.")] = False,
    kept: Annotated[
        bool, typer.Option("--all-kept", help="All that came while there was no mail server.")
    ] = False,
) -> None:
    """Send messages again, under the same Message-ID: sent, parked or kept. What is no longer true is dropped."""
    from solvent.commands import mailing  # noqa: PLC0415 - as above

    states: list[str | None] = [name for name, wanted in (("parked", parked), ("kept", kept)) if wanted]
    with built() as solvent:
        for state in states or [None]:
            out.print(mailing.resend(solvent, invoice, rung, state), markup=False)

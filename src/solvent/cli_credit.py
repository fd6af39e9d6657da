"""The command line of account credit: `solvent credit <command>`.

Owns the names, options and help of these commands. Does not own what they do (`commands.credit`) nor others (`cli`).
"""

from typing import Annotated

import typer

from solvent.commands.console import out
from solvent.commands.parts import built

credit_app = typer.Typer(no_args_is_help=True, help="Account credit: list, grant, void, history.")

Account = Annotated[str, typer.Argument(help="The account's id, acc_…")]
Reason = Annotated[str, typer.Option(help="Why, in words that the customer may read.")]
By = Annotated[str, typer.Option(help="Who decided it, e.g. carol@example.com")]
Json = Annotated[bool, typer.Option("--json", help="For programs: as the API shows it.")]
Limit = Annotated[int, typer.Option(help="Show so many at most.", min=1, max=10_000)]


@credit_app.command("list")
def credit_list(
    account: Account,
    every: Annotated[bool, typer.Option("--all", help="Also grants with nothing left.")] = False,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """Print an account's grants of credit, and below them the balance by currency and kind."""
    from solvent.commands import credit  # noqa: PLC0415 - what only some commands need is loaded by them

    with built() as solvent:
        for line in credit.grants(solvent, account, every=every, limit=limit, for_programs=as_json):
            out.print(line, markup=False, soft_wrap=True)


@credit_app.command("grant")
def credit_grant(  # noqa: PLR0913 - a parameter is an option, and it has so many
    account: Account,
    *,
    amount: Annotated[int, typer.Option(help="In minor units of the account's currency: 500 USD is 5.00.")],
    reason: Reason,
    by: By,
    kind: Annotated[str, typer.Option(help="goodwill or sponsored.")] = "goodwill",
    expires: Annotated[
        str | None,
        typer.Option(help="From this instant on it pays nothing, e.g. 2027-01-01; default: never."),
    ] = None,
    priority: Annotated[int, typer.Option(help="0 to 100; the lowest is drawn on first.")] = 50,
    exclude: Annotated[
        list[str] | None, typer.Option(help="A product that it does not pay for; may be repeated.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="The same key is the same grant: with one, repeating does no harm.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Give an account goodwill or sponsored credit, and print the grant."""
    from solvent.commands import credit  # noqa: PLC0415 - as above

    wish = credit.Wish(
        amount=amount,
        reason=reason,
        by=by,
        kind=kind,
        expires=expires,
        priority=priority,
        excludes=tuple(exclude or ()),
        key=key,
    )
    with built() as solvent:
        for line in credit.give(solvent, account, wish, for_programs=as_json):
            out.print(line, markup=False, soft_wrap=True)


@credit_app.command("void")
def credit_void(
    grant: Annotated[str, typer.Argument(help="The grant's id, crg_…")],
    reason: Reason,
    by: By,
    as_json: Json = False,
) -> None:
    """Take back what is left of a grant of goodwill or sponsored credit."""
    from solvent.commands import credit  # noqa: PLC0415 - as above

    with built() as solvent:
        told = credit.void(solvent, grant, reason, by, for_programs=as_json)
        out.print(told, markup=False, soft_wrap=True)


@credit_app.command("history")
def credit_history(
    account: Account,
    grant: Annotated[str | None, typer.Option(help="Only of this grant, crg_…")] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """Print what became of an account's credit: what it paid, what expired, was voided, refunded or charged back."""
    from solvent.commands import credit  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in credit.history(solvent, account, grant, limit, for_programs=as_json):
            out.print(line, markup=False, soft_wrap=True)

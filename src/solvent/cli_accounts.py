"""The command line of accounts: `solvent account <command>`.

Owns the names, options and help of these commands. Does not own what they do (`commands.accounts`).
"""

from typing import Annotated

import typer

from solvent.commands.console import out
from solvent.commands.parts import built

account_app = typer.Typer(no_args_is_help=True, help="Customers: who they are, and what changes of that.")

Which = Annotated[str, typer.Argument(help="The account, acc_…")]
By = Annotated[str, typer.Option(help="Who does it.")]
Why = Annotated[str, typer.Option("--reason", help="Why, in plain words.")]
Json = Annotated[bool, typer.Option("--json", help="For programs: as the API shows it.")]


@account_app.command("show")
def account_show(account: Which, as_json: Json = False) -> None:
    """Print who an account is, and what decides about its tax and its terms."""
    from solvent.commands import accounts  # noqa: PLC0415 - what only some commands need is loaded by them

    with built() as solvent:
        for line in accounts.shown(solvent, account, for_programs=as_json):
            out.print(line, markup=False, highlight=False, soft_wrap=True)


@account_app.command("change")
def account_change(  # noqa: PLR0913 -- one option for each field
    account: Which,
    *,
    name: Annotated[str | None, typer.Option(help="Who it is on documents.")] = None,
    email: Annotated[str | None, typer.Option(help="Where it is written to.")] = None,
    address_line: Annotated[
        list[str] | None, typer.Option(help="A line of the address; may be given several times. With --city.")
    ] = None,
    city: Annotated[str | None, typer.Option(help="The city of the address.")] = None,
    postal_code: Annotated[str | None, typer.Option(help="The postal code of the address.")] = None,
    address_region: Annotated[str | None, typer.Option(help="State or province of the address.")] = None,
    country: Annotated[str | None, typer.Option(help="Its country (ISO 3166-1), e.g. DE.")] = None,
    region: Annotated[str | None, typer.Option(help="Decides about tax, e.g. NY; none empties it.")] = None,
    tax_id: Annotated[str | None, typer.Option(help="Its VAT number; none empties it.")] = None,
    language: Annotated[str | None, typer.Option(help="en or de.")] = None,
    as_json: Json = False,
) -> None:
    """Change who an account is and what decides about its tax: for what is charged, issued and written from now on."""
    from solvent.commands import accounts  # noqa: PLC0415 - as above

    plain = {
        "name": name,
        "email": email,
        "country": country,
        "region": region,
        "tax_id": tax_id,
        "language": language,
    }
    given: dict[str, object] = {key: value for key, value in plain.items() if value is not None}
    if address_line or city or postal_code or address_region:
        address = {"lines": address_line or [], "city": city or ""}
        given["address"] = address | {"postal_code": postal_code, "region": address_region}
    with built() as solvent:
        for line in accounts.change(solvent, account, given, for_programs=as_json):
            out.print(line, markup=False, highlight=False, soft_wrap=True)


@account_app.command("close")
def account_close(account: Which, *, by: By, reason: Why, as_json: Json = False) -> None:
    """Close an account of which everything has ended and been paid: nothing new begins, its documents stay."""
    from solvent.commands import accounts  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in accounts.close(solvent, account, by, reason, for_programs=as_json):
            out.print(line, markup=False, highlight=False, soft_wrap=True)


@account_app.command("reopen")
def account_reopen(account: Which, *, by: By, reason: Why, as_json: Json = False) -> None:
    """Open a closed account again: it can buy, and what had ended stays ended."""
    from solvent.commands import accounts  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in accounts.reopen(solvent, account, by, reason, for_programs=as_json):
            out.print(line, markup=False, highlight=False, soft_wrap=True)

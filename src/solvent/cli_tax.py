"""The command line of tax and of legal entities: `solvent tax <command>`, `solvent entity <command>`.

Owns the names, options and help of these commands. Does not own what they do (`commands.taxes`, `commands.examples`).
"""

from pathlib import Path
from typing import Annotated

import typer

from solvent.commands.console import out
from solvent.commands.parts import built

tax_app = typer.Typer(no_args_is_help=True, help="Tax rates, and where tax is collected.")
entity_app = typer.Typer(no_args_is_help=True, help="The legal entities that bill.")

Json = Annotated[bool, typer.Option("--json", help="For programs: as the API shows it.")]
Country = Annotated[str | None, typer.Option(help="Only this country (ISO 3166-1), e.g. DE.")]


@tax_app.command("apply")
def tax_apply(
    file: Annotated[
        Path, typer.Argument(help="Rates and registrations in YAML, see examples/tax-rates.yaml.")
    ],
) -> None:
    """Bring tax rates and registrations to what a file declares. Applying it again changes nothing.

    A rate is immutable: a change of it is a new rate with a later day. What is applied counts for charges from five
    seconds on.
    """
    from solvent.commands.examples import apply_taxes  # noqa: PLC0415 - what only some commands need is loaded by them

    with built() as solvent:
        changed = apply_taxes(solvent.database, file, solvent.clock())
    for line in changed or ["nothing to change"]:
        out.print(line, markup=False)


@tax_app.command("rates")
def tax_rates(
    country: Country = None,
    region: Annotated[str | None, typer.Option(help="Only this region of it, e.g. NY or NY/NYC.")] = None,
    category: Annotated[str | None, typer.Option(help="Only this category of products.")] = None,
    as_json: Json = False,
) -> None:
    """Print the tax rates that are known, by place, those of past days too."""
    from solvent.commands import taxes  # noqa: PLC0415 - as above
    from solvent.store.tax_desk import WantedRates  # noqa: PLC0415 - as above

    with built() as solvent:
        wanted = WantedRates(country=country, region=region, category=category)
        for line in taxes.rates(solvent, wanted, for_programs=as_json):
            out.print(line, markup=False, highlight=False, soft_wrap=True)


@tax_app.command("registrations")
def tax_registrations(
    entity: Annotated[str | None, typer.Option(help="Only this legal entity.")] = None,
    country: Country = None,
    ended: Annotated[bool, typer.Option("--ended", help="Also those that count no more.")] = False,
    as_json: Json = False,
) -> None:
    """Print where legal entities collect tax, and since when."""
    from solvent.commands import taxes  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in taxes.registrations(solvent, entity, country, ended=ended, for_programs=as_json):
            out.print(line, markup=False, highlight=False, soft_wrap=True)


@entity_app.command("list")
def entity_list(as_json: Json = False) -> None:
    """Print the legal entities as they are now. A catalog file declares them (`solvent catalog apply`)."""
    from solvent.commands import taxes  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in taxes.entities(solvent, for_programs=as_json):
            out.print(line, markup=False, highlight=False, soft_wrap=True)


@entity_app.command("show")
def entity_show(
    entity: Annotated[str, typer.Argument(metavar="ENTITY", help="Its id, e.g. solvent-eu.")],
    as_json: Json = False,
) -> None:
    """Print every version of what a legal entity's invoices say, the oldest first."""
    from solvent.commands import taxes  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in taxes.entity(solvent, entity, for_programs=as_json):
            out.print(line, markup=False, highlight=False, soft_wrap=True)

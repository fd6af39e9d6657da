"""The command line of coupons: `solvent coupon <command>`.

Owns the names, options and help of these commands. Does not own what they do (`commands.coupons`) nor the catalog file,
which declares coupons too (`solvent catalog apply`).
"""

from typing import Annotated

import typer

from solvent.commands.console import out
from solvent.commands.parts import built

coupon_app = typer.Typer(no_args_is_help=True, help="Coupons: create, list, show, archive.")

Code = Annotated[str, typer.Argument(metavar="CODE", help="What the customer types, e.g. WELCOME20")]
Json = Annotated[bool, typer.Option("--json", help="For programs: as the API shows it.")]


@coupon_app.command("create")
def coupon_create(  # noqa: PLR0913 - a parameter is an option, and it has so many
    code: Code,
    *,
    name: Annotated[str, typer.Option(help="What documents call it.")],
    percent: Annotated[str | None, typer.Option(help="So many percent off, exactly: 20 or 12.5")] = None,
    amount: Annotated[
        int | None, typer.Option(help="Or so much off, in minor units of --currency: 500 USD is 5.00.")
    ] = None,
    currency: Annotated[str | None, typer.Option(help="With an amount, e.g. USD")] = None,
    duration: Annotated[
        str, typer.Option(help="once, repeating (for --periods periods) or forever.")
    ] = "once",
    periods: Annotated[int | None, typer.Option(help="For so many periods, with repeating.")] = None,
    product: Annotated[
        list[str] | None, typer.Option(help="A product that it is for; may be repeated; default: all.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(help="How often everybody together may redeem it; default: no limit.")
    ] = None,
    limit_per_account: Annotated[
        int, typer.Option(help="How often one account may redeem it; 0: no limit.", min=0)
    ] = 1,
    valid_from: Annotated[str | None, typer.Option(help="From this instant on, e.g. 2026-12-01.")] = None,
    valid_until: Annotated[str | None, typer.Option(help="Before this instant.")] = None,
    exclusive: Annotated[bool, typer.Option("--exclusive", help="It goes with no other coupon.")] = False,
    priority: Annotated[int, typer.Option(help="Among percentages, and among amounts: the lower first.")] = 0,
    supersede: Annotated[
        bool,
        typer.Option(
            "--supersede",
            help="Make the next version of a code that is there; who redeemed it before keeps its terms.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Put a coupon on offer, and print it. A code that is there already is refused, unless it is superseded."""
    from solvent.commands import coupons  # noqa: PLC0415 - what only some commands need is loaded by them

    wish = coupons.Wish(
        code=code,
        name=name,
        percent=percent,
        amount=amount,
        currency=currency,
        duration=duration,
        periods=periods,
        products=tuple(product or ()),
        limit=limit,
        limit_per_account=limit_per_account or None,
        valid_from=valid_from,
        valid_until=valid_until,
        exclusive=exclusive,
        priority=priority,
    )
    with built() as solvent:
        for line in coupons.created(solvent, wish, supersede=supersede, for_programs=as_json):
            out.print(line, markup=False, highlight=False, soft_wrap=True)


@coupon_app.command("list")
def coupon_list(
    every: Annotated[bool, typer.Option("--all", help="Also versions that are not on offer.")] = False,
    product: Annotated[str | None, typer.Option(help="Only those that lower this product.")] = None,
    currency: Annotated[
        str | None, typer.Option(help="Only those that can be redeemed in this currency.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the coupons that can be redeemed, each with what it takes off and for how long."""
    from solvent.commands import coupons  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in coupons.lines(solvent, product, currency, every=every, for_programs=as_json):
            out.print(line, markup=False, highlight=False, soft_wrap=True)


@coupon_app.command("show")
def coupon_show(code: Code, as_json: Json = False) -> None:
    """Print all versions of a code, with how much of their limits is taken."""
    from solvent.commands import coupons  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in coupons.versions(solvent, code, for_programs=as_json):
            out.print(line, markup=False, highlight=False, soft_wrap=True)


@coupon_app.command("archive")
def coupon_archive(code: Code) -> None:
    """Take a coupon off offer: nobody can redeem it any more, and who has redeemed it keeps it."""
    from solvent.commands import coupons  # noqa: PLC0415 - as above

    with built() as solvent:
        out.print(coupons.archived(solvent, code), markup=False)

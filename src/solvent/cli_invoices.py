"""The command line of invoices and credit notes: `solvent invoice <command>`, `solvent credit-note <command>`.

Owns the names, options and help of these commands. Does not own what they do (`commands.paper`, `commands.drafts`) nor
others (`cli`).
"""

from pathlib import Path
from typing import Annotated

import typer

from solvent.commands.console import out
from solvent.commands.parts import built

invoice_app = typer.Typer(
    no_args_is_help=True, help="Invoices as files, their drafts, and what waits for one."
)
credit_note_app = typer.Typer(no_args_is_help=True, help="Credit notes as files.")


@invoice_app.command("pdf")
def invoice_pdf(
    number: Annotated[str, typer.Argument(help="The invoice's number, e.g. SUS-7F-000042, or its id, inv_…")],
    out_file: Annotated[
        Path | None, typer.Option("--out", help="The file to write; by default NUMBER.pdf, here.")
    ] = None,
) -> None:
    """Write an invoice as a PDF file, which carries its e-invoice where there is one."""
    from solvent.commands import paper  # noqa: PLC0415 - what only some commands need is loaded by them

    with built() as solvent:
        path = paper.pdf(solvent, paper.invoice(solvent, number), out_file)
    out.print(str(path), markup=False, soft_wrap=True)


Json = Annotated[bool, typer.Option("--json", help="For programs: as the API shows it.")]
DraftId = Annotated[str, typer.Argument(metavar="DRAFT", help="The draft's id, drf_…")]


@invoice_app.command("drafts")
def invoice_drafts(
    account: Annotated[str, typer.Argument(help="The account's id, acc_…")],
    every: Annotated[bool, typer.Option("--all", help="Also those that were issued or voided.")] = False,
    limit: Annotated[int, typer.Option(help="Show so many at most.", min=1, max=10_000)] = 50,
    as_json: Json = False,
) -> None:
    """Print an account's drafts, each with what issuing it now comes to."""
    from solvent.commands import drafts  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in drafts.lines(solvent, account, every=every, limit=limit, for_programs=as_json):
            out.print(line, markup=False, soft_wrap=True)


@invoice_app.command("issue")
def invoice_issue(draft: DraftId) -> None:
    """Issue a draft and collect it with a stored method; unpaid it stays owed. Said again, it is the same invoice."""
    from solvent.commands import drafts  # noqa: PLC0415 - as above

    with built() as solvent:
        out.print(drafts.issued(solvent, draft), markup=False)


@invoice_app.command("void")
def invoice_void(draft: DraftId) -> None:
    """Drop a draft: it will never be issued."""
    from solvent.commands import drafts  # noqa: PLC0415 - as above

    with built() as solvent:
        out.print(drafts.voided(solvent, draft), markup=False)


@invoice_app.command("items")
def invoice_items(
    account: Annotated[str, typer.Argument(help="The account's id, acc_…")],
    every: Annotated[bool, typer.Option("--all", help="Also those that were invoiced or removed.")] = False,
    limit: Annotated[int, typer.Option(help="Show so many at most.", min=1, max=10_000)] = 50,
    as_json: Json = False,
) -> None:
    """Print what waits for an account's next invoice."""
    from solvent.commands import invoice_items as items  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in items.lines(solvent, account, every=every, limit=limit, for_programs=as_json):
            out.print(line, markup=False, soft_wrap=True)


@invoice_app.command("add-item")
def invoice_add_item(
    account: Annotated[str, typer.Argument(help="The account's id, acc_…")],
    *,
    amount: Annotated[
        int, typer.Option(help="In minor units of the account's currency; below 0 a deduction.")
    ],
    description: Annotated[str, typer.Option(help="What the invoice says.")],
    product: Annotated[str | None, typer.Option(help="The product that it is for.")] = None,
) -> None:
    """Let something wait for an account's next invoice, and print it."""
    from solvent.commands import invoice_items as items  # noqa: PLC0415 - as above
    from solvent.core.manual import Entry  # noqa: PLC0415 - as above

    entry = Entry(description=description, amount=amount, product_id=product)
    with built() as solvent:
        out.print(items.added(solvent, account, entry), markup=False, soft_wrap=True)


@invoice_app.command("remove-item")
def invoice_remove_item(
    item: Annotated[str, typer.Argument(metavar="ITEM", help="The item's id, ivi_…")],
) -> None:
    """Remove what waits: it will never be invoiced."""
    from solvent.commands import invoice_items as items  # noqa: PLC0415 - as above

    with built() as solvent:
        out.print(items.removed(solvent, item), markup=False, soft_wrap=True)


@invoice_app.command("waiting")
def invoice_waiting(account: Annotated[str, typer.Argument(help="The account's id, acc_…")]) -> None:
    """Issue an invoice of all that waits, and collect it with a stored method; unpaid it stays owed."""
    from solvent.commands import invoice_items as items  # noqa: PLC0415 - as above

    with built() as solvent:
        out.print(items.invoiced(solvent, account), markup=False)


@invoice_app.command("upcoming")
def invoice_upcoming(
    account: Annotated[str, typer.Argument(help="The account's id, acc_…")], as_json: Json = False
) -> None:
    """Print what an account is invoiced for next, as it would be if nothing changed until then."""
    from solvent.commands import invoice_items as items  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in items.upcoming(solvent, account, for_programs=as_json):
            out.print(line, markup=False, soft_wrap=True)


@invoice_app.command("xml")
def invoice_xml(
    number: Annotated[str, typer.Argument(help="The invoice's number, e.g. SUS-7F-000042, or its id, inv_…")],
    out_file: Annotated[
        Path | None, typer.Option("--out", help="The file to write; by default NUMBER.xml, here.")
    ] = None,
) -> None:
    """Write an invoice as an e-invoice: XML by EN 16931 (Cross Industry Invoice)."""
    from solvent.commands import paper  # noqa: PLC0415 - as above

    with built() as solvent:
        path = paper.xml(solvent, paper.invoice(solvent, number), out_file)
    out.print(str(path), markup=False, soft_wrap=True)


@credit_note_app.command("pdf")
def credit_note_pdf(
    number: Annotated[
        str, typer.Argument(help="The credit note's number, e.g. SUS-CN-7F-000001, or its id, crn_…")
    ],
    out_file: Annotated[
        Path | None, typer.Option("--out", help="The file to write; by default NUMBER.pdf, here.")
    ] = None,
) -> None:
    """Write a credit note as a PDF file, which carries its e-invoice where there is one."""
    from solvent.commands import paper  # noqa: PLC0415 - as above

    with built() as solvent:
        path = paper.pdf(solvent, paper.credit_note(solvent, number), out_file)
    out.print(str(path), markup=False, soft_wrap=True)


@credit_note_app.command("xml")
def credit_note_xml(
    number: Annotated[
        str, typer.Argument(help="The credit note's number, e.g. SUS-CN-7F-000001, or its id, crn_…")
    ],
    out_file: Annotated[
        Path | None, typer.Option("--out", help="The file to write; by default NUMBER.xml, here.")
    ] = None,
) -> None:
    """Write a credit note as an e-invoice: XML by EN 16931 (Cross Industry Invoice)."""
    from solvent.commands import paper  # noqa: PLC0415 - as above

    with built() as solvent:
        path = paper.xml(solvent, paper.credit_note(solvent, number), out_file)
    out.print(str(path), markup=False, soft_wrap=True)

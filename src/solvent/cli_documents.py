"""The command line of money documents: `solvent refund <command>`, `solvent payment <command>`, and of invoices and
credit notes whatever is no file of theirs and no draft.

Owns the names, options and help of these commands. Does not own what they do (`commands.documents`,
`commands.crediting`, `commands.receiving`) nor the other commands of invoices and credit notes (`cli_invoices`).
"""

from collections.abc import Iterable
from typing import Annotated

import typer

from solvent.cli_invoices import credit_note_app, invoice_app
from solvent.commands.console import out
from solvent.commands.parts import built

refund_app = typer.Typer(no_args_is_help=True, help="Money that goes back: issue, retry, list, show.")
payment_app = typer.Typer(
    no_args_is_help=True, help="Money that came: list, show, and record what no provider took."
)

AMOUNT_MAX = 10**14  # minor units, as over HTTP

InvoiceName = Annotated[
    str, typer.Argument(metavar="INVOICE", help="The invoice's number, e.g. SUS-7F-000042, or its id, inv_…")
]
NoteName = Annotated[
    str, typer.Argument(help="The credit note's number, e.g. SUS-CN-7F-000001, or its id, crn_…")
]
Account = Annotated[str | None, typer.Option(help="Only those of this account, acc_…")]
OfInvoice = Annotated[str | None, typer.Option(help="Only those of this invoice, by its number or id.")]
Number = Annotated[str | None, typer.Option(help="Only the one of this number, as printed.")]
Currency = Annotated[str | None, typer.Option(help="Only those in this currency, e.g. USD.")]
Entity = Annotated[str | None, typer.Option(help="Only those of this legal entity.")]
Start = Annotated[str | None, typer.Option("--from", help="Not before this instant, e.g. 2026-01-01.")]
End = Annotated[str | None, typer.Option("--to", help="Before this instant.")]
Limit = Annotated[int, typer.Option(help="Show so many at most.", min=1, max=10_000)]
Json = Annotated[bool, typer.Option("--json", help="For programs: as the API shows it.")]
Reason = Annotated[str, typer.Option(help="Why, in words that the customer may read.")]
By = Annotated[str, typer.Option(help="Who decided it, e.g. carol@example.com")]
Amount = Annotated[
    int | None,
    typer.Option(
        help="In minor units of the currency: 500 USD is 5.00; default: all that is left.",
        min=1,
        max=AMOUNT_MAX,
    ),
]
Key = Annotated[
    str | None,
    typer.Option(help="The same key is the same document: with one, repeating does no harm."),
]


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)


@invoice_app.command("list")
def invoice_list(  # noqa: PLR0913 - a parameter is an option, and it has so many
    *,
    account: Account = None,
    state: Annotated[
        str | None, typer.Option(help="open, overdue (open and due), paid, resolved or uncollectible.")
    ] = None,
    number: Number = None,
    currency: Currency = None,
    entity: Entity = None,
    start: Annotated[
        str | None, typer.Option("--from", help="Issued not before this instant, e.g. 2026-01-01.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="Issued before this instant.")] = None,
    due_start: Annotated[str | None, typer.Option("--due-from", help="Due not before this instant.")] = None,
    due_end: Annotated[str | None, typer.Option("--due-to", help="Due before this instant.")] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """Print invoices of one account or of all, in the order of their issue, with what is owed on each."""
    from solvent.commands import documents  # noqa: PLC0415 - what only some commands need is loaded by them

    filters = documents.Filters(
        account=account,
        state=state,
        number=number,
        currency=currency,
        entity=entity,
        start=start,
        end=end,
        due_start=due_start,
        due_end=due_end,
    )
    with built() as solvent:
        _say(documents.lines(solvent, documents.INVOICES, filters, limit, for_programs=as_json))


@invoice_app.command("show")
def invoice_show(invoice: InvoiceName, as_json: Json = False) -> None:
    """Print one invoice: how it stands, and its lines with the positions that a credit note names."""
    from solvent.commands import documents  # noqa: PLC0415 - as above

    with built() as solvent:
        _say(documents.invoice(solvent, invoice, for_programs=as_json))


@invoice_app.command("give-up")
def invoice_give_up(
    invoice: InvoiceName,
    *,
    reason: Reason,
    by: By,
    scope: Annotated[
        str | None,
        typer.Option(help="What ends with it: account or subscription; default: as its policy says."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Give an open invoice up as uncollectible, as one unit; refused while a payment is under way.

    The time in advance that is not used is credited, the rest is bad debt, and what the scope says ends. It can
    still be paid.
    """
    from solvent.commands import receiving  # noqa: PLC0415 - as above

    with built() as solvent:
        _say(receiving.give_up(solvent, invoice, reason, by, scope, for_programs=as_json))


@credit_note_app.command("issue")
def credit_note_issue(
    invoice: InvoiceName,
    *,
    reason: Reason,
    by: By,
    amount: Amount = None,
    line: Annotated[
        list[str] | None,
        typer.Option(help="A line by its position, 2, or so much of it, 2:450; may be repeated."),
    ] = None,
    paid_part: Annotated[
        str, typer.Option(help="What was paid goes back: refund (to the method) or credit (to the account).")
    ] = "refund",
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Credit an invoice: an amount of it, certain lines, or all that is left; and print the credit note.

    What is owed is lowered first; only what is beyond that gives back what was paid.
    """
    from solvent.commands import crediting  # noqa: PLC0415 - as above

    order = crediting.Order(
        about=invoice,
        amount=amount,
        lines=tuple(line or ()),
        back_to=paid_part,
        reason=reason,
        by=by,
        key=key,
    )
    with built() as solvent:
        _say(crediting.issue(solvent, order, for_programs=as_json))


@credit_note_app.command("list")
def credit_note_list(  # noqa: PLR0913 - a parameter is an option, and it has so many
    *,
    account: Account = None,
    invoice: OfInvoice = None,
    number: Number = None,
    currency: Currency = None,
    entity: Entity = None,
    start: Start = None,
    end: End = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """Print credit notes of one account, of one invoice or of all, in the order of their issue."""
    from solvent.commands import documents  # noqa: PLC0415 - as above

    filters = documents.Filters(
        account=account,
        invoice=invoice,
        number=number,
        currency=currency,
        entity=entity,
        start=start,
        end=end,
    )
    with built() as solvent:
        _say(documents.lines(solvent, documents.CREDIT_NOTES, filters, limit, for_programs=as_json))


@credit_note_app.command("show")
def credit_note_show(number: NoteName, as_json: Json = False) -> None:
    """Print one credit note: what became of its amount, and what it takes of each line."""
    from solvent.commands import documents  # noqa: PLC0415 - as above

    with built() as solvent:
        _say(documents.credit_note(solvent, number, for_programs=as_json))


@refund_app.command("issue")
def refund_issue(
    payment: Annotated[str, typer.Argument(metavar="PAYMENT", help="The payment's id, pay_…")],
    *,
    reason: Reason,
    by: By,
    amount: Amount = None,
    to: Annotated[
        str, typer.Option(help="Where it goes: method (which it came from) or credit (of the account).")
    ] = "method",
    from_credit: Annotated[
        bool,
        typer.Option("--from-credit", help="What of it was kept as account credit, as far as that is left."),
    ] = False,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Give a payment back, wholly or in part, by a credit note of the invoice that it paid; and print it.

    A refund to the method is recorded first, and the worker asks the provider for it; one that the provider refuses
    becomes account credit. What no provider took can become credit alone.
    """
    from solvent.commands import crediting  # noqa: PLC0415 - as above

    order = crediting.Order(about=payment, amount=amount, back_to=to, reason=reason, by=by, key=key)
    with built() as solvent:
        _say(crediting.refund(solvent, order, from_credit=from_credit, for_programs=as_json))


@refund_app.command("retry")
def refund_retry(
    refund: Annotated[str, typer.Argument(metavar="REFUND", help="The refund's id, ref_…")],
    *,
    reason: Reason,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Send a refund again that was refused or came back, and became account credit; and print the new one.

    All of it, out of money that the account still has as credit. The worker asks the provider for it.
    """
    from solvent.commands import crediting  # noqa: PLC0415 - as above

    with built() as solvent:
        _say(crediting.retry(solvent, refund, reason, key, for_programs=as_json))


@refund_app.command("list")
def refund_list(  # noqa: PLR0913 - a parameter is an option, and it has so many
    *,
    account: Account = None,
    payment: Annotated[str | None, typer.Option(help="Only those of this payment, pay_…")] = None,
    state: Annotated[str | None, typer.Option(help="due, processing, succeeded, failed or returned.")] = None,
    currency: Currency = None,
    entity: Entity = None,
    start: Start = None,
    end: End = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """Print refunds of one account, of one payment or of all, in the order in which they were recorded."""
    from solvent.commands import documents  # noqa: PLC0415 - as above

    filters = documents.Filters(
        account=account,
        payment=payment,
        state=state,
        currency=currency,
        entity=entity,
        start=start,
        end=end,
    )
    with built() as solvent:
        _say(documents.lines(solvent, documents.REFUNDS, filters, limit, for_programs=as_json))


@refund_app.command("show")
def refund_show(
    refund: Annotated[str, typer.Argument(metavar="REFUND", help="The refund's id, ref_…")],
    as_json: Json = False,
) -> None:
    """Print one refund as it now stands."""
    from solvent.commands import documents  # noqa: PLC0415 - as above

    with built() as solvent:
        _say(documents.refund(solvent, refund, for_programs=as_json))


@payment_app.command("record")
def payment_record(
    about: Annotated[
        str,
        typer.Argument(
            metavar="FOR", help="An invoice by its number or id, or an account, acc_…, for what it owes."
        ),
    ],
    *,
    method: Annotated[str, typer.Option(help="How it came: bank_transfer, cheque or other.")],
    reference: Annotated[
        str, typer.Option(help="The reference that came with it: the same one is the same payment.")
    ],
    amount: Annotated[
        int,
        typer.Option(help="In minor units of the currency: 500 USD is 5.00.", min=1, max=AMOUNT_MAX),
    ],
    received: Annotated[str | None, typer.Option(help="When it came, e.g. 2026-01-31; default: now.")] = None,
    invoice: Annotated[
        list[str] | None,
        typer.Option(help="Of an account: only for this invoice; may be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Record a payment that no provider took, and print it. It may pay a part; what is more becomes account credit.

    For an account it pays what fell due first, first.
    """
    from solvent.commands import receiving  # noqa: PLC0415 - as above

    money = receiving.Money(
        about=about,
        invoices=tuple(invoice or ()),
        method=method,
        reference=reference,
        amount=amount,
        received=received,
    )
    with built() as solvent:
        _say(receiving.record(solvent, money, for_programs=as_json))


@payment_app.command("list")
def payment_list(  # noqa: PLR0913 - a parameter is an option, and it has so many
    *,
    account: Account = None,
    invoice: OfInvoice = None,
    provider: Annotated[
        str | None, typer.Option(help="Only those by this provider, or method, e.g. bank_transfer.")
    ] = None,
    state: Annotated[
        str | None, typer.Option(help="What became of it: applied, credited or refunded.")
    ] = None,
    currency: Currency = None,
    entity: Entity = None,
    start: Start = None,
    end: End = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """Print payments of one account, of one invoice or of all, in the order in which the money was received."""
    from solvent.commands import documents  # noqa: PLC0415 - as above

    filters = documents.Filters(
        account=account,
        invoice=invoice,
        provider=provider,
        state=state,
        currency=currency,
        entity=entity,
        start=start,
        end=end,
    )
    with built() as solvent:
        _say(documents.lines(solvent, documents.PAYMENTS, filters, limit, for_programs=as_json))


@payment_app.command("show")
def payment_show(
    payment: Annotated[str, typer.Argument(metavar="PAYMENT", help="The payment's id, pay_…")],
    as_json: Json = False,
) -> None:
    """Print one payment: what it became, and what of it went back."""
    from solvent.commands import documents  # noqa: PLC0415 - as above

    with built() as solvent:
        _say(documents.payment(solvent, payment, for_programs=as_json))

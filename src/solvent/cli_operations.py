"""The commands that are operations of the API: which, under which name, and what of them stands without an option.

Owns the table, and how an operation's own fields become a command's options: nothing of the API is written twice. Does
not own how it is asked and told (`commands.operations`). What serves the API is loaded by the command that needs it.
"""

import inspect
from collections.abc import Iterator
from functools import partial
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from solvent.commands.console import out
from solvent.commands.parts import built

LIMIT = 50
LIMIT_MAX = 10_000


class Operation(NamedTuple):
    """A command that is an operation. `positional` are fields without an option, after what stands in the path;
    `columns` what is printed of each row of a list."""

    command: str
    operation: str
    says: str
    positional: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


_ACCOUNT = ("account_id",)
_OF_ACCOUNT = ("account",)
_METHODS = ("id", "provider", "kind", "label", "state", "priority", "expires_on")
OPERATIONS = (
    Operation(
        "account list",
        "listAccounts",
        "Print accounts in the order of their creation.",
        columns=("id", "name", "email", "country", "currency", "segment"),
    ),
    Operation("account create", "createAccount", "Register a customer, and print the account."),
    Operation(
        "account state",
        "getState",
        "Print how an account stands: debt, subscriptions, entitlements, disagreements, evidence.",
    ),
    Operation(
        "account ask-providers",
        "askProviders",
        "Ask the providers about an account's payments now, instead of waiting for what they tell.",
    ),
    Operation(
        "account portal-link", "makePortalLink", "Print a link that lets a customer into the portal once."
    ),
    Operation(
        "account clock",
        "advanceClock",
        "Move a test account's clock forward to a moment.",
        ("account_id", "now"),
    ),
    Operation(
        "pay-debt",
        "payDebt",
        "Pay what an account owes, wholly or on some invoices; unpaid, print what the customer must do.",
    ),
    Operation(
        "method list",
        "listMethods",
        "Print an account's collection methods in the order in which they are tried.",
        columns=_METHODS,
    ),
    Operation("method add", "addMethod", "Open a setup by which the customer leaves a collection method."),
    Operation(
        "method order",
        "orderMethods",
        "Say in which order an account's methods are tried: all of them.",
        columns=_METHODS,
    ),
    Operation("method remove", "removeMethod", "Remove a collection method."),
    Operation(
        "cart list",
        "listCarts",
        "Print an account's carts.",
        _OF_ACCOUNT,
        ("id", "created_at", "expires_at", "canceled"),
    ),
    Operation(
        "cart open", "openCart", "Open a cart for an account, and print the address of its page.", _ACCOUNT
    ),
    Operation("cart show", "getCart", "Print a cart: its lines, what it comes to, and how it stands."),
    Operation("cart cancel", "cancelCart", "Cancel a cart: nobody can pay it any more."),
    Operation(
        "catalog products",
        "listProducts",
        "Print what is sold.",
        columns=("id", "name", "family", "object_kind", "tax_category"),
    ),
    Operation(
        "catalog prices",
        "listPrices",
        "Print the prices on sale, or with --all every version.",
        columns=("id", "product_id", "unit_amount", "interval", "scheme", "active"),
    ),
    Operation(
        "coupon redemptions",
        "listCouponRedemptions",
        "Print redemptions of an account, a subscription or a code, and for how many periods each has counted.",
        columns=(
            "id",
            "coupon_id",
            "account_id",
            "subscription_id",
            "periods_used",
            "redeemed_at",
            "ended_at",
        ),
    ),
    Operation("change quote", "quote", "Print what a change would cost now; nothing is written.", _ACCOUNT),
    Operation(
        "change open",
        "openChange",
        "Open a change, and print what is due and what the customer must do.",
        _ACCOUNT,
    ),
    Operation(
        "change confirm", "confirmChange", "Confirm a change with the customer's part, or a stored method."
    ),
    Operation(
        "change record-transfer",
        "recordTransfer",
        "Record the transfer that pays a change; then it is committed.",
    ),
    Operation("credit show", "getCreditGrant", "Print one grant of account credit, and what is left of it."),
    Operation(
        "engine decisions",
        "listDecisions",
        "Print what was decided about an account, oldest first.",
        columns=("id", "decided_at", "policy", "applied", "withheld"),
    ),
    Operation(
        "engine holds",
        "listHolds",
        "Print an account's holds: consequences that somebody keeps away for a time.",
        columns=("id", "consequence", "reason", "author", "expires_at", "released_at"),
    ),
    Operation(
        "engine hold", "placeHold", "Keep a consequence away from an account for a time, and print the hold."
    ),
    Operation("engine release", "releaseHold", "End a hold before its time."),
    Operation(
        "entity versions",
        "listEntityVersions",
        "Print every version of a legal entity, the oldest first.",
        columns=("id", "name", "country", "series_prefix", "email", "valid_from"),
    ),
    Operation(
        "entity declare",
        "putEntity",
        "Bring a legal entity to what is said: a next version where it differs.",
    ),
    Operation(
        "entitlement show",
        "getEntitlements",
        "Print what an account may use, and what waits for its payment.",
    ),
    Operation("entitlement read", "readEntitlements", "Print what several accounts may use."),
    Operation(
        "entitlement changes",
        "listEntitlementChanges",
        "Print which accounts' entitlements have changed, in that order.",
        columns=("id", "account_id", "reason", "occurred_at"),
    ),
    Operation(
        "entitlement token", "createEntitlementToken", "Print a signed token of what an account may use."
    ),
    Operation(
        "event list",
        "listEvents",
        "Print events in the order of a feed of all accounts.",
        columns=("id", "type", "account_id", "occurred_at"),
    ),
    Operation(
        "invoice create",
        "issueInvoice",
        "Issue an invoice of your own lines, and collect it with a stored method; unpaid it stays owed.",
        _ACCOUNT,
    ),
    Operation(
        "invoice draft",
        "keepInvoiceDraft",
        "Draft an invoice of your own lines, and print what issuing it comes to.",
        _ACCOUNT,
    ),
    Operation("invoice show-draft", "getInvoiceDraft", "Print a draft, with what issuing it now comes to."),
    Operation("invoice change-draft", "changeInvoiceDraft", "Change a draft; --line writes all lines anew."),
    Operation("invoice show-item", "getInvoiceItem", "Print something that waits for an invoice."),
    Operation(
        "invoice change-item", "writeInvoiceItemAnew", "Write something that waits for an invoice anew."
    ),
    Operation(
        "ledger accounts",
        "listLedgerAccounts",
        "Print the chart of accounts.",
        columns=("name", "kind", "normal", "per_provider", "means"),
    ),
    Operation(
        "ledger postings",
        "listPostings",
        "Print postings in the order in which they were booked.",
        columns=("id", "booked_at", "entity", "debit", "credit", "amount", "account_id", "invoice_id"),
    ),
    Operation(
        "reconciliation list",
        "listReconciliations",
        "Print comparisons of the books with providers, the latest first.",
        columns=("id", "provider", "since", "until", "found", "left", "made_at"),
    ),
    Operation(
        "reconciliation show", "getReconciliation", "Print one comparison: what moved, and how much differed."
    ),
    Operation(
        "reconciliation differences",
        "listDifferences",
        "Print what a comparison found, in the order in which it was found.",
        columns=("kind", "about", "ref", "key", "ours", "theirs", "repair", "repaired"),
    ),
    Operation(
        "subscription list",
        "listSubscriptions",
        "Print an account's subscriptions, ended ones included.",
        _OF_ACCOUNT,
        ("id", "state", "interval", "period", "grace_until", "ended_at"),
    ),
    Operation(
        "subscription show", "getSubscription", "Print a subscription with its items and what is pending."
    ),
    Operation("tax rate", "getTaxRate", "Print one tax rate."),
    Operation("tax declare", "createTaxRate", "Declare a tax rate."),
    Operation(
        "tax register", "registerForTax", "Say that a legal entity collects tax in a place from now on."
    ),
    Operation("tax end", "endTaxRegistration", "Say that a legal entity collects tax in a place no more."),
    Operation("usage meter", "getMeter", "Print one meter."),
    Operation(
        "webhooks change", "changeWebhookEndpoint", "Change the address, types or description of an endpoint."
    ),
    Operation(
        "webhooks deliveries",
        "listWebhookDeliveries",
        "Print what an endpoint was told, and how it answered.",
        columns=("event_id", "type", "account_id", "state", "tries", "created_at"),
    ),
    Operation("webhooks again", "replayWebhook", "Tell an endpoint one event again."),
)


class Operations(TyperGroup):
    """A group that has those operations whose command begins with its name; the program itself those of one word."""

    def __init__(self, **attrs: Any) -> None:  # noqa: ANN401 -- typer's own
        super().__init__(**attrs)
        for one in OPERATIONS:
            group, _, command = one.command.rpartition(" ")
            if group == (self.name if self.name in GROUPS else ""):
                self.add_command(OperationCommand(command, one))


class OperationCommand(TyperCommand):
    """A command whose options are made of the operation's own fields, once somebody wants them."""

    def __init__(self, name: str, of: Operation) -> None:
        super().__init__(name, help=of.says, rich_markup_mode="rich", callback=partial(_run, of))
        self._of = of

    def get_params(self, ctx: Any) -> Any:  # noqa: ANN401 -- typer's own
        """The arguments and options."""
        if not self.params:
            self.params = _params(self._of)
        return super().get_params(ctx)


GROUPS = frozenset(one.command.split(" ")[0] for one in OPERATIONS if " " in one.command)


def add_groups(app: typer.Typer) -> None:
    """The groups that have no other commands than operations."""
    for name, says in (
        ("method", "Collection methods of accounts: list, add, order, remove."),
        ("cart", "Carts: open, list, show, cancel."),
        ("entitlement", "What accounts may use: show, read, changes, token."),
        ("event", "Events that were published."),
        (
            "reconciliation",
            "Comparisons of the books with providers that were made: list, show, differences.",
        ),
        ("subscription", "Subscriptions: list, show."),
    ):
        app.add_typer(typer.Typer(no_args_is_help=True, help=says, cls=Operations), name=name)


def _run(of: Operation, **given: Any) -> None:  # noqa: ANN401 -- the words of a command
    from solvent.commands import operations  # noqa: PLC0415 - what only some commands need is loaded by them

    with built() as solvent:
        for line in operations.lines(
            solvent, of.operation, of.positional, given, of.columns, for_programs=given["json"]
        ):
            out.print(line, markup=False, highlight=False, soft_wrap=True)


def _params(of: Operation) -> list[Any]:
    """Made by the framework out of a function's signature, as those of the other commands are."""
    app = typer.Typer(add_completion=False)

    def command() -> None:
        """Never called: its signature is what is read."""

    command.__signature__ = inspect.Signature(list(_parameters(of)))  # type: ignore[attr-defined]
    app.command()(command)
    return list(typer.main.get_command(app).params)


def _parameters(of: Operation) -> Iterator[inspect.Parameter]:
    from solvent.commands.operations import Kind, wanted  # noqa: PLC0415 - as above

    words = wanted(of.operation, of.positional)
    for word in words.arguments:
        kind: Any = list[str] if word.many else str
        yield _parameter(word.name, Annotated[kind, typer.Argument(metavar=word.option, help=word.says)])
    for word in words.options:
        kind = bool if word.kind is Kind.FLAG else list[str] if word.many else str
        spelled = f"{word.option}/--no-{word.option[2:]}" if word.kind is Kind.FLAG else word.option
        option = typer.Option(spelled, help=word.says, show_default=False)
        if word.required:
            yield _parameter(word.name, Annotated[kind, option])
        else:
            yield _parameter(word.name, Annotated[kind | None, option], None)
    if words.pages:
        limit = typer.Option(help="Show so many at most.", min=1, max=LIMIT_MAX)
        yield _parameter("limit", Annotated[int, limit], LIMIT)
    if words.keyed:
        key = typer.Option(help="The same key is the same request: with one, repeating does no harm.")
        yield _parameter("key", Annotated[str | None, key], None)
    as_json = typer.Option("--json", help="For programs: as the API shows it.")
    yield _parameter("json", Annotated[bool, as_json], False)


def _parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:  # noqa: ANN401 -- any type
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)

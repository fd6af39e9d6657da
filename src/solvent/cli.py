"""The command line: `solvent <command>`.

Owns the names, options and help of the commands, and how an error looks: one line, no traceback. Does not own what
they do (`commands`).
"""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from solvent import __version__, logs
from solvent.cli_accounts import account_app
from solvent.cli_changes import change_app
from solvent.cli_coupons import coupon_app
from solvent.cli_credit import credit_app
from solvent.cli_disputes import dispute_app
from solvent.cli_documents import payment_app, refund_app
from solvent.cli_drift import drift
from solvent.cli_engine import engine_app
from solvent.cli_invoices import credit_note_app, invoice_app
from solvent.cli_messages import messages_app, pay_link
from solvent.cli_methods import import_methods
from solvent.cli_operations import Operations, add_groups
from solvent.cli_operators import operators_app
from solvent.cli_policy import policy_app
from solvent.cli_recompute import recompute
from solvent.cli_reconcile import reconcile as reconcile_command
from solvent.cli_signing import add_to
from solvent.cli_tax import entity_app, tax_app
from solvent.cli_usage import usage_app
from solvent.cli_watch import bad_debt, kpis, polls, stuck, why
from solvent.cli_webhooks import webhooks_app
from solvent.commands.console import FAILED, USAGE, CommandError, err, out
from solvent.commands.parts import built, opened

EPILOG = "Settings are environment variables (SOLVENT_…): `solvent config` shows them all."


class Group(Operations):
    """Commands whose expected errors end with one clear line."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - the framework's own types are private to it
        """Run a command; exit 2 for bad input, 1 for what went wrong, each with one line."""
        try:
            return super().invoke(ctx)
        except CommandError as error:
            message, code = str(error), error.code
        except KeyboardInterrupt:
            message, code = "interrupted", 130
        except typer.Exit:  # as after a command's help
            raise
        except Exception as error:
            told = _told(error)
            if told is None:
                raise
            message, code = told
        err.print(f"[bad]error[/] {escape(message)}", soft_wrap=True)
        raise typer.Exit(code)


def _told(error: Exception) -> tuple[str, int] | None:
    """What an expected error of the parts says, and its exit code; None: it is not expected."""
    import psycopg  # noqa: PLC0415 - what only some commands need is loaded by them: help is fast
    from psycopg_pool import PoolTimeout  # noqa: PLC0415 - as above

    from solvent.core.gate import UnsafeGate  # noqa: PLC0415 - as above
    from solvent.store.embedded import EmbeddedServerError  # noqa: PLC0415 - as above

    if isinstance(error, EmbeddedServerError | psycopg.OperationalError | PoolTimeout):
        return f"database: {' '.join(str(error).split())}", FAILED
    if isinstance(error, UnsafeGate):
        return f"SOLVENT_{str(error)[:19].upper()}{str(error)[19:]}", USAGE
    return None


app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    rich_markup_mode="rich",
    epilog=EPILOG,
    help="Solvent: billing that confirms payment before it commits state.",
)
keys_app = typer.Typer(no_args_is_help=True, help="API keys: create, list, revoke.")
catalog_app = typer.Typer(no_args_is_help=True, help="Products and prices.")
ledger_app = typer.Typer(no_args_is_help=True, help="The books, as of any instant.")
app.add_typer(ledger_app, name="ledger", cls=Operations)
app.add_typer(keys_app, name="keys")
app.add_typer(catalog_app, name="catalog", cls=Operations)
app.add_typer(tax_app, name="tax", cls=Operations)
app.add_typer(entity_app, name="entity", cls=Operations)
app.add_typer(account_app, name="account", cls=Operations)
app.add_typer(invoice_app, name="invoice", cls=Operations)
app.add_typer(credit_note_app, name="credit-note")


app.add_typer(refund_app, name="refund")
app.add_typer(payment_app, name="payment")
app.add_typer(change_app, name="change", cls=Operations)
app.add_typer(coupon_app, name="coupon", cls=Operations)
app.add_typer(usage_app, name="usage", cls=Operations)
app.add_typer(dispute_app, name="dispute")
app.add_typer(credit_app, name="credit", cls=Operations)
notifications_app = typer.Typer(no_args_is_help=True, help="What providers told, and nobody could use.")
app.add_typer(notifications_app, name="notifications")


app.add_typer(policy_app, name="policy")
app.command()(recompute)
app.add_typer(messages_app, name="messages")
app.add_typer(webhooks_app, name="webhooks", cls=Operations)
app.add_typer(operators_app, name="operators")
add_to(keys_app)
add_groups(app)
app.command("reconcile")(reconcile_command)
app.command("pay-link")(pay_link)
app.command("import-methods")(import_methods)
app.command()(drift)
app.add_typer(engine_app, name="engine", cls=Operations)
for watching in (kpis, stuck, polls, why, bad_debt):
    app.command()(watching)


At = Annotated[
    str | None, typer.Option(help="Count what was booked before this instant, e.g. 2026-02-01; default: now.")
]
Entity = Annotated[str | None, typer.Option(help="Only the books of this legal entity.")]
Json = Annotated[bool, typer.Option("--json", help="For programs: as the API shows it.")]
TestClocks = Annotated[bool, typer.Option("--test-clocks", help="Also accounts that live on a test clock.")]


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"solvent {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[  # noqa: ARG001 - handled by its callback
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Solvent: billing that confirms payment before it commits state."""
    logs.configure()


@app.command()
def up(
    empty: Annotated[bool, typer.Option("--empty", help="No example catalog and no customers.")] = False,
) -> None:
    """Run everything on this machine: database, bank, web server, worker, relay.

    At the first start it prints an API key and requests to try. Ctrl-C stops everything; all state is kept in
    SOLVENT_HOME.
    """
    from solvent.commands import settings  # noqa: PLC0415 - as above
    from solvent.commands import up as command  # noqa: PLC0415 - as above

    command.up(settings.load(), out, empty=empty)


@app.command()
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="Straight through, without waiting for Enter.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of the simulated world.", min=0)] = 0,
    provider: Annotated[
        str | None,
        typer.Option(
            help="Walk the five paths alone, on this provider's adapter: sandbox, or stripe or paypal "
            "against a local server in their place."
        ),
    ] = None,
) -> None:
    """Walk the five payment paths and everything that goes wrong on them, then check the laws.

    Uses a database of its own (solvent_demo), made anew each time. Exits 0 only if every story ended as told and
    all laws hold.
    """
    from solvent.commands import demo as command  # noqa: PLC0415 - as above

    def pause() -> None:
        if not once and out.is_terminal:
            out.input("[quiet]   Enter …[/]")

    with opened(migrated=False) as (chosen, url):
        if not command.demo(chosen, url, out, seed=seed, pause=pause, provider=provider):
            raise typer.Exit(FAILED)


@app.command()
def serve() -> None:
    """Run the web server alone, until it is stopped."""
    from solvent.commands import serve as command  # noqa: PLC0415 - as above

    with opened() as (chosen, url):
        command.serve(chosen, url)


@app.command()
def work() -> None:
    """Run one worker, and the relay where SOLVENT_EVENTS_URL says where events go, until it is stopped."""
    from solvent.commands import work as command  # noqa: PLC0415 - as above

    with command.stop_on_signal() as stop, built(watched=True) as solvent:
        command.work(solvent, command.sink_of(solvent.settings.events_url), stop)


@app.command()
def migrate() -> None:
    """Bring the database's schema to this version. Safe to repeat, and to run in several places at once."""
    from solvent.store import schema  # noqa: PLC0415 - as above

    with opened(migrated=False) as (_, url):
        before = schema.current(url)
        schema.migrate(url)
        after = schema.current(url)
    out.print(f"schema {after}" if before == after else f"schema {before or 'none'} → {after}")


@app.command()
def check() -> None:
    """Run every law, L1 to L11, against the live database: one line each. Exits 1 on any violation."""
    from solvent.commands import check as command  # noqa: PLC0415 - as above

    with built() as solvent:
        if not command.check(solvent, out):
            raise typer.Exit(FAILED)


@app.command()
def export(
    what: Annotated[
        str,
        typer.Option(
            help="journal, invoices, invoice-lines, credit-notes, payments, refunds, disputes, fees, credit-grants or "
            "credit-uses."
        ),
    ],
    out_file: Annotated[
        Path, typer.Option("--out", help="The file to write; one that is there is replaced.")
    ],
    kind: Annotated[
        str, typer.Option("--format", help="csv, or parquet (which needs the package pyarrow).")
    ] = "csv",
    start: Annotated[
        str | None, typer.Option("--from", help="The first instant, e.g. 2026-01-01; default: the beginning.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", help="The first instant that is left out; default: now.")
    ] = None,
    entity: Entity = None,
    test_clocks: TestClocks = False,
) -> None:
    """Write journal, documents, payments, fees or account credit of a stretch of time to a file, row by row.

    The journal holds every posting and, month by month, what lines in advance have earned.
    """
    from solvent.commands import export as command  # noqa: PLC0415 - as above
    from solvent.commands.ledger import scope_of  # noqa: PLC0415 - as above
    from solvent.exporting.columns import What  # noqa: PLC0415 - as above
    from solvent.exporting.export import Format  # noqa: PLC0415 - as above

    wanted, form = (
        command.one_of(What, what, "--what"),
        command.one_of(Format, kind, "--format"),
    )
    since = command.EARLIEST if start is None else command.instant(start, "--from")
    with built() as solvent:
        until = solvent.clock() if end is None else command.instant(end, "--to")
        scope = scope_of(solvent, entity, test_clocks=test_clocks)
        rows = command.export(solvent, wanted, form, out_file, start=since, end=until, scope=scope)
    out.print(f"{rows} rows in {out_file}", markup=False, soft_wrap=True)


@ledger_app.command("trial-balance")
def ledger_trial_balance(
    at: At = None, entity: Entity = None, test_clocks: TestClocks = False, as_json: Json = False
) -> None:
    """Print every ledger account as of an instant, per legal entity and currency."""
    from solvent.commands import ledger  # noqa: PLC0415 - as above
    from solvent.commands.export import instant  # noqa: PLC0415 - as above

    with built() as solvent:
        moment = solvent.clock() if at is None else instant(at, "--at")
        scope = ledger.scope_of(solvent, entity, test_clocks=test_clocks)
        for part in ledger.trial_balance(solvent, moment, scope, for_programs=as_json):
            out.print(part, soft_wrap=as_json)


@ledger_app.command("ageing")
def ledger_ageing(
    at: At = None,
    entity: Entity = None,
    test_clocks: TestClocks = False,
    accounts: Annotated[int, typer.Option(help="Show so many accounts at most.", min=0, max=100_000)] = 50,
    as_json: Json = False,
) -> None:
    """Print what is owed as of an instant by how many days it is past due: in total, and by account."""
    from solvent.commands import ledger  # noqa: PLC0415 - as above
    from solvent.commands.export import instant  # noqa: PLC0415 - as above

    with built() as solvent:
        moment = solvent.clock() if at is None else instant(at, "--at")
        scope = ledger.scope_of(solvent, entity, test_clocks=test_clocks)
        for part in ledger.ageing(solvent, moment, scope, accounts_max=accounts, for_programs=as_json):
            out.print(part, soft_wrap=as_json)


@app.command()
def config() -> None:
    """Print every setting with its value, default and meaning. Secrets are hidden."""
    from solvent.commands import settings  # noqa: PLC0415 - as above

    out.print(settings.settings_table(settings.load()))


@catalog_app.command("apply")
def catalog_apply(
    file: Annotated[Path, typer.Argument(help="A catalog in YAML, see examples/catalog.yaml.")],
) -> None:
    """Bring products and prices to what a file declares. Applying it again changes nothing.

    A price with changed terms gets a next version; existing subscriptions keep the version they have.
    """
    from solvent.commands.examples import apply_catalog  # noqa: PLC0415 - as above

    with built() as solvent:
        changed = apply_catalog(solvent.database, file, solvent.clock())
    for line in changed or ["nothing to change"]:
        out.print(line, markup=False)


@notifications_app.command("list")
def notifications_list(
    provider: Annotated[str | None, typer.Option(help="Only those of this provider.")] = None,
    limit: Annotated[int, typer.Option(help="Show so many at most.", min=1, max=10_000)] = 50,
    as_json: Json = False,
) -> None:
    """Print the notifications that were put aside, each with the reason."""
    from solvent.commands import notifications  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in notifications.lines(solvent, provider, limit=limit, for_programs=as_json):
            out.print(line, markup=False, soft_wrap=True)


@notifications_app.command("replay")
def notifications_replay(
    ids: Annotated[list[str] | None, typer.Argument(help="The provider's ids of notifications.")] = None,
    provider: Annotated[str | None, typer.Option(help="Only those of this provider.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that were put aside.")] = False,
) -> None:
    """Put notifications back that were put aside, once the reason is gone: the worker looks at them anew.

    Harmless to repeat: a notification is a hint, and what the provider then says is recorded once.
    """
    from solvent.commands import notifications  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in notifications.again(solvent, provider, ids or [], solvent.clock(), every=every):
            out.print(line, markup=False)


@keys_app.command("create")
def keys_create(
    label: Annotated[str, typer.Argument(help="What the key is for, to recognise it later.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="read, write, clock or admin (default); may be repeated.")
    ] = None,
) -> None:
    """Make an API key and print its secret, which cannot be shown again."""
    from solvent.commands import keys  # noqa: PLC0415 - as above

    with built() as solvent:
        out.print(keys.create(solvent, label, scope or ["admin"]), soft_wrap=True)


@keys_app.command("list")
def keys_list(as_json: Json = False) -> None:
    """Print all API keys, without their secrets."""
    from solvent.commands import keys  # noqa: PLC0415 - as above

    with built() as solvent:
        if as_json:
            out.print(keys.key_list(solvent), markup=False, highlight=False, soft_wrap=True)
        else:
            out.print(keys.key_table(solvent))


@keys_app.command("revoke")
def keys_revoke(key_id: Annotated[str, typer.Argument(help="The key's id, key_…")]) -> None:
    """Revoke an API key; it is refused everywhere within seconds."""
    from solvent.commands import keys  # noqa: PLC0415 - as above

    with built() as solvent:
        keys.revoke(solvent, key_id)
    out.print(f"{key_id} is revoked")

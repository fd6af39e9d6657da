"""Look: recomputing one account on request, and saying what was found.

Owns the words. Does not own the recompute (`flows.recompute`) nor the verdict (`core.health`).
"""

from rich.console import Console
from rich.table import Table

from solvent.commands.console import USAGE, CommandError
from solvent.core.health import Assessment
from solvent.core.ids import InvalidId, bucket_of, parse
from solvent.core.money import format_minor
from solvent.flows.recompute import examine, recompute
from solvent.wiring import Solvent


def recompute_account(solvent: Solvent, account: str, console: Console) -> None:
    """Gather, assess, apply; then print standing, debt and evidence."""
    try:
        account_id = parse("acc", account)
    except InvalidId as error:
        raise CommandError(f"ACCOUNT: {error}, got {account!r}", USAGE) from None
    now, bucket = solvent.clock(), bucket_of(account_id)
    with solvent.platform.store.begin() as tx:
        if tx.accounts.view(account_id) is None:
            raise CommandError(f"no account {account}")
        tx.queue.mark([account_id], "asked for", now)
    recompute(solvent.platform, bucket, now, 1, account_id)
    for verdict in examine(solvent.platform, bucket, [account_id], now):
        console.print(_verdict(account, verdict))


def _verdict(account: str, verdict: Assessment) -> Table:
    debt = ", ".join(
        f"{format_minor(minor, currency)} {currency}" for currency, minor in verdict.debt.items()
    )
    table = Table.grid(padding=(0, 2))
    table.add_column(style="name")
    table.add_column(overflow="fold")
    table.add_row("account", account)
    table.add_row("standing", str(verdict.standing).replace("_", " "))
    table.add_row("owes", debt or "nothing")
    table.add_row(
        "looks again",
        f"{verdict.recheck_at:%Y-%m-%d %H:%M} UTC" if verdict.recheck_at else "when something happens",
    )
    for line in verdict.evidence:
        table.add_row("because", line)
    for disagreement in verdict.disagreements:
        table.add_row("in drift", f"{disagreement.kind}: {disagreement.evidence}")
    table.add_row("examined", f"{verdict.coverage.examined} of {verdict.coverage.owing} open invoices")
    return table

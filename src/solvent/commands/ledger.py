"""Ledger: the trial balance and the ageing of receivables, printed.

Owns the tables and the words. Does not own the figures (`store.closing`).
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from rich import box
from rich.table import Table

from solvent.commands.console import USAGE, CommandError
from solvent.commands.saying import as_json
from solvent.core.ageing import Aged
from solvent.core.closing import FINAL_AFTER, Balance, is_final
from solvent.core.ids import spell
from solvent.core.money import format_minor
from solvent.store.closing import Scope, ageing_at, balance_at, snapshot
from solvent.store.queries import Queries
from solvent.web.handlers.ledger import ageing_view, trial_balance_view
from solvent.wiring import Solvent

STATEMENT_TIMEOUT_S = 600
BRACKETS = ("not due", "1–30", "31–60", "61–90", "over 90")


def scope_of(solvent: Solvent, entity: str | None, *, test_clocks: bool) -> Scope:
    """The scope that the options ask for; an unknown legal entity is an error."""
    if entity is not None:
        known = Queries(solvent.database.pool).entities()
        if entity not in known:
            listed = ", ".join(known) or "there is none yet"
            raise CommandError(f"--entity: must be a legal entity ({listed}), got {entity!r}", USAGE)
    return Scope(entity=entity, test_clocks=test_clocks)


def trial_balance(
    solvent: Solvent, at: datetime, scope: Scope, *, for_programs: bool
) -> Iterator[Table | str]:
    """A table for each legal entity and currency, both columns summed."""
    with snapshot(solvent.database.pool, STATEMENT_TIMEOUT_S) as connection:
        found = balance_at(connection, at, solvent.platform.convention.granularity, scope)
    if for_programs:
        yield as_json(trial_balance_view(found, solvent.clock()))
        return
    yield f"Trial balance, everything before {_moment(at)}"
    yield from _caution(solvent, at)
    for (entity, currency), balances in groupby(found.balances, lambda b: (b.entity, b.currency)):
        yield _balances(f"{entity}, {currency}", list(balances), currency)
    if not found.balances:
        yield "Nothing was booked."


def ageing(
    solvent: Solvent, at: datetime, scope: Scope, *, accounts_max: int, for_programs: bool
) -> Iterator[Table | str]:
    """Totals per legal entity and currency, then the first accounts that owe something."""
    with snapshot(solvent.database.pool, STATEMENT_TIMEOUT_S) as connection:
        found = ageing_at(connection, at, scope, limit=accounts_max + 1)
    if for_programs:
        yield as_json(ageing_view(found, accounts_max, solvent.clock()))
        return
    yield f"Receivables as of {_moment(at)}, by days past due"
    yield from _caution(solvent, at)
    if not found.totals:
        yield "Nothing is owed."
        return
    yield _aged("all", [(f"{a.entity}, {a.currency}", a) for a in found.totals])
    shown = found.accounts[:accounts_max]
    if shown:
        yield _aged("account", [(spell("acc", a.account_id), a) for a in shown if a.account_id is not None])
    if len(found.accounts) > len(shown):
        yield f"More accounts owe something; --accounts shows more than {accounts_max} of them."


def _caution(solvent: Solvent, at: datetime) -> Iterator[str]:
    if not is_final(at, solvent.clock()):
        minutes = FINAL_AFTER.total_seconds() // 60
        yield f"Not final: what is being committed may still come before it, for {minutes:.0f} minutes."


def _balances(title: str, balances: list[Balance], currency: str) -> Table:
    table = _table("ledger account", "kind", "debit", "credit", title=title)
    for balance in balances:
        columns = (format_minor(n, currency) if n else "" for n in (balance.debit, balance.credit))
        table.add_row(balance.account, balance.chart.kind, *columns)
    sums = (sum(b.debit for b in balances), sum(b.credit for b in balances))
    table.add_row("sum", "", *(format_minor(n, currency) for n in sums), style="bold")
    return table


def _aged(first: str, rows: list[tuple[str, Aged]]) -> Table:
    table = _table(first, *BRACKETS, "total")
    for name, aged in rows:
        amounts = (format_minor(n, aged.currency) if n else "" for n in aged.amounts)
        table.add_row(name, *amounts, format_minor(aged.total, aged.currency))
    return table


def _table(first: str, *others: str, title: str | None = None) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        title_style="title",
        box=box.SIMPLE,
        show_edge=False,
        pad_edge=False,
        header_style="bold",
    )
    table.add_column(first, style="name", no_wrap=True)
    for name in others:
        table.add_column(name, justify="left" if name == "kind" else "right", no_wrap=True)
    return table


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"

"""Watching: figures, bad debt and stuck things, as tables.

Owns the tables. Does not own the figures (`kpi`, `measuring`) nor the reads (`store`).
"""

from collections import Counter
from datetime import UTC, datetime

from rich import box
from rich.console import Console
from rich.table import Table

from solvent.audit import TITLES
from solvent.commands.console import USAGE, CommandError
from solvent.commands.saying import as_json
from solvent.commands.theatre import kpi_table
from solvent.core.ids import InvalidId, parse
from solvent.core.invoice import spell_number
from solvent.core.money import format_minor
from solvent.kpi import told
from solvent.measuring import measure_now
from solvent.store import bad_debt as movements
from solvent.store import measures
from solvent.store.bad_debt import Wanted
from solvent.store.polls import polls as read_polls
from solvent.store.stuck import stuck as read_stuck
from solvent.web.handlers.watching import movement_view, poll_view, stuck_view
from solvent.web.watch_views import PollList, StuckListView
from solvent.wiring import Solvent


def kpis(solvent: Solvent, console: Console, days: int, *, recorded: bool) -> None:
    """Measure, unless what is recorded will do; print the figures, broken laws and the days before."""
    pool = solvent.database.pool
    last = measures.last(pool) if recorded else measure_now(solvent)
    if last is None:
        console.print("nothing was measured yet: run `solvent kpis`")
        return
    console.print(f"measured {last.measured_at:%Y-%m-%d %H:%M:%S} UTC, in {last.took_s:.1f} s")
    console.print(kpi_table(told(last.figures)))
    for law, count in last.laws.items():
        if count:
            console.print(f"[bad]✗ {law}[/] {TITLES[law]}: {count}")
    history = measures.days(pool, None, None, days) if days else []
    if history:
        console.print(_history(history))


def _history(history: list[measures.Measured]) -> Table:
    table = _table()
    table.add_column("day")
    for kpi in told({}):
        table.add_column(kpi.defined.name.replace("_", " "), justify="right")
    table.add_column("laws broken", justify="right")
    for day in history:
        table.add_row(str(day.day), *(kpi.here for kpi in told(day.figures)), str(sum(day.laws.values())))
    return table


def stuck(solvent: Solvent, console: Console, limit: int, *, for_programs: bool = False) -> int:
    """Print what is stuck; returns how many there are."""
    found = read_stuck(solvent.database.pool, solvent.clock(), limit)
    counts = {one.kind: one.of_kind for one in found}
    if for_programs:
        _say(console, StuckListView(data=[stuck_view(one) for one in found], counts=counts))
        return sum(counts.values())
    if not found:
        console.print("[good]nothing is stuck[/]")
        return 0
    table = _table()
    for name in ("what", "id", "since", "reason", "where to look"):
        table.add_column(name, overflow="fold")
    for one in found:
        table.add_row(
            one.kind.replace("_", " "), one.id, f"{one.since:%Y-%m-%d %H:%M}", one.reason or "", one.advice
        )
    console.print(table)
    return sum(counts.values())


def polls(solvent: Solvent, console: Console, *, for_programs: bool = False) -> None:
    """Print how asking providers went."""
    with solvent.database.autocommit() as connection:
        found = read_polls(connection)
    if for_programs:
        _say(console, PollList([poll_view(one, solvent.clock()) for one in found]))
        return
    if not found:
        console.print("nobody was asked yet: a worker does it (`solvent work`)")
        return
    now, table = solvent.clock(), _table()
    for name in (
        "provider",
        "asked for",
        "last tried",
        "answered",
        "known until",
        "lag",
        "failures since",
        "why",
    ):
        table.add_column(name)
    for one in found:
        moments = [
            f"{at:%Y-%m-%d %H:%M:%S}" if at else "never" for at in (one.tried_at, one.answered_at, one.until)
        ]
        lag = "–" if one.until is None else f"{max(0, int((now - one.until).total_seconds()))} s"
        table.add_row(
            one.provider, one.what, *moments, lag, str(one.failures), one.reason or "" if one.failures else ""
        )
    console.print(table)


def bad_debt(
    solvent: Solvent,
    console: Console,
    account: str | None,
    span: tuple[datetime | None, datetime | None],
    limit: int,
    *,
    for_programs: bool = False,
) -> None:
    """Print movements and their sums by currency and direction."""
    since, until = (None if at is None else at.replace(tzinfo=at.tzinfo or UTC) for at in span)
    try:
        account_id = None if account is None else parse("acc", account)
    except InvalidId as error:
        raise CommandError(f"--account: {error}, got {account!r}", USAGE) from None
    wanted = Wanted(account=account_id, since=since, until=until)
    found = movements.page(solvent.database.pool, wanted, None, limit)
    if for_programs:
        _say(console, [movement_view(one) for one in found])
        return
    table = _table()
    for name in ("booked", "invoice", "product", "", "amount", "against", "by", "reason"):
        table.add_column(name, justify="right" if name == "amount" else "left", overflow="fold")
    sums: Counter[tuple[str, str]] = Counter()
    for one in found:
        direction = "in" if one.entered else "out"
        sums[one.currency, direction] += one.amount
        table.add_row(
            f"{one.booked_at:%Y-%m-%d %H:%M}",
            spell_number(one.series, one.number),
            one.product or "",
            direction,
            f"{format_minor(one.amount, one.currency)} {one.currency}",
            one.against,
            one.by or "",
            one.reason or "",
        )
    console.print(table if found else "nothing entered bad debt, and nothing left it")
    for (currency, direction), amount in sorted(sums.items()):
        console.print(f"{direction}: {format_minor(amount, currency)} {currency}")


def _say(console: Console, shown: object) -> None:
    console.print(as_json(shown), markup=False, highlight=False, soft_wrap=True)


def _table() -> Table:
    return Table(box=box.SIMPLE, show_edge=False, pad_edge=False, header_style="bold")

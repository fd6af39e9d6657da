"""Watching: figures with their history, bad debt in and out, what is stuck, and the page for Prometheus.

Owns how a request becomes one read, and what it answers. Does not own the figures (`kpi`) nor the reads (`store`).
"""

from datetime import datetime

from solvent.core.ids import spell
from solvent.core.invoice import spell_number
from solvent.kpi import Kpi, told
from solvent.store import bad_debt as movements
from solvent.store import measures
from solvent.store.bad_debt import BadDebt, Wanted
from solvent.store.measures import Measured
from solvent.store.polls import Poll
from solvent.store.polls import polls as read_polls
from solvent.store.stuck import Kind, Stuck
from solvent.store.stuck import stuck as read_stuck
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import posting_place, uuid_in
from solvent.web.handlers.accounts import paged
from solvent.web.handlers.shared import existing_account
from solvent.web.present import amount_text
from solvent.web.problems import Problem
from solvent.web.watch_views import (
    BadDebtQuery,
    BadDebtView,
    DayView,
    FigureView,
    KpisQuery,
    KpisView,
    PollList,
    PollView,
    StuckListView,
    StuckQuery,
    StuckView,
)

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
_SPELLED = {
    "attempt": "att",
    "refund": "ref",
    "renewal": "sub",
    "recompute": "acc",
    "usage": "acc",
    "dispute": "dsp",
}


def metrics(call: Call) -> Reply:
    """What this process counts, and the states of the database."""
    watched = call.solvent.metrics
    if watched is None:
        raise Problem("unavailable", "this process does not count")
    return Reply(watched.page(), 200, (), PROMETHEUS)


def kpis(call: Call) -> Reply:
    """The latest measurement and the days before."""
    query: KpisQuery = call.query
    pool = call.solvent.database.pool
    last = measures.last(pool)
    return Reply(
        KpisView(
            measured_at=last.measured_at if last is not None else None,
            took_s=last.took_s if last is not None else None,
            figures=[_figure(kpi) for kpi in told(last.figures)] if last is not None else [],
            laws=dict(last.laws) if last is not None else {},
            history=[_day(day) for day in measures.days(pool, query.since, query.until, query.limit)],
        )
    )


def polls(call: Call) -> Reply:
    """How asking providers went."""
    with call.solvent.database.autocommit() as connection:
        found = read_polls(connection)
    return Reply(PollList([poll_view(one, call.now) for one in found]))


def poll_view(one: Poll, now: datetime) -> PollView:
    """How asking one provider for one thing went."""
    return PollView(
        provider=one.provider,
        what=one.what,
        tried_at=one.tried_at,
        answered_at=one.answered_at,
        until=one.until,
        lag_s=None if one.until is None else max(0, int((now - one.until).total_seconds())),
        failures=one.failures,
        reason=one.reason if one.failures else None,
    )


def bad_debt(call: Call) -> Reply:
    """A page of movements."""
    query: BadDebtQuery = call.query
    wanted = Wanted(
        account=None if query.account is None else existing_account(call, uuid_in(query.account)).id,
        since=query.since,
        until=query.until,
    )
    after = None if query.after is None else posting_place(query.after)
    found = movements.page(call.solvent.database.pool, wanted, after, query.limit + 1)
    return paged([movement_view(one) for one in found], query.limit)


def stuck(call: Call) -> Reply:
    """What is stuck."""
    query: StuckQuery = call.query
    found = read_stuck(call.solvent.database.pool, call.now, query.limit)
    return Reply(
        StuckListView(
            data=[stuck_view(one) for one in found], counts={one.kind: one.of_kind for one in found}
        )
    )


def _figure(kpi: Kpi) -> FigureView:
    defined = kpi.defined
    return FigureView(
        name=defined.name,
        what=defined.what,
        usual=defined.usual,
        target=defined.target,
        here=kpi.here,
        value=kpi.value,
        reached=kpi.reached,
        measured=defined.measured,
    )


def _day(day: Measured) -> DayView:
    return DayView(day=day.day, measured_at=day.measured_at, figures=dict(day.figures), laws=dict(day.laws))


def movement_view(one: BadDebt) -> BadDebtView:
    """A movement in or out of bad debt as it is shown."""
    return BadDebtView(
        id=f"pst_{one.cause_id.hex}_{one.position}",
        account_id=spell("acc", one.account_id),
        invoice_id=spell("inv", one.invoice_id),
        number=spell_number(one.series, one.number),
        entity=one.entity,
        product=one.product,
        direction="in" if one.entered else "out",
        amount=amount_text(one.amount, one.currency),
        amount_minor=one.amount,
        currency=one.currency,
        against=one.against,
        by=one.by,
        reason=one.reason,
        booked_at=one.booked_at,
    )


def stuck_view(one: Stuck) -> StuckView:
    """Something that is stuck as it is shown."""
    prefix = _SPELLED.get(one.kind.partition("_")[0])
    return StuckView(
        kind=Kind(one.kind),
        id=one.id if prefix is None else f"{prefix}_{one.id.replace('-', '')}",
        account_id=None if one.account_id is None else spell("acc", one.account_id),
        since=one.since,
        reason=one.reason,
        advice=one.advice,
    )

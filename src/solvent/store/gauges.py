"""Gauges: the states of a live database that are watched: what is open, what waits, how old the oldest of it is.

Owns these reads: each looks only at what is not finished, through the index that its queue has, so that it costs by the
work that waits and not by the history. Does not own the names' meaning (`telemetry.catalog`), nor what is measured by
reading everything (`kpi`).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import LiteralString

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core import dispute
from solvent.core.drift_kinds import DriftKind
from solvent.core.payment import IN_FLIGHT
from solvent.core.registration import RegistrationState
from solvent.ports.counts import Counted
from solvent.ports.telemetry import Observed
from solvent.store import drift, engine, stuck
from solvent.store.polls import polls

READ_TIMEOUT_MS = 5000
AGES = ("under_an_hour", "under_a_day", "under_a_week", "a_week_or_more")

# Name, label, count, oldest: of what has not ended.
_OPEN: LiteralString = """
select 'attempts', state, count(*), min(created_at) from attempt where look_at is not null group by state
union all select 'refunds', state, count(*), min(created_at) from refund where look_at is not null group by state
union all select 'registrations', state, count(*), min(created_at) from registration
    where look_at is not null group by state
union all select 'disputes', state, count(*), min(opened_at) from dispute where decided_at is null group by state"""

# Their states, so that those in which nothing is are shown as well: a gauge that is not there cannot rise.
_GOING_ON: Mapping[str, Sequence[str]] = {
    "attempts": sorted(IN_FLIGHT),
    "refunds": ["due", "processing"],
    "registrations": [RegistrationState.DUE, RegistrationState.REFUSED],
    "disputes": sorted(dispute.OPEN),
}

# Queue, how many are due, since when the oldest of them has been.
_DUE: LiteralString = """
select 'renew', count(*), min(greatest(due_at, waits_until)) from subscription
    where due_at <= %(now)s and (stuck_until is null or stuck_until <= %(now)s)
      and (waits_until is null or waits_until <= %(now)s)
union all select 'resolve', count(*), min(look_at) from attempt where look_at <= %(now)s
union all select 'process', count(*), min(look_at) from inbox where look_at <= %(now)s
union all select 'refund', count(*), min(look_at) from refund where look_at <= %(now)s
union all select 'bill_usage', count(*), min(look_at) from usage_period where look_at <= %(now)s
union all select 'recompute', count(*), min(look_at) from recompute_queue where look_at <= %(now)s
union all select 'recheck', count(*), min(recheck_at) from health where recheck_at <= %(now)s"""

_PUT_OFF: LiteralString = """
select 'renew', count(*) from subscription where stuck_until is not null
union all select 'resolve', count(*) from attempt where stuck_reason is not null
union all select 'bill_usage', count(*) from usage_mark where stuck_reason is not null"""

_PARKED: LiteralString = "select provider, count(*) from inbox where state = 'parked' group by provider"

_BEHIND: LiteralString = """
select c.sink, sum(h.last - c.seq)::bigint from relay_cursor c join event_head h using (bucket) group by c.sink"""

_COUNTED: LiteralString = "select kind, about, sum(times)::bigint from counter group by kind, about"
_COUNTS = {Counted.UNMAPPED: "solvent.provider.unmapped", Counted.GATE: "solvent.gate.passed"}
_WEBHOOKS: LiteralString = "select count(*), min(asked_at) from webhook_delivery where look_at is not null"
_ENDPOINTS: LiteralString = """
select state, count(*) from webhook_endpoint where state <> 'deleted' group by state"""

_OWED: LiteralString = """
select state, currency, count(*), sum(debt)::bigint from invoice
where state in ('open', 'uncollectible') group by state, currency"""

_BAD_DEBT: LiteralString = """
select direction, reason, currency, sum(times)::bigint, sum(amount)::bigint from bad_debt_tally group by 1, 2, 3"""

_POLLED: LiteralString = "select provider, swept_until from sweep"

_WORKERS: LiteralString = "select count(*) from worker where alive_until >= %(now)s"

_KPI: LiteralString = "select measured_at, figures, laws from kpi_day order by day desc limit 1"


def gauges(pool: ConnectionPool[Connection], now: datetime) -> list[Observed]:
    """All of them at `now` (UTC), in one transaction that gives up after some seconds."""
    with pool.connection() as connection, connection.transaction():
        connection.execute(f"set local statement_timeout = {READ_TIMEOUT_MS}")
        return [
            *_opened(connection, now),
            *_queues(connection, now),
            *_money(connection),
            *_drifting(connection, now),
            *_pipe(connection, now),
            *_capped(connection, now),
            *_measured(connection, now),
        ]


def _opened(connection: Connection, now: datetime) -> Iterator[Observed]:
    found = {(what, state): rest for what, state, *rest in connection.execute(_OPEN)}
    for what, states in _GOING_ON.items():
        for state in states:
            count, oldest = found.get((what, state), (0, None))
            yield Observed(f"solvent.{what}.open", (state,), count)
            yield Observed(f"solvent.{what}.oldest", (state,), _age_s(oldest, now))
    for kind, count in stuck.counted(connection, now).items():
        yield Observed("solvent.stuck", (kind,), count)


def _queues(connection: Connection, now: datetime) -> Iterator[Observed]:
    for queue, count, since in connection.execute(_DUE, {"now": now}):
        yield Observed("solvent.queue.depth", (queue,), count)
        yield Observed("solvent.queue.lag", (queue,), _age_s(since, now))
    for queue, count in connection.execute(_PUT_OFF):
        yield Observed("solvent.put_off", (queue,), count)


def _money(connection: Connection) -> Iterator[Observed]:
    for state, currency, count, debt in connection.execute(_OWED):
        yield Observed("solvent.invoices.owed", (state, currency), count)
        yield Observed("solvent.invoices.debt", (state, currency), debt)
    for direction, reason, currency, times, amount in connection.execute(_BAD_DEBT):
        yield Observed("solvent.bad_debt.moved", (direction, reason, currency), times)
        yield Observed("solvent.bad_debt.amount", (direction, reason, currency), amount)


def _drifting(connection: Connection, now: datetime) -> Iterator[Observed]:
    """Of every kind, also those of which there is none: an alarm can then be raised by a first one."""
    found = {age.kind: age for age in drift.ages(connection, now)}
    for kind in DriftKind:
        age = found.get(kind)
        counts = (0, 0, 0, 0) if age is None else (age.hour, age.day, age.week, age.older)
        for name, count in zip(AGES, counts, strict=True):
            yield Observed("solvent.drift.accounts", (kind, name), count)
        yield Observed("solvent.drift.oldest", (kind,), _age_s(None if age is None else age.oldest, now))


def _pipe(connection: Connection, now: datetime) -> Iterator[Observed]:
    for provider, count in connection.execute(_PARKED):
        yield Observed("solvent.notifications.parked", (provider,), count)
    for kind, about, times in connection.execute(_COUNTED):
        yield Observed(_COUNTS[Counted(kind)], (about,), times)
    for sink, behind in connection.execute(_BEHIND):
        yield Observed("solvent.events.behind", (sink,), behind)
    for waiting, since in connection.execute(_WEBHOOKS):
        yield Observed("solvent.webhooks.waiting", (), waiting)
        yield Observed("solvent.webhooks.oldest", (), _age_s(since, now))
    for state, count in connection.execute(_ENDPOINTS):
        yield Observed("solvent.webhooks.endpoints", (state,), count)
    for provider, until in connection.execute(_POLLED):
        yield Observed("solvent.poll.age", (provider,), _age_s(until, now))
    for poll in polls(connection):
        yield Observed("solvent.poll.failures", (poll.provider, poll.what), poll.failures)
    for (workers,) in connection.execute(_WORKERS, {"now": now}):
        yield Observed("solvent.workers.alive", (), workers)


def _capped(connection: Connection, now: datetime) -> Iterator[Observed]:
    for used in engine.used(connection, now):
        yield Observed("solvent.engine.left", (used.consequence,), max(used.most - used.taken, 0))
        yield Observed("solvent.engine.waiting", (used.consequence,), used.waiting)


def _measured(connection: Connection, now: datetime) -> Iterator[Observed]:
    for measured_at, figures, laws in connection.execute(_KPI):
        yield Observed("solvent.kpi.age", (), _age_s(measured_at, now))
        for name, value in figures.items():
            if value is not None:
                yield Observed("solvent.kpi", (name,), value)
        for law, violations in laws.items():
            yield Observed("solvent.law.violations", (law,), violations)


def _age_s(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since is not None else 0.0

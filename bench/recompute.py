"""Recompute: a whole fleet swept per second, and one account on demand, beside a plain COPY out of the same rows.

Owns the course: fleets of growing size with a past, their first sweep, which reads everybody, those after it, which
read only whoever changed, changes planted by hand that must be found and repaired, and requests over HTTP. Does not own
the work (`clerk`) nor the fleets (`histories`).
"""

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import psycopg

from bench.changes import api_key
from bench.crew import Crew, Result, crew
from bench.customers import Connection
from bench.fleet import present
from bench.ground import Ground
from bench.histories import make_histories
from bench.house import house
from bench.meters import Reading, measured
from bench.report import Row, fact, rate, table
from solvent.core.ids import BUCKETS
from solvent.store.digests import SOURCES

BATCH = 1000
SIZES = (10_000, 100_000, 1_000_000)
CONNECTIONS = 2
SETTLE_MAX = 4  # sweeps until all that the first one found is recorded, and noted as at rest
REQUESTS = 1_000
WATCHED_MAX_S = 1_800

_PLANT = "delete from entitlement where hashtext(account_id::text) % 100 = 0"
_MISSING = """
select count(distinct s.account_id) from subscription s
join item i on i.bucket = s.bucket and i.subscription_id = s.id and i.ended_at is null
where s.state <> 'ended' and not exists (select from entitlement e where e.bucket = i.bucket and e.item_id = i.id)"""
_WATCHED = "select took_s from kpi_day limit 1"
_SOME = "select id from account order by bucket, id limit %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A fleet of one size: its first sweep, one in which nobody changed, and one after something was planted."""

    accounts: int
    first: Result
    first_reading: Reading
    quiet: Result
    quiet_reading: Reading
    planted: Result
    ceiling: float
    ceiling_reading: Reading


def run(ground: Ground, accounts: int, workers: int, requests: int = REQUESTS) -> list[Row]:
    """Measure; raises AssertionError unless each sweep finds what there is to find, and nothing else."""
    now = present()
    rows: list[Row] = []
    for size in sorted({min(size, accounts) for size in SIZES}):
        name = ground.new("fleet")
        url = ground.url(name)
        make_histories(url, size, now)
        leg = list(_rows(_leg(ground, url, size, workers, now), workers))
        print(table(leg), file=sys.stderr, flush=True)  # a million takes half an hour: what is known is told
        rows += leg
        if size == accounts:
            rows += _on_demand(ground, url, requests)
        ground.drop(name)
    return rows


def _leg(ground: Ground, url: str, accounts: int, workers: int, now: datetime) -> Leg:
    groups = {"postgres": ground.pid}
    with crew(url, workers, now, BATCH, vaults=False) as clerks:
        with measured(groups, url) as first_reading:
            first = clerks.do("sweep")
        assert (first.done, first.read) == (accounts, accounts), first
        _settle(clerks)
        with measured(groups, url) as quiet_reading:
            quiet = clerks.do("sweep")
        assert (quiet.done, quiet.read) == (accounts, 0), quiet
        missing = _plant(url)
        planted = clerks.do("sweep")
        assert planted.read == missing > 0, (planted, missing)
        _settle(clerks)
        assert _count(url, _MISSING) == 0, "what was planted is repaired"
    with measured(groups, url) as ceiling_reading:
        ceiling = accounts / _copied(url)
    return Leg(
        accounts=accounts,
        first=first,
        first_reading=first_reading,
        quiet=quiet,
        quiet_reading=quiet_reading,
        planted=planted,
        ceiling=ceiling,
        ceiling_reading=ceiling_reading,
    )


def _settle(clerks: Crew) -> None:
    """Sweep until nobody has to be read: who was not at rest has been recomputed, and is noted the next time."""
    assert any(clerks.do("sweep").read == 0 for _ in range(SETTLE_MAX)), "the fleet comes to rest"


def _plant(url: str) -> int:
    """Take entitlements away from one account in a hundred, by hand; how many are without afterwards."""
    with psycopg.connect(url) as connection:
        connection.execute(_PLANT)
    return _count(url, _MISSING)


def _count(url: str, query: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


def _copied(url: str) -> float:
    """Seconds for a plain COPY out of the very rows and columns that a snapshot reads, on as many connections."""
    began = time.monotonic()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(lambda half: _copy(url, half), range(CONNECTIONS)))
    return time.monotonic() - began


def _copy(url: str, half: int) -> int:
    """One half of the buckets, source by source."""
    size, first = 0, half * BUCKETS // CONNECTIONS
    between = f"between {first} and {first + BUCKETS // CONNECTIONS - 1}"
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for source in SOURCES:
            rows = source.rows.replace("= %(bucket)s", between)
            query = f"copy (select {source.account}, {source.columns} from {rows}) to stdout"
            with cursor.copy(query.encode()) as copy:
                size += sum(len(block) for block in copy)
    return size


def _rows(leg: Leg, workers: int) -> Iterator[Row]:
    quiet, n = leg.quiet, leg.accounts
    yield rate(f"sweep of {n:,} accounts, {workers} workers", n / quiet.wall_s, leg.ceiling, "50,000 /s")
    yield fact("  CPU an account: workers, PostgreSQL", _cpu(quiet, leg.quiet_reading, n), "40 µs")
    yield fact("  CPU an account, PostgreSQL at the ceiling", _micros(leg.ceiling_reading, n))
    yield rate("  the first sweep, which reads everybody", n / leg.first.wall_s)
    yield fact("    CPU an account: workers, PostgreSQL", _cpu(leg.first, leg.first_reading, n))
    yield rate("  with one in a hundred changed by hand", n / leg.planted.wall_s)
    yield fact(
        "  memory of a worker: start, most", f"{leg.first.memory_mb[0]:,.0f}, {quiet.peak_mb:,.0f} MB", "flat"
    )
    yield fact("  log of a sweep without changes", f"{leg.quiet_reading.wal_bytes / 1e3:,.0f} kB")
    yield fact("  rest of the machine meanwhile", f"{leg.quiet_reading.others:.1f} cores")


def _cpu(result: Result, reading: Reading, accounts: int) -> str:
    return f"{result.cpu_s / accounts * 1e6:,.1f}, {_micros(reading, accounts)}"


def _micros(reading: Reading, accounts: int) -> str:
    seconds = reading.cpu_s["postgres"]
    return f"{seconds / accounts * 1e6:,.1f} µs" if seconds else "not ours"


def _on_demand(ground: Ground, url: str, requests: int) -> Iterator[Row]:
    """One account after the other, each asked for over HTTP. How long that takes depends on who else is there; what it
    costs depends less on that."""
    with psycopg.connect(url) as connection:
        accounts = [row[0] for row in connection.execute(_SOME, (requests,))]
    secret = api_key(url)
    with house(url) as running:
        groups = {"web": running.web, "postgres": ground.pid}
        watched_s = _watched(url)
        with measured(groups, url) as reading:
            millis = asyncio.run(_ask(running.port, secret, [account.hex for account in accounts]))
    cpu = (reading.cpu_s[group] / len(millis) * 1e3 for group in groups)
    yield fact("one account on demand over HTTP: median", f"{millis[len(millis) // 2]:.1f} ms")
    yield fact("  99th percentile", f"{millis[len(millis) * 99 // 100]:.1f} ms", "20 ms")
    yield fact("  CPU a call: web, PostgreSQL", ", ".join(f"{each:.1f}" for each in cpu) + " ms")
    yield fact("  the worker's look at all figures and laws, before", f"{watched_s:.0f} s", "2% of time")
    yield fact("  rest of the machine meanwhile", f"{reading.others:.1f} cores")


def _watched(url: str) -> float:
    """Seconds that the worker's first look at all figures and laws took, once it is over: it takes a fiftieth of the
    time, of a house that has just been opened the first part."""
    deadline = time.monotonic() + WATCHED_MAX_S
    with psycopg.connect(url, autocommit=True) as connection:
        while (row := connection.execute(_WATCHED).fetchone()) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"nothing was measured in {WATCHED_MAX_S} s")
            time.sleep(1)
    return float(row[0])


async def _ask(port: int, secret: str, accounts: Sequence[str]) -> list[float]:
    """Milliseconds of each request, in order of size."""
    loop, millis = asyncio.get_running_loop(), []
    _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
    headers = f"authorization: Bearer {secret}\r\ncontent-type: application/json\r\n"
    for account in accounts:
        keyed = f"{headers}idempotency-key: {account}\r\n"
        began = time.perf_counter()
        status, content = await connection.post(f"/v1/accounts/acc_{account}/recompute", keyed, b"")
        millis.append((time.perf_counter() - began) * 1e3)
        assert status == 200, (status, content)
    connection.close()
    return sorted(millis)

"""Changes: on-session changes per second over HTTP, beside the ceiling.

Owns the course: a fleet, the running house, the customers' load, waiting until the worker has looked at every
notification, and the proof that all of it was right. Does not own the load (`customers`) nor the ceiling (`pgbench`).
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from bench.customers import STEPS, Order
from bench.fleet import PRICE, make_fleet, present
from bench.ground import Ground
from bench.house import House, house
from bench.meters import Reading, measured, peak_mb
from bench.pgbench import ceiling
from bench.report import Row, fact, rate
from solvent.audit import audit
from solvent.config import Settings
from solvent.ids import SystemIds
from solvent.providers.sandbox.notifications import DEMO_KEY
from solvent.store.database import Database
from solvent.store.keys import Keys
from solvent.wiring import build

ACCOUNTS = 4096  # a multiple of 256, as pgbench's script needs
CLIENTS = 16
WARM_S = 3.0
NOT_DUE = timedelta(days=15)
LOOKED_AT_TIMEOUT_S = 60.0
LOAD_TIMEOUT_S = 30.0

_LOOKED_AT = "select count(*) filter (where state = 'done'), count(*) from inbox"


def run(ground: Ground, seconds: float, accounts: int = ACCOUNTS, warm_s: float = WARM_S) -> list[Row]:
    """Measure; raises AssertionError when anything that was written is not as it must be."""
    fleet = ground.new("fleet")
    make_fleet(ground.url(fleet), accounts, present() + NOT_DUE)
    url = ground.url(ground.clone(fleet, "changes"))
    secret = api_key(url)
    with house(url) as running:
        order = _order(url, running, secret, seconds, warm_s)
        seen, reading, looked_at = _load(ground, url, running, order)
        memory = {name: peak_mb(pid) for name, pid in (("web", running.web), ("worker", running.worker))}
        behind_s = _wait_looked_at(url)
    _prove(url)
    best, best_reading = ceiling(ground, fleet, CLIENTS, accounts, seconds)
    return list(_rows(seen, reading, looked_at, behind_s, memory, best, best_reading))


def api_key(url: str) -> str:
    """A key that may write."""
    with Database(url) as database:
        return Keys(database.pool, SystemIds()).create("bench", ["write"], datetime.now(UTC))


def _order(url: str, running: House, secret: str, seconds: float, warm_s: float) -> Order:
    with psycopg.connect(url) as connection:
        accounts = [row[0].hex for row in connection.execute("select id from account order by id")]
    return Order(
        port=running.port,
        secret=secret,
        bank_secret=DEMO_KEY,
        price=PRICE.id,
        accounts=accounts,
        clients=CLIENTS,
        warm_s=warm_s,
        seconds=seconds,
    )


def _load(ground: Ground, url: str, running: House, order: Order) -> tuple[dict[str, Any], Reading, int]:
    """Have the customers buy; what they saw, what it cost, and how many notifications were looked at meanwhile."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "bench.customers"]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as customers:
        assert customers.stdin is not None
        assert customers.stdout is not None
        customers.stdin.write(f"{json.dumps(asdict(order))}\n")
        customers.stdin.flush()
        _answer(customers.stdout.readline())
        groups = {"web": running.web, "worker": running.worker, "bank": running.bank, "postgres": ground.pid}
        before = _looked_at(url)[0]
        with measured(groups, url) as reading:
            seen = _answer(customers.stdout.readline())
        looked_at = _looked_at(url)[0] - before
        assert customers.wait(LOAD_TIMEOUT_S) == 0
    return seen, reading, looked_at


def _answer(line: str) -> dict[str, Any]:
    assert line, "the customers ended early"
    answer: dict[str, Any] = json.loads(line)
    return answer


def _looked_at(url: str) -> tuple[int, int]:
    with psycopg.connect(url) as connection:
        row = connection.execute(_LOOKED_AT).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def _wait_looked_at(url: str) -> float:
    """Seconds until the worker has looked at every notification."""
    began = time.monotonic()
    while len(set(_looked_at(url))) > 1:
        assert time.monotonic() - began < LOOKED_AT_TIMEOUT_S, "the worker does not catch up"
        time.sleep(0.1)
    return time.monotonic() - began


def _prove(url: str) -> None:
    """Every law holds, and every notification was looked at."""
    solvent = build(Settings(sandbox_url=None), url)
    broken = [f for f in audit(solvent.database, solvent.platform, datetime.now(UTC)) if f.violations]
    solvent.close()
    assert not broken, f"broken laws: {broken}"


def _rows(
    seen: Mapping[str, Any],
    reading: Reading,
    looked_at: int,
    behind_s: float,
    memory: Mapping[str, float],
    best: float,
    best_reading: Reading,
) -> Iterator[Row]:
    changes = seen["changes"]
    yield rate(f"changes over HTTP, {CLIENTS} clients", changes / seen["seconds"], best, "600 /s")
    for step in STEPS:
        median, slowest = seen["millis"][step]
        yield fact(f"  {step}: median, 99th percentile", f"{median:.1f}, {slowest:.1f} ms")
    for name in ("web", "worker", "postgres", "bank"):
        yield fact(f"  CPU a change, {name}", _millis(reading.cpu_s[name], changes))
    yield fact("  CPU a change, the customers' process", _millis(seen["cpu_s"], changes))
    spent = best_reading.cpu_s["postgres"] / (best * best_reading.wall_s)
    yield fact("  CPU a change, PostgreSQL at the ceiling", _millis(spent, 1))
    yield fact("  log a change", f"{reading.wal_bytes / changes / 1e3:,.1f} kB")
    yield fact("  notifications looked at meanwhile", f"{looked_at / reading.wall_s:,.0f} /s")
    yield fact("  until the worker had looked at all", f"{behind_s:.1f} s")
    yield fact("  rest of the machine meanwhile", f"{reading.others:.1f} cores")
    for name, peak in memory.items():
        yield fact(f"  peak memory, {name}", f"{peak:,.0f} MB")


def _millis(seconds: float, changes: int) -> str:
    return f"{seconds / changes * 1e3:,.2f} ms"

"""Notifications: how many per second are verified and stored, and how soon each is answered, as a worker drains them.

Owns the course: the running house, the load (`tellers`), waiting until the worker has looked at all, the ceiling (the
same rows, one transaction each, on as many connections), and the proof that each is there once.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg

from bench.ground import Ground
from bench.house import house
from bench.meters import Reading, measured, peak_mb
from bench.report import Row, fact, rate
from bench.tellers import BUCKETS, Order
from solvent.providers.sandbox.notifications import DEMO_KEY

CLIENTS = 16
COUNT = 20_000
WARM = 1_000
TELLERS_TIMEOUT_S = 120
LOOKED_AT_TIMEOUT_S = 300.0

_WAITING = "select count(*) from inbox where state = 'waiting'"
_THERE = "select count(*) from inbox"
_STORE = """
insert into inbox (bucket, provider, id, subject, key, ref, state, occurred_at, received_at, look_at)
values (%s, 'ceiling', %s, 'attempt', %s, 'pi', 'waiting', %s, %s, %s)"""


def run(ground: Ground, count: int = COUNT, warm: int = WARM) -> list[Row]:
    """Measure; raises AssertionError unless every notification that was answered is there, once."""
    url = ground.url(ground.new("told"))
    with house(url) as running:
        groups = {"web": running.web, "worker": running.worker, "postgres": ground.pid}
        order = Order(port=running.port, bank_secret=DEMO_KEY, clients=CLIENTS, warm=warm, count=count)
        seen, reading = _load(url, order, groups)
        looked_at = warm + count - _one(url, _WAITING)
        behind_s = _wait_looked_at(url)
        memory = peak_mb(running.web)
    assert _one(url, _THERE) == warm + count, "each is there once"
    best = _ceiling(url, count)
    return list(_rows(count, seen, reading, looked_at, behind_s, memory, best))


def _load(url: str, order: Order, groups: dict[str, int | None]) -> tuple[dict[str, Any], Reading]:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-m", "bench.tellers"], stdin=pipe, stdout=pipe, text=True
    ) as tellers:
        assert tellers.stdin is not None
        assert tellers.stdout is not None
        tellers.stdin.write(f"{json.dumps(asdict(order))}\n")
        tellers.stdin.flush()
        assert tellers.stdout.readline(), "the tellers ended early"
        with measured(groups, url) as reading:
            line = tellers.stdout.readline()
        assert line, "the tellers ended early"
        assert tellers.wait(TELLERS_TIMEOUT_S) == 0
    seen: dict[str, Any] = json.loads(line)
    return seen, reading


def _one(url: str, query: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


def _wait_looked_at(url: str) -> float:
    began = time.monotonic()
    while _one(url, _WAITING):
        assert time.monotonic() - began < LOOKED_AT_TIMEOUT_S, "the worker does not catch up"
        time.sleep(0.1)
    return time.monotonic() - began


def _ceiling(url: str, count: int) -> float:
    """The same rows by hand, one transaction each."""
    now = datetime.now(UTC)

    def store(number: int) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            for n in range(number, count, CLIENTS):
                connection.execute(_STORE, (n % BUCKETS, f"ceiling-{n}", uuid4(), now, now, now))

    began = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(store, range(CLIENTS)))
    return count / (time.monotonic() - began)


def _rows(
    count: int,
    seen: dict[str, Any],
    reading: Reading,
    looked_at: int,
    behind_s: float,
    memory: float,
    best: float,
) -> Iterator[Row]:
    yield rate(f"notifications over HTTP, {CLIENTS} clients", count / seen["seconds"], best, "2,000 /s")
    yield fact("  answered: median, 99th percentile", f"{seen['median']:.1f}, {seen['p99']:.1f} ms")
    yield fact("  answered: the slowest", f"{seen['worst']:.1f} ms")
    for name in ("web", "worker", "postgres"):
        yield fact(f"  CPU a notification, {name}", f"{reading.cpu_s[name] / count * 1e6:,.0f} µs")
    yield fact("  CPU a notification, the tellers", f"{seen['cpu_s'] / count * 1e6:,.0f} µs")
    yield fact("  looked at when the last was answered", f"{looked_at:,}")
    yield fact("  until the worker had looked at all", f"{behind_s:.1f} s")
    yield fact("  rest of the machine meanwhile", f"{reading.others:.1f} cores")
    yield fact("  peak memory, web", f"{memory:,.0f} MB")

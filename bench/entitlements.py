"""Entitlements: reads over HTTP beside a static answer of the same server, and checks of signed tokens.

Owns the course: a fleet, the running house, the readers' load in four kinds (a static answer, kept answers, tags, the
database every time), tokens made over HTTP, and tokens checked by the Python client in this process, by its CPU time.
Does not own the load (`readers`).
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import IO, Any

import httpx
import psycopg

from bench.changes import NOT_DUE, api_key
from bench.fleet import make_fleet, present
from bench.ground import Ground
from bench.house import house
from bench.meters import measured
from bench.readers import Order
from bench.report import Row, fact, rate
from solvent_entitlements import Verifier

ACCOUNTS = 2048
CLIENTS = 16
WARM_S = 4.0  # in which every account is read once
FIRST_CHECKS = 2_000
REPEATED_CHECKS = 400_000
AUDIENCE = "bench"


def run(
    ground: Ground,
    seconds: float,
    accounts: int = ACCOUNTS,
    warm_s: float = WARM_S,
    repeated: int = REPEATED_CHECKS,
    first: int = FIRST_CHECKS,
) -> list[Row]:
    """Measure; raises AssertionError when an answer is another one than it must be."""
    database = ground.new("entitled")
    url = ground.url(database)
    make_fleet(url, accounts, present() + NOT_DUE)
    secret = api_key(url)
    with psycopg.connect(url) as connection:
        ids = [f"acc_{row[0].hex}" for row in connection.execute("select id from account order by id")]
    rows: list[Row] = []
    with (
        house(url) as running,
        _readers() as ask,
        httpx.Client(base_url=f"http://127.0.0.1:{running.port}") as web,
    ):
        web.headers["authorization"] = f"Bearer {secret}"
        kinds = _kinds(ids, secret, _tags(web, ids))
        best = 0.0
        for name, (requests, status, target) in kinds.items():
            order = Order(
                port=running.port, requests=requests, clients=CLIENTS, warm_s=warm_s, seconds=seconds
            )
            with measured({"web": running.web, "postgres": ground.pid}, url) as reading:
                seen = ask(order)
            assert set(seen["statuses"]) == {status}, seen["statuses"]
            speed = seen["requests"] / seen["seconds"]
            best = best or speed
            rows.append(rate(name, speed, best, target))
            rows += _facts(seen, reading.cpu_s, reading.wall_s / (seen["seconds"]), reading.others)
        rows += _tokens(web, ids, first, repeated)
    return rows


def _kinds(ids: Sequence[str], secret: str, tags: Mapping[str, str]) -> dict[str, tuple[list[str], str, str]]:
    """What is asked, which status it has, and the target; the static answer first: it is the ceiling."""

    def ask(path: str, headers: str = "") -> str:
        return f"GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {secret}\r\n{headers}\r\n"

    of = {account: f"/v1/accounts/{account}/entitlements" for account in ids}
    return {
        f"a static answer, {CLIENTS} clients": ([ask("/v1/healthz")], "200", ""),
        "entitlements read": ([ask(of[i]) for i in ids], "200", "8,000 /s"),
        "entitlements read by tag": ([ask(of[i], f"if-none-match: {tags[i]}\r\n") for i in ids], "304", ""),
        "entitlements read, the database every time": (
            [ask(of[i], "cache-control: no-cache\r\n") for i in ids],
            "200",
            "",
        ),
    }


def _tags(web: httpx.Client, ids: Sequence[str]) -> dict[str, str]:
    """Every account's tag, and with it the proof that each has its grant."""
    tags: dict[str, str] = {}
    for start in range(0, len(ids), 500):
        said = web.post("/v1/entitlements/read", json={"accounts": ids[start : start + 500]}).json()
        assert all(len(d["entitlements"]) == 1 for d in said["data"])
        tags |= {d["account_id"]: d["etag"] for d in said["data"]}
    assert len(tags) == len(ids)
    return tags


def _facts(
    seen: Mapping[str, Any], cpu_s: Mapping[str, float], stretch: float, others: float
) -> Iterator[Row]:
    asked = seen["requests"] * stretch  # also those of the warm stretch cost something
    yield fact(
        "  median, 99th percentile", f"{seen['median_ms']:.1f}, {seen['slowest_ms']:.1f} ms", "p99 < 10 ms"
    )
    arrived = f"{seen['arrived_median_ms']:.1f}, {seen['arrived_slowest_ms']:.1f} ms"
    yield fact("  the same, until the answer has arrived", arrived)
    yield fact("  readers come to it late, 99th percentile", f"{seen['late_slowest_ms']:.1f} ms")
    for name in ("web", "postgres"):
        yield fact(f"  CPU a read, {name}", f"{cpu_s[name] / asked * 1e6:,.0f} µs")
    yield fact("  rest of the machine meanwhile", f"{others:.1f} cores")


def _tokens(web: httpx.Client, ids: Sequence[str], first: int, repeated: int) -> Iterator[Row]:
    began = time.perf_counter()
    tokens = [
        web.post(f"/v1/accounts/{ids[n % len(ids)]}/entitlement-token", json={"audience": AUDIENCE}).json()[
            "token"
        ]
        for n in range(first)
    ]
    yield rate("tokens made over HTTP, 1 client", first / (time.perf_counter() - began))
    verifier = Verifier(web, issuer="solvent", audience=AUDIENCE)
    verifier.check(tokens[0])
    began = time.process_time()
    for token in tokens[1:]:
        verifier.check(token)
    yield rate("tokens checked for the first time, one core", (first - 1) / (time.process_time() - began))
    began = time.process_time()
    for n in range(repeated):
        verifier.check(tokens[n % first])
    yield rate("tokens checked again, one core", repeated / (time.process_time() - began), None, "100,000 /s")
    assert verifier.check(tokens[-1]).flag("waf", next(iter(verifier.check(tokens[-1]).products)))


@contextmanager
def _readers() -> "Iterator[Any]":
    """Asks the process of the readers, which ends with the block."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-m", "bench.readers"], stdin=pipe, stdout=pipe, text=True
    ) as child:
        into, out = child.stdin, child.stdout
        assert into is not None
        assert out is not None

        def ask(order: Order) -> dict[str, Any]:
            return _asked(into, out, order)

        yield ask
        into.close()


def _asked(into: IO[str], out: IO[str], order: Order) -> dict[str, Any]:
    into.write(f"{json.dumps(asdict(order))}\n")
    into.flush()
    line = out.readline()
    assert line, "the readers ended early"
    answer: dict[str, Any] = json.loads(line)
    return answer

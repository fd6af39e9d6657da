"""Usage: events per second through the batch endpoint into PostgreSQL, beside the same rows by COPY.

Owns the course: a fleet, batches of events of accounts of every bucket, the load (a thread for each client, on kept
connections, of bodies that were made before), the ceiling, and the proof that each event is there once. Does not own
the running house (`house`) nor the readings (`meters`).
"""

import http.client
import json
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count

import psycopg

from bench.changes import NOT_DUE, api_key
from bench.fleet import make_fleet, present
from bench.ground import Ground
from bench.house import house
from bench.meters import Reading, measured, peak_mb
from bench.report import Row, fact, rate
from solvent.core.catalog import Aggregation, Meter
from solvent.core.ids import spell
from solvent.store import offers
from solvent.store.database import Database

ACCOUNTS = 4096
CLIENTS = 4
BATCH = 10_000
BATCHES = 60
WARM_BATCHES = 4

_METER = Meter(id="requests", name="Requests", unit="requests", aggregation=Aggregation.SUM)
_COLUMNS = "bucket, account_id, id, meter, object, at, value, received_at"

Event = tuple[str, str, str, int]  # account, id, at, value


def run(
    ground: Ground,
    batches: int = BATCHES,
    batch: int = BATCH,
    accounts: int = ACCOUNTS,
    warm: int = WARM_BATCHES,
) -> list[Row]:
    """Measure; raises AssertionError unless every event is there, once."""
    fleet = ground.new("fleet")
    make_fleet(ground.url(fleet), accounts, present() + NOT_DUE)
    with Database(ground.url(fleet)) as database:
        offers.apply(database, meters=[_METER], now=datetime.now(UTC))
    apart = list(_told(ground.url(fleet), batches + warm, batch, grouped=False))
    told = list(_told(ground.url(fleet), batches + warm, batch, grouped=True))
    url = ground.url(ground.clone(fleet, "usage"))
    secret = api_key(url)
    with house(url) as running:
        groups = {"web": running.web, "worker": running.worker, "postgres": ground.pid}
        _send(running.port, secret, told[:warm] + apart[:warm])
        with measured(groups, url) as reading:
            _send(running.port, secret, told[warm:])
        with measured(groups, url) as scattered:
            _send(running.port, secret, apart[warm:])
        memory = peak_mb(running.web)
        repeated = time.perf_counter()
        assert _send(running.port, secret, told[warm : warm + 1]) == (0, batch)
        repeated = time.perf_counter() - repeated
    _prove(url, 2 * (batches + warm) * batch)
    best = _copied(ground.url(ground.clone(fleet, "copied")), told[warm:], ground)
    return list(_rows(batches * batch, reading, scattered, best, memory, batch / repeated))


def _told(url: str, batches: int, size: int, *, grouped: bool) -> Iterator[list[Event]]:
    """Batches of events of the last hours: `grouped`, of accounts of one bucket each, otherwise of every bucket."""
    chance, numbers = random.Random(1), count(1)
    with psycopg.connect(url) as connection:
        accounts = [spell("acc", row[0]) for row in connection.execute("select id from account order by id")]
    now = datetime.now(UTC)
    for n in range(batches):
        bucket = accounts[n % len(accounts)][-2:]
        chosen = [x for x in accounts if x[-2:] == bucket] if grouped else accounts
        yield [
            (
                chance.choice(chosen),
                f"requests-{'eu' if grouped else 'us'}-{next(numbers):012}",
                (now - timedelta(seconds=chance.randrange(7200))).isoformat(),
                chance.randrange(1, 5000),
            )
            for _ in range(size)
        ]


def _body(events: Sequence[Event]) -> bytes:
    names = ("account", "id", "at", "value")
    told = [{**dict(zip(names, event, strict=True)), "meter": _METER.id} for event in events]
    return json.dumps({"events": told}).encode()


def _send(port: int, secret: str, batches: Sequence[Sequence[Event]]) -> tuple[int, int]:
    """Send the batches by `CLIENTS` clients; how many events were new, and how many were not."""
    bodies = [_body(events) for events in batches]

    def client(number: int) -> tuple[int, int]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"authorization": f"Bearer {secret}", "idempotency-key": "bench"}
        accepted = duplicates = 0
        for body in bodies[number::CLIENTS]:
            connection.request("POST", "/v1/usage", body, headers)
            response = connection.getresponse()
            said = json.loads(response.read())
            assert response.status == 200, said
            accepted, duplicates = accepted + said["accepted"], duplicates + said["duplicates"]
        connection.close()
        return accepted, duplicates

    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(client, range(CLIENTS)))
    return sum(a for a, _ in answers), sum(d for _, d in answers)


def _copied(url: str, batches: Sequence[Sequence[Event]], ground: Ground) -> tuple[float, Reading]:
    """The ceiling: the same rows into the same table by COPY, a transaction for each batch, on two connections."""
    now = datetime.now(UTC).isoformat()
    texts = [
        "".join(
            f"{int(account[-2:], 16)}\t{account[4:]}\t{name}\t{_METER.id}\taccount\t{at}\t{value}\t{now}\n"
            for account, name, at, value in events
        ).encode()
        for events in batches
    ]

    def copy(number: int) -> None:
        with psycopg.connect(url) as connection:
            for text in texts[number::2]:
                with connection.cursor().copy(f"copy usage_event ({_COLUMNS}) from stdin") as rows:
                    rows.write(text)
                connection.commit()

    with measured({"postgres": ground.pid}, url) as reading, ThreadPoolExecutor(2) as copiers:
        list(copiers.map(copy, range(2)))
    return sum(map(len, batches)) / reading.wall_s, reading


def _prove(url: str, events: int) -> None:
    """Each event is there once. Whose mark is gone has been looked at."""
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from usage_event").fetchone()
    assert row == (events,), f"{row} events are there, {events} were told"


def _rows(
    events: int,
    reading: Reading,
    scattered: Reading,
    best: tuple[float, Reading],
    memory: float,
    again: float,
) -> Iterator[Row]:
    clients = f"{CLIENTS} clients"
    for name, part in (("one bucket a batch", reading), ("every bucket in a batch", scattered)):
        yield rate(f"usage over HTTP, {name}", events / part.wall_s, best[0], "50,000 /s")
        for group in ("web", "worker", "postgres"):
            yield fact(f"  CPU an event, {group}", _micros(part.cpu_s[group], events))
        yield fact("  log an event", f"{part.wal_bytes / events:,.0f} bytes")
        yield fact("  rest of the machine meanwhile", f"{part.others:.1f} cores")
    yield fact("  CPU an event, PostgreSQL at the ceiling", _micros(best[1].cpu_s["postgres"], events))
    yield fact(f"  a batch again, one of {clients}", f"{again:,.0f} /s")
    yield fact("  peak memory, web", f"{memory:,.0f} MB")


def _micros(seconds: float, events: int) -> str:
    return f"{seconds / events * 1e6:,.1f} µs"

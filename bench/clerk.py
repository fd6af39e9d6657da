"""Clerk: one worker process under measurement.

Owns a process that is built like Solvent's worker, with the sandbox bank inside it, and that does one kind of work in
its share of the buckets until nothing is due. Started by `renewals`; reads orders from stdin and answers in JSON lines.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg

from bench.fleet import token_of
from bench.meters import resident_mb
from solvent.config import Settings
from solvent.core.payment import Outcome
from solvent.flows.fleet import sweep_bucket
from solvent.flows.platform import Platform
from solvent.garbage import collect_rarely
from solvent.ports.provider import PaymentRequest, Provider
from solvent.wiring import Solvent, build
from solvent.worker import WORK

CARD = "tok_4242424242424242"
QUARTERS = (0.25, 0.5, 1.0)

_METHODS = "select id, account_id, token from method where bucket = any(%s) order by bucket, id"
_ALL = "select count(*) from account where bucket = any(%s)"
_DUE = {
    "renew": "select count(*) from subscription where bucket = any(%s) and due_at <= %s",
    "recompute": "select count(*) from recompute_queue where bucket = any(%s) and look_at <= %s",
}


def main() -> None:
    """Vault the share's cards, say so, then do what each line on stdin names: a kind of work (or ``bank``: charges
    by the bank alone; ``sweep``: the whole fleet), and the buckets to do it in."""
    order = json.loads(sys.argv[1])
    now = datetime.fromisoformat(order["now"])
    settings = Settings(worker_batch=order["batch"], sandbox_url=None)
    solvent = build(settings, order["url"])
    provider = solvent.platform.providers.get("sandbox")
    methods = _vault(provider, order["url"], order["buckets"], now) if order["vaults"] else []
    collect_rarely()
    _say({"ready": len(methods)})
    for line in sys.stdin:
        kind, _, buckets = line.strip().partition(" ")
        share = json.loads(buckets)
        if kind == "bank":
            _say(_measure(_charge_all(provider, methods, now), len(methods)))
        elif kind == "sweep":
            read: list[int] = []
            _say(_measure(_sweep(solvent, share, now, read), _all(order["url"], share)) | {"read": sum(read)})
        else:
            expected = _count(order["url"], kind, share, now)
            _say(_measure(_work(solvent, kind, share, now), expected))
    solvent.close()


def _work(solvent: Solvent, kind: str, buckets: Sequence[int], now: datetime) -> Iterator[int]:
    """As the worker does it: see which buckets have something due, run the flow of each; how much each batch did."""
    flow: Callable[[Platform, int, datetime, int], int] = WORK[kind]
    while due := solvent.database.schedule.due(buckets, now)[kind]:
        for bucket in due:
            yield flow(solvent.platform, bucket, now, solvent.settings.worker_batch)


def _sweep(solvent: Solvent, buckets: Sequence[int], now: datetime, read: list[int]) -> Iterator[int]:
    """Look at every account, as `recompute --all` does; how many a bucket has. `read` gets how many were read whole."""
    for bucket in buckets:
        found = sweep_bucket(solvent.platform, bucket, now, solvent.settings.worker_batch)
        assert not found.broken, found.broken
        read.append(found.read)
        yield found.accounts


def _all(url: str, buckets: Sequence[int]) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(_ALL, (list(buckets),)).fetchone()
    assert row is not None
    return int(row[0])


def _count(url: str, kind: str, buckets: Sequence[int], now: datetime) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(_DUE[kind], (list(buckets), now)).fetchone()
    assert row is not None
    return int(row[0])


def _measure(work: Iterator[int], expected: int) -> dict[str, Any]:
    """Do all of it; how much, from when to when (a clock that all processes share), CPU, and memory on the way."""
    memory = [resident_mb()]
    marks = [expected * q for q in QUARTERS]
    done, started, cpu = 0, time.monotonic(), time.process_time()
    for count in work:
        done += count
        if marks and done >= marks[0]:
            del marks[0]
            memory.append(resident_mb())
    return {
        "done": done,
        "started": started,
        "ended": time.monotonic(),
        "cpu_s": time.process_time() - cpu,
        "memory_mb": memory,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


def _vault(provider: Provider, url: str, buckets: Sequence[int], now: datetime) -> list[tuple[Any, ...]]:
    """Give this process's bank the cards that the database says it has, by confirmed setups."""
    with psycopg.connect(url) as connection:
        methods = connection.execute(_METHODS, (list(buckets),)).fetchall()
    for method_id, account_id, token in methods:
        setup = _request(method_id, account_id, None, 0, now)
        opened = provider.open(setup)
        assert opened.ref is not None
        confirmed = provider.confirm(method_id, opened.ref, CARD)
        assert confirmed.method is not None
        assert confirmed.method.token == token == token_of(method_id)
    return methods


def _charge_all(provider: Provider, methods: list[tuple[Any, ...]], now: datetime) -> Iterator[int]:
    """The bank alone: what its part of the work and of the memory is."""
    for method_id, account_id, token in methods:
        report = provider.charge(_request(account_id, account_id, token, 2000, now))
        assert report.outcome is Outcome.SUCCEEDED, (method_id, report)
        yield 1


def _request(key: Any, customer: Any, method: str | None, amount: int, now: datetime) -> PaymentRequest:  # noqa: ANN401
    return PaymentRequest(
        key=key,
        customer=customer,
        amount=amount,
        currency="USD",
        setup=amount == 0,
        off_session=amount > 0,
        method=method,
        expires_at=now + timedelta(minutes=30),
        description="Solvent bench",
    )


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

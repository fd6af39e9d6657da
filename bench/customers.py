"""Customers: the load of the changes benchmark, in a process of its own.

Owns some connections that are kept open, on each of which one customer after the other buys a subscription on a new
billable object: open, confirm with a test card, and then the notification as the sandbox bank signs it. Started by
`changes`; says when the measured stretch begins and ends, and what it saw, as JSON lines.
"""

import asyncio
import itertools
import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from bench.http import Exchange
from solvent.providers.sandbox.book import ref_of
from solvent.providers.sandbox.notifications import pack
from solvent.providers.sandbox.records import Event

CARD = "tok_4242424242424242"
STEPS = ("open", "confirm", "notify")


@dataclass(slots=True, kw_only=True)
class Seen:
    """What the customers saw in the measured stretch: committed changes, and milliseconds of each request by step."""

    measuring: bool = False
    stopped: bool = False
    changes: int = 0
    millis: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})


class Connection(Exchange):
    """One connection to the web server, one request at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    def received(self, start: str, body: bytes) -> None:
        """Give the answer to who waits for it."""
        assert self._answer is not None
        self._answer.set_result((int(start.split(" ")[1]), body))

    async def post(self, path: str, headers: str, body: bytes) -> tuple[int, bytes]:
        """Send one request and wait for its answer."""
        self._answer = asyncio.get_running_loop().create_future()
        head = f"POST {path} HTTP/1.1\r\nhost: bench\r\n{headers}content-length: {len(body)}\r\n\r\n"
        self.send(head.encode() + body)
        return await self._answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to do: `clients` connections buying for `accounts` (ids as hex), `seconds` after `warm_s`."""

    port: int
    secret: str
    bank_secret: str
    price: str
    accounts: Sequence[str]
    clients: int
    warm_s: float
    seconds: float


async def buy_until_stopped(order: Order, seen: Seen, number: int, run: str) -> None:
    """One client: change after change on its own share of the accounts, in random order."""
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, "127.0.0.1", order.port)
    mine = list(order.accounts[number :: order.clients])
    random.Random(number).shuffle(mine)
    for n, account in enumerate(itertools.cycle(mine)):
        if seen.stopped:
            break
        await buy(order, seen, connection, account, f"{run}-{number}-{n}")
    connection.close()


async def buy(order: Order, seen: Seen, connection: Connection, account: str, name: str) -> None:
    """Open, confirm, notify; counted when its state is committed and the notification is taken."""
    headers = f"authorization: Bearer {order.secret}\r\ncontent-type: application/json\r\n"
    item = {"price_id": order.price, "object": f"zone:{name}.example"}
    body = {"account_id": f"acc_{account}", "change": {"type": "start", "items": [item]}}
    keyed = f"{headers}idempotency-key: {name}\r\n"
    opened = await _step(seen, "open", connection, "/v1/changes", keyed, msgspec.json.encode(body), 201)
    path = f"/v1/changes/{opened['id']}/confirm"
    confirmed = await _step(seen, "confirm", connection, path, keyed, b'{"method":"%s"}' % CARD.encode(), 200)
    assert confirmed["state"] == "committed", confirmed
    now, key = datetime.now(UTC), opened["id"].removeprefix("att_")
    told = pack(Event(ref_of("pi", key), 1, "payment.succeeded", key, now), order.bank_secret, now)
    signed = "".join(f"{name}: {value}\r\n" for name, value in told.headers.items())
    await _step(seen, "notify", connection, "/v1/notifications/sandbox", signed, told.body, 204)
    seen.changes += seen.measuring


async def _step(
    seen: Seen, step: str, connection: Connection, path: str, headers: str, body: bytes, expected: int
) -> Any:  # noqa: ANN401 -- a JSON document
    began = time.perf_counter()
    status, content = await connection.post(path, headers, body)
    if seen.measuring:
        seen.millis[step].append((time.perf_counter() - began) * 1e3)
    assert status == expected, (step, status, content)
    return msgspec.json.decode(content) if content else None


async def main(order: Order) -> None:
    """Warm up, measure, say what was seen."""
    seen, run = Seen(), f"{time.time_ns():x}"
    clients = [asyncio.create_task(buy_until_stopped(order, seen, n, run)) for n in range(order.clients)]
    failed = asyncio.gather(*clients)
    await asyncio.wait({failed}, timeout=order.warm_s)
    seen.measuring, began, cpu = True, time.perf_counter(), time.process_time()
    _say({"began": True})
    await asyncio.wait({failed}, timeout=order.seconds)
    seen.measuring, seconds = False, time.perf_counter() - began
    cpu = time.process_time() - cpu
    _say({"changes": seen.changes, "seconds": seconds, "cpu_s": cpu, "millis": _percentiles(seen)})
    seen.stopped = True
    await failed


def _percentiles(seen: Seen) -> dict[str, tuple[float, float]]:
    """The median and the 99th percentile by step."""
    found = {}
    for step, millis in seen.millis.items():
        ordered = sorted(millis)
        found[step] = (ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100])
    return found


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(main(Order(**json.loads(sys.stdin.readline()))))

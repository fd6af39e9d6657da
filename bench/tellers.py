"""Tellers: the load of the notifications benchmark, in a process of its own.

Owns some connections that are kept open, on each of which one notification after the other is posted as the sandbox
bank signs it, each about an attempt of its own. Started by `notifications`; says what it saw as one JSON line.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bench.customers import Connection
from solvent.ids import SystemIds
from solvent.providers.sandbox.notifications import pack
from solvent.providers.sandbox.records import Event

PATH = "/v1/notifications/sandbox"
TAKEN = 204
BUCKETS = 256

Message = tuple[str, bytes]  # headers, body


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to do: tell `warm` and then `count` notifications over `clients` connections."""

    port: int
    bank_secret: str
    clients: int
    warm: int
    count: int


def messages(order: Order) -> list[Message]:
    """Notifications, signed before anything is measured."""
    ids, now = SystemIds(), datetime.now(UTC)
    told = []
    for number in range(order.warm + order.count):
        key = ids.draw(number % BUCKETS)
        event = Event(ref=f"pi_{key.hex}", number=1, type="payment.succeeded", key=key.hex, created=now)
        delivery = pack(event, order.bank_secret, now)
        headers = "".join(f"{name}: {value}\r\n" for name, value in delivery.headers.items())
        told.append((headers, delivery.body))
    return told


async def tell(port: int, told: Sequence[Message], millis: list[float]) -> None:
    """One connection, one notification after the other."""
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
    for headers, body in told:
        began = time.perf_counter()
        status, answer = await connection.post(PATH, headers, body)
        millis.append((time.perf_counter() - began) * 1e3)
        assert status == TAKEN, (status, answer)
    connection.close()


async def main(order: Order) -> None:
    """Warm up, measure, say what was seen."""
    told = messages(order)
    await _all(order, told[: order.warm], [])
    _say({"began": True})
    millis: list[float] = []
    began, cpu = time.perf_counter(), time.process_time()
    await _all(order, told[order.warm :], millis)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    ordered = sorted(millis)
    _say(
        {
            "seconds": seconds,
            "cpu_s": cpu,
            "median": ordered[len(ordered) // 2],
            "p99": ordered[len(ordered) * 99 // 100],
            "worst": ordered[-1],
        }
    )


async def _all(order: Order, told: Sequence[Message], millis: list[float]) -> None:
    await asyncio.gather(*(tell(order.port, told[n :: order.clients], millis) for n in range(order.clients)))


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(main(Order(**json.loads(sys.stdin.readline()))))

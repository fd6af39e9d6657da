"""Readers: the load of the entitlements benchmark, in a process of its own.

Owns some connections that are kept open, one request at a time on each, chosen from a list. Started by `entitlements`
with an order in JSON; answers with what was seen: requests, seconds, latencies, and how many of each status.
"""

import json
import random
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

HEAD_END, LENGTH = b"\r\n\r\n", b"content-length: "
RECEIVE = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to ask, over how many connections, for how long."""

    port: int
    requests: Sequence[str]
    clients: int
    warm_s: float
    seconds: float


@dataclass(slots=True)
class Seen:
    """What came of it: latencies in milliseconds at the median and the 99th percentile."""

    requests: int = 0
    seconds: float = 0.0
    median_ms: float = 0.0
    slowest_ms: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)


class Line:
    """One connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._data = b""
        self.asked_s = 0.0

    def ask(self, request: bytes) -> None:
        """Send one whole request."""
        self.asked_s = time.perf_counter()
        self.socket.sendall(request)

    def answered(self) -> bytes | None:
        """The status of the answer once it is whole."""
        self._data += self.socket.recv(RECEIVE)
        end = self._data.find(HEAD_END)
        if end < 0:
            return None
        at = self._data.lower().find(LENGTH, 0, end)
        size = int(self._data[at + len(LENGTH) : end].partition(b"\r\n")[0]) if at >= 0 else 0
        if len(self._data) < end + len(HEAD_END) + size:
            return None
        status, self._data = self._data[9:12], b""
        return status


def read(order: Order) -> Seen:
    """Ask again and again, and measure after the warm stretch."""
    requests, rng = [text.encode() for text in order.requests], random.Random(0)
    lines = [Line(order.port) for _ in range(order.clients)]
    chooser = selectors.DefaultSelector()
    for line in lines:
        chooser.register(line.socket, selectors.EVENT_READ, line)
        line.ask(rng.choice(requests))
    seen, statuses, took = Seen(), Counter[str](), list[float]()
    began = time.perf_counter()
    start, end = began + order.warm_s, began + order.warm_s + order.seconds
    now = began
    while now < end:
        for key, _ in chooser.select(1):
            line = key.data
            status = line.answered()
            if status is None:
                continue
            now = time.perf_counter()
            if now >= start:
                statuses[status.decode()] += 1
                took.append(now - line.asked_s)
            line.ask(rng.choice(requests))
    took.sort()
    seen.requests, seen.seconds, seen.statuses = len(took), now - start, dict(statuses)
    seen.median_ms, seen.slowest_ms = took[len(took) // 2] * 1e3, took[len(took) * 99 // 100] * 1e3
    return seen


def main() -> None:
    """One order after the other, a line each."""
    for line in sys.stdin:
        print(json.dumps(asdict(read(Order(**json.loads(line))))), flush=True)


if __name__ == "__main__":
    main()

"""Readers: the load of the entitlements benchmark, in a process of its own.

Owns some connections that are kept open, one request at a time on each, chosen from a list. Started by `entitlements`
with an order in JSON; answers with what was seen: requests, seconds, latencies, and how many of each status. The
readers are one busy process, which often comes to an answer long after it has arrived: so the kernel's own note of when
it did is read with it, and both latencies are told, as the reader saw it and as it was answered.
"""

import json
import random
import selectors
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

HEAD_END, LENGTH = b"\r\n\r\n", b"content-length: "
RECEIVE = 1 << 16
STAMPED = 35  # SO_TIMESTAMPNS of Linux: with what is received comes when it arrived, by the clock of the day
_STAMP = struct.Struct("qq")


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
    """What came of it: milliseconds at the median and the 99th percentile, from asking until the reader has the answer;
    until it has arrived (`arrived_`); and from then until the reader comes to it (`late_`), which is its own doing."""

    requests: int = 0
    seconds: float = 0.0
    median_ms: float = 0.0
    slowest_ms: float = 0.0
    arrived_median_ms: float = 0.0
    arrived_slowest_ms: float = 0.0
    late_slowest_ms: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)


class Line:
    """One connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, STAMPED, 1)
        self._data = b""
        self.asked_s = self.arrived_s = 0.0

    def ask(self, request: bytes) -> None:
        """Send one whole request."""
        self.asked_s = time.time()
        self.socket.sendall(request)

    def answered(self) -> bytes | None:
        """The status of the answer once it is whole."""
        data, notes, _, _ = self.socket.recvmsg(RECEIVE, socket.CMSG_SPACE(_STAMP.size))
        self._data += data
        seconds, nanoseconds = _STAMP.unpack(notes[0][2])
        self.arrived_s = seconds + nanoseconds / 1e9
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
    statuses, asked, arrived, late = Counter[str](), list[float](), list[float](), list[float]()
    began = time.time()
    start, end = began + order.warm_s, began + order.warm_s + order.seconds
    now = began
    while now < end:
        for key, _ in chooser.select(1):
            line = key.data
            status = line.answered()
            if status is None:
                continue
            now = time.time()
            if now >= start:
                statuses[status.decode()] += 1
                asked.append(now - line.asked_s)
                arrived.append(line.arrived_s - line.asked_s)
                late.append(now - line.arrived_s)
            line.ask(rng.choice(requests))
    median_ms, slowest_ms = _millis(asked)
    arrived_median_ms, arrived_slowest_ms = _millis(arrived)
    return Seen(
        requests=len(asked),
        seconds=now - start,
        median_ms=median_ms,
        slowest_ms=slowest_ms,
        arrived_median_ms=arrived_median_ms,
        arrived_slowest_ms=arrived_slowest_ms,
        late_slowest_ms=_millis(late)[1],
        statuses=dict(statuses),
    )


def _millis(seconds: list[float]) -> tuple[float, float]:
    """The median and the 99th percentile."""
    seconds.sort()
    return seconds[len(seconds) // 2] * 1e3, seconds[len(seconds) * 99 // 100] * 1e3


def main() -> None:
    """One order after the other, a line each."""
    for line in sys.stdin:
        print(json.dumps(asdict(read(Order(**json.loads(line))))), flush=True)


if __name__ == "__main__":
    main()

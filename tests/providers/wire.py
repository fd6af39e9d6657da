"""The wire: a real HTTP connection between an adapter and a server that stands for its provider. Things go wrong on it.

Owns the faults at the level of sockets and bytes. Does not own either end: requests and answers pass as they are, and
only their lengths are read. What goes wrong is asked of a function per request, so that a seed can decide it.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum

from tests.patience import PATIENCE_S

CHUNK_BYTES = 65_536
HEAD_BYTES_MAX = 65_536


class Mishap(StrEnum):
    """What becomes of one request."""

    NONE = "none"
    CUT_BEFORE = "cut_before"  # the connection ends before the request has arrived
    CUT_AFTER = "cut_after"  # the request arrives; the connection ends before its answer
    DELAY = "delay"  # the answer takes longer than usual
    DUPLICATE = "duplicate"  # the request arrives twice; the second answer is given
    TRUNCATE = "truncate"  # the answer ends in the middle
    THROTTLE = "throttle"  # 429, and the request does not arrive
    BREAK = "break"  # 500, and the request does not arrive
    BREAK_AFTER = "break_after"  # 500, and the request has arrived
    LATE = "late"  # the connection ends, and the request arrives only after the next one


Choice = Callable[[], Mishap]
_REFUSALS = {
    Mishap.THROTTLE: ("429 Too Many Requests", "retry-after: 0\r\n"),
    Mishap.BREAK: ("500 Error", ""),
    Mishap.BREAK_AFTER: ("500 Error", ""),
}
_NOT_ARRIVED = frozenset({Mishap.THROTTLE, Mishap.BREAK})
_BODY = b'{"error": {"type": "api_error", "code": "rate_limit", "message": "try later"}}'


class Wire:
    """Listens on `url` and hands everything on to the server at `target` (host, port), but for what goes wrong."""

    def __init__(self, target: tuple[str, int], *, delay_s: float = 0.02) -> None:
        self._target = target
        self._delay_s = delay_s
        self._place = socket.socket()  # keeps the port while nobody listens on it
        self._place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._place.bind(("127.0.0.1", 0))
        self.port: int = self._place.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.choose: Choice = lambda: Mishap.NONE
        self.met: list[Mishap] = []
        self._late: list[bytes] = []
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = self._listen()

    def close(self) -> None:
        """End everything."""
        self._hang_up()
        self._place.close()

    def lose(self) -> None:
        """Whatever is late never arrives."""
        self._late.clear()

    @contextmanager
    def always(self, mishap: Mishap) -> Iterator[None]:
        """Every request within the block meets it."""
        before, self.choose = self.choose, lambda: mishap
        try:
            yield
        finally:
            self.choose = before

    @contextmanager
    def down(self) -> Iterator[None]:
        """Nobody listens within the block."""
        self._hang_up()
        try:
            yield
        finally:
            self._listener = self._listen()

    def _listen(self) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(64)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _hang_up(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                caller, _ = listener.accept()
                caller.settimeout(None)
                caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        with self._lock:
            self._open.add(caller)
        try:
            with caller, suppress(OSError):
                self._relay(caller)
        finally:
            with self._lock:
                self._open.discard(caller)

    def _relay(self, caller: socket.socket) -> None:
        """Request after request on one connection, until something ends it."""
        with socket.create_connection(self._target, PATIENCE_S) as server:
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while request := _message(caller):
                mishap = self.choose()
                self.met.append(mishap)
                if mishap is Mishap.CUT_BEFORE:
                    return
                if mishap is Mishap.LATE:
                    self._late.append(request)
                    return
                if mishap in _NOT_ARRIVED:
                    caller.sendall(_refusal(mishap))
                    continue
                answer = self._answered(server, request, mishap)
                if mishap is Mishap.CUT_AFTER:
                    return
                if mishap is Mishap.TRUNCATE:
                    caller.sendall(answer[: -max(1, len(answer) // 8)])
                    return
                caller.sendall(_refusal(mishap) if mishap is Mishap.BREAK_AFTER else answer)

    def _answered(self, server: socket.socket, request: bytes, mishap: Mishap) -> bytes:
        if mishap is Mishap.DELAY:
            time.sleep(self._delay_s)
        for _ in range(2 if mishap is Mishap.DUPLICATE else 1):
            server.sendall(request)
            answer = _message(server)
        while self._late:  # what nobody waits for any more
            server.sendall(self._late.pop())
            _message(server)
        return answer


def _message(connection: socket.socket) -> bytes:
    """One whole request or answer; nothing when the other end has closed."""
    data = b""
    while b"\r\n\r\n" not in data and len(data) < HEAD_BYTES_MAX:
        more = connection.recv(CHUNK_BYTES)
        if not more:
            return b""
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    missing = _length(head) - len(rest)
    while missing > 0:
        more = connection.recv(CHUNK_BYTES)
        if not more:
            return b""
        data, missing = data + more, missing - len(more)
    return data


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


def _refusal(mishap: Mishap) -> bytes:
    status, more = _REFUSALS[mishap]
    head = (
        f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{more}content-length: {len(_BODY)}\r\n\r\n"
    )
    return head.encode() + _BODY

"""The line: kept HTTP connections to the bank.

Owns sending one request and reading its whole answer on a connection that is used again, from many threads. Does not
own what an answer or a failure means (`transport`). On the standard library: a call takes a fifth of the processor time
that a general client needs, and a change makes four.
"""

import select
from contextlib import suppress
from http.client import HTTPConnection, HTTPSConnection
from typing import NamedTuple
from urllib.parse import urlsplit

CONNECT_TIMEOUT_S = 2.0
KEPT_MAX = 32


class NotReached(Exception):
    """No connection: certainly nothing was sent."""


class Response(NamedTuple):
    """A whole answer."""

    status: int
    content: bytes


class Line:
    """Connections to the host of `base_url`, each used by one thread at a time and kept for the next."""

    def __init__(self, base_url: str, headers: dict[str, str], read_timeout_s: float) -> None:
        parts = urlsplit(base_url)
        self._connection = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._place = (parts.hostname or "", parts.port)
        self._prefix = parts.path.rstrip("/")
        self._headers = headers
        self._read_timeout_s = read_timeout_s
        self._kept: list[HTTPConnection] = []

    def post(self, path: str, body: bytes) -> Response:
        """Send once and read the answer. Raises `NotReached`; `OSError` or `HTTPException` when there is no answer."""
        connection = self._take()
        try:
            connection.request("POST", f"{self._prefix}{path}", body, self._headers)
            answer = connection.getresponse()
            response = Response(answer.status, answer.read())
        except BaseException:
            connection.close()
            raise
        if answer.will_close or len(self._kept) >= KEPT_MAX:
            connection.close()
        else:
            self._kept.append(connection)
        return response

    def close(self) -> None:
        """Close the connections that are not in use."""
        while self._kept:
            self._kept.pop().close()

    def _take(self) -> HTTPConnection:
        with suppress(IndexError):  # another thread may have taken the last one
            while True:
                connection = self._kept.pop()
                if not _is_readable(connection):
                    return connection
                connection.close()  # nobody answers unasked: the other end has closed it
        return self._connected()

    def _connected(self) -> HTTPConnection:
        host, port = self._place
        connection = self._connection(host, port, timeout=CONNECT_TIMEOUT_S)
        try:
            connection.connect()
        except OSError as error:
            raise NotReached(str(error)) from error
        connection.sock.settimeout(self._read_timeout_s)
        return connection


def _is_readable(connection: HTTPConnection) -> bool:
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))

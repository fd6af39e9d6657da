"""A local server that stands for a provider, over real HTTP.

Owns the sockets, and the showing of each exchange to a witness. Does not own what is answered (a peer hands in a
function from call to reply) nor what goes wrong on the way (`tests.providers.wire`).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.openapi.judge import Exchange
from tests.openapi.witness import Witness

REASONS = {200: "OK", 201: "Created", 204: "No Content", 404: "Not Found", 422: "Unprocessable Entity"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request as it arrived; header names are lower case, `query` has the last value of each name."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """Without the query."""
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        """The query's values."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.url).query).items()}

    def json(self) -> Any:  # noqa: ANN401 - whatever the caller sent
        """The body, read as JSON; nothing where there is none."""
        return json.loads(self.body) if self.body else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer: `body` is written as JSON, or as it is where it is bytes."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        """The bytes of the body."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Handler = Callable[[Call], Reply]


def show(witness: Witness, call: Call, reply: Reply) -> None:
    """Let a witness see an exchange."""
    witness.see(
        Exchange(
            method=call.method,
            url=call.url,
            headers=call.headers,
            body=call.body,
            status=reply.status,
            answer_headers={"content-type": "application/json", **reply.headers},
            answer=reply.content(),
        )
    )


class PeerServer:
    """A server on the loopback interface. `calls` lists what was asked, as ``POST /path``. Thread-safe, as the handler
    must be."""

    def __init__(self, handler: Handler, witness: Witness | None = None) -> None:
        self.witness = witness
        self.calls: list[str] = []
        self._handler = handler
        self._server = _Server(self)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address, e.g. ``http://127.0.0.1:40123``."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return ("127.0.0.1", self._server.server_address[1])

    def answer(self, call: Call) -> Reply:
        """What is answered."""
        self.calls.append(f"{call.method} {call.path}")
        reply = self._handler(call)
        if self.witness is not None:
            show(self.witness, call, reply)
        return reply


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, peer: PeerServer) -> None:
        self.peer = peer
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 30
    server: _Server

    def _serve(self) -> None:
        length = int(self.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = Call(method=self.command, url=self.path, headers=headers, body=self.rfile.read(length))
        reply = self.server.peer.answer(call)
        content = reply.content()
        head = [f"HTTP/1.1 {reply.status} {REASONS.get(reply.status, 'Unspecified')}"]
        told = {"content-type": "application/json", **reply.headers, "content-length": str(len(content))}
        head += [f"{name}: {value}" for name, value in told.items()]
        self.wfile.write("\r\n".join([*head, "", ""]).encode() + content)

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _serve  # noqa: N815 - the names that the base class calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

"""Edge: the API of a world's process over real HTTP, on the world's own clock.

Owns a small server in a thread, for what tests of flows want to see as a client sees it. The server that ships is
tested in tests/web.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx

from solvent.store.keys import Keys
from solvent.web import routes
from solvent.web.api import Api
from tests.patience import PATIENCE_S
from tests.simulation.fragile import FragileWorld


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: a test says what went wrong."""


class Edge:
    """One server for many worlds; `of` is a client of one world's API."""

    def __init__(self) -> None:
        self._api: Api | None = None
        self._server = make_server("127.0.0.1", 0, self._application, handler_class=_Quiet)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def of(self, world: FragileWorld) -> httpx.Client:
        """A client with every right, on the world's present."""
        solvent = replace(world.process, clock=world.clock, platform=world.platform)
        self._api = Api(solvent, routes.API)
        secret = Keys(world.database.pool, world.platform.ids).create("test", ["admin"], world.now)
        url = f"http://127.0.0.1:{self._server.server_port}/v1"
        return httpx.Client(
            base_url=url, headers={"authorization": f"Bearer {secret}"}, timeout=PATIENCE_S, verify=False
        )

    def _application(self, environ: dict[str, Any], start: Any) -> list[bytes]:  # noqa: ANN401 - as WSGI says
        assert self._api is not None
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        body = BytesIO(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        sent = self._api.handle(method, path, environ, body)
        start(f"{sent.status} As-Said", [*sent.headers, ("content-length", str(len(sent.body)))])
        return [sent.body]

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def edge() -> Iterator[Edge]:
    """A server for the length of a block."""
    opened = Edge()
    yield opened
    opened.close()

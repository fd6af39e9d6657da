"""The API over HTTP by parts that live in the test's process, for settings that a running house does not have.

Owns the server, one request at a time. Owns no expectation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from solvent.web.app import StartResponse, create_app
from solvent.wiring import Solvent


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
        """Say nothing."""


@contextmanager
def served(solvent: Solvent) -> Iterator[str]:
    """The address at which these parts answer."""
    alone = solvent.settings.model_copy(update={"web_threads": 1})  # no other leads, so this one never rests
    application = create_app(replace(solvent, settings=alone))

    def bounded(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        """This server's stream does not end with the body."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        return application(environ | {"wsgi.input": BytesIO(environ["wsgi.input"].read(length))}, start)

    with make_server("127.0.0.1", 0, bounded, handler_class=_Quiet) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()

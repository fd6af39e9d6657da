"""App: the API as an application that a server can run.

Owns the routes that describe the API itself, and the translation between the server's protocol (WSGI) and ours. Does
not own the process (`server`) nor which thread takes the next request (`leading`). Why WSGI, threads and no event loop:
docs/decisions/0007-web.md.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from solvent.web import checkout_page, routes, static_files
from solvent.web.api import Api
from solvent.web.dashboard import routes as dashboard
from solvent.web.endpoint import Call, Endpoint, Reply
from solvent.web.handlers import system
from solvent.web.leading import Incoming, Last, Leading, Sending
from solvent.web.openapi import document
from solvent.web.pages.layout import assets
from solvent.web.pay_pages import PayPages
from solvent.web.portal.routes import portal_endpoints
from solvent.wiring import Solvent

StartResponse = Callable[[str, list[tuple[str, str]]], object]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]

_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def create_app(solvent: Solvent) -> Application:
    """The application over one process's parts."""
    api = Api(solvent, (*routes.API, *_about(routes.API), *_pages(solvent)))
    leading = Leading(solvent.settings.web_threads)
    solvent.database.pool.before_use = leading.step_aside

    def application(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        leading.begin()
        method = environ["REQUEST_METHOD"]
        head = method == "HEAD"
        stream = Incoming(environ["wsgi.input"], leading, whole=not _has_body(environ))
        sent = api.handle("GET" if head else method, environ["PATH_INFO"], environ, stream)
        size = len(sent.body) if sent.pieces is None else sent.pieces.size
        start(_LINES[sent.status], [*sent.headers, ("content-length", str(size))])
        if sent.pieces is not None:
            if not head:
                return Sending(sent.pieces, leading)
            sent.pieces.close()
        body = b"" if head else sent.body
        return Last(body, leading) if leading.end() and stream.whole else [body]

    return application


def _has_body(environ: Mapping[str, Any]) -> bool:
    """Whether a request says that it has one, in either way of HTTP/1.1."""
    length = environ.get("CONTENT_LENGTH") or environ.get("HTTP_CONTENT_LENGTH") or "0"
    return length != "0" or "HTTP_TRANSFER_ENCODING" in environ


def _pages(solvent: Solvent) -> tuple[Endpoint, ...]:
    """What people open, and the files that it loads."""
    return (
        *assets(),
        *static_files.endpoints(),
        *checkout_page.endpoints(),
        *PayPages(solvent).endpoints(),
        *portal_endpoints(solvent),
        *dashboard.endpoints(solvent),
    )


def _about(endpoints: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
    """The routes that are not part of what the document describes: the document, and a page for people."""
    encoded = msgspec.json.encode(document(endpoints))

    def openapi(_call: Call) -> Reply:
        return Reply(encoded, 200, [("cache-control", "max-age=60")])

    return (
        _public("/v1/openapi.json", "openapi", "The OpenAPI document", openapi),
        _public("/", "home", "A page for people", system.home),
    )


def _public(path: str, name: str, summary: str, run: Callable[[Call], Reply]) -> Endpoint:
    return Endpoint(
        method="GET", path=path, name=name, summary=summary, tag="system", run=run, scope=None, answers={}
    )

"""Metrics: what a worker counts, on a port of its own.

Owns the port and the message about one that is taken. Does not own the metrics (`telemetry`).
"""

import logging
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

from solvent.commands.console import CommandError
from solvent.config import Settings

if TYPE_CHECKING:
    from solvent.telemetry import Metrics

READ_TIMEOUT_S = 5.0

log = logging.getLogger(__name__)


def show(metrics: "Metrics", settings: Settings) -> ThreadingHTTPServer:
    """Serve the page on `SOLVENT_METRICS_PORT` of the host that the web server would listen on, for as long as the
    process lives. Who reaches the port reads it: no figure names a customer, but keep it within your network."""
    from solvent.telemetry.metrics import CONTENT_TYPE  # noqa: PLC0415 - its library is for those who are watched

    class Page(BaseHTTPRequestHandler):
        timeout = READ_TIMEOUT_S

        def do_GET(self) -> None:
            """The page, whatever the path."""
            page = metrics.page()
            self.send_response(200)
            self.send_header("content-type", CONTENT_TYPE)
            self.send_header("content-length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as inherited
            """A scrape is nothing to tell."""

    port = settings.metrics_port
    assert port is not None, "asked for without a port"
    try:
        server = ThreadingHTTPServer((settings.host, port), Page)
    except OSError as error:
        raise CommandError(f"SOLVENT_METRICS_PORT: {port} on {settings.host}: {error.strerror}") from None
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    log.info("metrics on http://%s:%d/metrics", settings.host, port)
    return server

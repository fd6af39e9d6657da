"""Server: the process that serves the API.

Owns Granian's settings and how it gets the application: the serving process builds its own parts, because database
connections and threads do not survive a fork; and that it ends with the process that forked it, however that ends.
Does not own the application (`app`).
"""

import logging
import os
import signal
import socket
import time
from functools import partial
from multiprocessing import parent_process
from multiprocessing.util import Finalize
from threading import Thread
from typing import TYPE_CHECKING

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from solvent.config import Settings

if TYPE_CHECKING:
    from solvent.web.app import Application

BACKLOG = 1024
STOP_TIMEOUT_S = 30  # requests under way may take so long to end after SIGTERM

log = logging.getLogger(__name__)


class PortTaken(RuntimeError):
    """Something else listens on the port already."""


def serve(settings: Settings, database_url: str) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are finished. Blocks, and must be called in a main thread.

    Raises `PortTaken`: the server itself would share the port with another one without a word.
    """
    with socket.socket() as probe:
        if probe.connect_ex((settings.host, settings.port)) == 0:
            raise PortTaken(f"port {settings.port} of {settings.host} is taken")
    log.info(
        "serving on http://%s:%d with %d process(es) of %d threads",
        settings.host,
        settings.port,
        settings.web_processes,
        settings.web_threads,
    )
    Server(
        "solvent.web.server:load",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=settings.web_processes,
        blocking_threads=settings.web_threads,
        backlog=BACKLOG,
        websockets=False,
        log_level=LogLevels.error,
        workers_kill_timeout=STOP_TIMEOUT_S,
    ).serve(target_loader=partial(load, settings, database_url), wrap_loader=False)
    log.info("stopped: requests under way were finished")


def load(settings: Settings, database_url: str) -> "Application":
    """The application, built in the process that serves it. The one that starts that process has no need of its parts:
    loading them there too would double what a start costs."""
    from solvent.garbage import collect_rarely  # noqa: PLC0415 -- see above
    from solvent.web.app import create_app  # noqa: PLC0415 -- see above
    from solvent.wiring import build  # noqa: PLC0415 -- see above

    Thread(target=_end_with_parent, daemon=True, name="parent").start()
    solvent = build(settings, database_url, watched=True)
    application = create_app(solvent)
    # A process of this kind ends without `atexit`: what was not exported yet is handed over by its own last act.
    Finalize(None, solvent.close, exitpriority=1)
    collect_rarely()
    return application


def _end_with_parent() -> None:
    """Finish as after SIGTERM when the parent is gone: killed, it could not pass on its own end. Whoever is still being
    loaded does not hear it yet, so it is said again."""
    parent = parent_process()
    if parent is None:
        return
    parent.join()
    for _ in range(STOP_TIMEOUT_S):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(1)
    os._exit(1)

"""Work: the worker, the relay, the mailer and the webhooks, in one process until it is told to stop.

Owns the threads, the relay's pauses, and the reading of where events go. Does not own what a round of work or a
delivery is (`worker`, `relay`). Whatever ends one of them unexpectedly ends the process: its supervisor must see it.
"""

import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event, Thread
from urllib.parse import unquote, urlsplit

from psycopg import OperationalError

from solvent.commands.console import USAGE, CommandError
from solvent.commands.mailing import mail_until, mailer_of, where_mail_goes
from solvent.commands.metrics import show
from solvent.commands.patience import hand_over
from solvent.commands.settings import shown_value
from solvent.commands.webhooks import webhooks_of
from solvent.copies import copy_sinks
from solvent.customers import customer_sinks
from solvent.garbage import collect_rarely
from solvent.measuring import keep_measuring
from solvent.relay import FileSink, HttpSink, Relay, Sink, SinkFailed
from solvent.store.queries import Queries
from solvent.wiring import Solvent
from solvent.worker import Worker

RELAY_PAUSE_S = 0.2

log = logging.getLogger(__name__)


def work(solvent: Solvent, sink: Sink | None, stop: Event) -> None:
    """Run one worker, a mailer, the webhooks, and a relay where there is a sink, until `stop` is set."""
    failures: list[BaseException] = []
    loops: dict[str, Callable[[], None]] = {}
    if sink is not None:
        relay = Relay(solvent.database.outbox, sink, telemetry=solvent.platform.telemetry)
        loops["relay"] = partial(
            hand_over, "events", log, relay.run_once, stop, away=SinkFailed, idle_s=RELAY_PAUSE_S
        )
        log.info("events go to %s", shown_value("events_url", solvent.settings.events_url))
    loops |= {own.name: _telling(solvent, own, stop) for own in _own_sinks(solvent)}
    loops["mailer"] = partial(mail_until, mailer_of(solvent), solvent.clock, stop)
    log.info(where_mail_goes(solvent.settings))
    webhooks = webhooks_of(solvent)
    loops["webhooks"] = partial(
        hand_over, "webhooks", log, webhooks.run_once, stop, away=OperationalError, idle_s=RELAY_PAUSE_S
    )
    worker = Worker(solvent)
    loops["measuring"] = partial(keep_measuring, solvent, worker.leads, stop)
    if solvent.metrics is not None and solvent.settings.metrics_port is not None:
        show(solvent.metrics, solvent.settings)
    besides = [
        Thread(target=_guarded, args=(loop, stop, failures), name=name) for name, loop in loops.items()
    ]
    for thread in besides:
        thread.start()
    collect_rarely()
    try:
        worker.run(stop)
    finally:
        stop.set()
        for thread in besides:
            thread.join()
        webhooks.close()
        log.info("stopped: buckets were given back")
    if failures:
        raise failures[0]


def _own_sinks(solvent: Solvent) -> Sequence[Sink]:
    """What is told of events beside whoever the merchant names: providers that keep something of ours."""
    find = Queries(solvent.database.pool).account
    return (*copy_sinks(solvent.platform, solvent.clock), *customer_sinks(solvent.platform, find))


def _telling(solvent: Solvent, sink: Sink, stop: Event) -> Callable[[], None]:
    relay = Relay(solvent.database.outbox, sink, telemetry=solvent.platform.telemetry)
    return partial(hand_over, sink.name, log, relay.run_once, stop, away=SinkFailed, idle_s=RELAY_PAUSE_S)


def sink_of(url: str | None) -> Sink | None:
    """Where events go: an address to post to, or a file to append to; None: nowhere."""
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path:
        return FileSink(Path(unquote(parts.path)))
    if parts.scheme in ("http", "https"):
        return HttpSink(url)
    raise CommandError("SOLVENT_EVENTS_URL: must begin with http://, https:// or file:///", USAGE)


@contextmanager
def stop_on_signal() -> Iterator[Event]:
    """An event that SIGINT and SIGTERM set."""
    stop = Event()
    before = {n: signal.signal(n, lambda *_: stop.set()) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _guarded(loop: Callable[[], None], stop: Event, failures: list[BaseException]) -> None:
    try:
        loop()
    except Exception as error:  # noqa: BLE001 - handed to the main thread, which ends with it
        failures.append(error)
        stop.set()

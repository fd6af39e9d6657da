"""The process: the two banks served on one loopback port, with their file and their sender.

Owns start, readiness, stop and the command line. Does not own the endpoints (`server`) nor any rule of the bank.
"""

import argparse
import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import msgspec
from granian.constants import Interfaces
from granian.server.embed import Server

from solvent import logs
from solvent.providers.sandbox.bank import Bank
from solvent.providers.sandbox.faults import FaultPlan, Faults
from solvent.providers.sandbox.journal import Journal
from solvent.providers.sandbox.records import CARD, REDIRECT
from solvent.providers.sandbox.sender import Sender
from solvent.providers.sandbox.server import create_app, wall_clock

HOST = "127.0.0.1"
READY_TRIES_MAX = 400
READY_PAUSE_S = 0.025


class PortTaken(RuntimeError):
    """Something else listens on the port already."""


@contextlib.contextmanager
def _banks(
    base_url: str, secret: str, db_path: Path | None, faults: Faults | None
) -> Iterator[dict[str, Bank]]:
    """Both banks, with their state from the file where there is one."""
    with contextlib.ExitStack() as stack:
        banks = {}
        for personality in (CARD, REDIRECT):
            journal = None
            if db_path is not None:
                journal = Journal(db_path, personality.name)
                stack.callback(journal.close)
            url = f"{base_url}/{personality.name}"
            banks[personality.name] = Bank(
                personality, secret=secret, base_url=url, faults=faults, journal=journal
            )
        yield banks


def serve(
    port: int,
    secret: str,
    *,
    db_path: Path | None = None,
    notify_url: str | None = None,
    faults: Faults | None = None,
) -> None:
    """Serve both banks on the loopback interface until SIGTERM or SIGINT. Raises `PortTaken`.

    `notify_url` gets the notifications; ``{bank}`` in it becomes the bank's name. `faults` apply to notifications.
    """
    if _listens(port):
        raise PortTaken(f"port {port} is taken")
    base_url = f"http://{HOST}:{port}"
    with _banks(base_url, secret, db_path, faults) as banks:
        sender = Sender(list(banks.values()), notify_url, wall_clock) if notify_url else None
        app = create_app(banks, secret)
        server = Server(
            app, address=HOST, port=port, interface=Interfaces.ASGINL, log_enabled=False, websockets=False
        )
        if sender:
            sender.start()
        try:
            asyncio.run(_run(server, port))
        finally:
            if sender:
                sender.stop()


def _listens(port: int) -> bool:
    """Whether something answers there; the server itself would share the port without a word."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


async def _run(server: Server, port: int) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    announcing = loop.create_task(_announce(port))
    await server.serve()
    announcing.cancel()


async def _announce(port: int) -> None:
    """Print the ready line once the port answers."""
    for _ in range(READY_TRIES_MAX):
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            await asyncio.sleep(READY_PAUSE_S)
            continue
        writer.close()
        print(f"sandbox bank ready on http://{HOST}:{port}", flush=True)  # noqa: T201 - a command line prints
        return


def main(arguments: list[str] | None = None) -> int:
    """The command line: ``python -m solvent.providers.sandbox``."""
    parser = argparse.ArgumentParser(
        prog="python -m solvent.providers.sandbox", description="The sandbox bank."
    )
    parser.add_argument("--port", type=int, default=8600, help="loopback port (default %(default)s)")
    parser.add_argument("--secret", required=True, help="the merchant's key; also signs notifications")
    parser.add_argument("--db", type=Path, help="file that keeps the state over a restart")
    parser.add_argument("--notify-url", help="where notifications go; {bank} becomes the bank's name")
    parser.add_argument("--faults", type=Path, help="JSON file with a fault plan for notifications")
    parser.add_argument("--seed", type=int, default=0, help="seed of the faults (default %(default)s)")
    given = parser.parse_args(arguments)
    logs.configure()
    faults = None
    if given.faults is not None:
        plan = msgspec.json.decode(given.faults.read_bytes(), type=FaultPlan)
        faults = Faults(plan, Random(given.seed))  # noqa: S311 - a simulation, not a secret
    try:
        serve(given.port, given.secret, db_path=given.db, notify_url=given.notify_url, faults=faults)
    except PortTaken as taken:
        print(taken, file=sys.stderr)  # noqa: T201 - a command line prints
        return 1
    return 0

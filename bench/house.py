"""House: Solvent as users run it, web server and worker as processes of their own, with a bank beside them.

Owns starting them on free ports, waiting until they serve, and ending them by their process ids.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from solvent.providers.sandbox.notifications import DEMO_KEY

READY_TIMEOUT_S = 60
STOP_TIMEOUT_S = 30
POLL_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Where the web server listens, and the first process of each part."""

    port: int
    web: int
    worker: int
    bank: int


@contextmanager
def house(url: str) -> Iterator[House]:
    """Everything running on a database with the schema."""
    with ExitStack() as stack:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        bank = stack.enter_context(_process(["bench.bank"], os.environ, **pipes))
        assert bank.stdout is not None
        port = _free_port()
        environment = {
            **os.environ,
            "SOLVENT_DATABASE_URL": url,
            "SOLVENT_SANDBOX_URL": f"http://127.0.0.1:{int(bank.stdout.readline())}",
            "SOLVENT_SANDBOX_SECRET": DEMO_KEY,
            "SOLVENT_PORT": str(port),
        }
        web = stack.enter_context(_process(["solvent", "serve"], environment))
        worker = stack.enter_context(_process(["solvent", "work"], environment))
        _wait_ready(web, f"http://127.0.0.1:{port}/v1/readyz")
        yield House(port=port, web=web.pid, worker=worker.pid, bank=bank.pid)


@contextmanager
def _process(
    words: Sequence[str], environment: Mapping[str, str], **pipes: int
) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([sys.executable, "-m", *words], env=environment, **pipes)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_TIMEOUT_S)


def _wait_ready(process: "subprocess.Popen[bytes]", url: str) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the web server ended with code {process.returncode}")
        with suppress(OSError), urllib.request.urlopen(url, timeout=1):
            return
        time.sleep(POLL_S)
    raise TimeoutError(f"the web server does not answer at {url}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

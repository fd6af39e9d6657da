"""Supervisor: child processes that are kept alive, and stopped by process id.

Owns starting, noticing an end, starting again with growing pauses, giving up on a child that keeps dying, and the
orderly stop. Does not own what the children do. Children end with us even when we are killed (on Linux by a signal
from the kernel), because they are started through the same small launcher as the database.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import solvent.store.embedded

LAUNCHER = Path(solvent.store.embedded.__file__).with_name("launch.py")
PAUSES_S = (0.2, 1.0, 3.0, 8.0)  # before each start again; a child that then still dies is given up
STEADY_AFTER_S = 60.0  # a child that ran so long starts with short pauses again
STOP_TIMEOUT_S = 15.0
POLL_S = 0.1
LOG_TAIL_BYTES = 2_000
LOG_BYTES_MAX = 8 << 20


@dataclass(slots=True, kw_only=True)
class Child:
    """One process to keep alive. `ready` says whether it serves; `log` takes what it prints."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[], bool]
    ready_timeout_s: float = 30.0
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    deaths: int = 0
    start_again_at: float | None = None

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self.process is not None and self.process.poll() is None

    def last_words(self) -> str:
        """The last line it printed."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - LOG_TAIL_BYTES))
            lines = log.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1].strip() if lines else ""


class GivenUp(Exception):
    """A child cannot be kept alive; the message says which one, and what it said last."""


def clear(process: "subprocess.Popen[bytes] | None") -> None:
    """End what is left of a child: processes of its own that outlive it would keep its port."""
    if process is not None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # it leads a session of its own, and was asked before
        process.wait()


@dataclass(slots=True)
class Supervisor:
    """Keeps its children alive until told to stop, and says when one ended.

    To be used from the main thread, which outlives all others.
    """

    children: list[Child] = field(default_factory=list)
    say: Callable[[str], None] = lambda _: None

    def start(self, child: Child) -> None:
        """Start a child and wait until it serves; raises `GivenUp` when it ends or does not get ready."""
        self.children.append(child)
        self._spawn(child)
        deadline = time.monotonic() + child.ready_timeout_s
        while not child.ready():
            if not child.running:
                raise GivenUp(f"{child.name} ended at once: {child.last_words() or 'it said nothing'}")
            if time.monotonic() > deadline:
                raise GivenUp(
                    f"{child.name} is not ready after {child.ready_timeout_s:.0f} s, see {child.log}"
                )
            time.sleep(POLL_S / 2)

    def watch(self, stop: Event, also: Callable[[], None] = lambda: None) -> None:
        """Keep the children alive until `stop` is set; `also` is looked after in every round.

        Raises `GivenUp` when a child keeps dying.
        """
        while not stop.wait(POLL_S):
            also()
            for child in self.children:
                self._tend(child)

    def stop(self) -> None:
        """Ask the children to end, the last started first, and make sure that they do."""
        for child in reversed(self.children):
            process = child.process
            if process is None:
                continue
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_TIMEOUT_S)
            clear(process)

    def _tend(self, child: Child) -> None:
        now = time.monotonic()
        if child.running:
            if now - child.started_at > STEADY_AFTER_S:
                child.deaths = 0
            return
        if child.start_again_at is None:
            clear(child.process)
            if child.deaths == len(PAUSES_S):
                raise GivenUp(
                    f"{child.name} keeps dying, and was given up: {child.last_words() or 'it said nothing'}"
                )
            self.say(f"{child.name} ended unexpectedly and is started again, see {child.log}")
            child.start_again_at = now + PAUSES_S[child.deaths]
            child.deaths += 1
        elif now >= child.start_again_at:
            self._spawn(child)

    def _spawn(self, child: Child) -> None:
        child.start_again_at = None
        child.started_at = time.monotonic()
        child.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if child.log.exists() and child.log.stat().st_size > LOG_BYTES_MAX:
            child.log.replace(child.log.with_suffix(".log.1"))
        identity = [str(os.getpid()), str(os.getuid()), str(os.getgid())]
        with open(child.log, "ab", opener=_owner_only) as log:  # Path.open has no opener
            child.process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(LAUNCHER), *identity, *child.command],
                env=dict(child.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches us only, so that we end them in order
            )


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)  # a fault is logged whole, and may name customers

"""The server's process, and the thread that lives exactly as long as it does.

Owns starting it, reaping it, knowing when it is ready and ending it. Does not own what it is told (`conf`) nor
who may start it (`takeover`).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path

from solvent.store.embedded.accounts import ServerAccount
from solvent.store.embedded.places import Cluster

START_TIMEOUT_S = 300  # crash recovery reads at most max_wal_size; a slow disk needs minutes for that
IMMEDIATE_STOP_TIMEOUT_S = 10
POLL_S = 0.01
LOG_BYTES_MAX = 16 << 20
LOG_TAIL_BYTES = 1500
LAUNCHER = Path(__file__).with_name("launch.py")


class Child:
    """The process and the thread that starts it, waits for it and so reaps it.

    Linux sends the parent-death signal when the *thread* that forked ends, so this thread must outlive the server.
    """

    def __init__(self, cluster: Cluster, account: ServerAccount, command: list[str]) -> None:
        self._cluster = cluster
        self._said_before = _trimmed(cluster.log)
        spawned: Future[subprocess.Popen[bytes]] = Future()
        identity = [str(os.getpid()), str(account.uid), str(account.gid)]
        launcher = [sys.executable, "-I", "-S", str(LAUNCHER), *identity, *command]
        self._watcher = threading.Thread(
            target=self._watch, args=(launcher, spawned), daemon=True, name="postgres"
        )
        self._watcher.start()
        self._process = spawned.result()
        self.pid: int = self._process.pid

    def _watch(self, launcher: list[str], spawned: Future[subprocess.Popen[bytes]]) -> None:
        try:
            process = self._spawn(launcher)
        except OSError as error:
            spawned.set_exception(error)
            return
        spawned.set_result(process)
        process.wait()

    def _spawn(self, launcher: list[str]) -> subprocess.Popen[bytes]:
        with open(self._cluster.log, "ab", opener=_owner_only) as log:  # Path.open has no opener
            return subprocess.Popen(
                launcher,
                cwd=self._cluster.root,
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches us only, so that we end it last
            )

    @property
    def alive(self) -> bool:
        return self._watcher.is_alive()

    def wait_ready(self) -> str | None:
        """None when the server accepts connections, else what it said before it ended."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if _says_ready(self._cluster.data / "postmaster.pid", self.pid):
                return None
            if not self.alive:
                return self._said()
            time.sleep(POLL_S)
        self.end(signal.SIGQUIT, IMMEDIATE_STOP_TIMEOUT_S)
        return f"not ready after {START_TIMEOUT_S} s; {self._said()}"

    def end(self, how: signal.Signals, timeout_s: float) -> bool:
        """Send `how` to a living server and wait; True when it has ended."""
        if self.alive:
            self._process.send_signal(how)
        self._watcher.join(timeout_s)
        return not self.alive

    def _said(self) -> str:
        with self._cluster.log.open("rb") as log:
            log.seek(max(self._said_before, self._cluster.log.stat().st_size - LOG_TAIL_BYTES))
            return log.read(LOG_TAIL_BYTES).decode("utf-8", "replace").strip()


def _says_ready(pid_file: Path, pid: int) -> bool:
    """PostgreSQL writes its state as the eighth line of its own lock file."""
    try:
        lines = pid_file.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _trimmed(log: Path) -> int:
    """Size in bytes of the log so far; a long one is set aside first, so that at most two are kept."""
    if not log.exists():
        return 0
    if log.stat().st_size > LOG_BYTES_MAX:
        log.replace(log.with_suffix(".log.1"))
        return 0
    return log.stat().st_size


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)

"""One data directory is never served twice: our lock, and what a crash left behind.

Owns the lock file (held by `flock` for the life of our process, so the kernel frees it at any death) and the end
of a server that has lost the process that supervised it.

Such a server is stopped by process id, not adopted: it is not our child, so its end could not be noticed nor its
life tied to ours, and it may run with other settings. It has no supervisor, hence no user: whoever holds the
lock may stop it. PostgreSQL's own lock file mistakes a zombie, or a stranger with a recycled process id, for a
running server; the command line of a process does not lie about either.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from pathlib import Path

from solvent.store.embedded.errors import DataDirectoryInUse, EmbeddedServerError
from solvent.store.embedded.places import PORT, Cluster

POLL_S = 0.02
FAST_STOP_TIMEOUT_S = 30
IMMEDIATE_STOP_TIMEOUT_S = 10
PID_FILE_BYTES_MAX = 4096
PS_TIMEOUT_S = 10
PROCESSES = Path("/proc")  # Linux; elsewhere `ps` tells


class Lock:
    """An exclusive hold of one file; `release` or the death of the process ends it."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._file, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise DataDirectoryInUse(
                f"{path.parent} is already served by process {holder}. Stop that process, or choose another "
                "data directory with SOLVENT_HOME."
            ) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Give it up. The file stays: removing it would let two processes lock two files of one name."""
        os.close(self._file)


def end_orphan(cluster: Cluster) -> None:
    """Stop a server that an earlier crash left on this data, and clear lock files that name no server of ours.

    To be called by the holder of the lock. Clearing is safe even while backends of a killed server still end:
    PostgreSQL finds their shared memory by the directory's inode, and refuses to start until they are gone.
    """
    data = cluster.data
    for lock_file in (data / "postmaster.pid", cluster.run / f".s.PGSQL.{PORT}.lock"):
        pid = recorded_pid(lock_file)
        if pid is None:
            continue
        if serves(pid, data) and not _stopped(pid, data):
            raise EmbeddedServerError(f"process {pid} serves {data} without a supervisor and does not stop")
        if recorded_pid(lock_file) == pid:
            lock_file.unlink(missing_ok=True)


def recorded_pid(pid_file: Path) -> int | None:
    """The process id in PostgreSQL's lock file, or None."""
    try:
        with pid_file.open(encoding="utf-8", errors="replace") as lines:
            return abs(int(lines.read(PID_FILE_BYTES_MAX).split("\n", 1)[0]))
    except (FileNotFoundError, ValueError):
        return None


def serves(pid: int, data: Path) -> bool:
    """Whether `pid` is a live server on `data`, by its command line: a zombie has none, a stranger another."""
    if PROCESSES.joinpath("self", "cmdline").exists():
        try:
            words = (PROCESSES / str(pid) / "cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            return False
        return os.fsencode(data) in words
    command = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PS_TIMEOUT_S)
    return str(data) in shown.stdout


def _stopped(pid: int, data: Path) -> bool:
    """Ask for a fast shutdown, then for an immediate one; both keep every acknowledged commit."""
    for ask, timeout_s in ((signal.SIGINT, FAST_STOP_TIMEOUT_S), (signal.SIGQUIT, IMMEDIATE_STOP_TIMEOUT_S)):
        try:
            os.kill(pid, ask)
        except ProcessLookupError:
            return True
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if not serves(pid, data):
                return True
            time.sleep(POLL_S)
    return False

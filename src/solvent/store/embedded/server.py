"""The running server: a child process, watched by a thread that lives exactly as long as it does.

Owns start, readiness, connection addresses and stop. How two starts exclude each other is in `takeover`, what
the server is told in `conf`, where things lie in `places`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg import errors, sql

from solvent.store.embedded import conf
from solvent.store.embedded.accounts import ServerAccount, server_account
from solvent.store.embedded.binaries import Binaries, find_binaries
from solvent.store.embedded.clones import runnable_by
from solvent.store.embedded.errors import EmbeddedServerError
from solvent.store.embedded.places import PORT, Cluster, cluster_lock, furnish, prepare
from solvent.store.embedded.takeover import Lock, end_orphan

START_TIMEOUT_S = 300  # crash recovery reads at most max_wal_size; a slow disk needs minutes for that
ORPHANS_TIMEOUT_S = 10  # backends of a killed server end by themselves when they notice
IMMEDIATE_STOP_TIMEOUT_S = 10
POLL_S = 0.01
LOG_BYTES_MAX = 16 << 20
LOG_TAIL_BYTES = 1500
STILL_IN_USE = "pre-existing shared memory block"
LAUNCHER = Path(__file__).with_name("launch.py")


class EmbeddedServer:
    """One PostgreSQL server as our own supervised child process, on one data directory.

    It ends when we do: by `stop`, by leaving the context, at interpreter exit, and on Linux by a signal from the
    kernel when this process is killed. Where there is no such signal, the next start ends it.
    """

    def __init__(self, cluster: Cluster, lock: Lock, account: ServerAccount, command: list[str]) -> None:
        """Use `start`."""
        self._cluster = cluster
        self._lock = lock
        self._released = False
        self._child = _Child(cluster, account, command)

    @classmethod
    def start(
        cls,
        home: Path,
        *,
        binaries: Binaries | None = None,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> Self:
        """Serve the data below `home`, made if missing; returns when connections are accepted.

        Raises `DataDirectoryInUse` when another live process serves it, `EmbeddedServerError` for all else.
        """
        account = server_account()
        root = prepare(home, account)
        lock = Lock(cluster_lock(root))
        try:
            cluster = furnish(root, account)
            programs = runnable_by(account, binaries or find_binaries(major=conf.data_major(cluster)))
            command = _command(cluster, programs, account, settings)
            return cls._running(cluster, lock, account, command)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def _running(cls, cluster: Cluster, lock: Lock, account: ServerAccount, command: list[str]) -> Self:
        """Start, and start again while backends of a killed predecessor still leave."""
        deadline = time.monotonic() + ORPHANS_TIMEOUT_S
        while True:
            end_orphan(cluster)
            server = cls(cluster, lock, account, command)
            complaint = server._child.wait_ready()
            if complaint is None:
                return server
            if STILL_IN_USE not in complaint or time.monotonic() > deadline:
                raise EmbeddedServerError(f"PostgreSQL did not start on {cluster.data}: {complaint}")
            time.sleep(POLL_S)

    @property
    def pid(self) -> int:
        """Process id of the server (its postmaster)."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Whether the server still runs; a dead one is noticed at once, a zombie is none."""
        return self._child.alive

    @property
    def log(self) -> Path:
        """The file with what the server says."""
        return self._cluster.log

    def url(self, database: str = "solvent") -> str:
        """Address of a database for psycopg, and for SQLAlchemy (its dialect `postgresql+psycopg`)."""
        host = quote(str(self._cluster.run), safe="")
        return f"postgresql://{conf.SUPERUSER}@/{quote(database, safe='')}?host={host}&port={PORT}"

    def ensure_database(self, name: str = "solvent") -> None:
        """Create the database if it does not exist."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
            if known is None:
                with suppress(errors.DuplicateDatabase, errors.UniqueViolation):  # another was first
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def stop(self, timeout_s: float = 30) -> None:
        """Shut down in order and wait; after `timeout_s` seconds at once, which loses no commit either."""
        if self._released:
            return
        if not self._child.end(signal.SIGINT, timeout_s) and not self._child.end(
            signal.SIGQUIT, IMMEDIATE_STOP_TIMEOUT_S
        ):
            raise EmbeddedServerError(f"server process {self.pid} on {self._cluster.data} does not stop")
        self._released = True
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Child:
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


def _command(
    cluster: Cluster, programs: Binaries, account: ServerAccount, settings: Mapping[str, str]
) -> list[str]:
    """The server's command line, after making whatever it needs. It names the data directory: see `takeover`."""
    made_by = conf.data_major(cluster)
    if made_by is None:
        conf.create_data(cluster, programs, account)
    elif made_by != programs.major:
        raise EmbeddedServerError(
            f"{cluster.data} was made by PostgreSQL {made_by}, but {programs.bin} is {programs.major}; "
            "dump it with the old version and load it into a new data directory"
        )
    main = conf.write(cluster, settings)
    return [str(programs.bin / "postgres"), "-D", str(cluster.data), f"--config-file={main}"]


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

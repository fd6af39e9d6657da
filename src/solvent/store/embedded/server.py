"""The running server as its users see it.

Owns start, connection addresses and stop. How two starts exclude each other is in `takeover`, the process in
`child`, what the server is told in `conf`, where things lie in `places`.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
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
from solvent.store.embedded.child import IMMEDIATE_STOP_TIMEOUT_S, Child
from solvent.store.embedded.clones import runnable_by
from solvent.store.embedded.errors import EmbeddedServerError
from solvent.store.embedded.places import PORT, Cluster, cluster_lock, furnish, prepare
from solvent.store.embedded.takeover import Lock, end_orphan

ORPHANS_TIMEOUT_S = 10  # backends of a killed server end by themselves when they notice
POLL_S = 0.01
STILL_IN_USE = "pre-existing shared memory block"


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
        self._child = Child(cluster, account, command)

    @classmethod
    def start(
        cls,
        home: Path,
        *,
        binaries: Binaries | None = None,
        programs: Path | None = None,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> Self:
        """Serve the data below `home`, made if missing; returns when connections are accepted.

        `programs` is the directory to take `postgres` and `initdb` from; without it they are looked for.

        Raises `DataDirectoryInUse` when another live process serves it, `EmbeddedServerError` for all else.
        """
        account = server_account()
        root = prepare(home, account)
        lock = Lock(cluster_lock(root))
        try:
            cluster = furnish(root, account)
            found = binaries or find_binaries(programs, major=conf.data_major(cluster))
            command = _command(cluster, runnable_by(account, found), account, settings)
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
            try:
                complaint = server._child.wait_ready()
            except BaseException:  # Ctrl-C in a long recovery: the lock goes, so the server must go first
                server._child.end(signal.SIGQUIT, IMMEDIATE_STOP_TIMEOUT_S)
                raise
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

"""Place: where the database of a command is.

Owns the choice (`SOLVENT_DATABASE_URL`, else the embedded server of the home), and the small file by which a command
finds the server that another one runs. Does not own the embedded server itself (`store.embedded`).
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import msgspec
import psycopg

from solvent.commands.console import CommandError
from solvent.config import Settings
from solvent.store import schema
from solvent.store.embedded import DataDirectoryInUse, EmbeddedServer, default_home

RUNNING = "running.json"
CONNECT_TIMEOUT_S = 3
STARTING_WAIT_S = 10.0
POLL_S = 0.1


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """What a command that serves the embedded database tells the others."""

    url: str
    pid: int


def home_of(settings: Settings) -> Path:
    """The folder for everything that is kept on this machine."""
    return (settings.home or default_home()).expanduser().absolute()


@contextmanager
def database(settings: Settings, *, migrated: bool = True) -> Iterator[str]:
    """The address of the database, served for as long as the block runs.

    With `migrated`, a database that lacks the schema of this version is an error that says so.
    """
    if settings.database_url is not None:
        yield checked(settings.database_url, migrated=migrated)
        return
    home = home_of(settings)
    url, server = _joined_or_started(home, settings.postgres_bin)
    try:
        yield checked(url, migrated=migrated)
    finally:
        if server is not None:
            server.stop()


def _joined_or_started(home: Path, programs: Path | None) -> tuple[str, "Served | None"]:
    """The server that runs on this home already, or one of our own; one that is just starting is waited for."""
    deadline = time.monotonic() + STARTING_WAIT_S
    while True:
        url = running_url(home)
        if url is not None:
            return url, None
        try:
            served = Served.start(home, programs)
        except DataDirectoryInUse:
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_S)
        else:
            return served.url, served


class Served:
    """The embedded server as this process serves it, told to others by a file in the home."""

    def __init__(self, home: Path, server: EmbeddedServer) -> None:
        self._file = home / RUNNING
        self._server = server
        self.url = server.url()
        server.ensure_database()
        _write_private(self._file, msgspec.json.encode(Running(url=self.url, pid=os.getpid())))

    @classmethod
    def start(cls, home: Path, programs: Path | None) -> Self:
        """Start the server of this home; raises `DataDirectoryInUse` when another process serves it."""
        return cls(home, EmbeddedServer.start(home, programs=programs))

    @property
    def alive(self) -> bool:
        """Whether the server still runs."""
        return self._server.alive

    @property
    def log(self) -> Path:
        """What the server says."""
        return self._server.log

    def stop(self) -> None:
        """Tell nobody any more, and stop."""
        self._file.unlink(missing_ok=True)
        self._server.stop()


def running_url(home: Path) -> str | None:
    """The address of a server that another process runs on this home and that answers; else None."""
    try:
        known = msgspec.json.decode((home / RUNNING).read_bytes(), type=Running)
        psycopg.connect(known.url, connect_timeout=CONNECT_TIMEOUT_S).close()
    except (OSError, msgspec.DecodeError, psycopg.OperationalError):
        return None
    return known.url


def checked(url: str, *, migrated: bool) -> str:
    """The address, if a database answers there with the schema that this version needs."""
    try:
        with psycopg.connect(url, connect_timeout=CONNECT_TIMEOUT_S) as connection:
            has = schema.version_of(connection)
    except psycopg.OperationalError as error:
        raise CommandError(f"the database does not answer: {str(error).strip().splitlines()[0]}") from None
    if migrated and has != (needs := schema.newest()):
        shown = "no schema yet" if has is None else f"schema {has}"
        raise CommandError(f"the database has {shown}, this version needs {needs}: run `solvent migrate`")
    return url


def _write_private(file: Path, content: bytes) -> None:
    """Replace a file at once, readable by its owner only."""
    fresh = file.with_suffix(".new")
    with suppress(FileNotFoundError):
        fresh.unlink()
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        target.write(content)
    fresh.replace(file)

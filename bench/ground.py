"""Ground: a PostgreSQL server for one run of the benchmarks, and databases on it.

Owns starting the embedded server in a folder of its own, or using the one that ``SOLVENT_DATABASE_URL`` names; making
databases, from a template where runs shall start alike; and removing all of it. Does not own what is in them.
"""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from solvent.config import Settings
from solvent.store.embedded import EmbeddedServer, find_binaries
from solvent.store.schema import migrate


class Ground:
    """One server. `pid` is its first process, where it is ours to be measured."""

    def __init__(self, url: str, pid: int | None, programs: Path) -> None:
        self._url = url
        self.pid = pid
        self.programs = programs
        self._prefix = f"solvent_bench_{secrets.token_hex(3)}"
        self._made: list[str] = []

    def url(self, database: str) -> str:
        """The address of a database of this run, or of ``postgres``."""
        return make_conninfo(self._url, dbname=database)

    def environment(self, database: str) -> dict[str, str]:
        """The same as the variables that PostgreSQL's own programs read."""
        names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
        given = conninfo_to_dict(self.url(database))
        return {names[k]: str(v) for k, v in given.items() if k in names} | {"PGDATABASE": database}

    def new(self, name: str) -> str:
        """An empty database with the schema; its full name."""
        full = self._create(name, sql.SQL("create database {}"))
        migrate(self.url(full))
        return full

    def clone(self, template: str, name: str) -> str:
        """A copy of a database that nobody is connected to; its full name."""
        command = "create database {} template {} strategy file_copy"
        full = self._create(name, sql.SQL(command), template)
        with self._admin() as admin:
            admin.execute("checkpoint")
        return full

    def drop(self, database: str) -> None:
        """Remove one database, and whoever is still connected to it."""
        with self._admin() as admin:
            admin.execute(sql.SQL("drop database if exists {} (force)").format(sql.Identifier(database)))
        self._made.remove(database)

    def close(self) -> None:
        """Remove everything this run made."""
        for database in list(self._made):
            self.drop(database)

    def _create(self, name: str, command: sql.SQL, *others: str) -> str:
        full = f"{self._prefix}_{name}"
        with self._admin() as admin:
            admin.execute(command.format(*(sql.Identifier(x) for x in (full, *others))))
        self._made.append(full)
        return full

    def _admin(self) -> psycopg.Connection:
        return psycopg.connect(self._url, autocommit=True)


@contextmanager
def ground() -> Iterator[Ground]:
    """A server to measure on, gone afterwards."""
    with ExitStack() as stack:
        settings = Settings()
        programs = find_binaries(settings.postgres_bin).bin
        url = settings.database_url
        pid = None
        if url is None:
            home = Path(tempfile.mkdtemp(prefix="solvent-bench-"))
            home.chmod(0o711)  # as root the server runs as another user, who must pass through
            stack.callback(shutil.rmtree, home, ignore_errors=True)
            server = stack.enter_context(EmbeddedServer.start(home, programs=programs))
            url, pid = server.url("postgres"), server.pid
        place = Ground(url, pid, programs)
        stack.callback(place.close)
        yield place

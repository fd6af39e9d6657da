"""Databases: as many migrated databases with goods on sale as a test wants, copied from one template.

Owns making and dropping them on a server that a fixture has started. Copying takes some 40 ms.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from solvent.store.embedded import EmbeddedServer
from solvent.store.schema import migrate
from tests.simulation.goods import put_on_sale

TEMPLATE = "shop_template"
_numbers = itertools.count(1)


class Databases:
    """Makes databases on one server."""

    def __init__(self, server: EmbeddedServer, stock: Callable[[str], object] = put_on_sale) -> None:
        """`stock` brings goods into the template, whose address it is given."""
        self._server = server
        server.ensure_database(TEMPLATE)
        url = server.url(TEMPLATE)
        migrate(url)
        stock(url)

    def new(self) -> str:
        """The address of a new database with goods on sale and nothing sold."""
        name = f"shop_{next(_numbers)}"
        self._run("create database {} template {} strategy file_copy", name, TEMPLATE)
        return self._server.url(name)

    def drop(self, url: str) -> None:
        """Throw a database away, whoever is connected."""
        name = str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])
        self._run("drop database {} with (force)", name)

    @contextmanager
    def one(self) -> Iterator[str]:
        """A database for the length of a block."""
        url = self.new()
        try:
            yield url
        finally:
            self.drop(url)

    def _run(self, query: str, *names: str) -> None:
        with psycopg.connect(self._server.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(query).format(*map(sql.Identifier, names)))

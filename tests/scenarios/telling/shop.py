"""Shop: one platform on one database for all stories, each of which finds it as if nothing had ever been sold.

Owns opening it and clearing it between stories: a database of its own for each costs more than the story. Does not own
what is on sale (`shelf`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
from psycopg import sql

from solvent.config import Settings
from solvent.store.embedded import EmbeddedServer
from solvent.store.schema import migrate
from solvent.wiring import Solvent, build
from tests.scenarios.telling.shelf import put_on_sale

NAME = "customer_stories"
BUCKET = 1  # in which every story's accounts live

_OWNED = """
select c.table_name from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
where c.table_schema = 'public' and c.column_name = 'bucket' and t.table_type = 'BASE TABLE' order by 1"""
_ANY = sql.SQL("select 1 from {} limit 1")
_KEEP = sql.SQL("create table fresh.{0} as table public.{0}")
_CLEAR = sql.SQL("delete from {}")
_FILL = sql.SQL("insert into public.{0} select * from fresh.{0}")


class Shop:
    """A platform with goods on sale. `cleared` gives it as it was before anything was sold."""

    def __init__(self, solvent: Solvent, url: str) -> None:
        self._solvent = solvent
        self._url = url
        with psycopg.connect(url) as connection:
            self._owned = [sql.Identifier(row[0]) for row in connection.execute(_OWNED).fetchall()]
            self._filled = [x for x in self._owned if connection.execute(_ANY.format(x)).fetchone()]
            connection.execute("create schema fresh")
            for name in self._filled:
                connection.execute(_KEEP.format(name))

    def cleared(self) -> Solvent:
        """The platform, with nothing of the story before: even rows that are never deleted are gone."""
        with psycopg.connect(self._url) as connection:
            connection.execute("set local session_replication_role = replica")  # no trigger looks
            for name in self._owned:
                connection.execute(_CLEAR.format(name))
            for name in self._filled:
                connection.execute(_FILL.format(name))
        return self._solvent


@contextmanager
def opened(server: EmbeddedServer) -> Iterator[Shop]:
    """The shop, on a database of its own on this server."""
    server.ensure_database(NAME)
    url = server.url(NAME)
    migrate(url)
    put_on_sale(url)
    with closing(build(Settings(), url)) as solvent:
        yield Shop(solvent, url)

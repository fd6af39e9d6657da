"""Clearing: a database as it was before a test, for a tenth of what a copy of it costs.

Owns remembering the rows that a database begins with, and giving it back with those alone. Does not own what they are.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

_TABLES = """
select c.relname from pg_class c
where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname <> 'alembic_version' order by 1"""
_ANY = sql.SQL("select 1 from {} limit 1")
_KEEP = sql.SQL("create table fresh.{0} as table public.{0}")
_KEYS = """
select string_agg(format('p.%%1$I = f.%%1$I', a.attname), ' and ') from pg_index i
join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
where i.indrelid = %s::regclass and i.indisprimary"""

# One function, planned once a session. What a test left as it was is not written again.
_CLEAR = sql.SQL("create function fresh.clear() returns void language plpgsql as {}")
_EMPTY = sql.SQL("delete from public.{};")
_RESTORE = sql.SQL(
    "delete from public.{0} p where not exists (select from fresh.{0} f where {1} and f::text = p::text);"
    "insert into public.{0} select * from fresh.{0} f where not exists (select from public.{0} p where {1});"
)
_ALONE = """
select pg_terminate_backend(pid, 5000) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"""


class Clearing:
    """A database that can be had again as it is now."""

    def __init__(self, url: str) -> None:
        self.url = url
        with psycopg.connect(url) as connection:
            names = [row[0] for row in connection.execute(_TABLES).fetchall()]
            connection.execute("create schema fresh")
            steps = [self._step(connection, name) for name in names]
            body = sql.SQL("begin {} end").format(sql.SQL("").join(steps)).as_string(connection)
            connection.execute(_CLEAR.format(sql.Literal(body)))

    def clear(self) -> None:
        """Remove what was written since, even rows that are never deleted; whoever is still connected is sent away."""
        with psycopg.connect(self.url) as connection:
            connection.execute(_ALONE)
            connection.execute("set local session_replication_role = replica")  # no trigger looks
            connection.execute("select fresh.clear()")

    @staticmethod
    def _step(connection: psycopg.Connection, name: str) -> sql.Composed:
        table = sql.Identifier(name)
        if connection.execute(_ANY.format(table)).fetchone() is None:
            return _EMPTY.format(table)
        connection.execute(_KEEP.format(table))
        row = connection.execute(_KEYS, (name,)).fetchone()
        assert row is not None
        return _RESTORE.format(table, sql.SQL(row[0]))

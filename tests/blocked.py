"""Blocked: what other connections do to ours, as PostgreSQL itself tells it: wait for its locks, or hold some still."""

from __future__ import annotations

from psycopg import Connection

from tests.patience import eventually

_BUSY = """
select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
  and backend_type = 'client backend' and xact_start is not null"""
_WAITING = "select count(*) from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))"
_ANEW = "select pg_stat_clear_snapshot()"  # a transaction goes on seeing the connections of its first look


def somebody_waits(connection: Connection, others: int = 1) -> None:
    """Wait until so many others wait for what this connection holds."""

    def waiting() -> bool:
        connection.execute(_ANEW)
        row = connection.execute(_WAITING).fetchone()
        return row is not None and int(row[0]) >= others

    eventually(waiting, "nobody waits")


def nobody_is_busy(connection: Connection) -> None:
    """Wait until no other connection to this database has a transaction: those of dead processes end by themselves."""

    def idle() -> bool:
        return connection.execute(_BUSY).fetchone() == (0,)

    eventually(idle, "a dead process holds a transaction")

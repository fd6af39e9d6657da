"""Engine: the mode that was set, as history, and read with the catalog.

Owns these rows. What is set counts for every process within about a second, as the catalog does, and whoever owes is
looked at anew. Does not own what a mode means (`core.engine`).
"""

from datetime import datetime
from typing import Any

from psycopg import Connection

from solvent.core.account import Segment
from solvent.core.engine import Engine, Mode

_LOCK = "select revision from catalog_revision for update"
_BUMP = "update catalog_revision set revision = revision + 1"
_NEWEST = """
select mode, share, accounts, excluded_segments, excluded_accounts, set_by, reason, set_at
from engine_mode order by revision desc limit 1"""
_HISTORY = """
select mode, share, accounts, excluded_segments, excluded_accounts, set_by, reason, set_at
from engine_mode order by revision desc limit %s"""
_SET = """
insert into engine_mode (revision, mode, share, accounts, excluded_segments, excluded_accounts, set_by, reason, set_at)
select coalesce(max(revision), 0) + 1, %s, %s, %s, %s, %s, %s, %s, %s from engine_mode"""
_MARK = """
insert into recompute_queue (bucket, account_id, state, reason, since, look_at)
select h.bucket, h.account_id, 'waiting', 'engine', %(now)s::timestamptz, %(now)s::timestamptz
from health h where h.oldest_due is not null order by h.bucket, h.account_id on conflict do nothing"""


def read(connection: Connection) -> Engine:
    """What was set last; as shipped, if nothing was."""
    row = connection.execute(_NEWEST).fetchone()
    return Engine() if row is None else _engine(row)


def history(connection: Connection, limit: int) -> list[Engine]:
    """What was set, newest first."""
    return [_engine(row) for row in connection.execute(_HISTORY, (limit,)).fetchall()]


def write(connection: Connection, engine: Engine, now: datetime) -> None:
    """Let a mode count from now on."""
    connection.execute(_LOCK)
    columns = (
        engine.mode,
        engine.share,
        list(engine.accounts),
        [str(segment) for segment in engine.excluded_segments],
        list(engine.excluded_accounts),
        engine.by,
        engine.reason,
        now,
    )
    connection.execute(_SET, columns)
    connection.execute(_BUMP)
    connection.execute(_MARK, {"now": now})


def _engine(row: tuple[Any, ...]) -> Engine:
    mode, share, accounts, segments, excluded, by, reason, set_at = row
    return Engine(
        mode=Mode(mode),
        share=share,
        accounts=tuple(accounts),
        excluded_segments=tuple(Segment(segment) for segment in segments),
        excluded_accounts=tuple(excluded),
        by=by,
        reason=reason,
        set_at=set_at,
    )

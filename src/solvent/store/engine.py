"""Engine: the mode that was set, as history, and read with the catalog.

Owns these rows, and how far each cap is used. What is set counts for every process within about a second, as the
catalog does; after that whoever owes is marked, a bucket at a time, so that no lock is held over the fleet. Who stops
in between has marked some: the others are found by the daily look, for a mode is part of what verdicts rest on. Does
not own what a mode means (`core.engine`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.account import Segment
from solvent.core.caps import ABOVE, CAPPED, Caps
from solvent.core.consequence import Consequence
from solvent.core.engine import Engine, Mode
from solvent.core.ids import BUCKETS
from solvent.store import codec

_LOCK = "select revision from catalog_revision for update"
_BUMP = "update catalog_revision set revision = revision + 1"
_NEWEST = """
select mode, share, accounts, excluded_segments, excluded_accounts, caps::text, cap_hours, set_by, reason, set_at
from engine_mode order by revision desc limit 1"""
_HISTORY = """
select mode, share, accounts, excluded_segments, excluded_accounts, caps::text, cap_hours, set_by, reason, set_at
from engine_mode order by revision desc limit %s"""
_SET = """
insert into engine_mode (revision, mode, share, accounts, excluded_segments, excluded_accounts, caps, cap_hours, set_by,
    reason, set_at)
select coalesce(max(revision), 0) + 1, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s from engine_mode"""
_MARK = """
insert into recompute_queue (bucket, account_id, state, reason, since, look_at)
select h.bucket, h.account_id, 'waiting', 'engine', %(now)s::timestamptz, %(now)s::timestamptz
from health h where h.bucket = %(bucket)s and h.oldest_due is not null order by h.account_id on conflict do nothing"""

# Of whom it was withheld for want of a permit alone.
_WAITING = """
select split_part(w, ', ', 1), count(*), min(h.oldest_due)
from health h cross join lateral jsonb_array_elements_text(h.withheld) w
where h.withheld <> '[]' and split_part(w, ', ', 2) like %(words)s group by 1 order by 1"""
_TAKEN = """
select consequence, taken from engine_tally where bucket = any(%(buckets)s) and begins_at = %(begins_at)s"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """How far a cap is used in the window that began at `begins_at`, how many accounts wait for their turn, and since
    when the oldest of their debts has been due."""

    consequence: Consequence
    most: int
    taken: int
    waiting: int
    oldest_due: datetime | None
    begins_at: datetime
    ends_at: datetime


_caps = msgspec.json.Decoder(dict[Consequence, int])


def read(connection: Connection) -> Engine:
    """What was set last; as shipped, if nothing was."""
    row = connection.execute(_NEWEST).fetchone()
    return Engine() if row is None else _engine(row)


def history(connection: Connection, limit: int) -> list[Engine]:
    """What was set, newest first."""
    return [_engine(row) for row in connection.execute(_HISTORY, (limit,)).fetchall()]


def set_mode(pool: ConnectionPool[Connection], engine: Engine, now: datetime) -> None:
    """Let a mode count from now on, and have whoever owes looked at anew."""
    with pool.connection() as connection:
        _write(connection, engine, now)
    for bucket in range(BUCKETS):
        with pool.connection() as connection:
            connection.execute(_MARK, {"bucket": bucket, "now": now})


def used(connection: Connection, now: datetime) -> list[Used]:
    """How far each cap is used now (by the wall's clock), in the order of the consequences."""
    caps = read(connection).caps
    if not caps.accounts:
        return []
    waits = {row[0]: row[1:] for row in connection.execute(_WAITING, {"words": f"{ABOVE} %"})}
    scalars = {"buckets": list(range(len(CAPPED))), "begins_at": caps.begins_at(now)}
    taken: dict[str, int] = dict(connection.execute(_TAKEN, scalars).fetchall())
    return [
        Used(
            consequence=consequence,
            most=caps.accounts[consequence],
            taken=taken.get(consequence, 0),
            waiting=waits.get(consequence, (0, None))[0],
            oldest_due=waits.get(consequence, (0, None))[1],
            begins_at=caps.begins_at(now),
            ends_at=caps.ends_at(now),
        )
        for consequence in CAPPED
        if consequence in caps.accounts
    ]


def _write(connection: Connection, engine: Engine, now: datetime) -> None:
    connection.execute(_LOCK)
    columns = (
        engine.mode,
        engine.share,
        list(engine.accounts),
        [str(segment) for segment in engine.excluded_segments],
        list(engine.excluded_accounts),
        codec.encode(engine.caps.accounts).decode(),
        engine.caps.hours,
        engine.by,
        engine.reason,
        now,
    )
    connection.execute(_SET, columns)
    connection.execute(_BUMP)


def _engine(row: tuple[Any, ...]) -> Engine:
    mode, share, accounts, segments, excluded, caps, hours, by, reason, set_at = row
    return Engine(
        mode=Mode(mode),
        share=share,
        accounts=tuple(accounts),
        excluded_segments=tuple(Segment(segment) for segment in segments),
        excluded_accounts=tuple(excluded),
        caps=Caps(accounts=_caps.decode(caps), hours=hours),
        by=by,
        reason=reason,
        set_at=set_at,
    )

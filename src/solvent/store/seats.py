"""Seats: how a coupon's limit is kept, under concurrency and over all buckets.

Owns the taking of a seat by an attempt, and forgetting the seats of attempts that ended without it. Every call is a
transaction in one bucket: that of the code, for a limit over all accounts, or that of the account. Does not own what
became of an attempt (`journal`), nor who asks (the seats flow).
"""

from collections.abc import Collection
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg import Connection

from solvent.core.coupon import Limit
from solvent.ports.seats import SeatsTaken
from solvent.store.rows import Column

_TALLY = """
insert into coupon_tally (bucket, holder, most, taken) values (%(bucket)s, %(holder)s, 0, 0) on conflict do nothing"""

_LOCK = """
select t.taken, exists (select from coupon_seat s where s.bucket = t.bucket and s.holder = t.holder
                          and s.attempt_id = %(attempt)s)
from coupon_tally t where t.bucket = %(bucket)s and t.holder = %(holder)s for update"""

_TAKE = """
with seat as (
    insert into coupon_seat (bucket, holder, attempt_id, taken_at)
    values (%(bucket)s, %(holder)s, %(attempt)s, %(now)s) returning 1
)
update coupon_tally set taken = taken + (select count(*) from seat), most = %(most)s
where bucket = %(bucket)s and holder = %(holder)s"""

_HELD = """
select t.taken, array(
    select s.attempt_id from coupon_seat s
    where s.bucket = t.bucket and s.holder = t.holder and not s.kept order by s.taken_at limit %(limit)s)
from coupon_tally t where t.bucket = %(bucket)s and t.holder = %(holder)s"""

_KEEP: LiteralString = """
update coupon_seat set kept = true
where bucket = %(bucket)s and holder = %(holder)s and attempt_id = any(%(ids)b) and not kept"""

_FREE = """
with freed as (
    delete from coupon_seat
    where bucket = %(bucket)s and holder = %(holder)s and attempt_id = any(%(ids)b) and not kept returning 1
)
update coupon_tally set taken = taken - (select count(*) from freed)
where bucket = %(bucket)s and holder = %(holder)s"""


class SeatRoom:
    """`ports.store.Seats` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, limit: Limit, attempt_id: UUID, now: datetime) -> bool:
        """Whether the attempt has a seat: the one that it took before, or one that was left."""
        scalars = {"bucket": limit.bucket, "holder": limit.holder, "attempt": attempt_id}
        self._connection.execute(_TALLY, scalars)
        row = self._connection.execute(_LOCK, scalars).fetchone()
        assert row is not None, f"{limit.holder}: its tally was just there"
        taken, has_one = row
        if not has_one and taken < limit.most:
            self._connection.execute(_TAKE, {**scalars, "now": now, "most": limit.most})
            return True
        return bool(has_one)

    def held(self, limit: Limit, count_max: int) -> SeatsTaken:
        """How many seats are taken, and by which attempts those that may still become free, the longest held first."""
        scalars = {"bucket": limit.bucket, "holder": limit.holder, "limit": count_max}
        row = self._connection.execute(_HELD, scalars).fetchone()
        return SeatsTaken() if row is None else SeatsTaken(taken=row[0], held=tuple(row[1]))

    def sort_out(self, limit: Limit, committed: Collection[UUID], ended: Collection[UUID]) -> None:
        """Seats of attempts that have committed are never free again; those of attempts that have otherwise ended
        are."""
        scalars = {"bucket": limit.bucket, "holder": limit.holder}
        self._connection.execute(_LOCK, {**scalars, "attempt": None})
        self._connection.execute(_KEEP, {**scalars, "ids": Column("uuid", committed)})
        self._connection.execute(_FREE, {**scalars, "ids": Column("uuid", ended)})

"""Holds and decisions: what support keeps from accounts, and what was decided about them.

Owns these rows and their reads. Does not own what a hold does (`core.valves`) nor which decision is worth a row
(`core.decisions`).
"""

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from solvent.core.account import Account
from solvent.core.decisions import DecisionRow
from solvent.core.hold_events import HoldPlaced, HoldReleased
from solvent.core.ids import bucket_of
from solvent.core.valves import Hold
from solvent.store import codec, events
from solvent.store.accounts import AccountRoom
from solvent.store.rows import Column, insert

_FIRST = UUID(int=0)

_PLACE = """
insert into engine_hold (bucket, id, account_id, consequence, reason, author, placed_at, expires_at)
values (%s, %s, %s, %s, %s, %s, %s, %s)"""

_RELEASE = """
update engine_hold set released_at = %(now)s, released_by = %(by)s
where bucket = %(bucket)s and id = %(id)s and account_id = %(account)s and released_at is null returning consequence"""

_UNCHARGED = """
select k.account_id from engine_hold k join account a on a.bucket = k.bucket and a.id = k.account_id
where k.bucket = %(bucket)s and k.account_id = any(%(accounts)b) and k.released_at is null
  and k.consequence in ('all', 'collect') and k.expires_at > coalesce(a.test_now, %(now)s)"""

_DECISION = insert(
    "decision",
    "id uuid, account_id uuid, decided_at timestamptz, policy text, applied jsonb, withheld jsonb",
)

_HOLDS = """
select id, consequence, reason, author, placed_at, expires_at, released_at, released_by from engine_hold
where bucket = %(bucket)s and account_id = %(account)s and id > %(after)s order by id limit %(limit)s"""

_NEWEST = """
select id, decided_at, policy, array(select jsonb_array_elements_text(applied)) as applied,
    array(select jsonb_array_elements_text(withheld)) as withheld
from decision where bucket = %(bucket)s and account_id = %(account)s order by id desc limit %(limit)s"""

_DECISIONS = """
select id, decided_at, policy, array(select jsonb_array_elements_text(applied)) as applied,
    array(select jsonb_array_elements_text(withheld)) as withheld
from decision where bucket = %(bucket)s and account_id = %(account)s and id > %(after)s order by id limit %(limit)s"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredHold:
    """A hold, and who released it when, if somebody did."""

    id: UUID
    consequence: str
    reason: str
    author: str
    placed_at: datetime
    expires_at: datetime
    released_at: datetime | None
    released_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDecision:
    """What was decided at a moment: what was applied, and what was withheld and why."""

    id: UUID
    decided_at: datetime
    policy: str
    applied: list[str]
    withheld: list[str]


class HoldRoom:
    """`ports.valves.Holds` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def account(self, account_id: UUID) -> Account | None:
        """The account, locked."""
        return AccountRoom(self._connection).lock(account_id)

    def place(self, account: Account, hold: Hold) -> None:
        """Write a hold, and say so."""
        bucket = bucket_of(account.id)
        columns = (hold.consequence, hold.reason, hold.author, hold.placed_at, hold.expires_at)
        self._connection.execute(_PLACE, (bucket, hold.id, account.id, *columns))
        told = HoldPlaced(
            hold_id=hold.id,
            consequence=hold.consequence,
            reason=hold.reason,
            author=hold.author,
            expires_at=hold.expires_at,
        )
        events.append(self._connection, bucket, [(account.id, told, hold.placed_at)])

    def release(self, account: Account, hold_id: UUID, by: str, now: datetime) -> bool:
        """End a hold, and say so."""
        bucket = bucket_of(account.id)
        scalars = {"bucket": bucket, "id": hold_id, "account": account.id, "by": by, "now": now}
        row = self._connection.execute(_RELEASE, scalars).fetchone()
        if row is None:
            return False
        told = HoldReleased(hold_id=hold_id, consequence=row[0], by=by)
        events.append(self._connection, bucket, [(account.id, told, now)])
        return True

    def uncharged(self, bucket: int, accounts: Collection[UUID], now: datetime) -> Set[UUID]:
        """Those of the accounts, each by its own clock, whose charges are held."""
        scalars = {"bucket": bucket, "accounts": Column("uuid", accounts), "now": now}
        return {
            account for (account,) in self._connection.execute(_UNCHARGED, scalars, binary=True).fetchall()
        }


class DecisionRoom:
    """`ports.valves.Decisions` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, bucket: int, rows: Sequence[DecisionRow]) -> None:
        """Write history."""
        if rows:
            written = [
                (
                    r.id,
                    r.account_id,
                    r.decided_at,
                    r.policy,
                    codec.encode(r.applied),
                    codec.encode(r.withheld),
                )
                for r in rows
            ]
            _DECISION.run(self._connection, written, bucket=bucket)


class HoldReads:
    """The reads of one database; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def holds(self, account_id: UUID, after: UUID | None, limit: int) -> list[StoredHold]:
        """A page of an account's holds, also those that are over, oldest first."""
        scalars = {
            "bucket": bucket_of(account_id),
            "account": account_id,
            "after": after or _FIRST,
            "limit": limit,
        }
        with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(StoredHold)) as cursor,
        ):
            return cursor.execute(_HOLDS, scalars).fetchall()

    def hold(self, account_id: UUID, hold_id: UUID) -> StoredHold:
        """A hold of an account that is known to be there."""
        before = UUID(int=hold_id.int - 1)
        (found,) = self.holds(account_id, before, 1)
        return found

    def newest_decisions(self, account_id: UUID, limit: int) -> list[StoredDecision]:
        """What was decided about an account lately, newest first."""
        scalars = {"bucket": bucket_of(account_id), "account": account_id, "limit": limit}
        pool = self._pool
        with (
            pool.connection() as connection,
            connection.cursor(row_factory=class_row(StoredDecision)) as cursor,
        ):
            return cursor.execute(_NEWEST, scalars).fetchall()

    def decisions(self, account_id: UUID, after: UUID | None, limit: int) -> list[StoredDecision]:
        """A page of what was decided about an account, oldest first."""
        scalars = {
            "bucket": bucket_of(account_id),
            "account": account_id,
            "after": after or _FIRST,
            "limit": limit,
        }
        pool = self._pool
        with (
            pool.connection() as connection,
            connection.cursor(row_factory=class_row(StoredDecision)) as cursor,
        ):
            return cursor.execute(_DECISIONS, scalars).fetchall()

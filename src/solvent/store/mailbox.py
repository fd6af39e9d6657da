"""Mailbox: messages on their way out.

Owns their leases, their ends, and how those that were put aside are listed and sent again. A lease is a moment: who
comes back after it may find that somebody else has the message, and then changes nothing. Does not own what a message
says (`messages`), nor when it is tried again (`core.messages`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.ids import BUCKETS, bucket_of
from solvent.core.ladder import Channel
from solvent.core.messages import HELD_FOR, Kind, Message
from solvent.core.payment import FailureCause

Pool = ConnectionPool[Connection]
Row = tuple[Any, ...]

_DUE = f"""
select b from generate_series(0, {BUCKETS - 1}) b
where exists (select from message where bucket = b and look_at <= %s) order by b"""

_HOLD = """
update message set held = false, look_at = %(until)s, picked_at = coalesce(picked_at, %(now)s)
where bucket = %(bucket)s and look_at <= %(now)s and held"""

_COLUMNS = "m.account_id, m.invoice_id, m.rung, m.channel, m.kind, m.cause, m.next_try, m.held, m.method_id"

_CLAIM = f"""
with due as (
    select bucket, account_id, about, rung, channel from message
    where bucket = %(bucket)s and look_at <= %(now)s
    order by look_at, told_at limit %(limit)s
    for update skip locked
)
update message m set look_at = %(until)s, tries = m.tries + 1, picked_at = coalesce(m.picked_at, %(now)s) from due
where m.bucket = due.bucket and m.account_id = due.account_id and m.about = due.about and m.rung = due.rung
  and m.channel = due.channel
returning {_COLUMNS}, m.tries, m.told_at, m.trace, exists (
    select from message e
    where e.bucket = m.bucket and e.account_id = m.account_id and e.about = m.about and e.channel = 'email'
      and e.kind in ('restricted', 'suspended', 'downgraded', 'given_up'))"""

_MINE = """bucket = %(bucket)s and account_id = %(account)s and about = %(about)s and rung = %(rung)s
  and channel = %(channel)s and state = 'waiting' and look_at = %(until)s"""

_END = f"update message set state = %(state)s, look_at = null, ended_at = %(now)s, reason = %(reason)s where {_MINE}"
_ASIDE = f"update message set state = %(state)s, look_at = null, reason = %(reason)s where {_MINE}"
_PUT_OFF = f"update message set look_at = %(again)s, tries = %(tries)s, reason = %(reason)s where {_MINE}"

_LIST = f"""
select {_COLUMNS}, m.tries, m.told_at, m.state, m.reason, m.ended_at from message m
where (%(state)s::text is null or m.state = %(state)s) and (%(account)s::uuid is null or m.account_id = %(account)s)
  and (%(account)s::uuid is null or m.bucket = %(bucket)s) and (%(invoice)s::uuid is null or m.invoice_id = %(invoice)s)
order by m.told_at desc, m.bucket, m.about, m.rung, m.channel limit %(limit)s"""

_COUNT = "select state, count(*) from message group by state order by state"

_AGAIN = """
update message set state = 'waiting', look_at = '-infinity', held = false, tries = 0, picked_at = null, ended_at = null
where bucket = %(bucket)s and state <> 'waiting' and (%(state)s::text is null or state = %(state)s)
  and (%(invoice)s::uuid is null or invoice_id = %(invoice)s) and (%(rung)s::text is null or rung = %(rung)s)
returning 1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """A message to be sent before `until`; `tries` counts this one. `burdened`: the customer was told before of
    something that the account could not do or have. `trace`: what was under way when it was decided."""

    message: Message
    tries: int
    told_at: datetime
    until: datetime
    burdened: bool
    trace: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A message as it stands."""

    message: Message
    tries: int
    told_at: datetime
    state: str
    reason: str | None
    ended_at: datetime | None


class Mailbox:
    """The messages of one database. Every act is one short transaction of its own."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def due(self, now: datetime) -> list[int]:
        """The buckets with messages whose turn has come."""
        with self._pool.connection() as connection:
            return [row[0] for row in connection.execute(_DUE, (now,)).fetchall()]

    def claim(self, bucket: int, now: datetime, until: datetime, limit: int) -> list[Leased]:
        """Lease up to `limit` messages; those that others hold are skipped. Held ones are put off once."""
        scalars = {"bucket": bucket, "now": now, "until": until, "limit": limit}
        with self._pool.connection() as connection:
            connection.execute(_HOLD, {"bucket": bucket, "now": now, "until": now + HELD_FOR})
            rows = connection.execute(_CLAIM, scalars).fetchall()
        leased = [
            Leased(
                message=_message(row),
                tries=row[9],
                told_at=row[10],
                trace=row[11],
                until=until,
                burdened=row[12],
            )
            for row in rows
        ]
        return sorted(leased, key=lambda one: (one.told_at, one.message.about.int))

    def end(self, leased: Leased, state: str, reason: str | None, now: datetime) -> None:
        """It was sent, or dropped."""
        self._write(_END, leased, state=state, reason=reason, now=now)

    def put_aside(self, leased: Leased, state: str, reason: str) -> None:
        """It is kept, or parked, until somebody wants it sent."""
        self._write(_ASIDE, leased, state=state, reason=reason)

    def put_off(self, leased: Leased, again: datetime, tries: int, reason: str) -> None:
        """It is tried again then."""
        self._write(_PUT_OFF, leased, again=again, tries=tries, reason=reason)

    def listed(
        self, state: str | None, account: UUID | None, invoice: UUID | None, limit: int
    ) -> list[Listed]:
        """Messages, the newest first."""
        bucket = None if account is None else bucket_of(account)
        scalars = {"state": state, "account": account, "invoice": invoice, "bucket": bucket, "limit": limit}
        with self._pool.connection() as connection:
            rows = connection.execute(_LIST, scalars).fetchall()
        return [
            Listed(
                message=_message(row),
                tries=row[9],
                told_at=row[10],
                state=row[11],
                reason=row[12],
                ended_at=row[13],
            )
            for row in rows
        ]

    def count(self) -> dict[str, int]:
        """How many there are in each state."""
        with self._pool.connection() as connection:
            return {row[0]: int(row[1]) for row in connection.execute(_COUNT).fetchall()}

    def again(self, buckets: Sequence[int], state: str | None, invoice: UUID | None, rung: str | None) -> int:
        """Have messages sent that are not waiting, of a state or an invoice (and rung); returns how many."""
        done = 0
        for bucket in buckets:
            scalars = {"bucket": bucket, "state": state, "invoice": invoice, "rung": rung}
            with self._pool.connection() as connection:
                done += len(connection.execute(_AGAIN, scalars).fetchall())
        return done

    def _write(self, query: str, leased: Leased, **scalars: object) -> None:
        message = leased.message
        whose = {
            "bucket": bucket_of(message.account_id),
            "account": message.account_id,
            "about": message.about,
            "rung": message.rung,
            "channel": message.channel,
            "until": leased.until,
        }
        with self._pool.connection() as connection:
            connection.execute(query, {**whose, **scalars})


def _message(row: Row) -> Message:
    return Message(
        account_id=row[0],
        invoice_id=row[1],
        rung=row[2],
        channel=Channel(row[3]),
        kind=Kind(row[4]),
        cause=None if row[5] is None else FailureCause(row[5]),
        next_try=row[6],
        held=row[7],
        method_id=row[8],
    )

"""Retention: what is forgotten after a while.

Owns the deletion of stored answers, visits of the portal, closed notifications, carts that nobody paid, ended
deliveries of webhooks, decisions and drift that is gone, in bounded portions. Owns no age: whoever asks says before
when. Everything else is kept for good; docs/operations.md says what that is and why.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString

from psycopg import Connection
from psycopg_pool import ConnectionPool

PORTION_ROWS_MAX = 1_000  # of one bucket and kind, deleted in one transaction, so that none is long

_ANSWERS = """
delete from answer where (bucket, key) in (
    select bucket, key from answer where bucket = %s and created_at < %s limit %s for update skip locked)"""

# One that waits is never forgotten, however old: somebody has yet to look at it.
_NOTIFICATIONS = """
delete from inbox where (bucket, provider, id) in (
    select bucket, provider, id from inbox
    where bucket = %s and received_at < %s and look_at is null limit %s for update skip locked)"""


_DECISIONS = """
delete from decision where (bucket, id) in (
    select bucket, id from decision where bucket = %s and decided_at < %s limit %s for update skip locked)"""

# What is still there is kept, however old.
_DRIFT = """
delete from drift where (bucket, id) in (
    select bucket, id from drift where bucket = %s and gone_at < %s limit %s for update skip locked)"""

# Windows of caps, each counted in one of the first buckets.
_TALLY = """
delete from engine_tally where (bucket, consequence, begins_at) in (
    select bucket, consequence, begins_at from engine_tally
    where bucket = %s and begins_at < %s limit %s for update skip locked)"""

_WEBHOOKS = """
delete from webhook_delivery where (bucket, endpoint_id, seq) in (
    select bucket, endpoint_id, seq from webhook_delivery
    where bucket = %s and ended_at < %s limit %s for update skip locked)"""


_PORTAL_SESSIONS = """
delete from portal_session where (bucket, id) in (
    select bucket, id from portal_session where bucket = %s and made_at < %s limit %s for update skip locked)"""


_ADDRESSES = """
delete from address_count where (bucket, digest) in (
    select bucket, digest from address_count where bucket = %s and began_at < %s limit %s for update skip locked)"""

# Of what was never paid: an attempt that failed stays in the journal, with its plan, and forgets which cart it was of.
_CARTS = """
delete from cart where (bucket, id) in (
    select c.bucket, c.id from cart c
    where c.bucket = %s and c.expires_at < %s
      and not exists (select from attempt t where t.bucket = c.bucket and t.cart_id = c.id and t.state <> 'failed')
    limit %s for update skip locked)"""


class Retention:
    """The forgetting of one database."""

    def __init__(self, pool: ConnectionPool[Connection], portion_max: int = PORTION_ROWS_MAX) -> None:
        self._pool = pool
        self._portion_max = portion_max

    def forget(
        self,
        buckets: Sequence[int],
        *,
        answers_before: datetime,
        notifications_before: datetime,
        history_before: datetime,
        carts_before: datetime,
    ) -> bool:
        """Forget a portion of what is older than that in each of these buckets; whether there may be more."""
        more = False
        for bucket in buckets:
            addresses = self._delete(_ADDRESSES, bucket, answers_before)
            answers = self._delete(_ANSWERS, bucket, answers_before)
            notifications = self._delete(_NOTIFICATIONS, bucket, notifications_before)
            drift = self._delete(_DRIFT, bucket, history_before)
            decisions = self._delete(_DECISIONS, bucket, history_before)
            webhooks = self._delete(_WEBHOOKS, bucket, notifications_before)
            windows = self._delete(_TALLY, bucket, history_before)
            visits = self._delete(_PORTAL_SESSIONS, bucket, answers_before)
            carts = self._delete(_CARTS, bucket, carts_before)
            portions = (
                answers,
                notifications,
                drift,
                decisions,
                webhooks,
                windows,
                visits,
                addresses,
                carts,
            )
            more = more or max(portions) == self._portion_max
        return more

    def _delete(self, statement: LiteralString, bucket: int, before: datetime) -> int:
        with self._pool.connection() as connection:
            return connection.execute(statement, (bucket, before, self._portion_max)).rowcount

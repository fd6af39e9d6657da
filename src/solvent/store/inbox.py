"""Inbox: notifications, each stored once by its provider's id.

Owns storing, leasing and closing them. Does not own what they are about: that is asked of the provider.
"""

from collections.abc import Sequence
from datetime import datetime

from psycopg import Connection

from solvent.core.payment import AttemptState
from solvent.ports.provider import Notification, Subject
from solvent.ports.queues import Received
from solvent.store import aside
from solvent.store.rows import Statement

_STORE = """
insert into inbox (bucket, provider, id, subject, key, ref, state, occurred_at, received_at, look_at)
values (%s, %s, %s, %s, %s, %s, 'waiting', %s, %s, %s) on conflict do nothing returning 1"""

_CLAIM = """
with due as (
    select bucket, provider, id from inbox
    where bucket = %(bucket)s and look_at <= %(now)s
    order by look_at limit %(limit)s
    for update skip locked
)
update inbox n set look_at = %(lease_until)s, tries = n.tries + 1 from due
where n.bucket = due.bucket and n.provider = due.provider and n.id = due.id
returning n.provider, n.id, n.subject, n.key, n.ref, n.occurred_at, n.tries,
    (select t.state from attempt t where t.bucket = n.bucket and t.id = n.key),
    array(select p.ref from payment p join attempt t on t.bucket = p.bucket and t.account_id = p.account_id
          where t.bucket = n.bucket and t.id = n.key and p.attempt_id = t.id), n.reason"""

_FINISH = Statement(
    "bucket smallint, provider text, id text",
    """
update inbox n set state = 'done', look_at = null from {rows}
where n.bucket = v.bucket and n.provider = v.provider and n.id = v.id""",
)

_PARK = """
update inbox set state = 'parked', reason = %s, look_at = null where bucket = %s and provider = %s and id = %s"""


_PUT_OFF = f"""
update inbox n set reason = %(reason)s, look_at = %(now)s + {aside.PAUSE.format(times="n.tries")}
where bucket = %(bucket)s and provider = %(provider)s and id = %(id)s"""


class InboxRoom:
    """`ports.store.Inbox` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def store(self, notification: Notification, bucket: int, now: datetime) -> bool:
        """Keep a notification; False when it was kept before."""
        columns = (notification.provider, notification.id, notification.subject, notification.key)
        moments = (notification.occurred_at, now, now)
        stored = self._connection.execute(_STORE, (bucket, *columns, notification.ref, *moments))
        return stored.fetchone() is not None

    def claim(self, bucket: int, now: datetime, lease_until: datetime, limit: int) -> list[Received]:
        """Lease waiting notifications of one bucket."""
        scalars = {"bucket": bucket, "now": now, "lease_until": lease_until, "limit": limit}
        return [
            Received(
                bucket=bucket,
                notification=Notification(
                    provider=row[0],
                    id=row[1],
                    subject=Subject(row[2]),
                    key=row[3],
                    ref=row[4],
                    occurred_at=row[5],
                ),
                tries=row[6],
                attempt=None if row[7] is None else AttemptState(row[7]),
                refs=frozenset(row[8]),
                reason=row[9],
            )
            for row in self._connection.execute(_CLAIM, scalars, binary=True).fetchall()
        ]

    def finish(self, received: Sequence[Received]) -> None:
        """Nothing is left to do about these."""
        if received:
            rows = [(r.bucket, r.notification.provider, r.notification.id) for r in received]
            _FINISH.run(self._connection, rows)

    def park(self, received: Received, reason: str) -> None:
        """Put a notification aside that nothing can be done about, with the reason."""
        self._connection.execute(
            _PARK, (reason, received.bucket, received.notification.provider, received.notification.id)
        )

    def put_off(self, received: Received, reason: str, now: datetime) -> None:
        """A look came to nothing: the next one is after a growing pause."""
        notification = received.notification
        whose = {"bucket": received.bucket, "provider": notification.provider, "id": notification.id}
        self._connection.execute(_PUT_OFF, {**whose, "reason": reason, "now": now})

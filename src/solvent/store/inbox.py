"""Inbox: notifications, each stored once by its provider's id.

Owns storing, leasing and closing them. Does not own what they are about: that is asked of the provider.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from psycopg import Connection

from solvent.core.payment import AttemptState
from solvent.ports.provider import Notification, Subject
from solvent.ports.queues import Arrival, Received
from solvent.store import aside
from solvent.store.forgetting import FORGETTABLE
from solvent.store.rows import Statement

_STORE = Statement(
    "bucket smallint, provider text, id text, subject text, key uuid, ref text, occurred_at timestamptz, "
    "at timestamptz",
    """
insert into inbox (bucket, provider, id, subject, key, ref, state, occurred_at, received_at, look_at)
select v.bucket, v.provider, v.id, v.subject, v.key, v.ref, 'waiting', v.occurred_at, v.at, v.at from {rows}
on conflict do nothing""",
)

_CLAIM = f"""
with due as (
    select bucket, provider, id from inbox
    where bucket = %(bucket)s and look_at <= %(now)s and {FORGETTABLE}
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
    f"""
update inbox n set state = 'done', look_at = null from {{rows}}
where n.bucket = v.bucket and n.provider = v.provider and n.id = v.id and {FORGETTABLE}""",
)

_PARK = Statement(
    "bucket smallint, provider text, id text, reason text",
    """
update inbox n set state = 'parked', reason = v.reason, look_at = null from {rows}
where n.bucket = v.bucket and n.provider = v.provider and n.id = v.id""",
)

_PUT_OFF = Statement(
    "bucket smallint, provider text, id text, reason text",
    f"""
update inbox n set reason = v.reason, look_at = %(now)s + {aside.PAUSE.format(times="n.tries")} from {{rows}}
where n.bucket = v.bucket and n.provider = v.provider and n.id = v.id""",
)


_Row = tuple[int, str, str, str, UUID | None, str | None, datetime, datetime]
_KEY = itemgetter(0, 1, 2)


class InboxRoom:
    """`ports.store.Inbox` in one transaction."""

    def __init__(self, connection: Connection, *, distributed: bool = False) -> None:
        self._connection = connection
        self._distributed = distributed

    def store(self, arrivals: Sequence[Arrival]) -> int:
        """Keep notifications; how many were not kept before.

        One statement for all; where buckets lie on servers of their own, one for each bucket. Rows are written in the
        order of their keys, so that two who store the same ones wait for each other in one direction only.
        """
        rows = sorted((_row(arrival) for arrival in arrivals), key=_KEY)
        stored = 0
        groups = (list(g) for _, g in groupby(rows, lambda row: row[0])) if self._distributed else [rows]
        for group in filter(None, groups):
            stored += _STORE.run(self._connection, group).rowcount
        return stored

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

    def park(self, aside: Mapping[Received, str]) -> None:
        """Put notifications aside that nothing can be done about, each with the reason."""
        if aside:
            names = [(r.bucket, r.notification.provider, r.notification.id, why) for r, why in aside.items()]
            _PARK.run(self._connection, names)

    def put_off(self, reasons: Mapping[Received, str], now: datetime) -> None:
        """A look at these came to nothing, and why: the next one is after a growing pause."""
        if reasons:
            names = [
                (r.bucket, r.notification.provider, r.notification.id, why) for r, why in reasons.items()
            ]
            _PUT_OFF.run(self._connection, names, now=now)


def _row(arrival: Arrival) -> _Row:
    told = arrival.notification
    return (
        arrival.bucket,
        told.provider,
        told.id,
        told.subject,
        told.key,
        told.ref,
        told.occurred_at,
        arrival.at,
    )

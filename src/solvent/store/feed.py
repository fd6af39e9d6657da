"""Feed: events for readers that keep their own place.

Owns pages of events over all buckets, of one account, or of one type, and the cursor: the place in each bucket's
order. Events of an account come in order, and none is left out. Does not own delivery to sinks (`outbox`).
"""

import base64
import binascii
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.ids import BUCKETS, bucket_of
from solvent.store.outbox import Published
from solvent.store.rows import Column

_HEADS = "select bucket, last from event_head where bucket = any(%(buckets)b)"

# Oldest first. A bucket's own order is never broken, though an account's test clock may run ahead of the others:
# an event counts as no older than those before it in its bucket.
_READ = """
select p.bucket, e.seq, e.account_id, e.type, e.data, e.occurred_at
from unnest(%(buckets)b, %(places)b, %(heads)b) as p (bucket, place, head)
cross join lateral (
    select *, max(occurred_at) over (order by seq) as ripe_at from (
        select seq, account_id, type, data, occurred_at from event
        where bucket = p.bucket and seq > p.place and seq <= p.head {where}
        order by seq limit %(limit)s
    ) following
) e
order by e.ripe_at, p.bucket, e.seq limit %(limit)s"""


class BadCursor(ValueError):
    """A cursor that this feed did not give out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Events, and the cursor behind them; `more` says that the next page has some already."""

    events: tuple[Published, ...]
    cursor: str
    more: bool


class Feed:
    """The event feed of one database."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def page(self, cursor: str | None, *, account: UUID | None, kinds: Collection[str], limit: int) -> Page:
        """Up to `limit` events behind `cursor` (None: from the beginning), of some types or (none named) of all; raises
        `BadCursor`."""
        places = [0] * BUCKETS if cursor is None else unpack(cursor)
        buckets = list(range(BUCKETS)) if account is None else [bucket_of(account)]
        where = " and account_id = %(account)s" if account is not None else ""
        where += " and type = any(%(kinds)s::text[])" if kinds else ""
        with self._pool.connection() as connection:
            # Heads first: what is committed in between belongs to the next page, and no place runs ahead of it.
            heads: dict[int, int] = dict(
                connection.execute(_HEADS, {"buckets": Column("smallint", buckets)}, binary=True).fetchall()
            )
            scalars = {
                "buckets": Column("smallint", buckets),
                "places": Column("bigint", [places[b] for b in buckets]),
                "heads": Column("bigint", [heads.get(b, 0) for b in buckets]),
                "account": account,
                "kinds": sorted(kinds),
                "limit": limit,
            }
            rows = connection.execute(_READ.format(where=where), scalars, binary=True).fetchall()
        events = [
            Published(bucket=r[0], seq=r[1], account_id=r[2], type=r[3], data=r[4], occurred_at=r[5])
            for r in rows
        ]
        more = len(events) == limit
        for event in events:
            places[event.bucket] = event.seq
        if not more:  # everything up to the heads was looked at, also what the filter left out
            places = [max(place, heads.get(b, 0)) if b in heads else place for b, place in enumerate(places)]
        return Page(events=tuple(events), cursor=pack(places), more=more)


def pack(places: Sequence[int]) -> str:
    """The places of all buckets as one opaque word: variable-length numbers, base64url."""
    data = bytearray()
    for place in places:
        rest = place
        while rest > 0x7F:
            data.append(rest & 0x7F | 0x80)
            rest >>= 7
        data.append(rest)
    return base64.urlsafe_b64encode(bytes(data)).rstrip(b"=").decode()


def unpack(cursor: str) -> list[int]:
    """The places behind `pack`."""
    try:
        data = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        raise BadCursor("must be the `next` of a page of this feed") from None
    places, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            places.append(value)
            value, shift = 0, 0
    if len(places) != BUCKETS or shift or max(places) >= 2**63:
        raise BadCursor("must be the `next` of a page of this feed")
    return places

"""Policies: the editions of what the merchant decided, by segment.

Owns storing and reading them. An edition holds from its own moment on, is never changed, and none begins in the past.
Does not own the format (`policy_file`), the rules (`core.policy_rules`) nor which edition holds when
(`core.policy_book`).
"""

from collections.abc import Collection
from datetime import datetime

from psycopg import Connection

from solvent.core.account import Segment
from solvent.core.catalog import CatalogError
from solvent.core.policy_book import Edition, PolicyBook
from solvent.store import policy_file
from solvent.store.policy_file import PolicyFile

_LOCK = "select revision from catalog_revision for update"
_BUMP = "update catalog_revision set revision = revision + 1"
_READ = "select segment, effective_from, name, body from policy_edition order by segment, effective_from"
_LAST = """
select name, body, effective_from from policy_edition where segment = %s order by effective_from desc limit 1"""
_ADD = """
insert into policy_edition (segment, effective_from, name, body, applied_at) values (%s, %s, %s, %s, %s)"""
# Whoever owes is looked at anew: by the policy that begins now, or to know when another one will.
_MARK = """
insert into recompute_queue (bucket, account_id, state, reason, since, look_at)
select a.bucket, a.id, 'waiting', 'policy', %(now)s::timestamptz, %(now)s::timestamptz
from health h join account a on a.bucket = h.bucket and a.id = h.account_id
where h.oldest_due is not null and a.segment = any(%(segments)s)
order by a.bucket, a.id
on conflict do nothing"""


def read(connection: Connection) -> PolicyBook:
    """All editions, oldest first."""
    editions: dict[Segment, tuple[Edition, ...]] = {}
    for segment, since, name, body in connection.execute(_READ).fetchall():
        edition = Edition(effective_from=since, policy=policy_file.restored(name, body))
        editions[Segment(segment)] = (*editions.get(Segment(segment), ()), edition)
    return PolicyBook(editions=editions)


def apply(connection: Connection, file: PolicyFile, now: datetime) -> list[str]:
    """Add an edition for each segment whose policy differs from its last one; returns what changed, a line each.

    Raises `CatalogError` when an edition would begin in the past, or before one that is there already.
    """
    since = file.effective_from or now
    if since < now:
        raise CatalogError("effective_from", f"must not be in the past: now is {now:%Y-%m-%dT%H:%M:%SZ}")
    connection.execute(_LOCK)
    changed = []
    for segment, stored in file.stored.items():
        body = stored.decode()
        last = connection.execute(_LAST, (segment,)).fetchone()
        if last is not None and last[:2] == (file.name, body):
            continue
        if last is not None and last[2] >= since:
            raise CatalogError(
                "effective_from", f"must be after {last[2]:%Y-%m-%dT%H:%M:%SZ}, when {last[0]!r} begins"
            )
        connection.execute(_ADD, (segment, since, file.name, body, now))
        changed.append(f"policy of {segment}: {file.name}, from {since:%Y-%m-%dT%H:%M:%SZ}")
    if changed:
        connection.execute(_BUMP)
        _mark(connection, file.stored, now)
    return changed


def _mark(connection: Connection, segments: Collection[Segment], now: datetime) -> None:
    connection.execute(_MARK, {"now": now, "segments": [str(segment) for segment in segments]})

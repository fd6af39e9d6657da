"""Drift: what was seen of it, written by whoever looks and read for people.

Owns the rows of drift, their age, and how far the look has come. Does not own what drift is (`core.drift`) nor how it
is found (`witness`, the flows).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from solvent.core.drift_kinds import DriftKind
from solvent.core.ids import bucket_of
from solvent.ports.drift import Claimed, Seen, SharedPayer
from solvent.store import across, journal
from solvent.store.rows import Column, Statement

_FIRST = UUID(int=0)

_SEEN = Statement(
    "id uuid, account_id uuid, kind text, evidence text",
    """
insert into drift (bucket, id, account_id, kind, evidence, first_seen_at, last_seen_at)
select %(bucket)s, v.id, v.account_id, v.kind, v.evidence, %(now)s, %(now)s from {rows}
on conflict (bucket, account_id, kind) where gone_at is null do update
    set last_seen_at = greatest(drift.last_seen_at, excluded.last_seen_at), evidence = excluded.evidence""",
)

_GONE = """
update drift d set gone_at = greatest(%(now)s, d.last_seen_at)
where d.bucket = %(bucket)s and d.account_id = any(%(accounts)b) and d.gone_at is null and d.kind = any(%(kinds)s)
  and not exists (select from unnest(%(seen)b, %(seen_kinds)b) s (account_id, kind)
                  where s.account_id = d.account_id and s.kind = d.kind)"""

_KNOWN = """
select distinct account_id from drift
where bucket = %(bucket)s and account_id = any(%(accounts)b) and gone_at is null order by account_id"""

_REACHED = """
select coalesce(p.after, %(first)s),
    array(select distinct d.account_id from drift d where d.bucket = p.bucket and d.gone_at is null)
from drift_pass p where p.bucket = %(bucket)s"""

_PASSED = "update drift_pass set after = %(after)s where bucket = %(bucket)s"
_THROUGH = """
update drift_pass set after = %(first)s, due_at = %(due_at)s, ended_at = %(now)s where bucket = %(bucket)s"""
_DUE = "select bucket from drift_pass where bucket = any(%s) and due_at <= %s order by due_at, bucket limit 1"
_BEGIN = "update drift_pass set after = %(first)s, due_at = %(now)s where bucket = any(%(buckets)s)"

_CLAIMS = f"""
select {journal.COLUMNS}, (
    select sum(m.amount)::bigint from payment m
    where m.bucket = t.bucket and m.attempt_id = t.id and m.disposition = 'applied'), t.currency
from attempt t
where t.bucket = %(bucket)s and t.provider is not null and t.amount > 0
  and t.state in ('failed', 'committed', 'returned') and t.id in (
    select m.attempt_id from payment m where m.bucket = %(bucket)s and m.account_id = %(account)s
    union all select s.id from attempt s
    where s.bucket = %(bucket)s and s.account_id = %(account)s and s.settles is not null
    union all select p.attempt_id from invoice v join proof p on p.bucket = v.bucket and p.id = v.proof_id
    where v.bucket = %(bucket)s and v.account_id = %(account)s and v.state in ('open', 'uncollectible'))
order by t.id desc limit %(limit)s"""

_ROWS = """
select id, account_id, kind, evidence, first_seen_at, last_seen_at, gone_at from drift
where (%(bucket)s::smallint is null or bucket = %(bucket)s)
  and (%(account)s::uuid is null or account_id = %(account)s)
  and (%(kind)s::text is null or kind = %(kind)s)
  and (%(before)s::timestamptz is null or first_seen_at <= %(before)s)
  and (%(gone)s or gone_at is null) and id > %(after)s
order by id limit %(limit)s"""

# The gauge: by kind and age, of what is not gone.
_AGES = """
select kind, count(*) as accounts, min(first_seen_at) as oldest,
    count(*) filter (where first_seen_at > %(now)s - interval '1 hour') as hour,
    count(*) filter (where first_seen_at <= %(now)s - interval '1 hour'
                       and first_seen_at > %(now)s - interval '1 day') as day,
    count(*) filter (where first_seen_at <= %(now)s - interval '1 day'
                       and first_seen_at > %(now)s - interval '7 days') as week,
    count(*) filter (where first_seen_at <= %(now)s - interval '7 days') as older
from drift where gone_at is null group by kind order by kind"""

_LOOKED = "select count(*) filter (where ended_at is not null), min(ended_at) from drift_pass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A row of drift: one kind about one account, from when on it was seen until it was gone (None: it is not)."""

    id: UUID
    account_id: UUID
    kind: str
    evidence: str
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """How many accounts are in drift of one kind, by how long: less than an hour, a day, a week, or longer."""

    kind: str
    accounts: int
    oldest: datetime
    hour: int
    day: int
    week: int
    older: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WhichDrift:
    """Which rows: of one account, of one kind, seen first not after a moment; with those that are gone, or without."""

    account: UUID | None = None
    kind: DriftKind | None = None
    before: datetime | None = None
    gone: bool = False


def ages(connection: Connection, now: datetime) -> list[Age]:
    """How many accounts are in drift, by kind and age."""
    with connection.cursor(row_factory=class_row(Age)) as cursor:
        return cursor.execute(_AGES, {"now": now}).fetchall()


class DriftRoom:
    """`ports.drift.Drift` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(
        self,
        bucket: int,
        accounts: Collection[UUID],
        looked_for: Iterable[DriftKind],
        seen: Sequence[Seen],
        now: datetime,
    ) -> None:
        """Of these accounts, after looking for these kinds: what was seen goes on or begins, the rest is gone."""
        if seen:
            rows = [(s.id, s.account_id, s.kind.value, s.evidence) for s in seen]
            _SEEN.run(self._connection, rows, bucket=bucket, now=now)
        scalars = {
            "bucket": bucket,
            "accounts": Column("uuid", accounts),
            "kinds": sorted(kind.value for kind in looked_for),
            "seen": Column("uuid", [s.account_id for s in seen]),
            "seen_kinds": Column("text", [s.kind.value for s in seen]),
            "now": now,
        }
        self._connection.execute(_GONE, scalars)

    def known(self, bucket: int, accounts: Collection[UUID]) -> list[UUID]:
        """Those of the accounts of which some drift is not gone."""
        scalars = {"bucket": bucket, "accounts": Column("uuid", accounts)}
        return [row[0] for row in self._connection.execute(_KNOWN, scalars, binary=True).fetchall()]

    def reached(self, bucket: int) -> tuple[UUID, Sequence[UUID]]:
        """How far the look of this bucket has come, and the accounts of which some drift is kept."""
        ((after, known),) = self._connection.execute(
            _REACHED, {"bucket": bucket, "first": _FIRST}, binary=True
        ).fetchall()
        return after, known

    def passed(self, bucket: int, after: UUID | None, now: datetime, due_at: datetime) -> None:
        """The look has come so far, or is through."""
        scalars = {"bucket": bucket, "after": after, "first": _FIRST, "now": now, "due_at": due_at}
        self._connection.execute(_THROUGH if after is None else _PASSED, scalars)

    def claims(self, account_id: UUID, limit: int) -> dict[UUID, Claimed]:
        """The newest attempts of an account that a provider has ended, as we have them."""
        scalars = {"bucket": bucket_of(account_id), "account": account_id, "limit": limit}
        rows = self._connection.execute(_CLAIMS, scalars, binary=True).fetchall()
        claimed = [
            Claimed(attempt=journal.attempt_of(row[:-2]), paid=row[-2], currency=row[-1]) for row in rows
        ]
        return {c.attempt.id: c for c in claimed}

    def shared(self) -> dict[int, list[SharedPayer]]:
        """By bucket, the accounts that are the same payer as one of another bucket."""
        return across.shared(self._connection)

    def keep_shared(self, bucket: int, found: Sequence[SharedPayer]) -> None:
        """Of this bucket that is what there is."""
        across.keep(self._connection, bucket, found)


class DriftReads:
    """The reads of one database; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def page(self, which: WhichDrift, after: UUID | None, limit: int) -> list[Stored]:
        """A page in the order in which it was seen first."""
        scalars: dict[str, Any] = {
            "bucket": None if which.account is None else bucket_of(which.account),
            "account": which.account,
            "kind": which.kind,
            "before": which.before,
            "gone": which.gone,
            "after": after or _FIRST,
            "limit": limit,
        }
        with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(Stored)) as cursor,
        ):
            return cursor.execute(_ROWS, scalars).fetchall()

    def ages(self, now: datetime) -> list[Age]:
        """How many accounts are in drift, by kind and age."""
        with self._pool.connection() as connection:
            return ages(connection, now)

    def looked(self) -> tuple[int, datetime | None]:
        """In how many buckets every account has been looked at, and when the one that was longest ago was through."""
        with self._pool.connection() as connection:
            row = connection.execute(_LOOKED).fetchone()
        assert row is not None, "it counts"
        return row[0], row[1]

    def due(self, buckets: Sequence[int], now: datetime) -> int | None:
        """One of the buckets whose look is due or under way."""
        with self._pool.connection() as connection:
            row = connection.execute(_DUE, (list(buckets), now)).fetchone()
        return None if row is None else row[0]

    def begin(self, buckets: Sequence[int], now: datetime) -> None:
        """Have every account of these buckets looked at from now on."""
        scalars = {"buckets": list(buckets), "first": _FIRST, "now": now}
        with self._pool.connection() as connection:
            connection.execute(_BEGIN, scalars)

"""Entitled: what the entitlement reads need of accounts, each in one statement.

Owns the mark of an account (what must differ when the answer may differ), and the read of grants with what stands
behind them: the kind of proof, attempts that are pending or have just failed, measures in effect. Every grant is
written with an event (`core.entitlement_events`), so the number of the account's last event marks its grants. Does not
own how any of it is presented (`web`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.account import Segment
from solvent.core.catalog import Catalog
from solvent.core.entitlement import Grant
from solvent.core.feature import Capability
from solvent.core.ids import bucket_of
from solvent.core.owed import InEffect
from solvent.core.payment import AttemptState, FailureCause, ProofKind
from solvent.core.subscription import Subscription
from solvent.core.unproven import Tried
from solvent.store import shapes
from solvent.store.rows import Column
from solvent.store.tallies import READ

FAILURES_TOLD = timedelta(days=1)  # how long a failed payment is told as "pay to activate"
DIGEST_BYTES = 12

_PENDING = "t.state in ('opening', 'requires_action', 'processing', 'unknown')"
_FAILED = (
    "t.state = 'failed' and not t.off_session and t.finished_at > coalesce(a.test_now, %(now)s) - %(told)s"
)
_OF_ACCOUNT = "t.bucket = a.bucket and t.account_id = a.id"
_ATTEMPTS = f"""(
        select t.* from attempt t where {_OF_ACCOUNT} and {_PENDING}
        union all select t.* from attempt t where {_OF_ACCOUNT} and {_FAILED}) t"""

_MARK = f"""coalesce(a.test_now, %(now)s), concat_ws(' ',
        (select e.seq from event e where e.bucket = a.bucket and e.account_id = a.id order by e.seq desc limit 1),
        h.assessed_at, (select string_agg(t.id || t.state, ' ' order by t.id) from {_ATTEMPTS})),
    exists (select from attempt t where {_OF_ACCOUNT} and {_PENDING})"""

_FROM = """
from unnest(%(buckets)b, %(ids)b) v (bucket, id)
join account a on a.bucket = v.bucket and a.id = v.id
left join health h on h.bucket = a.bucket and h.account_id = a.id and h.measures <> '[]'"""

_MARKS = f"select a.id, {_MARK} {_FROM}"

# Grants that begin later are read too: they bound how long the answer stays true.
_READ = f"""
select a.id, {_MARK}, a.segment, h.measures::text,
    (select json_agg(json_build_object('grant', {shapes.GRANT}, 'proof', p.kind)
            order by g.product_id, g.object, g.item_id)
     from entitlement g join proof p on p.bucket = g.bucket and p.id = g.proof_id
     where g.bucket = a.bucket and g.account_id = a.id and g.ends_at > coalesce(a.test_now, %(now)s))::text,
    (select json_agg(json_build_object('id', t.id, 'state', t.state, 'cause', t.cause,
            'after', t.plan->'after', 'also', t.plan->'also')) from {_ATTEMPTS})::text
{_FROM}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """As of an account's own `moment`: as long as `digest` is the same, its entitlements are, but for the passing of
    time. `pending`: a payment in flight may change them at any moment."""

    account_id: UUID
    moment: datetime
    digest: str
    pending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A grant, with the kind of proof that it stands on."""

    grant: Grant
    proof: ProofKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitled:
    """What is granted to an account now or later, with all that explains it, from one read."""

    mark: Mark
    segment: Segment
    proven: tuple[Proven, ...] = ()
    tried: tuple[Tried, ...] = ()
    measures: tuple[InEffect, ...] = ()


class _Attempt(msgspec.Struct):
    id: UUID
    state: AttemptState
    cause: FailureCause | None
    after: Subscription | None
    also: tuple[Subscription, ...] | None = None


_proven = msgspec.json.Decoder(tuple[Proven, ...])
_attempts = msgspec.json.Decoder(tuple[_Attempt, ...])


class EntitledReads:
    """The reads of one database; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def marks(self, accounts: Sequence[UUID], now: datetime) -> dict[UUID, Mark]:
        """The marks of the accounts among these that exist."""
        return {row[0]: _mark(row) for row in self._rows(_MARKS, accounts, now)}

    def read(self, accounts: Sequence[UUID], now: datetime) -> dict[UUID, Entitled]:
        """What the accounts among these that exist may use, all as of one moment."""
        return {row[0]: _entitled(row) for row in self._rows(_READ, accounts, now)}

    def used(
        self, entitled: Mark, quotas: Iterable[Capability], catalog: Catalog
    ) -> dict[tuple[str, str], int]:
        """What an account has used of each quota up to its moment, by object and feature."""
        account, until = entitled.account_id, entitled.moment
        found: dict[tuple[str, str], int] = {}
        with self._pool.connection() as connection:
            for quota in quotas:
                meter = catalog.meters[str(quota.meter)]
                rows = READ[meter.aggregation].run(
                    connection,
                    [(account, quota.since, until, account, meter.id, quota.object)],
                    bucket=bucket_of(account),
                    accounts=Column("uuid", [account]),
                )
                counted = rows.fetchone()
                found[quota.object, quota.feature] = 0 if counted is None else counted[2]
        return found

    def _rows(self, query: str, accounts: Sequence[UUID], now: datetime) -> list[tuple[Any, ...]]:
        scalars = {
            "buckets": Column("smallint", map(bucket_of, accounts)),
            "ids": Column("uuid", accounts),
            "now": now,
            "told": FAILURES_TOLD,
        }
        with self._pool.connection() as connection:
            connection.autocommit = True
            try:
                return connection.execute(query, scalars, binary=True).fetchall()
            finally:
                if not connection.closed:
                    connection.autocommit = False


def _mark(row: tuple[Any, ...]) -> Mark:
    digest = blake2b(row[2].encode(), digest_size=DIGEST_BYTES).hexdigest()
    return Mark(account_id=row[0], moment=row[1], digest=digest, pending=row[3])


def _entitled(row: tuple[Any, ...]) -> Entitled:
    measures, proven, attempts = row[5:8]
    return Entitled(
        mark=_mark(row),
        segment=Segment(row[4]),
        proven=() if proven is None else _proven.decode(proven),
        tried=() if attempts is None else tuple(_tried(a) for a in _attempts.decode(attempts)),
        measures=() if measures is None else shapes.measures_of(measures),
    )


def _tried(attempt: _Attempt) -> Tried:
    after = () if attempt.after is None else (attempt.after,)
    return Tried(
        attempt_id=attempt.id,
        state=attempt.state,
        cause=attempt.cause,
        after=(*after, *(attempt.also or ())),
    )

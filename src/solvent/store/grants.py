"""Grants: the stored form of entitlements.

Owns bringing stored grants to what the facts say, at a commit and when a recompute finds them drifted. Does not own
what they should be (`core.entitlement`).
"""

from collections.abc import Collection, Iterable
from uuid import UUID

from psycopg import Connection, Cursor

from solvent.core.entitlement import Grant
from solvent.store import codec
from solvent.store.rows import Column, Statement, insert

_COLUMNS = (
    "item_id uuid, account_id uuid, subscription_id uuid, product_id text, object text, quantity integer,"
    "features jsonb, starts_at timestamptz, ends_at timestamptz"
)

_PUT = """
insert into entitlement (bucket, item_id, account_id, subscription_id, product_id, object, quantity, features,
    starts_at, ends_at, proof_id)
select %(bucket)s, v.item_id, v.account_id, v.subscription_id, v.product_id, v.object, v.quantity, v.features::jsonb,
    v.starts_at, v.ends_at, s.proof_id
from {rows} join subscription s on s.bucket = %(bucket)s and s.id = v.subscription_id and s.state <> 'ended'
on conflict (bucket, item_id) do update set subscription_id = excluded.subscription_id,
    product_id = excluded.product_id, object = excluded.object, quantity = excluded.quantity,
    features = excluded.features, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
    proof_id = excluded.proof_id"""
_GRANT = Statement(_COLUMNS, _PUT)

# In a commit the proof is the commit's own, and its subscription is being written beside the grant.
GIVEN = insert(
    "entitlement",
    f"{_COLUMNS}, proof_id uuid",
    """on conflict (bucket, item_id) do update set subscription_id = excluded.subscription_id,
    product_id = excluded.product_id, object = excluded.object, quantity = excluded.quantity,
    features = excluded.features, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
    proof_id = excluded.proof_id""",
)

_END_OF_SUBSCRIPTIONS = """
delete from entitlement where bucket = %(bucket)s and account_id = any(%(accounts)b)
  and subscription_id = any(%(subscriptions)b) and item_id <> all(%(kept)b)"""

_END_OF_ACCOUNTS = """
delete from entitlement where bucket = %(bucket)s and account_id = any(%(accounts)b) and item_id <> all(%(kept)b)"""


def put(connection: Connection, bucket: int, grants: Collection[Grant]) -> Cursor:
    """Write grants as they now are, each on the proof that its subscription stands on (L1)."""
    return _GRANT.run(connection, [_row(g) for g in grants], bucket=bucket)


def row(grant: Grant, proof_id: UUID) -> tuple[object, ...]:
    """A grant as `GIVEN` takes it."""
    return (*_row(grant), proof_id)


def _row(grant: Grant) -> tuple[object, ...]:
    return (
        grant.item_id,
        grant.account_id,
        grant.subscription_id,
        grant.product_id,
        grant.object,
        grant.quantity,
        codec.encode(grant.features),
        grant.starts_at,
        grant.ends_at,
    )


def end_others(
    connection: Connection,
    bucket: int,
    accounts: Iterable[UUID],
    kept: Iterable[Grant],
    subscriptions: Collection[UUID] | None = None,
) -> None:
    """End the accounts' grants that are not among `kept`: all of them, or those of some subscriptions."""
    scalars = {
        "bucket": bucket,
        "accounts": Column("uuid", accounts),
        "kept": Column("uuid", [g.item_id for g in kept]),
        "subscriptions": Column("uuid", subscriptions or ()),
    }
    query = _END_OF_ACCOUNTS if subscriptions is None else _END_OF_SUBSCRIPTIONS
    connection.execute(query, scalars)

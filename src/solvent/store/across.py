"""Across: payers that accounts of different buckets share.

Owns the one statement over all buckets, and the rows that say in each bucket what it found; there the witness of an
account reads them. Nothing is written across buckets: each has its rows in a transaction of its own. Does not own what
is said of it (`core.drift_kinds`), nor when it is looked for (the flow of drift).
"""

from collections.abc import Sequence

from psycopg import Connection

from solvent.ports.drift import SharedPayer
from solvent.store.rows import Statement

STATEMENT_TIMEOUT_S = 600
SHARED_MAX = 100_000  # rows; who is beyond that is named when others have been put right

# Of each name at a provider that accounts of several buckets have: every one of them, and one of another bucket.
_SHARED = """
select p.bucket, p.account_id, p.provider, p.ref, case when p.bucket = g.low then g.last else g.first end
from (select provider, ref, min(bucket) as low,
             (array_agg(account_id order by bucket, account_id))[1] as first,
             (array_agg(account_id order by bucket desc, account_id))[1] as last
      from payer group by provider, ref having min(bucket) < max(bucket)) g
join payer p on p.provider = g.provider and p.ref = g.ref
order by p.provider, p.ref, p.bucket, p.account_id limit %s"""

_KEPT = "select distinct bucket from shared_payer"

_GONE = "delete from shared_payer where bucket = %s"
_FOUND = Statement(
    "account_id uuid, provider text, ref text, other uuid",
    """
insert into shared_payer (bucket, account_id, provider, ref, other)
select %(bucket)s, v.account_id, v.provider, v.ref, v.other from {rows}""",
)


def shared(connection: Connection) -> dict[int, list[SharedPayer]]:
    """By bucket, who is the same payer as an account of another one; of buckets that have rows already, also nobody."""
    connection.execute(f"set local statement_timeout = '{STATEMENT_TIMEOUT_S}s'")
    found: dict[int, list[SharedPayer]] = {b: [] for (b,) in connection.execute(_KEPT).fetchall()}
    for bucket, *rest in connection.execute(_SHARED, (SHARED_MAX,)).fetchall():
        account_id, provider, ref, other = rest
        one = SharedPayer(account_id=account_id, provider=provider, ref=ref, other=other)
        found.setdefault(bucket, []).append(one)
    return found


def keep(connection: Connection, bucket: int, found: Sequence[SharedPayer]) -> None:
    """What was found is what there is."""
    connection.execute(_GONE, (bucket,))
    if found:
        rows = [(s.account_id, s.provider, s.ref, s.other) for s in found]
        _FOUND.run(connection, rows, bucket=bucket)

"""Examined: what is noted of accounts that were found at rest, so that a sweep proves the others alone.

Owns the notes, their comparison with the digests of the rows as they are, and the basis of verdicts: a number that
stands for the catalog, the policies and the code that judges. Does not own the digests (`digests`) nor the sweep
(`flows.fleet`).
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import cache
from hashlib import blake2b
from pathlib import Path
from uuid import UUID

import msgspec
from psycopg import Connection

import solvent.core
from solvent.core.catalog import Catalog
from solvent.core.policy import Policy
from solvent.ports.fleet import Examined, Glance
from solvent.store.digests import OF_ACCOUNTS, OF_BUCKET
from solvent.store.rows import Column, insert

# A renewal that nobody takes up becomes drift by the passing of time alone (`witness`).
_GLANCE = f"""
with found as materialized ({OF_BUCKET})
select count(*), coalesce(array_agg(id order by id) filter (where unproven), '{{}}'),
    coalesce(array_agg(digest order by id) filter (where unproven), '{{}}')
from (
    select a.id, f.digest, e.account_id is null or e.digest <> f.digest or e.basis <> %(basis)s
        or e.until <= coalesce(a.test_now, %(now)s) or a.id in (
            select s.account_id from subscription s
            where s.bucket = %(bucket)s and s.state <> 'ended'
              and greatest(s.booked_end, s.grace_until) < %(now)s - interval '1 day') as unproven
    from account a join found f on f.account_id = a.id
    left join examined e on e.bucket = a.bucket and e.account_id = a.id
    where a.bucket = %(bucket)s) compared"""

# The server would plan the statement anew for each bucket, which takes as long as looking at hundreds of accounts. What
# is planned once must not read whole tables because they are empty in that moment: the sweep itself fills them.
_PLANNED_ONCE = """
select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)"""

_NOTE = insert(
    "examined",
    "account_id uuid, digest bigint, basis bigint, until timestamptz, examined_at timestamptz",
    """
on conflict (bucket, account_id) do update set digest = excluded.digest, basis = excluded.basis,
    until = excluded.until, examined_at = excluded.examined_at""",
)


class FleetRoom:
    """`ports.fleet.Fleet` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def glance(self, bucket: int, basis: int, now: datetime) -> Glance:
        """How many accounts a bucket has, and which are not as they were when they were last found at rest."""
        scalars = {"bucket": bucket, "basis": basis, "now": now}
        self._connection.execute(_PLANNED_ONCE)
        ((accounts, ids, digests),) = self._connection.execute(_GLANCE, scalars, binary=True).fetchall()
        return Glance(accounts=accounts, unproven=dict(zip(ids, digests, strict=True)))

    def digests(self, bucket: int, accounts: Collection[UUID]) -> dict[UUID, int]:
        """The digests of these accounts as this transaction sees them."""
        scalars = {"bucket": bucket, "accounts": Column("uuid", accounts)}
        return dict(self._connection.execute(OF_ACCOUNTS, scalars, binary=True).fetchall())

    def note(self, bucket: int, basis: int, examined: Sequence[Examined], now: datetime) -> None:
        """Remember accounts that were found at rest."""
        if examined:
            rows = [(e.account_id, e.digest, basis, e.until, now) for e in examined]
            _NOTE.run(self._connection, rows, bucket=bucket)


def basis_of(catalog: Catalog, policy: Policy) -> int:
    """A number of 63 bits that changes with whatever a verdict rests on beside an account's rows."""
    judged_by = (catalog.products, catalog.prices, catalog.meters, catalog.policies, catalog.engine, policy)
    said = msgspec.json.encode(judged_by, order="deterministic")
    return int.from_bytes(blake2b(said, key=_code(), digest_size=8).digest(), "big") >> 1


@cache
def _code() -> bytes:
    """The installed code of the core, which judges."""
    digest = blake2b(digest_size=32)
    for part in _parts():
        digest.update(part)
    return digest.digest()


def _parts() -> Iterator[bytes]:
    for path in sorted(Path(solvent.core.__path__[0]).glob("*.py")):
        yield path.name.encode()
        yield path.read_bytes()

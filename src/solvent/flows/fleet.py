"""Fleet: the sweep of all accounts of a bucket, by the same judgement as of one.

Owns the order of its steps. A verdict follows from an account's rows alone until its time comes (`recheck_at`): an
account whose rows are those that were found at rest before need not be read, and their digests say so. Everybody else
is read whole; for whom something follows, that one is marked and recomputed as on any other trigger. Does not own the
verdict (`core.health`), what is done about it (`recompute`), nor how rows are compared (`ports.fleet`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from solvent.core.catalog import Catalog
from solvent.core.health import Assessment
from solvent.flows.platform import Platform
from solvent.flows.recompute import judged, recompute, restless
from solvent.ports.fleet import Examined

REASON = "sweep"
EXAMPLES_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep found in a bucket: how many accounts there are, how many were read whole, of how many something
    follows (`restless`), how many of these have entitlements other than the facts say, and the first of them."""

    accounts: int = 0
    read: int = 0
    restless: int = 0
    drifted: int = 0
    examples: tuple[UUID, ...] = ()

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(
            accounts=self.accounts + other.accounts,
            read=self.read + other.read,
            restless=self.restless + other.restless,
            drifted=self.drifted + other.drifted,
            examples=(self.examples + other.examples)[:EXAMPLES_MAX],
        )


def sweep_bucket(
    platform: Platform, bucket: int, now: datetime, limit: int, *, observe: bool = False
) -> Swept:
    """Look at every account of a bucket; those that have to be read whole, `limit` at a time. With `observe` nothing is
    written: neither what follows, nor that anybody was found at rest."""
    catalog = platform.store.catalog()
    basis = platform.store.basis(catalog, platform.policy)
    with platform.store.look() as tx:
        glance = tx.fleet.glance(bucket, basis, now)
    swept = Swept(accounts=glance.accounts)
    for start in range(0, len(glance.unproven), limit):
        batch = glance.unproven[start : start + limit]
        verdicts, digests = _read(platform, catalog, bucket, batch, now)
        moved = [v for v in verdicts if restless(v)]
        if not observe:
            _note(platform, bucket, basis, verdicts, digests, now)
        if moved and not observe:
            recompute(platform, bucket, now, limit)
        swept += _counted(len(batch), moved)
    return swept


def _read(
    platform: Platform, catalog: Catalog, bucket: int, accounts: Sequence[UUID], now: datetime
) -> tuple[list[Assessment], Mapping[UUID, int]]:
    """The verdicts about accounts, and the digests of the very rows from which they follow."""
    with platform.store.still() as tx:
        return judged(platform, catalog, tx, bucket, accounts, now), tx.fleet.digests(bucket, accounts)


def _note(
    platform: Platform,
    bucket: int,
    basis: int,
    verdicts: Sequence[Assessment],
    digests: Mapping[UUID, int],
    now: datetime,
) -> None:
    """Remember who was at rest, and mark everybody else. Neither is ever wrong later: of the same rows, judged on the
    same basis, the same follows."""
    at_rest = [
        Examined(account_id=v.account_id, digest=digests[v.account_id], until=v.recheck_at)
        for v in verdicts
        if not restless(v)
    ]
    with platform.store.begin() as tx:
        tx.fleet.note(bucket, basis, at_rest, now)
        tx.queue.mark([v.account_id for v in verdicts if restless(v)], REASON, now)


def _counted(read: int, moved: Sequence[Assessment]) -> Swept:
    return Swept(
        read=read,
        restless=len(moved),
        drifted=sum(v.drifted for v in moved),
        examples=tuple(v.account_id for v in moved[:EXAMPLES_MAX]),
    )

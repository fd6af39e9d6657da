"""Fleet: the sweep of all accounts of a bucket, by the same judgement as of one.

Owns the order of its steps. A verdict follows from an account's rows alone until its time comes (`recheck_at`): an
account whose rows are those that were found at rest before need not be read, and their digests say so. Everybody else
is read whole, and every store asked in what it contradicts another; for whom something follows, that one is marked and
recomputed as on any other trigger. Who is in contradiction is read again each time. Does not own the
verdict (`core.health`), what is done about it (`recompute`), nor how rows are compared (`ports.fleet`).
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from solvent.core.catalog import Catalog
from solvent.core.health import Assessment
from solvent.flows.platform import Platform, traced
from solvent.flows.recompute import examined, recompute, restless
from solvent.ports.fleet import Examined

log = logging.getLogger(__name__)

REASON = "sweep"
EXAMPLES_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep found in a bucket: how many accounts there are, how many were read whole, of how many something
    follows (`restless`), and the first of them; how many have entitlements other than the facts say (`drifted`), and in
    how many stores contradict each other, whether or not that is repaired (`contradicted`). `broken` are the first of
    those that cannot be read or recomputed, each with the reason."""

    accounts: int = 0
    read: int = 0
    restless: int = 0
    drifted: int = 0
    contradicted: int = 0
    examples: tuple[UUID, ...] = ()
    broken: tuple[tuple[UUID, str], ...] = ()

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(
            accounts=self.accounts + other.accounts,
            read=self.read + other.read,
            restless=self.restless + other.restless,
            drifted=self.drifted + other.drifted,
            contradicted=self.contradicted + other.contradicted,
            examples=(self.examples + other.examples)[:EXAMPLES_MAX],
            broken=(self.broken + other.broken)[:EXAMPLES_MAX],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sweep:
    """One sweep of a bucket: by which catalog and on which basis verdicts are made, when, and whether it only looks."""

    bucket: int
    catalog: Catalog
    basis: int
    now: datetime
    observe: bool


@traced("sweep_bucket")
def sweep_bucket(
    platform: Platform, bucket: int, now: datetime, limit: int, *, observe: bool = False
) -> Swept:
    """Look at every account of a bucket; those that have to be read whole, `limit` at a time. With `observe` nothing is
    written: neither what follows, nor that anybody was found at rest."""
    catalog = platform.store.catalog()
    basis = platform.store.basis(catalog, platform.policy)
    sweep = _Sweep(bucket=bucket, catalog=catalog, basis=basis, now=now, observe=observe)
    with platform.store.still() as tx:  # digests and facts of one moment
        glance = tx.fleet.glance(bucket, basis, now)

        def read(batch: Sequence[UUID]) -> Whole:
            return examined(platform, catalog, tx, bucket, batch, now), glance.unproven

        swept, unproven = Swept(accounts=glance.accounts), list(glance.unproven)
        for start in range(0, len(unproven), limit):
            swept += _apart(platform, sweep, unproven[start : start + limit], read)
    return swept


Whole = tuple[
    list[Assessment], Mapping[UUID, int]
]  # verdicts, and digests of the rows from which they follow


def _apart(
    platform: Platform, sweep: _Sweep, batch: Sequence[UUID], read: Callable[[Sequence[UUID]], Whole]
) -> Swept:
    """Sweep a batch; where that fails, one by one, so that who cannot be read holds up nobody else."""
    try:
        return _swept(platform, sweep, *read(batch))
    except platform.outages:
        raise
    except (
        Exception
    ) as error:  # of one account: logged whole, named, and the others go on, each by a look of its own
        if len(batch) == 1:
            log.exception("account %s cannot be swept", batch[0])
            return Swept(read=1, broken=((batch[0], f"{type(error).__name__}: {error}"),))

    def alone(account: Sequence[UUID]) -> Whole:
        return read_whole(platform, sweep.catalog, sweep.bucket, account, sweep.now)

    return sum((_apart(platform, sweep, [account], alone) for account in batch), Swept())


def _swept(
    platform: Platform, sweep: _Sweep, verdicts: Sequence[Assessment], digests: Mapping[UUID, int]
) -> Swept:
    """Note who is at rest, and recompute everybody else."""
    moved = [v for v in verdicts if restless(v)]
    if not sweep.observe:
        _note(platform, sweep, at_rest(verdicts, digests), moved)
    if moved and not sweep.observe:
        recompute(platform, sweep.bucket, sweep.now, len(verdicts))
    return Swept(
        read=len(verdicts),
        restless=len(moved),
        drifted=sum(v.drifted for v in moved),
        contradicted=sum(bool(v.disagreements) for v in verdicts),
        examples=tuple(v.account_id for v in moved[:EXAMPLES_MAX]),
    )


@traced("read_whole")
def read_whole(
    platform: Platform, catalog: Catalog, bucket: int, accounts: Sequence[UUID], now: datetime
) -> Whole:
    """The verdicts about accounts, and the digests of the very rows from which they follow."""
    with platform.store.still() as tx:
        verdicts = examined(platform, catalog, tx, bucket, accounts, now)
        return verdicts, tx.fleet.digests(bucket, accounts)


def at_rest(verdicts: Sequence[Assessment], digests: Mapping[UUID, int]) -> list[Examined]:
    """Of whom nothing follows and no store contradicts another, as it is noted."""
    return [
        Examined(account_id=v.account_id, digest=digests[v.account_id], until=v.recheck_at)
        for v in verdicts
        if not (restless(v) or v.disagreements)
    ]


def _note(
    platform: Platform,
    sweep: _Sweep,
    found: Sequence[Examined],
    moved: Sequence[Assessment],
) -> None:
    """Remember who was at rest, and mark everybody else. What is noted is never wrong later: of the same rows, judged
    on the same basis, the same follows."""
    with platform.store.begin() as tx:
        tx.fleet.note(sweep.bucket, sweep.basis, found, sweep.now)
        tx.queue.mark([v.account_id for v in moved], REASON, sweep.now)

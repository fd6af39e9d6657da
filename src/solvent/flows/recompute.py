"""Recompute: gather, assess, decide, apply, for a batch of accounts of one bucket.

Owns the order of these steps. It runs whole on every trigger and writes nothing when nothing changed. Does not own
the verdict (`core.health`) nor the writing (`settle`).
"""

from datetime import datetime
from uuid import UUID

from solvent.core.catalog import Catalog
from solvent.core.health import Assessment, assess
from solvent.flows.collect import collect_debts
from solvent.flows.platform import Platform
from solvent.flows.settle import record_assessments
from solvent.ports.store import Transaction


def recompute(
    platform: Platform,
    bucket: int,
    now: datetime,
    limit: int,
    account: UUID | None = None,
    wall: datetime | None = None,
) -> int:
    """Recompute up to `limit` accounts that are marked, or whose recheck is due; returns how many.

    With `account`, only that one, at `now` of its own clock: `wall` is then the real present, by which the lease runs.
    Whoever crashes leaves a lease that ends, although the account's clock may stand still for ever.
    """
    catalog, present = platform.store.catalog(), wall or now
    lease_until = present + platform.policy.lease
    try:
        with platform.store.begin() as tx:
            tx.queue.mark_rechecks(bucket, now, limit, account)
            accounts = tx.queue.claim(bucket, present, lease_until, limit, account)
            assessments = _assess(platform, catalog, tx, bucket, accounts, now)
            pending = [a for a in assessments if a.changed or a.drifted or a.collect or a.lapsed]
            busy = {a.account_id for a in pending}
            tx.queue.finish(bucket, [i for i in accounts if i not in busy])
    except Exception:
        # Who cannot be assessed must not stay first, in front of all others.
        with platform.store.begin() as tx:
            tx.queue.claim(bucket, present, lease_until, limit, account)
        raise
    record_assessments(platform, bucket, pending)
    for assessment in pending:
        if assessment.collect:
            collect_debts(platform, assessment.account_id, assessment.collect, now)
    if busy:
        with platform.store.single() as tx:
            tx.queue.finish(bucket, sorted(busy))
    return len(accounts)


def gather(platform: Platform, bucket: int, accounts: list[UUID], now: datetime) -> list[Assessment]:
    """One consistent read of every store, then one pure verdict each."""
    catalog = platform.store.catalog()
    with platform.store.look() as tx:
        return _assess(platform, catalog, tx, bucket, accounts, now)


def _assess(
    platform: Platform, catalog: Catalog, tx: Transaction, bucket: int, accounts: list[UUID], now: datetime
) -> list[Assessment]:
    if not accounts:
        return []
    snapshots = tx.queue.snapshots(bucket, accounts)
    return [assess(s, catalog, platform.policy, s.account.moment(now)) for s in snapshots]

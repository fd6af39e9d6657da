"""What an assessment writes, and how measures follow the facts that a settlement writes.

Owns when an account is assessed within a transaction of `settle`. Does not own the verdict (`core.health`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from solvent.core.catalog import Catalog
from solvent.core.consequence import Consequence
from solvent.core.credit_bookings import book_expiry
from solvent.core.decisions import DecisionRow, applied, worth_a_row
from solvent.core.health import Assessment, assess
from solvent.core.snapshot import Snapshot
from solvent.flows.platform import Platform, traced
from solvent.flows.settle.desk import desk_of
from solvent.ports.store import SettlementTransaction


def align(
    platform: Platform,
    tx: SettlementTransaction,
    bucket: int,
    catalog: Catalog,
    accounts: Collection[UUID],
    now: datetime,
    *,
    all_of: bool = False,
) -> None:
    """Bring measures to the facts that this transaction has written: paying lifts at once and as a whole, and who is
    given up is banned with it. Of `accounts` those are looked at for which measures are in effect, or `all_of` them."""
    if not catalog.policies.editions or not accounts:
        return
    touched = list(accounts) if all_of else tx.queue.measured(bucket, accounts)
    fresh = tx.queue.snapshots(bucket, touched) if touched else []
    if fresh:
        _write(platform, tx, bucket, [_assess(platform, catalog, s, s.account.moment(now)) for s in fresh])


def _write(
    platform: Platform, tx: SettlementTransaction, bucket: int, verdicts: Sequence[Assessment]
) -> None:
    """Record verdicts, and the history of what they decide."""
    tx.books.assess(bucket, verdicts)
    rows = [
        DecisionRow(
            id=platform.ids.draw(bucket),
            account_id=verdict.account_id,
            decided_at=verdict.assessed_at,
            policy=verdict.policy,
            applied=applied(verdict),
            withheld=verdict.withheld,
        )
        for verdict in verdicts
        if worth_a_row(verdict)
    ]
    tx.decisions.keep(bucket, rows)


def _assess(platform: Platform, catalog: Catalog, snapshot: Snapshot, moment: datetime) -> Assessment:
    return assess(snapshot, catalog, platform.policy_of(snapshot.account, catalog, moment), moment)


@traced("record_assessments")
def record_assessments(
    platform: Platform,
    bucket: int,
    assessments: Sequence[Assessment],
    permits: Mapping[UUID, frozenset[Consequence]],
) -> Sequence[Assessment]:
    """Write verdicts from which something follows, bring stored entitlements back to what the facts say (L10), and book
    credit that has expired.

    They are assessed again under lock, so that what is written is never older than what a settlement wrote. Returns
    those verdicts: they are what is acted upon. `permits` are those of accounts for which something has a cap.
    """
    changed = {a.account_id: a.assessed_at for a in assessments}
    if not changed:
        return ()
    catalog = platform.store.catalog()
    with platform.settlements.begin() as tx:
        tx.books.lock_accounts(bucket, list(changed))
        read = tx.queue.snapshots(bucket, list(changed))
        fresh = [replace(s, permits=permits.get(s.account.id, s.permits)) for s in read] if permits else read
        verdicts = [_assess(platform, catalog, s, changed[s.account.id]) for s in fresh]
        expired = [
            (
                book_expiry(
                    s.account, v.lapsed, desk_of(platform, catalog, bucket, s.account, v.assessed_at)
                ),
                v.assessed_at,
            )
            for s, v in zip(fresh, verdicts, strict=True)
            if v.lapsed
        ]
        tx.books.write(bucket, expired)
        _write(platform, tx, bucket, verdicts)
    return verdicts

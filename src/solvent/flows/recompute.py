"""Recompute: gather, assess, decide, apply, for a batch of accounts of one bucket.

Owns the order of these steps. It runs whole on every trigger and writes nothing when nothing changed. Does not own
the verdict (`core.health`) nor the writing (`settle`).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from solvent.core.catalog import Catalog
from solvent.core.consequence import Consequence
from solvent.core.crediting import PaidPart, Wish
from solvent.core.drift_kinds import LOOKED_FOR
from solvent.core.engine import Mode
from solvent.core.giving_up import Surrender
from solvent.core.health import Assessment, assess
from solvent.core.snapshot import Snapshot
from solvent.flows.collect import collect_debts
from solvent.flows.credit import forgive
from solvent.flows.debts import give_up
from solvent.flows.permits import Waiting, draw
from solvent.flows.platform import Platform, traced
from solvent.flows.seen import keep
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
    if platform.store.catalog().engine.mode is Mode.OFF:
        return 0  # marks wait, one an account
    with platform.telemetry.span("flow.recompute") as span:
        done = _recomputed(platform, bucket, now, limit, account, wall or now)
        span.add("solvent.accounts", done)
    return done


def _recomputed(
    platform: Platform, bucket: int, now: datetime, limit: int, account: UUID | None, present: datetime
) -> int:
    """The batch itself, at `present` of the real clock."""
    catalog = platform.store.catalog()
    lease_until = present + platform.policy.lease
    try:
        with platform.store.begin() as tx:
            accounts = _claimed(tx, bucket, now, limit, account, present, lease_until)
            assessments = judged(platform, catalog, tx, bucket, accounts, now)
            drifting = {a.account_id: a.disagreements for a in assessments if a.disagreements}
            known = tx.drift.known(bucket, accounts) if accounts else []
            moving = [a for a in assessments if restless(a) or a.capped]
            busy = {a.account_id for a in moving}
            tx.queue.finish(bucket, [i for i in accounts if i not in busy])
    except Exception:
        # Who cannot be assessed must not stay first, in front of all others.
        with platform.store.begin() as tx:
            tx.queue.claim(bucket, present, lease_until, limit, account)
        raise
    if drifting:
        keep(platform, bucket, drifting, (), now)
    permits = _permits(platform, catalog, moving)
    pending = [a for a in moving if restless(a) or a.account_id in permits]
    for assessment in record_assessments(platform, bucket, pending, permits):
        if assessment.collect:
            collect_debts(platform, assessment.account_id, assessment.collect, now, assessment.charge_with)
        else:
            _end(platform, assessment, now)
    if busy:
        with platform.store.single() as tx:
            tx.queue.finish(bucket, sorted(busy))
    _look_again(platform, bucket, {*drifting, *known}, now)
    return len(accounts)


def _claimed(
    tx: Transaction,
    bucket: int,
    now: datetime,
    limit: int,
    account: UUID | None,
    present: datetime,
    lease_until: datetime,
) -> list[UUID]:
    """Who is recomputed now. One account is mostly asked for because it is marked: whether its recheck is due too is
    then no question."""
    if account is not None:
        claimed = tx.queue.claim(bucket, present, lease_until, limit, account)
        if claimed:
            return claimed
    if tx.queue.mark_rechecks(bucket, now, limit, account) == 0 and account is not None:
        return []
    return tx.queue.claim(bucket, present, lease_until, limit, account)


def _permits(
    platform: Platform, catalog: Catalog, assessments: Sequence[Assessment]
) -> Mapping[UUID, frozenset[Consequence]]:
    """Permits for what waits for nothing else."""
    waiting = [
        Waiting(
            account_id=a.account_id,
            consequences=a.capped,
            moment=a.assessed_at,
            oldest_due=a.oldest_due,
        )
        for a in assessments
        if a.capped
    ]
    return draw(platform, catalog.engine.caps, waiting)


def _look_again(platform: Platform, bucket: int, drifting: Collection[UUID], now: datetime) -> None:
    """What is left of the drift of accounts that were just recomputed."""
    if drifting:
        left = examine(platform, bucket, sorted(drifting), now)
        keep(platform, bucket, {v.account_id: v.disagreements for v in left}, LOOKED_FOR, now)


def restless(assessment: Assessment) -> bool:
    """Whether anything follows from a verdict: a record, a charge, an end. Of an account at rest nothing is written."""
    ends = bool(assessment.decision.give_up or assessment.decision.forgive)
    return assessment.changed or assessment.drifted or ends or bool(assessment.collect or assessment.lapsed)


def _end(platform: Platform, assessment: Assessment, now: datetime) -> None:
    """Give up, and forgive, what policy says. Each asks the locked facts again, so that a repetition is refused."""
    by = f"policy {assessment.policy!r}"
    for invoice_id, scope in assessment.decision.give_up.items():
        reason = f"unpaid, at rung {assessment.decision.rungs[invoice_id]!r}"
        give_up(platform, invoice_id, Surrender(reason=reason, by=by, scope=scope, decided=True), now)
    for invoice_id in assessment.decision.forgive:
        wish = Wish(
            paid_part=PaidPart.CREDIT,
            reason="forgiven",
            issued_by=by,
            key=f"forgive:{invoice_id}",
            input_hash=b"",
        )
        forgive(platform, invoice_id, wish, now)


@traced("assess")
def gather(platform: Platform, bucket: int, accounts: list[UUID], now: datetime) -> list[Assessment]:
    """One consistent read of every store, then one pure verdict each."""
    catalog = platform.store.catalog()
    with platform.store.look() as tx:
        return judged(platform, catalog, tx, bucket, accounts, now)


def examine(platform: Platform, bucket: int, accounts: Sequence[UUID], now: datetime) -> list[Assessment]:
    """As `gather`, and every store is asked in what it contradicts another."""
    return [verdict for _, verdict in look_whole(platform, bucket, accounts, now)]


@traced("examine")
def look_whole(
    platform: Platform, bucket: int, accounts: Sequence[UUID], now: datetime
) -> list[tuple[Snapshot, Assessment]]:
    """As `examine`, each verdict with what it was said of."""
    catalog = platform.store.catalog()
    with platform.store.still() as tx:
        snapshots = tx.queue.examined(bucket, accounts, now)
    return list(zip(snapshots, _verdicts(platform, catalog, snapshots, now), strict=True))


def examined(
    platform: Platform,
    catalog: Catalog,
    tx: Transaction,
    bucket: int,
    accounts: Sequence[UUID],
    now: datetime,
) -> list[Assessment]:
    """The verdicts about accounts as this transaction sees them, with what the stores contradict each other in."""
    return _verdicts(platform, catalog, tx.queue.examined(bucket, accounts, now), now)


def judged(
    platform: Platform,
    catalog: Catalog,
    tx: Transaction,
    bucket: int,
    accounts: Sequence[UUID],
    now: datetime,
) -> list[Assessment]:
    """The verdicts about accounts as this transaction sees them, each at its own moment."""
    if not accounts:
        return []
    with platform.telemetry.span("recompute.read"):
        snapshots = tx.queue.snapshots(bucket, accounts)
    return _verdicts(platform, catalog, snapshots, now)


def _verdicts(
    platform: Platform, catalog: Catalog, snapshots: Sequence[Snapshot], now: datetime
) -> list[Assessment]:
    moments = [s.account.moment(now) for s in snapshots]
    with platform.telemetry.span("recompute.assess"):
        return [
            assess(s, catalog, platform.policy_of(s.account, catalog, moment), moment)
            for s, moment in zip(snapshots, moments, strict=True)
        ]

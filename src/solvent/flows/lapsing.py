"""Lapsing: what the billing clock does about subscriptions whose service has run out unpaid.

Owns the order of the steps: look at the accounts whole, draw permits where a cap applies, and say what may end now and
what waits. Does not own the rule (`core.lapsing`) nor the plan of the end (`renew`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from solvent.core.catalog import Catalog
from solvent.core.consequence import Consequence
from solvent.core.health import restraint_of
from solvent.core.lapsing import LOOK_EVERY, Lapse, kept
from solvent.core.snapshot import Snapshot
from solvent.flows.permits import Waiting, draw
from solvent.flows.platform import Platform
from solvent.ports.store import DueSubscription


def sorted_out(
    platform: Platform, catalog: Catalog, bucket: int, lapses: Sequence[DueSubscription], now: datetime
) -> tuple[list[DueSubscription], dict[UUID, datetime]]:
    """What ends now, and until when others wait: they are asked about again then, and at once when they are written."""
    accounts = sorted({due.account.id for due in lapses})
    with platform.store.look() as tx:
        found = {s.account.id: s for s in tx.queue.snapshots(bucket, accounts)}
    reasons = {account_id: _why(platform, catalog, s, now) for account_id, s in found.items()}
    permits = _permits(platform, catalog, found, reasons, now)
    ends, waits = [], {}
    for due in lapses:
        if reasons[due.account.id] is None or due.account.id in permits:
            ends.append(due)
        else:
            waits[due.subscription.id] = due.account.moment(now) + LOOK_EVERY
    return ends, waits


def _why(platform: Platform, catalog: Catalog, snapshot: Snapshot, now: datetime) -> Lapse | None:
    moment = snapshot.account.moment(now)
    policy = platform.policy_of(snapshot.account, catalog, moment)
    return kept(policy, restraint_of(snapshot, catalog, moment))


def _permits(
    platform: Platform,
    catalog: Catalog,
    found: Mapping[UUID, Snapshot],
    reasons: Mapping[UUID, Lapse | None],
    now: datetime,
) -> Mapping[UUID, frozenset[Consequence]]:
    waiting = [
        Waiting(
            account_id=account_id,
            consequences=(Consequence.CANCEL,),
            moment=found[account_id].account.moment(now),
            oldest_due=min((i.due_at for i in found[account_id].open_invoices), default=None),
        )
        for account_id, lapse in reasons.items()
        if lapse is not None and lapse.capped
    ]
    return draw(platform, catalog.engine.caps, waiting)

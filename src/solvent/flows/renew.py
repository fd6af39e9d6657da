"""Renew: the billing clock.

Owns turning due subscriptions into recorded attempts and having them charged (path 3), a batch of one bucket at a
time. Does not own the next period (`core.renewal`) nor scheduling: there is no schedule at any provider.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.catalog import Catalog
from solvent.core.renewal import plan_renewal
from solvent.flows.collect import charge, off_session_attempt
from solvent.flows.platform import Platform
from solvent.ports.store import DueSubscription

log = logging.getLogger(__name__)


def renew(platform: Platform, bucket: int, now: datetime, limit: int, account: UUID | None = None) -> int:
    """Renew, or end, up to `limit` subscriptions of one bucket that are due; returns how many were attempted.

    With `account`, only that one, on its own clock.
    """
    attempts = _record(platform, bucket, now, limit, account)
    return len(charge(platform, attempts, now))


def _record(
    platform: Platform, bucket: int, now: datetime, limit: int, account: UUID | None
) -> list[Attempt]:
    """Steps 1 to 3: plan each due subscription and journal it; a subscription with an attempt in flight is not due."""
    catalog = platform.store.catalog()
    with platform.store.begin() as tx:
        claimed = tx.accounts.due(bucket, now, limit, account)
        attempts, stuck = _plan(platform, catalog, claimed, now)
        tx.accounts.put_off(bucket, stuck, now)
        inserted = tx.journal.add(attempts)
    return [attempt for attempt in attempts if attempt.id in inserted]


def _plan(
    platform: Platform, catalog: Catalog, claimed: Sequence[DueSubscription], now: datetime
) -> tuple[list[Attempt], dict[UUID, str]]:
    """The journal rows of renewals, and why others cannot be planned: those must not hold up the rest."""
    attempts: list[Attempt] = []
    stuck: dict[UUID, str] = {}
    for due in claimed:
        try:
            attempt = _attempt(platform, catalog, due, now)
        except Exception as error:  # of one subscription: logged whole, put off, counted
            log.exception("subscription %s cannot be renewed", due.subscription.id)
            stuck[due.subscription.id] = f"{type(error).__name__}: {error}"
            continue
        if attempt is not None:
            attempts.append(attempt)
    return attempts, stuck


def _attempt(platform: Platform, catalog: Catalog, due: DueSubscription, now: datetime) -> Attempt | None:
    """The journal row of one renewal."""
    plan = plan_renewal(
        due.account,
        due.subscription,
        catalog=catalog,
        policy=platform.policy,
        convention=platform.convention,
        credit=due.credit,
        now=due.account.moment(now),
    )
    if plan is None:
        return None
    return off_session_attempt(platform, due.account, plan, due.methods, now)

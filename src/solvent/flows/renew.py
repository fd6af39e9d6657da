"""Renew: the billing clock.

Owns turning due subscriptions into recorded attempts and having them charged (path 3), a batch of one bucket at a
time. Does not own the next period (`core.renewal`) nor scheduling: there is no schedule at any provider.
"""

from datetime import datetime
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.renewal import plan_renewal
from solvent.flows.collect import charge, off_session_attempt
from solvent.flows.platform import Platform


def renew(platform: Platform, bucket: int, now: datetime, limit: int, account: UUID | None = None) -> int:
    """Renew, or end, up to `limit` subscriptions of one bucket that are due; returns how many were attempted.

    With `account`, only that one, on its own clock.
    """
    attempts = _record(platform, bucket, now, limit, account)
    return charge(platform, attempts, now) if attempts else 0


def _record(
    platform: Platform, bucket: int, now: datetime, limit: int, account: UUID | None
) -> list[Attempt]:
    """Steps 1 to 3: plan each due subscription and journal it; a subscription with an attempt in flight is not due."""
    catalog, policy = platform.store.catalog(), platform.policy
    with platform.store.begin() as tx:
        attempts: list[Attempt] = []
        for due in tx.accounts.due(bucket, now, limit, account):
            plan = plan_renewal(
                due.account,
                due.subscription,
                catalog=catalog,
                policy=policy,
                credit=due.credit,
                now=due.account.moment(now),
            )
            if plan is not None:
                attempts.append(off_session_attempt(platform, due.account, plan, due.methods, now))
        inserted = tx.journal.add(attempts)
    return [attempt for attempt in attempts if attempt.id in inserted]

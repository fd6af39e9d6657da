"""Holds: placing and releasing them.

Owns the transaction: under the account's lock, with the event and the mark, so that the next verdict knows. Does not
own what a hold keeps away (`core.valves`).
"""

from datetime import datetime, timedelta
from uuid import UUID

from solvent.core.consequence import Consequence
from solvent.core.ids import bucket_of
from solvent.core.plan import Refusal
from solvent.core.valves import Hold
from solvent.flows.platform import Platform

REASON = "hold"
HOLD_MAX = timedelta(days=366)
_NO_ACCOUNT = Refusal(field="account_id", rule="must be an existing account")


def place_hold(
    platform: Platform,
    account_id: UUID,
    consequence: Consequence,
    reason: str,
    author: str,
    expires_at: datetime,
    now: datetime,
) -> Hold | Refusal:
    """Keep a consequence from an account until `expires_at`, by the account's own clock."""
    with platform.store.begin() as tx:
        account = tx.holds.account(account_id)
        if account is None:
            return _NO_ACCOUNT
        moment = account.moment(now)
        if not moment < expires_at <= moment + HOLD_MAX:
            return Refusal(
                field="expires_at", rule=f"must be within {HOLD_MAX.days} days from now, and after it"
            )
        hold = Hold(
            id=platform.ids.draw(bucket_of(account_id)),
            consequence=consequence,
            reason=reason,
            author=author,
            placed_at=moment,
            expires_at=expires_at,
        )
        tx.holds.place(account, hold)
        tx.queue.mark([account_id], REASON, now)
    return hold


def release_hold(
    platform: Platform, account_id: UUID, hold_id: UUID, by: str, now: datetime
) -> Refusal | None:
    """End a hold before it expires; None: it is ended."""
    with platform.store.begin() as tx:
        account = tx.holds.account(account_id)
        if account is None:
            return _NO_ACCOUNT
        if not tx.holds.release(account, hold_id, by, account.moment(now)):
            return Refusal(field="hold_id", rule="must be a hold of the account that is not released")
        tx.queue.mark([account_id], REASON, now)
    return None

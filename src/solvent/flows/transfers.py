"""Transfers: money that the merchant says has come for a payment that was waited for.

Owns recording it first and then settling what its provider says, as after any notification: should we die in between,
the janitor asks. Does not own what is waited for (the adapter) nor what money commits (`settle`).
"""

from datetime import datetime
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.plan import Refusal
from solvent.core.receiving import received_rule, reference_rule
from solvent.flows.apart import settle_apart
from solvent.flows.opening import read
from solvent.flows.platform import Platform
from solvent.ports.transfers import Arrived


def receive(
    platform: Platform, attempt_id: UUID, arrived: Arrived, now: datetime
) -> Attempt | Refusal | None:
    """Record money under its reference, once, and settle; the attempt as it then stands. None: there is no such one."""
    attempt = read(platform, attempt_id)
    if attempt is None:
        return None
    if attempt.provider is None or not platform.providers.get(attempt.provider).capabilities.recorded:
        return Refusal(field="change_id", rule="must be one whose payment is waited for, and recorded")
    broken = reference_rule(arrived.reference) or received_rule(arrived.received_at, now)
    if broken is not None:
        return broken
    with platform.store.begin() as tx:
        kept = tx.transfers.receive(attempt_id, arrived)
    if kept is None:
        return Refusal(field="change_id", rule="must have been opened: nothing was asked for yet")
    if kept.amount != arrived.amount:
        return Refusal(field="reference", rule=f"was recorded before, with the amount {kept.amount}")
    reports = list(platform.providers.get(attempt.provider).payments_of(attempt_id, attempt.ref))
    settle_apart(platform, reports, now)
    return read(platform, attempt_id)

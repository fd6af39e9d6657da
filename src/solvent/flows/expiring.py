"""Expiring: collection methods that end, from the question to their provider to the word to their customer.

Owns the steps of a look: ask how the method stands, with no transaction open, and have it recorded with what follows.
Whatever a notification said, or none did, the provider is asked before anybody is written to. Does not own what follows
(`core.expiry`) nor its writing (`settle`).
"""

from datetime import datetime, timedelta
from uuid import UUID

from solvent.core.account import CollectionMethod
from solvent.core.payment import MethodSeen
from solvent.flows.platform import Platform
from solvent.flows.settle import record_look
from solvent.ports.provider import ProviderDown, ProviderSilent

SILENT_PAUSE = timedelta(hours=1)


def look_at_methods(
    platform: Platform, bucket: int, now: datetime, limit: int, account: UUID | None = None
) -> int:
    """Look at every method of a bucket whose look is due; returns how many were."""
    with platform.store.begin() as tx:
        due = tx.methods.claim(bucket, now, now + platform.policy.lease, limit, account)
    for method, seen in zip(due, platform.spread(lambda m: _ask(platform, m), due), strict=True):
        if isinstance(seen, ProviderDown | ProviderSilent):
            with platform.store.begin() as tx:
                tx.methods.put_off(method, now + SILENT_PAUSE)
        else:
            record_look(platform, method, seen, now)
    return len(due)


def _ask(platform: Platform, method: CollectionMethod) -> MethodSeen | ProviderDown | ProviderSilent | None:
    try:
        return platform.providers.get(method.provider).get_method(method.token)
    except (ProviderDown, ProviderSilent) as silence:
        return silence

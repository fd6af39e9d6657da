"""Notify: the inbox.

Owns receiving (verify, store once, nothing else) and processing (ask the provider, settle). A notification is a hint
about which attempt to look at; nothing in it is believed, so that lost, late, repeated or reordered ones end in the
same state. Does not own signatures (the adapter's).
"""

from collections.abc import Mapping
from datetime import datetime

from solvent.core.ids import bucket_of
from solvent.core.payment import Report
from solvent.flows.platform import Platform, ask
from solvent.flows.reconcile import movements
from solvent.flows.settle import settle
from solvent.ports.provider import Notification, Subject
from solvent.ports.store import Received


def receive(
    platform: Platform, provider: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> Notification:
    """Verify and store; raises `NotificationRefused`, or `LookupError` for a provider that is not configured."""
    notification = platform.providers.get(provider).parse(headers, body, now)
    bucket = (
        bucket_of(notification.key) if notification.key is not None else sum(notification.id.encode()) % 256
    )
    with platform.store.begin() as tx:
        tx.inbox.store(notification, bucket, now)
    return notification


def process(platform: Platform, bucket: int, now: datetime, limit: int) -> int:
    """Look at what up to `limit` notifications of one bucket are about; returns how many."""
    with platform.store.begin() as tx:
        waiting = tx.inbox.claim(bucket, now, now + platform.policy.lease, limit)
    if not waiting:
        return 0
    ours = [
        r for r in waiting if r.notification.subject is Subject.ATTEMPT and r.notification.key is not None
    ]
    answers = platform.spread(lambda r: _look(platform, r), ours)
    settle(platform, [report for reports in answers for report in reports], now)
    with platform.store.begin() as tx:
        tx.inbox.finish([r for r in waiting if r in ours or r.notification.subject is not Subject.ATTEMPT])
        for received in waiting:
            if received.notification.subject is Subject.ATTEMPT and received.notification.key is None:
                tx.inbox.park(received, "it names no attempt of ours")
    return len(waiting)


def _look(platform: Platform, received: Received) -> list[Report]:
    """How the attempt stands, and every movement of money made for it (more than one is a duplicate charge)."""
    notification = received.notification
    key = notification.key
    if key is None:
        return []
    provider = platform.providers.get(notification.provider)
    report = ask(key, lambda: provider.get(key, notification.ref))
    found = [] if report is None else [report]
    return found + [m for m in movements(platform, notification.provider, [key]) if m.ref != _ref(report)]


def _ref(report: Report | None) -> str | None:
    return None if report is None else report.ref

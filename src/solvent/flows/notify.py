"""Notify: the inbox.

Owns receiving (verify, store once, alone or with others of the same moment, nothing else) and processing (ask the
provider, settle). A notification is a hint about which attempt, refund or dispute to look at; nothing in it is
believed, so that lost, late, repeated or reordered ones end in the same state. Does not own signatures (the adapter's).
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from solvent.core.dispute import DisputeReport
from solvent.core.ids import BUCKETS, bucket_of
from solvent.core.payment import IN_FLIGHT, AttemptState, Outcome, Report
from solvent.flows import refunds as refunded
from solvent.flows.apart import Poisoned, settle_apart
from solvent.flows.disputes import ALIEN, NO_PAYMENT, NOT_ANSWERED, learn, look_up, remember
from solvent.flows.platform import Platform, traced
from solvent.ports.provider import Notification, NotificationRefused, ProviderDown, ProviderSilent, Subject
from solvent.ports.queues import Arrival, Received

TRIES_MAX = 10
NAME_MAX = 500  # characters of an id or reference; the longest known have some 80

log = logging.getLogger(__name__)


@traced("notify")
def receive(
    platform: Platform, provider: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> Notification:
    """Verify and store one by itself; raises as `verified`, and what the store raises."""
    arrival = verified(platform, provider, headers, body, now)
    for failure in keep(platform, [arrival]):
        if failure is not None:
            raise failure
    return arrival.notification


def verified(
    platform: Platform, provider: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> Arrival:
    """A genuine notification, to be stored; raises `NotificationRefused`, or `LookupError` for a provider that is not
    configured."""
    notification = platform.providers.get(provider).parse(headers, body, now)
    for name, text in (("id", notification.id), ("reference", notification.ref)):
        if text is not None and not _is_name(text):
            raise NotificationRefused(f"its {name} must be printable and have 1 to {NAME_MAX} characters")
    return Arrival(inbox_of(notification), notification, now)


def _is_name(text: object) -> bool:
    """What is read of somebody's JSON may be anything."""
    return isinstance(text, str) and 0 < len(text) <= NAME_MAX and text.isprintable()


@traced("notify_keep")
def keep(platform: Platform, arrivals: Sequence[Arrival]) -> list[Exception | None]:
    """Store them all, on disk when this returns, in one transaction; of each, why it was not stored.

    What cannot be stored together is stored one by one. A store that is away is nobody's fault.
    """
    try:
        with platform.store.single() as tx:
            tx.inbox.store(arrivals)
    except platform.outages as outage:
        return [outage] * len(arrivals)
    except Exception as error:  # one of them; told to its sender, and the others are stored
        if len(arrivals) == 1:
            return [error]
        log.exception("%d notifications cannot be stored together; they are stored one by one", len(arrivals))
        return [failure for arrival in arrivals for failure in keep(platform, [arrival])]
    return [None] * len(arrivals)


def inbox_of(notification: Notification) -> int:
    """The bucket in which a notification is kept: its attempt's, or any, always the same one."""
    if notification.key is not None:
        return bucket_of(notification.key)
    return sum(notification.id.encode()) % BUCKETS


def process(platform: Platform, bucket: int, now: datetime, limit: int) -> int:
    """Look at what up to `limit` notifications of one bucket are about; returns how many.

    One that cannot be answered yet, or whose answer cannot be settled, is put off for longer each time, and one that
    never can be is put aside with the reason.
    """
    with platform.store.single() as tx:
        waiting = tx.inbox.claim(bucket, now, now + platform.policy.lease, limit)
    if not waiting:
        return 0
    hopeless = {r.notification.id: reason for r in waiting if (reason := _hopeless(r)) is not None}
    ours = [r for r in waiting if r.notification.id not in hopeless and _names_attempt(r)]
    answers = dict(zip(ours, platform.spread(lambda r: _look(platform, r), ours), strict=True))
    news = [x for r, reports in answers.items() for x in reports or () if _is_news(r, x)]
    _, poisoned = settle_apart(platform, news, now)
    silent, unsettled = _refunded(platform, waiting, now)
    answers |= silent
    _renewed(platform, waiting, now)
    # The payment that is disputed is settled first: both may be news.
    later = _learn(platform, [r for r in waiting if r.notification.id not in hopeless], now)
    hopeless |= {name: reason for name, reason in later.items() if reason == ALIEN}
    _close(platform, waiting, hopeless, {**poisoned, **unsettled}, later, answers, now)
    return len(waiting)


def _names_attempt(received: Received) -> bool:
    about = received.notification.subject
    return received.attempt is not None and about in (Subject.ATTEMPT, Subject.DISPUTE)


def _refunded(
    platform: Platform, waiting: Sequence[Received], now: datetime
) -> tuple[dict[Received, list[Report] | None], Poisoned]:
    """Ask how our refunds among these stand, and record it. Those of which the provider says nothing now, which wait;
    and those that could not be settled, with the reason."""
    about = (r for r in waiting if r.notification.subject is Subject.REFUND)
    refunds = [r for r in about if r.notification.key is not None]
    told = platform.spread(
        lambda r: refunded.look_up(platform, r.notification.provider, str(r.notification.ref)), refunds
    )
    unsettled = refunded.settle_told(platform, [report for reports in told for report in reports or ()], now)
    return {r: None for r, reports in zip(refunds, told, strict=True) if reports is None}, unsettled


def _renewed(platform: Platform, waiting: Sequence[Received], now: datetime) -> None:
    """Have the methods among these looked at; what is none of ours is nothing to us."""
    about = (r.notification for r in waiting if r.notification.subject is Subject.METHOD)
    for provider, token in sorted({(n.provider, str(n.ref)) for n in about}):
        with platform.store.begin() as tx:
            tx.methods.changed(provider, token, now)


def _learn(platform: Platform, waiting: Sequence[Received], now: datetime) -> dict[str, str]:
    """Ask how the disputes among these stand, and record it; by notification, why that was not to be had."""
    disputes = [r for r in waiting if r.notification.subject is Subject.DISPUTE]
    reports = platform.spread(
        lambda r: look_up(platform, r.notification.provider, str(r.notification.ref)), disputes
    )
    later = {}
    for received, report in zip(disputes, reports, strict=True):
        about = received.notification
        reason = report if isinstance(report, str) else learn(platform, about.provider, report, now)
        if reason == NO_PAYMENT and received.attempt is None and isinstance(report, DisputeReport):
            reason = None if _passed_on(platform, about, report, now) else ALIEN
        if reason is not None:
            later[about.id] = reason
    return later


def _passed_on(platform: Platform, about: Notification, report: DisputeReport, now: datetime) -> bool:
    """Whether the notification did not say whose the dispute is and the provider does: then its own bucket looks."""
    if report.key is None or report.key == about.key:
        return False
    remember(platform, about.provider, report, now)
    return True


def _close(
    platform: Platform,
    waiting: Sequence[Received],
    hopeless: Mapping[str, str],
    poisoned: Mapping[UUID, str],
    later: Mapping[str, str],
    answers: Mapping[Received, list[Report] | None],
    now: datetime,
) -> None:
    """What was looked at is done; what is hopeless is put aside; what was poisoned, or of which the provider says
    nothing now, is put off for longer each time, so that a long outage puts nothing aside."""
    done: list[Received] = []
    off: dict[Received, str] = {}
    for received in waiting:
        name, key = received.notification.id, received.notification.key
        if name in hopeless:
            continue
        if key is not None and key in poisoned:
            off[received] = f"cannot be settled: {poisoned[key]}"
        elif name in later:
            off[received] = later[name]
        elif answers.get(received, ()) is None:
            off[received] = NOT_ANSWERED
        else:
            done.append(received)
    aside = {r: hopeless[r.notification.id] for r in waiting if r.notification.id in hopeless}
    statements = bool(aside) + bool(off) + bool(done)
    with platform.store.single() if statements <= 1 else platform.store.begin() as tx:
        tx.inbox.park(aside)
        tx.inbox.put_off(off, now)
        tx.inbox.finish(done)


def _hopeless(received: Received) -> str | None:
    """Why nothing can be done about a notification; None: something can."""
    notification = received.notification
    if received.tries > TRIES_MAX:
        return received.reason or f"it was looked at {TRIES_MAX} times without an end"
    if notification.subject is Subject.DISPUTE and notification.ref is None:
        return "it names no dispute"
    if notification.subject is Subject.ATTEMPT and received.attempt is None:
        return "it names no attempt of ours"
    return None


def _is_news(received: Received, report: Report) -> bool:
    """Whether a report can change anything: not when its money is recorded, or nothing moved for what has ended."""
    if report.outcome is Outcome.SUCCEEDED and report.ref in received.refs:
        return False
    return received.attempt in IN_FLIGHT or report.outcome is Outcome.SUCCEEDED


def _look(platform: Platform, received: Received) -> list[Report] | None:
    """How the attempt stands, and every movement of money made for it (more than one is a duplicate charge).

    None: the provider does not answer now.
    """
    notification = received.notification
    key = notification.key
    assert key is not None, f"notification {notification.id} names no attempt"
    provider = platform.providers.get(notification.provider)
    ref = (
        notification.ref if notification.subject is Subject.ATTEMPT else None
    )  # a dispute's is not the payment's
    try:
        movements = list(provider.payments_of(key, ref))
        if received.attempt is AttemptState.COMMITTED and received.refs.issuperset(m.ref for m in movements):
            return []  # only more money could be news of it
        report = provider.get(key, ref)
        others = [m for m in movements if report is None or m.ref != report.ref]
    except (ProviderSilent, ProviderDown):
        return None
    return others if report is None else [report, *others]

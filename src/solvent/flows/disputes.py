"""Disputes: what is learnt of them, and what the merchant answers.

Owns the way of a dispute's report to its commit, and of an answer (evidence, acceptance) to the provider and of its
reply to the same commit. Where a dispute stands is always asked of the provider, never taken from a notification: so a
report that comes late, twice or out of order ends alike. Does not own what is booked (`core.disputing`) nor the writing
(`settle`).
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from solvent.core.dispute import Dispute, DisputeReport, DisputeState, Evidence
from solvent.core.ids import BUCKETS, bucket_of
from solvent.core.plan import Refusal
from solvent.flows.platform import Platform, traced
from solvent.flows.settle import record_dispute
from solvent.ports.provider import (
    DisputeAnswer,
    Notification,
    Provider,
    ProviderDown,
    ProviderSilent,
    Subject,
)
from solvent.ports.queues import Arrival

log = logging.getLogger(__name__)

NO_PAYMENT = "its payment is not in the books"
ALIEN = "it is about no payment of ours"
NOT_MAPPED = "the provider says nothing of it that we know"
NOT_ANSWERED = "the provider did not answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """The provider did not say how the dispute stands now: it may or may not have taken the answer."""


@traced("learn_dispute")
def learn(platform: Platform, provider: str, report: DisputeReport, now: datetime) -> str | None:
    """Record where a dispute stands. None when that is done; else why it is not, for whoever asks again later.

    A store that is away is nobody's fault: that raises.
    """
    if report.state is DisputeState.UNKNOWN:
        return NOT_MAPPED
    try:
        return None if record_dispute(platform, provider, report, now) else NO_PAYMENT
    except platform.outages:
        raise
    except Exception as error:  # one poisoned report: logged whole, named, and the others go on
        log.exception("what %s reports of dispute %s cannot be settled", provider, report.ref)
        return f"cannot be settled: {type(error).__name__}: {error}"


def look_up(platform: Platform, provider: str, ref: str) -> DisputeReport | str:
    """How a dispute stands now, or why that cannot be said."""
    try:
        report = platform.providers.get(provider).get_dispute(ref)
    except (ProviderSilent, ProviderDown):
        return NOT_ANSWERED
    return NOT_MAPPED if report is None else report


def remember(platform: Platform, provider: str, report: DisputeReport, now: datetime) -> None:
    """Have the inbox ask about a dispute that cannot be recorded yet, a bounded number of times, once per news."""
    name = f"dispute:{report.ref}:{report.state}:{(report.changed_at or report.opened_at).isoformat()}"
    hint = Notification(
        id=name,
        provider=provider,
        subject=Subject.DISPUTE,
        key=report.key,
        ref=report.ref,
        occurred_at=now,
    )
    bucket = sum(name.encode()) % BUCKETS if report.key is None else bucket_of(report.key)
    with platform.store.single() as tx:
        tx.inbox.store([Arrival(bucket, hint, now)])


def learn_all(platform: Platform, provider: str, reports: Sequence[DisputeReport], now: datetime) -> None:
    """Record what a poll told of disputes; what cannot be recorded now, the inbox asks about later."""
    for report in reports:
        if learn(platform, provider, report, now) is not None:
            remember(platform, provider, report, now)


@traced("submit_evidence")
def submit_evidence(
    platform: Platform, dispute: Dispute, evidence: Evidence, now: datetime
) -> Refusal | Unanswered | None:
    """Answer a dispute with evidence."""
    return _answer(
        platform, dispute, DisputeAnswer.EVIDENCE, lambda p: p.submit_evidence(dispute.ref, evidence), now
    )


@traced("accept_dispute")
def accept(platform: Platform, dispute: Dispute, now: datetime) -> Refusal | Unanswered | None:
    """Leave the money to the payer; a dispute that was accepted before is accepted."""
    if dispute.state is DisputeState.ACCEPTED:
        return None
    return _answer(platform, dispute, DisputeAnswer.ACCEPT, lambda p: p.accept_dispute(dispute.ref), now)


def _answer(
    platform: Platform,
    dispute: Dispute,
    kind: DisputeAnswer,
    tell: Callable[[Provider], DisputeReport | None],
    now: datetime,
) -> Refusal | Unanswered | None:
    """Call, then record what the provider says: should we die in between, its notification or the poll brings it."""
    provider = platform.providers.get(dispute.provider)
    if kind not in provider.capabilities.dispute_answers:
        return Refusal(
            field="dispute_id", rule=f"must be answered at {dispute.provider}, which takes no {kind} here"
        )
    if not dispute.is_open:
        return Refusal(field="dispute_id", rule=f"must not be decided yet; it is {dispute.state}")
    try:
        report = tell(provider)
    except (ProviderSilent, ProviderDown):
        return Unanswered()
    if report is None or learn(platform, dispute.provider, report, now) is not None:
        return Unanswered()
    return None

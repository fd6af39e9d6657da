"""Reconcile: what repairs silence.

Owns the janitor (attempts that are unknown, processing, expired or abandoned by a crash), refunds that are due, and
the sweep over what a provider says changed. A provider is asked before anything is given up or sent again, and sent
again only under the same key. Does not own what an answer leads to (`settle`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.payment import FailureCause, Outcome, Report
from solvent.flows.apart import settle_apart
from solvent.flows.collect import charge_one
from solvent.flows.disputes import learn_all
from solvent.flows.notify import inbox_of
from solvent.flows.opening import opening_request
from solvent.flows.platform import Platform, ask
from solvent.flows.refunds import settle_told
from solvent.flows.seats import take_seats
from solvent.flows.settle import claim_refunds
from solvent.flows.statements import parts
from solvent.ports.provider import (
    Notification,
    ProviderDown,
    ProviderSilent,
    RefundOutcome,
    RefundReport,
    RefundRequest,
    Subject,
)
from solvent.ports.queues import Arrival

SWEEP_BATCH_MAX = 500


def resolve(platform: Platform, bucket: int, now: datetime, limit: int, account: UUID | None = None) -> int:
    """The janitor: look at up to `limit` attempts of one bucket whose look is due; returns how many it looked at."""
    with platform.store.begin() as tx:
        attempts = tx.journal.claim_looks(bucket, now, now + platform.policy.lease, limit, account)
        clocks = {a.account_id: tx.accounts.moment(a.account_id, now) for a in attempts}
    reports = platform.spread(lambda a: _look(platform, a, clocks[a.account_id]), attempts)
    _, poisoned = settle_apart(platform, reports, now, attempts)
    if poisoned:
        with platform.store.begin() as tx:
            tx.journal.put_off(bucket, poisoned, now)
    return len(attempts)


def _look(platform: Platform, attempt: Attempt, moment: datetime) -> Report:
    """Ask first. Only an attempt that its provider never heard of is sent again, or given up once it has expired."""
    if not attempt.needs_provider or attempt.provider is None:
        return _again(platform, attempt, moment)
    provider = platform.providers.get(attempt.provider)
    report = ask(attempt.id, lambda: provider.get(attempt.id, attempt.ref))
    expired = moment >= attempt.expires_at
    if report is None and (attempt.off_session or not expired):
        return _again(platform, attempt, moment)  # expiry bounds a customer's patience, not an outage
    if report is None or (expired and report.outcome is Outcome.REQUIRES_ACTION):
        last = ask(attempt.id, lambda: provider.cancel(attempt.id, attempt.ref))
        if last is None or last.cause is FailureCause.CANCELED:
            over = Report(outcome=Outcome.FAILED, key=attempt.id, ref=attempt.ref, cause=FailureCause.EXPIRED)
            return replace(over, unheard=report is None and attempt.ref is None, ours=last is None)
        return last
    return report


def _again(platform: Platform, attempt: Attempt, moment: datetime) -> Report:
    """The same request under the same key, with the seats of limited coupons that it may not have taken yet."""
    if not take_seats(platform, attempt, moment):
        return Report(outcome=Outcome.FAILED, key=attempt.id, cause=FailureCause.COUPON_USED_UP, ours=True)
    if attempt.off_session or not attempt.needs_provider or attempt.provider is None:
        return charge_one(platform, attempt)
    provider = platform.providers.get(attempt.provider)
    return ask(attempt.id, lambda: provider.open(opening_request(platform, attempt, provider)))


def refund(platform: Platform, bucket: int, now: datetime, limit: int, account: UUID | None = None) -> int:
    """Ask providers for the refunds of one bucket that are due; returns how many were asked for."""
    claimed = claim_refunds(platform, bucket, now, limit, account)
    if claimed:
        reports = platform.spread(lambda c: _refund(platform, *c), claimed)
        settle_told(platform, reports, now)  # one that cannot be settled: again, when its lease is over
    return len(claimed)


def _refund(platform: Platform, provider: str, request: RefundRequest) -> RefundReport:
    try:
        return platform.providers.get(provider).refund(request)
    except (ProviderSilent, ProviderDown):
        return RefundReport(outcome=RefundOutcome.UNKNOWN, key=request.key)


def sweep(platform: Platform, provider: str, since: datetime, now: datetime) -> int | None:
    """Settle what the provider says changed since then: the poll that repairs notifications which never came.

    Attempts first, then refunds and disputes of their payments, each as it is told: no list is held here (an adapter
    holds one where its provider tells the newest first). Returns how many reports there were; None: the provider did
    not answer, and whatever it would have said from there on is missing.
    """
    asked, told = platform.providers.get(provider), 0
    try:
        for changed in parts(asked.reports_since(since), SWEEP_BATCH_MAX):
            _, poisoned = settle_apart(platform, changed, now)
            _ask_again(platform, provider, [report for report in changed if report.key in poisoned], now)
            told += len(changed)
        for refunded in parts(asked.refunds_since(since), SWEEP_BATCH_MAX):
            unsettled = settle_told(platform, refunded, now)
            _ask_again(platform, provider, [report for report in refunded if report.key in unsettled], now)
            told += len(refunded)
        for disputed in parts(asked.disputes_since(since), SWEEP_BATCH_MAX):
            learn_all(platform, provider, disputed, now)
            told += len(disputed)
    except (ProviderSilent, ProviderDown):
        return None
    return told


def _ask_again(
    platform: Platform, provider: str, reports: Sequence[Report] | Sequence[RefundReport], now: datetime
) -> None:
    """Have the inbox ask about these, a bounded number of times: the next poll begins after them."""
    hints = [
        Notification(
            id=f"poll:{report.key}:{report.ref}:{now.isoformat()}",
            provider=provider,
            subject=Subject.ATTEMPT if isinstance(report, Report) else Subject.REFUND,
            key=report.key,
            ref=report.ref,
            occurred_at=now,
        )
        for report in reports
    ]
    with platform.store.single() as tx:
        tx.inbox.store([Arrival(inbox_of(hint), hint, now) for hint in hints])

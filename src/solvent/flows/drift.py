"""Drift: looking for it, keeping what is seen, and having repaired what can be.

Owns the order of these steps, for accounts one by one, for a bucket in pages, across buckets, and beside what a
provider says. A page is of those who cannot be proved to be at rest (`fleet`), so that a look at everybody costs by
what has moved. Repairing is recomputing, as on any other trigger; what only a provider knows becomes a fact by settling
its report. Does not own what drift is (`core.drift_kinds`) nor how it is seen in the stores (`recompute.examined`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.drift import Disagreement, disagreement, mended
from solvent.core.drift_kinds import ASKED, LOOKED_FOR, DriftKind
from solvent.core.ids import bucket_of, spell
from solvent.core.payment import AttemptState, Outcome, Report
from solvent.flows.apart import settle_apart
from solvent.flows.fleet import at_rest, read_whole
from solvent.flows.platform import Platform, traced
from solvent.flows.seen import keep
from solvent.ports.drift import Claimed
from solvent.ports.provider import ProviderDown, ProviderSilent

REASON = "drift"
LOOK_EVERY = timedelta(days=1)
FIRST_BUCKET = 0  # with its look comes the one across all buckets
ASKED_MAX = 20  # attempts of one account that its providers are asked about


def look(platform: Platform, bucket: int, accounts: Sequence[UUID], now: datetime) -> int:
    """Look at these accounts, keep what is seen, note who is at rest, and have recomputed whom that repairs; how many
    are in drift."""
    catalog = platform.store.catalog()
    verdicts, digests = read_whole(platform, catalog, bucket, accounts, now)
    found = {v.account_id: v.disagreements for v in verdicts}
    keep(platform, bucket, found, LOOKED_FOR, now)
    repairable = [account for account, each in found.items() if mended(each)]
    with platform.store.begin() as tx:
        tx.fleet.note(bucket, platform.store.basis(catalog, platform.policy), at_rest(verdicts, digests), now)
        tx.queue.mark(repairable, REASON, now)
    return sum(bool(disagreements) for disagreements in found.values())


def look_on(platform: Platform, bucket: int, now: datetime, limit: int) -> int:
    """Look at the next accounts of a bucket that are not as they were when they were last found at rest, and at those
    of which some drift is kept; how many. With none left the look is through, until tomorrow. With that of the first
    bucket comes a look across all."""
    if bucket == FIRST_BUCKET and _begins(platform, bucket):
        look_across(platform)
    basis = platform.store.basis(platform.store.catalog(), platform.policy)
    with platform.store.still() as tx:
        unproven = tx.fleet.glance(bucket, basis, now).unproven
        reached, known = tx.drift.reached(bucket)
    left = sorted({*unproven, *known})
    accounts = [account for account in left if account > reached][:limit]
    if accounts:
        look(platform, bucket, accounts, now)
    after = accounts[-1] if len(accounts) == limit else None
    with platform.store.begin() as tx:
        tx.drift.passed(bucket, after, now, now + LOOK_EVERY)
    return len(accounts)


@traced("look_across")
def look_across(platform: Platform) -> int:
    """Look for payers that accounts of different buckets share, once for all buckets; how many accounts there are.

    What is found is kept in each bucket, where the look at its accounts names it, and sees that it is over."""
    with platform.store.begin() as tx:
        found = tx.drift.shared()
    for bucket, shared in sorted(found.items()):
        with platform.store.begin() as tx:
            tx.drift.keep_shared(bucket, shared)
    return sum(len(shared) for shared in found.values())


def _begins(platform: Platform, bucket: int) -> bool:
    """Whether the look of a bucket has come to none of its accounts yet."""
    with platform.store.look() as tx:
        reached, _ = tx.drift.reached(bucket)
    return reached.int == 0


@traced("ask_providers")
def ask_providers(platform: Platform, account_id: UUID, now: datetime) -> tuple[Disagreement, ...]:
    """Ask an account's providers about its newest attempts that are over, and compare what each says with what we have.

    What turns out to be paid is settled, as if its notification had just come; the rest is kept for a person.
    """
    bucket = bucket_of(account_id)
    with platform.store.look() as tx:
        claims = tx.drift.claims(account_id, ASKED_MAX)
    said = platform.spread(lambda c: _asked(platform, c.attempt), list(claims.values()))
    pairs = [(claim, report) for claim, report in zip(claims.values(), said, strict=True)]
    found = [d for claim, report in pairs if (d := _compared(claim, report)) is not None]
    keep(platform, bucket, {account_id: found}, ASKED, now)
    paid = [r for c, r in pairs if _paid_at_last(c, r)]
    if paid:
        settle_apart(platform, paid, now, [c.attempt for c in claims.values()])
    return tuple(found)


def _asked(platform: Platform, attempt: Attempt) -> Report:
    """What the provider says; FAILED when it has never heard of it, UNKNOWN when it does not answer."""
    assert attempt.provider is not None, "only attempts of a provider are asked about"
    try:
        report = platform.providers.get(attempt.provider).get(attempt.id, attempt.ref)
    except (ProviderSilent, ProviderDown):
        return Report(outcome=Outcome.UNKNOWN, key=attempt.id)
    return report or Report(outcome=Outcome.FAILED, key=attempt.id)


def _paid_at_last(claim: Claimed, report: Report) -> bool:
    return claim.attempt.state is AttemptState.FAILED and report.outcome is Outcome.SUCCEEDED


def _compared(claim: Claimed, report: Report) -> Disagreement | None:
    attempt = claim.attempt
    facts = {"attempt": spell("att", attempt.id), "provider": attempt.provider}
    if _paid_at_last(claim, report):
        return disagreement(DriftKind.PROVIDER_SAYS_PAID, state=attempt.state, **facts)
    if claim.paid is None or report.outcome is Outcome.UNKNOWN:
        return None
    if report.outcome is not Outcome.SUCCEEDED:
        return disagreement(DriftKind.PROVIDER_SAYS_UNPAID, outcome=report.outcome, **facts)
    if (report.amount, report.currency) != (claim.paid, claim.currency):
        recorded, found = f"{claim.paid} {claim.currency}", f"{report.amount} {report.currency}"
        return disagreement(DriftKind.PROVIDER_SAYS_OTHERWISE, recorded=recorded, found=found, **facts)
    return None

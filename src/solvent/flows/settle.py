"""Settle: steps 5 and 6, and the only writer of committed state.

Owns the transaction in which outcomes become facts: lock in one order, judge, book, write, mark for recompute.
Repeating it with the same reports changes nothing. Does not own any decision: `core.settlement` judges,
`core.booking` says what is written.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import TypeVar, assert_never
from uuid import UUID

from solvent.core.account import Account, CollectionMethod
from solvent.core.attempt import Attempt
from solvent.core.booking import (
    Booking,
    Desk,
    book_commit,
    book_failure,
    book_stranded,
    issues_invoice,
)
from solvent.core.catalog import Catalog
from solvent.core.change import Context, plan_change
from solvent.core.credit_bookings import book_expiry
from solvent.core.crediting import Claim
from solvent.core.dispute import DisputeReport
from solvent.core.disputing import book_dispute
from solvent.core.facts import RefundEnd
from solvent.core.health import Assessment, Snapshot, assess, banned, restricted
from solvent.core.ids import bucket_of
from solvent.core.invoice import Invoice
from solvent.core.paying import book_debt, book_debts
from solvent.core.payment import TRANSITIONS, AttemptState, Outcome, ProofKind, Report, StaleMoney
from solvent.core.plan import Plan
from solvent.core.refunding import Returning, book_refund
from solvent.core.settlement import (
    Commit,
    Fail,
    Families,
    Live,
    Nothing,
    Past,
    PayIssued,
    Strand,
    Verdict,
    Wait,
    judge_recounted,
    stale,
)
from solvent.flows.platform import Platform
from solvent.ports.provider import RefundOutcome, RefundReport, RefundRequest
from solvent.ports.store import HeldCredit, Locked, SettlementTransaction, WaitingAttempt

UNKNOWN_WAIT_FIRST = timedelta(seconds=15)
UNKNOWN_WAIT_MAX = timedelta(hours=1)
REFUND_WAIT = timedelta(minutes=10)
REFUND_GOES_ON = frozenset({RefundOutcome.PROCESSING, RefundOutcome.UNKNOWN})
CREDIT_NOTES = "CN"  # the mark of their series

Answer = TypeVar("Answer")
Number = Callable[[], tuple[str, int]]
"""Draws the next number of a credit note, when one is issued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """One bucket's settlement under way: the open transaction, what it locked, and what is written at its end."""

    platform: Platform
    tx: SettlementTransaction
    bucket: int
    catalog: Catalog
    families: Families
    locked: Locked
    now: datetime
    bookings: list[tuple[Booking, datetime]]
    waiting: list[WaitingAttempt]
    settled: dict[UUID, Attempt]
    replanned: dict[UUID, Attempt]  # whose plan is no longer the one in the journal
    to_come: Counter[UUID]  # reports that are still to be judged, by account


def settle(
    platform: Platform, reports: Sequence[Report], now: datetime, known: Iterable[Attempt] = ()
) -> Mapping[UUID, Attempt]:
    """Turn reports into committed state, bucket by bucket. Returns the attempts as they then stand.

    Attempts that the caller just journaled or read may be handed in as `known`, so that their plans are not read again.
    Reports about attempts that we do not know are left out.
    """
    settled: dict[UUID, Attempt] = {}
    held = {attempt.id: attempt for attempt in known}
    ordered = sorted(reports, key=lambda r: bucket_of(r.key))
    for bucket, group in groupby(ordered, key=lambda r: bucket_of(r.key)):
        settled |= _settle_bucket(platform, bucket, list(group), now, held)
    return settled


def record_opened(platform: Platform, attempt: Attempt, report: Report, now: datetime) -> Attempt:
    """Record what a provider said on opening an attempt that was just journaled; returns it as it then stands.

    That the customer has to act decides nothing, so it takes no lock but the attempt's own.
    """
    if report.outcome is Outcome.REQUIRES_ACTION:
        waiting = _waited(attempt, report, AttemptState.REQUIRES_ACTION, attempt.expires_at)
        with platform.settlements.single() as tx:
            if tx.books.wait(bucket_of(attempt.id), [waiting]):
                return waiting.attempt
    return settle(platform, [report], now, [attempt]).get(attempt.id, attempt)


def _settle_bucket(
    platform: Platform,
    bucket: int,
    reports: Sequence[Report],
    now: datetime,
    held: Mapping[UUID, Attempt],
) -> dict[UUID, Attempt]:
    catalog = platform.store.catalog()
    with platform.settlements.begin() as tx:
        locked = tx.books.lock(bucket, [r.key for r in reports], held)
        settling = Settling(
            platform=platform,
            tx=tx,
            bucket=bucket,
            catalog=catalog,
            families=Families(catalog),
            locked=locked,
            now=now,
            bookings=[],
            waiting=[],
            settled={},
            replanned={},
            to_come=Counter(locked.attempts[r.key].account_id for r in reports if r.key in locked.attempts),
        )
        for report in reports:
            _settle_one(settling, report)
        tx.books.replan(bucket, list(settling.replanned.values()))
        tx.books.write(bucket, settling.bookings, now)
        tx.books.wait(bucket, settling.waiting)
        _align(platform, tx, bucket, catalog, {b.account_id for b, _ in settling.bookings}, now)
    return settling.settled


def _settle_one(settling: Settling, report: Report) -> None:
    """Judge and book one report; a later one of the batch sees what an earlier one has used."""
    attempt = settling.locked.attempts.get(report.key)
    if attempt is None:
        return
    settling.to_come[attempt.account_id] -= 1
    live, journaled = settling.locked.live[attempt.account_id], attempt.plan
    moment = live.account.moment(settling.now)
    past = settling.locked.past.get(attempt.id, Past())
    attempt, verdict = judge_recounted(attempt, report, live, past, settling.families, moment)
    if isinstance(verdict, Strand):
        attempt, verdict = _replan(settling, attempt, report, live, verdict)
    if attempt.plan is not journaled:
        settling.locked.attempts[attempt.id] = settling.replanned[attempt.id] = attempt
    if isinstance(verdict, Wait):
        waiting = _waiting(settling.platform, attempt, report, verdict, moment)
        settling.waiting.append(waiting)
        settling.settled[attempt.id] = waiting.attempt
        return
    if isinstance(verdict, Strand) and verdict.grace is not None:
        attempt = _take(settling, attempt, report, Commit(proof=ProofKind.GRACE, cause=verdict.grace))
    settling.settled[attempt.id] = _take(settling, attempt, report, verdict)


def _take(settling: Settling, attempt: Attempt, report: Report, verdict: Verdict) -> Attempt:
    """Book what a verdict writes, if anything; returns the attempt as it then stands."""
    live = settling.locked.live[attempt.account_id]
    moment = live.account.moment(settling.now)
    bookings = _book(settling, attempt, report, live, verdict, moment)
    if not bookings:
        return attempt
    booking = bookings[0]
    may_become = TRANSITIONS[attempt.state] | {attempt.state}
    state = booking.state
    assert state is not None, f"attempt {attempt.id}: booked without a state"
    assert state in may_become, f"attempt {attempt.id}: {attempt.state} cannot become {state}"
    settling.bookings.extend((b, moment) for b in bookings)
    if settling.to_come[attempt.account_id]:
        for b in bookings:
            settling.locked.consume(b, settling.families)
    return replace(
        attempt,
        state=state,
        ref=booking.ref or attempt.ref,
        cause=booking.cause or attempt.cause,
        action=None,
        look_at=None,
    )


def _book(
    settling: Settling, attempt: Attempt, report: Report, live: Live, verdict: Verdict, moment: datetime
) -> tuple[Booking, ...]:
    """What a verdict writes; several debts that are paid together are a booking each."""
    desk = _desk(settling.platform, settling.catalog, settling.bucket, live.account, moment)
    match verdict:
        case Commit() if attempt.plan.settles:
            return book_debts(attempt, report, live, desk)
        case Commit():
            number = None
            if issues_invoice(attempt.plan):
                number = settling.tx.books.number(settling.bucket, live.account.entity)
            return (book_commit(attempt, verdict, report, live, desk, number),)
        case PayIssued():
            invoice = live.invoices[verdict.invoice_id]
            return (book_debt(attempt, report, invoice, live, desk, of_plan=verdict.of_plan),)
        case Strand():
            return (book_stranded(attempt, report, verdict.reason, desk),)
        case Fail():
            return (book_failure(attempt, verdict.cause, report.ref),)
        case Nothing() | Wait():
            return ()
    assert_never(verdict)


def _replan(
    settling: Settling, attempt: Attempt, report: Report, live: Live, verdict: Strand
) -> tuple[Attempt, Verdict]:
    """By policy, the same change planned anew, if the money that arrived covers it; the rest becomes credit."""
    # Else nothing vouches that the customer has not bought again since, or that a coupon is still to be had.
    versioned = attempt.plan.after is not None and not attempt.plan.redeems
    wanted = verdict.reason == "stale" or (verdict.reason == "late" and versioned)
    if settling.platform.policy.stale_money is not StaleMoney.REPLAN or not wanted or attempt.request is None:
        return attempt, verdict
    view = settling.tx.accounts.view(attempt.account_id)
    assert view is not None, f"attempt {attempt.id} belongs to no account"
    moment = live.account.moment(settling.now)
    policy = settling.platform.policy_of(view.account, settling.catalog, moment)
    context = Context(
        account=view.account,
        subscriptions=view.subscriptions,
        credit_grants=tuple(live.credit_grants.values()),
        overdue=restricted(view.open_invoices, view.measures, policy, moment),
        banned=banned(view.measures),
        catalog=settling.catalog,
        convention=settling.platform.convention,
        policy=policy,
        now=moment,
        draw=lambda: settling.platform.ids.draw(settling.bucket),
    )
    plan = plan_change(attempt.request, context)
    fits = isinstance(plan, Plan) and 0 < plan.due <= report.amount and plan.currency == report.currency
    if not fits or not isinstance(plan, Plan) or stale(plan, live, settling.families) is not None:
        return attempt, verdict
    return replace(attempt, plan=plan), Commit(proof=ProofKind.PAYMENT, replanned=verdict.reason)


def _waiting(
    platform: Platform, attempt: Attempt, report: Report, verdict: Wait, moment: datetime
) -> WaitingAttempt:
    """What the journal keeps of an attempt that goes on, and when the janitor looks at it next."""
    match verdict.state:
        case AttemptState.REQUIRES_ACTION:
            look_at = max(attempt.expires_at, moment + UNKNOWN_WAIT_FIRST)
        case AttemptState.PROCESSING:
            look_at = moment + platform.policy.processing_interval
        case _:
            look_at = moment + min(UNKNOWN_WAIT_FIRST * 2 ** min(attempt.tries, 10), UNKNOWN_WAIT_MAX)
    return _waited(attempt, report, verdict.state, look_at)


def _waited(attempt: Attempt, report: Report, state: AttemptState, look_at: datetime) -> WaitingAttempt:
    return WaitingAttempt(
        attempt=replace(
            attempt,
            state=state,
            ref=report.ref or attempt.ref,
            action=report.action or attempt.action,
            tries=attempt.tries + 1,
            look_at=look_at,
        ),
        look_at=look_at,
    )


def record(
    platform: Platform,
    invoice_id: UUID,
    decide: Callable[[Claim, Desk, Number], Booking | Answer],
    now: datetime,
    key: str | None = None,
    reference: tuple[str, str] | None = None,
) -> Booking | Answer | None:
    """Write what is decided about one invoice without an attempt, over its locked facts; None: it does not exist.

    `key` is the caller's, and `reference` a payment's method and reference; the claim says what they stand for. What is
    no booking is an answer, and writes nothing.
    """
    bucket = bucket_of(invoice_id)
    catalog = platform.store.catalog()
    with platform.settlements.begin() as tx:
        claim = tx.books.hold(bucket, invoice_id, key, reference)
        if claim is None:
            return None
        moment = claim.account.moment(now)
        desk = _desk(platform, catalog, bucket, claim.account, moment)

        def number() -> tuple[str, int]:
            return tx.books.number(bucket, claim.account.entity, CREDIT_NOTES)

        decided = decide(claim, desk, number)
        if isinstance(decided, Booking):
            tx.books.write(bucket, [(decided, moment)], now)
            ended = decided.settled is not None and decided.settled.gave_up
            _align(platform, tx, bucket, catalog, [claim.account.id], now, all_of=ended)
        return decided


def record_for_account(
    platform: Platform,
    account_id: UUID,
    decide: Callable[
        [Sequence[Invoice], Callable[[UUID], Claim], tuple[UUID, int, Sequence[UUID]] | None, Desk],
        list[Booking] | Answer,
    ],
    now: datetime,
    reference: tuple[str, str],
) -> list[Booking] | Answer:
    """Write what is decided about what an account owes, without an attempt, over its locked facts.

    `decide` is given the invoices that are owed, oldest due date first, the holding of one of them, and what the
    payment's method and reference stand for already.
    """
    bucket, catalog = bucket_of(account_id), platform.store.catalog()
    with platform.settlements.begin() as tx:
        tx.books.lock_accounts(bucket, [account_id])
        view = tx.accounts.view(account_id)
        assert view is not None, f"account {account_id} is not there"
        moment = view.account.moment(now)
        desk = _desk(platform, catalog, bucket, view.account, moment)

        def hold(invoice_id: UUID) -> Claim:
            claim = tx.books.hold(bucket, invoice_id)
            assert claim is not None, f"invoice {invoice_id} is owed"
            return claim

        known = tx.books.recorded(account_id, reference)
        decided = decide(view.open_invoices, hold, known, desk)
        if isinstance(decided, list):
            tx.books.write(bucket, [(booking, moment) for booking in decided], now)
            _align(platform, tx, bucket, catalog, [account_id], now)
        return decided


def record_dispute(platform: Platform, provider: str, report: DisputeReport, now: datetime) -> bool:
    """Bring a dispute to where its provider says that it stands; False: its payment is not in the books.

    Repeating it changes nothing: what is told is compared with what is known, under the account's lock.
    """
    if report.key is None:
        return False
    bucket = bucket_of(report.key)
    catalog = platform.store.catalog()
    with platform.settlements.begin() as tx:
        case = tx.books.contest(bucket, provider, report.payment_ref, report.ref)
        if case is None:
            return False
        moment = case.account.moment(now)
        desk = _desk(platform, catalog, bucket, case.account, moment)
        tx.books.write(bucket, [(booking, moment) for booking in book_dispute(case, report, desk)], now)
        _align(platform, tx, bucket, catalog, [case.account.id], now)
    return True


def record_credit(
    platform: Platform,
    account_id: UUID,
    decide: Callable[[HeldCredit, Desk], Booking | Answer],
    now: datetime,
    grant_id: UUID | None = None,
    key: str | None = None,
) -> Booking | Answer | None:
    """Write what is decided about an account's credit, or one grant of it, over its locked facts.

    None: there is no such account, or grant of it.
    """
    bucket = bucket_of(account_id)
    catalog = platform.store.catalog()
    with platform.settlements.begin() as tx:
        held = tx.books.hold_credit(bucket, account_id, grant_id, key)
        if held is None:
            return None
        moment = held.account.moment(now)
        decided = decide(held, _desk(platform, catalog, bucket, held.account, moment))
        if isinstance(decided, Booking):
            tx.books.write(bucket, [(decided, moment)], now)
        return decided


def _desk(platform: Platform, catalog: Catalog, bucket: int, account: Account, moment: datetime) -> Desk:
    policy = platform.policy_of(account, catalog, moment)
    return Desk(catalog=catalog, policy=policy, now=moment, draw=lambda: platform.ids.draw(bucket))


def _align(
    platform: Platform,
    tx: SettlementTransaction,
    bucket: int,
    catalog: Catalog,
    accounts: Collection[UUID],
    now: datetime,
    *,
    all_of: bool = False,
) -> None:
    """Bring measures to the facts that this transaction has written: paying lifts at once and as a whole, and who is
    given up is banned with it. Of `accounts` those are looked at for which measures are in effect, or `all_of` them."""
    if not catalog.policies.editions or not accounts:
        return
    touched = list(accounts) if all_of else tx.queue.measured(bucket, accounts)
    fresh = tx.queue.snapshots(bucket, touched) if touched else []
    if fresh:
        tx.books.assess(bucket, [_assess(platform, catalog, s, s.account.moment(now)) for s in fresh])


def _assess(platform: Platform, catalog: Catalog, snapshot: Snapshot, moment: datetime) -> Assessment:
    return assess(snapshot, catalog, platform.policy_of(snapshot.account, catalog, moment), moment)


def record_assessments(platform: Platform, bucket: int, assessments: Sequence[Assessment]) -> None:
    """Write the verdicts that changed, bring stored entitlements back to what the facts say (L10), and book credit that
    has expired.

    They are assessed again under lock, so that what is written is never older than what a settlement wrote.
    """
    changed = {a.account_id: a.assessed_at for a in assessments if a.changed or a.drifted or a.lapsed}
    if not changed:
        return
    catalog = platform.store.catalog()
    with platform.settlements.begin() as tx:
        tx.books.lock_accounts(bucket, list(changed))
        fresh = tx.queue.snapshots(bucket, list(changed))
        verdicts = [_assess(platform, catalog, s, changed[s.account.id]) for s in fresh]
        expired = [
            (
                book_expiry(s.account, v.lapsed, _desk(platform, catalog, bucket, s.account, v.assessed_at)),
                v.assessed_at,
            )
            for s, v in zip(fresh, verdicts, strict=True)
            if v.lapsed
        ]
        tx.books.write(bucket, expired)
        tx.books.assess(bucket, verdicts)


def claim_refunds(
    platform: Platform, bucket: int, now: datetime, limit: int, account: UUID | None
) -> list[tuple[str, RefundRequest]]:
    """Lease refunds that are to be asked for, each with its provider's name."""
    with platform.settlements.begin() as tx:
        return tx.books.claim_refunds(bucket, now, now + platform.policy.lease, limit, account)


def settle_refunds(platform: Platform, bucket: int, reports: Sequence[RefundReport], now: datetime) -> None:
    """Record how refunds ended; those that go on are looked at again."""
    said = {report.key: report for report in reports}
    catalog = platform.store.catalog()

    def booked(cases: Sequence[Returning]) -> list[tuple[Booking, datetime]]:
        bookings: list[tuple[Booking, datetime]] = []
        for case in cases:
            report, moment = said[case.id], case.account.moment(now)
            succeeded = report.outcome is RefundOutcome.SUCCEEDED
            end = RefundEnd(id=case.id, succeeded=succeeded, ref=report.ref)
            desk = _desk(platform, catalog, bucket, case.account, moment)
            bookings += [(booking, moment) for booking in book_refund(case, end, desk)]
        return bookings

    with platform.settlements.begin() as tx:
        held = tx.books.hold_refunds(bucket, list(said))
        over = [case for case in held if said[case.id].outcome not in REFUND_GOES_ON]
        tx.books.write(bucket, booked([case for case in over if not case.losses]))
        for case in over:
            if case.losses:  # one after the other: two that are refused may lower one loss
                tx.books.write(bucket, booked(tx.books.hold_refunds(bucket, [case.id])))
        going_on = [
            (said[case.id], case.account.moment(now) + REFUND_WAIT) for case in held if case not in over
        ]
        tx.books.postpone_refunds(bucket, going_on)
        _align(platform, tx, bucket, catalog, {case.account.id for case in over}, now)
        tx.queue.mark([case.account.id for case in over], "refunded", now)


def detach_method(platform: Platform, method: CollectionMethod, now: datetime) -> None:
    """Record that the customer removed a method."""
    with platform.settlements.begin() as tx:
        tx.books.detach(method, now)

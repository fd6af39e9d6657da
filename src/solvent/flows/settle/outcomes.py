"""What an outcome writes: steps 5 and 6 for the reports of attempts.

Owns the transaction in which outcomes become facts: lock in one order, judge, book, write, mark for recompute.
Repeating it with the same reports changes nothing. Does not own any decision: `core.settlement` judges,
`core.booking` says what is written.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import assert_never
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.booking import (
    Booking,
    Desk,
    book_commit,
    book_failure,
    book_returned,
    book_stranded,
    issues_invoice,
)
from solvent.core.ids import bucket_of
from solvent.core.paying import book_debt, book_debts
from solvent.core.payment import TRANSITIONS, AttemptState, Outcome, ProofKind, ProviderView, Report
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
)
from solvent.core.unused_time import PlannedNote
from solvent.flows.platform import Platform, traced
from solvent.flows.settle.desk import CREDIT_NOTES, desk_of
from solvent.flows.settle.replanning import planned_anew
from solvent.flows.settle.settling import Settling
from solvent.flows.settle.verdicts import align
from solvent.ports.books import WaitingAttempt

FINAL = frozenset({Outcome.SUCCEEDED, Outcome.FAILED})
UNKNOWN_WAIT_FIRST = timedelta(seconds=15)
UNKNOWN_WAIT_MAX = timedelta(hours=1)


@traced("settle")
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
        waiting = _waited(attempt, report, AttemptState.REQUIRES_ACTION, attempt.expires_at, now)
        with platform.settlements.single() as tx:
            if tx.books.wait(bucket_of(attempt.id), [waiting]):
                platform.actions.remember(waiting.attempt)
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
            written=[],
            waiting=[],
            heard=[],
            settled={},
            replanned={},
            to_come=Counter(locked.attempts[r.key].account_id for r in reports if r.key in locked.attempts),
        )
        for report in reports:
            _settle_one(settling, report)
        settling.write()
        tx.books.wait(bucket, settling.waiting)
        tx.books.heard(bucket, settling.heard)
        align(platform, tx, bucket, catalog, {b.account_id for b in settling.written}, now)
    booked = {b.attempt_id for b in settling.written}
    platform.telemetry.settled([a for a in settling.settled.values() if a.id in booked], now)
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
    attempt, verdict = planned_anew(settling, attempt, report, verdict)
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
    view = report.view(moment)
    bookings = _book(settling, attempt, report, live, verdict, moment)
    if not bookings:
        return _heard(settling, attempt, view)
    bookings = (replace(bookings[0], provider_view=view), *bookings[1:])
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
        provider_view=view or attempt.provider_view,
        action=None,
        look_at=None,
        charged_kind=attempt.charged_kind or (None if report.method is None else report.method.kind),
        issued=booking.invoice.id if isinstance(verdict, Commit) and booking.invoice is not None else None,
    )


def _heard(settling: Settling, attempt: Attempt, view: ProviderView | None) -> Attempt:
    """A report by which nothing changes: that it was heard is kept where the provider had last said something else. Of
    an attempt that is over, a word that is not final is an older one."""
    older = view is not None and not attempt.in_flight and view.outcome not in FINAL
    if view is None or older or view.same(attempt.provider_view):
        return attempt
    settling.heard.append((attempt.id, view))
    return replace(attempt, provider_view=view)


def _book(
    settling: Settling, attempt: Attempt, report: Report, live: Live, verdict: Verdict, moment: datetime
) -> tuple[Booking, ...]:
    """What a verdict writes; several debts that are paid together are a booking each."""
    desk = desk_of(settling.platform, settling.catalog, settling.bucket, live.account, moment)
    match verdict:
        case Commit() if attempt.plan.settles:
            return book_debts(attempt, report, live, desk)
        case Commit():
            if attempt.plan.credit_notes:
                settling.write_of(attempt.account_id)
            number = None
            if issues_invoice(attempt.plan):
                number = settling.tx.books.number(settling.bucket, live.account.entity)
            commit = book_commit(attempt, verdict, report, live, desk, number)
            return (commit, *(_returned(settling, attempt, note, desk) for note in attempt.plan.credit_notes))
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


def _returned(settling: Settling, attempt: Attempt, note: PlannedNote, desk: Desk) -> Booking:
    """A credit note of the plan, over the locked facts about its invoice."""
    books, bucket = settling.tx.books, settling.bucket
    claim = books.hold(bucket, note.invoice_id)
    assert claim is not None, f"invoice {note.invoice_id} is locked"
    entity = settling.locked.live[attempt.account_id].account.entity
    return book_returned(claim, note, attempt, desk, books.number(bucket, entity, CREDIT_NOTES))


def _waiting(
    platform: Platform, attempt: Attempt, report: Report, verdict: Wait, moment: datetime
) -> WaitingAttempt:
    """What the journal keeps of an attempt that goes on, and when the janitor looks at it next."""
    match verdict.state:
        case AttemptState.REQUIRES_ACTION:
            look_at = max(attempt.expires_at, moment + UNKNOWN_WAIT_FIRST)
        case AttemptState.PROCESSING:
            look_at = moment + _until_settled(platform, attempt)
        case _:
            look_at = moment + _growing(attempt, UNKNOWN_WAIT_MAX)
    return _waited(attempt, report, verdict.state, look_at, moment)


def _until_settled(platform: Platform, attempt: Attempt) -> timedelta:
    """How long a payment that is being processed is left alone: where none takes days, it is soon over."""
    longest = platform.policy.processing_interval
    assert attempt.provider is not None, f"attempt {attempt.id}: processed by nobody"
    slow = platform.providers.get(attempt.provider).capabilities.delayed_settlement
    return longest if slow else _growing(attempt, longest)


def _growing(attempt: Attempt, longest: timedelta) -> timedelta:
    wait: timedelta = UNKNOWN_WAIT_FIRST * 2 ** min(attempt.tries, 10)
    return min(wait, longest)


def _waited(
    attempt: Attempt, report: Report, state: AttemptState, look_at: datetime, heard_at: datetime
) -> WaitingAttempt:
    return WaitingAttempt(
        attempt=replace(
            attempt,
            state=state,
            ref=report.ref or attempt.ref,
            action=report.action or attempt.action,
            tries=attempt.tries + 1,
            look_at=look_at,
            provider_view=report.view(heard_at) or attempt.provider_view,
        ),
        look_at=look_at,
    )

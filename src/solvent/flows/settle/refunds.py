"""What the end of a refund writes.

Owns leasing refunds to whoever asks for them, and recording their end. Does not own what it means (`core.refunding`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from solvent.core.booking import (
    Booking,
)
from solvent.core.facts import RefundEnd, RefundState
from solvent.core.refunding import Returning, book_refund
from solvent.flows.platform import Platform, traced
from solvent.flows.settle.desk import desk_of
from solvent.flows.settle.verdicts import align
from solvent.ports.provider import RefundOutcome, RefundReport, RefundRequest

REFUND_WAIT = timedelta(minutes=10)
REFUND_GOES_ON = frozenset({RefundOutcome.PROCESSING, RefundOutcome.UNKNOWN})


def claim_refunds(
    platform: Platform, bucket: int, now: datetime, limit: int, account: UUID | None
) -> list[tuple[str, RefundRequest]]:
    """Lease refunds that are to be asked for, each with its provider's name."""
    with platform.settlements.begin() as tx:
        return tx.books.claim_refunds(bucket, now, now + platform.policy.lease, limit, account)


@traced("settle_refunds")
def settle_refunds(platform: Platform, bucket: int, reports: Sequence[RefundReport], now: datetime) -> None:
    """Record how refunds ended, and those that came back after they had; what goes on is looked at again."""
    said = {report.key: report for report in reports}
    catalog = platform.store.catalog()

    def booked(cases: Sequence[Returning]) -> list[tuple[Booking, datetime]]:
        bookings: list[tuple[Booking, datetime]] = []
        for case in cases:
            report, moment = said[case.id], case.account.moment(now)
            end = RefundEnd(id=case.id, state=_state(case, report), ref=report.ref)
            desk = desk_of(platform, catalog, bucket, case.account, moment)
            bookings += [(booking, moment) for booking in book_refund(case, end, desk)]
        return bookings

    with platform.settlements.begin() as tx:
        held = tx.books.hold_refunds(bucket, list(said))
        over = [case for case in held if _is_over(case, said[case.id])]
        tx.books.write(bucket, booked([case for case in over if not case.losses]))
        for case in over:
            if case.losses:  # one after the other: two that are refused may lower one loss
                tx.books.write(bucket, booked(tx.books.hold_refunds(bucket, [case.id])))
        going_on = [
            (said[case.id], case.account.moment(now) + REFUND_WAIT)
            for case in held
            if case not in over and not case.succeeded
        ]
        tx.books.postpone_refunds(bucket, going_on)
        align(platform, tx, bucket, catalog, {case.account.id for case in over}, now)
        tx.queue.mark([case.account.id for case in over], "refunded", now)


def _is_over(case: Returning, report: RefundReport) -> bool:
    """Whether a report is news of an end: of a refund that has succeeded only that it failed after all."""
    if case.succeeded:
        return report.outcome is RefundOutcome.FAILED
    return report.outcome not in REFUND_GOES_ON


def _state(case: Returning, report: RefundReport) -> RefundState:
    if report.outcome is RefundOutcome.SUCCEEDED:
        return RefundState.SUCCEEDED
    return RefundState.RETURNED if case.succeeded else RefundState.FAILED

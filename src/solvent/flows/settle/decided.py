"""What somebody decided, without an attempt: about an invoice, a debt, a dispute, credit or a method.

Owns the transaction around such a decision: hold the facts, let it be decided, write. Does not own the decision.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from solvent.core.account import CollectionMethod
from solvent.core.booking import (
    Booking,
    Desk,
)
from solvent.core.credit_refund import KeptMoney
from solvent.core.crediting import Claim
from solvent.core.dispute import DisputeReport
from solvent.core.disputing import book_dispute
from solvent.core.ids import bucket_of
from solvent.core.invoice import Invoice
from solvent.core.snapshot import Snapshot
from solvent.core.surrender import HeldAccount
from solvent.flows.platform import Platform
from solvent.flows.settle.desk import CREDIT_NOTES, desk_of
from solvent.flows.settle.verdicts import align
from solvent.ports.books import HeldCredit

Answer = TypeVar("Answer")
Number = Callable[[], tuple[str, int]]
"""Draws the next number of a credit note, when one is issued."""


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
        desk = desk_of(platform, catalog, bucket, claim.account, moment)

        def number() -> tuple[str, int]:
            return tx.books.number(bucket, claim.account.entity, CREDIT_NOTES)

        decided = decide(claim, desk, number)
        if isinstance(decided, Booking):
            tx.books.write(bucket, [(decided, moment)], now)
            align(platform, tx, bucket, catalog, [claim.account.id], now)
        return decided


def record_surrender(
    platform: Platform,
    invoice_id: UUID,
    decide: Callable[[HeldAccount, Snapshot, Callable[[UUID], Claim], Desk, Number], list[Booking] | Answer],
    now: datetime,
) -> list[Booking] | Answer | None:
    """Write what is decided about giving an invoice up, with all of its account that ends with it, and the measures
    that follow; None: it does not exist.

    `decide` is given the account with its subscriptions and all that is known of it, locked, and the holding of an
    invoice. What is no list of bookings is an answer, and writes nothing.
    """
    bucket, catalog = bucket_of(invoice_id), platform.store.catalog()
    with platform.settlements.begin() as tx:
        held = tx.books.hold_account(bucket, invoice_id)
        if held is None:
            return None
        account = held.account
        moment = account.moment(now)
        (snapshot,) = tx.queue.snapshots(bucket, [account.id])

        def hold(other: UUID) -> Claim:
            claim = tx.books.hold(bucket, other, chained=True)
            assert claim is not None, f"invoice {other} is of account {account.id}"
            return claim

        def number() -> tuple[str, int]:
            return tx.books.number(bucket, account.entity, CREDIT_NOTES)

        desk = desk_of(platform, catalog, bucket, account, moment)
        decided = decide(held, snapshot, hold, desk, number)
        if isinstance(decided, list):
            tx.books.write(bucket, [(booking, moment) for booking in decided], now)
            align(platform, tx, bucket, catalog, [account.id], now, all_of=True)
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
        desk = desk_of(platform, catalog, bucket, view.account, moment)

        def hold(invoice_id: UUID) -> Claim:
            claim = tx.books.hold(bucket, invoice_id)
            assert claim is not None, f"invoice {invoice_id} is owed"
            return claim

        known = tx.books.recorded(account_id, reference)
        decided = decide(view.open_invoices, hold, known, desk)
        if isinstance(decided, list):
            tx.books.write(bucket, [(booking, moment) for booking in decided], now)
            align(platform, tx, bucket, catalog, [account_id], now)
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
        desk = desk_of(platform, catalog, bucket, case.account, moment)
        tx.books.write(bucket, [(booking, moment) for booking in book_dispute(case, report, desk)], now)
        align(platform, tx, bucket, catalog, [case.account.id], now)
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
        decided = decide(held, desk_of(platform, catalog, bucket, held.account, moment))
        if isinstance(decided, Booking):
            tx.books.write(bucket, [(decided, moment)], now)
        return decided


def record_credit_refund(
    platform: Platform,
    payment_id: UUID,
    key: str,
    decide: Callable[[KeptMoney, Desk], Booking | Answer],
    now: datetime,
) -> Booking | Answer | None:
    """Write what is decided about giving back what of a payment was kept as account credit, over its locked facts;
    None: there is no such payment."""
    bucket, catalog = bucket_of(payment_id), platform.store.catalog()
    with platform.settlements.begin() as tx:
        kept = tx.books.hold_kept(bucket, payment_id, key)
        if kept is None:
            return None
        moment = kept.account.moment(now)
        decided = decide(kept, desk_of(platform, catalog, bucket, kept.account, moment))
        if isinstance(decided, Booking):
            tx.books.write(bucket, [(decided, moment)], now)
            align(platform, tx, bucket, catalog, [kept.account.id], now)
        return decided


def detach_method(platform: Platform, method: CollectionMethod, now: datetime) -> None:
    """Record that the customer removed a method."""
    with platform.settlements.begin() as tx:
        tx.books.detach(method, now)


def order_methods(platform: Platform, account_id: UUID, method_ids: Sequence[UUID], now: datetime) -> None:
    """Record in which order the customer wants methods tried; what is owed may be tried with another one now."""
    with platform.settlements.begin() as tx:
        tx.books.order_methods(account_id, method_ids, now)
        tx.queue.mark([account_id], "methods", now)

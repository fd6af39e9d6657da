"""Books: what bookings write, read back through the reading side; numbers and events without gaps under threads."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from solvent.core.attempt import Attempt
from solvent.core.booking import Booking, Desk
from solvent.core.change import AddItem, CancelNow, Change, NewItem, SetQuantity, Start
from solvent.core.collection import plan_debt
from solvent.core.facts import RefundEnd, RefundState
from solvent.core.health import assess
from solvent.core.paying import book_debts
from solvent.core.payment import AttemptState, FailureCause, ProofKind
from solvent.core.plan import Plan
from solvent.core.proration import Convention
from solvent.core.refunding import book_refund
from solvent.core.renewal import plan_renewal
from solvent.core.snapshot import Snapshot
from solvent.core.subscription import Subscription
from solvent.ports.books import WaitingAttempt
from solvent.ports.provider import RefundOutcome, RefundReport, RefundRequest
from solvent.ports.store import AccountView
from solvent.store.shelf import UnknownEntity
from solvent.store.writer import LostUpdate
from tests.core.funds import whole
from tests.store.test_journal import THREADS, at_once
from tests.store.worlds import BUCKET, NOW, POLICY, ZONE, World, draw


def view(world: World, account_id: UUID) -> AccountView:
    with world.database.begin() as tx:
        found = tx.accounts.view(account_id)
    assert found is not None
    return found


def test_a_paid_start_is_there_to_be_read(world: World) -> None:
    account, attempt, booking = world.subscribed()
    seen = view(world, account.id)
    assert seen.account == account
    assert seen.subscriptions == (booking.subscription,)
    assert [(m.token, m.priority, m.state) for m in seen.methods] == [(f"tok_{account.id.hex}", 0, "active")]
    assert (seen.open_invoices, seen.credit) == ((), 0)
    with world.database.begin() as tx:
        known = tx.journal.get(attempt.id)
        assert booking.invoice is not None
        invoice = tx.accounts.invoice(booking.invoice.id)
        assert tx.accounts.method(seen.methods[0].id) == seen.methods[0]
    assert known is not None
    assert (known.state, known.look_at, known.ref) == (AttemptState.COMMITTED, None, f"pay_{attempt.id.hex}")
    assert invoice is not None
    assert (invoice.number, invoice.state, invoice.total, invoice.debt) == ("SOL-07-000001", "paid", 2000, 0)
    assert world.rows("select type from event order by seq") == [
        ("account.created",),
        ("subscription.started",),
        ("invoice.paid",),
        ("method.added",),
    ]


def change(world: World, asked: Change) -> Booking:
    """A change of the one subscription, committed."""
    ((account_id,),) = world.rows("select id from account")
    assert isinstance(account_id, UUID)
    attempt = world.attempt(world.plan(account_id, asked))
    world.journal(attempt)
    return world.settle(attempt)


def test_items_follow_the_subscription(world: World) -> None:
    account, _, booking = world.subscribed()
    subscription = booking.subscription
    assert subscription is not None
    grown = change(
        world, AddItem(subscription_id=subscription.id, item=NewItem(price_id="seats@1", quantity=2))
    )
    assert view(world, account.id).subscriptions == (grown.subscription,)
    assert grown.subscription is not None
    added = grown.subscription.items[1]
    more = change(world, SetQuantity(subscription_id=subscription.id, item_id=added.id, quantity=5))
    assert view(world, account.id).subscriptions == (more.subscription,)
    assert world.rows("select family, quantity from item order by position") == [("plan", 1), ("seats", 5)]
    assert world.rows("select count(*) from entitlement") == [(2,)]


def test_what_has_ended_leaves_no_item_and_no_entitlement(world: World) -> None:
    account, _, booking = world.subscribed()
    assert booking.subscription is not None
    change(world, CancelNow(subscription_id=booking.subscription.id, credit=True))
    seen = view(world, account.id)
    assert seen.subscriptions == ()
    assert seen.credit == 2000
    assert world.rows("select count(*) from entitlement") == [(0,)]
    assert world.rows("select count(*) from item where ended_at is null") == [(0,)]
    again = world.attempt(world.plan(account.id, Start(items=(NewItem(price_id="pro@1", object=ZONE),))))
    world.journal(again)
    assert world.settle(again).credit == -2000
    assert view(world, account.id).credit == 0


def on_grace(world: World) -> tuple[Booking, Plan]:
    """A subscription on grace, and the plan to pay its invoice."""
    account = world.account()
    attempt = world.attempt(world.plan(account.id, Start(items=(NewItem(price_id="pro@1", object=ZONE),))))
    world.journal(attempt)
    booking = world.settle(attempt, ProofKind.GRACE)
    (invoice,) = view(world, account.id).open_invoices
    plan = plan_debt(account, invoice, owed=whole(invoice), credit_grants=(), policy=POLICY, now=NOW)
    assert isinstance(plan, Plan)
    return booking, plan


def test_paying_a_debt_lifts_the_grace_that_stood_on_it(world: World) -> None:
    booking, plan = on_grace(world)
    assert booking.subscription is not None
    attempt = world.attempt(plan)
    world.journal(attempt)
    with world.database.settlements.begin() as tx:
        locked = tx.books.lock(BUCKET, [attempt.id])
        live = locked.live[attempt.account_id]
        (debt,) = plan.settles
        assert live.on_grace == {debt.invoice_id: (booking.subscription,)}
        (paid,) = book_debts(attempt, world.succeeded(attempt), live, world.desk(attempt))
        tx.books.write(BUCKET, [(paid, NOW)])
    seen = view(world, attempt.account_id)
    assert seen.open_invoices == ()
    assert seen.subscriptions[0].grace_invoice is None
    assert seen.subscriptions[0].version == 2
    assert world.rows("select distinct p.kind from entitlement e join proof p on p.id = e.proof_id") == [
        ("payment",)
    ]


def test_a_finished_attempt_brings_its_past(world: World) -> None:
    booking, plan = on_grace(world)
    assert booking.attempt_id is not None
    with world.database.settlements.begin() as tx:
        past = tx.books.lock(BUCKET, [booking.attempt_id]).past[booking.attempt_id]
    assert (past.refs, past.issued) == (frozenset(), plan.settles[0].invoice_id)
    _, paid, _ = world.subscribed()
    with world.database.settlements.begin() as tx:
        past = tx.books.lock(BUCKET, [paid.id]).past[paid.id]
    assert (past.refs, past.issued) == (frozenset({f"pay_{paid.id.hex}"}), None)


def test_stranded_money_becomes_credit(world: World) -> None:
    account = world.account()
    attempt = world.attempt(world.plan(account.id, Start(items=(NewItem(price_id="pro@1", object=ZONE),))))
    world.journal(attempt)
    world.strand(attempt, 1234)
    assert view(world, account.id).credit == 1234
    with world.database.settlements.begin() as tx:
        assert tx.books.lock(BUCKET, [attempt.id]).live[account.id].credit == 1234
    assert world.rows("select state from attempt") == [("returned",)]


def test_what_later_money_says_does_not_change_how_an_attempt_ended(world: World) -> None:
    booking, _ = on_grace(world)
    assert booking.attempt_id is not None
    with world.database.begin() as tx:
        attempt = tx.journal.get(booking.attempt_id)
    assert attempt is not None
    assert attempt.cause is FailureCause.INSUFFICIENT_FUNDS
    later = replace(attempt, plan=replace(attempt.plan, planned_at=NOW + timedelta(days=1)))
    world.strand(later, 7)
    with world.database.begin() as tx:
        assert tx.journal.get(attempt.id) == attempt
    assert world.rows("select finished_at, state from attempt") == [(NOW, "committed")]


def renewals(world: World, now: datetime) -> list[tuple[Plan, Subscription]]:
    """Plans for everything that is due."""
    with world.database.begin() as tx:
        due = tx.accounts.due(BUCKET, now, 100, None)
    catalog = world.database.catalog()
    plans = [
        plan_renewal(
            d.account,
            d.subscription,
            catalog=catalog,
            policy=POLICY,
            convention=Convention(),
            credit_grants=d.credit_grants,
            now=now,
        )
        for d in due
    ]
    return [(p, d.subscription) for p, d in zip(plans, due, strict=True) if p is not None]


def test_a_batch_is_one_transaction_with_numbers_and_events_in_order(world: World) -> None:
    for _ in range(10):
        world.subscribed()
    due = renewals(world, NOW + timedelta(days=40))
    attempts = [world.attempt(plan) for plan, _ in due]
    assert len(world.journal(*attempts)) == 10
    with world.database.settlements.begin() as tx:
        bookings = [(world.booking(tx, attempt), NOW + timedelta(days=40)) for attempt in attempts]
        tx.books.write(BUCKET, bookings)
    assert world.rows("select array_agg(number order by number) from invoice") == [(list(range(1, 21)),)]
    assert world.rows("select last from invoice_series") == [(20,)]
    ((count, last, head),) = world.rows(
        "select count(*), max(seq), (select last from event_head where bucket = 7) from event"
    )
    assert count == last == head
    assert world.rows("select distinct version, period_index from subscription") == [(2, 1)]
    assert world.rows("select count(*) from entitlement where starts_at > now() - interval '1000 years'") == [
        (10,)
    ]


def test_numbers_and_events_have_no_gap_under_threads_and_failures(world: World) -> None:
    """Half of the transactions break at their end; the numbers they had drawn are given again."""
    attempts = []
    for n in range(THREADS * 3):
        account = world.account()
        attempt = world.attempt(
            world.plan(account.id, Start(items=(NewItem(price_id="pro@1", object=ZONE),)))
        )
        attempts.append((n, attempt))
        world.journal(attempt)

    def settle(n: int, attempt: Attempt) -> bool:
        with suppress(RuntimeError), world.database.settlements.begin() as tx:
            booking = world.booking(tx, attempt)
            tx.books.write(BUCKET, [(booking, NOW)])
            if n % 2:
                raise RuntimeError("the process fails here")
            return True
        return False

    calls: list[Callable[[], bool]] = [partial(settle, n, t) for n, t in attempts]
    assert sum(at_once(calls)) == THREADS * 3 // 2
    assert world.rows("select count(*) = max(number), max(number) from invoice") == [(True, 12)]
    assert world.rows("select last from invoice_series") == [(12,)]
    assert world.rows("select count(*) = max(seq) from event") == [(True,)]


def test_a_subscription_that_is_not_as_it_was_judged_is_not_written(world: World) -> None:
    _, _, booking = world.subscribed()
    assert booking.subscription is not None
    stale = replace(
        booking, subscription=replace(booking.subscription, version=7), payment=None, invoice=None
    )
    bare = replace(stale, postings=(), events=(), method=None, credit_grants=())
    assert bare.proof is not None
    proof = replace(
        bare.proof, id=draw(), of_plan=False, kind=ProofKind.NOTHING_DUE, amount=0, payment_id=None
    )
    with pytest.raises(LostUpdate, match="subscription"), world.database.settlements.begin() as tx:
        tx.books.write(BUCKET, [(replace(bare, proof=proof), NOW)])
    assert world.rows("select version from subscription") == [(1,)]


def test_several_bookings_of_one_subscription_end_with_the_last(world: World) -> None:
    account, _, booking = world.subscribed()
    first = booking.subscription
    assert first is not None
    attempts = []
    for n in (2, 3):
        plan = world.plan(account.id, AddItem(subscription_id=first.id, item=NewItem(price_id="seats@1")))
        assert plan.after is not None
        attempts.append(
            world.attempt(replace(plan, claim=f"{plan.claim}:{n}", after=replace(plan.after, version=n)))
        )
    world.journal(*attempts)
    with world.database.settlements.begin() as tx:
        bookings = [(world.booking(tx, attempt), NOW) for attempt in attempts]
        tx.books.write(BUCKET, bookings)
    (seen,) = view(world, account.id).subscriptions
    assert seen == bookings[1][0].subscription
    assert world.rows("select count(*) from item where ended_at is null") == [(2,)]


def test_an_unknown_entity_gives_no_number(world: World) -> None:
    with pytest.raises(UnknownEntity), world.database.settlements.begin() as tx:
        tx.books.number(BUCKET, "nobody")


def test_waiting_attempts_are_remembered_and_ended_ones_stay_ended(world: World) -> None:
    account, ended, _ = world.subscribed()
    plan = world.plan(account.id, Start(items=(NewItem(price_id="seats@1"),)))
    attempt = world.attempt(plan)
    world.journal(attempt)
    look_at = NOW + timedelta(minutes=9)
    waiting = replace(attempt, state=AttemptState.PROCESSING, ref="pi_9", tries=2)
    with world.database.settlements.begin() as tx:
        tx.books.wait(BUCKET, [])
        tx.books.wait(
            BUCKET,
            [
                WaitingAttempt(attempt=waiting, look_at=look_at),
                WaitingAttempt(attempt=replace(ended, state=AttemptState.UNKNOWN), look_at=look_at),
            ],
        )
        assert tx.journal.get(attempt.id) == replace(waiting, look_at=look_at)
        known = tx.journal.get(ended.id)
    assert known is not None
    assert known.state is AttemptState.COMMITTED


def test_a_refund_is_claimed_booked_and_told_once(world: World) -> None:
    account = world.account()
    attempt = world.attempt(world.plan(account.id, Start(items=(NewItem(price_id="pro@1", object=ZONE),))))
    world.journal(attempt)
    world.refund(attempt, 2000)

    def claim(now: datetime) -> list[tuple[str, RefundRequest]]:
        with world.database.settlements.begin() as tx:
            return tx.books.claim_refunds(BUCKET, now, now + timedelta(minutes=1), 10, None)

    def report(outcome: RefundOutcome, now: datetime) -> None:
        said = RefundReport(outcome=outcome, key=key, ref="re_1")
        desk = Desk(catalog=world.database.catalog(), policy=POLICY, now=now, draw=draw)
        with world.database.settlements.begin() as tx:
            for case in tx.books.hold_refunds(BUCKET, [key]):
                if outcome is RefundOutcome.UNKNOWN:
                    tx.books.postpone_refunds(BUCKET, [(said, now + timedelta(minutes=10))])
                elif not case.succeeded:
                    state = (
                        RefundState.SUCCEEDED if outcome is RefundOutcome.SUCCEEDED else RefundState.FAILED
                    )
                    end = RefundEnd(id=key, state=state, ref=said.ref)
                    (booking,) = book_refund(case, end, desk)
                    tx.books.write(BUCKET, [(booking, now)])

    ((provider, request),) = claim(NOW)
    key = request.key
    assert (provider, request.payment_ref, request.amount) == ("sandbox-card", f"pay_{attempt.id.hex}", 2000)
    assert claim(NOW) == []
    report(RefundOutcome.UNKNOWN, NOW)
    assert claim(NOW + timedelta(minutes=9)) == []
    assert len(claim(NOW + timedelta(minutes=10))) == 1
    report(RefundOutcome.SUCCEEDED, NOW + timedelta(minutes=11))
    report(RefundOutcome.SUCCEEDED, NOW + timedelta(minutes=12))
    assert claim(NOW + timedelta(days=1)) == []
    assert world.rows("select state, ref from refund") == [("succeeded", "re_1")]
    assert world.rows("select debit, credit from posting order by booked_at") == [
        ("cash:sandbox-card", "refunds_payable"),
        ("refunds_payable", "cash:sandbox-card"),
    ]
    assert world.rows("select data->>'succeeded' from event where type = 'refund.settled'") == [("true",)]


def test_a_method_is_detached_once(world: World) -> None:
    account, _, _ = world.subscribed()
    (method,) = view(world, account.id).methods
    for _ in range(2):
        with world.database.settlements.begin() as tx:
            tx.books.detach(method, NOW)
    assert view(world, account.id).methods == ()
    assert world.rows("select count(*) from event where type = 'method.detached'") == [(1,)]


def test_a_method_that_failed_for_good_is_invalid_until_it_pays_again(world: World) -> None:
    account, _, _ = world.subscribed()
    (method,) = view(world, account.id).methods
    seats = Start(items=(NewItem(price_id="seats@1"),))
    declined = replace(world.attempt(world.plan(account.id, seats)), method_id=method.id)
    world.journal(declined)
    world.fail(declined, FailureCause.CARD_EXPIRED)
    assert view(world, account.id).methods[0].state == "invalid"
    paid = world.attempt(world.plan(account.id, seats))
    world.journal(paid)
    world.settle(paid)
    assert [m.state for m in view(world, account.id).methods] == ["active"]


def test_drifted_entitlements_are_brought_back(world: World) -> None:
    account, _, booking = world.subscribed()
    with world.database.pool.connection() as connection:
        connection.execute(
            "with other as (insert into item select bucket, %s, account_id, subscription_id, price_id, family, object,"
            " quantity, position, now(), null, booked_price, booked_quantity from item returning id)"
            " update entitlement set item_id = other.id, features = '{}' from other",
            (draw(),),
        )

    def snapshot() -> Snapshot:
        with world.database.begin() as tx:
            return tx.queue.snapshots(BUCKET, [account.id])[0]

    verdict = assess(snapshot(), world.database.catalog(), POLICY, NOW)
    assert verdict.drifted
    with world.database.settlements.begin() as tx:
        tx.books.lock_accounts(BUCKET, [account.id])
        tx.books.assess(BUCKET, [verdict])
        tx.books.assess(BUCKET, [])
    assert snapshot().grants == booking.grants
    assert world.rows("select count(*) from event where type = 'standing.changed'") == [(0,)]

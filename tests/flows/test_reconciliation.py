"""Reconciliation: every difference between our books and a provider's has a name and evidence; flows repair."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from solvent.core.attempt import Attempt
from solvent.core.difference import About, DifferenceKind, Reconciliation, Repair
from solvent.core.ids import bucket_of
from solvent.core.movement import MovementKind
from solvent.core.payment import AttemptState, StaleMoney
from solvent.flows import statements
from solvent.flows.notify import process
from solvent.flows.reconcile import refund as refund_due
from solvent.flows.reconciliation import reconcile
from solvent.providers.sandbox import FaultPlan
from solvent.sim import Customer
from solvent.sim.banks import NO_FAULTS
from solvent.store.reconciliations import ReconciliationReads
from tests.flows.acts import CHALLENGED, GOOD, zone
from tests.flows.disputes.contests import Contest
from tests.flows.test_credit import refund
from tests.flows.test_reconcile import charged_twice
from tests.simulation.fragile import START, FragileWorld

Told = list[tuple[str, str, str, bool]]
SLOW_REFUNDS = "4000000000007726"
HOUR = timedelta(hours=1)
MANY = 1_000


@pytest.fixture
def world(world: FragileWorld) -> FragileWorld:
    """The bank keeps 2.9 % and 30 cents; nobody polls but these tests."""
    world.banks.by_name["sandbox"].set_tariff(29_000, 30)
    world.polls = False
    return world


def run(world: FragileWorld, *, repair: bool = False, hours: int = 1) -> Reconciliation:
    """Compare everything until now, an hour later."""
    world.clock.move(HOUR * hours)
    asked: list[Reconciliation] = []

    def agreed(report: Reconciliation) -> bool:
        asked.append(report)
        return repair

    found = reconcile(world.platform, "sandbox", START, world.now, world.now, agreed=agreed)
    assert found is not None
    assert len(asked) == any(one.repair is not Repair.BY_HAND for one in found.differences)
    # Worlds share a database, and each has banks of its own.
    mine = [d for d in found.differences if d.key is not None and bucket_of(d.key) in world.buckets]
    return replace(found, differences=tuple(mine))


def told(report: Reconciliation) -> Told:
    return sorted((d.about.value, d.kind.value, d.repair.value, d.repaired) for d in report.differences)


def paid_unheard(world: FragileWorld, customer: Customer) -> Attempt:
    """The money moved, and nobody told us."""
    attempt = customer.confirm(customer.open(zone()), CHALLENGED)
    customer.pass_challenge(attempt)
    world.banks.post.lose(world.now)
    return attempt


def test_books_that_agree_have_no_difference_but_the_fees_that_are_not_booked_yet(
    world: FragileWorld, ada: Customer
) -> None:
    ada.buy(zone())
    refund(ada, 500)
    world.work()
    first = run(world)
    assert told(first) == [("payment", "fee_unrecorded", "fee", False)]
    (fee,) = first.differences
    assert fee.theirs is not None
    assert (fee.ours, fee.theirs.amount, fee.theirs.currency) == (None, 88, "USD")
    assert told(run(world, repair=True)) == [("payment", "fee_unrecorded", "fee", True)]
    again = run(world, repair=True)
    assert told(again) == []
    assert [(t.kind, t.currency, t.movements, t.amount) for t in again.totals] == [
        (MovementKind.PAYMENT, "USD", 1, 2_000),
        (MovementKind.REFUND, "USD", 1, -500),
    ]
    assert [(t.kind, t.amount) for t in again.fees] == [(MovementKind.PAYMENT, 88)]


def test_a_payment_that_nobody_told_of_is_settled_with_its_fee(world: FragileWorld, ada: Customer) -> None:
    attempt = paid_unheard(world, ada)
    found = run(world)
    assert told(found) == [
        ("attempt", "state", "settle", False),
        ("payment", "ours_missing", "settle", False),
    ]
    assert ada.attempt(attempt).state is not AttemptState.COMMITTED
    repaired = run(world, repair=True)
    assert {d.repaired for d in repaired.differences} == {True}
    assert repaired.open == ()
    assert ada.attempt(attempt).state is AttemptState.COMMITTED
    assert ada.ledger()["provider_fees", "USD"] == 88
    assert len(ada.charges()) == 1


def test_a_second_charge_is_told_as_such_and_returned(world: FragileWorld, ada: Customer) -> None:
    attempt = ada.buy(zone())
    world.banks.by_name["sandbox"].charge_twice(str(attempt.ref), world.now)
    world.banks.post.lose(world.now)
    found = run(world)
    assert ("payment", "twice", "settle", False) in told(found)
    assert run(world, repair=True).open == ()
    assert ada.credit() == 2_000


def test_a_refund_that_has_ended_there_and_not_here_is_asked_for_once_more(
    world: FragileWorld, ada: Customer
) -> None:
    world.decide(stale_money=StaleMoney.REFUND)
    charged_twice(world, ada, SLOW_REFUNDS)
    world.work()
    world.banks.post.lose(world.now)
    run(world, hours=30)  # the bank gives the money back as it is asked
    found = run(world)
    (state,) = [d for d in found.differences if d.about is About.REFUND]
    assert (state.kind, state.repair) == (DifferenceKind.STATE, Repair.REFUND)
    assert (state.ours, state.theirs) == (
        replace(state.ours, amount=-2_000, state="processing"),  # type: ignore[type-var]
        replace(state.theirs, amount=-2_000, state="succeeded"),  # type: ignore[type-var]
    )
    assert run(world, repair=True).open == ()
    assert sum(row.amount for row in world.banks.by_name["sandbox"].statement()) == 2_000


def test_a_dispute_that_nobody_told_of_is_recorded(world: FragileWorld, ada: Customer) -> None:
    paid = ada.buy(zone())
    contest = Contest(ada, paid, fee=1_500)
    world.banks.post.lose(world.now)
    statements.learn_fees(world.platform, "sandbox", START, world.now + HOUR, world.now)
    assert told(run(world)) == [("dispute", "ours_missing", "dispute", False)]
    assert run(world, repair=True).open == ()
    world.banks.by_name["sandbox"].close_dispute(contest.ref, False, world.now)
    world.banks.post.lose(world.now)
    assert told(run(world)) == [("dispute", "state", "dispute", False)]
    assert run(world, repair=True).open == ()
    assert contest.stored.state == "lost"


def test_money_of_which_the_bank_knows_nothing_is_found(world: FragileWorld, ada: Customer) -> None:
    """By hand: nobody may give it up but whoever finds out what it was."""
    attempt = ada.buy(zone())
    ada.buy(zone("b.example"))
    statements.learn_fees(world.platform, "sandbox", START, world.now + HOUR, world.now)
    book = world.banks.by_name["sandbox"]._book
    early = START - 24 * HOUR
    book.statement = [row._replace(at=early) if row.key == attempt.id.hex else row for row in book.statement]
    assert told(run(world)) == []  # the bank dates it otherwise, and asked about it confirms it
    charge = book.charges.pop(str(attempt.ref))
    (missing,) = run(world, repair=True).differences
    assert (missing.about, missing.kind, missing.repair, missing.ref, missing.key) == (
        About.PAYMENT,
        DifferenceKind.THEIRS_MISSING,
        Repair.BY_HAND,
        attempt.ref,
        attempt.id,
    )
    book.charges[charge.ref] = charge
    world.banks.lines["sandbox"].plan(FaultPlan.script({"payments": ["down"] * MANY}))
    assert len(run(world).differences) == 1


def test_what_was_begun_a_moment_ago_is_on_its_way_into_the_books(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone("old.example"))
    statements.learn_fees(world.platform, "sandbox", START, world.now + HOUR, world.now)
    world.clock.move(HOUR)
    paid_unheard(world, ada)
    found = reconcile(world.platform, "sandbox", START, world.now, world.now, agreed=lambda _: False)
    assert found is not None
    assert [d for d in found.differences if d.key is not None and bucket_of(d.key) in world.buckets] == []


def test_a_refund_that_the_bank_dates_otherwise_is_asked_about(world: FragileWorld, ada: Customer) -> None:
    """Asked for before the end of what is compared, and made after it: the statement of that time does not name it."""
    ada.buy(zone())
    refund(ada, 500)
    world.work()
    statements.learn_fees(world.platform, "sandbox", START, world.now + HOUR, world.now)
    book = world.banks.by_name["sandbox"]._book
    late = world.now + 24 * HOUR
    book.statement = [row._replace(at=late) if row.amount < 0 else row for row in book.statement]
    assert told(run(world)) == []
    world.banks.lines["sandbox"].plan(FaultPlan.script({"refund_of": ["down"] * MANY}))
    assert told(run(world)) == [("refund", "theirs_missing", "refund", False)]


def test_a_provider_that_does_not_answer_gives_no_report(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    for plan in (FaultPlan(down=1.0), FaultPlan.script({"changes": ["down"] * MANY})):
        world.banks.lines["sandbox"].plan(plan)
        report = reconcile(world.platform, "sandbox", START, world.now, world.now, agreed=lambda _: True)
        assert report is None
    world.banks.lines["sandbox"].plan(NO_FAULTS)


@pytest.mark.parametrize("operation", ["payments", "refund", "refund_of"])
def test_what_cannot_be_asked_stays_different(world: FragileWorld, ada: Customer, operation: str) -> None:
    if operation == "payments":
        paid_unheard(world, ada)
    else:
        world.decide(stale_money=StaleMoney.REFUND)
        unnamed = operation == "refund"  # its answer was lost: it is asked for again under its key
        charged_twice(world, ada, GOOD if unnamed else SLOW_REFUNDS)
        process(world.platform, world.buckets[0], world.now, MANY)
        world.banks.lines["sandbox"].script(refund="lost_reply" if unnamed else "ok")
        refund_due(world.platform, world.buckets[0], world.now, MANY)
        world.banks.post.lose(world.now)
        run(world, hours=30)
    world.banks.lines["sandbox"].plan(FaultPlan.script({operation: ["down"] * MANY}))
    assert run(world, repair=True).open != ()
    world.banks.lines["sandbox"].plan(NO_FAULTS)
    assert run(world, repair=True).open == ()


def test_reports_are_kept_and_read_in_pages(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), GOOD)
    made = [run(world, repair=n == 1).id for n in range(3)]
    reads = ReconciliationReads(world.database.pool)
    (kept,) = [one for one in [reads.one(made[1])] if one is not None]
    assert (kept.id, kept.made_at) == (made[1], world.now - HOUR)
    assert [one.repaired for one in kept.differences if one.kind is DifferenceKind.FEE_UNRECORDED] == [True]
    assert reads.one(ada.id) is None
    assert [one.id for one in reads.page("sandbox", None, 100) if one.id in made] == made[::-1]
    assert [one.id for one in reads.page(None, made[1], 100) if one.id in made] == made[:1]
    assert reads.page("nobody", None, 2) == []

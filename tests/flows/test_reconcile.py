"""Reconcile: silence is asked about, never guessed; nothing is given up that may still succeed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from psycopg import OperationalError

from solvent.core.attempt import Attempt
from solvent.core.payment import AttemptState, FailureCause, StaleMoney
from solvent.flows.notify import TRIES_MAX, process
from solvent.flows.reconcile import refund, resolve, sweep
from solvent.providers.sandbox import FaultPlan
from solvent.sim import Customer
from solvent.sim.banks import NO_FAULTS
from tests.flows.acts import (
    CHALLENGED,
    DEBIT,
    DECLINED,
    GOOD,
    ODD,
    TWICE,
    manual,
    mend,
    put_off,
    spoil,
    zone,
)
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.fragile import START, FragileWorld

LIMIT = 100


def look(world: FragileWorld, **later: float) -> int:
    """The janitor comes after that time, and nobody else does."""
    world.clock.move(timedelta(**later))
    return resolve(world.platform, world.buckets[0], world.now, LIMIT)


def test_a_crash_before_the_provider_is_called_sends_the_same_request_later(
    world: FragileWorld, ada: Customer
) -> None:
    ada.buy(zone())
    with world.during(Mishap(Trouble.KILLED, 4)) as fate:
        ada.receive_invoice(manual(9_900))
    assert fate.died
    assert list(world.banks.lines["sandbox"].calls)[-1] == "confirm"  # the charge was not sent
    assert look(world, seconds=1) == 0  # whoever works on it has a lease
    assert look(world, minutes=1) == 1
    assert [charge.amount for charge in ada.charges()] == [2_000, 9_900]
    assert ada.debt() == 0


def test_a_crash_after_the_provider_acted_finds_the_charge_by_its_key(
    world: FragileWorld, ada: Customer
) -> None:
    ada.buy(zone())
    with world.during(Mishap(Trouble.KILLED, 6)) as fate:
        ada.receive_invoice(manual(9_900))
    assert fate.died
    assert [charge.amount for charge in ada.charges()] == [2_000, 9_900]
    assert look(world, minutes=2) == 1
    assert len(ada.charges()) == 2
    assert len(ada.invoices()) == 2


def test_an_opening_that_was_lost_is_opened_again_for_a_customer_who_waits(
    world: FragileWorld, ada: Customer
) -> None:
    with world.during(Mishap(Trouble.NOT_REACHED, 1)):
        attempt = ada.open(zone())
    assert look(world, minutes=1) == 1
    found = ada.attempt(attempt)
    assert found.state is AttemptState.REQUIRES_ACTION
    assert ada.complete(found).state is AttemptState.COMMITTED


def test_an_opening_that_was_lost_expires_when_nobody_waits(world: FragileWorld, ada: Customer) -> None:
    with world.during(Mishap(Trouble.NOT_REACHED, 1)):
        attempt = ada.open(zone())
    look(world, hours=1)
    assert ada.attempt(attempt).cause is FailureCause.EXPIRED
    assert world.banks.by_name["sandbox"].charged(attempt.id) == []


def test_an_abandoned_attempt_is_cancelled_at_the_provider_before_it_is_given_up(
    world: FragileWorld, ada: Customer
) -> None:
    attempt = ada.confirm(ada.open(zone()), CHALLENGED)
    assert look(world, minutes=29) == 0
    assert look(world, minutes=2) == 1
    assert ada.attempt(attempt).cause is FailureCause.EXPIRED
    ada.pass_challenge(attempt)  # too late: the bank was told
    world.work()
    assert (ada.charges(), ada.subscriptions()) == ([], ())


def test_money_that_came_just_before_the_cancellation_is_kept(world: FragileWorld, ada: Customer) -> None:
    """The customer passes 3-D Secure between the janitor's question and its cancellation."""
    attempt = ada.confirm(ada.open(zone()), CHALLENGED)
    world.banks.lines["sandbox"].before_reply = lambda: ada.pass_challenge(attempt)
    look(world, hours=1)
    assert ada.attempt(attempt).state is AttemptState.COMMITTED
    assert len(ada.charges()) == 1


def test_during_an_outage_nothing_is_given_up(world: FragileWorld, ada: Customer) -> None:
    attempt = ada.open(zone())
    world.banks.lines["sandbox"].plan(FaultPlan(down=1.0))
    look(world, hours=1)
    assert ada.attempt(attempt).state is AttemptState.UNKNOWN
    world.banks.lines["sandbox"].plan(NO_FAULTS)
    look(world, hours=2)
    assert ada.attempt(attempt).cause is FailureCause.EXPIRED


def test_looks_at_what_stays_unknown_become_rare(world: FragileWorld, ada: Customer) -> None:
    attempt = ada.confirm(ada.open(zone()), ODD)
    waits = []
    for _ in range(12):
        found = ada.attempt(attempt)
        assert found.state is AttemptState.UNKNOWN
        assert found.look_at is not None
        waits.append(found.look_at - world.now)
        look(world, seconds=waits[-1].total_seconds())
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=1)
    world.banks.by_name["sandbox"].decide(str(attempt.ref), True, world.now)
    look(world, hours=1)
    assert ada.attempt(attempt).state is AttemptState.COMMITTED


def test_a_bank_debit_is_asked_for_until_it_ends(world: FragileWorld, ada: Customer) -> None:
    attempt = ada.confirm(ada.open(zone()), DEBIT)
    look(world, days=1)
    assert ada.attempt(attempt).state is AttemptState.PROCESSING
    assert not ada.has("zone-pro")
    look(world, days=3)
    assert ada.attempt(attempt).state is AttemptState.COMMITTED


def test_nothing_due_that_a_crash_left_is_committed_without_a_provider(
    world: FragileWorld, ada: Customer
) -> None:
    with world.during(Mishap(Trouble.KILLED, 4)) as fate:
        ada.open(zone(product="zone-free"))
    assert fate.died
    assert look(world, minutes=2) == 1
    assert ada.has("zone-free")
    assert list(world.banks.lines["sandbox"].calls) == []


def test_a_renewal_whose_charge_was_never_sent_is_sent_however_late(
    world: FragileWorld, ada: Customer
) -> None:
    ada.buy(zone())
    world.banks.lines["sandbox"].plan(FaultPlan(down=1.0))
    world.until(ada.subscription().period.end + timedelta(hours=3))
    world.banks.lines["sandbox"].plan(NO_FAULTS)
    world.wait(hours=2)
    assert ada.subscription().index == 1
    assert ada.subscription().grace_until is None
    assert len(ada.charges()) == 2


# Refunds


@pytest.fixture
def refunding(world: FragileWorld) -> FragileWorld:
    """A merchant who refunds money that cannot be used."""
    world.decide(stale_money=StaleMoney.REFUND)
    return world


def owed_back(customer: Customer) -> int:
    """What the ledger says is still to be refunded."""
    return -customer.ledger().get(("refunds_payable", "USD"), 0)


def charged_twice(world: FragileWorld, customer: Customer, card: str = GOOD) -> None:
    """The bank charges the customer once more, and tells."""
    attempt = customer.buy(zone(), card)
    world.banks.by_name["sandbox"].charge_twice(str(attempt.ref), world.now)
    world.deliver()


def test_a_refund_that_is_due_is_made_once(refunding: FragileWorld, ada: Customer) -> None:
    charged_twice(refunding, ada)
    refunding.work()
    assert refund(refunding.platform, refunding.buckets[0], refunding.now, LIMIT) == 0
    bank = refunding.banks.by_name["sandbox"]
    assert [row.amount for row in bank.statement()] == [2_000, 2_000, -2_000]
    assert [e.type for e in ada.events()][-2:] == ["payment.stranded", "refund.settled"]


@pytest.mark.parametrize("trouble", [Trouble.NOT_REACHED, Trouble.SILENT, Trouble.REPLY_LOST])
def test_a_refund_without_an_answer_is_asked_for_again_under_its_key(
    refunding: FragileWorld, ada: Customer, trouble: Trouble
) -> None:
    charged_twice(refunding, ada)
    process(refunding.platform, refunding.buckets[0], refunding.now, LIMIT)
    with refunding.during(Mishap(trouble, 1)):
        assert refund(refunding.platform, refunding.buckets[0], refunding.now, LIMIT) == 1
    refunding.wait(minutes=20)
    bank = refunding.banks.by_name["sandbox"]
    assert sum(row.amount for row in bank.statement()) == 2_000
    assert owed_back(ada) == 0


def test_a_refund_that_takes_a_day_is_followed(refunding: FragileWorld, ada: Customer) -> None:
    charged_twice(refunding, ada, "4000000000007726")
    refunding.work()
    assert owed_back(ada) == 2_000
    refunding.wait(days=2)
    assert owed_back(ada) == 0


def test_a_refused_refund_becomes_credit(refunding: FragileWorld, ada: Customer) -> None:
    """What the provider will not give back stays the customer's, and says so."""
    charged_twice(refunding, ada, "4000000000005126")
    refunding.wait(days=2)
    assert owed_back(ada) == 0
    assert ada.credit() == 2_000
    assert [event.data["reason"] for event in ada.events("credit.granted")] == ["refund_refused"]
    told = ada.events("refund.settled")
    assert [event.data["succeeded"] for event in told] == [False]


# The sweep


def test_a_sweep_repairs_what_no_notification_told(world: FragileWorld, ada: Customer) -> None:
    attempt = ada.confirm(ada.open(zone()), CHALLENGED)
    ada.pass_challenge(attempt)
    world.banks.post.lose(world.now)
    assert sweep(world.platform, "sandbox", START, world.now) == 1
    assert ada.attempt(attempt).state is AttemptState.COMMITTED
    assert sweep(world.platform, "sandbox", START, world.now) == 1
    assert len(ada.invoices()) == 1


def test_a_sweep_finds_a_second_charge(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), TWICE)
    world.banks.post.lose(world.now)
    assert ada.credit() == 0
    assert sweep(world.platform, "sandbox", START, world.now) == 2
    assert (ada.credit(), len(ada.charges())) == (2_000, 2)


def test_a_sweep_of_a_provider_that_is_away_says_so(world: FragileWorld, ada: Customer) -> None:
    ada.confirm(ada.open(zone()), DECLINED)
    world.banks.lines["sandbox"].plan(FaultPlan(down=1.0))
    assert sweep(world.platform, "sandbox", START, world.now) is None
    assert sweep(world.platform, "sandpal", START, world.now) == 0


# What cannot be settled


def test_one_report_that_cannot_be_settled_does_not_hold_up_a_sweep(
    world: FragileWorld, ada: Customer
) -> None:
    """It is asked about again, ever more rarely, although the next poll begins after it."""
    ben = world.customer("Ben")
    attempts = [c.confirm(c.open(zone(f"{c.account.name}.example")), CHALLENGED) for c in (ada, ben)]
    for customer, attempt in zip((ada, ben), attempts, strict=True):
        customer.pass_challenge(attempt)
    world.banks.post.lose(world.now)
    spoil(world, attempts[0])
    assert sweep(world.platform, "sandbox", START, world.now) == 2
    assert (ada.has("zone-pro"), ben.has("zone-pro")) == (False, True)
    process(world.platform, world.buckets[0], world.now, LIMIT)
    assert put_off(world) == 1
    mend(world, attempts[0])
    world.clock.move(timedelta(hours=1))
    process(world.platform, world.buckets[0], world.now, LIMIT)
    assert ada.has("zone-pro")
    assert put_off(world) == 0


def test_a_store_that_is_away_while_a_sweep_settles_is_no_reports_fault(
    world: FragileWorld, ada: Customer
) -> None:
    attempt = ada.confirm(ada.open(zone()), CHALLENGED)
    ada.pass_challenge(attempt)
    spoil(world, attempt)
    away = replace(world.platform, outages=(Exception,))
    with pytest.raises(Exception, match="price of the catalog"):
        sweep(away, "sandbox", START, world.now)
    assert put_off(world) == 0
    mend(world, attempt)
    assert sweep(world.platform, "sandbox", START, world.now) == 1
    assert ada.has("zone-pro")


def test_one_answer_that_cannot_be_settled_does_not_hold_up_the_inbox(
    world: FragileWorld, ada: Customer
) -> None:
    ben = world.customer("Ben")
    attempts = [c.confirm(c.open(zone(f"{c.account.name}.example")), CHALLENGED) for c in (ada, ben)]
    spoil(world, attempts[0])
    for customer, attempt in zip((ada, ben), attempts, strict=True):
        customer.pass_challenge(attempt)
    world.deliver()
    process(world.platform, world.buckets[0], world.now, LIMIT)
    assert (ada.has("zone-pro"), ben.has("zone-pro")) == (False, True)
    assert put_off(world) > 0
    for _ in range(TRIES_MAX + 1):  # until it is given up; that it was stays visible
        world.clock.move(timedelta(hours=6))
        process(world.platform, world.buckets[0], world.now, LIMIT)
    assert put_off(world) > 0
    mend(world, attempts[0])
    look(world, hours=1)
    assert ada.has("zone-pro")
    with world.database.pool.connection() as connection:
        connection.execute("update inbox set state = 'done' where state = 'parked'")


@pytest.mark.parametrize("unreadable", [False, True], ids=["cannot be settled", "cannot be read"])
def test_one_attempt_that_cannot_be_settled_does_not_hold_up_the_janitor(
    world: FragileWorld, ada: Customer, unreadable: bool
) -> None:
    ben = world.customer("Ben")
    attempts = [c.confirm(c.open(zone(f"{c.account.name}.example")), CHALLENGED) for c in (ada, ben)]
    for customer, attempt in zip((ada, ben), attempts, strict=True):
        customer.pass_challenge(attempt)
    world.banks.post.lose(world.now)
    spoil(world, attempts[0])
    unread(world, attempts[0], unreadable)
    assert look(world, minutes=31) == (1 if unreadable else 2)
    assert ben.has("zone-pro")
    pauses = []
    for _ in range(12):
        assert put_off(world) == 1
        again = world.database.schedule.next_moment(world.buckets, world.now)
        assert again is not None
        pauses.append(again - world.now)
        look(world, seconds=pauses[-1].total_seconds())
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=6)
    unread(world, attempts[0], False)
    mend(world, attempts[0])
    look(world, hours=6)
    assert ada.has("zone-pro")
    assert put_off(world) == 0


def unread(world: FragileWorld, attempt: Attempt, unreadable: bool) -> None:
    """Somebody writes a state of nobody's into the attempt's next action, by hand."""
    with world.database.pool.connection() as connection:
        connection.execute(
            "update attempt set action = %s::json where id = %s", ("[]" if unreadable else None, attempt.id)
        )


def test_a_store_that_is_away_is_no_fault_of_a_report(world: FragileWorld, ada: Customer) -> None:
    attempt = ada.confirm(ada.open(zone()), CHALLENGED)
    ada.pass_challenge(attempt)
    world.banks.post.lose(world.now)
    with pytest.raises(OperationalError), world.meanwhile(3, away):  # before the batch
        sweep(world.platform, "sandbox", START, world.now)
    spoil(world, attempt)
    with (
        pytest.raises(OperationalError),
        world.meanwhile(4, away),
    ):  # before the first of its reports by itself
        sweep(world.platform, "sandbox", START, world.now)
    mend(world, attempt)
    assert put_off(world) == 0
    assert sweep(world.platform, "sandbox", START, world.now) == 1
    assert ada.has("zone-pro")


def away() -> None:
    """The database does not answer."""
    raise OperationalError("the server closed the connection unexpectedly")

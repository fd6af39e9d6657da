"""A refund that had succeeded comes back: the money is the customer's again, whoever tells of it and however often."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from psycopg.errors import UniqueViolation

from solvent.core.attempt import Attempt
from solvent.core.difference import About, DifferenceKind, Repair
from solvent.core.payment import ReturnedRefund
from solvent.flows.notify import process
from solvent.flows.reconcile import sweep
from solvent.ports.provider import Notification, Subject
from solvent.ports.queues import Arrival
from solvent.providers.sandbox import FaultPlan
from solvent.sim import Customer
from solvent.sim.banks import NO_FAULTS
from tests.flows.acts import GOOD, REFUNDS_RETURNED, put_off, zone
from tests.flows.disputes.contests import Contest, agree, balance, cash, only
from tests.flows.test_credit import credit
from tests.flows.test_reconciliation import run
from tests.simulation.fragile import FragileWorld

BANK = "sandbox"
PLANT = """
insert into credit_grant (bucket, id, account_id, kind, currency, amount, remaining, priority, cause_id, granted_at,
    reason)
select bucket, id, account_id, 'returned', currency, 1, 1, 50, id, now(), 'by hand' from refund where id = %(id)s"""
LIMIT = 100


def given_back(customer: Customer, card: str = GOOD, amount: int = 500) -> tuple[Attempt, str]:
    """A customer paid 20.00, and some of it has gone back; the attempt, and the bank's name of the refund."""
    paid = customer.buy(zone(), card)
    credit(customer, only(customer), amount)
    customer.world.work()
    assert [e.data["succeeded"] for e in customer.events("refund.settled")] == [True]
    assert cash(customer) == 2_000 - amount
    rows = customer.world.banks.by_name[BANK].statement()
    return paid, [row.ref for row in rows if row.kind == "refund"][-1]


def returned(world: FragileWorld, ref: str, *, told: bool = True) -> None:
    """The payer's bank sends the refund back, and the provider tells of it."""
    world.banks.by_name[BANK].return_refund(ref, world.now)
    if told:
        world.work()
    else:
        world.banks.post.lose(world.now)


def became(customer: Customer) -> list[str]:
    return [str(e.data["became"]) for e in customer.events("refund.returned")]


def states(world: FragileWorld) -> list[str]:
    query = "select state from refund where bucket = %s order by id"
    with world.database.pool.connection() as connection:
        return [row[0] for row in connection.execute(query, (world.buckets[0],))]


def test_days_later_it_is_account_credit(world: FragileWorld, ada: Customer) -> None:
    given_back(ada, REFUNDS_RETURNED)
    world.wait(days=4)
    assert (became(ada), ada.credit(), cash(ada)) == (["credit"], 500, 2_000)
    assert [e.data["reason"] for e in ada.events("credit.granted")] == ["refund_returned"]
    assert (balance(ada, "refunds_payable"), states(world)) == (0, ["returned"])
    assert (only(ada).debt, only(ada).credited) == (0, 500)
    agree(world)


def test_told_twice_it_is_booked_once(world: FragileWorld, ada: Customer) -> None:
    _, ref = given_back(ada)
    for _ in range(2):
        returned(world, ref)
        sweep(world.platform, BANK, world.now, world.now)
    assert (became(ada), ada.credit()) == (["credit"], 500)


def test_a_poll_finds_it_when_nobody_tells(world: FragileWorld, ada: Customer) -> None:
    _, ref = given_back(ada)
    returned(world, ref, told=False)
    world.work()
    assert became(ada) == []
    assert sweep(world.platform, BANK, world.now, world.now) is not None
    assert (became(ada), ada.credit()) == (["credit"], 500)
    agree(world)


def test_reconciliation_finds_and_books_it(world: FragileWorld, ada: Customer) -> None:
    _, ref = given_back(ada)
    returned(world, ref, told=False)
    (found,) = [d for d in run(world).differences if d.about is About.REFUND]
    assert (found.kind, found.repair) == (DifferenceKind.STATE, Repair.REFUND)
    assert run(world, repair=True).open == ()
    assert (became(ada), ada.credit()) == (["credit"], 500)


def test_by_policy_it_is_asked_for_once_more(world: FragileWorld, ada: Customer) -> None:
    world.decide(returned_refund=ReturnedRefund.RETRY)
    _, ref = given_back(ada)
    returned(world, ref)
    assert (became(ada), ada.credit(), cash(ada)) == (["refund"], 0, 1_500)
    (told,) = ada.events("refund.returned")
    assert told.data["retry_id"] in {e.data["refund_id"] for e in ada.events("refund.settled")}
    assert states(world) == ["returned", "succeeded"]
    agree(world)


def test_what_comes_back_twice_is_credit(world: FragileWorld, ada: Customer) -> None:
    world.decide(returned_refund=ReturnedRefund.RETRY)
    given_back(ada, REFUNDS_RETURNED)
    world.wait(days=8)
    assert (became(ada), ada.credit(), cash(ada)) == (["refund", "credit"], 500, 2_000)
    assert states(world) == ["returned", "returned"]
    agree(world)


def test_a_second_try_that_is_refused_is_credit(world: FragileWorld, ada: Customer) -> None:
    """The bank takes the money back for the payer in between: the second try is refused, and nothing is given twice."""
    world.decide(returned_refund=ReturnedRefund.RETRY)
    paid, ref = given_back(ada)
    world.banks.by_name[BANK].return_refund(ref, world.now)
    Contest(ada, paid)
    world.work()
    assert (became(ada), ada.credit(), states(world)) == (["refund"], 500, ["returned", "failed"])
    agree(world)


def test_after_a_lost_dispute_it_lowers_the_loss(world: FragileWorld, ada: Customer) -> None:
    """20.00 paid, 5.00 went back and the bank took 20.00: 5.00 lost, until the 5.00 come back."""
    world.decide(returned_refund=ReturnedRefund.RETRY)
    paid, ref = given_back(ada)
    contest = Contest(ada, paid)
    contest.close(won=False)
    assert (only(ada).debt, balance(ada, "dispute_losses"), cash(ada)) == (1_500, 500, -500)
    returned(world, ref)
    assert (became(ada), ada.credit(), balance(ada, "dispute_losses"), cash(ada)) == (["credit"], 0, 0, 0)
    agree(world)


def test_the_loss_after_it_takes_the_credit(world: FragileWorld, ada: Customer) -> None:
    """In the other order: the same in the end."""
    paid, ref = given_back(ada)
    returned(world, ref)
    assert ada.credit() == 500
    Contest(ada, paid).close(won=False)
    assert (only(ada).debt, ada.credit(), balance(ada, "dispute_losses"), cash(ada)) == (1_500, 0, 0, 0)
    agree(world)


def test_while_the_provider_is_silent_the_notification_waits(world: FragileWorld, ada: Customer) -> None:
    _, ref = given_back(ada)
    world.banks.by_name[BANK].return_refund(ref, world.now)
    world.banks.lines[BANK].plan(FaultPlan(down=1.0))
    world.work()
    assert became(ada) == []
    world.banks.lines[BANK].plan(NO_FAULTS)
    world.wait(minutes=2)
    assert became(ada) == ["credit"]


@pytest.mark.parametrize("told", [True, False])
def test_one_that_cannot_be_settled_holds_up_no_other(world: FragileWorld, ada: Customer, told: bool) -> None:
    """Somebody has written a row by hand that stands in its way; once that is gone, it is settled as well."""
    ben = world.customer("Ben")
    refs = [given_back(each)[1] for each in (ada, ben)]
    refund_id = ada.events("refund.settled")[0].data["refund_id"]
    with world.database.pool.connection() as connection:
        connection.execute(PLANT, {"id": refund_id})
    for ref in refs:
        returned(world, ref, told=False)
    if told:
        for ref, each in zip(refs, (ada, ben), strict=True):
            hint(world, ref, each)
    else:
        away = replace(
            world.platform, outages=(UniqueViolation,)
        )  # then it is the store's fault, and nobody's
        with pytest.raises(UniqueViolation):
            sweep(away, BANK, world.now, world.now)
        assert sweep(world.platform, BANK, world.now, world.now) is not None
    world.work()
    assert (became(ada), became(ben)) == ([], ["credit"])
    assert put_off(world) == 1
    with world.database.pool.connection() as connection:
        connection.execute("set local session_replication_role = replica")
        connection.execute("delete from credit_grant where id = %(id)s", {"id": refund_id})
    world.wait(hours=1)
    assert (became(ada), put_off(world)) == (["credit"], 0)


def hint(world: FragileWorld, ref: str, customer: Customer) -> None:
    """A notification tells of a refund."""
    key = UUID(str(customer.events("refund.settled")[0].data["refund_id"]))
    about = Notification(
        id=f"evt_{uuid4()}", provider=BANK, subject=Subject.REFUND, key=key, ref=ref, occurred_at=world.now
    )
    with world.platform.store.single() as tx:
        tx.inbox.store([Arrival(world.buckets[0], about, world.now)])


@pytest.mark.parametrize("ours", [True, False])
def test_a_notification_of_a_refund_that_is_not_ours_changes_nothing(
    world: FragileWorld, ada: Customer, ours: bool
) -> None:
    given_back(ada)
    key = uuid4() if ours else None
    about = Notification(
        id=f"evt_{uuid4()}", provider=BANK, subject=Subject.REFUND, key=key, ref="re_1", occurred_at=world.now
    )
    with world.platform.store.single() as tx:
        tx.inbox.store([Arrival(world.buckets[0], about, world.now)])
    assert process(world.platform, world.buckets[0], world.now, LIMIT) == 1
    assert process(world.platform, world.buckets[0], world.now, LIMIT) == 0
    assert states(world) == ["succeeded"]

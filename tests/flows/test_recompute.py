"""Recompute: one look at everything; repeating it changes nothing, and it repairs what somebody else changed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from solvent.core.catalog import CatalogError
from solvent.core.ids import bucket_of
from solvent.core.request import CancelNow
from solvent.core.snapshot import Standing
from solvent.flows.recompute import gather, recompute, restless
from solvent.sim import Customer
from tests.core.funds import grants
from tests.flows.acts import DECLINED_LATER, GOOD, manual, rename, zone
from tests.simulation.checks import wrong
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.ending import dump
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

LIMIT = 100


def mark(world: FragileWorld, *customers: Customer) -> None:
    with world.platform.store.begin() as tx:
        tx.queue.mark([customer.id for customer in customers], "test", world.now)


def run(world: FragileWorld) -> int:
    return recompute(world.platform, world.buckets[0], world.now, LIMIT)


def test_nobody_marked_is_nothing_to_do(world: FragileWorld, ada: Customer) -> None:
    assert run(world) == 0
    assert gather(world.platform, world.buckets[0], [], world.now) == []


def test_recomputing_twice_is_recomputing_once(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), DECLINED_LATER)
    world.until(ada.subscription().period.end)
    mark(world, ada)
    assert run(world) == 1
    before = dump(world)
    mark(world, ada)
    assert run(world) == 1
    assert dump(world) == before


def test_an_account_marked_twice_is_recomputed_once(world: FragileWorld, ada: Customer) -> None:
    mark(world, ada, ada)
    mark(world, ada)
    assert run(world) == 1
    assert run(world) == 0


def test_standing_follows_the_debt(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), DECLINED_LATER)
    end = ada.subscription().period.end
    world.until(end)
    assert ada.standing() is Standing.GRACE
    world.until(end + world.platform.policy.grace)
    assert ada.standing() is Standing.PAST_DUE
    ada.pay_debt()
    world.work()
    assert ada.standing() is Standing.GOOD
    changes = [(e.data["before"], e.data["after"]) for e in ada.events("standing.changed")]
    assert changes == [("good", "grace"), ("grace", "past_due"), ("past_due", "good")]


DRIFTS = {
    "an entitlement is missing": "delete from entitlement where account_id = %s",
    "it lasts too long": "update entitlement set ends_at = ends_at + interval '1 year' where account_id = %s",
    "it gives too much": "update entitlement set quantity = 7 where account_id = %s",
}


@pytest.mark.parametrize("drift", DRIFTS)
def test_stored_entitlements_are_brought_back_to_the_facts(
    world: FragileWorld, ada: Customer, drift: str
) -> None:
    ada.buy(zone())
    world.work()
    before = dump(world)["entitlement"]
    with world.database.pool.connection() as connection:
        connection.execute(DRIFTS[drift], (ada.id,))
    assert dump(world)["entitlement"] != before
    (verdict,) = gather(world.platform, world.buckets[0], [ada.id], world.now)
    assert verdict.drifted
    mark(world, ada)
    run(world)
    assert dump(world)["entitlement"] == before


def test_an_entitlement_that_nothing_paid_for_is_taken_away(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone("gone.example"))
    ada.open(CancelNow(subscription_id=ada.subscription().id))
    ada.buy(zone())
    world.work()
    before = dump(world)["entitlement"]
    with world.database.pool.connection() as connection:
        connection.execute(
            """insert into entitlement select e.bucket, i.id, e.account_id, i.subscription_id,
            e.product_id, i.object, e.quantity, e.features, e.starts_at, e.ends_at, e.proof_id
            from entitlement e join item i on i.account_id = e.account_id and i.ended_at is not null
            where e.account_id = %s""",
            (ada.id,),
        )
    assert len(dump(world)["entitlement"]) == len(before) + 1
    mark(world, ada)
    run(world)
    assert dump(world)["entitlement"] == before


def test_one_account_is_recomputed_when_marked_or_due_and_else_not(
    world: FragileWorld, ada: Customer
) -> None:
    ada.buy(zone(), DECLINED_LATER)
    world.until(ada.subscription().period.end)

    def one() -> int:
        return recompute(world.platform, world.buckets[0], world.now, 1, ada.id)

    mark(world, ada)
    assert (one(), one()) == (1, 0)
    recheck = ada.snapshot().recheck_at
    assert recheck is not None
    world.clock.move_to(recheck)
    assert one() == 1


def test_a_recheck_is_due_by_the_passing_of_time_alone(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), DECLINED_LATER)
    world.until(ada.subscription().period.end)
    assert run(world) == 0
    ada.card_becomes(GOOD)
    world.clock.move(timedelta(days=1))
    assert run(world) == 1
    assert ada.debt() == 0


def test_whose_recheck_is_due_does_not_wait_for_the_marked(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), DECLINED_LATER)
    world.until(ada.subscription().period.end)
    recheck = ada.snapshot().recheck_at
    assert recheck is not None
    world.clock.move_to(recheck)
    mark(world, world.customer("Ben"))
    assert run(world) == 2


def test_it_goes_on_after_a_crash_at_any_boundary(world: FragileWorld) -> None:
    for at in range(1, 30):
        ada = world.customer(f"Ada {at}")
        ada.buy(zone(), DECLINED_LATER)
        world.until(ada.subscription().period.end)
        ada.card_becomes(GOOD)
        world.clock.move(timedelta(days=1))
        with world.during(Mishap(Trouble.KILLED, at)) as fate:
            run(world)
        world.wait(minutes=5)
        assert (ada.debt(), len(ada.charges())) == (0, 2)
        if not fate.died:
            return
    pytest.fail("recompute has no end of boundaries")


def test_debts_are_collected_in_the_order_of_their_age(world: FragileWorld, ada: Customer) -> None:
    for amount in (300, 400):
        ada.receive_invoice(manual(amount))
        world.clock.move(timedelta(hours=1))
    ada.buy(zone())
    world.work()
    assert [charge.amount for charge in ada.charges()] == [2_000, 300, 400]
    assert ada.standing() is Standing.GOOD


def test_a_payment_in_flight_is_not_tried_again(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), DECLINED_LATER)
    world.until(ada.subscription().period.end)
    ada.open_debt(ada.open_invoices()[0].id)
    ada.card_becomes(GOOD)
    world.clock.move(timedelta(minutes=20))
    mark(world, ada)
    run(world)
    assert len(ada.charges()) == 1


def test_opening_a_payment_of_a_debt_lets_the_account_be_looked_at(
    world: FragileWorld, ada: Customer
) -> None:
    """While a debt is being paid it is not tried, so the next look is another one."""
    ada.buy(zone(), DECLINED_LATER)
    world.until(ada.subscription().period.end)
    before = ada.snapshot().recheck_at
    ada.open_debt(ada.open_invoices()[0].id)
    world.work()
    assert ada.snapshot().recheck_at != before
    assert wrong(world) == []


def test_one_that_cannot_be_assessed_does_not_stay_in_front_of_the_others(
    world: FragileWorld, ada: Customer
) -> None:
    ben = world.customer("Ben")
    for customer in (ada, ben):
        customer.buy(zone())
    world.work()
    rename(world, ada, "gone@1")
    for customer in (ada, ben):
        mark(world, customer)
        world.clock.move(timedelta(seconds=1))
    with pytest.raises(CatalogError):
        recompute(world.platform, world.buckets[0], world.now, 1)
    assert recompute(world.platform, world.buckets[0], world.now, 1) == 1  # Ben
    assert recompute(world.platform, world.buckets[0], world.now, 1) == 0  # Ada's lease is not over
    rename(world, ada, price("zone-pro"))
    world.clock.move(timedelta(minutes=2))
    assert recompute(world.platform, world.buckets[0], world.now, 1) == 1


def test_what_is_to_be_forgiven_or_has_expired_is_something_to_do(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    (verdict,) = gather(world.platform, bucket_of(ada.id), [ada.id], world.now)
    assert not restless(verdict)
    forgiven = replace(verdict.decision, forgive={ada.invoices()[0].id: 2_000})
    assert restless(replace(verdict, decision=forgiven)), "also where nothing else has changed"
    assert restless(replace(verdict, lapsed=tuple(grants(500))))

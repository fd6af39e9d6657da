"""Renew: a period advances when its payment is confirmed, or policy grants grace; never otherwise."""

from dataclasses import replace
from datetime import timedelta

import pytest

from solvent.core.payment import AttemptState, FailureCause, Path, StaleMoney
from solvent.core.request import CancelAtPeriodEnd
from solvent.flows.renew import renew
from solvent.providers.registry import Registry
from solvent.sim import Customer
from tests.flows.acts import (
    CHALLENGED,
    DEBIT,
    DECLINED_LATER,
    EXPIRED,
    GOOD,
    NO_FUNDS,
    put_off,
    rename,
    switch,
    zone,
)
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

LIMIT = 100


def due(world: FragileWorld, customer: Customer) -> None:
    """The clock stands at the end of the period, and nothing was done yet."""
    world.clock.move_to(customer.subscription().period.end)


def test_what_is_not_due_is_left_alone(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    assert renew(world.platform, world.buckets[0], world.now, LIMIT) == 0
    assert len(ada.attempts()) == 1


@pytest.mark.parametrize("card", [GOOD, CHALLENGED])
def test_a_confirmed_renewal_advances_the_period(world: FragileWorld, ada: Customer, card: str) -> None:
    ada.buy(zone(), card)
    before = ada.subscription()
    due(world, ada)
    assert renew(world.platform, world.buckets[0], world.now, LIMIT) == 1
    after = ada.subscription()
    assert (after.period.start, after.index) == (before.period.end, before.index + 1)
    assert len(ada.charges()) == 2
    assert renew(world.platform, world.buckets[0], world.now, LIMIT) == 0


@pytest.mark.parametrize("card", [NO_FUNDS, EXPIRED, "4000002760003184"])
def test_a_declined_renewal_is_granted_grace_for_a_while(
    world: FragileWorld, ada: Customer, card: str
) -> None:
    ada.buy(zone())
    ada.card_becomes(card)
    due(world, ada)
    renew(world.platform, world.buckets[0], world.now, LIMIT)
    subscription = ada.subscription()
    assert subscription.grace_until == subscription.period.start + world.platform.policy.grace
    assert ada.debt() == 2_000
    assert ada.has("zone-pro")
    world.until(subscription.grace_until)
    assert not ada.has("zone-pro")
    world.until(subscription.period.end)
    assert (ada.subscriptions(), ada.debt(), len(ada.charges())) == ((), 2_000, 1)


def test_while_a_renewal_is_processing_nothing_advances_and_nothing_is_charged_again(
    world: FragileWorld, ada: Customer
) -> None:
    ada.buy(zone())
    ada.card_becomes(DEBIT)
    before = ada.subscription()
    due(world, ada)
    for _ in range(3):
        renew(world.platform, world.buckets[0], world.now, LIMIT)
    assert ada.subscription() == before
    world.wait(days=2)
    assert ada.subscription() == before
    assert ada.has("zone-pro")  # service goes on while the payment is under way
    world.wait(days=2)
    assert ada.subscription().index == before.index + 1
    assert len(ada.charges()) == 2


@pytest.mark.unmeasured
@pytest.mark.parametrize("choice", list(StaleMoney))
@pytest.mark.parametrize("amount", [1_500, 2_500])
def test_a_renewal_that_moved_another_amount_is_on_grace_and_not_charged_again_at_once(
    world: FragileWorld, ada: Customer, choice: StaleMoney, amount: int
) -> None:
    """What came is returned by policy; the invoice stands open, and is tried again by the schedule."""
    world.honest = False
    world.decide(stale_money=choice)
    ada.buy(zone())
    ada.card_becomes(DEBIT)
    due(world, ada)
    world.work()
    ada.card_becomes(GOOD)
    *_, intent = world.banks.by_name["sandbox"]._book.by_ref.values()
    intent.amount = amount
    world.until(ada.subscription().period.end + timedelta(days=3, hours=1))
    assert [t.state for t in ada.attempts()][:2] == ["committed", "committed"]
    charged = [2_000, amount]
    if choice is StaleMoney.REFUND or amount < 2_000:
        assert (ada.debt(), ada.subscription().grace_invoice) == (2_000, ada.open_invoices()[0].id)
        charged.append(2_000 if choice is StaleMoney.REFUND else 500)
    assert ada.has("zone-pro")
    world.wait(days=2)
    assert [charge.amount for charge in ada.charges()] == charged
    assert (ada.debt(), ada.subscription().grace_invoice) == (0, None)
    assert ada.credit() == (500 if amount == 2_500 and choice is not StaleMoney.REFUND else 0)


def test_a_method_of_a_provider_that_is_gone_is_passed_over(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), provider="sandpal")
    due(world, ada)
    remaining = Registry({"sandbox": world.platform.providers.get("sandbox")})
    platform = replace(world.platform, providers=remaining)
    assert renew(platform, world.buckets[0], world.now, LIMIT) == 1
    assert ada.attempts()[-1].cause == FailureCause.NO_METHOD
    assert ada.has("zone-pro")
    assert ada.pay_debt(GOOD).state is AttemptState.COMMITTED


def test_a_scheduled_downgrade_is_applied_and_charged_at_its_price(
    world: FragileWorld, ada: Customer
) -> None:
    ada.buy(zone(product="zone-business"))
    ada.open(switch(ada, "zone-pro"))
    due(world, ada)
    renew(world.platform, world.buckets[0], world.now, LIMIT)
    assert ada.charges()[-1].amount == 2_000
    assert ada.has("zone-pro")
    assert not ada.has("zone-business")


def test_a_scheduled_cancellation_ends_without_a_charge(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    ada.open(CancelAtPeriodEnd(subscription_id=ada.subscription().id))
    due(world, ada)
    renew(world.platform, world.buckets[0], world.now, LIMIT)
    assert (ada.subscriptions(), ada.grants(), len(ada.charges())) == ((), (), 1)


def test_every_missed_period_is_renewed_one_by_one(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    start = ada.subscription()
    world.clock.move_to(start.period.end.replace(month=5, day=15))  # nobody worked for ten weeks
    for _ in range(4):
        renew(world.platform, world.buckets[0], world.now, LIMIT)
    after = ada.subscription()
    assert after.index == 3
    assert after.period.start <= world.now < after.period.end
    assert len(ada.charges()) == 4


def test_a_change_under_way_comes_before_the_renewal(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), DECLINED_LATER)
    opened = ada.open(switch(ada, "zone-business"))
    due(world, ada)
    assert renew(world.platform, world.buckets[0], world.now, LIMIT) == 0
    world.wait(hours=1)  # the change has expired, and the renewal has its turn
    assert ada.attempt(opened).state is AttemptState.FAILED
    assert [t.path for t in ada.attempts()][-1] == Path.RENEWAL


def test_a_batch_is_bounded(world: FragileWorld) -> None:
    everybody = [world.customer(f"Customer {n}") for n in range(3)]
    for customer in everybody:
        customer.buy(zone())
    due(world, everybody[0])
    assert renew(world.platform, world.buckets[0], world.now, 2) == 2
    assert renew(world.platform, world.buckets[0], world.now, 2) == 1


def test_a_renewal_of_one_account_leaves_the_others(world: FragileWorld, ada: Customer) -> None:
    ben = world.customer("Ben")
    for customer in (ada, ben):
        customer.buy(zone())
    due(world, ada)
    assert renew(world.platform, world.buckets[0], world.now, LIMIT, ada.id) == 1
    assert (ada.subscription().index, ben.subscription().index) == (1, 0)


def test_one_that_cannot_be_renewed_does_not_hold_up_the_others(
    world: FragileWorld, ada: Customer, caplog: pytest.LogCaptureFixture
) -> None:
    ben = world.customer("Ben")
    for customer in (ada, ben):
        customer.buy(zone())
    due(world, ben)
    rename(world, ada, "gone@1")  # hers is due first
    assert [renew(world.platform, world.buckets[0], world.now, 1) for _ in range(3)] == [0, 1, 0]
    assert "cannot be renewed" in caplog.text
    assert put_off(world) == 1
    rename(world, ada, price("zone-pro"))
    assert (ada.subscription().index, ben.subscription().index) == (0, 1)
    world.clock.move(timedelta(minutes=1))
    assert renew(world.platform, world.buckets[0], world.now, LIMIT) == 1
    assert put_off(world) == 0


@pytest.mark.parametrize("broken", ["its price", "its row"])
def test_what_cannot_be_renewed_is_looked_at_ever_more_rarely(
    world: FragileWorld, ada: Customer, broken: str
) -> None:
    ada.buy(zone())
    due(world, ada)
    spoiled = {"its price": ("gone@1", None), "its row": (price("zone-pro"), '{"cancel": "perhaps"}')}
    mended = (price("zone-pro"), None)
    write(world, ada, *spoiled[broken])
    pauses = []
    for _ in range(12):
        assert renew(world.platform, world.buckets[0], world.now, LIMIT) == 0
        assert put_off(world) == 1
        again = world.database.schedule.next_moment(world.buckets, world.now)
        assert again is not None
        assert world.database.schedule.due(world.buckets, world.now)["renew"] == []
        pauses.append(again - world.now)
        world.clock.move_to(again)
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(minutes=1), timedelta(hours=6))
    write(world, ada, *mended)
    assert renew(world.platform, world.buckets[0], world.now, LIMIT) == 1
    assert put_off(world) == 0


def write(world: FragileWorld, customer: Customer, price_id: str, pending: str | None) -> None:
    """Somebody writes into the customer's subscription, by hand."""
    rename(world, customer, price_id)
    with world.database.pool.connection() as connection:
        connection.execute(
            "update subscription set pending = %s::json where account_id = %s", (pending, customer.id)
        )


def test_an_account_on_its_own_clock_is_not_due_by_the_wall(world: FragileWorld) -> None:
    tess = world.customer("Tess")
    tess.buy(zone())
    with world.database.pool.connection() as connection:
        connection.execute("update account set test_now = %s where id = %s", (world.now, tess.id))
    later = tess.subscription().period.end
    assert renew(world.platform, world.buckets[0], later, LIMIT, tess.id) == 0
    assert renew(world.platform, world.buckets[0], later, LIMIT) == 0

"""What falls due of an account at one instant is one invoice and one charge, whatever else happens to it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from solvent.core.account import Segment
from solvent.core.attempt import Attempt
from solvent.core.giving_up import Surrender
from solvent.core.payment import AttemptState
from solvent.core.plan import Refusal
from solvent.core.request import CancelAtPeriodEnd, SwitchPrice
from solvent.core.terms import Terms, Together
from solvent.flows.debts import give_up
from solvent.flows.opening import Conflict
from solvent.flows.renew import renew
from solvent.sim import Customer
from solvent.store import offers
from tests.flows.acts import DEBIT, GOOD, NO_FUNDS, put_off, until_idle, zone
from tests.flows.conftest import AtOnce
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price


@pytest.fixture
def trio(ada: Customer) -> Customer:
    """Ada has Pro for two zones and Business for a third, all due at one instant, which is now."""
    for name, product in (("a", "zone-pro"), ("b", "zone-pro"), ("c", "zone-business")):
        ada.buy(zone(f"{name}.example", product))
    ada.world.clock.move_to(ada.subscriptions()[0].period.end)
    return ada


def renewed(customer: Customer) -> list[int]:
    """What each charge after the three purchases was of."""
    return [charge.amount for charge in customer.charges()[3:]]


def test_one_invoice_and_one_charge(world: FragileWorld, trio: Customer) -> None:
    world.work()
    assert ([i.total for i in trio.invoices()[3:]], renewed(trio)) == ([24_000], [24_000])
    assert [s.index for s in trio.subscriptions()] == [1, 1, 1]
    lines = trio.lines(trio.invoices()[-1])
    assert sorted(str(line.description) for line in lines) == [
        "Business, zone:c.example",
        "Pro, zone:a.example",
        "Pro, zone:b.example",
    ]
    world.until(trio.subscriptions()[0].period.end)
    assert renewed(trio) == [24_000, 24_000]


def test_other_instants_are_invoices_of_their_own(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone("a.example"))
    world.wait(minutes=1)
    ada.buy(zone("b.example"))
    world.until(ada.subscriptions()[1].period.end)
    assert [i.total for i in ada.invoices()] == [2_000] * 4


def test_when_it_is_declined_all_of_them_are_on_grace_until_it_is_paid(
    world: FragileWorld, trio: Customer
) -> None:
    trio.card_becomes(NO_FUNDS)
    world.work()
    (invoice,) = trio.open_invoices()
    assert [s.grace_invoice for s in trio.subscriptions()] == [invoice.id] * 3
    assert trio.has("zone-business")
    trio.pay_debt()
    assert [s.grace_invoice for s in trio.subscriptions()] == [None] * 3
    assert (trio.debt(), renewed(trio)) == (0, [24_000])


def test_unpaid_all_of_them_end_and_giving_up_ends_all_at_once(world: FragileWorld, trio: Customer) -> None:
    trio.card_becomes(NO_FUNDS)
    world.work()
    (invoice,) = trio.open_invoices()
    given_up = give_up(world.platform, invoice.id, Surrender(reason="gone", by="carol"), world.now)
    assert not isinstance(given_up, Refusal)
    assert (trio.subscriptions(), trio.grants()) == ((), ())
    assert [s.end_reason for s in trio.past_subscriptions()] == ["unpaid"] * 3


def test_a_batch_that_ends_within_an_account_leaves_it_whole(world: FragileWorld, trio: Customer) -> None:
    ben = world.customer("Ben")
    world.clock.move_to(world.now + timedelta(days=1))
    ben.buy(zone("ben.example"))
    world.clock.move_to(ben.subscription().period.end)
    assert renew(world.platform, world.buckets[0], world.now, 2) == 1, (
        "one account, although it is more than two"
    )
    assert len(renewed(trio)) == 1
    until_idle(lambda: renew(world.platform, world.buckets[0], world.now, 2))
    assert {i.total for i in trio.invoices()[3:]} <= {24_000, 4_000, 20_000, 22_000, 2_000}


def test_nothing_of_the_next_account_is_cut_off(world: FragileWorld, ada: Customer) -> None:
    everybody = [ada, world.customer("Ben"), world.customer("Cleo")]
    for customer in everybody:
        for name in "ab":
            customer.buy(zone(f"{name}.{customer.name.lower()}.example"))
    world.clock.move_to(ada.subscriptions()[0].period.end)
    for _ in everybody:
        assert renew(world.platform, world.buckets[0], world.now, 3) == 1
    assert [[i.total for i in c.invoices()] for c in everybody] == [[2_000, 2_000, 4_000]] * 3


def test_a_change_waits_while_it_is_being_renewed_with_others(world: FragileWorld, trio: Customer) -> None:
    trio.card_becomes(DEBIT)
    world.work()
    for subscription in trio.subscriptions():
        answer = trio.ask(CancelAtPeriodEnd(subscription_id=subscription.id))
        assert isinstance(answer, Conflict)
        assert answer.code == "in_flight"
    assert renew(world.platform, world.buckets[0], world.now, 10) == 0
    world.wait(days=10)
    assert [s.index for s in trio.subscriptions()] == [1, 1, 1]
    asked = [trio.ask(CancelAtPeriodEnd(subscription_id=s.id)) for s in trio.subscriptions()]
    assert [a.state for a in asked if isinstance(a, Attempt)] == [AttemptState.COMMITTED] * 3


def test_a_change_under_way_keeps_its_subscription_out_of_the_others_renewal(
    world: FragileWorld, ada: Customer
) -> None:
    for name in "abc":
        ada.buy(zone(f"{name}.example"))
    first, *_ = ada.subscriptions()
    world.clock.move_to(first.period.end - timedelta(minutes=10))
    upgrade = SwitchPrice(
        subscription_id=first.id, item_id=first.items[0].id, price_id=price("zone-business")
    )
    ada.open(upgrade)  # and never confirmed
    world.until(first.period.end)
    assert renewed(ada) == [4_000]
    world.wait(hours=1)
    assert renewed(ada) == [4_000, 2_000]


def test_changes_and_two_workers_at_once_renew_each_once(
    world: FragileWorld, trio: Customer, at_once: AtOnce
) -> None:
    cancels = [CancelAtPeriodEnd(subscription_id=s.id) for s in trio.subscriptions()]
    at_once(
        *[lambda: renew(world.platform, world.buckets[0], world.now, 10)] * 3,
        *[lambda c=cancel: trio.ask(c) for cancel in cancels],
    )
    world.work()
    live = trio.subscriptions()
    assert all(s.period.start == world.now for s in live)
    charged = {24_000: 0, 22_000: 0, 20_000: 0, 4_000: 0, 2_000: 0}
    for amount in renewed(trio):
        charged[amount] += 1
    worth = sum(20_000 if "business" in s.items[0].price_id else 2_000 for s in live)
    assert sum(renewed(trio)) - trio.credit() == worth


@pytest.mark.unmeasured
@pytest.mark.parametrize("at", range(1, 10))
def test_wherever_the_process_dies_they_are_renewed_together_once(
    world: FragileWorld, trio: Customer, at: int
) -> None:
    with world.during(Mishap(Trouble.KILLED, at)):
        world.work()
    world.wait(hours=2)
    world.rest()
    assert ([i.total for i in trio.invoices()[3:]], renewed(trio)) == ([24_000], [24_000])


def test_one_that_cannot_be_planned_does_not_hold_up_the_others(world: FragileWorld, trio: Customer) -> None:
    broken = trio.subscriptions()[0]
    rename = "update item set booked_price = %s where subscription_id = %s"
    with world.database.pool.connection() as connection:
        connection.execute(rename, ("gone@1", broken.id))
    renew(world.platform, world.buckets[0], world.now, 10)
    assert (sorted(renewed(trio)), put_off(world)) == ([2_000, 20_000], 1)
    with world.database.pool.connection() as connection:
        connection.execute(rename, (price("zone-pro"), broken.id))
    trio.card_becomes(GOOD)
    world.wait(minutes=2)
    assert (sorted(renewed(trio)), put_off(world)) == ([2_000, 2_000, 20_000], 0)


def test_terms_may_say_that_nothing_is_paid_together(world: FragileWorld) -> None:
    offers.apply(world.database, terms={Segment.PARTNER: Terms(together=Together.NEVER)}, now=world.now)
    assert Segment.PARTNER in world.platform.store.catalog(["nothing@1"]).terms, (
        "a price not at hand: read anew"
    )
    paula = world.customer("Paula", segment=Segment.PARTNER)
    pia = world.customer("Pia", segment=Segment.PARTNER)
    for customer in (paula, pia):
        for name in "ab":
            customer.buy(zone(f"{name}.example"))
    with world.database.begin() as tx:  # Pia wants one invoice all the same
        tx.accounts.set_terms(pia.account, pia.account.terms_days, Together.INSTANT, world.now)
    world.until(paula.subscriptions()[0].period.end)
    assert [charge.amount for charge in paula.charges()] == [2_000] * 4
    assert [charge.amount for charge in pia.charges()] == [2_000, 2_000, 4_000]

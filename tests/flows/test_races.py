"""Races: callers that really act at the same moment, on threads and connections of their own.

Whoever wins, there is one charge and one commit, nobody waits in a circle, and numbers have no gap.
"""

from datetime import timedelta

import pytest

from solvent.core.account import CollectionMethod
from solvent.core.attempt import Attempt
from solvent.core.change import AddMethod
from solvent.core.payment import AttemptState
from solvent.core.request import CancelNow
from solvent.flows.collect import collect_debts
from solvent.flows.notify import process
from solvent.flows.recompute import recompute
from solvent.flows.reconcile import resolve, sweep
from solvent.flows.renew import renew
from solvent.sim import Customer
from tests.flows.acts import CHALLENGED, DECLINED_LATER, GOOD, manual, switch, until_idle, zone
from tests.flows.conftest import ROUNDS, AtOnce
from tests.simulation.checks import wrong
from tests.simulation.fragile import START, FragileWorld

pytestmark = pytest.mark.unmeasured

LIMIT = 100


def test_a_double_click_opens_one_attempt(world: FragileWorld, ben: Customer, at_once: AtOnce) -> None:
    opened = at_once(*[lambda: ben.open(zone(), key="click")] * 4)
    assert len({attempt.id for attempt in opened}) == 1
    assert len(ben.attempts()) == 1


def test_a_confirmation_that_is_sent_several_times_pays_once(
    world: FragileWorld, ben: Customer, at_once: AtOnce
) -> None:
    attempt = ben.open(zone())
    at_once(*[lambda: ben.confirm(attempt, GOOD)] * 4)
    assert (len(ben.charges()), len(ben.invoices())) == (1, 1)
    assert ben.attempt(attempt).state is AttemptState.COMMITTED


def test_two_tabs_with_different_plans_end_in_one_subscription(
    world: FragileWorld, ben: Customer, at_once: AtOnce
) -> None:
    products = ("zone-pro", "zone-business")
    answers = at_once(*[lambda p=product: ben.ask(zone(product=p)) for product in products])
    attempts = [a for a in answers if isinstance(a, Attempt)]
    at_once(*[lambda a=attempt: ben.confirm(a, GOOD) for attempt in attempts])
    assert len(ben.subscriptions()) <= 1
    assert len(ben.charges()) == len(ben.subscriptions())
    assert ben.credit() == 0


def test_return_notification_janitor_and_poll_commit_once(
    world: FragileWorld, ben: Customer, at_once: AtOnce
) -> None:
    attempt = ben.confirm(ben.open(zone()), CHALLENGED)
    ben.pass_challenge(attempt)
    world.deliver()
    platform, bucket = world.platform, world.buckets[0]
    at_once(
        lambda: ben.confirm(attempt),
        lambda: process(platform, bucket, world.now, LIMIT),
        lambda: resolve(platform, bucket, world.now + timedelta(hours=1), LIMIT),
        lambda: sweep(platform, "sandbox", START, world.now),
    )
    assert ben.attempt(attempt).state is AttemptState.COMMITTED
    assert (len(ben.charges()), len(ben.invoices()), ben.credit()) == (1, 1, 0)


def test_two_workers_on_one_bucket_renew_each_subscription_once(world: FragileWorld, at_once: AtOnce) -> None:
    everybody = [world.customer(f"Customer {n}") for n in range(8)]
    for customer in everybody:
        customer.buy(zone())
    world.clock.move_to(everybody[0].subscription().period.end)
    renewed = at_once(*[lambda: renew(world.platform, world.buckets[0], world.now, 3)] * 4)
    until_idle(lambda: renew(world.platform, world.buckets[0], world.now, LIMIT))
    assert sum(map(int, renewed)) > 0
    assert {len(customer.charges()) for customer in everybody} == {2}
    assert {customer.subscription().index for customer in everybody} == {1}


def test_pay_now_and_the_scheduled_try_charge_once(
    world: FragileWorld, ben: Customer, at_once: AtOnce
) -> None:
    ben.buy(zone(), DECLINED_LATER)
    world.until(ben.subscription().period.end)
    ben.card_becomes(GOOD)
    (invoice,) = ben.open_invoices()
    opened, _ = at_once(
        lambda: ben.open_debt(invoice.id),
        lambda: collect_debts(world.platform, ben.id, [invoice.id], world.now),
    )
    if isinstance(opened, Attempt):
        at_once(
            lambda: ben.confirm(opened, GOOD),
            lambda: recompute(world.platform, world.buckets[0], world.now, LIMIT),
        )
    assert (ben.debt(), len(ben.charges())) == (0, 2)


def test_tries_of_one_debt_by_several_methods_and_a_new_card_at_once_charge_one_of_them(
    world: FragileWorld, ben: Customer, at_once: AtOnce
) -> None:
    ben.buy(zone(), DECLINED_LATER)
    ben.buy(AddMethod(), "5555555555554444")
    bank = world.banks.played["sandbox"]
    first, second = (method for method in ben.snapshot().methods)
    bank.set_behaviour(second.token, DECLINED_LATER)
    world.until(ben.subscription().period.end)
    (invoice,) = ben.open_invoices()
    assert len(ben.charges()) == 1
    for method in (first, second):
        bank.set_behaviour(method.token, GOOD)

    def collect(method: CollectionMethod) -> int:
        return collect_debts(world.platform, ben.id, [invoice.id], world.now, {invoice.id: method.id})

    at_once(
        lambda: collect(first),
        lambda: collect(second),
        lambda: ben.buy(AddMethod(), "378282246310005"),
        lambda: recompute(world.platform, world.buckets[0], world.now, LIMIT),
        lambda: recompute(world.platform, world.buckets[0], world.now, LIMIT, ben.id),
    )
    world.work()
    assert (ben.debt(), len(ben.charges())) == (0, 2)


def test_two_purchases_at_once_never_spend_the_same_credit(
    world: FragileWorld, ben: Customer, at_once: AtOnce
) -> None:
    ben.buy(zone(product="zone-business"))
    ben.open(CancelNow(subscription_id=ben.subscription().id, credit=True))
    ben.receive_invoice(manual(15_000))
    assert ben.credit() == 5_000
    opened = [ben.open(zone(f"{name}.example")) for name in "abc"]
    at_once(*[lambda a=attempt: ben.confirm(a, GOOD) for attempt in opened])
    at_once(*[lambda n=name: ben.ask(zone(f"{n}.example")) for name in "def"])
    assert ben.credit() >= 0
    assert wrong(world) == []


def test_an_upgrade_beside_the_payment_that_lifts_its_grace(
    world: FragileWorld, ben: Customer, at_once: AtOnce
) -> None:
    ben.buy(zone(), DECLINED_LATER)
    world.until(ben.subscription().period.end)
    upgrade = ben.open(switch(ben, "zone-business"))
    debt = ben.open_debt(ben.open_invoices()[0].id)
    assert isinstance(debt, Attempt)
    at_once(lambda: ben.confirm(upgrade, GOOD), lambda: ben.confirm(debt, GOOD))
    assert ben.debt() == 0
    assert ben.subscription().grace_invoice is None
    returned = ben.attempt(upgrade).state is AttemptState.RETURNED
    assert ben.credit() == (upgrade.plan.due if returned else 0)
    assert ben.has("zone-pro" if returned else "zone-business")


def test_many_accounts_of_one_bucket_are_numbered_without_a_gap(world: FragileWorld, at_once: AtOnce) -> None:
    everybody = [world.customer(f"Customer {n}") for n in range(8)]
    for _ in ROUNDS:
        at_once(*[lambda c=customer: c.receive_invoice(manual(100)) for customer in everybody])
    numbers = sorted(invoice.number for customer in everybody for invoice in customer.invoices())
    assert len(set(numbers)) == len(numbers) == len(ROUNDS) * len(everybody)
    assert wrong(world) == []

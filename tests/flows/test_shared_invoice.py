"""Subscriptions whose periods one invoice charged: what becomes of the one is no concern of the other."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from solvent.core.attempt import Attempt
from solvent.core.payment import AttemptState
from solvent.core.request import CancelNow, SwitchPrice
from solvent.core.subscription import Subscription
from solvent.sim import Customer
from solvent.store.queries import Queries
from tests.flows.acts import GOOD, zone
from tests.flows.conftest import AtOnce
from tests.flows.test_credit import credit
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price


def renewed(customer: Customer, *objects: str) -> Sequence[Subscription]:
    """Subscriptions over 20.00 each, a day after they were renewed together."""
    for name in objects:
        customer.buy(zone(name))
    customer.world.until(customer.subscriptions()[0].period.end)
    customer.world.wait(days=1)
    assert customer.invoices()[-1].total == 2_000 * len(objects)
    return sorted(customer.subscriptions(), key=lambda s: s.items[0].object)


def ending(subscription: Subscription) -> CancelNow:
    return CancelNow(subscription_id=subscription.id, credit=True)


def business(subscription: Subscription) -> SwitchPrice:
    return SwitchPrice(
        subscription_id=subscription.id,
        item_id=subscription.items[0].id,
        price_id=price("zone-business"),
    )


def died(world: FragileWorld, customer: Customer, subscription: Subscription) -> Attempt:
    """A cancellation whose process died before anything came of it: it is in the journal, and no more."""
    before = len(customer.attempts())
    for at in range(1, 12):
        with world.during(Mishap(Trouble.KILLED, at)):
            customer.ask(ending(subscription), key=f"{subscription.id} {at}")
        if len(customer.attempts()) > before:
            break
    found = Queries(world.database.pool).in_flight(customer.id)
    (attempt,) = (t for t in found if t.request == ending(subscription))
    assert attempt.state is AttemptState.OPENING
    return attempt


def test_cancellations_at_once_do_not_meet(world: FragileWorld, ada: Customer, at_once: AtOnce) -> None:
    ended = renewed(ada, "a.example", "b.example", "c.example")
    at_once(*(lambda s=s: ada.ask(ending(s), key=f"end {s.id}") for s in ended))
    assert ada.subscriptions() == ()
    unused = ada.invoices()[-1].credited
    assert unused == ada.credit() > 3 * 1_900


@pytest.mark.parametrize("at", [1, 3, 4])
def test_a_cancellation_in_a_second_tab(world: FragileWorld, ada: Customer, at: int) -> None:
    first, second = renewed(ada, "a.example", "b.example")
    asked: list[object] = []
    with world.meanwhile(at, lambda: asked.append(ada.ask(ending(second)))):
        ada.ask(ending(first))
    assert asked
    assert ada.subscriptions() == ()


def test_cancellations_that_the_janitor_settles_in_one_batch(world: FragileWorld, ada: Customer) -> None:
    """The second credit note goes on where the first one ended, before either was written by a transaction."""
    attempts = [died(world, ada, s) for s in renewed(ada, "a.example", "b.example")]
    world.rest()
    assert [ada.attempt(t).state for t in attempts] == [AttemptState.COMMITTED] * 2
    assert ada.subscriptions() == ()
    assert ada.credit() == ada.invoices()[-1].credited == sum(t.plan.credit_granted for t in attempts)


def test_a_cancellation_is_planned_anew_over_what_the_merchant_credited(
    world: FragileWorld, ada: Customer
) -> None:
    """5.00 of each line, for all of its time, went back by amount while it lay in the journal: it gives back what is
    unused of the 15.00 that are left, 15.00 × 30 / 31 = 14.52."""
    first, _ = renewed(ada, "a.example", "b.example")
    attempt = died(world, ada, first)
    credit(ada, ada.invoices()[-1], 1_000)
    world.rest()
    done = ada.attempt(attempt)
    assert done.state is AttemptState.COMMITTED
    assert done.plan.credit_granted == ada.credit() == 1_452
    assert attempt.plan.credit_granted > 1_900


def test_a_paid_upgrade_does_not_mind_that_another_was_cancelled(world: FragileWorld, ada: Customer) -> None:
    first, second = renewed(ada, "a.example", "b.example")
    upgrade = ada.open(business(first))
    ada.buy(ending(second))
    ada.complete(upgrade, GOOD)
    assert ada.attempt(upgrade).state is AttemptState.COMMITTED
    assert ada.has("zone-business")

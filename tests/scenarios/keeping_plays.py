"""Plays about what is kept at Stripe beside payments: copies of subscriptions, and who its customers are.

A play prepares itself, has the relay tell while the call is struck, and goes on telling as the relay does. Owns them.
Does not own the table (`striking`), nor what copies must be in the end (`wire_lives`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from solvent.copies import CopySink, copy_sinks
from solvent.core.request import CancelAtPeriodEnd, CancelNow, Change
from solvent.customers import CustomerSink, customer_sinks
from solvent.relay import SinkFailed
from solvent.sim import Customer
from solvent.sim.stories.goods import PRO_COSTS, PRO_TRIAL, zone_plan
from solvent.store.queries import Queries
from tests.peers.stripe.server import StripeAccount
from tests.scenarios.ground import Ground
from tests.scenarios.plays import Then, bought, paid_once
from tests.scenarios.wire_lives import judge_copies

Play = Callable[[Ground, Customer], Then]


def tell(on: Ground) -> None:
    """What the relay does with everything that was not told yet, once."""
    world = on.world
    (bucket,) = world.buckets
    outbox, find = world.database.outbox, Queries(world.database.pool).account
    copies, customers = copy_sinks(world.platform, lambda: world.now), customer_sinks(world.platform, find)
    sinks: list[CopySink | CustomerSink] = [*copies, *customers]
    for sink in sinks:
        while (batch := outbox.take(bucket, sink.name, 500)) is not None:
            try:
                sink.deliver(batch.events)
            except SinkFailed:
                outbox.postpone(batch, 0)
                break
            outbox.delivered(batch)
            if not batch.events:
                break


def keeps_a_new_one(on: Ground, who: Customer) -> Then:
    bought(who, zone_plan(who.name))
    return _told(on, paid_once(who, PRO_COSTS))


def keeps_a_trial(on: Ground, who: Customer) -> Then:
    """Nothing was paid: the copy is made when it is told of."""
    bought(who, zone_plan(who.name, PRO_TRIAL), key="try")

    def judged() -> None:
        assert who.subscriptions()
        assert who.charges() == []

    return _told(on, judged)


def keeps_an_end(on: Ground, who: Customer, at_once: bool) -> Then:
    bought(who, zone_plan(who.name))
    tell(on)
    (one,) = who.subscriptions()
    change: Change = (CancelNow if at_once else CancelAtPeriodEnd)(subscription_id=one.id)
    who.open(change, key="end")

    def judged() -> None:
        assert [row.amount for row in who.charges()] == [PRO_COSTS]
        assert len(who.subscriptions()) == (0 if at_once else 1)

    return _told(on, judged)


def keeps_a_customer(on: Ground, who: Customer) -> Then:
    """Once there is a method, Stripe is told who it is."""
    bought(who, zone_plan(who.name))

    def judged() -> None:
        assert isinstance(on.room, StripeAccount)
        kept = [row for row in on.room.book.of("customer").values() if row["name"] == who.name]
        assert [row["email"] for row in kept] == [who.account.email]

    return _told(on, judged)


def _told(on: Ground, then: Then) -> Then:
    with on.struck():
        tell(on)
    return then


def kept(on: Ground, customers: list[Customer]) -> None:
    """When all is told, the copies are what ours are, and collect nothing."""
    tell(on)
    assert isinstance(on.room, StripeAccount)
    judge_copies(on.world, on.room, customers)


# By the call that is struck, at a Stripe that keeps copies; nobody else has these calls.
PLAYS: Mapping[str, Play] = {
    "keep (new)": keeps_a_new_one,
    "keep (trial)": keeps_a_trial,
    "keep (ended)": partial(keeps_an_end, at_once=True),
    "keep (ends)": partial(keeps_an_end, at_once=False),
    "keep_customer": keeps_a_customer,
}

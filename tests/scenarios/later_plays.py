"""Plays about what comes after a payment: refunds, polls, statements, disputes.

Owns them, as `plays` owns those about paying. Does not own the table of all (`striking`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from solvent.core.attempt import Attempt
from solvent.core.dispute import Dispute, Evidence
from solvent.flows import disputes
from solvent.flows.reconcile import sweep
from solvent.flows.statements import learn_fees
from solvent.sim import Customer
from solvent.sim.stories.goods import (
    PRO_COSTS,
    zone_plan,
)
from solvent.store.dispute_reads import DisputeReads, Which
from tests.peers.paypal import acts
from tests.peers.stripe.server import StripeAccount
from tests.scenarios.ground import Ground
from tests.scenarios.plays import Then, bought, paid_once
from tests.scenarios.wire_lives import given_back

TRIES_MAX = 6
PART = timedelta(minutes=30)  # further back than a play begins, and not as far as the one before
SAID = Evidence(statement="The customer signed in every day.")


def pays_back(on: Ground, who: Customer) -> Then:
    bought(who, zone_plan(who.name))
    _give_back(on, who)
    with on.struck():
        on.world.work()
    return lambda: _has_back(on, who)


def looks_up_a_refund(on: Ground, who: Customer) -> Then:
    """A refund's own notification is answered by asking how it stands."""
    return pays_back(on, who)


def polls_refunds(on: Ground, who: Customer) -> Then:
    bought(who, zone_plan(who.name))
    _give_back(on, who)
    on.world.work()
    return _polled(on, lambda: _has_back(on, who))


def polls_payments(on: Ground, who: Customer) -> Then:
    bought(who, zone_plan(who.name))
    return _polled(on, paid_once(who, PRO_COSTS))


def polls_disputes(on: Ground, who: Customer) -> Then:
    _contests(on, bought(who, zone_plan(who.name)))
    on.world.banks.deliveries(on.world.now)  # taken from the post, and lost
    return _polled(on, lambda: _is_known(on, who, "needs_response"))


def _polled(on: Ground, then: Then) -> Then:
    world = on.world
    with on.struck():
        sweep(world.platform, on.name, world.now - PART, world.now)
    assert sweep(world.platform, on.name, world.now - PART, world.now) is not None
    return then


def reads_the_statement(on: Ground, who: Customer) -> Then:
    """What the provider kept is booked once, however often its statement is read."""
    bought(who, zone_plan(who.name))
    since, until = on.world.now - PART, on.world.now + PART
    with on.struck():
        learn_fees(on.world.platform, on.name, since, until, on.world.now)
    assert learn_fees(on.world.platform, on.name, since, until, on.world.now) is not None
    fees = sum(amount for (name, _), amount in who.ledger().items() if name.startswith("provider_fees"))

    def judged() -> None:
        assert fees > 0
        paid_once(who, PRO_COSTS)()

    return judged


def hears_of_a_dispute(on: Ground, who: Customer) -> Then:
    paid = bought(who, zone_plan(who.name))
    on.world.banks.deliveries(on.world.now)
    _contests(on, paid)
    with on.struck():
        on.world.work()
    return lambda: _is_known(on, who, "needs_response")


def answers_a_dispute(on: Ground, who: Customer) -> Then:
    return _answered(
        on,
        who,
        lambda dispute: disputes.submit_evidence(on.world.platform, dispute, SAID, on.world.now),
        "under_review",
    )


def accepts_a_dispute(on: Ground, who: Customer) -> Then:
    return _answered(
        on, who, lambda dispute: disputes.accept(on.world.platform, dispute, on.world.now), "lost", "accepted"
    )


def _answered(on: Ground, who: Customer, answer: Callable[[Dispute], object], *ends: str) -> Then:
    paid = bought(who, zone_plan(who.name))
    _contests(on, paid)
    on.world.work()
    with on.struck():
        done = answer(_dispute(on, who))
    for _ in range(TRIES_MAX):
        if done is not None and _dispute(on, who).is_open:
            done = answer(_dispute(on, who))
    return lambda: _is_known(on, who, *ends)


def _give_back(on: Ground, who: Customer) -> None:
    on.world.banks.deliveries(on.world.now)  # the payment's own notifications are lost
    given_back(who)


def _has_back(on: Ground, who: Customer) -> None:
    rows = [row for row in on.world.banks.played[on.name].statement() if row.customer == who.id.hex]
    assert sorted((row.kind, row.amount) for row in rows) == [("charge", PRO_COSTS), ("refund", -PRO_COSTS)]
    assert [event.data["succeeded"] for event in who.events("refund.settled")] == [True]


def _contests(on: Ground, paid: Attempt) -> None:
    if isinstance(on.room, StripeAccount):
        on.room.dispute(str(paid.ref))
        return
    with on.room.book.lock:
        acts.dispute(on.room.book, str(paid.ref))


def _dispute(on: Ground, who: Customer) -> Dispute:
    (found,) = DisputeReads(on.world.database.pool).page(Which(account=who.id), None, 10)
    return found.dispute


def _is_known(on: Ground, who: Customer, *states: str) -> None:
    assert _dispute(on, who).state in states

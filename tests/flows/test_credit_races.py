"""Races for credit, on threads and connections of their own: whoever wins, no credit is used twice and no money lost.

The world's laws at the end of each test compare the ledger with every grant and each grant with its uses.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from solvent.core.attempt import Attempt
from solvent.core.payment import AttemptState
from solvent.flows.account_credit import Given, KeyReused, give_credit, void_credit
from solvent.flows.recompute import recompute
from solvent.sim import Customer
from tests.flows.acts import DECLINED, GOOD, zone
from tests.flows.conftest import AtOnce
from tests.flows.test_account_credit import gift, told, uses
from tests.flows.test_races import LIMIT
from tests.simulation.fragile import FragileWorld

pytestmark = pytest.mark.unmeasured


def work(world: FragileWorld) -> None:
    """Assess whoever is marked."""
    recompute(world.platform, world.buckets[0], world.now, LIMIT)


def test_two_changes_and_the_last_credit(world: FragileWorld, ben: Customer, at_once: AtOnce) -> None:
    """Both count on the same 5.00: one has it, the other's 15.00 is kept."""
    ben.receive_credit(500)
    opened = [ben.open(zone(f"{name}.example")) for name in "ab"]
    assert {attempt.plan.due for attempt in opened} == {1_500}
    at_once(*[lambda a=attempt: ben.confirm(a, GOOD) for attempt in opened])
    states = sorted(ben.attempt(attempt).state for attempt in opened)
    assert states == [AttemptState.COMMITTED, AttemptState.RETURNED]
    assert (len(ben.subscriptions()), ben.credit()) == (1, 1_500)
    assert uses(world, ben) == [("invoice", 500)]


def test_a_grant_beside_the_payment_of_the_debt(world: FragileWorld, ben: Customer, at_once: AtOnce) -> None:
    """Credit that covers the debt arrives while the customer pays it: it is paid once, by one or the other."""
    ben.buy(zone())
    ben.card_becomes(DECLINED)
    world.until(ben.subscription().period.end)
    debt = ben.open_debt(ben.open_invoices()[0].id)
    assert isinstance(debt, Attempt)
    at_once(lambda: ben.receive_credit(2_000), lambda: ben.confirm(debt, GOOD), lambda: work(world))
    work(world)
    assert (ben.debt(), ben.subscription().grace_invoice) == (0, None)
    charged = sum(charge.amount for charge in ben.charges())
    assert charged + 2_000 - ben.credit() == 4_000


def test_an_expiry_beside_the_commit_that_uses_it(
    world: FragileWorld, ben: Customer, at_once: AtOnce
) -> None:
    """The attempt has it, or the expiry; if the attempt was open before, it is the attempt."""
    ben.receive_credit(500, expires_at=world.now + timedelta(minutes=10))
    attempt = ben.open(zone())
    world.clock.move(timedelta(minutes=11))
    with world.platform.store.begin() as tx:
        tx.queue.mark([ben.id], "test", world.now)
    at_once(lambda: ben.confirm(attempt, GOOD), lambda: work(world))
    assert (ben.attempt(attempt).state, ben.credit()) == (AttemptState.COMMITTED, 0)
    assert told(ben) == [("granted", 500), ("used", 500)]


def test_a_void_beside_the_commit_that_uses_it(world: FragileWorld, ben: Customer, at_once: AtOnce) -> None:
    grant = ben.receive_credit(500)
    attempt = ben.open(zone())
    at_once(
        lambda: ben.confirm(attempt, GOOD),
        lambda: void_credit(world.platform, ben.id, grant.id, "a mistake", "carol", world.now),
    )
    committed = ben.attempt(attempt).state is AttemptState.COMMITTED
    assert uses(world, ben) == [("invoice" if committed else "voided", 500)]
    assert ben.credit() == (0 if committed else 1_500)


def test_one_gift_asked_for_many_times_at_once(world: FragileWorld, ada: Customer, at_once: AtOnce) -> None:
    given = at_once(
        *[lambda: give_credit(world.platform, ada.id, gift(world), world.now)] * 4,
        lambda: give_credit(world.platform, ada.id, gift(world, amount=7, input_hash=b"o"), world.now),
    )
    assert len({answer.grant_id for answer in given}) == 1
    assert sum(isinstance(answer, Given) and answer.new for answer in given) == 1
    assert any(isinstance(answer, KeyReused) for answer in given)
    assert len(ada.credit_grants()) == 1

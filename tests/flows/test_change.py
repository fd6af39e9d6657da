"""Change: a quote writes nothing and is what is then opened, invoiced and charged."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from solvent.core.attempt import Attempt
from solvent.core.payment import AttemptState, ProofKind
from solvent.core.plan import Plan, Refusal
from solvent.core.request import CancelAtPeriodEnd, CancelNow, NewItem, Quoted, Start, Uncancel
from solvent.flows.change import STALE, open_quoted, quote
from solvent.flows.opening import Asked
from solvent.sim import Customer
from tests.flows.acts import DECLINED_LATER, GOOD, switch, zone
from tests.simulation.ending import dump
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import CURRENCIES, price


def test_a_quote_writes_nothing(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    world.work()
    before, journal = dump(world), ada.attempts()
    for change in (zone("example.org"), switch(ada, "zone-business"), CancelNow(subscription_id=uuid4())):
        quote(world.platform, ada.id, change, world.now)
    assert (dump(world), ada.attempts()) == (before, journal)


def test_a_quote_for_nobody_is_refused(world: FragileWorld) -> None:
    refusal = quote(world.platform, uuid4(), zone(), world.now)
    assert refusal == Refusal(field="account_id", rule="must be an existing account")


@pytest.mark.parametrize("currency", CURRENCIES)
def test_the_quote_is_the_attempt_is_the_charge_is_the_invoice(world: FragileWorld, currency: str) -> None:
    customer = world.customer("Ben", currency=currency)
    thing = "zone:example.com"
    customer.buy(Start(items=(NewItem(price_id=price("zone-pro", currency), object=thing),)))
    world.wait(days=9, hours=5, seconds=7)
    subscription = customer.subscription()
    up = replace(switch(customer, "zone-pro"), price_id=price("zone-business", currency))
    plan = customer.quote(up)
    done = customer.buy(up)
    assert done.state is AttemptState.COMMITTED
    assert done.plan.fingerprint == plan.fingerprint
    assert 0 < plan.due == plan.total == sum(line.amount for line in plan.lines)
    assert customer.invoices()[-1].total == plan.total
    assert customer.charges()[-1].amount == plan.due
    assert customer.subscription().version == subscription.version + 1


def test_a_downgrade_and_a_cancellation_wait_for_the_end_and_can_be_dropped(ada: Customer) -> None:
    ada.buy(zone(product="zone-business"))
    down = ada.open(switch(ada, "zone-pro"))
    assert (down.state, down.plan.proof) == (AttemptState.COMMITTED, ProofKind.NOTHING_DUE)
    subscription = ada.subscription()
    ada.open(CancelAtPeriodEnd(subscription_id=subscription.id))
    cancelled = ada.subscription()
    assert cancelled.pending is not None
    assert cancelled.pending.cancel
    ada.open(Uncancel(subscription_id=subscription.id))
    kept = ada.subscription()
    assert kept.pending == subscription.pending
    assert len(ada.charges()) == 1


def test_overdue_debt_refuses_what_costs_more(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), DECLINED_LATER)
    world.until(ada.subscription().period.end + world.platform.policy.grace - timedelta(hours=1))
    assert isinstance(quote(world.platform, ada.id, zone("example.org"), world.now), Plan)
    world.wait(hours=2)
    refusal = quote(world.platform, ada.id, zone("example.org"), world.now)
    assert isinstance(refusal, Refusal)
    assert refusal.field == "account"


def quoted_asked(customer: Customer, key: str) -> Asked:
    return Asked(account_id=customer.id, key=key, input_hash=b"input")


def test_what_is_opened_as_quoted_is_what_was_shown_to_the_minor_unit(
    world: FragileWorld, ada: Customer
) -> None:
    """A month's 200.00 lose a cent in two minutes; a quote keeps it while it lasts."""
    ada.buy(zone())
    world.wait(days=3)
    up = switch(ada, "zone-business")
    plan = ada.quote(up)
    quoted = Quoted(at=plan.planned_at, fingerprint=plan.fingerprint)
    world.wait(minutes=9)
    assert ada.quote(up).due < plan.due
    opened = open_quoted(world.platform, quoted_asked(ada, "q"), up, quoted, world.now)
    assert isinstance(opened, Attempt)
    done = ada.complete(opened, GOOD)
    assert (done.state, ada.charges()[-1].amount) == (AttemptState.COMMITTED, plan.due)
    assert ada.invoices()[-1].total == plan.total
    again = open_quoted(world.platform, quoted_asked(ada, "q"), up, quoted, world.now)
    assert isinstance(again, Attempt)
    assert again.id == opened.id, "the same form again is the same attempt, whatever became of the quote"


def test_a_quote_that_does_not_hold_opens_nothing(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    up = switch(ada, "zone-business")
    plan, before = ada.quote(up), ada.attempts()
    quoted = Quoted(at=plan.planned_at, fingerprint=plan.fingerprint)
    other = replace(quoted, fingerprint="0" * 32)
    ahead = replace(quoted, at=plan.planned_at + timedelta(seconds=1))
    for wrong in (other, ahead):
        assert open_quoted(world.platform, quoted_asked(ada, "w"), up, wrong, world.now) == STALE
    refused = open_quoted(
        world.platform, quoted_asked(ada, "r"), replace(up, price_id="nonsense"), quoted, world.now
    )
    assert isinstance(refused, Refusal)
    assert refused.field == "price_id"
    world.wait(minutes=11)
    assert open_quoted(world.platform, quoted_asked(ada, "l"), up, quoted, world.now) == STALE
    assert ada.attempts() == before

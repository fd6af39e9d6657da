"""Unused time over the real books: credited once, by whatever comes in whatever order."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from solvent.core.attempt import Attempt
from solvent.core.credit import GrantKind
from solvent.core.giving_up import Surrender
from solvent.core.payment import AttemptState, FailureCause, Outcome, StaleMoney
from solvent.core.request import CancelNow
from solvent.flows.debts import give_up
from solvent.flows.settle import settle
from solvent.sim import Customer
from solvent.sim.customer import Refused
from tests.flows.acts import switch, zone
from tests.flows.disputes.contests import Contest
from tests.flows.test_credit import credit
from tests.flows.test_settle import at_the_bank, learn, reported
from tests.simulation.fragile import FragileWorld

FORSAKEN = Surrender(reason="gone", by="carol")


def cancel(customer: Customer) -> None:
    subscription = customer.subscription()
    customer.buy(CancelNow(subscription_id=subscription.id, credit=True))


def test_given_credit_that_paid_a_period_stays_given(world: FragileWorld, ada: Customer) -> None:
    """15.00 of goodwill and 5.00 of money paid it; all of it is unused."""
    ada.receive_credit(1_500)
    ada.buy(zone())
    cancel(ada)
    left = sorted((grant.kind, grant.remaining) for grant in ada.credit_grants())
    assert left == [(GrantKind.GOODWILL, 1_500), (GrantKind.RETURNED, 500)]


def test_a_cancellation_that_lifts_another_subscription(world: FragileWorld, ada: Customer) -> None:
    """Nothing but credit notes and what is owed of invoices moves: what else the account has stays."""
    ada.buy(zone("a.example"))
    ada.buy(zone("b.example"))
    first, second = ada.subscriptions()
    ada.buy(CancelNow(subscription_id=second.id, credit=True))
    assert [s.id for s in ada.subscriptions()] == [first.id]
    assert [invoice.credited for invoice in ada.invoices()] == [0, 2_000]


def test_money_for_an_upgrade_that_a_renewal_overtook_counts_the_new_period(
    world: FragileWorld, ada: Customer
) -> None:
    """The old plan counted January's invoice as unused; the one that is made anew counts February's."""
    world.decide(stale_money=StaleMoney.REPLAN)
    world.honest = False
    ada.buy(zone())
    world.until(ada.subscription().period.end - timedelta(days=20))
    upgrade = ada.open(switch(ada, "zone-business"))
    settle(world.platform, [reported(upgrade, Outcome.FAILED, cause=FailureCause.CANCELED)], world.now)
    world.until(ada.subscription().period.end + timedelta(days=20))
    at_the_bank(world, upgrade)
    learn(world)
    assert ada.attempt(upgrade).state is AttemptState.COMMITTED
    anew = ada.attempt(upgrade).plan
    renewed = ada.invoices()[1]
    assert [counted.invoice_id for counted in anew.returned.counted] == [renewed.id]
    assert anew.returned.counted != upgrade.plan.returned.counted


def act(customer: Customer, deed: str, paid: Attempt) -> None:
    """One of them, if it can be now."""
    if deed in {"upgrade", "cancel"} and not customer.subscriptions():
        return
    first = customer.invoices()[0]
    match deed:
        case "upgrade":
            customer.buy(switch(customer, "zone-business"))
        case "credit note":
            credit(customer, first, min(500, first.total - first.credited))
        case "cancel":
            cancel(customer)
        case "dispute":
            Contest(customer, paid).close(won=False)
        case _:
            for invoice in customer.open_invoices():
                give_up(customer.world.platform, invoice.id, FORSAKEN, customer.world.now)


DEEDS = ("upgrade", "credit note", "cancel", "dispute", "give up")


@pytest.mark.unmeasured
@pytest.mark.parametrize("begins", DEEDS)
def test_any_order_of_what_gives_back_leaves_what_was_used(world: FragileWorld, begins: str) -> None:
    """Two days pass between one and the next. What the invoices say in the end, less what the merchant credited by
    amount, is never less than what was used until the service ended: no day of it was given back, let alone twice."""
    orders = permutations([deed for deed in DEEDS if deed != begins])
    for order in list(orders)[::4]:
        customer = world.customer(f"Of {begins}")
        paid = customer.buy(zone())
        month = customer.subscription().period
        used, price = 0.0, 2_000
        for deed in (begins, *order, "give up"):
            world.wait(days=2)
            if customer.subscriptions():
                used += price * (timedelta(days=2) / (month.end - month.start))
            try:
                act(customer, deed, paid)
            except Refused:
                continue
            price = 20_000 if customer.has("zone-business") else price
        kept = sum(invoice.total - invoice.credited for invoice in customer.invoices())
        by_amount = 500 if "credit note" in (begins, *order) else 0
        assert kept >= round(used) - by_amount - 3, (begins, order)
        assert not customer.open_invoices() or customer.debt() == kept - sum(
            x.paid for x in customer.invoices()
        )

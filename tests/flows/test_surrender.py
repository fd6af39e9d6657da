"""Giving an account up as one unit: what ends at once, what runs out, what stays, and what paying brings back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from solvent.core.attempt import Attempt
from solvent.core.booking import Booking
from solvent.core.giving_up import Surrender
from solvent.core.invoice import InvoiceState
from solvent.core.ladder import Measure, Scope
from solvent.core.payment import AttemptState
from solvent.core.plan import Refusal
from solvent.core.request import NewItem, Start, Uncancel
from solvent.core.snapshot import Standing
from solvent.core.subscription import EndReason, Subscription, SubscriptionState
from solvent.flows.change import quote
from solvent.flows.debts import give_up
from solvent.flows.recompute import gather
from solvent.sim import Customer
from solvent.store.dunning_laws import DUNNING_LAWS
from tests.flows.acts import CHALLENGED, DECLINED_LATER, GOOD, manual, zone
from tests.flows.test_credit import figures
from tests.flows.test_debts import surrender
from tests.flows.test_dunning import DAY, govern
from tests.simulation.checks import wrong
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

pytestmark = pytest.mark.unmeasured

if TYPE_CHECKING:
    from uuid import UUID


@pytest.fixture
def world(flows_url: str, numbers: Iterator[int]) -> Iterator[FragileWorld]:
    """A world under the shipped policies; the laws hold when the test is over."""
    number = next(numbers)
    world = FragileWorld(flows_url, buckets=(number,), seed=number)
    world.polls = False  # nobody polls the banks: what they report comes by notification
    govern(world)
    yield world
    found = wrong(world)
    world.close()
    assert found == []


def sold(price_id: str, thing: str = "account") -> Start:
    return Start(items=(NewItem(price_id=price_id, object=thing),))


def fleet(world: FragileWorld, customer: Customer) -> dict[str, UUID]:
    """A customer with a subscription of each kind, whose card is declined from the first renewal on."""
    held: dict[str, UUID] = {}
    for name, start in (
        ("paid ahead", sold(price("zone-business", period="year"), "zone:yearly.example")),
        ("free", zone("free.example", "zone-free")),
        ("metered", sold(price("requests"))),
        ("monthly", zone("monthly.example")),
    ):
        before = {s.id for s in customer.subscriptions()}
        customer.buy(start, GOOD)
        held[name] = next(s.id for s in customer.subscriptions() if s.id not in before)
    customer.card_becomes(DECLINED_LATER)
    return held


def standing_of(customer: Customer, held: dict[str, UUID]) -> dict[str, str]:
    """How each subscription stands, in a word or two."""
    by_id = {s.id: s for s in (*customer.past_subscriptions(), *customer.subscriptions())}
    return {name: _word(by_id[i]) for name, i in held.items()}


def _word(subscription: Subscription) -> str:
    if subscription.state is SubscriptionState.ENDED:
        return f"ended, {subscription.end_reason}"
    leaves = subscription.pending is not None and subscription.pending.cancel
    return "ends with its period" if leaves else str(subscription.state)


def month_due(customer: Customer, held: dict[str, UUID]) -> datetime:
    """When the renewals of the month are due, with what was used: when the last events have come."""
    end = next(s.period.end for s in customer.subscriptions() if s.id == held["monthly"])
    return end + customer.world.platform.policy.usage_delay


def test_of_the_whole_account_everything_ends_that_costs_something(world: FragileWorld) -> None:
    ada = world.customer("Ada")
    held = fleet(world, ada)
    renewal = month_due(ada, held)
    world.until(renewal + 29 * DAY)
    assert set(standing_of(ada, held).values()) == {"active"}
    world.until(renewal + 30 * DAY)
    assert standing_of(ada, held) == {
        "paid ahead": "ends with its period",
        "free": "active",
        "metered": "ended, unpaid",
        "monthly": "ended, unpaid",
    }
    assert ada.standing() is Standing.BAD_DEBT
    kinds = [e.type for e in ada.events()]
    unit = [k for k in kinds[kinds.index("invoice.uncollectible") :] if k != "entitlements.changed"]
    assert sorted(unit) == [
        "dunning.changed",
        "invoice.uncollectible",
        "standing.changed",
        "subscription.ended",
        "subscription.ended",
        "subscription.scheduled",
    ]
    world.until(renewal + 400 * DAY)  # the year that was paid is over
    assert standing_of(ada, held)["paid ahead"] == "ended, canceled"
    assert standing_of(ada, held)["free"] == "active"


def test_what_was_paid_ahead_comes_back_when_the_debt_is_paid_and_may_go_on(world: FragileWorld) -> None:
    ada = world.customer("Ada")
    held = fleet(world, ada)
    start = month_due(ada, held)
    world.until(start + 31 * DAY)
    (debt,) = (i for i in ada.invoices() if i.debt)
    assert not ada.has("zone-business")
    stays = Uncancel(subscription_id=held["paid ahead"])
    refused = quote(world.platform, ada.id, stays, world.now)
    assert isinstance(refused, Refusal)
    assert refused.rule == "owes an invoice that was given up: pay the open debt first"
    page = ada.open_debt(debt.id)
    assert isinstance(page, Attempt)
    ada.complete(page, GOOD)
    snapshot = ada.snapshot()  # before anything else has worked
    assert (snapshot.in_effect, snapshot.standing) == ((), Standing.GOOD)
    assert ada.has("zone-business")
    ada.buy(stays)
    assert standing_of(ada, held)["paid ahead"] == "active"
    again = zone("monthly.example")
    ada.buy(again, GOOD)
    (fresh,) = (s for s in ada.subscriptions() if s.id not in held.values())
    assert (fresh.anchor.at, fresh.index) == (world.now, 0)


def test_all_that_is_due_is_given_up_together_and_what_is_not_due_stays(world: FragileWorld) -> None:
    ada = world.customer("Ada", terms_days=None)
    held = fleet(world, ada)
    start = month_due(ada, held)
    world.until(start + 25 * DAY)
    ada.receive_invoice(manual(5_470))
    world.until(start + 30 * DAY)
    assert [figures(i)[0] for i in ada.invoices() if i.debt] == ["uncollectible", "uncollectible"]
    assert len(ada.events("invoice.uncollectible")) == 2


def test_while_any_payment_is_under_way_nothing_of_the_account_is_given_up(world: FragileWorld) -> None:
    ada = world.customer("Ada")
    held = fleet(world, ada)
    start = month_due(ada, held)
    world.until(start + 29 * DAY)
    ada.receive_invoice(manual(5_470))
    other = ada.open_invoices()[-1]
    world.until(start + 30 * DAY - timedelta(minutes=10))
    page = ada.open_debt(other.id)
    assert isinstance(page, Attempt)
    world.until(start + 30 * DAY)
    assert ada.events("invoice.uncollectible") == []
    first = ada.open_invoices()[0]
    everything = Surrender(reason="r", by="b", scope=Scope.ACCOUNT)
    refused = give_up(world.platform, first.id, everything, world.now)
    assert refused == Refusal(field="invoice_id", rule="must not be given up while a payment is under way")
    world.until(start + 30 * DAY + timedelta(hours=1))  # the page has expired
    assert len(ada.events("invoice.uncollectible")) == 2


def test_a_renewal_under_way_of_another_subscription_holds_the_unit(world: FragileWorld) -> None:
    ada = world.customer("Ada")
    held = fleet(world, ada)
    start = month_due(ada, held)
    world.until(start + 2 * DAY)
    more = ada.open(sold(price("media")))  # a page for something else is no payment of what would end
    invoice = ada.open_invoices()[0]
    with world.database.pool.connection() as connection:
        connection.execute(
            "update attempt set claim = %s where id = %s", (f"sub:{held['paid ahead']}", more.id)
        )
    everything = Surrender(reason="r", by="b", scope=Scope.ACCOUNT)
    refused = give_up(world.platform, invoice.id, everything, world.now)
    assert refused == Refusal(field="invoice_id", rule="must not be given up while a payment is under way")
    assert ada.events("invoice.uncollectible") == []


def test_a_policy_may_end_the_subscription_alone(world: FragileWorld) -> None:
    govern(world, "      - id: standard\n", "      - id: standard\n        scope: subscription\n")
    ada = world.customer("Ada")
    held = fleet(world, ada)
    world.until(month_due(ada, held) + 31 * DAY)
    assert standing_of(ada, held) == {
        "paid ahead": "active",
        "free": "active",
        "metered": "active",
        "monthly": "ended, unpaid",
    }
    assert Measure.BAN in {m.measure for m in ada.snapshot().in_effect}


def test_by_hand_the_scope_is_the_policys_unless_it_is_said(world: FragileWorld) -> None:
    for name, scope, left in (("Ada", None, "ended, unpaid"), ("Ben", Scope.SUBSCRIPTION, "active")):
        customer = world.customer(name)
        held = fleet(world, customer)
        world.until(month_due(customer, held) + DAY)
        asked = Surrender(reason="moved away", by="carol", scope=scope)
        assert isinstance(give_up(world.platform, customer.open_invoices()[0].id, asked, world.now), Booking)
        assert standing_of(customer, held)["metered"] == left
        assert standing_of(customer, held)["monthly"] == "ended, unpaid"


def test_repeating_it_changes_nothing(world: FragileWorld) -> None:
    ada = world.customer("Ada")
    held = fleet(world, ada)
    world.until(month_due(ada, held) + 30 * DAY)
    told = len(ada.events())
    (debt,) = (i for i in ada.invoices() if i.debt)
    refused = surrender(ada, debt)
    assert refused == Refusal(field="invoice_id", rule="must be an open invoice; it is uncollectible")
    (verdict,) = gather(world.platform, world.buckets[0], [ada.id], world.now)
    assert (verdict.changed, verdict.decision.give_up) == (False, {})
    assert len(ada.events()) == told


@pytest.mark.parametrize(
    ("says", "sabotage"),
    [
        (
            "goes on to cost something",
            "update subscription set pending = null where account_id = %s and pending is not null",
        ),
        ("is banned", "update health set measures = '[]' where account_id = %s"),
    ],
)
def test_two_of_the_three_is_seen(world: FragileWorld, says: str, sabotage: str) -> None:
    """Law L8, attacked: somebody takes one part of the unit away by hand."""
    ada = world.customer("Ada")
    held = fleet(world, ada)
    world.until(month_due(ada, held) + 30 * DAY)
    with world.database.pool.connection() as connection, connection.transaction(force_rollback=True):
        assert [_violations(connection, law.query) for law in DUNNING_LAWS] == [0, 0]
        connection.execute(sabotage, (ada.id,))
        found = {law.says: _violations(connection, law.query) for law in DUNNING_LAWS}
    assert [n for text, n in found.items() if says in text] == [1]
    assert sum(found.values()) == 1


def _violations(connection: object, query: str) -> int:
    return int(connection.execute(query).fetchone()[0])  # type: ignore[attr-defined]


def test_late_success_after_uncollectible(world: FragileWorld) -> None:
    """A 3-D Secure page of weeks ago succeeds: the debt is recovered, the ban is over, and nothing begins by itself."""
    ada = world.customer("Ada")
    ada.buy(zone(), DECLINED_LATER)
    start = ada.subscription().period.end
    world.until(start + 6 * DAY)
    (invoice,) = ada.open_invoices()
    opened = ada.open_debt(invoice.id)
    assert isinstance(opened, Attempt)
    page = ada.confirm(opened, CHALLENGED)
    line = world.banks.lines["sandbox"]
    line.blind, world.polls = True, False  # its look-up does not know the page, so it is not cancelled there
    world.wait(minutes=31)
    line.blind = False
    assert ada.attempt(page).state is AttemptState.FAILED
    world.until(start + 31 * DAY)
    (gone,) = ada.invoices()[-1:]
    assert (gone.state, gone.debt) == (InvoiceState.UNCOLLECTIBLE, 2_000 - gone.credited)
    ada.pass_challenge(page)
    world.deliver()
    world.work()
    (back,) = ada.invoices()[-1:]
    assert figures(back) == ("resolved", 2_000, gone.credited, gone.debt, 0)
    assert ada.credit() == gone.credited  # beyond the debt
    assert (ada.snapshot().in_effect, ada.standing()) == ((), Standing.GOOD)
    assert ada.subscriptions() == ()
    assert [s.end_reason for s in ada.past_subscriptions()] == [EndReason.UNPAID]
    assert ("bad_debt", "USD") not in ada.ledger()

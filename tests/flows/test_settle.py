"""Settle: outcomes become facts once, and money that its plan cannot use becomes a fact of another kind."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from solvent.core.attempt import Attempt
from solvent.core.payment import AttemptState, FailureCause, Outcome, Report, StaleMoney
from solvent.core.request import AddItem, CancelNow, NewItem, Purchase
from solvent.flows.reconcile import sweep
from solvent.flows.settle import settle
from solvent.sim import Customer
from tests.flows.acts import DECLINED_LATER, GOOD, manual, switch, zone
from tests.simulation.ending import dump
from tests.simulation.fragile import START, FragileWorld
from tests.simulation.goods import price


def reported(attempt: Attempt, outcome: Outcome = Outcome.SUCCEEDED, **other: object) -> Report:
    """What a provider could say of an attempt: by default that exactly what is due has come."""
    known = {
        "outcome": outcome,
        "key": attempt.id,
        "ref": attempt.ref or f"ref_{attempt.id.hex}",
        "amount": attempt.plan.due if outcome is Outcome.SUCCEEDED else 0,
        "currency": attempt.plan.currency,
    }
    return Report(**(known | other))  # type: ignore[arg-type]


def at_the_bank(world: FragileWorld, attempt: Attempt) -> None:
    """The payment succeeds at the bank, and nobody has told Solvent."""
    bank = world.banks.providers.get(str(attempt.provider))
    assert bank.confirm(attempt.id, str(attempt.ref), f"tok_{GOOD}").outcome is Outcome.SUCCEEDED
    world.banks.post.lose(world.now)


def learn(world: FragileWorld) -> None:
    """Solvent hears of everything at the bank."""
    sweep(world.platform, "sandbox", START, world.now)


def test_the_same_reports_again_change_nothing(world: FragileWorld, ada: Customer) -> None:
    attempt = ada.buy(zone())
    before = dump(world)
    for _ in range(2):
        settled = settle(world.platform, [reported(attempt)] * 2, world.now)
        assert settled[attempt.id].state is AttemptState.COMMITTED
    assert dump(world) == before


def test_what_is_not_ours_is_left_out(world: FragileWorld) -> None:
    foreign = UUID(int=uuid4().int & ~0xFF | world.buckets[0])
    assert settle(world.platform, [Report(outcome=Outcome.SUCCEEDED, key=foreign)], world.now) == {}
    assert settle(world.platform, [], world.now) == {}


def test_a_batch_of_many_accounts_commits_each(world: FragileWorld) -> None:
    everybody = [world.customer(f"Customer {n}") for n in range(5)]
    attempts = [customer.open(zone()) for customer in everybody]
    for attempt in attempts:
        at_the_bank(world, attempt)
    learn(world)
    assert all(customer.has("zone-pro") for customer in everybody)
    numbers = [customer.invoices()[0].number for customer in everybody]
    assert sorted(numbers) == sorted(set(numbers))


@pytest.mark.parametrize("order", [1, -1], ids=["processing first", "success first"])
def test_an_older_word_in_a_batch_does_not_undo_a_newer_one(
    world: FragileWorld, ada: Customer, order: int
) -> None:
    attempt = ada.open(zone())
    at_the_bank(world, attempt)
    (charge,) = ada.charges()
    words = [reported(attempt, Outcome.PROCESSING), reported(attempt, ref=charge.ref)]
    settled = settle(world.platform, words[::order], world.now)
    assert settled[attempt.id].state is AttemptState.COMMITTED
    assert ada.attempt(attempt).state is AttemptState.COMMITTED
    assert ada.attempt(attempt).look_at is None


def test_a_success_that_moved_nothing_proves_nothing(world: FragileWorld, ada: Customer) -> None:
    attempt = ada.open(zone())
    settle(world.platform, [reported(attempt, amount=0)], world.now)
    assert ada.attempt(attempt).state is AttemptState.UNKNOWN
    assert ada.subscriptions() == ()


# Money that its plan cannot use


def upgrade_made_stale(world: FragileWorld, customer: Customer) -> Attempt:
    """The customer pays for an upgrade at the bank, while paying a debt changes the subscription."""
    customer.buy(zone(), DECLINED_LATER)
    world.until(customer.subscription().period.end)
    upgrade = customer.open(switch(customer, "zone-business"))
    at_the_bank(world, upgrade)
    customer.pay_debt()
    assert customer.subscription().version == upgrade.plan.after.version  # type: ignore[union-attr]
    return upgrade


def test_money_for_a_stale_plan_becomes_credit(world: FragileWorld, ada: Customer) -> None:
    upgrade = upgrade_made_stale(world, ada)
    learn(world)
    assert ada.attempt(upgrade).state is AttemptState.RETURNED
    assert ada.credit() == upgrade.plan.due
    assert ada.has("zone-pro")
    assert not ada.has("zone-business")
    told = [(e.type, e.data.get("reason")) for e in ada.events()][-2:]
    assert told == [("payment.stranded", "stale"), ("credit.granted", "stale")]


def test_money_for_a_stale_plan_is_refunded_where_the_merchant_wants_it(
    world: FragileWorld, ada: Customer
) -> None:
    world.decide(stale_money=StaleMoney.REFUND)
    upgrade = upgrade_made_stale(world, ada)
    learn(world)
    world.work()
    assert (ada.attempt(upgrade).state, ada.credit()) == (AttemptState.RETURNED, 0)
    assert world.banks.by_name["sandbox"].net(upgrade.id) == 0


def test_the_same_change_is_planned_anew_where_the_merchant_wants_it(
    world: FragileWorld, ada: Customer
) -> None:
    world.decide(stale_money=StaleMoney.REPLAN)
    upgrade = upgrade_made_stale(world, ada)
    world.clock.move(timedelta(days=4))
    learn(world)
    assert ada.attempt(upgrade).state is AttemptState.COMMITTED
    assert ada.has("zone-business")
    invoice = ada.invoices()[-1]
    assert 0 < invoice.total < upgrade.plan.due  # four days of the period are over
    journaled = ada.attempt(upgrade).plan
    assert (journaled.due, journaled.lines) == (invoice.total, tuple(ada.lines(invoice)))
    assert journaled.after is not None
    assert journaled.after.version == ada.subscription().version
    assert ada.credit() == upgrade.plan.due - invoice.total


def test_money_that_no_longer_covers_the_change_becomes_credit(world: FragileWorld, ada: Customer) -> None:
    """The first plan counted on credit, which is spent by the time the money comes."""
    world.decide(stale_money=StaleMoney.REPLAN)
    with_credit(ada, 5_000)
    attempt = ada.open(zone("a.example", "zone-business"))
    assert (attempt.plan.credit_used, attempt.plan.due) == (5_000, 15_000)
    at_the_bank(world, attempt)
    ada.receive_invoice(manual(5_000))
    learn(world)
    assert ada.attempt(attempt).state is AttemptState.RETURNED
    assert (ada.credit(), ada.subscriptions()) == (15_000, ())


def test_late_money_for_a_debt_has_no_change_that_could_be_planned_anew(
    world: FragileWorld, ada: Customer
) -> None:
    world.decide(stale_money=StaleMoney.REPLAN)
    world.honest = False
    ada.receive_invoice(manual(5_000))
    first = given_up(world, ada)
    assert ada.pay_debt().state is AttemptState.COMMITTED
    at_the_bank(world, first)
    learn(world)
    assert ada.credit() == 5_000


def given_up(world: FragileWorld, customer: Customer) -> Attempt:
    """A payment of a debt of which the provider says that it is over, although it is not."""
    attempt = customer.open_debt(customer.open_invoices()[0].id)
    assert isinstance(attempt, Attempt)
    settle(world.platform, [reported(attempt, Outcome.FAILED, cause=FailureCause.CANCELED)], world.now)
    return attempt


def test_a_debt_that_was_paid_in_another_way_is_not_paid_twice(world: FragileWorld, ada: Customer) -> None:
    world.honest = False
    ada.receive_invoice(manual(5_000))
    first = given_up(world, ada)
    assert ada.pay_debt().state is AttemptState.COMMITTED
    at_the_bank(world, first)
    learn(world)
    assert ada.credit() == 5_000
    assert [e.data["reason"] for e in ada.events("payment.stranded")] == ["late"]


def test_a_debt_that_was_given_up_is_paid_when_its_money_comes_after_all(
    world: FragileWorld, ada: Customer
) -> None:
    world.honest = False
    ada.receive_invoice(manual(5_000))
    first = given_up(world, ada)
    at_the_bank(world, first)
    learn(world)
    assert (ada.debt(), ada.credit()) == (0, 0)


def with_credit(customer: Customer, amount: int) -> None:
    """Give the customer that much credit (in cents, up to $200.00), from a subscription that ends at once."""
    customer.buy(zone(product="zone-business"))
    customer.open(CancelNow(subscription_id=customer.subscription().id, credit=True))
    if amount < 20_000:
        customer.receive_invoice(manual(20_000 - amount))
    assert customer.credit() == amount


def test_two_purchases_that_count_on_the_same_credit_in_one_batch(world: FragileWorld, ada: Customer) -> None:
    with_credit(ada, 5_000)
    one, two = (ada.open(zone(f"{name}.example", "zone-business")) for name in ("a", "b"))
    assert [t.plan.credit_used for t in (one, two)] == [5_000, 5_000]
    for attempt in (one, two):
        at_the_bank(world, attempt)
    learn(world)
    assert sorted(str(ada.attempt(t).state) for t in (one, two)) == ["committed", "returned"]
    assert ada.credit() == 15_000  # what the one had paid that came too late for the credit


@pytest.mark.parametrize("choice", [StaleMoney.CREDIT, StaleMoney.REPLAN])
def test_two_tabs_that_want_the_same_object_in_one_batch(
    world: FragileWorld, ada: Customer, choice: StaleMoney
) -> None:
    """One adds the zone to a subscription, the other starts a new one with it: only one can have it, even if planned
    anew."""
    world.decide(stale_money=choice)
    ada.buy(zone("first.example"))
    (item,) = zone("second.example").items
    one = ada.open(AddItem(subscription_id=ada.subscription().id, item=item))
    two = ada.open(zone("second.example"))
    for attempt in (one, two):
        at_the_bank(world, attempt)
    learn(world)
    assert sorted(str(ada.attempt(t).state) for t in (one, two)) == ["committed", "returned"]
    assert ada.credit() == 2_000


def test_two_changes_of_one_account_in_one_batch_both_commit(world: FragileWorld, ada: Customer) -> None:
    one, two = ada.open(zone("a.example")), ada.open(zone("b.example"))
    three = ada.open(Purchase(items=(NewItem(price_id=price("onboarding", period=None)),)))
    for attempt in (one, two, three):
        at_the_bank(world, attempt)
    learn(world)
    assert {ada.attempt(t).state for t in (one, two, three)} == {AttemptState.COMMITTED}
    assert len(ada.invoices()) == 3


@pytest.mark.parametrize("amount", [1_999, 2_001])
def test_an_amount_that_was_not_due_commits_nothing(world: FragileWorld, ada: Customer, amount: int) -> None:
    world.honest = False
    attempt = ada.open(zone())
    intent = world.banks.by_name["sandbox"]._book.by_ref[str(attempt.ref)]
    intent.amount = amount
    at_the_bank(world, attempt)
    learn(world)
    assert (ada.subscriptions(), ada.credit()) == ((), amount)
    assert [e.data["reason"] for e in ada.events("payment.stranded")] == ["amount"]


def renewal_of(world: FragileWorld, customer: Customer) -> Attempt:
    """The customer's one renewal."""
    query = "select id from attempt where account_id = %s and path = 'renewal'"
    with world.database.pool.connection() as connection:
        ((key,),) = connection.execute(query, (customer.id,)).fetchall()
    with world.platform.store.begin() as tx:
        attempt = tx.journal.get(key)
    assert attempt is not None
    return attempt


@pytest.mark.parametrize(
    ("amount", "debt", "credit"),
    [(2_000, 0, 0), (1_500, 2_000, 1_500)],
    ids=["what is owed", "another amount"],
)
def test_a_late_success_of_a_renewal_on_grace_pays_its_invoice(
    world: FragileWorld, ada: Customer, amount: int, debt: int, credit: int
) -> None:
    """The provider said failed, and says later that the money has come after all."""
    world.honest = False
    ada.buy(zone(), DECLINED_LATER)
    world.until(ada.subscription().period.end)
    attempt = renewal_of(world, ada)
    assert (ada.debt(), attempt.state) == (2_000, AttemptState.COMMITTED)
    settle(world.platform, [reported(attempt, amount=amount)], world.now)
    assert (ada.debt(), ada.credit()) == (debt, credit)
    assert (ada.subscription().grace_invoice is None) is (debt == 0)

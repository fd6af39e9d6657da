"""The next invoice, looked at ahead, is that invoice to the cent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvent.core.request import CancelAtPeriodEnd, CancelNow, NewItem, Start, SwitchPrice
from solvent.core.upcoming import Upcoming
from solvent.flows.upcoming import upcoming_invoice
from solvent.sim import Customer
from tests.drawing import examples
from tests.flows.acts import zone
from tests.flows.coupons import Offer
from tests.flows.test_usage import event, metered, use
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

Act = Callable[[Customer], object]


def seen(customer: Customer) -> Upcoming:
    """What the customer is invoiced for next."""
    found = upcoming_invoice(customer.world.platform, customer.id, customer.world.now)
    assert found is not None
    return found


def comes_true(customer: Customer) -> Upcoming:
    """What is seen ahead is what is invoiced at that moment: lines, tax, credit, and all that a plan decides."""
    ahead, before = seen(customer), len(customer.invoices())
    customer.world.until(ahead.at - timedelta(microseconds=1))
    assert len(customer.invoices()) == before
    customer.world.until(ahead.at)
    invoice = customer.invoices()[before]
    assert [replace(x, tax_category=None) for x in ahead.plan.lines] == customer.lines(invoice)
    assert (ahead.plan.total, ahead.plan.tax) == (invoice.total, invoice.tax)
    with customer.world.database.pool.connection() as connection:
        query = (
            "select t.fingerprint from attempt t join proof p on p.bucket = t.bucket and p.attempt_id = t.id"
            " join invoice v on v.bucket = p.bucket and v.proof_id = p.id where v.bucket = %s and v.id = %s"
        )
        row = connection.execute(query, (customer.world.buckets[0], invoice.id)).fetchone()
    assert row == (ahead.plan.fingerprint,)
    return ahead


def test_a_renewal_with_a_coupon_credit_and_what_waits(ada: Customer, offer: Offer) -> None:
    ada.buy(replace(zone(), coupons=(offer(duration="forever"),)))
    ada.receive_credit(300)
    ada.receive_item(500, product_id="zone-pro")
    ada.receive_item(-10_000)
    ahead = comes_true(ada)
    assert (ahead.plan.total, ahead.plan.credit_used) == (2_100, 300)
    assert (comes_true(ada).plan.total, len(ada.items())) == (1_600, 2)


def test_fee_usage_and_what_waits(ada: Customer) -> None:
    ada.buy(metered("zone-pro", "requests"))
    use(ada, event(ada, 18_233_333))
    ada.receive_item(100)
    ahead = comes_true(ada)
    assert ahead.plan.total == 2_647
    assert ahead.at - ahead.plan.usage[0].starts_at > timedelta(days=28)


def test_usage_by_itself(ada: Customer) -> None:
    ada.buy(metered("requests"))
    use(ada, event(ada, 18_233_333))
    assert comes_true(ada).plan.total == 547


@pytest.mark.parametrize("used", [0, 50_000_000])
def test_what_goes_back_of_usage_goes_first(world: FragileWorld, ada: Customer, used: int) -> None:
    ada.buy(metered("zone-pro", "requests", "storage"))
    use(ada, event(ada, 400_000_000, id="wrong"), event(ada, 7_000, meter="storage-mb"))
    world.wait(minutes=2)
    use(ada, event(ada, used or None, corrects="wrong"))
    ahead, back = seen(ada), 12_000 - used * 3 // 100_000
    assert [(note.amount, note.to_debt) for note in ahead.credit_notes] == [(back, 0)]
    before = len(ada.invoices())
    world.until(ahead.at)
    assert [i.credited for i in ada.invoices()] == [0, back, 0]
    invoice = ada.invoices()[before]
    assert [replace(x, tax_category=None) for x in ahead.plan.lines] == ada.lines(invoice)
    assert (ahead.plan.total, ahead.plan.due) == (invoice.total, 0)
    assert ada.credit() == back - ahead.plan.credit_used
    assert seen(ada).credit_notes == ()


def test_what_goes_back_alone_is_no_invoice(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("requests"))
    use(ada, event(ada, 400_000_000, id="wrong"))
    world.wait(minutes=2)
    use(ada, event(ada, 100_000_000, corrects="wrong"))
    assert upcoming_invoice(world.platform, ada.id, world.now) is None
    world.until(ada.subscription().period.end + world.platform.policy.usage_delay)
    assert [(i.total, i.credited) for i in ada.invoices()] == [(12_000, 9_000)]


def test_of_a_debt_that_is_lowered_first_no_credit_is_expected(world: FragileWorld) -> None:
    cora = world.customer("Cora", terms_days=60)
    cora.buy(metered("requests", "storage"))
    use(cora, event(cora, 400_000_000, id="wrong"), event(cora, 7_000, meter="storage-mb"))
    world.wait(minutes=2)
    use(cora, event(cora, corrects="wrong"))
    ahead = seen(cora)
    assert [(note.amount, note.to_debt) for note in ahead.credit_notes] == [(12_000, 12_000)]
    assert ahead.plan.credit_used == 0


def test_usage_comes_before_a_renewal_that_is_later(ada: Customer) -> None:
    ada.buy(Start(items=(NewItem(price_id=price("zone-pro", period="year"), object="zone:a.example"),)))
    ada.buy(metered("requests"))
    use(ada, event(ada, 18_233_333))
    assert comes_true(ada).plan.total == 547


def test_a_threshold_that_is_crossed_comes_first(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("zone-pro", "requests"))
    ada.receive_item(100)
    use(ada, event(ada, 400_000_000))
    ahead = seen(ada)
    assert (ahead.at, ahead.plan.total) == (world.now, 12_000)
    world.wait(minutes=2)
    assert ada.invoices()[-1].total == 12_000
    assert comes_true(ada).plan.total == 2_100


def test_usage_that_comes_after_the_last_period(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("requests"))
    used_at = world.now
    world.wait(days=1)
    ada.open(CancelNow(subscription_id=ada.subscription().id))
    world.wait(hours=3)
    use(ada, event(ada, 18_233_333, at=used_at))
    ahead = seen(ada)
    assert (ahead.at, ahead.plan.total) == (world.now, 547)
    world.wait(minutes=2)
    assert [invoice.total for invoice in ada.invoices()] == [547]
    assert upcoming_invoice(world.platform, ada.id, world.now) is None


@pytest.mark.parametrize("together", ["instant", "in_advance", "never"])
def test_by_the_account_s_terms(world: FragileWorld, ada: Customer, together: str) -> None:
    for name in "ab":
        ada.buy(zone(f"{name}.example"))
    ada.buy(metered("requests"))
    use(ada, event(ada, 18_233_333))
    ada.receive_item(100)
    with world.database.pool.connection() as connection:
        connection.execute("update account set together = %s where id = %s", (together, ada.id))
    assert comes_true(ada).plan.total == {"instant": 4_647, "in_advance": 4_100, "never": 2_100}[together]


def test_what_is_scheduled_and_what_ends(ada: Customer) -> None:
    for name in "ab":
        ada.buy(zone(f"{name}.example"))
    first, second = ada.subscriptions()
    ada.open(CancelAtPeriodEnd(subscription_id=first.id))
    free = SwitchPrice(subscription_id=second.id, item_id=second.items[0].id, price_id=price("zone-business"))
    ada.buy(free)
    assert comes_true(ada).plan.total == 20_000


def test_nothing_is_to_come(world: FragileWorld, ada: Customer) -> None:
    assert upcoming_invoice(world.platform, ada.id, world.now) is None
    ada.buy(zone("a.example", "zone-free"))
    ada.buy(metered("requests"))
    ada.receive_item(5)
    ahead = seen(ada)
    assert (ahead.plan.total, [x.amount for x in ahead.plan.lines]) == (5, [5])
    for subscription in ada.subscriptions():
        ada.open(CancelAtPeriodEnd(subscription_id=subscription.id))
    world.until(ahead.at)
    assert upcoming_invoice(world.platform, ada.id, world.now) is None


def test_it_is_late_and_still_the_same(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("zone-pro", "requests"))
    use(ada, event(ada, 18_233_333))
    world.clock.move_to(ada.subscription().period.end + timedelta(days=1))
    ahead = seen(ada)
    assert (ahead.at, ahead.plan.total) == (world.now, 2_547)
    world.work()
    assert ada.invoices()[-1].total == 2_547


@settings(
    max_examples=examples(8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    starts=st.lists(st.sampled_from(["zone-pro", "zone-business", "zone-free"]), min_size=1, max_size=3),
    usage=st.integers(0, 300_000_000),
    waiting=st.lists(st.integers(-3_000, 3_000).filter(bool), max_size=3),
    credit=st.sampled_from([0, 700, 50_000]),
)
def test_whatever_there_is(
    world: FragileWorld, starts: list[str], usage: int, waiting: list[int], credit: int
) -> None:
    customer = world.customer("Drawn")
    for n, product in enumerate(starts):
        customer.buy(zone(f"{n}.example", product))
    customer.buy(metered("requests"))
    use(customer, event(customer, usage))
    for amount in waiting:
        customer.receive_item(amount)
    if credit:
        customer.receive_credit(credit)
    if upcoming_invoice(world.platform, customer.id, world.now) is not None:
        comes_true(customer)

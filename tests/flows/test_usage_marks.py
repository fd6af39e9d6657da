"""Marks of usage: what is told while the marks of an earlier minute are taken is looked at all the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvent.core.invoice import LineKind
from solvent.core.meter import UsageEvent
from solvent.core.money import Rounding, round_ratio
from solvent.flows.usage import Ingested, bill_usage, ingest, look_at, overlooked
from solvent.sim import Customer
from tests.blocked import somebody_waits
from tests.drawing import examples
from tests.flows.coupons import numbers
from tests.flows.test_usage import event, metered, use
from tests.patience import PATIENCE_S
from tests.simulation.fragile import FragileWorld

HALF = 200_000_000  # requests: 60.00 of a threshold of 100.00
LATER = timedelta(minutes=5)  # than the marks of a minute are taken


def told_while_marks_are_taken(world: FragileWorld, customer: Customer, *, slow: bool) -> None:
    """The second half is told, and its statement waits, while a worker takes the marks of the first half's minute.
    `slow`: as if its moment were that at which its upload had begun, in that same minute."""
    customer.buy(metered("requests"))
    use(customer, event(customer, HALF))
    second, began, late = event(customer, HALF), world.now, world.now + LATER
    with world.database.pool.connection() as holder, ThreadPoolExecutor(1) as pool:
        with holder.transaction():
            holder.execute("select from usage_tally where account_id = %s for update", (customer.id,))
            done = pool.submit(record if slow else tell, world, second, began, late)
            somebody_waits(holder)
            bill_usage(world.platform, world.buckets[0], late, 10)
        assert done.result(PATIENCE_S) == 1
    assert customer.invoices() == []


def record(world: FragileWorld, told: UsageEvent, began: datetime, _late: datetime) -> int:
    with world.platform.store.single() as tx:
        return tx.usage.record([told], began, look_at(began))


def tell(world: FragileWorld, told: UsageEvent, began: datetime, late: datetime) -> int:
    moments = iter((began, late))
    done = ingest(world.platform, [told], lambda: next(moments))
    assert isinstance(done, Ingested)
    return done.accepted


def test_the_moment_is_that_of_the_statement(world: FragileWorld, ada: Customer) -> None:
    told_while_marks_are_taken(world, ada, slow=False)
    assert overlooked(world.platform, world.now + LATER) == 0
    world.wait(minutes=8)
    assert [invoice.total for invoice in ada.invoices()] == [12_000]


def test_a_mark_that_was_lost_is_found(world: FragileWorld, ada: Customer) -> None:
    """What would be, if the moment were an earlier one: nobody looks before the period ends, and the check says so."""
    assert overlooked(world.platform, world.now) == 0
    told_while_marks_are_taken(world, ada, slow=True)
    assert overlooked(world.platform, world.now + LATER) == 1
    world.wait(minutes=8)
    assert ada.invoices() == []
    use(ada, event(ada, 1))  # whoever tells anything more makes somebody look
    assert overlooked(world.platform, world.now) == 0
    world.wait(minutes=3)
    assert [invoice.total for invoice in ada.invoices()] == [12_000]


def test_what_cannot_be_read_is_no_matter_of_marks(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("requests"))
    use(ada, event(ada, HALF))
    world.wait(minutes=3)
    with world.database.pool.connection() as connection:
        set_price = "update usage_period set price_id = %s where account_id = %s"
        ((price_id,),) = connection.execute(
            "select price_id from usage_period where account_id = %s", (ada.id,)
        ).fetchall()
        connection.execute(set_price, ("gone@1", ada.id))
    assert overlooked(world.platform, world.now) == 0
    with world.database.pool.connection() as connection:
        connection.execute(set_price, (price_id, ada.id))


BATCHES = st.lists(
    st.tuples(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.integers(0, 3)), min_size=2, max_size=7
)


@pytest.mark.unmeasured
@settings(
    max_examples=examples(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(values=st.lists(st.integers(0, 400_000_000), min_size=10, max_size=10), batches=BATCHES)
def test_usage_is_billed_once_whatever_the_order_and_duplication(
    world: FragileWorld, values: list[int], batches: list[tuple[list[int], int]]
) -> None:
    """Ten events, told in any batches, in any order and as often as one likes, while thresholds are crossed and billed:
    the invoices of the period sum to the price of those that were told at least once."""
    customer = world.customer(f"Ida {next(numbers)}")
    customer.buy(metered("requests"))
    events = [event(customer, value) for value in values]
    known: set[int] = set()
    for batch, minutes in batches:
        new = set(batch) - known
        assert use(customer, *(events[n] for n in batch)) == Ingested(
            accepted=len(new), duplicates=len(batch) - len(new)
        )
        known |= new
        world.wait(minutes=minutes)
    world.until(customer.subscription().period.end + timedelta(hours=2))
    used = sum(values[n] for n in known)
    lines = [
        x for invoice in customer.invoices() for x in customer.lines(invoice) if x.kind is LineKind.USAGE
    ]
    assert sum(line.amount for line in lines) == round_ratio(used * 3, 100_000, Rounding.HALF_UP)

"""A quote of any change is what its commit writes: the lines of its invoice, its credit notes, and the credit."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvent.core.plan import Plan
from solvent.core.request import CancelNow, Change, ChangeInterval, Start, SwitchPrice
from solvent.sim import Customer
from solvent.sim.customer import Refused
from tests.drawing import examples
from tests.flows.acts import zone
from tests.flows.coupons import numbers
from tests.flows.test_credit import credit
from tests.flows.test_planned_is_invoiced import WHO, figures, flows_url, gifts
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

pytestmark = pytest.mark.unmeasured

__all__ = ["flows_url"]  # a database with taxes

Notes = list[tuple[UUID, int, int, int]]

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["business", "year", "cancel", "again", "credit note"]),
        st.integers(0, 9 * 86_400),
        st.integers(1, 900),
    ),
    min_size=2,
    max_size=5,
)


def wanted(customer: Customer, deed: str) -> Change | None:
    """A change of what the customer has, or something new."""
    currency = customer.account.currency
    if deed == "again":
        return zone(f"{next(numbers)}.example", "zone-pro", currency)
    if not customer.subscriptions():
        return None
    held = customer.subscriptions()[0]
    item = held.items[0]
    if deed == "cancel":
        return CancelNow(subscription_id=held.id, credit=True)
    if deed == "business":
        return SwitchPrice(
            subscription_id=held.id, item_id=item.id, price_id=price("zone-business", currency)
        )
    yearly = price("zone-pro", currency, "year")
    return ChangeInterval(subscription_id=held.id, prices=((item.id, yearly),))


def notes_of(customer: Customer, before: int) -> Notes:
    """Credit notes that came after so many: of which invoice, how much, to its debt, and their tax."""
    query = (
        "select c.invoice_id, c.amount, c.to_debt, (select coalesce(sum(l.tax), 0)::bigint from credit_note_line l"
        " where l.credit_note_id = c.id) from credit_note c where c.account_id = %s order by c.issued_at, c.id"
    )
    with customer.world.database.pool.connection() as connection:
        return connection.execute(query, (customer.id,)).fetchall()[before:]


def written_as_quoted(customer: Customer, change: Change) -> bool:
    """Whether it could be had; then what was written is what was quoted."""
    invoices, notes, had = len(customer.invoices()), len(notes_of(customer, 0)), customer.credit()
    try:
        seen = customer.quote(change)
        customer.buy(change)
    except Refused:
        return False
    assert isinstance(seen, Plan)
    issued = customer.invoices()[invoices:]
    assert [figures(customer.lines(invoice)) for invoice in issued] == (
        [figures(seen.invoiced)] if seen.invoiced else []
    )
    told = sorted(notes_of(customer, notes))
    assert told == sorted(
        (x.invoice_id, x.amount, x.to_debt, sum(part.tax for part in x.parts)) for x in seen.credit_notes
    )
    assert sum(invoice.total for invoice in issued) - sum(amount for _, amount, *_ in told) == seen.total
    assert customer.credit() == had + seen.credit_granted - seen.credit_used
    return True


@settings(
    max_examples=examples(14),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(who=st.sampled_from(sorted(WHO)), steps=STEPS, gifts_=gifts)
def test_whatever_is_changed_after_whatever_was_credited(
    world: FragileWorld,
    who: str,
    steps: list[tuple[str, int, int]],
    gifts_: Sequence[tuple[int, int, tuple[str, ...]]],
) -> None:
    customer = world.customer(f"Gus {next(numbers)}", **WHO[who])
    for amount, priority, excludes in gifts_:
        customer.receive_credit(amount, priority=priority, excludes=excludes)
    first: Start = zone(f"{next(numbers)}.example", "zone-pro", customer.account.currency)
    assert written_as_quoted(customer, first)
    for deed, seconds, much in steps:
        world.wait(seconds=seconds)
        newest = customer.invoices()[-1]
        if deed == "credit note":
            if newest.total > newest.credited:
                credit(customer, newest, min(much, newest.total - newest.credited), key=f"cn {next(numbers)}")
                world.work()
            continue
        change = wanted(customer, deed)
        if change is not None:
            written_as_quoted(customer, change)

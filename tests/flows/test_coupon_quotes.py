"""Quotes with coupons: what is quoted is what is invoiced, whatever changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvent.core.attempt import Attempt
from solvent.core.coupon import Duration
from solvent.core.invoice import Line
from solvent.core.payment import AttemptState
from solvent.core.plan import Refusal
from solvent.core.request import (
    AddItem,
    CancelNow,
    Change,
    NewItem,
    Redeem,
    RemoveCoupon,
    SetQuantity,
    SwitchPrice,
)
from solvent.flows.change import quote
from solvent.sim import Customer
from tests.drawing import examples
from tests.flows.coupons import Offer, numbers, with_coupons
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

pytestmark = pytest.mark.unmeasured

# ── the quote is the invoice ───────────────────────────────────────────────────────────────────────────────────

STACK = [
    {"duration": Duration.FOREVER, "ppm": 125_000, "priority": 5},
    {"duration": Duration.REPEATING, "periods": 2, "amount": 333, "currency": "USD"},
    {"ppm": 999_999, "products": ("zone-business",)},
    {"duration": Duration.REPEATING, "periods": 3, "ppm": 70_001, "priority": -1},
]
steps = st.lists(
    st.tuples(st.sampled_from(["quantity", "switch", "add", "wait", "redeem", "remove"]), st.integers(0, 3)),
    min_size=3,
    max_size=6,
)

GivenCredit = tuple[int, int, tuple[str, ...]]  # amount, priority, products that it may not pay
credit_given: st.SearchStrategy[list[GivenCredit]] = st.lists(
    st.tuples(
        st.integers(1, 5_000),
        st.integers(0, 100),
        st.sampled_from([(), ("zone-pro",), ("zone-business",), ("media",)]),
    ),
    max_size=3,
)


def drawn_on(world: FragileWorld, customer: Customer) -> Counter[tuple[UUID, int]]:
    """How much of which grant was used for which lines of its invoices."""
    query = "select grant_id, line, sum(amount)::bigint from credit_use where account_id = %s group by 1, 2"
    with world.database.pool.connection() as connection:
        rows = connection.execute(query, (customer.id,)).fetchall()
    return Counter({(grant, line): amount for grant, line, amount in rows})


def drawn(customer: Customer, kind: str, nth: int, codes: Sequence[str]) -> Change | None:
    """The change that was drawn, with a coupon where it takes one."""
    subscription, coupons = customer.subscription(), (codes[nth],)
    item = subscription.items[nth % len(subscription.items)]
    match kind:
        case "quantity":
            return SetQuantity(
                subscription_id=subscription.id, item_id=item.id, quantity=item.quantity + 1, coupons=coupons
            )
        case "switch":
            wanted = price("zone-business" if nth % 2 else "zone-pro")
            return SwitchPrice(subscription_id=subscription.id, item_id=item.id, price_id=wanted)
        case "add":
            new = NewItem(price_id=price("zone-pro"), object=f"zone:{len(subscription.items)}.example")
            return AddItem(subscription_id=subscription.id, item=new, coupons=coupons[: nth % 2])
        case "redeem":
            return Redeem(subscription_id=subscription.id, coupons=coupons)
        case "remove":
            return RemoveCoupon(subscription_id=subscription.id, coupon=codes[nth])
        case _:
            return None


@settings(
    max_examples=examples(10),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(first=st.sampled_from([0, 1, 3]), credit=credit_given, moves=steps)
def test_what_is_quoted_is_what_is_invoiced_whatever_changes(
    world: FragileWorld, offer: Offer, first: int, credit: list[GivenCredit], moves: list[tuple[str, int]]
) -> None:
    codes = [offer(limit_per_account=None, **terms) for terms in STACK]
    customer = world.customer(f"Gil {next(numbers)}")
    for amount, priority, excludes in credit:
        customer.receive_credit(amount, priority=priority, excludes=excludes)
    changes: list[Change | None] = [with_coupons(codes[0], codes[first] if first else codes[1])]
    for kind, nth in [("", 0), *moves]:
        if kind and not customer.subscriptions():
            break  # credit paid for it, nothing is on file, and so it ended
        if kind:
            changes = [drawn(customer, kind, nth, codes)]
        for change in changes:
            if change is None:
                world.until(customer.subscription().period.end)
                continue
            quoted = quote(world.platform, customer.id, change, world.now)
            before, drawn_before = len(customer.invoices()), drawn_on(world, customer)
            asked = customer.ask(change)
            if isinstance(quoted, Refusal):
                assert asked == quoted
                continue
            assert isinstance(asked, Attempt)
            assert quoted.fingerprint == asked.plan.fingerprint
            assert (quoted.draws, quoted.due) == (asked.plan.draws, asked.plan.due)
            done = customer.complete(asked)
            assert done.state is AttemptState.COMMITTED
            for invoice in customer.invoices()[before:]:
                assert figures(customer.lines(invoice)) == figures(asked.plan.lines)
                assert (invoice.total, invoice.tax) == (asked.plan.total, asked.plan.tax)
            planned = Counter({(x.grant_id, x.line): x.amount for x in quoted.draws})
            assert drawn_on(world, customer) - drawn_before == planned
        world.clock.move(timedelta(hours=31))
    # What was charged for unused time comes back, and no cent more than was ever paid.
    given = customer.credit()
    for held in customer.subscriptions():
        customer.buy(CancelNow(subscription_id=held.id, credit=True))
    assert 0 <= customer.credit() - given <= sum(i.total for i in customer.invoices())


def figures(lines: Sequence[Line]) -> list[tuple[str, int, int, str | None]]:
    return [(str(x.explanation), x.amount, x.tax, x.coupon_id) for x in lines]

"""What holds for every plan: sums, fingerprints, periods that never overlap, and inputs that stay as they were."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core.change import (
    AddItem,
    AddMethod,
    CancelAtPeriodEnd,
    CancelNow,
    Change,
    ChangeInterval,
    NewItem,
    Purchase,
    RemoveItem,
    SetQuantity,
    Start,
    SwitchPrice,
    Uncancel,
    plan_change,
)
from solvent.core.lines import exchange, rest_of_period
from solvent.core.money import Rounding
from solvent.core.plan import Intent, Plan, Refusal
from solvent.core.pricing import amount
from solvent.core.proration import (
    ChangeDay,
    Convention,
    Denominator,
    Granularity,
    TaxRounding,
    remaining,
    split,
)
from solvent.core.subscription import Subscription, SubscriptionState
from solvent.core.tax import Buyer
from tests.core.checking import check_lines
from tests.core.places import EUROPE, FIRM, FRENCH, GERMAN, YORK, YORKER, rate, rules
from tests.drawing import examples

pytestmark = pytest.mark.unmeasured

if TYPE_CHECKING:
    from tests.core.conftest import Shop

checked = settings(max_examples=examples(120), deadline=None)
conventions = st.builds(
    Convention,
    granularity=st.sampled_from(Granularity),
    change_day=st.sampled_from(ChangeDay),
    denominator=st.sampled_from(Denominator),
    rounding=st.sampled_from(Rounding),
    tax_rounding=st.sampled_from(TaxRounding),
)
# Germany raises its rate twice in the months in which these lives are lived, once known before and once too late.
TAXES = rules(
    *EUROPE,
    rate("DE", 21, since=date(2026, 2, 10)),
    rate("DE", 16, since=date(2026, 3, 5), known=datetime(2026, 3, 1, tzinfo=UTC)),
    *YORK,
    at=("DE", "EU", "US-NY"),
)
buyers = st.sampled_from([GERMAN, FRENCH, FIRM, YORKER, Buyer(country="JP"), replace(GERMAN, exempt=True)])
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Pacific/Auckland"])
shares_of_a_month = st.integers(0, 27 * 86_400)  # seconds into a period; every month is longer
monthly = st.sampled_from(["free", "pro", "business", "business-alike"])
places = st.sampled_from(["zone:a", "zone:b", "account"])
recurring = st.sampled_from(
    [
        "free",
        "pro",
        "business",
        "pro-year",
        "seats",
        "team",
        "calls",
        "media",
        "support",
        "seats-year",
        "pro-old",
        "pro-gross",
        "business-gross",
        "book-alike",
    ]
)
items = st.builds(NewItem, price_id=recurring, quantity=st.integers(0, 12), object=places)
# What a request is about is told by position and resolved when its turn comes.
moves = st.one_of(
    st.tuples(st.just("start"), st.lists(items, max_size=3)),
    st.tuples(st.just("add"), items),
    st.tuples(st.sampled_from(["remove", "cancel", "cancel_with_credit", "at_end", "uncancel", "method"])),
    st.tuples(st.just("quantity"), st.integers(0, 12)),
    st.tuples(st.just("switch"), recurring),
    st.tuples(st.just("interval"), st.lists(recurring, min_size=1, max_size=3)),
    st.tuples(st.just("buy"), st.integers(0, 3)),
)


def request(move: tuple[Any, ...], subscription_id: UUID, item_ids: list[UUID], nth: int) -> Change:
    """The change behind a move, for one subscription and one of its items."""
    name, about = move[0], move[-1]
    item_id = item_ids[nth % len(item_ids)]
    makers: dict[str, Callable[[], Change]] = {
        "start": lambda: Start(items=tuple(about)),
        "add": lambda: AddItem(subscription_id=subscription_id, item=about),
        "remove": lambda: RemoveItem(subscription_id=subscription_id, item_id=item_id),
        "quantity": lambda: SetQuantity(subscription_id=subscription_id, item_id=item_id, quantity=about),
        "switch": lambda: SwitchPrice(subscription_id=subscription_id, item_id=item_id, price_id=about),
        "interval": lambda: ChangeInterval(
            subscription_id=subscription_id,
            prices=tuple((x, about[n % len(about)]) for n, x in enumerate(item_ids)),
        ),
        "cancel": lambda: CancelNow(subscription_id=subscription_id),
        "cancel_with_credit": lambda: CancelNow(subscription_id=subscription_id, credit=True),
        "at_end": lambda: CancelAtPeriodEnd(subscription_id=subscription_id),
        "uncancel": lambda: Uncancel(subscription_id=subscription_id),
        "method": AddMethod,
        "buy": lambda: Purchase(items=(NewItem(price_id="setup", quantity=about),)),
    }
    return makers[name]()


def check_sums(plan: Plan) -> None:
    assert plan.total == sum(line.gross for line in plan.lines)
    assert plan.tax == sum(line.tax for line in plan.lines)
    assert all(line.tax == sum(share.amount for share in line.taxes) for line in plan.lines)
    assert plan.due >= 0
    assert plan.credit_used >= 0
    assert plan.credit_granted == max(-plan.total, 0)
    if not plan.terms_days:
        assert plan.due + plan.credit_used == max(plan.total, 0)
    assert plan.intent is not Intent.SCHEDULE or plan.lines == ()
    check_lines(plan.lines)
    check_lines(plan.invoiced)


def check_step(before: Subscription | None, after: Subscription, now: datetime) -> None:
    """One version follows another: periods meet or are cut at the moment of the change, none overlaps."""
    if before is None:
        assert after.version == 1
        return
    assert after.version == before.version + 1
    if after.period != before.period:
        cut = after.period.start == max(now, before.period.start) and now < before.period.end
        assert after.period.start == before.period.end or cut
    assert after.period.start < after.period.end
    if after.pending is not None:
        assert {i.id for i in after.pending.items or ()} <= {i.id for i in after.items}
        assert after.pending.items != ()


def check_slots(shop: Shop) -> None:
    live = [s for s in shop.subscriptions.values() if s.state is not SubscriptionState.ENDED]
    slots = [(shop.catalog.product_of(i.price_id).family, i.object) for s in live for i in s.items]
    assert len(slots) == len(set(slots))


def check_items(shop: Shop, subscription: Subscription) -> None:
    prices = [shop.catalog.price(i.price_id) for i in subscription.items]
    assert subscription.items
    assert {price.interval for price in prices} == {subscription.interval}
    pending = subscription.pending
    if pending is not None and pending.items is not None:
        intervals = {shop.catalog.price(i.price_id).interval for i in pending.items}
        assert intervals == {pending.interval or subscription.interval}


def run_clock(shop: Shop) -> None:
    """Renew whatever is due, a period at a time."""
    for subscription_id in list(shop.subscriptions):
        for _ in range(40):
            base = shop.subscriptions[subscription_id]
            plan = shop.due(base)
            if plan is None:
                break
            check_sums(plan)
            assert plan.after is not None
            check_step(base, plan.after, shop.now)
            check_items(shop, plan.after)
            shop.write(plan)


@settings(max_examples=examples(150), deadline=None)
@given(data=st.data())
def test_any_life_of_an_account_keeps_its_periods_versions_and_sums(
    shops: type[Shop], data: st.DataObject
) -> None:
    shop = shops(
        time_zone=data.draw(zones),
        convention=data.draw(conventions),
        credit=data.draw(st.integers(0, 3000)),
        terms_days=data.draw(st.sampled_from([0, 0, 30])),
        taxes=data.draw(st.sampled_from([None, TAXES])),
        buyer=data.draw(buyers),
    )
    openings: list[list[tuple[str, int, str] | str]] = [
        [("pro", 1, "zone:a"), ("seats", 3, "account")],
        ["media"],
        ["calls"],
    ]
    opening = data.draw(st.sampled_from(openings))
    check_sums(shop.start(*opening))
    for hours, nth, move in data.draw(
        st.lists(st.tuples(st.integers(0, 900), st.integers(0, 5), moves), min_size=4, max_size=14)
    ):
        shop.now += timedelta(hours=hours)
        shop.overdue = nth == 5
        if nth:  # sometimes a change comes before the clock
            run_clock(shop)
        target = list(shop.subscriptions.values())[nth % len(shop.subscriptions)]
        change = request(move, target.id, [i.id for i in target.items], nth)
        context = shop.context
        seen = copy.deepcopy(shop.subscriptions)
        plan = plan_change(change, context)
        assert seen == shop.subscriptions
        again = plan_change(change, context)
        if isinstance(plan, Refusal):
            assert again == plan
            continue
        assert again.fingerprint == plan.fingerprint
        assert [(x.net, x.taxes) for x in again.lines] == [(x.net, x.taxes) for x in plan.lines]
        check_sums(plan)
        if plan.after is not None:
            check_step(shop.subscriptions.get(plan.after.id), plan.after, shop.now)
            check_items(shop, plan.after)
        shop.write(plan)
        check_slots(shop)


@checked
@given(st.integers(1, 12), shares_of_a_month, conventions, monthly)
def test_a_cancellation_anywhere_keeps_the_sum(
    shops: type[Shop], month: int, seconds: int, convention: Convention, price: str
) -> None:
    """What was used and what is given back make the full price."""
    shop = shops(convention=convention).at(2026, month, 1)
    base = shop.zone(price).after
    shop.now += timedelta(seconds=seconds)
    plan = shop.plan(CancelNow(subscription_id=base.id, credit=True))
    full = amount(shop.catalog.price(price), 1)
    share = remaining(base.period, shop.now, base.interval, "UTC", convention)
    used, unused = split(full, share, convention)
    assert plan.credit_granted == unused
    assert used + plan.credit_granted == full


@checked
@given(shares_of_a_month, conventions, monthly, monthly, st.integers(1, 9), st.integers(1, 9))
def test_there_and_back_at_the_same_instant_nets_to_zero(
    shops: type[Shop], seconds: int, convention: Convention, one: str, other: str, few: int, many: int
) -> None:
    shop = shops(convention=convention)
    base = shop.start((one, few, "zone:a")).after
    assert base is not None
    rest = rest_of_period(base, shop.now + timedelta(seconds=seconds), convention)
    old = base.items
    new = tuple(shop.start((other, many, "zone:b")).after.items)
    there, back = exchange(shop.catalog, old, new, rest), exchange(shop.catalog, new, old, rest)
    assert sum(line.amount for line in (*there, *back)) == 0


@checked
@given(shares_of_a_month, conventions)
def test_an_upgrade_cancelled_at_the_same_instant_costs_nothing_more(
    shops: type[Shop], seconds: int, convention: Convention
) -> None:
    """Pro cancelled with credit, or upgraded to Business and then cancelled: the same money in the end."""
    straight, around = shops(convention=convention), shops(convention=convention)
    for shop in (straight, around):
        shop.zone("pro")
        shop.now += timedelta(seconds=seconds)
    item = around.item
    paid = around.commit(
        SwitchPrice(subscription_id=around.only.id, item_id=item.id, price_id="business")
    ).due
    for shop in (straight, around):
        shop.commit(CancelNow(subscription_id=shop.only.id, credit=True))
    assert around.credit - paid == straight.credit


@checked
@given(shares_of_a_month, conventions, monthly, monthly, st.integers(1, 12), st.integers(1, 12))
def test_less_never_charges_and_more_never_credits(
    shops: type[Shop], seconds: int, convention: Convention, old: str, new: str, few: int, many: int
) -> None:
    shop = shops(convention=convention)
    base = shop.start((old, few, "zone:a")).after
    shop.now += timedelta(seconds=seconds)
    for change in (
        SwitchPrice(subscription_id=base.id, item_id=base.items[0].id, price_id=new),
        SetQuantity(subscription_id=base.id, item_id=base.items[0].id, quantity=many),
    ):
        plan = plan_change(change, shop.context)
        if isinstance(plan, Refusal):
            continue
        assert plan.total >= 0
        assert plan.after is not None
        target = ((plan.after.pending and plan.after.pending.items) or plan.after.items)[0]
        full = [amount(shop.catalog.price(x.price_id), x.quantity) for x in (base.items[0], target)]
        if full[1] <= full[0]:
            assert (plan.due, plan.lines) == (0, ())


@checked
@given(st.integers(0, 40), st.integers(0, 9), st.sampled_from(["pro", "media", "seats"]))
def test_a_quote_has_the_fingerprint_of_the_plan(
    shops: type[Shop], days: int, credit: bool, price: str
) -> None:
    """Ids are drawn anew; what would be written is the same."""
    shop = shops(credit=credit)
    thing = "zone:a" if price == "pro" else "account"
    change = Start(items=(NewItem(price_id=price, object=thing),))
    shop.now += timedelta(days=days)
    assert shop.plan(change).fingerprint == shop.plan(change).fingerprint
    shop.now += timedelta(seconds=1)
    later = shop.plan(change)
    assert later.fingerprint != shop.at(2025, 1, 1).plan(change).fingerprint


def test_a_renewal_leaves_its_inputs_as_they_were(shop: Shop) -> None:
    base = shop.zone().after
    seen = copy.deepcopy(base)
    shop.at(2026, 2, 1)
    first, second = shop.due(), shop.due()
    assert first == second
    assert base == seen

"""Coupons of a cart: a code counts for every part for which it is valid, and its fixed amount once for all of them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from solvent.core.change import CancelNow, Start
from solvent.core.coupon import Coupon
from solvent.core.plan import Plan
from solvent.core.request import NewItem
from tests.core.conftest import Shop
from tests.core.coupons import coupon, forever, on_offer, repeating
from tests.core.places import EUROPE, GERMAN, rules
from tests.core.test_cart_plan import cart_of, planned, refused, told


def discounts(plan: Plan) -> list[tuple[str | None, int]]:
    """What each coupon takes off what, in the order of the lines."""
    return [(x.price_id, x.amount) for x in plan.lines if x.coupon_id is not None]


def write(shop: Shop, plan: Plan) -> None:
    """The plan as its commit leaves the account."""
    shop.write(plan)
    shop.subscriptions |= {s.id: s for s in plan.also}


def next_charges(shop: Shop) -> list[int]:
    """What each subscription's next period costs, written."""
    totals = []
    for subscription in tuple(shop.subscriptions.values()):
        assert subscription.due_at is not None
        shop.now = subscription.due_at
        plan = shop.due(subscription)
        assert plan is not None
        write(shop, plan)
        totals.append(plan.total)
    return totals


def test_a_percentage_is_of_every_part_that_it_is_for(shop: Shop) -> None:
    """20 % of 20.00, 200.00 and 50.00 are 4.00, 40.00 and 10.00; 20 % of the 40.00 that are left of the setup 8.00."""
    on_offer(
        shop,
        coupon("SAVE"),
        coupon("SETUP", products=("setup",), priority=5),
        coupon("TEAM", products=("team",)),
    )
    cart = cart_of("pro@zone:a", "pro-year@zone:b", "setup", coupons=("SETUP", "SAVE"))
    plan = planned(shop, cart)
    assert discounts(plan) == [("pro", -400), ("pro-year", -4000), ("setup", -1000), ("setup", -800)]
    assert [(x.code, x.subscription_id) for x in plan.redeems] == [
        ("SAVE", plan.subscriptions[0].id),
        ("SAVE", plan.subscriptions[1].id),
        ("SAVE", None),
        ("SETUP", None),
    ]
    view = told(shop, cart, plan)
    assert {(d.code, d.amount) for d in view.discounts} == {("SAVE", 5400), ("SETUP", 800)}
    assert (view.subtotal, view.discount, view.total) == (27000, 6200, 20800)
    assert refused(shop, replace(cart, coupons=("SAVE", "TEAM")))[0] == "coupons[1]"
    assert refused(shop, replace(cart, coupons=("SAVE", "NOPE")))[0] == "coupons[1]"


def test_a_fixed_amount_is_shared_once_by_what_percentages_leave(shop: Shop) -> None:
    """HALF takes 10.00 of the zone alone, so 10.00, 200.00 and 50.00 are left. Of 10.00 off 260.00 that is 0.3846…,
    7.6923… and 1.9230…: 0.38 and 7.69 and 1.92, and the cent that is left to the largest remainder, the zone's."""
    on_offer(shop, coupon("TEN", amount=1000), coupon("HALF", ppm=500_000, products=("pro",)))
    plan = planned(shop, cart_of("pro@zone:a", "seats-year×4", "setup", coupons=("TEN", "HALF")))
    assert discounts(plan) == [("pro", -1000), ("pro", -39), ("seats-year", -769), ("setup", -192)]
    assert [x.share for s in plan.subscriptions for x in s.coupons] == [None, 39, 769]
    shared = next(x for x in plan.lines if x.amount == -769)
    assert str(shared.explanation) == (
        "coupon TEN, of its 10.00 USD the share of this part of the cart: 7.69 USD off 200.00 USD, "
        "of it 7.69 USD on this line"
    )


def test_what_is_more_than_everything_takes_everything(shop: Shop) -> None:
    on_offer(shop, coupon("BIG", amount=100_000))
    plan = planned(shop, cart_of("pro@zone:a", "setup", coupons=("BIG",)))
    assert (plan.total, discounts(plan)) == (0, [("pro", -2000), ("setup", -5000)])


def test_a_part_with_no_share_redeems_nothing(shop: Shop) -> None:
    on_offer(shop, coupon("CENT", amount=1))
    plan = planned(shop, cart_of("pro@zone:a", "setup", coupons=("CENT",)))
    assert ([x.subscription_id for x in plan.redeems], discounts(plan)) == ([None], [("setup", -1)])


def test_where_nothing_is_left_the_shares_are_equal(shop: Shop) -> None:
    on_offer(shop, coupon("ALL", ppm=1_000_000), forever("TEN", amount=1000))
    plan = planned(shop, cart_of("pro@zone:a", "seats-year", coupons=("ALL", "TEN")))
    assert plan.total == 0
    assert [x.share for s in plan.subscriptions for x in s.coupons] == [None, 500, None, 500]


def test_what_costs_nothing_redeems_nothing(shop: Shop) -> None:
    on_offer(shop, coupon("TEN", amount=1000))
    prices = shop.catalog.prices
    gift = replace(prices["setup"], unit_amount=0)
    shop.catalog = replace(shop.catalog, prices={**prices, "setup": gift})
    assert discounts(planned(shop, cart_of("pro@zone:a", "setup", coupons=("TEN",)))) == [("pro", -1000)]


def test_a_trial_has_its_share_of_the_first_period_that_is_charged(shop: Shop) -> None:
    """HALF leaves 5.00 of the first paid month of Media, and the seats cost 10.00: a third and two thirds of 6.00."""
    on_offer(shop, repeating("SIX", 2, amount=600), forever("HALF", ppm=500_000, products=("media",)))
    plan = planned(shop, cart_of("media", "seats×2", coupons=("HALF", "SIX")))
    assert (plan.due, discounts(plan)) == (600, [("seats", -400)])
    write(shop, plan)
    assert [next_charges(shop) for _ in range(3)] == [[300, 600], [300, 1000], [500, 1000]]


def test_each_subscription_goes_on_with_its_share(shop: Shop) -> None:
    """Of 7.00 for good the zone, 20.00 of 70.00, has 2.00: in a renewal, and in the rest of a changed period."""
    on_offer(shop, forever("SEVEN", amount=700))
    write(shop, planned(shop, cart_of("pro@zone:a", "setup", coupons=("SEVEN",))))
    assert next_charges(shop) == [1800]
    more = planned(shop, cart_of("business@zone:a"))
    assert (more.total, discounts(more)) == (20000 - 200 - 1800, [("pro", 200), ("business", -200)])


def test_a_change_that_waits_has_its_share_of_the_next_period(shop: Shop) -> None:
    """Two seats less from February on: 10.00 there, 20.00 for the zone now."""
    shop.start(("seats", 4, "account"))
    on_offer(shop, coupon("NINE", amount=900))
    plan = planned(shop, cart_of("seats×2", "pro@zone:a", coupons=("NINE",)))
    assert discounts(plan) == [("pro", -600)]
    write(shop, plan)
    assert next_charges(shop) == [700, 2000]


def test_unused_time_of_one_part_comes_back_without_its_discount(shop: Shop) -> None:
    on_offer(shop, coupon("SEVEN", amount=700))
    plan = planned(shop, cart_of("pro@zone:a", "setup", coupons=("SEVEN",)))
    write(shop, plan)
    gone = shop.plan(CancelNow(subscription_id=plan.subscriptions[0].id, credit=True))
    assert gone.credit_granted == 1800


def test_a_subscription_that_has_the_coupon_is_left_out(shop: Shop) -> None:
    on_offer(shop, forever("KEEP"), coupon("SETUP", products=("setup",)))
    shop.commit(Start(items=(NewItem(price_id="seats", quantity=2),), coupons=("KEEP",)))
    plan = planned(shop, cart_of("setup", "seats×30", coupons=("KEEP",)))
    assert [(x.code, x.subscription_id) for x in plan.redeems] == [("KEEP", None)]
    both = cart_of("pro@zone:a", "seats×30", coupons=("SETUP", "KEEP"))
    assert refused(shop, both) == ("coupons[0]", "must be for a product in the cart, paid in advance")
    assert refused(shop, cart_of("seats×30", coupons=("KEEP",))) == (
        "coupons[0]",
        "must not be redeemed twice at once",
    )


def test_an_earlier_coupon_of_a_subscription_counts_before_the_share_and_a_later_one_after_it(
    shop: Shop,
) -> None:
    """Of the 30 seats, 150.00, ALLY leaves 135.00 and ZZZ counts last; the setup is 50.00: 135/185 and 50/185."""
    on_offer(shop, forever("ALLY", ppm=100_000), forever("ZZZ", amount=300), coupon("TEN", amount=1000))
    shop.commit(Start(items=(NewItem(price_id="seats", quantity=2),), coupons=("ALLY", "ZZZ")))
    plan = planned(shop, cart_of("setup", "seats×30", coupons=("TEN",)))
    assert [x.amount for x in plan.lines if x.coupon_id == "TEN@1"] == [-730, -270]


def test_a_metered_line_is_no_coupons(shop: Shop) -> None:
    on_offer(shop, coupon("SAVE"))
    assert planned(shop, cart_of("seats", coupons=("SAVE",))).due == 400


def test_what_cannot_be_bought_is_refused_before_a_coupon_is_shared(shop: Shop) -> None:
    on_offer(shop, coupon("TEN", amount=1000))
    shop.overdue = True
    assert refused(shop, cart_of("pro@zone:a", "setup", coupons=("TEN",)))[0] == "account"


def test_tax_is_of_what_the_shares_leave(shops: type[Shop]) -> None:
    """Of 10.00 the zone, 23.80 with its tax, has 3.22, and the setup, 50.00 and tax on top, 6.78: 3.2249… and 6.7750….
    The tax is 19/119 of 20.58, which is 3.29, and 19 % of 43.22, which is 8.21."""
    shop = on_offer(shops(taxes=rules(*EUROPE), buyer=GERMAN), coupon("TEN", amount=1000))
    plan = planned(shop, cart_of("pro-gross@zone:a", "setup", coupons=("TEN",)))
    assert [x.amount for x in plan.lines] == [2380, -322, 5000, -678]
    assert (plan.tax, plan.total) == (329 + 821, 2058 + 4322 + 821)


LINES = (
    "pro@zone:a",
    "business@zone:b",
    "seats×3",
    "pro-year@zone:c",
    "media",
    "setup",
    "certificate@zone:a",
)
OFFERED = st.lists(
    st.builds(
        lambda ppm, amount, products: (ppm, amount, products),
        st.integers(1, 1_000_000),
        st.none() | st.integers(1, 60_000),
        st.sampled_from([(), ("pro", "setup"), ("pro", "business", "seats", "media")]),
    ),
    min_size=1,
    max_size=4,
)


@given(lines=st.lists(st.sampled_from(LINES), min_size=2, unique=True), offered=OFFERED)
def test_a_fixed_amount_takes_all_of_itself_or_all_that_is_left(
    lines: list[str], offered: list[tuple[int, int | None, tuple[str, ...]]]
) -> None:
    """Whatever is bought with whatever coupons: without trials each fixed amount is taken once and whole, or its lines
    are free; nothing costs less than nothing; what is told is what is planned."""
    made = [
        coupon(f"C{n}", products=products, **({"ppm": ppm} if amount is None else {"amount": amount}))
        for n, (ppm, amount, products) in enumerate(offered)
    ]
    shop = on_offer(Shop(), *made)
    cart = cart_of("pro@zone:z", *lines, coupons=tuple(c.code for c in made))
    plan = planned(shop, cart)
    view = told(shop, cart, plan)
    assert (view.total, view.subtotal - view.discount) == (plan.total, plan.total)
    for c in made:
        taken = -sum(x.amount for x in plan.lines if x.coupon_id == c.id)
        assert taken >= 0
        if c.amount is not None and "media" not in lines:
            assert taken == min(c.amount, _left_for(plan, c, shop))


def _left_for(plan: Plan, fixed: Coupon, shop: Shop) -> int:
    """What the coupons before it leave of the lines that it is for."""
    left, covered = 0, False
    for line in plan.lines:
        if line.coupon_id is None:
            assert line.price_id is not None
            covered = fixed.covers(shop.catalog.product_of(line.price_id).id)
            left += line.amount * covered
        elif covered and shop.catalog.coupon(line.coupon_id).order < fixed.order:
            left += line.amount
    return left

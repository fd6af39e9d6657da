"""Coupons through the life of a subscription: redeemed, counted, prorated, removed, over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core.change import (
    AddItem,
    CancelAtPeriodEnd,
    CancelNow,
    ChangeInterval,
    NewItem,
    Purchase,
    Redeem,
    RemoveCoupon,
    RemoveItem,
    SetQuantity,
    Start,
    SwitchPrice,
    Uncancel,
    plan_change,
)
from solvent.core.invoice import LineKind
from solvent.core.payment import ProofKind
from solvent.core.plan import Intent, Plan, Refusal
from solvent.core.proration import Convention, Denominator, Granularity
from tests.core.coupons import coupon, forever, on_offer, repeating
from tests.drawing import examples

if TYPE_CHECKING:
    from collections.abc import Callable

    from solvent.core.coupon import Coupon
    from tests.core.conftest import Shop

ZONE = NewItem(price_id="pro", object="zone:example.com")


def begin(shop: Shop, *codes: str, items: tuple[NewItem, ...] = (ZONE,)) -> Plan:
    return shop.commit(Start(items=items, coupons=codes))


def amounts(plan: Plan | None) -> list[int]:
    assert plan is not None
    return [line.amount for line in plan.lines]


def upgrade(shop: Shop, price: str = "business", *codes: str) -> SwitchPrice:
    return SwitchPrice(subscription_id=shop.only.id, item_id=shop.item.id, price_id=price, coupons=codes)


def used(shop: Shop) -> list[tuple[str, int]]:
    return [(x.coupon_id, x.used) for x in shop.only.coupons]


def month(shop: Shop, n: int) -> Plan:
    """Renew on the first of that month of 2026."""
    shop.at(2026, n, 1)
    return shop.renew()


# ── which codes may be redeemed ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("terms", "rule"),
    [
        ({"active": False}, "must be the code of a coupon that is on offer"),
        (
            {"valid_from": datetime(2026, 1, 2, tzinfo=UTC)},
            "must be a coupon that has begun: this one does on",
        ),
        ({"valid_until": datetime(2026, 1, 1, tzinfo=UTC)}, "must be a coupon that has not expired"),
        ({"amount": 500, "currency": "EUR"}, "must be in USD, the currency of the account, got EUR"),
        ({"products": ("seats",)}, "must be for a product that the subscription has, paid in advance"),
    ],
)
def test_a_code_that_cannot_be_redeemed_is_refused_by_place_and_rule(
    shop: Shop, terms: dict[str, Any], rule: str
) -> None:
    on_offer(shop, coupon("OTHER"), coupon("SAVE", **terms))
    field, told = shop.refusal(Start(items=(ZONE,), coupons=("OTHER", "save")))
    assert field == "coupons[1]"
    assert told.startswith(rule)


def test_what_is_exhausted_is_refused_with_the_limit(shop: Shop) -> None:
    on_offer(shop, coupon(limit=5))
    context = replace(shop.context, exhausted={"SAVE": "must have a redemption left"})
    refusal = plan_change(Start(items=(ZONE,), coupons=("SAVE",)), context)
    assert refusal == Refusal(field="coupons[0]", rule="must have a redemption left")


def test_codes_go_together_unless_one_is_exclusive_or_named_twice(shop: Shop) -> None:
    on_offer(shop, forever("A"), coupon("B"), coupon("ALONE", exclusive=True))
    assert shop.refusal(Start(items=(ZONE,), coupons=("A", "a")))[1] == "must not be redeemed twice at once"
    for codes in (("A", "ALONE"), ("ALONE", "A")):
        assert shop.refusal(Start(items=(ZONE,), coupons=codes))[1].startswith("cannot be combined with")
    begin(shop, "A")
    redeem = Redeem(subscription_id=shop.only.id, coupons=("ALONE",))
    assert shop.refusal(redeem) == ("coupons[0]", "cannot be combined with A")
    assert shop.refusal(replace(redeem, coupons=("A",)))[1] == "must not be redeemed twice at once"
    assert shop.refusal(replace(redeem, coupons=())) == ("coupons", "must be at least one code")


def test_so_many_codes_and_no_more(shop: Shop) -> None:
    on_offer(shop, *(forever(f"C{n}", ppm=1000) for n in range(12)))
    many = tuple(f"C{n}" for n in range(11))
    assert shop.refusal(Start(items=(ZONE,), coupons=many)) == ("coupons", "must be at most 10 codes, got 11")
    begin(shop, *many[:10])
    field, rule = shop.refusal(Redeem(subscription_id=shop.only.id, coupons=("C11",)))
    assert (field, rule) == ("coupons", "must leave the subscription with at most 10 coupons")


# ── one-off purchases ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_purchase_uses_a_coupon_at_once(shop: Shop) -> None:
    on_offer(shop, coupon(amount=1500, limit=9, limit_per_account=2, products=("setup",)))
    plan = shop.plan(Purchase(items=(NewItem(price_id="setup"),), coupons=("SAVE",)))
    assert (amounts(plan), plan.due) == ([5000, -1500], 3500)
    (use,) = plan.redeems
    assert (use.is_new, use.is_over, use.used, use.subscription_id) == (True, True, 1, None)
    assert (use.limit, use.limit_per_account) == (9, 2)
    other = Purchase(items=(NewItem(price_id="certificate", object="zone:a"),), coupons=("SAVE",))
    assert shop.refusal(other) == ("coupons[0]", "must be for a product that is bought for a price")


# ── periods ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_once_repeating_and_for_good(shop: Shop) -> None:
    on_offer(shop, coupon("ONCE", amount=100), repeating("THREE", 3), forever("GOOD", ppm=100_000))
    first = begin(shop, "ONCE", "THREE", "GOOD")
    assert amounts(first) == [2000, -200, -360, -100]
    assert [(x.code, x.used, x.is_new, x.is_over) for x in first.coupons] == [
        ("ONCE", 1, True, False), ("THREE", 1, True, False), ("GOOD", 1, True, False)
    ]  # fmt: skip
    second = month(shop, 2)
    assert amounts(second) == [2000, -200, -360]
    assert [(x.code, x.used, x.is_over) for x in second.coupons] == [
        ("ONCE", 1, True), ("THREE", 2, False), ("GOOD", 2, False)
    ]  # fmt: skip
    assert amounts(month(shop, 3)) == [2000, -200, -360]
    assert amounts(month(shop, 4)) == [2000, -200]
    assert amounts(month(shop, 5)) == [2000, -200]
    assert used(shop) == [("GOOD@1", 5)]


def test_without_coupons_nothing_is_said_of_them(shop: Shop) -> None:
    assert begin(shop).coupons == ()
    assert month(shop, 2).coupons == ()
    assert shop.plan(CancelAtPeriodEnd(subscription_id=shop.only.id)).coupons == ()


def test_a_coupon_waits_for_what_is_charged_after_a_trial(shop: Shop) -> None:
    on_offer(shop, repeating("TWO", 2))
    trial = begin(shop, "TWO", items=(NewItem(price_id="media"),))
    assert (trial.lines, used(shop)) == ((), [("TWO@1", 0)])
    shop.commit(SetQuantity(subscription_id=shop.only.id, item_id=shop.item.id, quantity=2))
    assert used(shop) == [("TWO@1", 0)]
    shop.at(2026, 1, 15)
    assert amounts(shop.renew()) == [2000, -400]
    shop.at(2026, 2, 15)
    assert amounts(shop.renew()) == [2000, -400]
    shop.at(2026, 3, 15)
    assert amounts(shop.renew()) == [2000]


def test_a_version_that_was_redeemed_keeps_its_terms(shop: Shop) -> None:
    on_offer(shop, forever("SAVE", ppm=500_000))
    begin(shop, "SAVE")
    on_offer(
        shop,
        forever("SAVE", ppm=500_000, active=False),
        forever("SAVE", version=2, supersedes="SAVE@1", ppm=100_000),
    )
    assert amounts(month(shop, 2)) == [2000, -1000]


def test_a_plan_that_differs_in_coupons_alone_has_another_fingerprint(shop: Shop) -> None:
    on_offer(shop, coupon("A"), coupon("B"), forever("C"))
    prints = {
        shop.plan(Start(items=(ZONE,), coupons=codes)).fingerprint for codes in ((), ("A",), ("B",), ("C",))
    }
    assert len(prints) == 4
    one, other = (shop.plan(Start(items=(ZONE,), coupons=("A",))) for _ in range(2))
    assert one.fingerprint == other.fingerprint


@pytest.mark.parametrize(("kind", "due", "setup"), [(coupon, 0, True), (forever, 0, False)])
def test_what_is_free_for_now_needs_a_mandate(
    shop: Shop, kind: Callable[..., Coupon], due: int, setup: bool
) -> None:
    on_offer(shop, kind("FREE", ppm=1_000_000))
    plan = begin(shop, "FREE")
    assert (amounts(plan), plan.due, plan.needs_setup) == ([2000, -2000], due, setup)
    assert plan.proof is (ProofKind.TRIAL if setup else ProofKind.NOTHING_DUE)


# ── changes within a period ────────────────────────────────────────────────────────────────────────────────────


def test_an_upgrade_credits_what_was_charged_and_lowers_what_is(shop: Shop) -> None:
    on_offer(shop, forever("SAVE"))
    begin(shop, "SAVE")
    shop.at(2026, 1, 16, 12)  # half of January is left
    plan = shop.commit(upgrade(shop))
    assert amounts(plan) == [-1000, 200, 10000, -2000]
    assert [x.kind for x in plan.lines][1::2] == [LineKind.DISCOUNT] * 2
    assert plan.coupons == ()  # it counts for the same period
    shop.at(2026, 1, 24, 6)  # half of that
    cancelled = shop.commit(CancelNow(subscription_id=shop.only.id, credit=True))
    assert amounts(cancelled) == [-5000, 1000]
    assert [(x.code, x.is_over) for x in cancelled.coupons] == [("SAVE", True)]
    assert shop.only.coupons == ()


def test_there_and_back_costs_nothing_with_a_fixed_coupon(shop: Shop) -> None:
    on_offer(shop, forever("TEN", amount=1000))
    begin(shop, "TEN")
    shop.at(2026, 1, 16, 12)
    assert amounts(shop.commit(upgrade(shop))) == [-1000, 500, 10000, -500]
    assert amounts(shop.commit(upgrade(shop, "business-gross"))) == [-10000, 500, 10000, -500]


def test_a_fixed_amount_is_used_once_in_a_period_whatever_changes(shop: Shop) -> None:
    on_offer(shop, forever("TEN", amount=1000))
    seats = NewItem(price_id="seats")
    assert amounts(begin(shop, "TEN", items=(ZONE, seats))) == [2000, -800, 500, -200]
    shop.at(2026, 1, 16, 12)
    item = shop.only.items[1].id
    more = shop.commit(SetQuantity(subscription_id=shop.only.id, item_id=item, quantity=9))
    assert amounts(more) == [-250, 100, 2250, -100]  # the zone still has its part of the rest
    thing = NewItem(price_id="calls")
    assert amounts(shop.commit(AddItem(subscription_id=shop.only.id, item=thing))) == [50]


def test_what_a_fixed_amount_did_not_use_counts_for_what_comes(shop: Shop) -> None:
    on_offer(shop, forever("MUCH", amount=5000))
    assert amounts(begin(shop, "MUCH")) == [2000, -2000]
    shop.at(2026, 1, 16, 12)
    assert amounts(shop.commit(upgrade(shop))) == [-1000, 1000, 10000, -2500]


def test_a_coupon_redeemed_by_an_upgrade_counts_for_its_charge_and_the_rest_of_the_period(shop: Shop) -> None:
    on_offer(shop, repeating("TEN", 2, amount=1000))
    begin(shop)
    shop.at(2026, 1, 16, 12)
    assert amounts(shop.commit(upgrade(shop, "business", "TEN"))) == [-1000, 10000, -1000]
    shop.at(2026, 1, 24, 6)
    back = shop.plan(CancelNow(subscription_id=shop.only.id, credit=True))
    assert amounts(back) == [-5000, 500]
    thing = NewItem(price_id="seats", quantity=40)
    added = shop.commit(AddItem(subscription_id=shop.only.id, item=thing))
    assert amounts(added) == [5000]  # the other item still has what is left of it
    assert amounts(month(shop, 2)) == [20000, -500, 20000, -500]
    assert amounts(month(shop, 3)) == [20000, 20000]


def test_a_coupon_can_be_redeemed_beside_another_while_the_next_period_is_awaited(shop: Shop) -> None:
    """The renewal is due, and not there yet: it waits for the last usage, or for its payment."""
    on_offer(shop, forever("TEN", amount=1000), forever("LATER", amount=300))
    begin(shop, "TEN")
    shop.at(2026, 2, 1, 1)
    plan = shop.commit(Redeem(subscription_id=shop.only.id, coupons=("LATER",)))
    assert (amounts(plan), used(shop)) == ([], [("TEN@1", 1), ("LATER@1", 0)])
    assert amounts(shop.renew()) == [2000, -300, -1000]


def test_a_coupon_of_another_product_waits_until_that_is_charged(shop: Shop) -> None:
    on_offer(shop, coupon("SEATS", products=("seats",)))
    begin(shop, items=(ZONE, NewItem(price_id="seats")))
    shop.at(2026, 1, 16, 12)
    plan = shop.commit(upgrade(shop, "business", "SEATS"))
    assert (amounts(plan), used(shop)) == ([-1000, 10000], [("SEATS@1", 0)])
    assert amounts(month(shop, 2)) == [20000, 500, -100]


def test_coupons_alone_wait_for_the_next_period(shop: Shop) -> None:
    on_offer(shop, coupon(), coupon("SEATS", products=("seats",)))
    begin(shop)
    seats = Redeem(subscription_id=shop.only.id, coupons=("SEATS",))
    assert shop.refusal(seats)[1].startswith("must be for a product that the subscription has")
    plan = shop.commit(Redeem(subscription_id=shop.only.id, coupons=("SAVE",)))
    assert (plan.intent, plan.lines, used(shop)) == (Intent.MODIFY, (), [("SAVE@1", 0)])
    shop.at(2026, 1, 16, 12)
    assert amounts(shop.commit(upgrade(shop))) == [-1000, 10000]
    assert amounts(month(shop, 2)) == [20000, -4000]


def test_staying_may_be_rewarded(shop: Shop) -> None:
    on_offer(shop, coupon())
    begin(shop, items=(ZONE, NewItem(price_id="seats")))
    shop.commit(CancelAtPeriodEnd(subscription_id=shop.only.id))
    shop.commit(Uncancel(subscription_id=shop.only.id, coupons=("SAVE",)))
    removed = RemoveItem(subscription_id=shop.only.id, item_id=shop.only.items[1].id)
    shop.commit(removed)
    assert amounts(month(shop, 2)) == [2000, -400]


def test_a_removed_coupon_counts_for_nothing_more_but_what_it_took_is_remembered(shop: Shop) -> None:
    on_offer(shop, forever("SAVE"), forever("LATER"))
    begin(shop, "SAVE")
    shop.commit(Redeem(subscription_id=shop.only.id, coupons=("LATER",)))
    assert shop.refusal(RemoveCoupon(subscription_id=shop.only.id, coupon="NOPE"))[0] == "coupon"
    first = shop.commit(RemoveCoupon(subscription_id=shop.only.id, coupon="save"))
    assert [(x.code, x.is_over) for x in first.coupons] == [("SAVE", True)]
    assert shop.refusal(RemoveCoupon(subscription_id=shop.only.id, coupon="SAVE"))[0] == "coupon"
    second = shop.commit(RemoveCoupon(subscription_id=shop.only.id, coupon="LATER"))
    assert ([(x.code, x.is_over) for x in second.coupons], used(shop)) == ([("LATER", True)], [("SAVE@1", 1)])
    shop.at(2026, 1, 16, 12)
    assert amounts(shop.commit(upgrade(shop))) == [-1000, 200, 10000]
    assert (amounts(month(shop, 2)), shop.only.coupons) == ([20000], ())
    assert shop.commit(Redeem(subscription_id=shop.only.id, coupons=("SAVE",))).coupons != ()


def test_a_longer_interval_ends_what_was_counted_in_the_shorter_one(shop: Shop) -> None:
    on_offer(shop, repeating("SIX", 6), forever("GOOD", ppm=100_000), coupon("NEW", amount=100))
    begin(shop, "SIX", "GOOD")
    shop.at(2026, 1, 16, 12)
    change = ChangeInterval(
        subscription_id=shop.only.id, prices=((shop.item.id, "pro-year"),), coupons=("NEW",)
    )
    plan = shop.commit(change)
    # 20.00 less 10 % (GOOD), less 20 % (SIX): half of it was not used
    assert amounts(plan) == [-1000, 180, 100, 20000, -2000, -100]
    assert used(shop) == [("GOOD@1", 2), ("NEW@1", 1)]
    assert [(x.code, x.is_over) for x in plan.coupons] == [("SIX", True), ("GOOD", False), ("NEW", False)]


def test_a_shorter_interval_does_so_when_it_begins(shop: Shop) -> None:
    on_offer(shop, repeating("TWO", 2))
    begin(shop, "TWO", items=(NewItem(price_id="pro-year", object="zone:a"),))
    shop.commit(ChangeInterval(subscription_id=shop.only.id, prices=((shop.item.id, "pro"),)))
    shop.at(2027, 1, 1)
    assert amounts(shop.renew()) == [2000]


def test_a_subscription_that_ends_by_itself_ends_its_coupons(shop: Shop) -> None:
    on_offer(shop, forever("SAVE"))
    begin(shop, "SAVE")
    shop.commit(CancelAtPeriodEnd(subscription_id=shop.only.id))
    plan = month(shop, 2)
    assert ([(x.code, x.is_over) for x in plan.coupons], shop.only.coupons) == ([("SAVE", True)], ())


# ── properties ─────────────────────────────────────────────────────────────────────────────────────────────────

conventions = st.builds(
    Convention, granularity=st.sampled_from(Granularity), denominator=st.sampled_from(Denominator)
)
terms = st.one_of(
    st.builds(lambda ppm: {"ppm": ppm}, st.integers(1, 1_000_000)),
    st.builds(lambda amount: {"amount": amount}, st.integers(1, 30_000)),
)


@settings(max_examples=examples(150), deadline=None)
@given(conventions, st.lists(terms, min_size=1, max_size=3), st.integers(0, 31 * 86_400 - 1), st.booleans())
def test_charged_then_credited_at_once_nets_to_zero(
    shops: type[Shop], convention: Convention, all_terms: list[dict[str, int]], seconds: int, add: bool
) -> None:
    """At the start of a period, and for an item that is added within it."""
    shop = on_offer(shops(convention=convention), *(forever(f"C{n}", **t) for n, t in enumerate(all_terms)))
    codes = tuple(f"C{n}" for n in range(len(all_terms)))
    first = begin(shop, *codes)
    paid = first.total
    if add:
        shop.now = datetime.fromtimestamp(shop.now.timestamp() + seconds, UTC)
        straight = shop.plan(CancelNow(subscription_id=shop.only.id, credit=True)).total
        item = NewItem(price_id="seats", quantity=7)
        paid = shop.commit(AddItem(subscription_id=shop.only.id, item=item)).total
        assert paid >= 0
        paid -= straight
    assert shop.plan(CancelNow(subscription_id=shop.only.id, credit=True)).total == -paid


@settings(max_examples=examples(100), deadline=None)
@given(conventions, terms, st.lists(st.integers(0, 10 * 86_400), max_size=5))
def test_through_any_changes_of_a_period_no_more_is_credited_than_was_charged(
    shops: type[Shop], convention: Convention, one: dict[str, int], steps: list[int]
) -> None:
    """And a fixed coupon takes no more of a period than it is worth, but for a cent of rounding at each change."""
    shop = on_offer(shops(convention=convention), forever("C", **one))
    start = shop.now.timestamp()
    balance, taken = (
        begin(shop, "C").total,
        -sum(x.amount for x in begin(on_offer(shops(), forever("C", **one)), "C").lines[1:]),
    )
    at, prices = 0, ["business", "business-alike", "business-gross"]
    for n, step in enumerate(steps):
        at = min(at + step, 31 * 86_400 - 1)
        shop.now = datetime.fromtimestamp(start + at, UTC)
        if n % 2:
            change: SwitchPrice | SetQuantity = SetQuantity(
                subscription_id=shop.only.id, item_id=shop.item.id, quantity=shop.item.quantity + 1
            )
        else:
            change = upgrade(shop, prices[n % 3])
        plan = plan_change(change, shop.context)
        if not isinstance(plan, Plan):
            continue
        shop.write(plan)
        balance += plan.total
        taken -= sum(x.amount for x in plan.lines if x.kind is LineKind.DISCOUNT)
        assert balance >= 0
    assert "amount" not in one or taken <= one["amount"] + len(steps)
    credit = shop.plan(CancelNow(subscription_id=shop.only.id, credit=True)).total
    assert balance + credit >= -len(steps)

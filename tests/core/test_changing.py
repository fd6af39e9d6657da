"""Changes of one item: upgrades now with proration, downgrades at the end of the period, to the cent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from solvent.core.change import (
    AddItem,
    CancelAtPeriodEnd,
    Change,
    ChangeInterval,
    NewItem,
    RemoveItem,
    SetQuantity,
    SwitchPrice,
)
from solvent.core.invoice import LineKind
from solvent.core.payment import Path, ProofKind
from solvent.core.plan import Intent, Plan
from solvent.core.proration import Convention, Granularity
from solvent.core.subscription import Item, Pending, Subscription, SubscriptionState

if TYPE_CHECKING:
    from tests.core.conftest import Shop

ZONE = "zone:example.com"
DEBT = ("account", "owes an overdue invoice: pay the open debt first")
RENEWING = ("subscription_id", "is being renewed: try again when its new period has begun")


def amounts(plan: Plan) -> list[int]:
    return [line.amount for line in plan.lines]


def held(subscription: Subscription | None, of: tuple[Item, ...] | None = None) -> list[tuple[str, int]]:
    """(price, quantity) of the current items, or of other ones."""
    assert subscription is not None
    return [(i.price_id, i.quantity) for i in (subscription.items if of is None else of)]


def switch(shop: Shop, price: str, item: Item | None = None) -> SwitchPrice:
    return SwitchPrice(subscription_id=shop.only.id, item_id=(item or shop.item).id, price_id=price)


def quantity(shop: Shop, count: int, item: Item | None = None) -> SetQuantity:
    return SetQuantity(subscription_id=shop.only.id, item_id=(item or shop.item).id, quantity=count)


def add(shop: Shop, price: str, count: int = 1, thing: str = "account") -> AddItem:
    item = NewItem(price_id=price, quantity=count, object=thing)
    return AddItem(subscription_id=shop.only.id, item=item)


def remove(shop: Shop, item: Item) -> RemoveItem:
    return RemoveItem(subscription_id=shop.only.id, item_id=item.id)


# Upgrade and downgrade


def test_an_upgrade_in_the_middle_of_the_month(shop: Shop) -> None:
    base = shop.zone().after
    plan = shop.at(2026, 1, 16, 12).commit(switch(shop, "business"))
    assert (plan.path, plan.intent, plan.claim) == (Path.CHANGE, Intent.MODIFY, f"sub:{base.id}")
    assert amounts(plan) == [-1000, 10000]
    assert (plan.total, plan.due, plan.proof) == (9000, 9000, ProofKind.PAYMENT)
    assert [line.kind for line in plan.lines] == [LineKind.PRORATED_CREDIT, LineKind.PRORATED_CHARGE]
    assert plan.lines[0].period.start == shop.now
    assert held(plan.after) == [("business", 1)]
    assert (plan.after.version, plan.after.period, plan.after.pending) == (2, base.period, None)
    assert plan.after.items[0].id == base.items[0].id


def test_prorated_lines_say_how_they_came_about(shop: Shop) -> None:
    shop.zone()
    credit, charge = shop.at(2026, 1, 16, 12).commit(switch(shop, "business")).lines
    assert str(credit.description) == "Unused time on Pro, zone:example.com"
    assert str(credit.explanation) == (
        "1 × 20.00 USD = 20.00 USD per month, unused 1,339,200 of 2,678,400 seconds (50.00 %) "
        "from 2026-01-16 12:00 to 2026-02-01 00:00, rounded half-up = -10.00 USD"
    )
    assert str(charge.description) == "Remaining time on Business, zone:example.com"
    assert str(charge.explanation) == (
        "1 × 200.00 USD = 200.00 USD per month, remaining 1,339,200 of 2,678,400 seconds (50.00 %) "
        "from 2026-01-16 12:00 to 2026-02-01 00:00, rounded half-up = 100.00 USD"
    )


def test_three_plans_in_one_month(shop: Shop) -> None:
    """Free until the 11th, Pro until the 21st, Business until the end of the 30 days of April."""
    shop.at(2026, 4, 1).zone("free")
    pro = shop.at(2026, 4, 11).commit(switch(shop, "pro"))
    assert amounts(pro) == [1333]  # 20.00 × 20 of 30 days; Free has no value to give back
    business = shop.at(2026, 4, 21).commit(switch(shop, "business"))
    assert amounts(business) == [-667, 6667]
    assert pro.due + business.due == 7333
    assert business.after.version == 3


@pytest.mark.parametrize(
    ("currency", "expected"),
    [("JPY", [-1500, 14900]), ("KWD", [-3063, 30625])],  # no decimals; three decimals, -3.0625 half-up
)
def test_currencies_without_cents(shops: type[Shop], currency: str, expected: list[int]) -> None:
    shop = shops(currency=currency)
    shop.zone(f"pro-{currency.lower()}")
    plan = shop.at(2026, 1, 16, 12).commit(switch(shop, f"business-{currency.lower()}"))
    assert amounts(plan) == expected
    assert plan.due == sum(expected)


def test_proration_by_day_in_the_leap_month(shops: type[Shop]) -> None:
    shop = shops(convention=Convention(granularity=Granularity.DAY)).at(2028, 2, 1)
    shop.zone()
    plan = shop.at(2028, 2, 29, 18).commit(switch(shop, "business"))
    assert amounts(plan) == [-69, 690]
    assert "1 of 29 days (3.45 %)" in str(plan.lines[0].explanation)


def test_a_downgrade_waits_for_the_end_of_the_period(shop: Shop) -> None:
    shop.zone("business")
    plan = shop.at(2026, 1, 10).commit(switch(shop, "pro"))
    assert (plan.intent, plan.lines, plan.due, plan.proof) == (Intent.SCHEDULE, (), 0, ProofKind.NOTHING_DUE)
    assert held(plan.after) == [("business", 1)]
    assert held(plan.after, plan.after.pending.items) == [("pro", 1)]
    assert plan.after.version == 2


def test_switching_back_drops_the_scheduled_downgrade(shop: Shop) -> None:
    shop.zone("business")
    shop.commit(switch(shop, "pro"))
    plan = shop.commit(switch(shop, "business"))
    assert (plan.intent, plan.lines, plan.after.pending) == (Intent.SCHEDULE, (), None)


def test_a_price_that_costs_the_same_counts_at_once_without_lines(shop: Shop) -> None:
    shop.zone("pro")
    plan = shop.at(2026, 1, 9).commit(switch(shop, "business-alike"))
    assert (plan.intent, plan.lines, plan.due) == (Intent.MODIFY, (), 0)
    assert (held(plan.after), plan.after.pending) == ([("business-alike", 1)], None)


def test_an_upgrade_replaces_the_scheduled_downgrade_of_its_item_only(shop: Shop) -> None:
    shop.start(("pro", 1, ZONE), ("seats", 5, "account"))
    zone, seats = shop.only.items
    shop.commit(switch(shop, "free", zone))
    shop.commit(quantity(shop, 2, seats))
    plan = shop.commit(switch(shop, "business", zone))
    assert held(plan.after) == [("business", 1), ("seats", 5)]
    assert held(plan.after, plan.after.pending.items) == [("business", 1), ("seats", 2)]


def test_a_change_of_price_keeps_the_quantity_that_is_scheduled(shop: Shop) -> None:
    shop.start(("team", 5, "account"))
    shop.commit(quantity(shop, 2))
    plan = shop.commit(switch(shop, "seats"))
    assert held(plan.after) == [("seats", 5)]
    assert held(plan.after, plan.after.pending.items) == [("seats", 2)]


def test_an_upgrade_keeps_a_scheduled_cancellation(shop: Shop) -> None:
    shop.zone()
    shop.commit(CancelAtPeriodEnd(subscription_id=shop.only.id))
    assert shop.commit(switch(shop, "business")).after.pending == Pending(cancel=True)


def test_an_old_price_may_be_switched_back_to_by_its_holder_only(shop: Shop) -> None:
    """pro-old is not on sale: its holder can drop a scheduled downgrade, nobody can come back to it."""
    base = shop.zone().after
    assert base is not None
    kept = replace(base, items=(replace(base.items[0], price_id="pro-old"),))
    shop.subscriptions[base.id] = kept
    shop.commit(switch(shop, "free"))
    assert shop.commit(switch(shop, "pro-old")).after.pending is None
    shop.commit(switch(shop, "pro"))
    assert shop.refusal(switch(shop, "pro-old")) == ("price_id", "must be a price that is on sale")


@pytest.mark.parametrize(
    ("price", "rule"),
    [
        ("pro", "already has this price, or will when its period ends"),
        ("nope", "must be a price of the catalog"),
        ("pro-old", "must be a price that is on sale"),
        ("pro-eur", "must be in USD, the currency of the account, got EUR"),
        ("pro-year", "must be per month: change the interval instead"),
        ("certificate", "must be of the family zone, got certificate"),
    ],
)
def test_a_switch_that_breaks_a_rule_is_refused(shop: Shop, price: str, rule: str) -> None:
    shop.zone()
    assert shop.refusal(switch(shop, price)) == ("price_id", rule)


def test_scheduling_the_same_downgrade_twice_is_refused(shop: Shop) -> None:
    shop.zone("business")
    shop.commit(switch(shop, "pro"))
    assert shop.refusal(switch(shop, "pro"))[0] == "price_id"


def test_an_item_must_be_the_subscriptions_own(shop: Shop) -> None:
    shop.zone()
    stranger = replace(shop.item, id=UUID(int=999))
    expected = ("item_id", "must be an item of the subscription")
    for change in (switch(shop, "free", stranger), quantity(shop, 2, stranger), remove(shop, stranger)):
        assert shop.refusal(change) == expected


# Quantity


def test_more_at_once_less_at_the_end(shop: Shop) -> None:
    shop.start(("seats", 3, "account"))
    more = shop.at(2026, 1, 16, 12).commit(quantity(shop, 5))
    assert (amounts(more), more.due) == ([-750, 1250], 500)
    less = shop.commit(quantity(shop, 1))
    assert (less.lines, held(less.after), held(less.after, less.after.pending.items)) == (
        (),
        [("seats", 5)],
        [("seats", 1)],
    )
    same = shop.commit(quantity(shop, 5))
    assert same.after.pending is None
    assert shop.refusal(quantity(shop, 5)) == (
        "quantity",
        "already has this quantity, or will when its period ends",
    )


def test_more_that_costs_less_waits_too(shop: Shop) -> None:
    """Volume prices: 10 calls cost 10.00, 11 cost 5.50, 20 cost 10.00."""
    shop.start(("calls", 10, "account"))
    assert held(shop.plan(quantity(shop, 11)).after) == [("calls", 10)]
    assert held(shop.plan(quantity(shop, 20)).after) == [("calls", 20)]


def test_a_quantity_must_fit_the_product_now_and_the_scheduled_one(shop: Shop) -> None:
    shop.start(("seats", 10, "account"))
    assert shop.refusal(quantity(shop, 0)) == ("quantity", "must be from 1 to 50 of Seats, got 0")
    assert shop.refusal(quantity(shop, 51)) == ("quantity", "must be from 1 to 50 of Seats, got 51")
    shop.commit(switch(shop, "team"))
    assert shop.refusal(quantity(shop, 11)) == ("quantity", "must be from 1 to 10 of Team seats, got 11")
    less = shop.commit(quantity(shop, 4)).after
    assert (held(less), held(less, less.pending.items)) == ([("seats", 10)], [("team", 4)])


def test_a_switch_must_fit_the_quantity(shop: Shop) -> None:
    shop.start(("seats", 11, "account"))
    assert shop.refusal(switch(shop, "team")) == ("price_id", "must be from 1 to 10 of Team seats, got 11")


# Add and remove


def test_an_added_item_is_charged_to_the_end_of_the_period(shop: Shop) -> None:
    shop.zone()
    plan = shop.at(2026, 1, 16, 12).commit(add(shop, "seats", 2))
    assert (plan.intent, plan.path, amounts(plan), plan.due) == (Intent.MODIFY, Path.CHANGE, [500], 500)
    assert plan.lines[0].kind is LineKind.PRORATED_CHARGE
    assert (held(plan.after), plan.after.pending) == ([("pro", 1), ("seats", 2)], None)
    assert plan.after.version == 2


def test_an_added_item_joins_what_is_scheduled(shop: Shop) -> None:
    shop.zone("business")
    shop.commit(switch(shop, "pro"))
    after = shop.commit(add(shop, "seats")).after
    assert held(after) == [("business", 1), ("seats", 1)]
    assert held(after, after.pending.items) == [("pro", 1), ("seats", 1)]


def test_a_removed_item_stays_until_the_period_ends(shop: Shop) -> None:
    shop.start(("pro", 1, ZONE), "seats")
    zone, seats = shop.only.items
    plan = shop.commit(remove(shop, zone))
    assert (plan.intent, plan.lines, held(plan.after)) == (Intent.SCHEDULE, (), [("pro", 1), ("seats", 1)])
    assert held(plan.after, plan.after.pending.items) == [("seats", 1)]
    assert shop.refusal(remove(shop, zone)) == ("item_id", "already ends with the period")
    assert shop.refusal(remove(shop, seats)) == (
        "item_id",
        "is the last item: cancel the subscription instead",
    )


def test_asking_for_what_it_has_takes_a_removal_back(shop: Shop) -> None:
    shop.start(("pro", 1, ZONE), "seats")
    zone, _ = shop.only.items
    shop.commit(remove(shop, zone))
    assert shop.commit(quantity(shop, 1, zone)).after.pending is None


@pytest.mark.parametrize(
    ("price", "thing", "field", "rule"),
    [
        ("nope", "account", "item.price_id", "must be a price of the catalog"),
        ("seats-year", "account", "item.price_id", "must be per month like the subscription"),
        ("setup", "account", "item.price_id", "must be per month like the subscription"),
        (
            "business",
            ZONE,
            "item.price_id",
            "must be the only zone on zone:example.com: switch the price of the other one",
        ),
    ],
)
def test_an_item_that_breaks_a_rule_is_not_added(
    shop: Shop, price: str, thing: str, field: str, rule: str
) -> None:
    shop.zone()
    assert shop.refusal(add(shop, price, thing=thing)) == (field, rule)


def test_a_subscription_has_a_bounded_number_of_items(shop: Shop) -> None:
    shop.start(*[("pro", 1, f"zone:{n}") for n in range(100)])
    assert shop.refusal(add(shop, "seats")) == ("item", "must not be more than 100 items of one subscription")


# While trialing, due, in debt, or changing its interval


def test_while_trialing_everything_counts_at_once_and_is_free(shop: Shop) -> None:
    trial = shop.at(2026, 3, 1).start("media").after
    shop.at(2026, 3, 5)
    steps: list[tuple[Callable[[], Change], list[tuple[str, int]]]] = [
        (lambda: add(shop, "seats", 3), [("media", 1), ("seats", 3)]),
        (lambda: switch(shop, "media-plus"), [("media-plus", 1), ("seats", 3)]),
        (lambda: switch(shop, "media"), [("media", 1), ("seats", 3)]),
        (lambda: quantity(shop, 2, shop.only.items[1]), [("media", 1), ("seats", 2)]),
        (lambda: remove(shop, shop.only.items[1]), [("media", 1)]),
    ]
    for change, expected in steps:
        plan = shop.commit(change())
        assert (plan.intent, plan.lines, plan.due) == (Intent.MODIFY, (), 0)
        assert (held(plan.after), plan.after.pending) == (expected, None)
        assert (plan.after.state, plan.after.period) == (SubscriptionState.TRIALING, trial.period)
    assert shop.only.version == 6


def test_nothing_is_prorated_in_a_period_that_is_over(shop: Shop) -> None:
    shop.zone()
    shop.at(2026, 2, 1)
    assert shop.refusal(switch(shop, "business")) == RENEWING
    assert shop.refusal(add(shop, "seats")) == RENEWING
    assert shop.plan(switch(shop, "free")).intent is Intent.SCHEDULE


def test_a_clock_just_behind_the_period_charges_the_whole_of_it(shop: Shop) -> None:
    shop.zone()
    shop.now -= timedelta(milliseconds=3)
    assert amounts(shop.plan(switch(shop, "business"))) == [-2000, 20000]


def test_overdue_debt_refuses_what_costs_more_and_nothing_else(shops: type[Shop]) -> None:
    shop = shops()
    shop.start(("pro", 1, ZONE), "seats")
    zone, seats = shop.only.items
    shop.overdue = True
    assert shop.refusal(switch(shop, "business", zone)) == DEBT
    assert shop.refusal(quantity(shop, 2, seats)) == DEBT
    assert shop.refusal(add(shop, "support")) == DEBT
    assert shop.plan(switch(shop, "free", zone)).due == 0
    assert shop.plan(switch(shop, "business-alike", zone)).due == 0
    assert shop.plan(remove(shop, seats)).due == 0


def test_items_stay_as_they_are_while_another_interval_is_scheduled(shop: Shop) -> None:
    shop.at(2026, 1, 1).start(("pro-year", 1, ZONE), "seats-year")
    zone, seats = shop.only.items
    shop.commit(ChangeInterval(subscription_id=shop.only.id, prices=((zone.id, "pro"), (seats.id, "seats"))))
    rule = "changes to month at the end of its period: drop that first"
    for change in (
        add(shop, "support-year"),
        remove(shop, seats),
        quantity(shop, 2, seats),
        switch(shop, "business-year", zone),
    ):
        assert shop.refusal(change) == ("subscription_id", rule)


def test_a_period_on_grace_can_still_be_upgraded(shop: Shop) -> None:
    """The open invoice stays owed in full, so the credit for its unused time is fair."""
    base = shop.zone().after
    assert base is not None
    grace = datetime(2026, 1, 6, tzinfo=UTC)
    shop.subscriptions[base.id] = replace(base, grace_until=grace, grace_invoice=UUID(int=77))
    plan = shop.at(2026, 1, 3).commit(switch(shop, "business"))
    assert (amounts(plan), plan.due) == ([-1871, 18710], 16839)  # 29 of 31 days
    assert (plan.after.grace_until, plan.after.grace_invoice) == (grace, UUID(int=77))

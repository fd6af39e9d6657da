"""Month to year at once with a new anchor; year to month when the year ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from solvent.core.change import CancelAtPeriodEnd, ChangeInterval, SetQuantity
from solvent.core.invoice import LineKind
from solvent.core.period import Interval, Unit
from solvent.core.plan import Intent
from solvent.core.subscription import Item, Pending, SubscriptionState

if TYPE_CHECKING:
    from tests.core.conftest import Shop

ZONE = "zone:example.com"
MONTH, YEAR = Interval(unit=Unit.MONTH), Interval(unit=Unit.YEAR)


def day(year: int, month: int, of_month: int) -> datetime:
    return datetime(year, month, of_month, tzinfo=UTC)


def to(shop: Shop, *prices: str) -> ChangeInterval:
    pairs = zip(shop.only.items, prices, strict=True)
    return ChangeInterval(
        subscription_id=shop.only.id, prices=tuple((item.id, price) for item, price in pairs)
    )


def held(items: tuple[Item, ...] | None) -> list[tuple[str, int]]:
    assert items is not None
    return [(i.price_id, i.quantity) for i in items]


def test_month_to_year_begins_now_and_credits_the_rest_of_the_month(shop: Shop) -> None:
    shop.start(("pro", 1, ZONE), ("seats", 2, "account"))
    plan = shop.at(2026, 1, 11).commit(to(shop, "pro-year", "seats-year"))
    assert [line.amount for line in plan.lines] == [-1355, -677, 20000, 10000]
    assert [line.kind for line in plan.lines] == [LineKind.PRORATED_CREDIT] * 2 + [LineKind.CHARGE] * 2
    assert (plan.intent, plan.total, plan.due) == (Intent.MODIFY, 27968, 27968)
    after = plan.after
    assert (after.interval, after.index, after.anchor.at, after.version) == (YEAR, 0, day(2026, 1, 11), 2)
    assert (after.period.start, after.period.end) == (day(2026, 1, 11), day(2027, 1, 11))
    assert held(after.items) == [("pro-year", 1), ("seats-year", 2)]


def test_year_to_month_waits_for_the_end_of_the_year(shop: Shop) -> None:
    base = shop.zone("pro-year").after
    plan = shop.at(2026, 3, 1).commit(to(shop, "pro"))
    assert (plan.intent, plan.lines, plan.due) == (Intent.SCHEDULE, (), 0)
    assert (plan.after.interval, plan.after.items) == (YEAR, base.items)
    assert plan.after.pending.interval == MONTH
    assert held(plan.after.pending.items) == [("pro", 1)]


def test_naming_the_current_prices_drops_the_scheduled_interval(shop: Shop) -> None:
    shop.zone("pro-year")
    shop.commit(to(shop, "pro"))
    plan = shop.commit(to(shop, "pro-year"))
    assert (plan.intent, plan.after.pending) == (Intent.SCHEDULE, None)
    expected = ("prices", "must be of another interval than year")
    assert shop.refusal(to(shop, "pro-year")) == expected
    shop.commit(CancelAtPeriodEnd(subscription_id=shop.only.id))
    assert shop.refusal(to(shop, "pro-year")) == expected


def test_from_a_scheduled_month_on_to_a_quarter(shop: Shop) -> None:
    """The last word counts; a scheduled cancellation stays beside it."""
    shop.zone("pro-year")
    shop.commit(CancelAtPeriodEnd(subscription_id=shop.only.id))
    shop.commit(to(shop, "pro"))
    pending = shop.commit(to(shop, "pro-quarter")).after.pending
    assert (pending.interval, pending.cancel) == (Interval(unit=Unit.QUARTER), True)


def test_as_long_as_the_old_one_waits_too(shop: Shop) -> None:
    shop.zone("business-year")
    assert shop.plan(to(shop, "business-12-months")).intent is Intent.SCHEDULE


def test_a_longer_interval_replaces_what_was_scheduled_for_the_items(shop: Shop) -> None:
    shop.start(("seats", 5, "account"))
    shop.commit(SetQuantity(subscription_id=shop.only.id, item_id=shop.item.id, quantity=2))
    shop.commit(CancelAtPeriodEnd(subscription_id=shop.only.id))
    after = shop.commit(to(shop, "seats-year")).after
    assert (held(after.items), after.pending) == ([("seats-year", 5)], Pending(cancel=True))


def test_what_the_unused_time_is_worth_more_becomes_account_credit(shop: Shop) -> None:
    """A month of Business is worth 200.00, a quarter of Pro costs 54.00."""
    shop.zone("business")
    plan = shop.commit(to(shop, "pro-quarter"))
    assert [line.amount for line in plan.lines] == [-20000, 5400]
    assert (plan.total, plan.due, plan.credit_used, plan.credit_granted) == (-14600, 0, 0, 14600)


def test_while_trialing_the_interval_changes_at_once(shop: Shop) -> None:
    base = shop.at(2026, 3, 1).start("media").after
    plan = shop.at(2026, 3, 5).commit(to(shop, "media-year"))
    assert (plan.intent, plan.lines, plan.due) == (Intent.MODIFY, (), 0)
    after = plan.after
    assert (after.state, after.period, after.anchor) == (SubscriptionState.TRIALING, base.period, base.anchor)
    assert (after.interval, held(after.items), after.pending) == (YEAR, [("media-year", 1)], None)
    assert shop.at(2026, 3, 15).renew().after.period.end == day(2027, 3, 15)


def test_on_31_january_the_year_keeps_the_day(shops: type[Shop]) -> None:
    shop = shops(time_zone="Europe/Berlin").at(2026, 1, 31, 11)
    shop.zone()
    after = shop.at(2026, 2, 20, 11).commit(to(shop, "pro-year")).after
    assert after.period.end == datetime(2027, 2, 20, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("prices", "field", "rule"),
    [
        (("nope", "seats-year"), "prices[0].price_id", "must be a price of the catalog"),
        (("seats-year", "seats-year"), "prices[0].object", 'must be "account" for Seats'),
        (("pro-year", "support-year"), "prices[1]", "must be of the family seats, got support"),
        (("pro-year", "seats"), "prices[1]", "must all be of one interval other than month"),
        (("business", "seats"), "prices[0]", "must all be of one interval other than month"),
        (("pro-quarter", "seats-year"), "prices[1]", "must all be of one interval other than month"),
    ],
)
def test_prices_that_break_a_rule_are_refused(
    shop: Shop, prices: tuple[str, ...], field: str, rule: str
) -> None:
    shop.start(("pro", 1, ZONE), "seats")
    assert shop.refusal(to(shop, *prices)) == (field, rule)


def test_a_one_off_price_has_no_interval(shop: Shop) -> None:
    shop.start("support")
    one_off = replace(shop.context.catalog.price("setup"), id="support-once", product_id="support")
    catalog = shop.context.catalog
    shop.catalog = replace(catalog, prices={**catalog.prices, "support-once": one_off})
    assert shop.refusal(to(shop, "support-once")) == (
        "prices[0]",
        "must all be of one interval other than month",
    )


def test_every_item_is_named_once(shop: Shop) -> None:
    shop.start(("pro", 1, ZONE), "seats")
    zone, seats = shop.only.items
    rule = ("prices", "must name every item of the subscription exactly once")
    for prices in (
        (),
        ((zone.id, "pro-year"),),
        ((zone.id, "pro-year"), (zone.id, "pro-year")),
        ((zone.id, "pro-year"), (seats.id, "seats-year"), (UUID(int=9), "pro-year")),
    ):
        assert shop.refusal(ChangeInterval(subscription_id=shop.only.id, prices=prices)) == rule


def test_the_rest_of_an_unpaid_period_is_not_credited(shop: Shop) -> None:
    base = shop.zone().after
    assert base is not None
    shop.subscriptions[base.id] = replace(base, grace_until=day(2026, 1, 6), grace_invoice=UUID(int=7))
    assert shop.refusal(to(shop, "pro-year")) == (
        "subscription_id",
        "has an unpaid invoice for its period: pay that first",
    )


def test_overdue_debt_and_a_due_renewal_come_first(shop: Shop) -> None:
    shop.zone()
    shop.overdue = True
    assert shop.refusal(to(shop, "pro-year"))[0] == "account"
    shop.overdue = False
    assert shop.at(2026, 2, 1).refusal(to(shop, "pro-year"))[0] == "subscription_id"

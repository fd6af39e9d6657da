"""Recurring: what a copy of a subscription shows, and which payment begins or changes one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from solvent.core.change import CancelAtPeriodEnd
from solvent.core.recurring import paid_for, recurring

if TYPE_CHECKING:
    from tests.core.conftest import Shop

ZONE = "zone:example.com"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_copy_shows_what_is_had_and_what_it_costs_before_tax_and_discounts(shop: Shop) -> None:
    after = shop.start(("pro", 1, ZONE), ("seats", 2, "account")).after
    assert after is not None
    shown = recurring(after, shop.catalog, NOW)
    assert [(p.price_id, p.quantity, p.amount) for p in shown.parts] == [("pro", 1, 2000), ("seats", 2, 1000)]
    assert (shown.amount, shown.trial, shown.ends, shown.until) == (3000, False, False, after.period.end)


def test_usage_is_not_shown_and_an_end_is(shop: Shop) -> None:
    shop.start(("pro", 1, ZONE))
    ending = shop.commit(CancelAtPeriodEnd(subscription_id=shop.only.id)).after
    assert ending is not None
    metered = replace(shop.catalog.prices["seats"], meter="requests")
    catalog = replace(shop.catalog, prices={**shop.catalog.prices, "seats": metered})
    usage = replace(ending.items[0], price_id="seats")
    shown = recurring(replace(ending, items=(*ending.items, usage)), catalog, NOW)
    assert [part.price_id for part in shown.parts] == ["pro"]
    assert shown.ends


def test_a_payment_begins_or_changes_the_one_subscription_that_it_is_for(shop: Shop) -> None:
    plan = shop.start(("pro", 1, ZONE))
    assert plan.after is not None
    told = paid_for(plan, shop.catalog)
    assert told is not None
    assert (told.subscription_id, told.version, told.at) == (plan.after.id, 1, plan.planned_at)
    assert paid_for(replace(plan, due=0), shop.catalog) is None
    assert paid_for(replace(plan, also=(plan.after,)), shop.catalog) is None
    assert paid_for(replace(plan, after=None), shop.catalog) is None

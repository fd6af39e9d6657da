"""Prices tell what unused time is worth, unless the merchant credited it: what changes gave back lowers nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from solvent.core.change import CancelNow, NewItem, SetQuantity, Start, SwitchPrice, plan_change
from solvent.core.charged import own_rest
from solvent.core.giving_back import unused_of_one
from solvent.core.invoice import InvoiceState
from solvent.core.period import Period
from solvent.core.plan import Plan
from solvent.core.proration import ChangeDay, Convention, Denominator, Granularity
from solvent.core.unused_time import Unused
from tests.core.coupons import forever, on_offer
from tests.core.places import EUROPE, GERMAN, rules
from tests.core.test_returning import cancel, first, newest, to

if TYPE_CHECKING:
    from solvent.core.change import Change
    from solvent.core.charged import Charged
    from solvent.core.credit_line import Parts
    from tests.core.conftest import Shop

BY_THE_DAY_OLD = Convention(granularity=Granularity.DAY, change_day=ChangeDay.OLD)


def by_price(shop: Shop, change: Change) -> int:
    """What the change comes to by prices alone."""
    plan = plan_change(change, replace(shop.context, charged=None))
    assert isinstance(plan, Plan), plan
    return plan.total


def given_up(shop: Shop, charged: Charged) -> Parts:
    """What would be credited if an invoice were given up now."""
    chain = [charged if x.invoice.id == charged.invoice.id else x for x in shop.charged.values()]
    bases = tuple(shop.subscriptions.values())
    return unused_of_one(charged, Unused(charged=chain, bases=bases, at=shop.now, convention=shop.convention))


def test_what_two_coupons_make_free_is_credited_by_nothing_at_any_moment(shops: type[Shop]) -> None:
    """20 %, and then 20.00 off 20.00: taxed each by itself, the credit of nothing was a cent above it now and then, and
    would have had to be paid."""
    shop = on_offer(shops(taxes=rules(*EUROPE), buyer=GERMAN), forever("SAVE"), forever("FIX", amount=2_000))
    zone = NewItem(price_id="pro", object="zone:example.com")
    shop.commit(Start(items=(zone,), coupons=("SAVE", "FIX")))
    end = shop.now + timedelta(days=31)
    back, dearer = set(), set()
    while shop.now < end:
        back.add(shop.plan(CancelNow(subscription_id=shop.only.id, credit=True)).total)
        switch = SwitchPrice(subscription_id=shop.only.id, item_id=shop.item.id, price_id="business")
        dearer.add(shop.plan(switch).total - by_price(shop, switch))
        shop.now += timedelta(seconds=17_995)
    assert (back, dearer) == ({0}, {0})


def sentences(plan: Plan) -> list[str]:
    return [str(share.explanation) for line in plan.lines for share in line.taxes]


def test_what_two_coupons_make_free_costs_nothing(shops: type[Shop]) -> None:
    """32.5 %, and then 20.00 off 13.50: 3.80 of tax less 1.24 less 2.57, each rounded by itself, would be a cent below
    nothing. It says how it is rounded, and a line that is not free stays rounded by itself."""
    said: set[str] = set()
    for ppm in range(25_000, 1_000_000, 25_000):
        coupons = forever("SAVE", ppm=ppm), forever("FIX", amount=2_000)
        shop = on_offer(shops(taxes=rules(*EUROPE), buyer=GERMAN), *coupons)
        zones = [NewItem(price_id=price, object="zone:a") for price in ("pro", "business")]
        free, charged = (shop.plan(Start(items=(zone,), coupons=("SAVE", "FIX"))) for zone in zones)
        assert (free.total, free.tax, free.due) == (0, 0, 0)
        assert not [text for text in sentences(charged) if "over the line" in text]
        said |= set(sentences(free))
    assert "VAT 19 % on -13.50 USD = -2.57 USD, rounded half-up over the line with its discounts" in said


@pytest.mark.parametrize("convention", [BY_THE_DAY_OLD, Convention(denominator=Denominator.FIXED_30)])
def test_worth_that_moved_between_intervals_is_worth_its_price(
    shops: type[Shop], convention: Convention
) -> None:
    """A month for a cheap quarter gave the rest back as unused: nobody credited any of the quarter."""
    shop = shops(convention=convention)
    shop.zone("business")
    assert to(shop.at(2026, 1, 7), "pro-quarter").credit_notes
    shop.at(2026, 1, 20)
    more = SetQuantity(subscription_id=shop.only.id, item_id=shop.item.id, quantity=2)
    assert shop.plan(more).total == by_price(shop, more)
    price = by_price(shop, CancelNow(subscription_id=shop.only.id, credit=True))
    assert -cancel(shop).credit_granted == price


def test_a_year_for_a_cheap_year_leaves_the_cheap_one_its_price(shops: type[Shop]) -> None:
    """A month of 200.00, a year of 200.00 on day 10, a year of 2000.00 less 97 % four days later, cancelled 6 days
    after: 60.00 × 355 / 365."""
    shop = on_offer(shops(), forever("CHEAP", ppm=970_000))
    shop.zone("business")
    to(shop.at(2026, 1, 11), "pro-year")
    change = SwitchPrice(
        subscription_id=shop.only.id, item_id=shop.item.id, price_id="business-year", coupons=("CHEAP",)
    )
    assert shop.at(2026, 1, 15).commit(change).credit_notes
    year = shop.only.period
    plan = cancel(shop.at(2026, 1, 21))
    worth = 6_000 * (year.end - shop.now) / (year.end - year.start)
    assert abs(plan.credit_granted - worth) < 1


@pytest.mark.parametrize("day", [16, 17, 20, 31])
def test_a_day_that_a_cancellation_counted_as_used_is_no_unused_day_later(
    shops: type[Shop], day: int
) -> None:
    """200.00 on terms, cancelled on the 16th: 15 of 31 days back, 103.23 owed for the 16 that were used."""
    shop = shops(terms_days=30, convention=BY_THE_DAY_OLD)
    shop.zone("business")
    charged = first(shop)
    owed = replace(charged.invoice, state=InvoiceState.OPEN, paid=0)
    shop.charged[owed.id] = replace(charged, invoice=owed)
    cancel(shop.at(2026, 1, 16, 12))
    charged = first(shop)
    assert (charged.invoice.credited, charged.invoice.debt) == (9_677, 10_323)
    shop.at(2026, 1, day, 13)
    assert given_up(shop, charged) == ()


def test_a_day_of_change_that_was_charged_as_used_is_not_taken_off_again(shops: type[Shop]) -> None:
    """Bought on, with one seat more on the 16th for the 15 days after it: those 15 are unused on that day."""
    shop = shops(terms_days=30, convention=BY_THE_DAY_OLD)
    shop.start(("seats", 1, "account"))
    shop.at(2026, 1, 16, 12)
    shop.commit(SetQuantity(subscription_id=shop.only.id, item_id=shop.item.id, quantity=2))
    charged = newest(shop)
    owed = replace(charged.invoice, state=InvoiceState.OPEN, paid=0)
    parts = given_up(shop, replace(charged, invoice=owed))
    assert sum(part.amount for part in parts) == owed.total == 242


@pytest.mark.parametrize(("hour", "again"), [(1, 0), (24, 0)])
def test_a_span_of_one_day_that_counts_as_used_has_nothing_left(hour: int, again: int) -> None:
    """Charged on its first day as used: there is nothing of which a share could be left."""
    day = Period(start=datetime(2026, 1, 1, tzinfo=UTC), end=datetime(2026, 1, 2, tzinfo=UTC))
    at = day.start + timedelta(hours=hour)
    assert own_rest(day, at, "UTC", BY_THE_DAY_OLD) == again


@pytest.mark.parametrize("seconds", [0, 1])
def test_time_given_back_at_its_very_start_counts_as_given_back(shops: type[Shop], seconds: int) -> None:
    """On terms: 200.00, at once a quarter of 54.00 (146.00 back), given up on day 10: 54.00 × 10 / 90 is owed."""
    shop = shops(terms_days=60)
    shop.zone("business")
    charged = first(shop)
    owed = replace(charged.invoice, state=InvoiceState.OPEN, paid=0)
    shop.charged[owed.id] = replace(charged, invoice=owed)
    shop.now += timedelta(seconds=seconds)
    to(shop, "pro-quarter")
    charged = first(shop)
    shop.at(2026, 1, 11)
    back = sum(part.amount for part in given_up(shop, charged))
    assert abs(charged.invoice.debt - back - 600) <= 1

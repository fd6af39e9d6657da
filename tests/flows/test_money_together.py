"""Coupons, credit, usage, credit notes, disputes and giving up, met by one customer at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from solvent.core.coupon import Duration
from solvent.core.crediting import PaidPart
from solvent.core.giving_up import Surrender
from solvent.core.ledger import REVENUE
from solvent.core.proration import Granularity
from solvent.core.request import CancelNow, ChangeInterval, NewItem, Start
from solvent.flows.credit import Issued
from solvent.flows.debts import give_up
from solvent.sim import Customer
from solvent.store.closing import EVERYBODY, snapshot
from solvent.store.exports import journal
from tests.flows.acts import NO_FUNDS, switch, zone
from tests.flows.coupons import Offer
from tests.flows.disputes.contests import Contest
from tests.flows.test_credit import credit, figures, only
from tests.flows.test_usage import event, metered, to_the_end, use
from tests.simulation.fragile import START, FragileWorld
from tests.simulation.goods import price

pytestmark = pytest.mark.unmeasured

A_DAY = timedelta(days=1)


def revenue(customer: Customer, at: datetime) -> int:
    """What the journal shows as the customer's revenue before a moment."""
    with snapshot(customer.world.database.pool) as connection:
        rows = [
            row
            for row in journal(connection, START, at, Granularity.SECOND, EVERYBODY)
            if row.account_id == customer.id
        ]
    earned = sum(row.amount for row in rows if row.credit == REVENUE)
    return earned - sum(row.amount for row in rows if row.debit == REVENUE)


def test_an_invoice_credited_whole_in_parts_shows_no_revenue_at_any_moment(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    """Each part and each discount by itself would be a cent out on some days."""
    codes = (offer(ppm=125_000), offer(amount=333, currency="USD"))
    ada.buy(replace(zone(), coupons=codes))
    for amount in (333, 1, 477, None):
        world.wait(hours=31)
        assert isinstance(credit(ada, only(ada), amount, paid_part=PaidPart.CREDIT), Issued)
    assert only(ada).credited == only(ada).total == 1_417
    ada.card_becomes(NO_FUNDS)
    credited = world.now
    end = ada.subscription().period.end
    days = (end - credited) // A_DAY
    assert {revenue(ada, credited + n * A_DAY + timedelta(seconds=n)) for n in range(1, days)} == {0}


def test_usage_is_not_lowered_by_a_coupon_and_is_paid_by_credit(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    """20.00 of Pro less half; 100.20 of requests at once when 100.00 are reached, and 0.30 with the renewal, whole."""
    ada.buy(
        replace(metered("zone-pro", "requests"), coupons=(offer(ppm=500_000, duration=Duration.FOREVER),))
    )
    ada.receive_credit(12_000, excludes=("zone-pro",))
    use(ada, event(ada, 334_000_000))
    world.wait(hours=1)
    assert [i.total for i in ada.invoices()] == [1_000, 10_020]
    use(ada, event(ada, 1_000_000))
    to_the_end(world, ada)
    assert [i.total for i in ada.invoices()] == [1_000, 10_020, 1_000 + 30]
    assert [c.amount for c in ada.charges()] == [1_000, 1_000], "credit may not pay Pro, and paid all usage"
    assert ada.credit() == 12_000 - 10_020 - 30


def test_credit_pays_in_one_renewal_of_several_what_each_grant_may_pay(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    """Pro 20.00 less 20 % and Media 10.00 are renewed together: credit that Pro may not use pays Media alone."""
    ada.buy(replace(zone(), coupons=(offer(duration=Duration.FOREVER),)))
    ada.buy(Start(items=(NewItem(price_id=price("media")),)))
    ada.receive_credit(3_000, excludes=("zone-pro",))
    ada.receive_credit(500)
    world.until(ada.subscriptions()[0].period.end)
    together = ada.invoices()[-1]
    assert [x.amount for x in ada.lines(together)] == [2_000, -400, 1_000]
    assert (together.total, ada.credit()) == (2_600, 2_000)
    assert [c.amount for c in ada.charges()] == [1_600, 1_000, 1_100]


def test_a_lost_dispute_of_a_discounted_invoice_that_credit_helped_to_pay(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    """20.00 less 20 % is 16.00: 4.00 by credit, 12.00 by card. 5.00 are credited, so a lost dispute of the charge makes
    12.00 owed again at most, and never what credit paid."""
    ada.receive_credit(400)
    contest = Contest(ada, ada.buy(replace(zone(), coupons=(offer(),))))
    world.work()
    assert isinstance(credit(ada, only(ada), 500, paid_part=PaidPart.CREDIT), Issued)
    contest.close(won=False)
    invoice = only(ada)
    assert (invoice.total, invoice.credited) == (1_600, 500)
    assert invoice.debt == invoice.total - invoice.credited - invoice.paid
    assert invoice.debt + ada.credit() <= 1_200 + 500
    assert ada.ledger().get(("cash:sandbox", "USD"), 0) == 0


def test_giving_up_a_discounted_invoice_that_credit_paid_in_part(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    """200.00 less 20 % a month is 160.00. After 5 of 31 days of March, 26 / 31 are not used: of the line 167.74, of its
    discount 33.55, together 134.19. Credit has paid 20.00, so that 140.00 were owed: 5.81 are still."""
    utc = world.now.tzinfo
    world.until(datetime(2027, 2, 1, tzinfo=utc))
    ada.buy(replace(zone(product="zone-business"), coupons=(offer(duration=Duration.FOREVER),)))
    ada.card_becomes(NO_FUNDS)
    ada.receive_credit(2_000)
    world.until(datetime(2027, 3, 1, tzinfo=utc))
    assert figures(ada.invoices()[-1]) == ("open", 16_000, 0, 2_000, 14_000)
    world.until(datetime(2027, 3, 6, tzinfo=utc))
    invoice = ada.invoices()[-1]
    give_up(world.platform, invoice.id, Surrender(reason="gone", by="carol"), world.now)
    assert figures(ada.invoices()[-1]) == ("uncollectible", 16_000, 13_419, 2_000, 581)
    at_once = revenue(ada, world.now)
    assert at_once == 16_000 + 2_581
    assert {revenue(ada, world.now + timedelta(days=n / 2)) for n in range(60)} == {at_once}


def test_what_changes_gave_back_as_unused_caps_no_later_credit(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    """A month of 200.00, a year of 200.00 on day 10, on day 14 a year of 2000.00 less 97 %, cancelled six days later:
    59.34 were charged for 361 days, of which 355 are left: 58.35. No credit note of the merchant's took anything."""
    ada.buy(zone(product="zone-business"))
    held = ada.subscription()
    world.wait(days=10)
    year = price("zone-pro", period="year")
    ada.buy(ChangeInterval(subscription_id=held.id, prices=((held.items[0].id, year),)))
    world.wait(days=4)
    dear, code = price("zone-business", period="year"), offer(ppm=970_000, duration=Duration.FOREVER)
    ada.buy(replace(switch(ada, "zone-business"), price_id=dear, coupons=(code,)))
    before = ada.credit()
    world.wait(days=6)
    ada.buy(CancelNow(subscription_id=held.id, credit=True))
    assert ada.credit() - before == 5_835

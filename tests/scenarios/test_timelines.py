"""Timelines: one customer's story each, with dates and amounts, readable from top to bottom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from solvent.core.request import CancelAtPeriodEnd, ChangeInterval, Uncancel
from solvent.sim.stories.goods import (
    BUSINESS,
    CHALLENGED_ALWAYS,
    NO_FUNDS,
    PRO,
    PRO_TRIAL,
    VISA,
    item_of,
    switch,
    zone_plan,
)
from tests.scenarios.conftest import OpenWorld
from tests.scenarios.timeline import timeline


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_month_ends_come_back_after_february(open_world: OpenWorld) -> None:
    world = open_world(at("2027-01-31 09:00"))
    ada = world.customer("Ada")
    ada.buy(zone_plan("ada.example"), VISA)
    world.until(at("2027-05-01 00:00"))
    assert timeline(ada) == [
        "2027-01-31 subscription.started to 2027-02-28 payment",
        "2027-01-31 invoice.paid 20.00 payment",
        "2027-02-28 subscription.renewed to 2027-03-31 payment",
        "2027-02-28 invoice.paid 20.00 payment",
        "2027-03-31 subscription.renewed to 2027-04-30 payment",
        "2027-03-31 invoice.paid 20.00 payment",
        "2027-04-30 subscription.renewed to 2027-05-31 payment",
        "2027-04-30 invoice.paid 20.00 payment",
    ]
    assert len(ada.charges()) == 4


def test_leap_day_is_kept_as_the_anchor(open_world: OpenWorld) -> None:
    world = open_world(at("2028-02-29 09:00"))
    ada = world.customer("Ada")
    ada.buy(zone_plan("ada.example"), VISA)
    world.until(at("2028-05-01 00:00"))
    assert [f"{i.issued_at:%d %b}" for i in ada.invoices()] == ["29 Feb", "29 Mar", "29 Apr"]


def test_summer_time_moves_the_instant_not_the_local_hour(open_world: OpenWorld) -> None:
    world = open_world(at("2027-02-28 20:00"))
    ada = world.customer("Ada", time_zone="America/New_York")
    ada.buy(zone_plan("ada.example"), VISA)
    world.until(at("2027-04-29 00:00"))
    # 15:00 in New York each time: UTC−5 in winter, UTC−4 after 14 March
    assert [f"{i.issued_at:%d %b %H:%M}" for i in ada.invoices()] == [
        "28 Feb 20:00",
        "28 Mar 19:00",
        "28 Apr 19:00",
    ]


def test_trial_converts_on_the_confirmed_mandate(open_world: OpenWorld) -> None:
    world = open_world(at("2027-03-01 12:00"))
    ben = world.customer("Ben")
    ben.buy(zone_plan("ben.example", PRO_TRIAL), VISA)
    assert ben.has("zone-pro")
    world.until(at("2027-05-01 00:00"))
    assert timeline(ben) == [
        "2027-03-01 subscription.started to 2027-03-15 trial",
        "2027-03-15 subscription.renewed to 2027-04-15 payment",
        "2027-03-15 invoice.paid 20.00 payment",
        "2027-04-15 subscription.renewed to 2027-05-15 payment",
        "2027-04-15 invoice.paid 20.00 payment",
    ]


def test_trial_that_cannot_be_charged_goes_on_grace_and_ends(open_world: OpenWorld) -> None:
    world = open_world(at("2027-03-01 12:00"))
    ben = world.customer("Ben")
    ben.buy(zone_plan("ben.example", PRO_TRIAL), VISA)
    ben.card_becomes(NO_FUNDS)
    world.until(at("2027-05-01 00:00"))
    assert [line for line in timeline(ben) if line >= "2027-03-15"] == [
        "2027-03-15 subscription.renewed to 2027-04-15 grace",
        "2027-03-15 invoice.issued 20.00",
        "2027-03-15 grace.granted 20.00 to 2027-03-20 insufficient_funds",
        "2027-03-15 standing.changed grace",
        "2027-03-16 collection.failed 20.00 insufficient_funds",
        "2027-03-17 collection.failed 20.00 insufficient_funds",
        "2027-03-18 collection.failed 20.00 insufficient_funds",
        "2027-03-19 collection.failed 20.00 insufficient_funds",
        "2027-03-20 standing.changed past_due",
        "2027-03-20 collection.failed 20.00 insufficient_funds",
        "2027-04-15 subscription.ended unpaid",
    ]
    assert not ben.charges()


def test_unpaid_renewal_runs_down_its_five_days_and_ends_with_its_period(open_world: OpenWorld) -> None:
    world = open_world(at("2027-01-10 08:00"))
    cleo = world.customer("Cleo")
    cleo.buy(zone_plan("cleo.example"), VISA)
    cleo.card_becomes(NO_FUNDS)
    world.until(at("2027-02-14 00:00"))
    assert cleo.has("zone-pro"), "grace: service continues"
    world.until(at("2027-02-15 08:00"))
    assert not cleo.has("zone-pro"), "grace is over"
    world.until(at("2027-06-01 00:00"))
    assert timeline(cleo)[2:] == [
        "2027-02-10 subscription.renewed to 2027-03-10 grace",
        "2027-02-10 invoice.issued 20.00",
        "2027-02-10 grace.granted 20.00 to 2027-02-15 insufficient_funds",
        "2027-02-10 standing.changed grace",
        "2027-02-11 collection.failed 20.00 insufficient_funds",
        "2027-02-12 collection.failed 20.00 insufficient_funds",
        "2027-02-13 collection.failed 20.00 insufficient_funds",
        "2027-02-14 collection.failed 20.00 insufficient_funds",
        "2027-02-15 standing.changed past_due",
        "2027-02-15 collection.failed 20.00 insufficient_funds",
        "2027-03-10 subscription.ended unpaid",
    ]
    tried = [f"{a.created_at:%d %b}" for a in cleo.attempts() if a.path == "collection"]
    assert tried == ["11 Feb", "12 Feb", "13 Feb", "14 Feb", "15 Feb"]
    assert (cleo.debt(), len(cleo.charges())) == (2_000, 1)


def test_paying_late_debt_lifts_and_a_new_subscription_has_a_new_anchor(open_world: OpenWorld) -> None:
    world = open_world(at("2027-01-10 08:00"))
    cleo = world.customer("Cleo")
    cleo.buy(zone_plan("cleo.example"), VISA)
    cleo.card_becomes(NO_FUNDS)
    world.until(at("2027-03-20 08:00"))
    cleo.pay_debt()
    cleo.buy(zone_plan("cleo.example"), VISA)
    world.work()
    assert timeline(cleo)[13:] == [
        "2027-03-20 invoice.paid 20.00 payment",
        "2027-03-20 subscription.started to 2027-04-20 payment",
        "2027-03-20 invoice.paid 20.00 payment",
        "2027-03-20 standing.changed good",
    ]


def test_cancelled_at_the_end_of_the_period_and_taken_back(open_world: OpenWorld) -> None:
    world = open_world(at("2027-01-10 08:00"))
    dora = world.customer("Dora")
    dora.buy(zone_plan("dora.example"), VISA)
    dora.open(CancelAtPeriodEnd(subscription_id=dora.subscription().id))
    world.wait(days=5)
    dora.open(Uncancel(subscription_id=dora.subscription().id))
    world.until(at("2027-02-11 00:00"))
    dora.open(CancelAtPeriodEnd(subscription_id=dora.subscription().id))
    world.until(at("2027-04-01 00:00"))
    assert timeline(dora)[2:] == [
        "2027-01-10 subscription.scheduled to 2027-02-10",
        "2027-01-15 subscription.scheduled to 2027-02-10",
        "2027-02-10 subscription.renewed to 2027-03-10 payment",
        "2027-02-10 invoice.paid 20.00 payment",
        "2027-02-11 subscription.scheduled to 2027-03-10",
        "2027-03-10 subscription.ended canceled",
    ]
    assert not dora.grants()


def test_monthly_to_yearly_credits_the_rest_of_the_month(open_world: OpenWorld) -> None:
    world = open_world(at("2027-04-01 00:00"))
    eli = world.customer("Eli")
    eli.buy(zone_plan("eli.example"), VISA)
    world.until(at("2027-04-16 00:00"))
    yearly = ChangeInterval(
        subscription_id=eli.subscription().id, prices=((item_of(eli.subscription()), "zone-pro-usd-year@1"),)
    )
    eli.buy(yearly, VISA)
    assert [line.amount for line in eli.lines(eli.invoices()[-1])] == [-1_000, 20_000]
    world.until(at("2028-04-17 00:00"))
    assert [f"{i.issued_at:%Y-%m-%d} {i.total}" for i in eli.invoices()] == [
        "2027-04-01 2000",
        "2027-04-16 19000",
        "2028-04-16 20000",
    ]


def test_upgrade_and_back_costs_what_was_used(open_world: OpenWorld) -> None:
    world = open_world(at("2027-04-01 00:00"))
    fay = world.customer("Fay")
    fay.buy(zone_plan("fay.example"), VISA)
    world.until(at("2027-04-16 00:00"))
    fay.buy(switch(fay.subscription(), BUSINESS), VISA)
    fay.open(switch(fay.subscription(), PRO))
    world.until(at("2027-05-02 00:00"))
    assert [(f"{i.issued_at:%d %b}", i.total) for i in fay.invoices()] == [
        ("01 Apr", 2_000),
        ("16 Apr", 9_000),  # half a month of Business, less half a month of Pro
        ("01 May", 2_000),  # the downgrade waited for the end of the month
    ]


@pytest.mark.parametrize(
    ("currency", "price", "amount"),
    [
        ("JPY", "zone-pro-jpy-month@1", 3_000),
        ("KWD", "zone-pro-kwd-month@1", 6_200),
        ("EUR", "zone-pro-eur-month@1", 1_900),
    ],
)
def test_currencies_with_other_decimals(
    open_world: OpenWorld, currency: str, price: str, amount: int
) -> None:
    world = open_world(at("2027-01-10 08:00"))
    gus = world.customer("Gus", currency=currency, entity="solvent-eu")
    gus.buy(zone_plan("gus.example", price), VISA)
    world.wait(days=32)
    assert [(i.total, i.currency, i.number[:3]) for i in gus.invoices()] == [(amount, currency, "SEU")] * 2


def test_contract_is_billed_on_terms_and_never_charged_by_surprise(open_world: OpenWorld) -> None:
    world = open_world(at("2027-01-10 08:00"))
    corp = world.customer("Corp", terms_days=30)
    corp.open(zone_plan("corp.example", BUSINESS))
    assert corp.has("zone-business"), "the contract is the proof"
    assert [(i.debt, f"{i.due_at:%d %b}") for i in corp.open_invoices()] == [(20_000, "09 Feb")]
    assert not corp.charges()


def test_payment_link_after_a_challenge_keeps_the_period(open_world: OpenWorld) -> None:
    world = open_world(at("2027-01-10 08:00"))
    hana = world.customer("Hana")
    hana.buy(zone_plan("hana.example"), CHALLENGED_ALWAYS)
    world.until(at("2027-02-12 08:00"))
    hana.pay_debt(CHALLENGED_ALWAYS)
    world.work()
    subscription = hana.subscription()
    assert subscription.grace_until is None
    assert subscription.period.end - subscription.period.start == timedelta(days=28)
    assert timeline(hana)[-3:] == [
        "2027-02-12 invoice.paid 20.00 payment",
        "2027-02-12 grace.lifted",
        "2027-02-12 standing.changed good",
    ]

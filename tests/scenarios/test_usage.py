"""Usage: stories of what was used and what it cost, readable from top to bottom."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from solvent.core.meter import UsageEvent
from solvent.core.request import CancelAtPeriodEnd, NewItem, Start
from solvent.flows.usage import Ingested, ingest
from solvent.sim import Customer
from solvent.sim.stories.goods import NO_FUNDS, VISA
from tests.scenarios.conftest import OpenWorld
from tests.scenarios.timeline import timeline

_ids = itertools.count(1)


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def subscribe(*items: tuple[str, str]) -> Start:
    """A subscription of prices, each for an object."""
    return Start(items=tuple(NewItem(price_id=price, object=thing) for price, thing in items))


def uses(customer: Customer, meter: str, value: int, when: str, thing: str = "account", **said: str) -> None:
    """A product service tells what was used."""
    event = UsageEvent(
        said.get("id", f"event-{next(_ids)}"),
        customer.id,
        meter,
        at(when),
        thing,
        value,
        None,
        said.get("corrects"),
    )
    assert isinstance(ingest(customer.world.platform, [event], lambda: customer.world.now), Ingested)


def test_twenty_dollars_flat_and_five_forty_seven_of_usage(open_world: OpenWorld) -> None:
    world = open_world(at("2027-01-31 09:00"))
    ada = world.customer("Ada")
    ada.buy(
        subscribe(("zone-pro-usd-month@1", "zone:ada.example"), ("requests-usd-month@1", "account")), VISA
    )
    world.until(at("2027-02-10 09:00"))
    uses(ada, "requests", 18_233_333, "2027-02-09 12:00")
    world.until(at("2027-04-01 00:00"))
    assert timeline(ada) == [
        "2027-01-31 subscription.started to 2027-02-28 payment",
        "2027-01-31 invoice.paid 20.00 payment",
        "2027-02-28 subscription.renewed to 2027-03-31 payment",
        "2027-02-28 invoice.paid 25.47 payment",
        "2027-03-31 subscription.renewed to 2027-04-30 payment",
        "2027-03-31 invoice.paid 20.00 payment",
    ]
    assert str(ada.lines(ada.invoices()[1])[1].explanation) == (
        "requests: 18233333 × 0.0000003 USD = 5.4699999, rounded half-up to 5.47 USD,"
        " used from 2027-01-31 through 2027-02-28"
    )


def test_minutes_in_yen_late_and_corrected(open_world: OpenWorld) -> None:
    world = open_world(at("2027-03-01 09:00"))
    emi = world.customer("Emi", currency="JPY", time_zone="Asia/Tokyo")
    emi.buy(subscribe(("stream-jpy-month@1", "zone:emi.example")), VISA)
    world.until(at("2027-03-20 00:00"))
    uses(emi, "stream-minutes", 5_001, "2027-03-19 00:00", "zone:emi.example", id="long")
    world.until(at("2027-04-02 00:00"))  # 1,000 minutes free, 4,001 at 0.15 yen: 600.15
    uses(emi, "stream-minutes", 1_000, "2027-03-31 23:00", "zone:emi.example")  # 750.15 in all
    uses(emi, "stream-minutes", 4_001, "2027-04-01 23:00", "zone:emi.example", id="fix", corrects="long")
    uses(emi, "stream-minutes", 7_000, "2027-04-01 23:00", "zone:emi.example")  # 900 for April
    world.until(at("2027-05-02 00:00"))
    assert [(i.total, [line.amount for line in emi.lines(i)]) for i in emi.invoices()] == [
        (600, [600]),
        (900, [900]),  # 5,001 minutes after all: what was late is as much as the correction takes away
    ]


def test_a_threshold_a_declined_card_and_the_last_usage(open_world: OpenWorld) -> None:
    world = open_world(at("2027-06-01 09:00"))
    ben = world.customer("Ben")
    ben.buy(subscribe(("requests-usd-month@1", "account")), VISA)
    world.until(at("2027-06-10 09:00"))
    uses(ben, "requests", 400_000_000, "2027-06-10 08:00")
    world.until(at("2027-06-11 09:00"))
    ben.open(CancelAtPeriodEnd(subscription_id=ben.subscription().id))
    uses(ben, "requests", 10_000_000, "2027-06-11 08:00")
    ben.card_becomes(NO_FUNDS)
    world.until(at("2027-07-01 12:00"))
    ben.card_becomes(VISA)
    world.until(at("2027-07-03 12:00"))
    assert timeline(ben) == [
        "2027-06-01 subscription.started to 2027-07-01 trial",
        "2027-06-10 invoice.paid 120.00 payment",
        "2027-06-11 subscription.scheduled to 2027-07-01",
        "2027-07-01 subscription.ended canceled",
        "2027-07-01 invoice.issued 3.00",
        "2027-07-01 grace.granted 3.00 to 2027-07-06 insufficient_funds",
        "2027-07-01 standing.changed grace",
        "2027-07-02 invoice.paid 3.00 payment",
        "2027-07-02 standing.changed good",
    ]

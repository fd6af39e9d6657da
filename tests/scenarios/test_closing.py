"""Closing the books: the worked examples of docs/ledger.md as they stand there, and a year's plan month by month.

Each example is one customer in a world of their own; what the manual shows is the journal of that customer, and it must
be exactly what the export writes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from solvent.core.money import format_minor
from solvent.core.payment import StaleMoney
from solvent.core.proration import Granularity
from solvent.core.request import CancelNow
from solvent.flows.statements import learn_fees
from solvent.sim import Customer, World
from solvent.sim.stories.goods import (
    BUSINESS,
    CHALLENGED,
    CHARGED_TWICE,
    NO_FUNDS,
    VISA,
    switch,
    zone_plan,
)
from solvent.store import exports
from solvent.store.closing import EVERYBODY, snapshot, unbalanced
from tests.scenarios.conftest import OpenWorld

MANUAL = Path(__file__).parents[2] / "docs" / "ledger.md"
PRO_YEAR = "zone-pro-usd-year@1"
BUSINESS_YEAR = "zone-business-usd-year@1"
END = datetime(2027, 3, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def journal(customer: Customer, start: datetime, end: datetime) -> list[exports.JournalRow]:
    """The customer's part of the exported journal."""
    with snapshot(customer.world.database.pool) as connection:
        rows = exports.journal(connection, start, end, Granularity.SECOND, EVERYBODY)
        found = [row for row in rows if row.account_id == customer.id]
    return sorted(found, key=lambda row: (row.booked_at, row.source))


def written(customer: Customer) -> list[str]:
    """The journal as the manual spells it, a row each."""
    return [
        f"| {row.booked_at:%Y-%m-%d %H:%M:%S} | {row.source} | {row.debit} | {row.credit} "
        f"| {format_minor(row.amount, row.currency)} |"
        for row in journal(customer, at("2027-01-01"), END)
    ]


def purchase(world: World) -> Customer:
    ada = world.customer("Ada")
    ada.buy(zone_plan("ada.example"), VISA)
    return ada


def renewal_on_grace(world: World) -> Customer:
    cleo = purchase(world)
    cleo.card_becomes(NO_FUNDS)
    world.until(at("2027-02-04 10:00"))
    cleo.pay_debt(VISA)
    return cleo


def upgrade(world: World) -> Customer:
    dora = purchase(world)
    world.until(at("2027-01-16 12:00"))
    dora.buy(switch(dora.subscription(), BUSINESS))
    return dora


def stale_money(world: World) -> Customer:
    """A purchase is given up while the bank does not know it; the same is bought again; then the first money comes."""
    emil, line = world.customer("Emil"), world.banks.lines["sandbox"]
    waiting = emil.confirm(emil.open(zone_plan("emil.example")), CHALLENGED)
    line.blind, world.polls = True, False
    world.wait(minutes=31)
    line.blind = False
    world.until(at("2027-02-01"))
    emil.buy(zone_plan("emil.example"), VISA)
    emil.pass_challenge(waiting)
    world.work()
    return emil


def unused_time(world: World) -> Customer:
    finn = purchase(world)
    world.until(at("2027-01-16 12:00"))
    finn.buy(CancelNow(subscription_id=finn.subscription().id, credit=True))
    return finn


def refund(world: World) -> Customer:
    world.platform = replace(
        world.platform, policy=replace(world.platform.policy, stale_money=StaleMoney.REFUND)
    )
    hana = world.customer("Hana")
    hana.buy(zone_plan("hana.example"), CHARGED_TWICE)
    world.work()
    world.wait(minutes=30)
    return hana


def fees(world: World) -> Customer:
    for bank in world.banks.by_name.values():
        bank.set_tariff(ppm=29_000, fixed=30)
    ivo = purchase(world)
    world.wait(hours=1)
    assert learn_fees(world.platform, "sandbox", at("2027-01-01"), world.now, world.now) == 1
    return ivo


EXAMPLES: dict[str, Callable[[World], Customer]] = {
    "A purchase": purchase,
    "A renewal on grace, then paid": renewal_on_grace,
    "An upgrade with credit for unused time": upgrade,
    "Stale money kept as credit": stale_money,
    "Unused time as account credit": unused_time,
    "A refund": refund,
    "What the provider keeps": fees,
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_manual_shows_what_is_written(name: str, open_world: OpenWorld) -> None:
    customer = EXAMPLES[name](open_world(at("2027-01-01")))
    manual = MANUAL.read_text(encoding="utf-8")
    section = manual.split(f"### {name}\n")[1].split("\n### ")[0].split("\n## ")[0]
    shown = re.findall(r"^\| 20\d\d-.*$", section, re.MULTILINE)
    assert written(customer) == shown


def test_the_manual_has_no_other_example() -> None:
    manual = MANUAL.read_text(encoding="utf-8")
    assert re.findall(r"^### (.*)$", manual, re.MULTILINE) == list(EXAMPLES)


def month_starts(year: int, first: int = 1) -> list[datetime]:
    """The first instants of the months from `first` on, and of the next year."""
    return [
        *(datetime(year, month, 1, tzinfo=UTC) for month in range(first, 13)),
        datetime(year + 1, 1, 1, tzinfo=UTC),
    ]


def closed(customer: Customer, moment: datetime) -> tuple[str, str]:
    """Revenue and deferred revenue of the customer at a moment, from the journal up to it."""
    sums: Counter[str] = Counter()
    for row in journal(customer, at("2020-01-01"), moment):
        sums[row.debit] -= row.amount
        sums[row.credit] += row.amount
    return format_minor(sums["revenue"], "USD"), format_minor(sums["deferred_revenue"], "USD")


def test_a_year_in_advance_month_by_month(open_world: OpenWorld) -> None:
    world = open_world(at("2027-01-01"))
    ida = world.customer("Ida")
    ida.buy(zone_plan("ida.example", PRO_YEAR), VISA)
    assert [closed(ida, moment) for moment in month_starts(2027)] == [
        ("0.00", "0.00"),
        ("16.99", "183.01"),  # 31 of 365 days
        ("32.33", "167.67"),  # 59
        ("49.32", "150.68"),  # 90
        ("65.75", "134.25"),  # 120
        ("82.74", "117.26"),  # 151
        ("99.18", "100.82"),  # 181
        ("116.16", "83.84"),  # 212
        ("133.15", "66.85"),  # 243
        ("149.59", "50.41"),  # 273
        ("166.58", "33.42"),  # 304
        ("183.01", "16.99"),  # 334
        ("200.00", "0.00"),
    ]


def test_an_upgrade_in_july_leaves_the_closed_half_year_alone(open_world: OpenWorld) -> None:
    """184 of 365 days are left: 100.82 of 200.00 is credited, 1,008.22 of 2,000.00 charged."""
    world = open_world(at("2027-01-01"))
    jon = world.customer("Jon")
    jon.buy(zone_plan("jon.example", PRO_YEAR), VISA)
    half = [closed(jon, moment) for moment in month_starts(2027)[:7]]
    world.until(at("2027-07-01"))
    jon.buy(switch(jon.subscription(), BUSINESS_YEAR))
    assert [line.amount for line in jon.lines(jon.invoices()[-1])] == [-10_082, 100_822]
    assert [closed(jon, moment) for moment in month_starts(2027)[:7]] == half
    assert [closed(jon, moment) for moment in month_starts(2027, 8)] == [
        ("269.03", "838.37"),  # 116.16 − 16.99 + 169.86: each line rounded by itself
        ("438.91", "668.49"),
        ("603.29", "504.11"),
        ("773.15", "334.25"),
        ("937.54", "169.86"),
        ("1107.40", "0.00"),
    ]


def test_what_comes_late_shows_in_the_month_in_which_it_is_booked(open_world: OpenWorld) -> None:
    """A credit in March leaves January and February as they were closed."""
    world = open_world(at("2027-01-01"))
    kim = world.customer("Kim")
    kim.buy(zone_plan("kim.example"), VISA)
    world.until(at("2027-03-16 12:00"))
    before = [closed(kim, moment) for moment in month_starts(2027)[:3]]
    kim.buy(CancelNow(subscription_id=kim.subscription().id, credit=True))
    assert [closed(kim, moment) for moment in month_starts(2027)[:3]] == before
    assert closed(kim, at("2027-04-01")) == ("50.00", "0.00")
    with snapshot(world.database.pool) as connection:
        assert unbalanced(connection, world.now, Granularity.SECOND) == 0

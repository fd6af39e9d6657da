"""A card that ends, day by day, for each segment: when its customer is told, what its bank does, what is tried.

`dunning/expiry.txt` is told by `told`; `RETELL=1` writes it anew. The days stand here, worked out by hand.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from solvent.core.account import Segment
from solvent.core.expiry import last_day
from solvent.sim import Customer
from solvent.store.embedded import EmbeddedServer
from solvent.store.figures import Happened
from tests.flows.acts import EXPIRED, GOOD, zone
from tests.scenarios.test_dunning_timelines import _govern
from tests.simulation.checks import wrong
from tests.simulation.databases import Databases
from tests.simulation.fragile import FragileWorld

GOLDEN = Path(__file__).parent / "dunning" / "expiry.txt"
DAY = timedelta(days=1)
ENDS = last_day(2027, 5)  # 31 May 2027: the card is past its last day from 1 June, 00:00 UTC, on
# By hand: 30 days before 1 June is 2 May, 45 days before is 17 April.
TOLD = dict.fromkeys(Segment, "2027-05-02") | {Segment.CONTRACT: "2027-04-17"}


@pytest.fixture(scope="module")
def lived(postgres: EmbeddedServer) -> Iterator[dict[str, str]]:
    """What each customer lived through. Standard has the card renewed by its bank in the middle of May, partner before
    anybody is told and without a word from the bank; academic's bank declines what is past its day."""
    with Databases(postgres).one() as url:
        world = FragileWorld(url, buckets=(1,), seed=1)
        world.polls = False
        _govern(world)
        customers = {s: world.customer(s.title(), segment=s, time_zone="UTC") for s in Segment}
        bank = world.banks.by_name["sandbox"]
        for segment, customer in customers.items():
            customer.buy(zone(f"{segment}.example"), GOOD)
            bank.renew_card(_token(customer), "2027-05", world.now)
        world.until(datetime(2027, 4, 10, tzinfo=UTC))
        bank.renew_card(_token(customers[Segment.PARTNER]), "2031-05", world.now, quietly=True)
        world.until(datetime(2027, 5, 15, tzinfo=UTC))
        bank.renew_card(_token(customers[Segment.STANDARD]), "2031-05", world.now)
        world.until(datetime(2027, 5, 31, tzinfo=UTC))
        customers[Segment.ACADEMIC].card_becomes(EXPIRED)
        world.until(datetime(2027, 7, 15, tzinfo=UTC))
        told = {s.value: "\n".join(_lines(customers[s])) for s in Segment}
        found = wrong(world)
        world.close()
        assert found == []
        yield told


def _token(customer: Customer) -> str:
    return customer.snapshot().methods[0].token


def _lines(customer: Customer) -> list[str]:
    events = [e for e in customer.events() if e.occurred_at >= datetime(2027, 1, 1, tzinfo=UTC)]
    return [f"{e.occurred_at:%Y-%m-%d}  {said}" for e in events if (said := _said(e))]


def _said(event: Happened) -> str | None:
    data = event.data
    match event.type:
        case "method.updated":
            return f"the bank says: {data['label']} works until {data['expires_on']}"
        case "method.expiring":
            return f"told: {data['label']} works until {data['expires_on']}"
        case "method.invalidated":
            return f"the card is out of use: {data['cause']}"
        case "subscription.renewed":
            return "renewed"
        case "standing.changed":
            return f"standing {data['before']} → {data['after']}"
        case _:
            return None


def test_the_timeline_of_a_card_that_ends(lived: dict[str, str]) -> None:
    text = "".join(f"{segment}\n{lines}\n\n" for segment, lines in lived.items())
    if os.environ.get("RETELL"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("segment", Segment)
def test_each_customer_is_told_on_the_day_that_policy_says_and_once(
    lived: dict[str, str], segment: Segment
) -> None:
    told = [line[:10] for line in lived[segment].splitlines() if "  told: " in line]
    assert told == ([] if segment is Segment.PARTNER else [TOLD[segment]])


def test_who_was_told_and_renewed_goes_on_and_who_has_only_the_old_card_is_in_grace(
    lived: dict[str, str],
) -> None:
    assert "standing" not in lived[Segment.STANDARD]
    assert "standing" not in lived[Segment.PARTNER]
    assert "the card is out of use: card_expired" in lived[Segment.ACADEMIC]
    assert "standing good → grace" in lived[Segment.ACADEMIC]

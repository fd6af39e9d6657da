"""Disputes as an accountant writes them down: dates, what was told, and the ledger, for one that is won, lost, partial.

20.00 a month from 1 April 2027 (30 days); the bank asks 15.00 for a dispute.
"""

from __future__ import annotations

from datetime import UTC, datetime

from solvent.sim import Customer, World
from solvent.sim.stories.goods import VISA, zone_plan
from tests.scenarios.conftest import OpenWorld
from tests.scenarios.timeline import timeline

OPENED, DECIDED, PAID = (datetime(2027, 4, day, 9, tzinfo=UTC) for day in (10, 20, 25))


def disputed(open_world: OpenWorld, amount: int | None = None) -> tuple[World, Customer, str]:
    """Ada buys on the 1st and contests on the 10th."""
    world = open_world(datetime(2027, 4, 1, tzinfo=UTC))
    ada = world.customer("Ada")
    paid = ada.buy(zone_plan("ada.example"), VISA)
    world.until(OPENED)
    bank = world.banks.by_name["sandbox"]
    ref = bank.open_dispute(str(paid.ref), world.now, amount=amount, reason="fraudulent", fee=1_500)["id"]
    world.work()
    return world, ada, ref


def decide(world: World, ref: str, *, won: bool) -> None:
    """The bank decides on the 20th."""
    world.until(DECIDED)
    world.banks.by_name["sandbox"].close_dispute(ref, won, world.now)
    world.work()


def books(customer: Customer) -> dict[str, int]:
    """Debits less credits by ledger account."""
    return {name: amount for (name, _), amount in customer.ledger().items()}


def test_won(open_world: OpenWorld) -> None:
    world, ada, ref = disputed(open_world)
    assert books(ada) == {
        "cash:sandbox": -1_500,  # 20.00 − 20.00 − 15.00
        "disputes": 2_000,
        "dispute_fees": 1_500,
        "deferred_revenue": -2_000,
    }
    decide(world, ref, won=True)
    assert books(ada) == {"cash:sandbox": 500, "dispute_fees": 1_500, "deferred_revenue": -2_000}
    assert timeline(ada) == [
        "2027-04-01 subscription.started to 2027-05-01 payment",
        "2027-04-01 invoice.paid 20.00 payment",
        "2027-04-10 dispute.opened 20.00 fraudulent",
        "2027-04-20 dispute.won 20.00 fraudulent",
    ]
    assert [f for f in world.agreement() if f.violations] == []


def test_lost_and_paid_again(open_world: OpenWorld) -> None:
    """Due on 1 April, five days of grace: on the 20th the account is past due, and service has ended."""
    world, ada, ref = disputed(open_world)
    decide(world, ref, won=False)
    (invoice,) = ada.invoices()
    assert (invoice.state, invoice.total, invoice.paid, invoice.debt) == ("open", 2_000, 0, 2_000)
    assert books(ada) == {
        "receivable": 2_000,
        "cash:sandbox": -1_500,
        "dispute_fees": 1_500,
        "deferred_revenue": -2_000,
    }
    assert not ada.has("zone-pro")
    world.until(PAID)
    ada.pay_debt()
    world.work()
    assert timeline(ada)[2:] == [
        "2027-04-10 dispute.opened 20.00 fraudulent",
        "2027-04-20 dispute.lost 20.00 fraudulent",
        "2027-04-20 invoice.reopened",
        "2027-04-20 grace.granted 20.00 to 2027-04-06 dispute",
        "2027-04-20 standing.changed past_due",
        "2027-04-25 invoice.resolved 20.00",
        "2027-04-25 grace.lifted",
        "2027-04-25 standing.changed good",
    ]
    assert books(ada)["cash:sandbox"] == 500  # 20.00 − 20.00 − 15.00 + 20.00
    assert ada.has("zone-pro")
    assert [f for f in world.agreement() if f.violations] == []


def test_a_part_is_lost(open_world: OpenWorld) -> None:
    """5.00 of 20.00: 20.00 − 15.00 = 5.00 is owed again."""
    world, ada, ref = disputed(open_world, amount=500)
    assert books(ada)["disputes"] == 500
    decide(world, ref, won=False)
    (invoice,) = ada.invoices()
    assert (invoice.paid, invoice.charged_back, invoice.debt) == (1_500, 500, 500)
    world.until(PAID)
    assert ada.pay_debt().plan.due == 500
    world.work()
    assert books(ada) == {
        "cash:sandbox": 500,  # 20.00 − 5.00 − 15.00 + 5.00
        "dispute_fees": 1_500,
        "deferred_revenue": -2_000,
    }
    assert [line for line in timeline(ada) if "dispute" in line] == [
        "2027-04-10 dispute.opened 5.00 fraudulent",
        "2027-04-20 dispute.lost 5.00 fraudulent",
        "2027-04-20 grace.granted 5.00 to 2027-04-06 dispute",
    ]
    assert [f for f in world.agreement() if f.violations] == []

"""Statements: what a provider keeps is booked as its fee, once, and changes nothing of what was paid."""

from datetime import timedelta

import pytest

from solvent import worker
from solvent.flows import statements
from solvent.flows.statements import TooMuch, learn_fees
from solvent.providers.sandbox import FaultPlan
from solvent.sim import Customer
from tests.flows.acts import TWICE, zone
from tests.flows.test_credit import refund
from tests.simulation.fragile import FragileWorld

DAY = timedelta(days=1)


@pytest.fixture
def world(world: FragileWorld) -> FragileWorld:
    """The bank keeps 2.9 % and 30 cents."""
    world.banks.by_name["sandbox"].set_tariff(29_000, 30)
    return world


def learn(world: FragileWorld) -> int | None:
    return learn_fees(world.platform, "sandbox", world.now - DAY, world.now + DAY, world.now)


def books(customer: Customer) -> tuple[int, int]:
    """What the provider kept, and what it holds."""
    ledger = customer.ledger()
    return ledger.get(("provider_fees", "USD"), 0), ledger.get(("cash:sandbox", "USD"), 0)


def test_what_was_kept_of_a_payment_is_booked_once(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    assert books(ada) == (0, 2_000)
    events = len(ada.events())
    assert learn(world) == 1
    assert books(ada) == (88, 1_912)  # = 20.00 × 2.9 % + 0.30
    assert learn(world) == 0
    assert books(ada) == (88, 1_912)
    (invoice,) = ada.invoices()
    assert (invoice.total, invoice.paid, invoice.debt, len(ada.events())) == (2_000, 2_000, 0, events)


def test_each_charge_has_its_own_fee_also_one_that_was_made_twice(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), TWICE)
    world.work()
    assert learn(world) == 2
    assert books(ada) == (176, 3_824)


def test_a_refund_gives_no_fee_back_where_the_provider_keeps_it(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    refund(ada, None)
    world.work()
    assert learn(world) == 1
    assert books(ada) == (88, -88)


def test_a_payment_that_is_not_in_the_books_yet_has_its_fee_later(world: FragileWorld, ada: Customer) -> None:
    attempt = ada.confirm(ada.open(zone()), "4000002500003155")
    ada.pass_challenge(attempt)
    assert learn(world) == 0
    world.work()
    assert learn(world) == 1


def test_fees_are_booked_in_portions(
    world: FragileWorld, ada: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "FEES_BATCH_MAX", 2)
    for name in ("a.example", "b.example", "c.example"):
        ada.buy(zone(name))
    assert learn(world) == 3
    assert books(ada)[0] == 3 * 88


def test_two_who_learn_of_one_fee_book_it_once(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    learned = []
    with world.meanwhile(2, lambda: learned.append(learn(world))):
        learned.append(learn(world))
    assert sum(filter(None, learned)) == 1
    assert books(ada) == (88, 1_912)


def test_a_statement_that_is_not_to_be_had_books_nothing(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    world.banks.lines["sandbox"].plan(FaultPlan(down=1.0))
    assert learn(world) is None
    assert books(ada) == (0, 2_000)


def test_a_statement_is_read_in_parts_and_has_a_bound_where_it_is_compared(
    world: FragileWorld, ada: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "MOVEMENTS_MAX", 1)
    monkeypatch.setattr(statements, "PART_MAX", 1)
    ada.buy(zone("a.example"))
    assert statements.read(world.platform, "sandbox", world.now - DAY, world.now + DAY) is not None
    ada.buy(zone("b.example"))
    with pytest.raises(TooMuch, match="sandbox tells of more than 1 movements: ask for less time"):
        statements.read(world.platform, "sandbox", world.now - DAY, world.now + DAY)
    assert learn(world) == 2


def test_what_was_missed_of_a_statement_is_made_up_for_a_day_at_a_time(
    world: FragileWorld, ada: Customer
) -> None:
    ask, _ = worker.ASKED["statement"]
    schedule = world.database.schedule
    assert ask(world.platform, schedule, "sandbox", world.now)
    first = world.now
    world.wait(days=2)
    ada.buy(zone())
    world.wait(hours=12)
    for days in (1, 2, 2.5, 2.5):
        assert ask(world.platform, schedule, "sandbox", world.now)
        assert schedule.stated_until("sandbox") == first + timedelta(days=days)
        assert books(ada)[0] == (88 if days > 2 else 0)

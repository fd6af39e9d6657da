"""Clock: an account with a clock of its own lives through its whole future on demand."""

from datetime import datetime, timedelta

import pytest

from solvent.core.account import Account, Segment
from solvent.core.payment import StaleMoney
from solvent.flows import clock
from solvent.flows.clock import TooFar, advance
from solvent.sim import Customer
from tests.flows.acts import DECLINED_LATER, put_off, zone
from tests.flows.test_usage import event, metered, rename_price, use
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.fragile import START, FragileWorld
from tests.simulation.goods import price


@pytest.fixture
def tess(world: FragileWorld) -> Customer:
    """A customer with a test clock, which stands at the beginning."""
    account = Account(
        id=world.platform.ids.account(),
        segment=Segment.STANDARD,
        currency="USD",
        country="US",
        time_zone="UTC",
        email="tess@example.com",
        name="Tess",
        entity="solvent-us",
        test_now=START,
    )
    with world.platform.store.begin() as tx:
        tx.accounts.add(account, world.now)
    return Customer(world, account)


def live_until(world: FragileWorld, customer: Customer, moment: datetime) -> int:
    return advance(world.platform, customer.id, moment, world.now)


def test_a_year_passes_at_once(world: FragileWorld, tess: Customer) -> None:
    tess.buy(zone())
    live_until(world, tess, START + timedelta(days=365))
    assert tess.subscription().index == 12
    assert len(tess.charges()) == 13
    assert world.now == START


def test_each_moment_is_lived_through_in_order(world: FragileWorld, tess: Customer) -> None:
    tess.buy(zone(), DECLINED_LATER)
    live_until(world, tess, START + timedelta(days=365))
    happened = [e.type for e in tess.events() if e.type.startswith(("subscription", "grace", "standing"))]
    assert happened == [
        "subscription.started",
        "subscription.renewed",
        "grace.granted",
        "standing.changed",
        "standing.changed",
        "subscription.ended",
    ]
    moments = [e.occurred_at for e in tess.events()]
    assert moments == sorted(moments)


def test_an_opened_attempt_expires_on_the_clock(world: FragileWorld, tess: Customer) -> None:
    attempt = tess.open(zone())
    live_until(world, tess, START + timedelta(hours=1))
    assert tess.attempt(attempt).cause == "expired"


def test_others_are_left_alone(world: FragileWorld, tess: Customer, ada: Customer) -> None:
    for customer in (tess, ada):
        customer.buy(zone())
    live_until(world, tess, START + timedelta(days=40))
    assert (tess.subscription().index, ada.subscription().index) == (1, 0)
    world.wait(days=40)
    assert (tess.subscription().index, ada.subscription().index) == (1, 1)


def test_a_clock_only_moves_forward(world: FragileWorld, tess: Customer) -> None:
    live_until(world, tess, START + timedelta(days=2))
    with pytest.raises(ValueError, match="only moves forward"):
        live_until(world, tess, START + timedelta(days=1))


def test_an_account_on_wall_time_has_no_clock(world: FragileWorld, ada: Customer) -> None:
    with pytest.raises(LookupError):
        live_until(world, ada, START + timedelta(days=1))


def test_a_call_is_bounded_and_says_how_far_it_got(
    world: FragileWorld, tess: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tess.buy(zone())
    monkeypatch.setattr(clock, "STEPS_MAX", 3)
    with pytest.raises(TooFar):
        live_until(world, tess, START + timedelta(days=365))
    assert 0 < tess.subscription().index < 12
    monkeypatch.undo()
    live_until(world, tess, START + timedelta(days=365))
    assert tess.subscription().index == 12


def test_a_crash_leaves_nothing_that_waits_for_the_clock(world: FragileWorld, tess: Customer) -> None:
    """Whatever was being recomputed is recomputed by the wall's time, for the clock may never move again."""
    tess.buy(zone(), DECLINED_LATER)
    at, died = 0, True
    while died:
        at += 1
        with world.during(Mishap(Trouble.KILLED, at)) as fate:
            live_until(world, tess, START + timedelta(days=30))
        died = fate.died
        world.wait(minutes=5)
        assert queued(world, tess) == 0
    assert at > 20
    assert (tess.subscription().index, tess.debt()) == (1, 2_000)


def queued(world: FragileWorld, customer: Customer) -> int:
    """How often the account is marked for recompute."""
    query = "select from recompute_queue where account_id = %s"
    with world.database.pool.connection() as connection:
        return len(connection.execute(query, (customer.id,)).fetchall())


def test_the_work_of_one_moment_is_bounded(
    world: FragileWorld, tess: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "ROUNDS_MAX", 1)
    tess.buy(zone())
    live_until(world, tess, START + timedelta(days=40))
    assert tess.subscription().index == 1


def test_refunds_follow_the_clock(world: FragileWorld, tess: Customer) -> None:
    world.decide(stale_money=StaleMoney.REFUND)
    attempt = tess.buy(zone(), "4000000000007726")
    world.banks.by_name["sandbox"].charge_twice(str(attempt.ref), world.now)
    world.deliver()
    live_until(world, tess, START + timedelta(days=3))
    assert [e.type for e in tess.events("refund")] == []  # the bank lives on the wall's time, and is not done
    world.clock.move(timedelta(days=3))
    live_until(world, tess, START + timedelta(days=6))
    assert [e.data["succeeded"] for e in tess.events("refund")] == [True]


def test_usage_that_cannot_be_billed_is_put_off_on_the_clock_of_its_account(
    world: FragileWorld, tess: Customer
) -> None:
    tess.buy(metered("requests"))
    use(tess, event(tess, 10_000_000, at=START))
    over = tess.subscription().period.end + world.platform.policy.usage_delay
    rename_price(world, tess, "gone@1")
    live_until(world, tess, over + timedelta(minutes=20))
    assert (tess.debt(), len(tess.invoices()), put_off(world)) == (0, 0, 1)
    rename_price(world, tess, price("requests"))
    live_until(world, tess, over + timedelta(hours=1))
    assert ([i.total for i in tess.invoices()], put_off(world)) == ([300], 0)

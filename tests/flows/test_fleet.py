"""The sweep of the fleet: it sees whatever one look at an account sees, and reads only those who may have changed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from solvent.core.catalog import CatalogError
from solvent.core.snapshot import Standing
from solvent.flows.fleet import EXAMPLES_MAX, Swept, sweep_bucket
from solvent.flows.recompute import gather
from solvent.sim import Customer
from tests.flows.acts import DECLINED_LATER, rename, zone
from tests.simulation.ending import dump
from tests.simulation.fragile import FragileWorld

LIMIT = 100
NOTED = "select count(*), max(examined_at) from examined where bucket = %s"


def sweep(world: FragileWorld, limit: int = LIMIT, *, observe: bool = False) -> Swept:
    return sweep_bucket(world.platform, world.buckets[0], world.now, limit, observe=observe)


def write(world: FragileWorld, statement: str, customer: Customer) -> None:
    """Somebody writes into the stores by hand."""
    with world.database.pool.connection() as connection:
        connection.execute(statement, {"account": customer.id, "now": world.now})


def noted(world: FragileWorld) -> object:
    with world.database.pool.connection() as connection:
        return connection.execute(NOTED, (world.buckets[0],)).fetchone()


@pytest.fixture
def bea(world: FragileWorld, ada: Customer) -> Customer:
    """Somebody who owes, beside Ada, who does not; both have been looked at."""
    ada.buy(zone())
    bea = world.customer("Bea")
    bea.buy(zone("bea.example"), DECLINED_LATER)
    bea.receive_credit(5_00, expires_at=world.now + timedelta(days=90))
    world.until(bea.subscription().period.end)
    sweep(world)
    return bea


def test_nobody_is_read_again_and_nothing_is_written_until_something_changes(
    world: FragileWorld, bea: Customer
) -> None:
    before, notes = dump(world), noted(world)
    world.clock.move(timedelta(minutes=1))
    assert sweep(world) == Swept(accounts=2)
    assert (dump(world), noted(world)) == (before, notes)


def test_the_first_sweep_reads_everybody_a_batch_at_a_time(world: FragileWorld, ada: Customer) -> None:
    for number in range(4):
        world.customer(f"Guest {number}").buy(zone(f"{number}.example"))
    assert sweep(world, limit=2) == Swept(accounts=5, read=5)
    assert sweep(world, limit=2) == Swept(accounts=5)


def test_time_that_has_come_is_seen(world: FragileWorld, bea: Customer) -> None:
    (verdict,) = gather(world.platform, world.buckets[0], [bea.id], world.now)
    assert verdict.recheck_at is not None
    world.clock.move(verdict.recheck_at - world.now - timedelta(seconds=1))
    assert sweep(world).read == 0
    world.clock.move(timedelta(seconds=1))
    assert sweep(world).read == 1


def test_another_policy_is_another_basis(world: FragileWorld, bea: Customer) -> None:
    world.decide(grace=world.platform.policy.grace + timedelta(days=1))
    assert sweep(world).read == 2


def test_an_account_on_a_clock_of_its_own_is_judged_by_that(world: FragileWorld, bea: Customer) -> None:
    write(world, "update account set test_now = %(now)s where id = %(account)s", bea)
    assert sweep(world) == Swept(accounts=2, read=1)
    world.clock.move(timedelta(days=2))
    assert bea.id not in sweep(world, observe=True).examples


DRIFTS = {
    "an entitlement is missing": "delete from entitlement where account_id = %(account)s",
    "an entitlement lasts too long": (
        "update entitlement set ends_at = ends_at + interval '1 year' where account_id = %(account)s"
    ),
    "the standing is another": "update health set standing = 'suspended' where account_id = %(account)s",
    "the timer is gone": "update health set recheck_at = null where account_id = %(account)s",
}


@pytest.mark.parametrize("drift", DRIFTS)
def test_drift_is_seen_told_and_repaired(
    world: FragileWorld, ada: Customer, bea: Customer, drift: str
) -> None:
    before = {name: rows for name, rows in dump(world).items() if name in ("entitlement", "subscription")}
    write(world, DRIFTS[drift], bea)
    planted = dump(world)
    seen = sweep(world, observe=True)
    assert (seen.accounts, seen.read, seen.restless, seen.examples) == (2, 1, 1, (bea.id,))
    assert seen.drifted == ("entitlement" in DRIFTS[drift])
    assert dump(world) == planted
    assert sweep(world) == seen
    assert sweep(world).restless == 0
    assert bea.standing() is Standing.GRACE
    assert {name: dump(world)[name] for name in before} == before


def test_who_cannot_be_read_is_named_and_holds_up_nobody(
    world: FragileWorld, ada: Customer, bea: Customer
) -> None:
    known = bea.subscription().items[0].price_id
    rename(world, bea, "gone@1")
    write(world, DRIFTS["an entitlement is missing"], ada)
    found = sweep(world, observe=True)
    assert (found.accounts, found.read, found.examples) == (2, 2, (ada.id,))
    ((broken, reason),) = found.broken
    assert (broken, "gone@1" in reason) == (bea.id, True)
    rename(world, bea, known)
    assert sweep(world).drifted == 1


def test_a_store_that_is_away_is_nobodys_fault(world: FragileWorld, ada: Customer) -> None:
    world.platform = replace(world.platform, outages=(CatalogError,))
    ada.buy(zone())
    known = ada.subscription().items[0].price_id
    rename(world, ada, "gone@1")
    with pytest.raises(CatalogError):
        sweep(world)
    rename(world, ada, known)


def test_examples_are_bounded(world: FragileWorld) -> None:
    many = Swept(restless=EXAMPLES_MAX, examples=tuple(range(EXAMPLES_MAX)))  # type: ignore[arg-type]
    assert len((many + many).examples) == EXAMPLES_MAX
    assert (many + many).restless == 2 * EXAMPLES_MAX

"""Drift: each kind planted with SQL, named by the state of the account, and then repaired or explained."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from solvent.core.drift import KINDS, DriftKind, Remedy
from solvent.core.ids import spell
from solvent.flows.recompute import examine, recompute
from solvent.sim import Customer
from solvent.store.embedded import EmbeddedServer
from tests.flows.acts import DECLINED_LATER, zone
from tests.flows.edge import Edge, edge
from tests.flows.plants import DAY, PLANTS, REFUSED, new_id, owing, paying, run
from tests.flows.test_dunning import govern
from tests.simulation.checks import wrong
from tests.simulation.databases import Databases
from tests.simulation.fragile import FragileWorld

BUCKETS = iter(range(1, 250))
ASKED = {
    DriftKind.PROVIDER_SAYS_PAID,
    DriftKind.PROVIDER_SAYS_UNPAID,
    DriftKind.PROVIDER_SAYS_OTHERWISE,
}


@pytest.fixture(scope="module")
def governed_url(postgres: EmbeddedServer) -> Iterator[str]:
    """The address of a database with goods on sale, in which no policy holds yet."""
    with Databases(postgres).one() as url:
        yield url


@pytest.fixture
def world(governed_url: str) -> Iterator[FragileWorld]:
    number = next(BUCKETS)
    world = FragileWorld(governed_url, buckets=(number,), seed=number)
    govern(world)
    yield world
    found = wrong(world)
    world.close()
    assert found == []


@pytest.fixture(scope="module")
def server() -> Iterator[Edge]:
    with edge() as opened:
        yield opened


def kinds(world: FragileWorld, ada: Customer) -> set[DriftKind]:
    (verdict,) = examine(world.platform, world.buckets[0], [ada.id], world.now)
    return {d.kind for d in verdict.disagreements}


def recomputed(world: FragileWorld, ada: Customer) -> None:
    with world.platform.store.begin() as tx:
        tx.queue.mark([ada.id], "test", world.now)
    recompute(world.platform, world.buckets[0], world.now, 10)


def test_every_kind_is_planted_refused_or_asked_of_a_provider() -> None:
    assert PLANTS.keys() | REFUSED.keys() | ASKED == set(DriftKind)
    assert {k for k in DriftKind if KINDS[k].done is Remedy.IMPOSSIBLE} == REFUSED.keys()


@pytest.mark.parametrize("kind", PLANTS, ids=str)
def test_what_is_planted_is_named_and_repaired_or_explained(
    world: FragileWorld, server: Edge, kind: DriftKind
) -> None:
    plant = PLANTS[kind]
    ada = plant.make(world)
    state = server.of(world).get(f"/accounts/{spell('acc', ada.id)}/state").json()
    told, *_ = [d for d in state["disagreements"] if d["kind"] == kind]
    assert plant.evidence in told["evidence"]
    assert (told["means"], told["done"]) == (KINDS[kind].means, KINDS[kind].done)
    recomputed(world, ada)
    match KINDS[kind].done:
        case Remedy.REPAIRED:
            world.work()
            assert kinds(world, ada) == set()
        case Remedy.REPORTED if plant.mend is None:
            world.work()
            assert kind not in kinds(world, ada)
        case _:
            assert kind in kinds(world, ada)
            assert plant.mend is not None
            run(world, plant.mend, id=ada.id)
            recomputed(world, ada)
            world.work()
            assert kinds(world, ada) == set()


@pytest.mark.parametrize("kind", REFUSED, ids=str)
def test_what_is_impossible_is_refused_by_the_database(world: FragileWorld, kind: DriftKind) -> None:
    ada = paying(world)
    query, error = REFUSED[kind]
    values = {"id": ada.id, "new": new_id(world), "bucket": world.buckets[0]}
    with world.database.pool.connection() as connection, pytest.raises(error):
        connection.execute(query, values)


@pytest.mark.parametrize("days", [0, 2, 6, 12, 22, 31])
def test_an_honest_life_has_no_drift_on_any_rung(world: FragileWorld, days: int) -> None:
    ada = owing(world, days)
    (verdict,) = examine(world.platform, world.buckets[0], [ada.id], world.now)
    assert verdict.disagreements == ()
    assert (verdict.coverage.examined, verdict.coverage.owing) == (1, 1)


def test_flags_that_somebody_took_away_come_back(world: FragileWorld) -> None:
    ada = owing(world, 6)
    run(world, "update health set measures = '[]' where account_id = %(id)s", id=ada.id)
    assert kinds(world, ada) == {DriftKind.FLAGS_BY_HAND}
    recomputed(world, ada)
    assert [m.measure for m in ada.snapshot().in_effect] == ["restrict"]
    assert kinds(world, ada) == set()


def test_an_account_that_waits_for_its_recompute_is_not_in_drift(world: FragileWorld) -> None:
    """What was paid a moment ago is recorded a moment later; only what stays so is a contradiction."""
    ada = owing(world, 2)
    ada.pay_debt()
    assert kinds(world, ada) == set()
    run(world, "delete from recompute_queue where account_id = %(id)s", id=ada.id)
    assert DriftKind.PAID_NOT_RESTORED in kinds(world, ada)
    recomputed(world, ada)
    assert kinds(world, ada) == set()


def test_what_time_alone_changes_is_not_drift(world: FragileWorld) -> None:
    ada = world.customer("Ada")
    ada.buy(zone(), DECLINED_LATER)
    world.until(ada.subscription().period.end)
    world.clock.move(5 * DAY)  # the look that is due has not happened yet
    assert kinds(world, ada) == set()
    world.work()

"""Every boundary of every path: whatever happens there, the story ends in one charge and one commit, or in neither.

The process dies, the provider is not reached, stays silent or acts and its reply is lost, at the first boundary, the
second, and so on to the last. Afterwards either nobody comes back, or the caller repeats the request.
"""

from uuid import UUID

import pytest

from tests.simulation.checks import wrong, wrong_at_rest
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.fragile import FragileWorld
from tests.simulation.paths import GOOD, PATHS, Path, view_of

BOUNDARIES_MAX = 60
_COMMITTED = "select count(*) from attempt where account_id = %s and state = 'committed' and amount > 0"
_IN_FLIGHT = "select count(*) from attempt where account_id = %s and look_at is not null"


def _count(world: FragileWorld, query: str, account_id: UUID) -> int:
    with world.database.pool.connection() as connection:
        row = connection.execute(query, (account_id,)).fetchone()
    return 0 if row is None else int(row[0])


def _prepared(world: FragileWorld, path: Path) -> UUID:
    """A new customer, brought to where the path begins."""
    account_id = world.customer("Ada").id
    world.clock.move_to(path.prepare(world.platform, account_id, world.now))
    if path.recovers:
        for method in view_of(world.platform, account_id).methods:
            world.banks.by_name[method.provider].set_behaviour(method.token, GOOD)
    return account_id


def _story(world: FragileWorld, path: Path, mishap: Mishap, *, again: bool) -> bool:
    """Walk the path with a mishap, let time pass, and judge; False when the path has no such boundary."""
    account_id = _prepared(world, path)
    charged = len(world.banks.by_name["sandbox"].charged_to(account_id))
    committed = _count(world, _COMMITTED, account_id)
    with world.during(mishap):
        path.act(world.platform, account_id, world.now)
        if world.boundaries.waiting:
            return False
    assert wrong(world) == []
    if again:
        path.act(world.platform, account_id, world.now)
    world.rest()
    world.wait(hours=1)  # whoever went away, their attempt has expired
    world.rest()
    assert wrong_at_rest(world) == []
    charged = len(world.banks.by_name["sandbox"].charged_to(account_id)) - charged
    committed = _count(world, _COMMITTED, account_id) - committed
    assert (charged, committed) in ({(1, 1)} if again or path.certain else {(0, 0), (1, 1)})
    assert _count(world, _IN_FLIGHT, account_id) == 0
    return True


# Death is told to the end by test_kills.py, with real processes; here it is for long runs.
TROUBLES = [pytest.param(t, marks=[pytest.mark.soak] * (t is Trouble.KILLED), id=t) for t in Trouble]


@pytest.mark.parametrize("again", [False, True], ids=["nobody comes back", "the caller repeats"])
@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("name", PATHS)
def test_any_trouble_at_any_boundary_ends_in_one_charge_or_none(
    shop_url: str, name: str, trouble: Trouble, again: bool
) -> None:
    process = None
    for at in range(
        1, BOUNDARIES_MAX
    ):  # each in a world of its own: a bucket of the database, a bank, a clock
        world = FragileWorld(shop_url, process=process, buckets=(at,), seed=at)
        happened = _story(world, PATHS[name], Mishap(trouble, at), again=again)
        process = world.process
        if not happened:
            assert at > 1, f"{name} has no boundary for {trouble}"
            process.close()
            return
    pytest.fail(f"more than {BOUNDARIES_MAX} boundaries")

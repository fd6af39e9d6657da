"""What recompute leaves behind beside its repair: drift that it saw is kept, with when it was gone."""

from solvent.flows.drift import look
from tests.flows.acts import DECLINED_LATER, zone
from tests.flows.plants import run as write
from tests.flows.test_recompute import mark, run
from tests.simulation.fragile import FragileWorld

KEPT = "select kind, gone_at is not null from drift where bucket = %s order by kind"


def kept(world: FragileWorld) -> list[tuple[str, bool]]:
    with world.database.pool.connection() as connection:
        return list(connection.execute(KEPT, (world.buckets[0],)))


def test_what_is_repaired_at_once_was_seen_and_is_gone(world: FragileWorld) -> None:
    ada, bea = world.customer("Ada"), world.customer("Bea")
    ada.buy(zone("a.example"))
    bea.buy(zone("b.example"), DECLINED_LATER)
    world.until(bea.subscription().period.end)
    with world.database.pool.connection() as connection:
        connection.execute("delete from entitlement where account_id = %s", (ada.id,))
    mark(world, ada, bea)
    assert run(world) == 2
    assert kept(world) == [("entitlement_missing", True)]
    mark(world, ada, bea)
    assert run(world) == 2
    assert kept(world) == [("entitlement_missing", True)]


def test_what_somebody_mended_is_gone_with_the_next_recompute(world: FragileWorld) -> None:
    ada, bucket = world.customer("Ada"), world.buckets[0]
    ada.buy(zone("a.example"))
    world.work()
    write(world, "update account set currency = 'EUR' where id = %(id)s", id=ada.id)
    mark(world, ada)
    assert (run(world), kept(world)) == (1, []), "what only tables show is for the look at everybody"
    assert look(world.platform, bucket, [ada.id], world.now) == 1
    write(world, "update account set currency = 'USD' where id = %(id)s", id=ada.id)
    assert kept(world) == [("currency_differs", False)]
    mark(world, ada)
    assert run(world) == 1
    assert kept(world) == [("currency_differs", True)]

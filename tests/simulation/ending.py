"""The end of a life: everything comes to rest, is recomputed once more, told, and left alone for a while.

Owns what can only be judged then: that recomputing twice is recomputing once, that every event was told exactly once
and in order, and that nothing goes wrong later because of what happened before.
"""

from collections.abc import Iterator

from psycopg import sql

from solvent.core.ids import bucket_of
from solvent.providers.sandbox.records import Status
from tests.simulation.checks import wrong_at_rest
from tests.simulation.fragile import FragileWorld
from tests.simulation.life import Life

RELAYS_MAX = 1_000
LATER_DAYS = 45  # every monthly subscription has been renewed, or has ended unpaid
COMMITTED = (
    "subscription",
    "item",
    "entitlement",
    "invoice",
    "invoice_line",
    "invoice_item",
    "usage_period",
    "payment",
    "proof",
    "posting",
    "credit_grant",
    "credit_use",
    "coupon_redemption",
    "credit_note",
    "method",
    "refund",
    "dispute",
    "chargeback",
    "health",
    "event",
)


def wrong_at_the_end(life: Life) -> list[str]:
    """Bring a life to its end and say what is wrong."""
    world = life.world
    for name in world.banks.by_name:
        for intent in life.intents(name, Status.REVIEW):
            life.bank(name).decide(intent.ref, True, world.now)
    world.rest()
    found = [*wrong_at_rest(world), *_recomputed_again(world)]
    world.wait(days=LATER_DAYS)
    for name in world.banks.by_name:
        for intent in life.intents(name, Status.REVIEW):
            life.bank(name).decide(intent.ref, False, world.now)
    world.rest()
    return [*found, *wrong_at_rest(world), *_told(life)]


def dump(world: FragileWorld) -> dict[str, list[str]]:
    """All committed rows, as text."""
    rows = {}
    with world.database.pool.connection() as connection:
        for table in COMMITTED:
            query = sql.SQL("select t::text from {} t where bucket = any(%s) order by 1").format(
                sql.Identifier(table)
            )
            rows[table] = [row[0] for row in connection.execute(query, (list(world.buckets),))]
    return rows


def _recomputed_again(world: FragileWorld) -> Iterator[str]:
    """L6: recomputing everybody twice writes no more than recomputing everybody once."""
    _recompute(world)
    before = dump(world)
    _recompute(world)
    after = dump(world)
    for table in COMMITTED:
        if before[table] != after[table]:
            changed = set(before[table]) ^ set(after[table])
            yield f"L6 recomputing once more changed {table}: {changed}"


def _recompute(world: FragileWorld) -> None:
    with world.database.pool.connection() as connection:
        accounts = [row[0] for row in connection.execute("select id from account")]
    with world.platform.store.begin() as tx:
        tx.queue.mark([a for a in accounts if bucket_of(a) in world.buckets], "again", world.now)
    world.work()


def _told(life: Life) -> Iterator[str]:
    """L9: the receiver has every event of the outbox, each under its number, none beside."""
    for _ in range(RELAYS_MAX):
        if not life.relay(limit=100):
            break
    with life.world.database.pool.connection() as connection:
        stored = connection.execute("select bucket, seq, type from event order by bucket, seq").fetchall()
    told = sorted((e.bucket, e.seq, e.type) for e in life.mailbox.events.values())
    if told != stored:
        yield f"L9 told {len(told)} events of {len(stored)}"
    if life.mailbox.disorder:
        yield f"L9 told out of order: {life.mailbox.disorder}"

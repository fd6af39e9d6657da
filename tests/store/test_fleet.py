"""Fleet: accounts at rest are walked over in pages, and only where there are any."""

from __future__ import annotations

from solvent.store.fleet import inhabited, pages_at_rest
from tests.store.worlds import BUCKET, NOW, World


def test_only_buckets_with_accounts_are_looked_into(world: World) -> None:
    assert inhabited(world.database.pool) == []
    for bucket in (BUCKET + 3, BUCKET, BUCKET):
        world.account(bucket=bucket)
    assert inhabited(world.database.pool) == [BUCKET, BUCKET + 3]


def test_every_account_at_rest_is_on_one_page(world: World) -> None:
    made = {world.account().id for _ in range(5)}
    with world.database.transaction() as connection:
        connection.execute("delete from recompute_queue")
    for page_max in (2, 5, 7):
        pages = list(pages_at_rest(world.database.pool, BUCKET, NOW, page_max))
        assert {id_ for page in pages for id_ in page} == made
        assert sum(map(len, pages)) == 5
        assert max(map(len, pages)) == min(page_max, 5)

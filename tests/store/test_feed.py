"""The feed of events: whoever keeps a place in it misses nothing, however late a transaction commits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

from solvent.core.hold_events import HoldReleased
from solvent.store import events
from solvent.store.database import Database
from solvent.store.feed import Feed, Page
from tests.blocked import somebody_waits
from tests.store.worlds import BUCKET, NOW

EARLY, LATE, ELSEWHERE = (uuid4() for _ in range(3))
RELEASED = HoldReleased(hold_id=uuid4(), consequence="all", by="carol")


def tell(database: Database, bucket: int, account: UUID) -> None:
    with database.transaction() as connection:
        events.append(connection, bucket, [(account, RELEASED, NOW)])


def told(page: Page) -> list[UUID]:
    return [event.account_id for event in page.events]


def test_who_reads_while_a_long_transaction_is_open_is_told_of_it_later(database: Database) -> None:
    """Another of its bucket waits for it, so none comes before it; other buckets are read meanwhile."""
    feed = Feed(database.pool)
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as connection:
            events.append(connection, BUCKET, [(EARLY, RELEASED, NOW)])
            later = pool.submit(tell, database, BUCKET, LATE)
            somebody_waits(connection)
            tell(database, BUCKET + 1, ELSEWHERE)
            meanwhile = feed.page(None, account=None, kinds=(), limit=9)
        later.result()
    after = feed.page(meanwhile.cursor, account=None, kinds=(), limit=9)
    assert (told(meanwhile), told(after)) == ([ELSEWHERE], [EARLY, LATE])
    assert told(feed.page(after.cursor, account=None, kinds=(), limit=9)) == []

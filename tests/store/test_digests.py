"""Digests see all that a snapshot reads: whatever is changed of it, by whoever, an account has to be read again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from solvent.store import digests, snapshots, witness
from solvent.store.database import Database

# In every row that is hashed they are the same; and a mark is no fact, but says that somebody will look.
LEFT_OUT = {"dispute.decided_at", "engine_hold.released_at", "item.ended_at", "recompute_queue.account_id"}
READ = (snapshots._PLAIN, snapshots._WHOLE, witness._WITNESS)
PARAMETERS = {"%(accounts)b": "array[]::uuid[]", "%(bucket)s": "0::smallint", "%(now)s": "now()"}
# Reference tables have no bucket: the basis of verdicts stands for them. A bucket never changes.
_COLUMNS = """
select u.table_name || '.' || u.column_name from information_schema.view_column_usage u
where u.view_name = 'snapshot_reads' and u.column_name <> 'bucket' and exists (
    select from information_schema.columns b where b.table_name = u.table_name and b.column_name = 'bucket')"""


def read(database: Database) -> set[str]:
    """The columns of owned tables that a snapshot or its witness reads, as PostgreSQL sees it."""
    found = set()
    with database.pool.connection() as connection:
        for query in READ:
            for name, value in PARAMETERS.items():
                query = query.replace(name, value)  # noqa: PLW2901 -- parameter by parameter
            connection.execute(f"create temporary view snapshot_reads as select count(*) from ({query}) r")
            found |= {row[0] for row in connection.execute(_COLUMNS)}
            connection.execute("drop view snapshot_reads")
    return found


def hashed() -> Iterator[str]:
    """The columns that are hashed: those of each source, and whose its rows are."""
    for source in digests.SOURCES:
        tables = {alias: table for table, alias in re.findall(r"(?:^|join )(\w+) (\w)\b", source.rows)}
        for alias, column in re.findall(r"\b(\w)\.(\w+)", f"{source.account}, {source.columns}"):
            yield f"{tables[alias]}.{column}"


def test_every_column_that_a_snapshot_reads_is_in_the_digest(database: Database) -> None:
    wanted = read(database)
    assert sorted(wanted - LEFT_OUT - set(hashed())) == []
    assert {
        "invoice.paid",
        "attempt.plan",
        "entitlement.features",
        "notice.rung",
        "health.measures",
    } <= wanted

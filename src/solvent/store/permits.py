"""Permits: for how many accounts a consequence that has a cap began, by windows of time.

Owns these counts. Each is one row in a bucket of its own, and locked in a transaction of its own with nothing else, so
that accounts of all buckets draw from it. Does not own the caps (`core.caps`) nor who draws (`flows.permits`).
"""

from datetime import datetime

from psycopg import Connection

from solvent.core.caps import CAPPED
from solvent.core.consequence import Consequence

_BEGIN = """
insert into engine_tally (bucket, consequence, begins_at, taken)
values (%(bucket)s, %(consequence)s, %(begins_at)s, 0) on conflict do nothing"""

# A cap that was lowered below what was taken gives nothing, and takes nothing back.
_DRAW = """
with before as (
    select taken from engine_tally
    where bucket = %(bucket)s and consequence = %(consequence)s and begins_at = %(begins_at)s for update
)
update engine_tally t set taken = least(before.taken + %(wanted)s, %(most)s) from before
where t.bucket = %(bucket)s and t.consequence = %(consequence)s and t.begins_at = %(begins_at)s
  and before.taken < %(most)s
returning t.taken - before.taken"""


class PermitRoom:
    """`ports.valves.Permits` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def draw(self, consequence: Consequence, begins_at: datetime, wanted: int, most: int) -> int:
        """Take up to `wanted` of what is left of a window; how many."""
        scalars = {
            "bucket": CAPPED.index(consequence),
            "consequence": consequence,
            "begins_at": begins_at,
            "wanted": wanted,
            "most": most,
        }
        self._connection.execute(_BEGIN, scalars)
        row = self._connection.execute(_DRAW, scalars).fetchone()
        return 0 if row is None else int(row[0])

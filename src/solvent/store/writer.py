"""Writer: the rows of one bucket, collected by table and written in one statement.

Owns the merging of statements and the rule that every row of a batch must be written as it was judged. A commit is
then one round trip and one plan, whether it is one purchase or a thousand renewals. Does not own any table
(`writing`, `holdings`, `documents`).
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from psycopg import Connection, RawCursor

from solvent.core.booking import Booking
from solvent.store.rows import FEW_MAX, Statement

Booked = Sequence[tuple[Booking, datetime]]
Row = tuple[object, ...]

MANY = FEW_MAX + 1  # of more than a few rows the text is the same
MERGED_MAX = 256  # kinds of commits whose text is kept; there are a few dozen


class LostUpdate(Exception):
    """A row was not as it was judged; nothing of the transaction is kept. Locks and versions make this impossible."""


class Writer:
    """Collects rows by statement. No statement may depend on what another one of them writes: all see one moment."""

    def __init__(self, connection: Connection, bucket: int) -> None:
        self.connection = connection
        self.bucket = bucket
        self._parts: list[tuple[str, Statement, Sequence[Row], bool]] = []

    def put(self, name: str, statement: Statement, rows: Sequence[Row], *, all_of: bool = True) -> None:
        """Write the rows at the end: all of them, or (not `all_of`) those that the statement's own condition lets."""
        if rows:
            self._parts.append((name, statement, rows, all_of))

    def flush(self) -> None:
        """Write everything; raises `LostUpdate` unless every row was written that had to be."""
        if not self._parts:
            return
        parameters: list[object] = [self.bucket]
        for _, statement, rows, _ in self._parts:
            parameters += statement.parameters(rows)
        merged = _merged(
            tuple((s, len(rows) if len(rows) <= FEW_MAX else MANY) for _, s, rows, _ in self._parts)
        )
        written = RawCursor(self.connection).execute(merged, parameters).fetchone() or ()
        for (name, _, rows, all_of), count in zip(self._parts, written, strict=True):
            if all_of and count != len(rows):
                raise LostUpdate(f"{name}: {count} rows written, {len(rows)} expected")
        self._parts = []


@lru_cache(maxsize=MERGED_MAX)
def _merged(statements: tuple[tuple[Statement, int], ...]) -> bytes:
    """One text over numbered parameters: the bucket first, then those of each statement for its count of rows."""
    texts, position = [], 2
    for n, (statement, count) in enumerate(statements):
        text = statement.text(count).replace("%(bucket)s", "$1::smallint")
        for name in statement.places(count):
            text = text.replace(f"%({name})b", f"${position}")
            position += 1
        texts.append(f"w{n} as ({text} returning 1)")
    counts = ", ".join(f"(select count(*) from w{n})" for n in range(len(statements)))
    return f"with {', '.join(texts)} select {counts}".encode()

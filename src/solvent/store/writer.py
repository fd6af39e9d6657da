"""Writer: statements of one bucket, sent without waiting and checked together.

Owns the rule that every row of a batch must be written as it was judged. Does not own any table (`writing`).
"""

from collections.abc import Sequence
from datetime import datetime

from psycopg import Connection, Cursor

from solvent.core.booking import Booking
from solvent.store.rows import Statement

Booked = Sequence[tuple[Booking, datetime]]
Row = tuple[object, ...]


class LostUpdate(Exception):
    """A row was not as it was judged; nothing of the transaction is kept. Locks and versions make this impossible."""


class Writer:
    """Sends statements of one bucket without waiting, and checks at the end how many rows each has changed."""

    def __init__(self, connection: Connection, bucket: int) -> None:
        self.connection = connection
        self.bucket = bucket
        self._expected: list[tuple[str, Cursor, int]] = []

    def put(self, name: str, statement: Statement, rows: Sequence[Row]) -> None:
        """Every one of the rows must be written."""
        if rows:
            self.expect(name, statement.run(self.connection, rows, bucket=self.bucket), len(rows))

    def expect(self, name: str, sent: Cursor, count: int) -> None:
        """The statement must change so many rows."""
        self._expected.append((name, sent, count))

    def check(self) -> None:
        """Raise `LostUpdate` unless everything was written; only after the answers are in."""
        for name, sent, count in self._expected:
            if sent.rowcount != count:
                raise LostUpdate(f"{name}: {sent.rowcount} rows written, {count} expected")

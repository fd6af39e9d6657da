"""The journal: what lets the bank survive a restart.

Owns one small SQLite file with a row per record, written through on every change. Does not own the records'
meaning: it stores and returns them by kind. A journal is used under its bank's lock only.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    bank TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (bank, kind, id)
) WITHOUT ROWID
"""
_LOCK_TIMEOUT_S = 5.0

T = TypeVar("T")


class Journal:
    """The records of one bank in a file. Several banks may share the file."""

    def __init__(self, path: Path, bank: str) -> None:
        self._bank = bank
        # The bank's lock serialises every use, whichever thread comes.
        self._db = sqlite3.connect(path, timeout=_LOCK_TIMEOUT_S, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute(_SCHEMA)
        self._db.commit()

    def load(self, kind: str, of: type[T]) -> Iterator[T]:
        """Every record of a kind, in the order of their ids."""
        query = "SELECT body FROM record WHERE bank = ? AND kind = ? ORDER BY id"
        for (body,) in self._db.execute(query, (self._bank, kind)):
            yield msgspec.json.decode(body, type=of)

    def put(self, kind: str, identifier: str, record: Any) -> None:  # noqa: ANN401 - any record type
        """Write one record; it is durable only after `commit`."""
        self._db.execute(
            "INSERT OR REPLACE INTO record (bank, kind, id, body) VALUES (?, ?, ?, ?)",
            (self._bank, kind, identifier, msgspec.json.encode(record)),
        )

    def drop(self, kind: str, identifier: str) -> None:
        """Forget one record."""
        row = (self._bank, kind, identifier)
        self._db.execute("DELETE FROM record WHERE bank = ? AND kind = ? AND id = ?", row)

    def commit(self) -> None:
        """Make everything written so far survive a crash of the process."""
        self._db.commit()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

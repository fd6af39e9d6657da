"""Pool: the database connections of one process, and who is told before somebody waits for one.

Owns the one word that goes out before each use of the database. Does not own how connections are made or kept
(psycopg's pool) nor what is done with the word (`web.leading`).
"""

from collections.abc import Callable

from psycopg import Connection
from psycopg_pool import ConnectionPool


class Pool(ConnectionPool[Connection]):
    """A pool that calls `before_use` in the thread that is about to use the database, and so to wait for it."""

    before_use: Callable[[], None] | None = None

    def getconn(self, timeout: float | None = None) -> Connection:
        """As every pool does."""
        if self.before_use is not None:
            self.before_use()
        return super().getconn(timeout)

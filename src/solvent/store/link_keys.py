"""Link keys: the secret under which links to pay are proved.

Owns its row, which is made when it is first needed and shared by all processes. Whoever deletes it makes every link
that was given out useless, within seconds. Does not own what is proved (`core.pay_token`).
"""

import secrets
from datetime import datetime, timedelta

from psycopg import Connection
from psycopg_pool import ConnectionPool

KEY_BYTES = 32
KEPT_FOR = timedelta(seconds=5)

_READ = "select secret from link_key"
_MAKE = "insert into link_key (id, secret, made_at) values (1, %s, %s) on conflict do nothing"


class LinkKeys:
    """The key of one database."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool
        self._known: tuple[datetime, bytes] | None = None

    def key(self, now: datetime) -> bytes:
        """The one key, at most `KEPT_FOR` old: whoever tries links costs the database nothing."""
        known = self._known
        if known is None or not known[0] <= now < known[0] + KEPT_FOR:
            known = self._known = now, self._read(now)
        return known[1]

    def _read(self, now: datetime) -> bytes:
        with self._pool.connection() as connection:
            row = connection.execute(_READ).fetchone()
            if row is None:
                connection.execute(_MAKE, (secrets.token_bytes(KEY_BYTES), now))
                row = connection.execute(_READ).fetchone()
        assert row is not None, "a key was made"
        return bytes(row[0])

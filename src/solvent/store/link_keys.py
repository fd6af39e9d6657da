"""Link keys: the secret under which links to pay are proved.

Owns its row, which is made when it is first needed and shared by all processes. Whoever deletes it makes every link
that was given out useless. Does not own what is proved (`core.pay_token`).
"""

import secrets
from datetime import datetime

from psycopg import Connection
from psycopg_pool import ConnectionPool

KEY_BYTES = 32

_READ = "select secret from link_key"
_MAKE = "insert into link_key (id, secret, made_at) values (1, %s, %s) on conflict do nothing"


class LinkKeys:
    """The key of one database."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def key(self, now: datetime) -> bytes:
        """The one key."""
        with self._pool.connection() as connection:
            row = connection.execute(_READ).fetchone()
            if row is None:
                connection.execute(_MAKE, (secrets.token_bytes(KEY_BYTES), now))
                row = connection.execute(_READ).fetchone()
        assert row is not None, "a key was made"
        return bytes(row[0])

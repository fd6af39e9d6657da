"""Link keys: the secret under which links to pay are proved.

Owns its row, which is made when it is first needed and shared by all processes; it is sealed under SOLVENT_SECRET where
that is set. Whoever deletes it makes every link that was given out useless, within seconds. Does not own what is proved
(`core.pay_token`).
"""

import secrets
from datetime import datetime, timedelta

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.store.sealing import Seal

KEY_BYTES = 32
KEPT_FOR = timedelta(seconds=5)

_READ = "select secret, sealed from link_key"
_MAKE = "insert into link_key (id, secret, sealed, made_at) values (1, %s, %s, %s) on conflict do nothing"


class LinkKeys:
    """The key of one database."""

    def __init__(self, pool: ConnectionPool[Connection], secret: str | None) -> None:
        self._pool = pool
        self._seal = Seal(secret, "link keys")
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
                made = self._seal.close(secrets.token_bytes(KEY_BYTES))
                connection.execute(_MAKE, (made, self._seal.seals, now))
                row = connection.execute(_READ).fetchone()
        assert row is not None, "a key was made"
        return self._seal.open(bytes(row[0]), sealed=row[1])

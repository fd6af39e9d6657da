"""Keys: API keys, of which only a hash is stored.

Owns creating, verifying and revoking them. A secret has 256 random bits, so a plain SHA-256 of it tells nothing; it
is shown once and cannot be shown again. Does not own what a scope allows (`web`).
"""

import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_bytes
from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.ports.world import Ids

SECRET_BYTES = 32
SECRET_PREFIX = "sk_"  # noqa: S105 -- what a secret begins with, so that scanners of repositories find leaked ones
CACHE_TTL_S = 5.0
CACHED_MAX = 1024
REFERENCE_BUCKET = 0  # keys belong to no account; their ids carry a bucket all the same

_CREATE = "insert into api_key (id, hash, label, scopes, created_at) values (%s, %s, %s, %s, %s)"
_VERIFY = "select id, label, scopes from api_key where hash = %s and revoked_at is null"
_REVOKE = "update api_key set revoked_at = %s where id = %s and revoked_at is null returning hash"
_ALL = "select id, label, scopes, created_at, revoked_at from api_key order by id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key that may be used: who it was given to, and for what."""

    id: UUID
    label: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """A key as a list of keys shows it."""

    key: Key
    created_at: datetime
    revoked_at: datetime | None


class Keys:
    """The API keys of one database. A revoked key is refused everywhere within `CACHE_TTL_S` seconds."""

    def __init__(self, pool: ConnectionPool[Connection], ids: Ids) -> None:
        self._pool = pool
        self._ids = ids
        self._cached: dict[bytes, tuple[Key, float]] = {}
        self._lock = threading.Lock()

    def create(self, label: str, scopes: Iterable[str], now: datetime) -> str:
        """A new key; the secret is returned this once."""
        secret = SECRET_PREFIX + urlsafe_b64encode(token_bytes(SECRET_BYTES)).rstrip(b"=").decode()
        row = (self._ids.draw(REFERENCE_BUCKET), _hash(secret), label, sorted(set(scopes)), now)
        with self._pool.connection() as connection:
            connection.execute(_CREATE, row)
        return secret

    def verify(self, secret: str) -> Key | None:
        """The key behind a secret; None when it is unknown or revoked."""
        digest = _hash(secret)
        known = self._cached.get(digest)
        if known is not None and time.monotonic() < known[1]:
            return known[0]
        with self._pool.connection() as connection:
            row = connection.execute(_VERIFY, (digest,)).fetchone()
        if row is None:
            self._forget(digest)
            return None
        key = Key(id=row[0], label=row[1], scopes=frozenset(row[2]))
        self._remember(digest, key)
        return key

    def revoke(self, key_id: UUID, now: datetime) -> bool:
        """End a key; False when there is none, or it was revoked before."""
        with self._pool.connection() as connection:
            row = connection.execute(_REVOKE, (now, key_id)).fetchone()
        if row is None:
            return False
        self._forget(bytes(row[0]))
        return True

    def records(self) -> list[KeyRecord]:
        """All keys, oldest first, without their secrets."""
        with self._pool.connection() as connection:
            rows = connection.execute(_ALL).fetchall()
        return [
            KeyRecord(
                key=Key(id=row[0], label=row[1], scopes=frozenset(row[2])),
                created_at=row[3],
                revoked_at=row[4],
            )
            for row in rows
        ]

    def _remember(self, digest: bytes, key: Key) -> None:
        with self._lock:
            if len(self._cached) >= CACHED_MAX:
                self._cached.clear()  # rare enough that which ones go first does not matter
            self._cached[digest] = (key, time.monotonic() + CACHE_TTL_S)

    def _forget(self, digest: bytes) -> None:
        with self._lock:
            self._cached.pop(digest, None)


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()

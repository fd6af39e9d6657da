"""Signing keys: Ed25519 keys of entitlement tokens, in the database, so that every process signs with the same one.

Owns their rows, their protection at rest and the copy of them that this process has. The private half is kept as
PKCS #8, encrypted under SOLVENT_SECRET where that is set. Does not own which key signs when (`core.signing`).
"""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.signing import KeyTimes, next_signs_from, published, signer

KEPT_S = 2.0  # for how long this process does not look for other keys
KID_DIGITS = 16

_LOCK = "lock table signing_key in exclusive mode"
_ALL = "select kid, made_at, signs_from, public, private, protected from signing_key order by signs_from, kid"
_ADD = """
insert into signing_key (kid, made_at, signs_from, public, private, protected) values (%s, %s, %s, %s, %s, %s)"""
_FORGET = "delete from signing_key where not kid = any(%s)"


class KeyLockedError(RuntimeError):
    """The key that signs cannot be opened with this SOLVENT_SECRET."""


class KeyWaitsError(RuntimeError):
    """A key is published already and waits for its time to sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A key as stored: `public` are its 32 raw bytes, `private` its PKCS #8, `protected` whether that is encrypted."""

    times: KeyTimes
    public: bytes
    private: bytes
    protected: bool


class SigningKeys:
    """The keys of one database; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection], secret: str | None) -> None:
        self._pool = pool
        self._secret = secret.encode() if secret else None
        self._lock = threading.Lock()
        self._keys: Sequence[SigningKey] = ()
        self._read_s = -KEPT_S
        self._opened: dict[str, Ed25519PrivateKey] = {}

    def public(self, now: datetime) -> Mapping[str, bytes]:
        """The public halves by which tokens may be checked, by their names."""
        keys = self._present()
        names = {key.kid for key in published([k.times for k in keys], now)}
        return {k.times.kid: k.public for k in keys if k.times.kid in names}

    def signer(self, now: datetime) -> tuple[str, Ed25519PrivateKey]:
        """The key that signs now, with its name; the first one is made when it is needed. Raises `KeyLockedError`."""
        keys = self._present()
        found = signer([k.times for k in keys], now)
        if found is None:
            self._make_first(now)
            keys = self._present()
            found = signer([k.times for k in keys], now)
            assert found is not None, "the first key signs at once"
        opened = self._opened.get(found.kid)
        if opened is None:
            key = next(k for k in keys if k.times.kid == found.kid)
            opened = self._opened[found.kid] = self._open(key)
        return found.kid, opened

    def all(self) -> Sequence[SigningKey]:
        """Every key that is kept, in the order in which they sign."""
        with self._pool.connection() as connection:
            return _read(connection)

    def rotate(self, now: datetime, *, at_once: bool = False) -> KeyTimes:
        """Make a further key and forget those that no token can need; `at_once` it signs now, and no other key is
        published any more. Raises `KeyWaitsError`."""
        with self._pool.connection() as connection:
            connection.execute(_LOCK)
            times = [k.times for k in _read(connection)]
            signs_from = now if at_once else next_signs_from(times, now)
            if signs_from is None:
                raise KeyWaitsError(
                    f"{max(times, key=lambda k: k.signs_from).kid} waits for its time to sign"
                )
            made = self._add(connection, now, signs_from)
            kept = [made] if at_once else published([*times, made], now)
            connection.execute(_FORGET, ([key.kid for key in kept],))
        self._read_s = -KEPT_S
        return made

    def _present(self) -> Sequence[SigningKey]:
        if time.monotonic() - self._read_s >= KEPT_S:
            with self._lock:
                self._keys = self.all()
                self._read_s = time.monotonic()
        return self._keys

    def _make_first(self, now: datetime) -> None:
        """The first key, by whoever comes first."""
        with self._pool.connection() as connection:
            connection.execute(_LOCK)
            if not any(key.times.signs_from <= now for key in _read(connection)):
                self._add(connection, now, now)
        self._read_s = -KEPT_S

    def _add(self, connection: Connection, now: datetime, signs_from: datetime) -> KeyTimes:
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes_raw()
        protection: pem.KeySerializationEncryption = pem.NoEncryption()
        if self._secret is not None:
            protection = pem.BestAvailableEncryption(self._secret)
        private = key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, protection)
        times = KeyTimes(kid=sha256(public).hexdigest()[:KID_DIGITS], made_at=now, signs_from=signs_from)
        row = (times.kid, now, signs_from, public, private, self._secret is not None)
        connection.execute(_ADD, row)
        return times

    def _open(self, key: SigningKey) -> Ed25519PrivateKey:
        if key.protected and self._secret is None:
            raise KeyLockedError(f"signing key {key.times.kid} is protected: SOLVENT_SECRET is missing")
        try:
            opened = pem.load_pem_private_key(key.private, self._secret if key.protected else None)
        except ValueError:
            raise KeyLockedError(
                f"signing key {key.times.kid} was protected by another SOLVENT_SECRET"
            ) from None
        assert isinstance(opened, Ed25519PrivateKey), "only such keys are made"
        return opened


def _read(connection: Connection) -> list[SigningKey]:
    return [
        SigningKey(
            times=KeyTimes(kid=row[0], made_at=row[1], signs_from=row[2]),
            public=bytes(row[3]),
            private=bytes(row[4]),
            protected=row[5],
        )
        for row in connection.execute(_ALL).fetchall()
    ]

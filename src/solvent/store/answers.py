"""Answers: what was answered under an idempotency key, for requests that leave no attempt.

Owns remembering one answer per key and input, and telling a repetition from a key used for something else. Requests
that move money need none of this: their key is in the journal. Does not own the requests (`web`), nor
how long answers are kept (`retention`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection
from psycopg_pool import ConnectionPool

LEASE = timedelta(seconds=60)  # a caller that has not answered for so long has crashed

_BEGIN = """
insert into answer (bucket, key, input_hash, created_at) values (%(bucket)s, %(key)s, %(input_hash)s, %(now)s)
on conflict (bucket, key) do update set created_at = excluded.created_at
where answer.status is null and answer.input_hash = excluded.input_hash and answer.created_at <= %(crashed)s
returning 1"""

_KNOWN = "select input_hash, status, body from answer where bucket = %(bucket)s and key = %(key)s"

_FINISH = "update answer set status = %s, body = %s where bucket = %s and key = %s and status is null"

_ABANDON = "delete from answer where bucket = %s and key = %s and status is null"


@dataclass(frozen=True, slots=True)
class Fresh:
    """Nobody has asked this before: do it, then `finish` or `abandon`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The same was asked before: say the same again."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Underway:
    """The same is being done right now by somebody else."""


@dataclass(frozen=True, slots=True)
class OtherInput:
    """The key was used before, for something else."""


Begun = Fresh | Answered | Underway | OtherInput


class Answers:
    """The stored answers of one database."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def begin(self, bucket: int, key: str, input_hash: bytes, now: datetime) -> Begun:
        """Take a key for this input, or say what is known of it."""
        scalars = {
            "bucket": bucket,
            "key": key,
            "input_hash": input_hash,
            "now": now,
            "crashed": now - LEASE,
        }
        with self._pool.connection() as connection:
            if connection.execute(_BEGIN, scalars).fetchone() is not None:
                return Fresh()
            row = connection.execute(_KNOWN, scalars).fetchone()
        if row is None:
            return Underway()  # it was abandoned or purged between the two statements: the caller asks again
        if bytes(row[0]) != input_hash:
            return OtherInput()
        return Underway() if row[1] is None else Answered(status=row[1], body=bytes(row[2] or b""))

    def finish(
        self, bucket: int, key: str, status: int, body: bytes, connection: Connection | None = None
    ) -> None:
        """Remember the answer; with `connection` in that transaction, so that a crash cannot part the two."""
        if connection is not None:
            connection.execute(_FINISH, (status, body, bucket, key))
            return
        with self._pool.connection() as own:
            own.execute(_FINISH, (status, body, bucket, key))

    def abandon(self, bucket: int, key: str) -> None:
        """The request failed before anything was written: the key is free again."""
        with self._pool.connection() as connection:
            connection.execute(_ABANDON, (bucket, key))

"""Endpoints: what a route is, and what its handler gets and gives.

Owns the description of a route: everything that serving and documenting it need, so that no route can exist without
its documentation. Does not own how a request travels through it (`api`).
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from threading import BoundedSemaphore
from typing import Any, BinaryIO, NamedTuple

from solvent.store.database import Session
from solvent.store.queries import Queries
from solvent.web.kept import Kept
from solvent.web.waiting import Waiting
from solvent.wiring import Solvent

BODY_BYTES_MAX = 64 * 1024
PIECE_BYTES = 256 * 1024


class Scope(StrEnum):
    """What an API key may be allowed to do; ADMIN includes all others, WRITE includes READ."""

    READ = "read"
    WRITE = "write"
    CLOCK = "clock"
    ADMIN = "admin"


class Repeat(StrEnum):
    """How a repetition with the same Idempotency-Key is recognised."""

    NEVER = "never"  # nothing is changed, no key is asked for
    JOURNAL = "journal"  # the key lies with the attempt
    ANSWER = "answer"  # the first answer is kept and given again
    HARMLESS = "harmless"  # doing it again changes nothing


def _nothing_to_keep(_tx: Session, _reply: "Reply") -> None:
    """What `Call.keep` does where no answer is kept."""


@dataclass(slots=True)
class Call:
    """One request on its way to a handler. `body` and `query` are decoded as the endpoint says; `path` holds the
    path's parameters. `key` is the caller's idempotency key, made unique among API keys. Where the answer itself is
    kept, `keep` writes it in the transaction of what it answers for, if that lives in `bucket`."""

    solvent: Solvent
    queries: Queries
    kept: Kept
    waiting: Waiting
    places: BoundedSemaphore
    now: datetime
    path: Mapping[str, str]
    environ: Mapping[str, Any]
    query: Any = None
    body: Any = None
    raw: bytes = b""
    key: str = ""
    bucket: int | None = None
    keep: "Callable[[Session, Reply], None]" = _nothing_to_keep

    def header(self, name: str) -> str | None:
        """A request header by its lower-case name."""
        value: str | None = self.environ.get("HTTP_" + name.upper().replace("-", "_"))
        return value


class Pieces:
    """An open file that is sent piece by piece, so that it is never whole in memory, and then closed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = os.fstat(file.fileno()).st_size

    def __iter__(self) -> Iterator[bytes]:
        with self._file as source:
            while piece := source.read(PIECE_BYTES):
                yield piece

    def close(self) -> None:
        """Nobody wants the rest."""
        self._file.close()


class Reply(NamedTuple):
    """What a handler gives: a value to be encoded, bytes as they are, or the pieces of a file."""

    value: Any
    status: int = 200
    headers: Sequence[tuple[str, str]] = ()
    content_type: str = "application/json"


def retry_after(wait: timedelta) -> tuple[str, str]:
    """The header that says when to try again, in whole seconds."""
    return "retry-after", str(wait // timedelta(seconds=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One route. `answers` maps each status of success to its body's type and a sentence; `problems` are the codes
    that this endpoint adds to those every endpoint can give. `media` is the type of its success; one that is not JSON
    has the body's type `bytes`. With `raw_body` and `raw_query` the handler reads them itself."""

    method: str
    path: str
    name: str
    summary: str
    run: Callable[[Call], Reply]
    answers: Mapping[int, tuple[Any, str]]
    tag: str
    description: str = ""
    scope: Scope | None = Scope.READ
    repeat: Repeat = Repeat.NEVER
    body: Any = None
    query: Any = None
    example: Any = None
    problems: Sequence[str] = field(default=())
    raw_body: bool = False
    raw_query: bool = False
    media: str = "application/json"
    body_bytes_max: int = BODY_BYTES_MAX

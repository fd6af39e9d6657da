"""Webhooks: who is told of which events, how a telling is proved, and when a failed one is tried again.

Owns the convention's secret, signature and headers (Standard Webhooks 1.0.0, HMAC-SHA256), the schedule of tries, and
when an endpoint is no longer told anything. Does not own the rows (`store.webhooks`) nor the telling (`webhooks`).
"""

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from urllib.parse import urlsplit
from uuid import UUID

from solvent.core.events import Event

SECRET_PREFIX = "whsec_"  # noqa: S105 - says what follows; not a secret
SECRET_BYTES = 32
ROTATION = timedelta(hours=24)  # for so long the secret before the last one signs too
TEST_TYPE = "webhook.test"
BY_HAND = "by hand"  # why somebody has disabled an endpoint

# After so many tries, how long until the next; what fails once more after the last is left failed.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
TRIES_MAX = len(PAUSES) + 1
SOONER_PERCENT = (
    10  # by so much of a pause tries come sooner at most, each event by its own share: not all at once
)
ASKED_MAX = timedelta(hours=1)  # for no longer does a receiver that asks to be left alone hold up its events
PAUSE_MAX = max(PAUSES) + timedelta(hours=1)  # between two failures of one stretch
PATIENCE = timedelta(days=5)  # an endpoint that has taken nothing for so long is told nothing more
GONE = 410  # the receiver says that it wants nothing more


class EndpointState(StrEnum):
    """Whether an endpoint is told of events. While it is disabled they wait, and none is lost."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    DELETED = "deleted"


class DeliveryState(StrEnum):
    """How far the telling of one event to one endpoint is."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """An endpoint as it stands: `types` are those of the events that it is told of, none means all of them.
    `failing_since` is when it first failed since it last took something."""

    id: UUID
    url: str
    types: tuple[str, ...]
    state: EndpointState
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one try at a moment: a status, or None with what went wrong; within so many milliseconds. `asked`:
    for how long the receiver wants to be left alone."""

    at: datetime
    status: int | None
    took_ms: int
    error: str | None = None
    asked: timedelta | None = None

    @property
    def taken(self) -> bool:
        """Whether the receiver has it: any 2xx."""
        return self.status is not None and 200 <= self.status <= 299

    @property
    def away(self) -> bool:
        """Whether the receiver as a whole is of no use at the moment, rather than refusing this one event."""
        return self.status is None or self.status >= 500 or self.status == 429


def next_telling(event_id: str, tries: int, answer: Answer) -> datetime | None:
    """When a telling that failed for the `tries`-th time is tried again; None: it is left failed. Events that failed
    together come apart, each by what its id draws; none comes before the receiver wants it."""
    if tries >= TRIES_MAX:
        return None
    pause = PAUSES[tries - 1]
    drawn = int.from_bytes(sha256(f"{event_id}.{tries}".encode()).digest()[:2])
    sooner = pause * SOONER_PERCENT * drawn // (100 << 16)
    return answer.at + max(pause - sooner, answer.asked or timedelta(0))


def why_disabled(receiver: Receiver, answer: Answer) -> str | None:
    """Why an endpoint that answered so is told nothing more; None: it still is."""
    if answer.status == GONE:
        return "it answered 410 Gone"
    since = receiver.failing_since
    if not answer.taken and since is not None and answer.at - since >= PATIENCE:
        return f"it has taken nothing for {PATIENCE.days} days"
    return None


def headers(id_: str, secrets: Sequence[str], body: bytes, now: datetime) -> dict[str, str]:
    """What proves a telling: its id, the moment in whole seconds, and a signature under each secret that is valid."""
    seconds = int(now.timestamp())
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(signature(secret, id_, seconds, body) for secret in secrets),
    }


def signature(secret: str, id_: str, seconds: int, body: bytes) -> str:
    """``v1,`` and base64 of HMAC-SHA256 over ``id.timestamp.body``. Raises ValueError for what is no secret."""
    signed = f"{id_}.{seconds}.".encode() + body
    return "v1," + b64encode(hmac.new(_key(secret), signed, sha256).digest()).decode()


def secret_of(key: bytes) -> str:
    """A secret as receivers are given it."""
    return SECRET_PREFIX + b64encode(key).decode()


def unknown_type(types: Sequence[str]) -> int | None:
    """The place of the first that is no type of event, if any."""
    known = set(_types_below(Event))
    return next((at for at, type_ in enumerate(types) if type_ not in known), None)


def broken_url_rule(url: str) -> str | None:
    """Which rule an address to tell breaks, if any."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "must be an address"
    if parts.scheme not in ("http", "https") or not host:
        return "must begin with https:// (or http://) and name a host"
    if parts.username is not None or parts.password is not None:
        return "must not carry a user or a password: tellings are proved by their signature"
    if parts.fragment:
        return "must not have a fragment"
    return None


def _types_below(parent: type[Event]) -> Iterator[str]:
    for child in parent.__subclasses__():
        if "type" in vars(child):
            yield child.type
        yield from _types_below(child)


def _key(secret: str) -> bytes:
    try:
        return b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except NotBase64:
        raise ValueError("a webhook secret is whsec_ and base64") from None

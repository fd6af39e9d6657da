"""Notifications: what the bank tells of its own accord, signed, and not always on time.

Owns the queue's delivery with its faults, the body's shape, the signature and its verification. Does not own the
HTTP delivery (`sender`), nor what a notification means for a payment: it is a hint, nothing more.

Signature header: ``sandbox-signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">``.
"""

import heapq
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import RLock
from typing import NamedTuple

import msgspec

from solvent.ports.provider import NotificationRefused
from solvent.providers.sandbox.book import EVENTS_MAX, Book
from solvent.providers.sandbox.faults import Faults, NotifyFault
from solvent.providers.sandbox.records import Event

DEMO_KEY = "sandbox-secret"  # guards play money; a served bank gets its own
SIGNATURE_HEADER = "sandbox-signature"
TOLERANCE_S = 300
BODY_MAX_BYTES = 64 * 1024
SIGNATURES_MAX = 5  # alternatives in one header, for a secret that is being replaced


class Body(msgspec.Struct, kw_only=True, frozen=True):
    """A notification as it travels: `object` is the bank's ref, `key` the merchant's."""

    id: str
    type: str
    object: str
    key: str
    created: datetime


class Delivery(NamedTuple):
    """One notification on its way, signed at the moment of delivery."""

    event: Event
    headers: dict[str, str]
    body: bytes


def signature(secret: str, at: int, body: bytes) -> str:
    """The signature over time and body."""
    return hmac.new(secret.encode(), b"%d." % at + body, "sha256").hexdigest()


def pack(event: Event, secret: str, now: datetime) -> Delivery:
    """Write and sign a notification for delivery now."""
    body = msgspec.json.encode(
        Body(id=event.id, type=event.type, object=event.ref, key=event.key, created=event.created)
    )
    at = int(now.timestamp())
    headers = {
        "content-type": "application/json",
        SIGNATURE_HEADER: f"t={at},v1={signature(secret, at, body)}",
    }
    return Delivery(event, headers, body)


class Notifications:
    """The bank's outgoing queue. `due` hands out what shall be delivered now, after the fault plan had its say."""

    def __init__(
        self, book: Book, secret: str, faults: Faults | None, lock: RLock, sweep: Callable[[datetime], None]
    ) -> None:
        self._book = book
        self._secret = secret
        self._faults = faults
        self._lock = lock
        self._sweep = sweep
        self._late: list[tuple[datetime, int, Event]] = []
        self._scheduled = 0

    def due(self, now: datetime, limit: int = EVENTS_MAX) -> list[Delivery]:
        """Everything to deliver now, each handed out once per copy; settles first what time has ended."""
        with self._lock:
            self._sweep(now)
            events = self._take(now, limit)
            while self._late and self._late[0][0] <= now and len(events) < limit:
                events.append(heapq.heappop(self._late)[2])
            for event in events:
                self._book.delivered(event)
            self._book.flush()
        return [pack(event, self._secret, now) for event in events]

    def again(self, event: Event, at: datetime) -> None:
        """Take back a notification that could not be delivered, to be due again then."""
        with self._lock:
            self._schedule(event, at)

    def waiting(self) -> int:
        """How many notifications are not handed out yet."""
        with self._lock:
            return len(self._book.events) + len(self._late)

    def next_late(self) -> datetime | None:
        """When the first notification that was delayed, doubled or sent again becomes due."""
        with self._lock:
            return self._late[0][0] if self._late else None

    def _take(self, now: datetime, limit: int) -> list[Event]:
        """New events in order; faults drop, double and delay them, or let them be overtaken by the others."""
        taken: list[Event] = []
        overtaken: list[Event] = []
        while self._book.events and len(taken) + len(overtaken) < limit:
            event = self._book.events.popleft()
            if self._faults is None or self._passes(event, now, self._faults, overtaken):
                taken.append(event)
        return taken + overtaken[::-1]

    def _passes(self, event: Event, now: datetime, faults: Faults, overtaken: list[Event]) -> bool:
        fault, late = faults.of_notification(event.id)
        match fault:
            case NotifyFault.OK:
                return True
            case NotifyFault.DUPLICATE:
                self._schedule(event, now + late)
                return True
            case NotifyFault.DELAY:
                self._schedule(event, now + late)
            case NotifyFault.REORDER:
                overtaken.append(event)
            case NotifyFault.DROP:
                self._book.delivered(event)
        return False

    def _schedule(self, event: Event, at: datetime) -> None:
        self._scheduled += 1
        heapq.heappush(self._late, (at, self._scheduled, event))


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Body:
    """The body of a genuine, fresh, well-formed notification; raises `NotificationRefused` with the reason."""
    if len(body) > BODY_MAX_BYTES:
        raise NotificationRefused(f"body is larger than {BODY_MAX_BYTES} bytes")
    at, signatures = _read_header(headers.get(SIGNATURE_HEADER, ""))
    expected = signature(secret, at, body).encode()
    if not any(hmac.compare_digest(expected, given) for given in signatures):
        raise NotificationRefused("signature does not match")
    if abs(now.timestamp() - at) > TOLERANCE_S:
        raise NotificationRefused(f"signed more than {TOLERANCE_S} seconds from now")
    try:
        return msgspec.json.decode(body, type=Body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise NotificationRefused(f"body is not a notification: {fault}") from None


def _read_header(header: str) -> tuple[int, list[bytes]]:
    """Time and signatures of a header; raises `NotificationRefused`."""
    parts = [part.partition("=") for part in header.split(",")[: SIGNATURES_MAX + 1]]
    times = [value for name, _, value in parts if name.strip() == "t"]
    signatures = [value.encode(errors="replace") for name, _, value in parts if name.strip() == "v1"]
    if len(times) != 1 or not signatures:
        raise NotificationRefused(f"{SIGNATURE_HEADER} is missing or malformed")
    if not (times[0].isascii() and times[0].isdecimal() and len(times[0]) <= 12):
        raise NotificationRefused(f"{SIGNATURE_HEADER} has no valid time")
    return int(times[0]), signatures

"""Webhooks: telling merchants' endpoints of events, one by one, signed.

Owns the round: lease some, post each, record what came of it; no transaction is open meanwhile. An endpoint is told of
an account's events in their order and at least once: whoever dies after posting and before recording posts the same
`webhook-id` again. A post is a span within the trace of what caused its event, and tells the endpoint. An endpoint
that is of no use is left alone for a while, and holds up no other. Does not own the schedule, the signature and the
patience (`core.webhook`), nor the rows (`store`).
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import groupby
from uuid import UUID

import httpx
import msgspec

from solvent.core.ids import spell
from solvent.core.webhook import (
    ASKED_MAX,
    TEST_TYPE,
    Answer,
    EndpointState,
    Receiver,
    headers,
    next_telling,
    why_disabled,
)
from solvent.ports.telemetry import SILENCE, Telemetry, onward
from solvent.store.outbox import Published
from solvent.store.sealing import SealBrokenError
from solvent.store.webhook_deliveries import Leased, WebhookDeliveries
from solvent.store.webhook_endpoints import WebhookEndpoints

BATCH_MAX = 200  # deliveries of one bucket in one lease
POSTS_MAX = 16  # at once
CONNECT_S, ANSWER_S = 5.0, 15.0
ANSWER_BYTES_MAX = 16 * 1024  # nothing of it is kept; the connection can be used again if it is read
LANE_S = 60.0  # one account's events at one endpoint, in one lease
ROUND_S = 300.0
LEASE = timedelta(minutes=20)  # longer than a slow batch
AWAY_MAX = 3  # failures of an endpoint in a row, after which it is left alone
AWAY_PAUSE_S = 30.0
DIGITS_MAX = 9  # of a number in a header

Lane = Sequence[Leased]  # what one endpoint is to be told of one account, in order

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Conduct:
    """How an endpoint has behaved towards this process."""

    failures: int = 0  # in a row
    failing: bool = False  # and the database says so
    leave_until_s: float = 0.0  # of the monotonic clock

    @property
    def left_alone(self) -> bool:
        return time.monotonic() < self.leave_until_s


class Post:
    """The HTTP side: one post, whatever comes of it as an answer."""

    def __init__(self) -> None:
        self._client = httpx.Client(
            timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S),
            follow_redirects=False,
            headers={"content-type": "application/json", "user-agent": "Solvent-Webhooks/1"},
        )

    def __call__(self, url: str, body: bytes, besides: Mapping[str, str], now: datetime) -> Answer:
        """Post a body; a redirect is an answer as any other, and is not followed."""
        began = time.monotonic()
        status, error, asked = None, None, None
        try:
            with self._client.stream("POST", url, content=body, headers=dict(besides)) as response:
                status, asked = response.status_code, wait_asked(response.headers.get("retry-after", ""), now)
                _read_some(response, began + ANSWER_S)
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            status, error = None, f"{type(failure).__name__}: {failure}"[:200]
        took_ms = round((time.monotonic() - began) * 1000)
        return Answer(at=now, status=status, took_ms=took_ms, error=error, asked=asked)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()


class Webhooks:
    """Tells every enabled endpoint of the events of every bucket."""

    def __init__(
        self,
        endpoints: WebhookEndpoints,
        deliveries: WebhookDeliveries,
        clock: Callable[[], datetime],
        telemetry: Telemetry = SILENCE,
    ) -> None:
        self._telemetry = telemetry
        self._endpoints = endpoints
        self._deliveries = deliveries
        self._clock = clock
        self._post = Post()
        self._pool = ThreadPoolExecutor(POSTS_MAX, thread_name_prefix="webhook")
        self._conduct: dict[UUID, _Conduct] = {}

    def run_once(self) -> int:
        """A batch of each bucket in which an endpoint is to be told something; returns how many posts were made."""
        receivers = self._usable()
        if not receivers:
            return 0
        told, ends = 0, time.monotonic() + ROUND_S
        for bucket in self._deliveries.busy(receivers, self._clock()):
            now = self._clock()
            leased = self._deliveries.claim(bucket, receivers, now, now + LEASE, BATCH_MAX)
            told += sum(
                self._pool.map(lambda lane: self._tell(receivers[lane[0].endpoint_id], lane), _lanes(leased))
            )
            if time.monotonic() >= ends:  # endpoints may have been changed since
                break
        return told

    def test(self, receiver: Receiver) -> Answer:
        """Post something that did not happen, now, and say what came of it; nothing is recorded."""
        now = self._clock()
        id_ = f"test_{int(now.timestamp() * 1000)}"
        body = msgspec.json.encode({"id": id_, "type": TEST_TYPE, "timestamp": now, "data": {}})
        return self._posted(receiver, id_, body)

    def close(self) -> None:
        """End the threads and give the connections back."""
        self._pool.shutdown()
        self._post.close()

    def _usable(self) -> dict[UUID, Receiver]:
        enabled = self._endpoints.enabled()
        self._conduct = {id_: self._conduct.get(id_, _Conduct()) for id_ in enabled}
        return {id_: r for id_, r in enabled.items() if not self._conduct[id_].left_alone}

    def _tell(self, receiver: Receiver, lane: Lane) -> int:
        """Post one after the other, up to the first that is to be tried again; returns how many posts were made."""
        conduct, ends = self._conduct[receiver.id], time.monotonic() + LANE_S
        posted = 0
        for leased in lane:
            if conduct.left_alone or time.monotonic() >= ends:
                break
            posted += 1
            if not self._tell_one(receiver, leased):
                break
        for waiting in lane[posted:]:
            self._deliveries.release(waiting, self._clock())
        return posted

    def _tell_one(self, receiver: Receiver, leased: Leased) -> bool:
        """Post one; whether the next may follow."""
        event = leased.event
        with self._telemetry.caused("webhook.tell", [event.trace] if event.trace else []) as span:
            span.add("solvent.event", event.type)
            answer = self._posted(receiver, event.id, body_of(event))
            if answer.taken:
                span.add("solvent.ended", "taken")
            else:
                span.add("error.type", "away" if answer.away else "refused")
        again = None if answer.taken else next_telling(event.id, leased.tries, answer)
        self._deliveries.answered(leased, answer, again)
        self._judge(receiver, answer)
        return again is None

    def _posted(self, receiver: Receiver, id_: str, body: bytes) -> Answer:
        now = self._clock()
        try:
            proof = headers(id_, self._endpoints.secrets(receiver.id, now), body, now)
        except SealBrokenError as broken:
            return Answer(at=now, status=None, took_ms=0, error=f"its secret cannot be read: {broken}")
        return self._post(receiver.url, body, {**proof, **onward()}, now)

    def _judge(self, receiver: Receiver, answer: Answer) -> None:
        """Remember how the endpoint behaves; disable it where it is time to."""
        conduct = self._conduct[receiver.id]
        conduct.failures = conduct.failures + 1 if answer.away else 0
        if conduct.failures >= AWAY_MAX:
            conduct.leave_until_s = time.monotonic() + AWAY_PAUSE_S
        if answer.away and answer.asked is not None:
            conduct.leave_until_s = max(
                conduct.leave_until_s, time.monotonic() + answer.asked.total_seconds()
            )
        if answer.taken and receiver.failing_since is None and not conduct.failing:
            return
        conduct.failing = not answer.taken
        failing = self._endpoints.note(receiver.id, answer)
        reason = None if failing is None else why_disabled(failing, answer)
        if reason is not None:
            self._endpoints.move(receiver.id, EndpointState.DISABLED, reason)
            log.warning("webhook endpoint %s is disabled: %s", spell("whe", receiver.id), reason)


def body_of(event: Published) -> bytes:
    """An event as an endpoint is told it."""
    return msgspec.json.encode(
        {
            "id": event.id,
            "type": event.type,
            "timestamp": event.occurred_at,
            "account_id": spell("acc", event.account_id),
            "data": event.payload,
        }
    )


def wait_asked(retry_after: str, now: datetime) -> timedelta | None:
    """For how long a receiver asks to be left alone, by seconds or a date: an hour at most. None: it does not ask, or
    nobody can read it."""
    if retry_after.isascii() and retry_after.isdecimal():
        return min(timedelta(seconds=int(retry_after[:DIGITS_MAX])), ASKED_MAX)
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
    return min(wait, ASKED_MAX) if wait > timedelta(0) else None


def _lanes(leased: Sequence[Leased]) -> list[Lane]:
    def lane(one: Leased) -> tuple[UUID, UUID]:
        return one.endpoint_id, one.event.account_id

    return [list(group) for _, group in groupby(sorted(leased, key=lane), key=lane)]


def _read_some(response: httpx.Response, ends: float) -> None:
    read = 0
    for part in response.iter_raw():
        read += len(part)
        if read > ANSWER_BYTES_MAX or time.monotonic() >= ends:
            return

"""Relay: publishing events.

Owns reading the outbox in order and handing each event to a sink at least once, bucket by bucket, remembering how
far it got, and how long a bucket waits whose batch was refused. A crash after handing over and before remembering hands
over again: receivers deduplicate by id. A batch is a span that goes on with what caused its events, and an HTTP
receiver is told so. Does not own what events exist (`core.events`) nor their writing (settlement).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import httpx

from solvent.ports.telemetry import SILENCE, Telemetry, onward
from solvent.store.outbox import Batch, Outbox, Published

BATCH_MAX = 500
POST_TIMEOUT_S = 10.0
FAILED_PAUSE_FIRST_S = 1.0
FAILED_PAUSE_MAX_S = 60.0
FAILED_DOUBLINGS_MAX = 10


class Sink(Protocol):
    """Where events go. `deliver` raises `SinkFailed` when the receiver did not take the whole batch."""

    @property
    def name(self) -> str: ...

    def deliver(self, events: Sequence[Published]) -> None: ...


class SinkFailed(Exception):
    """The receiver did not take a batch; it is handed over again later, in the same order."""


class HttpSink:
    """Posts batches as JSON arrays to one URL; any 2xx answer takes the batch."""

    name = "http"

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(timeout=POST_TIMEOUT_S)
        self._url = url

    def deliver(self, events: Sequence[Published]) -> None:
        """Post one batch, in order."""
        body = b"[" + b",".join(event.json() for event in events) + b"]"
        try:
            response = self._client.post(
                self._url, content=body, headers={"content-type": "application/json", **onward()}
            )
        except httpx.HTTPError as error:
            raise SinkFailed(str(error)) from error
        if not response.is_success:
            raise SinkFailed(f"{self._url} answered {response.status_code}")


class FileSink:
    """Appends events to a file, one JSON object per line, for people to look at and for small receivers."""

    name = "file"

    def __init__(self, path: Path) -> None:
        self._path = path

    def deliver(self, events: Sequence[Published]) -> None:
        """Append one batch, in order."""
        try:
            with self._path.open("ab") as file:
                file.write(b"".join(event.json() + b"\n" for event in events))
        except OSError as error:
            raise SinkFailed(f"{self._path}: {error.strerror}") from error


class Relay:
    """Hands the events of every bucket to one sink. A bucket whose batch is refused waits by itself, ever longer."""

    def __init__(
        self, outbox: Outbox, sink: Sink, batch_max: int = BATCH_MAX, telemetry: Telemetry = SILENCE
    ) -> None:
        self._telemetry = telemetry
        self._outbox = outbox
        self._sink = sink
        self._batch_max = batch_max
        self._refused: dict[int, int] = {}  # how often in a row; at most one entry per bucket

    def run_once(self) -> int:
        """Hand over a batch of each bucket that has any events beyond the sink's cursor; returns how many events.

        Raises `SinkFailed` at the first refusal; the next round begins with the other buckets.
        """
        delivered = 0
        for bucket in self._outbox.behind(self._sink.name):
            batch = self._outbox.take(bucket, self._sink.name, self._batch_max)
            if batch is not None:
                self._hand_over(batch)
                delivered += len(batch.events)
        return delivered

    def _hand_over(self, batch: Batch) -> None:
        try:
            if batch.events:
                causes = [event.trace for event in batch.events if event.trace is not None]
                with self._telemetry.caused("relay.hand_over", causes) as span:
                    span.add("solvent.bucket", batch.bucket)
                    span.add("solvent.events", len(batch.events))
                    self._sink.deliver(batch.events)
        except SinkFailed:
            refused = self._refused.get(batch.bucket, 0)
            self._refused[batch.bucket] = refused + 1
            self._outbox.postpone(batch, pause_s(refused))
            raise
        self._refused.pop(batch.bucket, None)
        self._outbox.delivered(batch)


def pause_s(failures: int) -> float:
    """Seconds to wait before trying again, after so many earlier failures in a row."""
    return min(FAILED_PAUSE_FIRST_S * 2.0 ** min(failures, FAILED_DOUBLINGS_MAX), FAILED_PAUSE_MAX_S)

"""Relay: publishing events.

Owns reading the outbox in order and handing each event to a sink at least once, bucket by bucket, remembering how
far it got. A crash after handing over and before remembering hands over again: receivers deduplicate by id. Does not
own what events exist (`core.events`) nor their writing (settlement).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import httpx

from solvent.store.outbox import Outbox, Published

BATCH_MAX = 500
POST_TIMEOUT_S = 10.0


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
                self._url, content=body, headers={"content-type": "application/json"}
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


def relay(outbox: Outbox, sink: Sink, limit: int = BATCH_MAX) -> int:
    """Hand over up to `limit` events of each bucket that has any beyond the sink's cursor; returns how many."""
    delivered = 0
    for bucket in outbox.behind(sink.name):
        batch = outbox.take(bucket, sink.name, limit)
        if batch is not None:
            if batch.events:
                sink.deliver(batch.events)
            outbox.delivered(batch)
            delivered += len(batch.events)
    return delivered

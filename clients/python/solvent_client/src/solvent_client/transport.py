"""Transport: how one request travels: its key, its time-out, when it is sent again, and what comes of its answer.

Owns safe repetition. A request is sent again only when that cannot do anything twice: it only reads, or it carries the
same Idempotency-Key as before; and only after no answer, 429, 503, or a 409 that asks for it by `Retry-After`. Tries
are bounded, with growing pauses of random length. Does not own what can be asked (`operations`).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from urllib.parse import quote
from uuid import uuid4

import httpx
import msgspec

from solvent_client.errors import Unreachable, problem
from solvent_client.pages import Pages

TRIES_MAX = 4
PAUSE_S, PAUSE_S_MAX = 0.25, 8.0
TIMEOUT_S = 30.0
CONNECT_S = 5.0

Answer = TypeVar("Answer")
Value = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Operation:
    """A method and a path with `{names}`; `keyed` if it takes an Idempotency-Key, `public` if it takes no API key."""

    method: str
    path: str
    keyed: bool = False
    public: bool = False


@dataclass(slots=True, kw_only=True)
class Transport:
    """Requests through one HTTP client. `pause` and `share` (of a pause, 0 to 1) are arguments, for tests."""

    http: httpx.Client
    api_key: str
    tries_max: int = TRIES_MAX
    pause: Callable[[float], None] = time.sleep
    share: Callable[[], float] = random.random

    def send(
        self,
        operation: Operation,
        answer: type[Answer],
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, object] | None = None,
        body: object = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """What is answered, as a value of `answer`; raises `Problem` or `Unreachable`."""
        key = (key or str(uuid4())) if operation.keyed else None
        request = self._request(operation, path or {}, query or {}, body, headers or {})
        if key is not None:
            request.headers["idempotency-key"] = key
        response = self._sent(request, key, again=operation.method == "GET" or key is not None)
        if not response.is_success:
            raise problem(response.status_code, response.content, key)
        return _read(response, answer)

    def pages(
        self,
        operation: Operation,
        answer: type[Answer],
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, object],
    ) -> Pages[Answer, Any]:
        """Pages of a list, asked for as they are needed."""

        def page(after: str | None) -> Answer:
            return self.send(operation, answer, path=path, query={**query, "after": after})

        first = query.get("after")
        return Pages(page, None if first is None else str(first))

    def _request(
        self,
        operation: Operation,
        path: Mapping[str, str],
        query: Mapping[str, object],
        body: object,
        headers: Mapping[str, str],
    ) -> httpx.Request:
        url = operation.path.format_map({name: quote(value, safe="") for name, value in path.items()})
        told = {name: _text(value) for name, value in query.items() if value is not None}
        content = body if isinstance(body, bytes) else None if body is None else msgspec.json.encode(body)
        said = dict(headers) | ({} if operation.public else {"authorization": f"Bearer {self.api_key}"})
        if content is not None and not isinstance(body, bytes):
            said["content-type"] = "application/json"
        return self.http.build_request(operation.method, url, params=told, content=content, headers=said)

    def _sent(self, request: httpx.Request, key: str | None, *, again: bool) -> httpx.Response:
        """The last answer there is after at most `tries_max` tries."""
        for tries in range(1, self.tries_max + 1):
            last = tries == self.tries_max or not again
            try:
                response = self.http.send(request)
            except httpx.RequestError as error:
                if last:
                    raise Unreachable(f"{request.method} {request.url.path}: {error}", key) from error
                self._wait(tries, None)
                continue
            if last or not _worth_another_try(response):
                return response
            self._wait(tries, response.headers.get("retry-after"))
        raise AssertionError("the last try answers or raises")

    def _wait(self, tries: int, told: str | None) -> None:
        """A random part of a pause that doubles; at least as long as the server asked for, if it is bearable."""
        pause = min(PAUSE_S * 2 ** (tries - 1), PAUSE_S_MAX) * self.share()
        asked = float(told) if told is not None and told.isdecimal() else 0.0
        self.pause(max(pause, min(asked, PAUSE_S_MAX)))


def _worth_another_try(response: httpx.Response) -> bool:
    if response.status_code == httpx.codes.CONFLICT:  # the first try may be under way still
        return "retry-after" in response.headers
    return response.status_code in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)


def _read(response: httpx.Response, answer: type[Answer]) -> Answer:
    if answer is bytes:
        return cast(Answer, response.content)
    return msgspec.json.decode(response.content, type=answer)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    isoformat = getattr(value, "isoformat", None)
    return str(value) if isoformat is None else str(isoformat())

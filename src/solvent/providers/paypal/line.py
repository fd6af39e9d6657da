"""The line to PayPal: one authorised request, one answer.

Owns the access token and the reading of what can go wrong on the way: what certainly did nothing is `ProviderDown`,
whatever leaves that open is `ProviderSilent`. Never sends a request twice, but for one whose access token had run
out. Does not own what an answer means.
"""

import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

import httpx
import msgspec

from solvent.ports.provider import ProviderDown, ProviderSilent
from solvent.providers.boundary.requests import sending

TOKEN_PATH = "/v1/oauth2/token"  # noqa: S105 - a path
TOKEN_SPARE_S = 60.0  # a token is replaced before it runs out under way
CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 25.0
CONNECTIONS_MAX = 32
READABLE = frozenset({200, 201, 202, 204, 400, 403, 404, 422})

Body = Mapping[str, Any]


@cache
def trust() -> ssl.SSLContext:
    """The roots of the public web, read once in a process: that takes longer than many a call."""
    return httpx.create_ssl_context(trust_env=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What PayPal answered. `issue` is its code for a refusal, None where it did as it was asked."""

    status: int
    body: dict[str, Any]
    issue: str | None = None

    @property
    def missing(self) -> bool:
        """Whether PayPal has nothing of that name."""
        return self.status == 404


class Line:
    """Requests under one merchant's credentials. Thread-safe. `clock` counts seconds and never goes back."""

    def __init__(
        self,
        base_url: str,
        client_id: str,
        secret: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> None:
        self._client = httpx.Client(
            base_url=base_url,
            timeout=httpx.Timeout(read_timeout_s, connect=connect_timeout_s),
            limits=httpx.Limits(max_connections=CONNECTIONS_MAX),
            trust_env=False,
            verify=trust(),
        )
        self._credentials = httpx.BasicAuth(client_id, secret)
        self._clock = clock
        self._lock = Lock()
        self._token = ""
        self._token_until = 0.0

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        """Ask."""
        return self._call("GET", path, query=query)

    def post(self, path: str, body: Body | None, key: str | None = None, *, full: bool = True) -> Answer:
        """Ask for something to happen, once per `key`; `full`: to be answered with the whole resource."""
        headers = {"content-type": "application/json"}
        if key is not None:
            headers["paypal-request-id"] = key
        if full:
            headers["prefer"] = "return=representation"
        return self._call("POST", path, body=body, headers=headers)

    def patch(self, path: str, body: list[Body]) -> Answer:
        """Change what is there."""
        return self._call("PATCH", path, body=body, headers={"content-type": "application/json"})

    def delete(self, path: str) -> Answer:
        """Remove what is there."""
        return self._call("DELETE", path)

    def post_form(self, path: str, form: Body) -> Answer:
        """Send a form of parts, of which one is a document in JSON."""
        parts = {"input": (None, json.dumps(form).encode(), "application/json")}
        return self._call("POST", path, files=parts)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        files: Any = None,  # noqa: ANN401 - httpx has no public name for it
    ) -> Answer:
        content = None if body is None else msgspec.json.encode(body)
        for _ in range(2):
            sent = {**(headers or {}), "authorization": f"Bearer {self._authorisation()}"}
            response = self._send(
                self._client.build_request(
                    method, path, content=content, headers=sent, params=query, files=files
                )
            )
            if response.status_code != 401:
                return _read(response)
            self._forget(sent["authorization"])
        raise ProviderDown("PayPal does not take our access token")

    def _send(self, request: httpx.Request) -> httpx.Response:
        sending()
        try:
            return self._client.send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as fault:
            raise ProviderDown(f"PayPal was not reached: {type(fault).__name__}") from None
        except httpx.HTTPError as fault:
            raise ProviderSilent(f"no answer from PayPal: {type(fault).__name__}") from None

    def _authorisation(self) -> str:
        """The access token; a new one where the old one is about to run out. One caller at a time asks for it."""
        with self._lock:
            if self._clock() >= self._token_until:
                self._token, lifetime_s = self._new_token()
                self._token_until = self._clock() + max(lifetime_s - TOKEN_SPARE_S, 0)
            return self._token

    def _new_token(self) -> tuple[str, float]:
        """Whatever goes wrong here, nothing has happened to anybody's money."""
        sending()
        try:
            response = self._client.post(
                TOKEN_PATH, data={"grant_type": "client_credentials"}, auth=self._credentials
            )
            if response.status_code == 401:
                raise ProviderDown("PayPal does not know our client id and secret")
            response.raise_for_status()
            granted = msgspec.json.decode(response.content)
            return str(granted["access_token"]), float(granted["expires_in"])
        except (httpx.HTTPError, msgspec.DecodeError, KeyError, TypeError, ValueError) as fault:
            raise ProviderDown(f"PayPal gave no access token: {type(fault).__name__}") from None

    def _forget(self, authorization: str) -> None:
        with self._lock:
            if authorization == f"Bearer {self._token}":
                self._token_until = 0.0


def _read(response: httpx.Response) -> Answer:
    status = response.status_code
    if status == 429:
        raise ProviderDown("PayPal turned the request away: too many", retry_after_s=_retry_after_s(response))
    if status not in READABLE:
        raise ProviderSilent(f"PayPal failed: HTTP {status}")
    if not response.content:
        return Answer(status=status, body={}, issue=None if status < 400 else "NO_BODY")
    try:
        body = msgspec.json.decode(response.content, type=dict[str, Any])
        return Answer(status=status, body=body, issue=None if status < 400 else _issue(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ProviderSilent("PayPal's answer cannot be read") from None


def _issue(body: Mapping[str, Any]) -> str:
    """The code of a refusal: that of its first detail, or its name."""
    details = body.get("details")
    first = details[0] if isinstance(details, list) and details else {}
    return str(first.get("issue") or body.get("name") or "UNNAMED") if isinstance(first, dict) else "UNNAMED"


def _retry_after_s(response: httpx.Response) -> float | None:
    given = response.headers.get("retry-after", "")
    return float(given) if given.isdecimal() else None

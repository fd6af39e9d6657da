"""A typed client for the whole API of a Solvent installation.

Owns what is imported from outside. `models` has what requests and answers carry.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import httpx

from solvent_client import models
from solvent_client.errors import (
    Conflict,
    FieldRule,
    InvalidRequest,
    NotFound,
    PaymentMethodRequired,
    Problem,
    Refused,
    ServerProblem,
    SolventError,
    TooManyRequests,
    Unauthorized,
    Unreachable,
)
from solvent_client.operations import Operations
from solvent_client.pages import Pages
from solvent_client.transport import CONNECT_S, TIMEOUT_S, TRIES_MAX, Transport
from solvent_client.webhooks import Webhook, WebhookEvent, WebhookRefused

__all__ = [
    "Conflict",
    "FieldRule",
    "InvalidRequest",
    "NotFound",
    "Pages",
    "PaymentMethodRequired",
    "Problem",
    "Refused",
    "ServerProblem",
    "Solvent",
    "SolventError",
    "TooManyRequests",
    "Unauthorized",
    "Unreachable",
    "Webhook",
    "WebhookEvent",
    "WebhookRefused",
    "models",
]


class Solvent(Operations):
    """An installation, and a key to it. Safe for many threads; close it, or use it as a context.

    `timeout_s` is for each try of a request; `http` brings an `httpx.Client` of your own (proxies, certificates), whose
    `base_url` is the installation's address.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        timeout_s: float = TIMEOUT_S,
        tries_max: int = TRIES_MAX,
        http: httpx.Client | None = None,
        pause: Callable[[float], None] = time.sleep,
        share: Callable[[], float] = random.random,
    ) -> None:
        if tries_max < 1:
            raise ValueError("tries_max must be at least 1")
        self._http = http or httpx.Client(
            base_url=url, timeout=httpx.Timeout(timeout_s, connect=CONNECT_S), follow_redirects=False
        )
        super().__init__(
            Transport(http=self._http, api_key=api_key, tries_max=tries_max, pause=pause, share=share)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

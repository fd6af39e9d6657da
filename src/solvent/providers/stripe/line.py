"""The line to Stripe: its library, pinned to one API version, over an HTTP client whose failures say what they mean.

Owns the client, its time-outs, and which failure is which: no connection is `ProviderDown`, all that comes after is
`ProviderSilent`. Does not own repeating: the library's own is switched off, the boundary's stands in its place.
"""

import logging
from collections.abc import Mapping
from typing import Any, ClassVar

import httpx
import stripe

from solvent.ports.provider import ProviderDown, ProviderSilent
from solvent.providers.boundary.limits import Limits
from solvent.providers.boundary.requests import sending

API_VERSION = "2026-08-26.dahlia"
CONNECTIONS_MAX = 32

_NOT_REACHED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Line(stripe.HTTPClient):
    """The library's HTTP client, for all threads of a process."""

    name: ClassVar[str] = "httpx"

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self._client = httpx.Client(
            timeout=httpx.Timeout(
                limits.read_timeout_s, connect=limits.connect_timeout_s, pool=limits.wait_max_s
            ),
            limits=httpx.Limits(max_connections=CONNECTIONS_MAX, max_keepalive_connections=CONNECTIONS_MAX),
            trust_env=False,
        )

    def request(  # type: ignore[override] # the library's signature says text, its own clients answer bytes
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,  # noqa: ANN401 - whatever the library encoded
        *,
        _usage: list[str] | None = None,
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """One request, one whole answer."""
        sending()
        try:
            answer = self._client.request(method, url, headers=dict(headers or {}), content=post_data or None)
        except _NOT_REACHED as fault:
            raise ProviderDown(f"Stripe was not reached: {type(fault).__name__}") from None
        except httpx.HTTPError as fault:
            raise ProviderSilent(f"no answer from Stripe: {type(fault).__name__}") from None
        return answer.content, answer.status_code, answer.headers

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def connect(secret_key: str, line: Line, url: str | None = None) -> stripe.StripeClient:
    """Stripe, or what stands for it at `url`, with the merchant's key."""
    logging.getLogger("stripe").addFilter(_no_details)
    stripe._util.STRIPE_LOG = None  # noqa: SLF001 -- what the environment asks for is printed past every filter
    return stripe.StripeClient(
        secret_key,
        stripe_version=API_VERSION,
        http_client=line,
        max_network_retries=0,
        base_addresses={"api": url.rstrip("/")} if url else None,
    )


def _no_details(record: logging.LogRecord) -> bool:
    """The library's debugging lines hold whole requests and answers, client secrets among them."""
    return record.levelno > logging.DEBUG

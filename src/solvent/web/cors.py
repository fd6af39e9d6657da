"""Cross-origin: which pages of others may embed the checkout, and from which address a request comes.

Owns the answers to browsers' questions about origins, for the checkout by token alone: nothing there is authorised by a
cookie, so no other site can borrow a visitor. Does not own the endpoints.
"""

from collections.abc import Mapping
from typing import Any

EMBEDDED = ("/v1/checkout/", "/static/")  # what the component asks, and its own files
_METHODS = "GET, POST, PUT, PATCH, DELETE"
_HEADERS = "content-type, idempotency-key"
_AGE_S = "600"

Headers = list[tuple[str, str]]


class Origins:
    """The origins that the merchant has configured."""

    def __init__(self, configured: str) -> None:
        self._allowed = frozenset(
            filter(None, (o.strip().rstrip("/").lower() for o in configured.split(",")))
        )

    def headers(self, path: str, environ: Mapping[str, Any]) -> Headers:
        """What an answer says to the page of another origin; nothing, unless that may embed the checkout."""
        if not path.startswith(EMBEDDED) or not self._allowed:
            return []
        origin: str = environ.get("HTTP_ORIGIN", "")
        if origin.lower() not in self._allowed:
            return [("vary", "Origin")]
        return [("access-control-allow-origin", origin), ("vary", "Origin")]

    def preflight(self, method: str, path: str, environ: Mapping[str, Any]) -> Headers | None:
        """The answer to a browser that asks before it calls; None: this is no such question, or nobody may."""
        if method != "OPTIONS" or "HTTP_ACCESS_CONTROL_REQUEST_METHOD" not in environ:
            return None
        allowed = self.headers(path, environ)
        if len(allowed) < 2:
            return None
        return [
            *allowed,
            ("access-control-allow-methods", _METHODS),
            ("access-control-allow-headers", _HEADERS),
            ("access-control-max-age", _AGE_S),
        ]


def address_of(environ: Mapping[str, Any], proxies: int) -> str | None:
    """The address of the client: of the connection, or as the outermost of our own proxies saw it. What else stands in
    the header was written by the client itself."""
    if not proxies:
        return environ.get("REMOTE_ADDR") or None
    hops = [hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    return hops[-proxies] if len(hops) >= proxies else None

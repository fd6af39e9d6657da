"""Verifier: entitlement tokens checked without asking anybody.

Owns the published keys that this process has, the rules of a token, and the memory of tokens that were checked before.
"""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import httpx
import jwt
from jwt.types import Options

from solvent_entitlements.granted import Claims

ALGORITHM = "EdDSA"
TYPE = "entitlements+jwt"
LIFE_MAX_S = 3600
KEYS_FRESH_S = 300.0
KEYS_PAUSE_S = 10.0  # between two times that the keys are asked for, whatever comes
REMEMBERED_MAX = 10_000
LEEWAY_S = 30.0
_REQUIRED = ["aud", "exp", "iat", "iss", "jti", "nbf", "sub"]
# Times are judged by `_timely`, on the clock that is handed in and with no leeway at the end.
_BY_US: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "require": _REQUIRED}


class TokenRefused(ValueError):
    """The token proves nothing; the message says why."""


class Verifier:
    """Checks tokens for one service (`audience`); safe for many threads.

    Keys come from Solvent's ``/.well-known/jwks.json`` and are asked for again every five minutes, or when a token
    names another one; while that fails, those that are known go on. `keys` are a set to begin with (`known_keys`).
    """

    def __init__(
        self,
        client: httpx.Client,
        *,
        issuer: str,
        audience: str,
        leeway_s: float = LEEWAY_S,
        keys: Mapping[str, Any] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client, self._issuer, self._audience = client, issuer, audience
        self._leeway_s, self._clock = leeway_s, clock
        self._lock = threading.Lock()
        self._remembered: dict[bytes, tuple[float, Claims]] = {}
        self._keys: dict[str, jwt.PyJWK] = {}
        self._known: Mapping[str, Any] = {"keys": []}
        self._asked_at = self._fresh_until = float("-inf")
        if keys is not None:
            self._take(keys)

    @property
    def known_keys(self) -> Mapping[str, Any]:
        """The key set as it was last published: keep it, and begin with it when Solvent does not answer."""
        return self._known

    def check(self, token: str) -> Claims:
        """What a token says; raises `TokenRefused`. The same token again costs no signature."""
        now = self._clock()
        if now >= self._fresh_until:
            self._refresh(now)
        digest = sha256(token.encode()).digest()
        remembered = self._remembered.get(digest)
        if remembered is not None and now < remembered[0]:
            return remembered[1]
        claims = self._checked(token, now)
        with self._lock:
            if len(self._remembered) >= REMEMBERED_MAX:
                self._remembered.pop(next(iter(self._remembered)))
            self._remembered[digest] = (claims.expires_at.timestamp(), claims)
        return claims

    def _checked(self, token: str, now: float) -> Claims:
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") != ALGORITHM or header.get("typ") != TYPE:
                raise TokenRefused(f"must be signed by {ALGORITHM} and of the type {TYPE}")
            said = jwt.decode(
                token,
                self._key(str(header.get("kid")), now),
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                options=_BY_US,
            )
        except jwt.InvalidTokenError as error:
            raise TokenRefused(str(error) or type(error).__name__) from None
        return self._timely(said, now)

    def _timely(self, said: Mapping[str, Any], now: float) -> Claims:
        begins, expires, issued = said["nbf"], said["exp"], said["iat"]
        if not all(isinstance(at, int) for at in (begins, expires, issued)) or expires - issued > LIFE_MAX_S:
            raise TokenRefused("must live for an hour at most")
        if now >= expires:
            raise TokenRefused("has expired")
        if now < begins - self._leeway_s:
            raise TokenRefused("is not valid yet")
        objects = said.get("objects")
        return Claims(
            account_id=said["sub"],
            features=said["features"],
            products={thing: tuple(names) for thing, names in said["products"].items()},
            expires_at=datetime.fromtimestamp(expires, UTC),
            token_id=said["jti"],
            objects=None if objects is None else frozenset(objects),
            raw=said,
        )

    def _key(self, kid: str, now: float) -> jwt.PyJWK:
        key = self._keys.get(kid)
        if key is None:
            self._refresh(now)
            key = self._keys.get(kid)
        if key is None:
            raise TokenRefused("is signed by a key that is not published")
        return key

    def _refresh(self, now: float) -> None:
        """Ask for the keys, though not again and again; without an answer those that are known go on."""
        with self._lock:
            if now < self._asked_at + KEYS_PAUSE_S:
                return
            self._asked_at = now
        try:
            answer = self._client.get("/.well-known/jwks.json")
            answer.raise_for_status()
            self._take(answer.json())
        except (httpx.HTTPError, ValueError, KeyError, jwt.PyJWTError):
            return
        self._fresh_until = now + KEYS_FRESH_S

    def _take(self, published: Mapping[str, Any]) -> None:
        """Keys of our kind alone. When one is withdrawn, what it proved is asked anew."""
        ours = [k for k in published["keys"] if (k.get("kty"), k.get("crv")) == ("OKP", "Ed25519")]
        keys = {str(k["kid"]): jwt.PyJWK(k, algorithm=ALGORITHM) for k in ours}
        with self._lock:
            if self._keys.keys() - keys.keys():
                self._remembered.clear()
            self._keys, self._known = keys, published

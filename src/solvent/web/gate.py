"""Gate: who is asking, and under which idempotency key.

Owns the check of API keys and scopes, and the form of the `Idempotency-Key`. Does not own the keys themselves
(`store.keys`, which remembers verified ones for some seconds).
"""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from solvent.store.keys import Keys
from solvent.web.endpoint import Scope
from solvent.web.problems import FieldError, Problem

IDEMPOTENCY_KEY_MAX = 200
_SECRET = re.compile(r"Bearer (sk_[A-Za-z0-9_-]{20,100})", re.IGNORECASE)
_KEY = re.compile(rf"[\x21-\x7e]([\x20-\x7e]{{0,{IDEMPOTENCY_KEY_MAX - 2}}}[\x21-\x7e])?")
_INCLUDED: Mapping[Scope, frozenset[str]] = {
    Scope.READ: frozenset({Scope.READ, Scope.WRITE, Scope.ADMIN}),
    Scope.WRITE: frozenset({Scope.WRITE, Scope.ADMIN}),
    Scope.CLOCK: frozenset({Scope.CLOCK, Scope.ADMIN}),
    Scope.ADMIN: frozenset({Scope.ADMIN}),
}


def secret_of(environ: Mapping[str, Any]) -> str | None:
    """The API key that a request bears, whether or not it is one of ours."""
    secret = _SECRET.fullmatch(environ.get("HTTP_AUTHORIZATION", ""))
    return None if secret is None else secret[1]


def admit(keys: Keys, scope: Scope, environ: Mapping[str, Any]) -> UUID:
    """The id of the API key that asks, which may do what `scope` says; raises a problem otherwise."""
    secret = secret_of(environ)
    key = None if secret is None else keys.verify(secret)
    if key is None:
        detail = "send `Authorization: Bearer sk_…` with a key that is known and not revoked"
        raise Problem("unauthorized", detail, headers=[("www-authenticate", "Bearer")])
    if not key.scopes & _INCLUDED[scope]:
        raise Problem("forbidden", f"this key lacks the scope {scope}")
    return key.id


def idempotency_key(environ: Mapping[str, Any], key_id: UUID) -> str:
    """The caller's key, made unique among API keys; raises a problem when it is missing or not a key."""
    text: str = environ.get("HTTP_IDEMPOTENCY_KEY", "")
    if not _KEY.fullmatch(text):
        rule = (
            f"must be 1 to {IDEMPOTENCY_KEY_MAX} printable ASCII characters, new for each thing you want done"
        )
        raise Problem(
            "idempotency_key_missing", f"Idempotency-Key {rule}", [FieldError("Idempotency-Key", rule)]
        )
    return f"{key_id.hex}:{text}"

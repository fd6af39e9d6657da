"""Webhooks: whether a post came from Solvent, and what it tells.

Owns the check of a signature by the Standard Webhooks convention: HMAC-SHA256 over id, time and body, one of several
signatures while a secret is being rotated, not older nor newer than the tolerance. Does not own any web framework.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from solvent_client.errors import SolventError

TOLERANCE_S = 300
_PREFIX = "whsec_"
_STAMP = re.compile(r"[0-9]{1,12}")  # seconds since 1970


class WebhookRefused(SolventError):
    """A post that is not to be believed: forged, changed, too old, or not signed at all."""


class WebhookEvent(msgspec.Struct, frozen=True):
    """What happened. Deduplicate by `id`: the same event may come more than once."""

    id: str
    type: str
    timestamp: datetime
    account_id: str | None = None
    data: dict[str, Any] = msgspec.field(default_factory=dict)


class Webhook:
    """Posts signed with one secret (`whsec_…`)."""

    def __init__(
        self, secret: str, *, tolerance_s: int = TOLERANCE_S, clock: Callable[[], float] = time.time
    ) -> None:
        try:
            self._key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error as error:
            raise ValueError("a secret is whsec_ and base64") from error
        self._tolerance_s = tolerance_s
        self._clock = clock

    def verify(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        """The event, if body and headers are as Solvent sent them; raises `WebhookRefused`. `body` as it came, not
        parsed and written anew; header names in any case."""
        said = {name.lower(): value for name, value in headers.items()}
        missing = [n for n in ("webhook-id", "webhook-timestamp", "webhook-signature") if not said.get(n)]
        if missing:
            raise WebhookRefused(f"no {missing[0]}")
        stamp = said["webhook-timestamp"]
        if _STAMP.fullmatch(stamp) is None or abs(self._clock() - int(stamp)) > self._tolerance_s:
            raise WebhookRefused(f"webhook-timestamp is more than {self._tolerance_s} seconds from now")
        signed = f"{said['webhook-id']}.{stamp}.".encode() + body
        expected = base64.b64encode(hmac.digest(self._key, signed, sha256)).decode()
        given = [told.partition(",") for told in said["webhook-signature"].split()]
        if not any(v == "v1" and hmac.compare_digest(s.encode(), expected.encode()) for v, _, s in given):
            raise WebhookRefused("no signature is right")
        return msgspec.json.decode(body, type=WebhookEvent)

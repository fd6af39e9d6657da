"""Notices: Stripe's events, verified.

Owns the signature (the library's check, with our clock), the bounds of age and size, and which of our things an event
is about. Nothing else in it is believed. Does not own what a notification leads to (`flows.notify`).
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import stripe

from solvent.ports.provider import Notification, NotificationRefused, Subject
from solvent.providers.stripe.reading import KEY, NAME, REFUND_KEY, uuid_of

SIGNATURE_HEADER = "stripe-signature"
TOLERANCE_S = 300
BODY_MAX_BYTES = 262_144

_SUBJECTS = {
    "payment_intent": Subject.ATTEMPT,
    "setup_intent": Subject.ATTEMPT,
    "refund": Subject.REFUND,
    "dispute": Subject.DISPUTE,
    "payment_method": Subject.METHOD,
}


class Notices:
    """Verifies with the endpoint's `secret`; `livemode` says whose money is meant: a test's event is not real."""

    def __init__(self, secret: str, *, livemode: bool) -> None:
        self._secret = secret
        self._livemode = livemode

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notification:
        """A verified event; raises `NotificationRefused` with the reason."""
        self._verify(headers.get(SIGNATURE_HEADER, ""), body, now)
        try:
            return self._told(json.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
            raise NotificationRefused("it is not an event of Stripe's") from None

    def _verify(self, signature: str, body: bytes, now: datetime) -> None:
        if len(body) > BODY_MAX_BYTES:
            raise NotificationRefused(f"its body has more than {BODY_MAX_BYTES} bytes")
        try:
            text = body.decode()
            stripe.WebhookSignature.verify_header(text, signature, self._secret, None)
        except UnicodeDecodeError:
            raise NotificationRefused("its body is not UTF-8") from None
        except stripe.SignatureVerificationError:
            raise NotificationRefused(
                f"{SIGNATURE_HEADER} is missing, malformed or not of this body"
            ) from None
        age_s = now.timestamp() - _signed_at(signature)
        if abs(age_s) > TOLERANCE_S:
            raise NotificationRefused(f"it was signed {age_s:.0f} s ago, more than {TOLERANCE_S} s away")

    def _told(self, event: Mapping[str, Any]) -> Notification:
        thing = event["data"]["object"]
        if bool(event["livemode"]) != self._livemode:
            raise NotificationRefused("it is of a test, while this key moves money, or the other way round")
        subject = _SUBJECTS.get(thing["object"], Subject.OTHER)
        if event["type"] == "payment_intent.created" and KEY not in (thing.get("metadata") or {}):
            subject = Subject.OTHER  # of an invoice: what it is for is written into it afterwards
        return Notification(
            id=str(event["id"]),
            provider=NAME,
            subject=subject,
            key=_key(subject, thing.get("metadata") or {}),
            ref=thing.get("id"),
            occurred_at=datetime.fromtimestamp(event["created"], UTC),
        )


def _key(subject: Subject, metadata: Mapping[str, Any]) -> UUID | None:
    """Of a dispute, and of whatever is none of ours, no key is known."""
    names = {Subject.ATTEMPT: KEY, Subject.REFUND: REFUND_KEY}
    return uuid_of(metadata.get(names[subject])) if subject in names else None


def _signed_at(signature: str) -> int:
    """The first time in a header that has been verified."""
    return int(next(part for part in signature.split(",") if part.startswith("t="))[2:])

"""Notifications: whether one is PayPal's, and what it is about.

Owns the check of size, age, shape and signature, by PayPal's certificate or by asking PayPal, and the reading of
events. Nothing in an event is believed but which thing it is about. Does not own certificates (`certificates`) nor
the storing (flows).
"""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from solvent.ports.provider import Notification, NotificationRefused, Subject
from solvent.providers.paypal import reversals, words
from solvent.providers.paypal.certificates import Certificates
from solvent.providers.paypal.line import Line
from solvent.providers.paypal.reading import Thing, key_of, moment

BODY_MAX_BYTES = 65_536  # what the API takes
AGE_MAX = timedelta(days=4)  # PayPal sends what was not taken again for three days, under the first time
EARLY_MAX = timedelta(minutes=5)
ALGORITHM = "SHA256withRSA"
VERIFY_PATH = "/v1/notifications/verify-webhook-signature"
HEADERS = {
    "transmission_id": "paypal-transmission-id",
    "transmission_time": "paypal-transmission-time",
    "transmission_sig": "paypal-transmission-sig",
    "cert_url": "paypal-cert-url",
    "auth_algo": "paypal-auth-algo",
}

_SUBJECTS = (
    ("PAYMENT.CAPTURE.REFUNDED", Subject.REFUND),
    ("PAYMENT.REFUND.", Subject.REFUND),
    (reversals.KIND, Subject.DISPUTE),
    ("PAYMENT.CAPTURE.", Subject.ATTEMPT),
    ("CHECKOUT.ORDER.", Subject.ATTEMPT),
    ("CHECKOUT.PAYMENT-APPROVAL.", Subject.ATTEMPT),
    ("CUSTOMER.DISPUTE.", Subject.DISPUTE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event: what it is about, by our id and by PayPal's names."""

    id: str
    at: datetime
    subject: Subject
    key: UUID | None
    order: str | None
    ref: str | None


class Proof(Protocol):
    """How a notification is proved to be PayPal's."""

    def must_hold(self, signed: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Raises `NotificationRefused`, or `ProviderDown` and `ProviderSilent` where it cannot be told."""
        ...


class ByCertificate:
    """By the signature over id, time, our webhook's id and a checksum of the body: no call for each notification."""

    def __init__(self, webhook_id: str, certificates: Certificates) -> None:
        self._webhook_id = webhook_id
        self._certificates = certificates

    def must_hold(self, signed: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Prove it here."""
        if signed["auth_algo"] != ALGORITHM:
            raise NotificationRefused(f"paypal-auth-algo must be {ALGORITHM}")
        try:
            signature = b64decode(signed["transmission_sig"], validate=True)
        except (binascii.Error, ValueError):
            raise NotificationRefused("paypal-transmission-sig is not base64") from None
        parts = (
            signed["transmission_id"],
            signed["transmission_time"],
            self._webhook_id,
            str(binascii.crc32(body)),
        )
        key = self._certificates.signer(signed["cert_url"], now)
        try:
            key.verify(signature, "|".join(parts).encode(), PKCS1v15(), SHA256())
        except InvalidSignature:
            raise NotificationRefused("signature does not match") from None


class ByApi:
    """By asking PayPal about each notification: slower, and no certificate is fetched."""

    def __init__(self, webhook_id: str, line: Line) -> None:
        self._webhook_id = webhook_id
        self._line = line

    def must_hold(self, signed: Mapping[str, str], body: bytes, now: datetime) -> None:  # noqa: ARG002 - the protocol's
        """Have PayPal prove it; the body goes as it came."""
        question = {**signed, "webhook_id": self._webhook_id, "webhook_event": msgspec.Raw(body)}
        answer = self._line.post(VERIFY_PATH, question, full=False)
        if answer.body.get("verification_status") != "SUCCESS":
            raise NotificationRefused("PayPal does not confirm the signature")


def parse(proof: Proof, headers: Mapping[str, str], body: bytes, now: datetime) -> Notification:
    """A genuine, fresh, well-formed notification; raises `NotificationRefused` with the reason. The signature is looked
    at last, because that costs most; nothing is done before."""
    if len(body) > BODY_MAX_BYTES:
        raise NotificationRefused(f"body is larger than {BODY_MAX_BYTES} bytes")
    signed = _signed(headers)
    _must_be_fresh(signed["transmission_time"], now)
    event = _event(body)
    proof.must_hold(signed, body, now)
    return Notification(
        id=event.id,
        provider=words.NAME,
        subject=event.subject,
        key=event.key,
        ref=event.order or event.ref if event.subject is Subject.ATTEMPT else event.ref,
        occurred_at=event.at,
    )


def told(event: Thing) -> Told:
    """What an event is about; raises KeyError, TypeError or ValueError for one that says nothing of the kind."""
    kind, resource = str(event["event_type"]), event["resource"]
    subject = next((s for prefix, s in _SUBJECTS if kind.startswith(prefix)), Subject.OTHER)
    return Told(
        id=str(event["id"]),
        at=moment(event["create_time"]),
        subject=subject,
        key=_key(subject, resource),
        order=_order(kind, resource),
        ref=_ref(kind, subject, resource),
    )


def _ref(kind: str, subject: Subject, resource: Thing) -> str | None:
    if kind.startswith(reversals.KIND):
        return reversals.named(resource)
    return _text(resource.get("dispute_id" if subject is Subject.DISPUTE else "id"))


def _key(subject: Subject, resource: Thing) -> UUID | None:
    """A dispute names the payment that it is about; an order bears our id in its purchase unit."""
    if subject is Subject.DISPUTE:
        payments = resource.get("disputed_transactions") or [{}]
        return key_of({"custom_id": payments[0].get("custom")})
    units = resource.get("purchase_units")
    return key_of(units[0] if units else resource)


def _order(kind: str, resource: Thing) -> str | None:
    if kind.startswith("CHECKOUT.ORDER."):
        return _text(resource.get("id"))
    related = resource.get("supplementary_data", {}).get("related_ids", {})
    return _text(related.get("order_id") or resource.get("order_id"))


def _text(value: Any) -> str | None:  # noqa: ANN401 - whatever PayPal says there
    return None if value is None else str(value)


def _signed(headers: Mapping[str, str]) -> dict[str, str]:
    missing = [name for name in HEADERS.values() if not headers.get(name)]
    if missing:
        raise NotificationRefused(f"{missing[0]} is missing")
    return {field: headers[name] for field, name in HEADERS.items()}


def _must_be_fresh(text: str, now: datetime) -> None:
    try:
        sent = moment(text)
    except ValueError:
        raise NotificationRefused("paypal-transmission-time is not a time") from None
    if sent.tzinfo is None:
        raise NotificationRefused("paypal-transmission-time has no time zone")
    if now - sent > AGE_MAX:
        raise NotificationRefused(f"sent more than {AGE_MAX.days} days ago")
    if sent - now > EARLY_MAX:
        raise NotificationRefused("sent in the future")


def _event(body: bytes) -> Told:
    try:
        return told(msgspec.json.decode(body, type=dict[str, Any]))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise NotificationRefused(f"body is not a notification: {fault}") from None
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as fault:
        raise NotificationRefused(f"body is not a notification: {type(fault).__name__}") from None

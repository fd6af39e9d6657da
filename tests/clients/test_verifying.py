"""The client's check of webhooks, beside the library of the convention, which signs."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import msgspec
import pytest
from standardwebhooks import Webhook as Standard

from solvent_client import Webhook, WebhookRefused

SECRET, OTHER = (f"whsec_{base64.b64encode(bytes([n]) * 24).decode()}" for n in (1, 2))
SENT = datetime(2026, 2, 2, 2, 40, tzinfo=UTC)
BODY = msgspec.json.encode(
    {"id": "evt_1", "type": "invoice.paid", "timestamp": SENT, "account_id": "acc_1", "data": {"total": 2000}}
)


def _headers(*secrets: str, body: bytes = BODY) -> dict[str, str]:
    signed = " ".join(Standard(secret).sign("evt_1", SENT, body.decode()) for secret in secrets)
    stamp = str(int(SENT.timestamp()))
    return {"Webhook-Id": "evt_1", "webhook-timestamp": stamp, "webhook-signature": signed}


def _webhook(late_s: float = 0) -> Webhook:
    return Webhook(SECRET, clock=lambda: SENT.timestamp() + late_s)


@pytest.mark.parametrize("secrets", [(SECRET,), (OTHER, SECRET), (SECRET, OTHER)])
def test_what_was_signed_is_told(secrets: tuple[str, ...]) -> None:
    event = _webhook(300).verify(BODY, _headers(*secrets))
    assert (event.id, event.type, event.timestamp, event.account_id) == (
        "evt_1",
        "invoice.paid",
        SENT,
        "acc_1",
    )
    assert event.data == {"total": 2000}


@pytest.mark.parametrize(
    ("changed", "late_s", "why"),
    [
        ({}, 301, "300 seconds"),
        ({}, -301, "300 seconds"),
        ({"webhook-timestamp": "soon"}, 0, "300 seconds"),
        ({"webhook-timestamp": "²"}, 0, "300 seconds"),
        ({"webhook-timestamp": "9" * 400}, 0, "300 seconds"),
        ({"webhook-signature": ""}, 0, "no webhook-signature"),
        ({"webhook-signature": "v1,é"}, 0, "no signature"),
        ({"webhook-signature": "v2,x v1"}, 0, "no signature"),
        ({"Webhook-Id": "evt_2"}, 0, "no signature"),
    ],
)
def test_what_was_not_is_refused(changed: dict[str, str], late_s: float, why: str) -> None:
    with pytest.raises(WebhookRefused, match=why):
        _webhook(late_s).verify(BODY, _headers(SECRET) | changed)


def test_another_body_or_secret_is_refused() -> None:
    with pytest.raises(WebhookRefused):
        _webhook().verify(BODY + b" ", _headers(SECRET))
    with pytest.raises(WebhookRefused):
        _webhook().verify(BODY, _headers(OTHER))
    with pytest.raises(ValueError, match="whsec_"):
        Webhook("whsec_?")

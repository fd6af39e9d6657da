"""Notifications that are refused, of every provider: with the reason, and nothing is changed.

A server of its own stands beside the house, for a merchant who has a sandbox, Stripe and PayPal. PayPal is asked what
is genuine: its own certificate is not to be had.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

import httpx
import pytest
import stripe

from solvent.providers.sandbox.notifications import SIGNATURE_HEADER, signature
from tests.patience import PATIENCE_S
from tests.peers import paypal
from tests.peers.stripe.server import SECRET_KEY, WEBHOOK_SECRET
from tests.ports import free_port
from tests.web.house import BANK_KEY, SERVE, House, Json, problem, process

Headers = dict[str, str]
Signer = Callable[[bytes, datetime], Headers]
_numbers = count(1)


def _wall() -> datetime:
    return datetime.now(UTC)


def sandbox_signs(body: bytes, at: datetime) -> Headers:
    seconds = int(at.timestamp())
    return {SIGNATURE_HEADER: f"t={seconds},v1={signature(BANK_KEY, seconds, body)}"}


def stripe_signs(body: bytes, at: datetime) -> Headers:
    text = body.decode(errors="replace")
    return {
        "stripe-signature": stripe.WebhookSignature.generate_signature_header(
            text, WEBHOOK_SECRET, int(at.timestamp())
        )
    }


class Door:
    """A server that takes notifications of three providers."""

    def __init__(self, url: str, peer: paypal.ServedPeer) -> None:
        self.client = httpx.Client(base_url=f"{url}/v1/notifications", timeout=PATIENCE_S, verify=False)
        self._peer = peer
        self.signers: Mapping[str, Signer] = {
            "sandbox": sandbox_signs,
            "stripe": stripe_signs,
            "paypal": lambda body, at: peer.seal.sign_bytes(body, paypal.WEBHOOK_ID, peer.url, at),
        }

    def post(self, provider: str, body: bytes, at: datetime | None = None) -> httpx.Response:
        """Send as that provider signs it."""
        return self.send(provider, self.signers[provider](body, at or _wall()), body)

    def send(self, provider: str, headers: Headers, body: bytes) -> httpx.Response:
        return self.client.post(f"/{provider}", content=body, headers=headers)


@pytest.fixture(scope="module")
def door(house: House) -> Iterator[Door]:
    peer = paypal.ServedPeer(_wall)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {
        "SOLVENT_PORT": str(port),
        "SOLVENT_SANDBOX_URL": house.bank_url,
        "SOLVENT_SANDBOX_SECRET": BANK_KEY,
        "SOLVENT_STRIPE_SECRET_KEY": SECRET_KEY,
        "SOLVENT_STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "SOLVENT_PAYPAL_CLIENT_ID": paypal.CLIENT_ID,
        "SOLVENT_PAYPAL_SECRET": paypal.SECRET,
        "SOLVENT_PAYPAL_WEBHOOK_ID": paypal.WEBHOOK_ID,
        "SOLVENT_PAYPAL_URL": peer.url,
        "SOLVENT_PAYPAL_PROOF": "api",
    }
    with process([sys.executable, "-c", SERVE, house.database_url], settings, f"{url}/v1/healthz"):
        yield Door(url, peer)
    peer.close()


def told(provider: str, name: str | None = None) -> bytes:
    """What a provider tells of a payment of nobody we know, without the signature."""
    number, now = next(_numbers), _wall()
    name = name or f"evt_told_{number}"
    events: dict[str, Json] = {
        "sandbox": {
            "id": name,
            "type": "payment.succeeded",
            "object": f"pi_{number}",
            "key": uuid4().hex,
            "created": now.isoformat(),
        },
        "stripe": {
            "id": name,
            "type": "payment_intent.succeeded",
            "livemode": False,
            "created": int(now.timestamp()),
            "data": {"object": {"object": "payment_intent", "id": f"pi_{number}"}},
        },
        "paypal": {
            "id": name,
            "event_type": "PAYMENT.CAPTURE.COMPLETED",
            "create_time": now.isoformat(),
            "resource": {"id": f"C{number}"},
        },
    }
    return json.dumps(events[provider]).encode()


PROVIDERS = ("sandbox", "stripe", "paypal")
STALE = {"sandbox": timedelta(hours=1), "stripe": timedelta(hours=1), "paypal": timedelta(days=5)}


def refused(house: House, response: httpx.Response, status: int = 400) -> str:
    """The reason of a refusal."""
    said = house.said(response, status)
    assert problem(said)[0] == ("notification_refused" if status == 400 else "payload_too_large")
    return str(said["detail"])


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_genuine_one_is_taken_and_its_repetition_changes_nothing(
    house: House, door: Door, provider: str
) -> None:
    before, body = house.rows()["inbox"], told(provider)
    assert (door.post(provider, body).status_code, house.rows()["inbox"]) == (204, before + 1)
    with house.nothing_written():
        assert door.post(provider, body).status_code == 204


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_forged_one_is_refused(house: House, door: Door, provider: str) -> None:
    body = told(provider)
    genuine = door.signers[provider](body, _wall())
    with house.nothing_written():
        assert "signature" in refused(house, door.send(provider, genuine, body.replace(b"told", b"TOLD")))
        assert "missing" in refused(house, door.send(provider, {}, body))
        others = next(name for name in PROVIDERS if name != provider)
        assert "missing" in refused(house, door.send(provider, door.signers[others](body, _wall()), body))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_stale_one_is_refused_as_is_one_of_the_future(house: House, door: Door, provider: str) -> None:
    with house.nothing_written():
        for away in (STALE[provider], -timedelta(hours=1)):
            reason = refused(house, door.post(provider, told(provider), _wall() - away))
            assert any(word in reason for word in ("more than", "in the future"))


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b"\xff", b'{"id": 5}', b"[" * 50_000])
def test_a_malformed_one_is_refused_although_it_is_signed(
    house: House, door: Door, provider: str, body: bytes
) -> None:
    with house.nothing_written():
        assert refused(house, door.post(provider, body))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_one_with_a_name_that_cannot_be_kept_is_refused(house: House, door: Door, provider: str) -> None:
    with house.nothing_written():
        for name in ("evt\0", "e" * 600):
            reason = refused(house, door.post(provider, told(provider, name)))
            assert "its id must be printable" in reason


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_oversized_one_is_refused_with_the_bound(house: House, door: Door, provider: str) -> None:
    bound = 262_144 if provider == "stripe" else 65_536
    with house.nothing_written():
        body = told(provider)
        reason = refused(
            house, door.post(provider, body + b" " * bound), 413 if provider == "stripe" else 400
        )
        assert str(bound) in reason
        assert "262144" in refused(house, door.post(provider, body + b" " * 300_000), 413)


def test_stripe_may_send_more_than_others(house: House, door: Door) -> None:
    assert door.post("stripe", told("stripe") + b" " * 200_000).status_code == 204

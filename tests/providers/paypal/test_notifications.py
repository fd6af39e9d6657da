"""What PayPal tells: proved by certificate or by asking PayPal, refused with a reason otherwise."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from solvent.ports.provider import NotificationRefused, ProviderDown, Subject
from solvent.providers.paypal import ByCertificate, Certificates, PayPalProvider
from solvent.providers.paypal.certificates import FETCHES_MAX, _public_roots
from tests.peers.paypal import WEBHOOK_ID
from tests.peers.paypal.acts import dispute
from tests.peers.paypal.seal import Seal

World = Any  # the fixture's class; see conftest
Signed = tuple[dict[str, str], bytes]
Spoiler = Callable[[World, dict[str, str], bytes], Signed]


def capture_told(world: World) -> Signed:
    """The notification of a capture, and nothing else."""
    world.pay()
    told = world.peer.deliveries(world.clock())
    (only,) = [each for each in told if json.loads(each[1])["event_type"] == "PAYMENT.CAPTURE.COMPLETED"]
    return (only[0], only[1])


def test_a_capture_is_told_by_our_key_and_its_order(world: World) -> None:
    opened = world.provider.open(world.request())
    world.peer.approve(opened.ref)
    paid = world.provider.confirm(opened.key, opened.ref, None)
    told = [world.provider.parse(*each, world.clock()) for each in world.peer.deliveries(world.clock())]
    about = [each for each in told if each.subject is Subject.ATTEMPT]
    assert {(each.key, each.ref, each.provider) for each in about} == {(paid.key, opened.ref, "paypal")}
    assert len({each.id for each in told}) == len(told) == 3  # approved, vaulted, captured
    assert about[0].occurred_at == world.clock()


def test_a_dispute_and_a_refund_are_told_as_such(world: World) -> None:
    paid = world.pay()
    world.provider.refund(world.refund_request(paid, 100))
    case = dispute(world.peer.book, paid.ref)
    told = [world.provider.parse(*each, world.clock()) for each in world.peer.deliveries(world.clock())]
    (about_case,) = [each for each in told if each.subject is Subject.DISPUTE]
    assert (about_case.ref, about_case.key) == (case["dispute_id"], paid.key)
    assert [each.subject for each in told].count(Subject.REFUND) == 1


def test_what_paypal_confirms_is_taken_without_a_certificate(world: World, by_api: PayPalProvider) -> None:
    headers, body = capture_told(world)
    asked = len(world.peer.server.calls)
    assert by_api.parse(headers, body, world.clock()).subject is Subject.ATTEMPT
    assert world.peer.server.calls[asked:] == ["POST /v1/notifications/verify-webhook-signature"]


def forged(world: World, headers: dict[str, str], body: bytes) -> Signed:
    return headers, body.replace(b"12.00", b"10.00")


def of_another_webhook(world: World, headers: dict[str, str], body: bytes) -> Signed:
    return world.peer.seal.sign_bytes(body, "another webhook", world.peer.url, world.clock()), body


def by_another_signer(world: World, headers: dict[str, str], body: bytes) -> Signed:
    return Seal(world.clock(), first_key=2).sign_bytes(body, WEBHOOK_ID, world.peer.url, world.clock()), body


def not_base64(world: World, headers: dict[str, str], body: bytes) -> Signed:
    return headers | {"paypal-transmission-sig": "no signature!"}, body


def without(name: str) -> Spoiler:
    def spoil(world: World, headers: dict[str, str], body: bytes) -> Signed:
        return {n: v for n, v in headers.items() if n != name}, body

    return spoil


@pytest.mark.parametrize("how", ["certificate", "api"])
@pytest.mark.parametrize("spoil", [forged, of_another_webhook, by_another_signer])
def test_a_forged_notification_is_refused(
    world: World,
    by_api: PayPalProvider,
    spoil: Spoiler,
    how: str,
) -> None:
    headers, body = spoil(world, *capture_told(world))
    provider = world.provider if how == "certificate" else by_api
    with pytest.raises(NotificationRefused, match="signature"):
        provider.parse(headers, body, world.clock())


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (not_base64, "not base64"),
        (without("paypal-transmission-id"), "paypal-transmission-id is missing"),
        (without("paypal-transmission-sig"), "paypal-transmission-sig is missing"),
        (without("paypal-cert-url"), "paypal-cert-url is missing"),
        (lambda w, h, b: (h | {"paypal-auth-algo": "none"}, b), "must be SHA256withRSA"),
        (lambda w, h, b: (h | {"paypal-transmission-time": "yesterday"}, b), "is not a time"),
        (lambda w, h, b: (h | {"paypal-transmission-time": "2031-03-01T12:00:00"}, b), "no time zone"),
        (lambda w, h, b: (h | {"paypal-cert-url": "https://evil.example/c"}, b), "is not PayPal's"),
        (lambda w, h, b: (h | {"paypal-cert-url": f"{w.peer.url}/elsewhere"}, b), "is not PayPal's"),
        (lambda w, h, b: (h | {"paypal-cert-url": "https://["}, b), "is not PayPal's"),
        (lambda w, h, b: (h | {"paypal-cert-url": h["paypal-cert-url"] + "\t"}, b), "is not PayPal's"),
        (lambda w, h, b: (h | {"paypal-cert-url": h["paypal-cert-url"] + "?a=1"}, b), "is not PayPal's"),
        (lambda w, h, b: (h | {"paypal-cert-url": h["paypal-cert-url"] + "-forged"}, b), "has no such"),
        (lambda w, h, b: (h, b"x" * 65_537), "larger than 65536 bytes"),
        (lambda w, h, b: (h, b"[" * 60_000), "is not a notification"),
        (lambda w, h, b: (h, b"{"), "is not a notification"),
        (lambda w, h, b: (h, b"\xff"), "is not a notification"),
        (lambda w, h, b: (h, b"{}"), "is not a notification"),
        (lambda w, h, b: (h, b'{"event_type": "X", "resource": 5, "id": "1"}'), "is not a notification"),
    ],
)
def test_a_malformed_notification_is_refused_with_the_reason(
    world: World,
    spoil: Spoiler,
    reason: str,
) -> None:
    headers, body = spoil(world, *capture_told(world))
    with pytest.raises(NotificationRefused, match=reason):
        world.provider.parse(headers, body, world.clock())


def test_a_stale_notification_is_refused_and_a_late_one_is_not(world: World) -> None:
    headers, body = capture_told(world)
    late = world.clock() + timedelta(days=3)
    assert world.provider.parse(headers, body, late).subject is Subject.ATTEMPT
    with pytest.raises(NotificationRefused, match="more than 4 days ago"):
        world.provider.parse(headers, body, late + timedelta(days=2))
    with pytest.raises(NotificationRefused, match="in the future"):
        world.provider.parse(headers, body, world.clock() - timedelta(hours=1))


def trusting(world: World, seal: Seal) -> PayPalProvider:
    """PayPal as it is for somebody who trusts another root."""
    hosts = frozenset({world.peer.url.removeprefix("http://")})
    certificates = Certificates(roots=[seal.root], hosts=hosts, scheme="http")
    return PayPalProvider(
        world.line, ByCertificate(WEBHOOK_ID, certificates), clock=world.clock, brand="Solvent"
    )


def test_a_certificate_under_another_root_proves_nothing(world: World) -> None:
    headers, body = capture_told(world)
    stranger = trusting(world, Seal(world.clock(), first_key=2))
    with pytest.raises(NotificationRefused, match="signing certificate is not proved"):
        stranger.parse(headers, body, world.clock())


def test_a_certificate_of_another_name_proves_nothing(world: World) -> None:
    headers, body = capture_told(world)
    right, wrong = world.peer.seal.pem, Seal(world.clock(), name="evil.example").pem
    world.peer.seal.pem = wrong
    try:
        with pytest.raises(NotificationRefused, match="signing certificate is not proved"):
            trusting(world, world.peer.seal).parse(headers, body, world.clock())
    finally:
        world.peer.seal.pem = right


def test_a_certificate_that_has_run_out_proves_nothing(world: World) -> None:
    _, body = capture_told(world)
    later = world.clock() + timedelta(days=500)
    headers = world.peer.seal.sign_bytes(body, WEBHOOK_ID, world.peer.url, later)
    with pytest.raises(NotificationRefused, match="signing certificate is not proved"):
        world.provider.parse(headers, body, later)


@pytest.mark.parametrize("pem", [b"no certificate", b""])
def test_a_certificate_that_cannot_be_read_proves_nothing(world: World, pem: bytes) -> None:
    headers, body = capture_told(world)
    right, world.peer.seal.pem = world.peer.seal.pem, pem
    try:
        with pytest.raises(NotificationRefused, match="cannot be read"):
            trusting(world, world.peer.seal).parse(headers, body, world.clock())
    finally:
        world.peer.seal.pem = right


def test_without_the_certificate_nothing_is_refused_for_good(world: World) -> None:
    headers, body = capture_told(world)
    gone = frozenset({"127.0.0.1:1"})
    certificates = Certificates(roots=[world.peer.seal.root], hosts=gone, scheme="http")
    provider = PayPalProvider(
        world.line, ByCertificate(WEBHOOK_ID, certificates), clock=world.clock, brand="Solvent"
    )
    elsewhere = headers | {"paypal-cert-url": "http://127.0.0.1:1/v1/notifications/certs/CERT-1"}
    with pytest.raises(ProviderDown, match="was not got"):
        provider.parse(elsewhere, body, world.clock())


def test_a_certificate_is_fetched_once(world: World) -> None:
    told = [capture_told(world) for _ in range(3)]
    before = len(world.peer.server.calls)
    for headers, body in told:
        world.provider.parse(headers, body, world.clock())
    fetched = [call for call in world.peer.server.calls[before:] if "/certs/" in call]
    assert len(fetched) == 1


def test_whoever_forges_addresses_has_few_of_them_fetched(world: World) -> None:
    headers, body = capture_told(world)
    world.provider.parse(headers, body, world.clock())
    before, refused = len(world.peer.server.calls), Counter[type[Exception]]()
    for n in range(3 * FETCHES_MAX):
        forged = headers | {"paypal-cert-url": f"{headers['paypal-cert-url']}-{n % 30}"}
        with pytest.raises((NotificationRefused, ProviderDown)) as told:
            world.provider.parse(forged, body, world.clock())
        refused[told.type] += 1
    fetched = [call for call in world.peer.server.calls[before:] if "/certs/" in call]
    assert len(fetched) < FETCHES_MAX
    assert refused[ProviderDown] == 3 * FETCHES_MAX - len(fetched)
    world.provider.parse(headers, body, world.clock())  # which is known already


def test_the_roots_of_the_public_web_are_trusted_where_no_others_are_given(world: World) -> None:
    headers, body = capture_told(world)
    certificates = Certificates(hosts=frozenset({world.peer.url.removeprefix("http://")}), scheme="http")
    provider = PayPalProvider(
        world.line, ByCertificate(WEBHOOK_ID, certificates), clock=world.clock, brand="Solvent"
    )
    assert len(_public_roots()) > 50
    with pytest.raises(NotificationRefused, match="is not proved"):  # the peer's root is not one of them
        provider.parse(headers, body, world.clock())

"""Origins: who may embed the checkout, and from which address somebody comes."""

import pytest

from solvent.web.cors import Origins, address_of

SHOP, PATH = "https://shop.example", "/v1/checkout/token"
ORIGINS = Origins(f"{SHOP}, https://other.example:8443/")
ASKS = {"HTTP_ACCESS_CONTROL_REQUEST_METHOD": "POST"}


def test_a_configured_origin_may_embed_the_checkout_and_nothing_else() -> None:
    allowed = [("access-control-allow-origin", SHOP), ("vary", "Origin")]
    assert ORIGINS.headers(PATH, {"HTTP_ORIGIN": SHOP}) == allowed
    assert ORIGINS.headers("/static/checkout.js", {"HTTP_ORIGIN": SHOP}) == allowed
    for path in ("/v1/accounts", "/v1/carts", "/portal/x", "/v1/checkouts"):
        assert ORIGINS.headers(path, {"HTTP_ORIGIN": SHOP}) == []


@pytest.mark.parametrize("origin", ["https://evil.example", "https://shop.example.evil.example", "null", ""])
def test_another_origin_is_told_nothing(origin: str) -> None:
    assert ORIGINS.headers(PATH, {"HTTP_ORIGIN": origin}) == [("vary", "Origin")]
    assert ORIGINS.preflight("OPTIONS", PATH, ASKS | {"HTTP_ORIGIN": origin}) is None


def test_without_origins_there_is_no_word_of_them() -> None:
    assert Origins("").headers(PATH, {"HTTP_ORIGIN": SHOP}) == []


def test_a_browser_asks_first() -> None:
    answer = dict(ORIGINS.preflight("OPTIONS", PATH, ASKS | {"HTTP_ORIGIN": SHOP}) or ())
    assert answer["access-control-allow-origin"] == SHOP
    assert "PATCH" in answer["access-control-allow-methods"]
    assert "idempotency-key" in answer["access-control-allow-headers"]
    assert ORIGINS.preflight("OPTIONS", PATH, {"HTTP_ORIGIN": SHOP}) is None
    assert ORIGINS.preflight("POST", PATH, ASKS | {"HTTP_ORIGIN": SHOP}) is None


def test_only_what_our_own_proxies_say_counts() -> None:
    forged = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "1.2.3.4, 192.0.2.7, 10.0.0.9"}
    assert address_of(forged, 0) == "10.0.0.1"
    assert address_of(forged, 1) == "10.0.0.9"
    assert address_of(forged, 2) == "192.0.2.7"
    assert address_of({"REMOTE_ADDR": "10.0.0.1"}, 1) is None
    assert address_of({}, 0) is None

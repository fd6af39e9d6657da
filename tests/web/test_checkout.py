"""Checkout over HTTP: a cart by its token, from the first look to the invoice, and every way to be told no."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.patience import PATIENCE_S
from tests.web.house import (
    ANWEISUNG,
    CHALLENGED,
    DECLINED,
    GOOD,
    INSTRUCTIONS,
    House,
    Json,
    fresh_key,
    problem,
)

LINES = [
    {"price_id": "zone-pro-usd-month", "object": "zone:example.com"},
    {"price_id": "seats-usd-month", "quantity": 5},
    {"price_id": "onboarding-usd"},
]


class Browser:
    """A customer's browser: it has a cart's token, and no API key."""

    def __init__(self, house: House, cart: Json) -> None:
        self.house = house
        self.cart = cart
        self.base = f"{house.url}/v1/checkout/{cart['token']}"
        self.client = httpx.Client(timeout=PATIENCE_S, verify=False)

    def look(self, status: int = 200) -> Json:
        return self.send("GET", "", None, status)

    def send(self, method: str, path: str, body: object, status: int = 200, key: str | None = None) -> Json:
        headers = {} if key is None else {"idempotency-key": key}
        said: Json = self.house.said(
            self.client.request(method, self.base + path, json=body, headers=headers), status
        )
        return said

    def pay(self, way: str = "card", status: int = 200, key: str | None = None, **more: object) -> Json:
        seen = self.look()
        body = {"way": way, "seen_total": seen["due_now"], "seen_fingerprint": seen["fingerprint"], **more}
        return self.send("POST", "/pay", body, status, key or fresh_key())

    def look_for(self, name: str) -> list[Json]:
        found: list[Json] = self.send("GET", f"/domains?name={name}", None)["data"]
        return found

    def confirm(self, method: str | None = GOOD) -> Json:
        return self.send("POST", "/confirm", {} if method is None else {"method": method})


def opened(house: House, account: str, lines: list[Json] | None = None, **more: object) -> Browser:
    return Browser(house, house.post("/carts", {"account_id": account, "lines": lines or LINES, **more}))


@pytest.fixture
def browser(house: House, account: str) -> Browser:
    """With a cart of two monthly products and something that is bought once."""
    return opened(house, account)


def test_several_products_are_paid_at_once(house: House, browser: Browser, account: str) -> None:
    seen = browser.look()
    assert (seen["state"], seen["problem"], seen["merchant"]["name"]) == ("open", None, "Solvent, Inc.")
    assert [line["amount"] for line in seen["lines"]] == [2000, 3500, 49900]
    assert seen["due_now"] == seen["total"] == 55400
    assert {way["kind"] for way in seen["ways"]} >= {
        "card",
        "paypal",
        "apple_pay",
        "google_pay",
        "bank_debit",
    }
    paying = browser.pay()
    assert (paying["state"], paying["attempt"]["next_action"]["kind"]) == ("paying", "confirm")
    done = browser.confirm()
    assert (done["state"], done["attempt"]["state"]) == ("paid", "committed")
    assert [line["state"] for line in done["result"]["lines"]] == ["active"] * 3
    invoice = house.get(f"/invoices/{done['result']['invoice_id']}")
    assert (invoice["total"], invoice["number"]) == (55400, done["result"]["number"])
    (one,) = house.get(f"/subscriptions?account={account}")["data"]
    assert len(one["items"]) == 2
    file = browser.client.get(f"{browser.base}/invoice.pdf")
    assert (file.status_code, file.headers["content-type"]) == (200, "application/pdf")
    assert browser.confirm() == done == browser.look()
    assert browser.pay() == done


def test_a_repetition_and_a_second_tab_pay_once(house: House, browser: Browser, account: str) -> None:
    key = fresh_key()
    first = browser.pay(key=key)
    assert browser.pay(key=key)["attempt"]["id"] == first["attempt"]["id"]
    assert browser.pay()["attempt"]["id"] == first["attempt"]["id"]
    browser.confirm()
    assert browser.pay()["attempt"]["id"] == first["attempt"]["id"]
    assert len(house.get(f"/invoices?account={account}")["data"]) == 1


def test_a_decline_leaves_the_cart_open_and_says_why(browser: Browser) -> None:
    browser.pay()
    failed = browser.confirm(DECLINED)
    assert (failed["state"], failed["attempt"]["state"], failed["attempt"]["cause"]) == (
        "open",
        "failed",
        "declined",
    )
    assert failed["attempt"]["message"]
    browser.pay()
    assert browser.confirm()["state"] == "paid"


def test_a_customer_who_comes_back_has_two_clicks(house: House, browser: Browser, account: str) -> None:
    browser.pay()
    browser.confirm()
    again = opened(house, account, [{"price_id": "zone-pro-usd-month", "object": "zone:b.example"}])
    way = again.look()["ways"][0]
    assert way["kind"] == "saved_card"
    assert re.fullmatch(r"Visa •••• 4242 · 12/20\d\d", way["label"])
    done = again.pay("saved_card", method_id=way["method_id"])
    assert (done["state"], done["attempt"]["way"]) == ("paid", "saved_card")


def test_a_challenge_leads_back_to_the_same_place(house: House, browser: Browser) -> None:
    browser.pay(return_url="https://shop.example.com/checkout")
    waiting = browser.confirm(CHALLENGED)
    action = waiting["attempt"]["next_action"]
    assert (waiting["state"], action["kind"]) == ("paying", "redirect")
    assert browser.look()["attempt"] == waiting["attempt"]
    stopped = browser.send("POST", "/cancel-payment", None)
    assert (stopped["state"], stopped["attempt"]["cause"]) == ("open", "canceled")


def test_lines_quantities_and_coupons_are_edited(browser: Browser) -> None:
    seen = browser.look()
    zone, seats, once = seen["lines"]
    more = browser.send("PATCH", f"/lines/{seats['id']}", {"quantity": 6, "version": seen["version"]})
    assert (more["lines"][1]["amount"], more["version"]) == (4200, seen["version"] + 1)
    stale = browser.send("PATCH", f"/lines/{seats['id']}", {"quantity": 7, "version": seen["version"]}, 422)
    assert problem(stale)[1] == ["version"]
    less = browser.send("DELETE", f"/lines/{once['id']}", None)
    assert [line["id"] for line in less["lines"]] == [zone["id"], seats["id"]]
    added = browser.send("POST", "/lines", {"price_id": "zone-pro-usd-month", "object": "zone:b.example"})
    assert added["due_now"] == 2000 + 4200 + 2000
    off = browser.send("PUT", "/coupons", {"codes": ["welcome20"]})
    assert (off["discounts"][0]["code"], off["coupons"]) == ("WELCOME20", ["WELCOME20"])
    assert off["due_now"] == off["subtotal"] - off["discount"]
    wrong = browser.send("PUT", "/coupons", {"codes": ["NOPE"]}, 422)
    assert problem(wrong)[1] == ["coupons[0]"]
    wrong = browser.send("POST", "/lines", {"price_id": "nowhere"}, 422)
    assert problem(wrong)[1] == ["lines[3].price_id"]
    assert problem(browser.send("PATCH", "/lines/cln_1", {"quantity": 2}, 400))[1] == ["line_id"]
    after = browser.look()
    assert (after["version"], after["lines"], after["due_now"]) == (
        off["version"],
        off["lines"],
        off["due_now"],
    )


def test_an_offer_is_taken_by_its_price(house: House, account: str) -> None:
    lines = [{"price_id": "platform-usd-month"}, {"price_id": "media-usd-month"}]
    browser = opened(house, account, lines)
    line = browser.look()["lines"][0]
    offer = line["offer"]
    assert (offer["price_id"], offer["name"]) == ("suite-usd-month@1", "Platform and Media")
    assert offer["interval"] == {"unit": "month", "count": 1}
    assert line["offer"]["saves"] > 0
    taken = browser.send("PATCH", f"/lines/{line['id']}", {"price_id": line["offer"]["price_id"]})
    assert [x["product"] for x in taken["lines"]] == ["suite"]
    yearly = taken["lines"][0]["offer"]
    assert (yearly["price_id"], yearly["saves"]) == ("suite-usd-year@1", 12 * 1200 - 12000)


def test_what_was_not_seen_is_not_paid(house: House, browser: Browser) -> None:
    seen = browser.look()
    browser.send("DELETE", f"/lines/{seen['lines'][2]['id']}", None)
    body = {"way": "card", "seen_total": seen["due_now"], "seen_fingerprint": seen["fingerprint"]}
    changed = browser.send("POST", "/pay", body, 409, fresh_key())
    assert changed["type"].endswith("price_changed")
    fresh = changed["checkout"]
    assert fresh["due_now"] == 5500
    body = {"way": "card", "seen_total": fresh["due_now"], "seen_fingerprint": fresh["fingerprint"]}
    with house.nothing_written():
        wrong = browser.send("POST", "/pay", body | {"seen_total": 1}, 409, fresh_key())
        assert wrong["type"].endswith("price_changed")
    assert browser.send("POST", "/pay", body, 200, fresh_key())["state"] == "paying"


def test_nothing_is_changed_while_it_is_being_paid(browser: Browser) -> None:
    line = browser.pay()["lines"][0]
    assert not line["editable"]
    closed = browser.send("DELETE", f"/lines/{line['id']}", None, 409)
    assert (closed["type"], closed["checkout"]["state"]) == ("urn:solvent:problem:cart_closed", "paying")
    browser.send("POST", "/cancel-payment", None)
    assert len(browser.send("DELETE", f"/lines/{line['id']}", None)["lines"]) == 2


def test_a_cart_can_be_emptied_and_then_not_be_paid(browser: Browser) -> None:
    for line in browser.look()["lines"]:
        browser.send("DELETE", f"/lines/{line['id']}", None)
    empty = browser.look()
    assert (empty["problem"]["field"], empty["due_now"], empty["ways"]) == ("lines", 0, [])
    assert problem(browser.pay(status=422))[1] == ["lines"]


def test_a_merchant_opens_reads_lists_and_cancels(house: House, account: str) -> None:
    key = fresh_key()
    body = {
        "account_id": account,
        "lines": LINES,
        "locale": "de",
        "success_url": "https://shop.example.com/ok",
    }
    first = house.post("/carts", body, key=key)
    assert first["url"].endswith(f"/checkout/{first['token']}")
    assert house.post("/carts", body, 200, key)["token"] == first["token"]
    reused = house.post("/carts", body | {"locale": "en"}, 409, key)
    assert problem(reused)[0] == "idempotency_key_reused"
    read = house.get(f"/carts/{first['id']}")
    assert (read["url"], read["checkout"]["lines"]) == (first["url"], first["checkout"]["lines"])
    assert house.get(f"/carts?account={account}")["data"][0]["id"] == first["id"]
    canceled = house.post(f"/carts/{first['id']}/cancel", None, 200)
    assert canceled["state"] == "canceled" == house.post(f"/carts/{first['id']}/cancel", None, 200)["state"]
    browser = Browser(house, first)
    assert browser.pay(status=409)["type"].endswith("cart_closed")
    nowhere = {"account_id": account, "lines": [{"price_id": "nowhere"}]}
    assert problem(house.post("/carts", nowhere, 422))[1] == ["lines[0].price_id"]
    assert house.get(f"/carts/crt_{'0' * 32}", 404)["type"].endswith("not_found")
    paid = opened(house, account)
    paid.pay()
    assert house.post(f"/carts/{paid.cart['id']}/cancel", None, 409)["type"].endswith("cart_closed")


def test_a_token_reaches_its_cart_and_nothing_else(house: House, browser: Browser) -> None:
    other = opened(house, house.account())
    line = other.look()["lines"][0]["id"]
    refused = browser.send("PATCH", f"/lines/{line}", {"quantity": 2}, 422)
    assert problem(refused)[1] == ["line_id"]
    assert len(other.look()["lines"]) == 3
    token = browser.cart["token"]
    for wrong in (token[:-2] + ("AA" if token[-2:] != "AA" else "BB"), other.cart["id"], "x", token + "AAAA"):
        forged = Browser(house, {"token": wrong})
        assert forged.look(404)["type"].endswith("not_found")
        for method, path, body in (
            ("POST", "/confirm", {}),
            ("POST", "/cancel-payment", None),
            ("GET", "/invoice.pdf", None),
            ("PUT", "/coupons", {"codes": []}),
            ("DELETE", f"/lines/{line}", None),
        ):
            forged.send(method, path, body, 404)
    assert (
        house.client.get(f"/carts/{browser.cart['id']}", headers={"authorization": "Bearer x"}).status_code
        == 401
    )
    browser.send("GET", "/invoice.pdf", None, 404)
    pay_page = httpx.get(f"{house.url}/pay/{token}", verify=False, timeout=PATIENCE_S)
    assert pay_page.status_code == 404


def test_a_free_plan_needs_no_method_and_a_dearer_one_is_paid_at_the_change(
    house: House, account: str
) -> None:
    free = opened(house, account, [{"price_id": "zone-free-usd-month", "object": "zone:a.example"}])
    assert [way["kind"] for way in free.look()["ways"]] == ["none"]
    done = free.pay("none")
    assert (done["state"], done["result"]["invoice_id"], done["attempt"]["way"]) == ("paid", None, "none")
    assert house.get(f"/accounts/{account}/methods")["data"] == []
    up = opened(house, account, [{"price_id": "zone-pro-usd-month", "object": "zone:a.example"}])
    assert up.look()["due_now"] == 2000
    up.pay()
    assert up.confirm()["state"] == "paid"
    (zone,) = house.get(f"/subscriptions?account={account}")["data"]
    assert zone["items"][0]["price_id"] == "zone-pro-usd-month@1"


def test_a_way_that_is_not_offered_is_refused(browser: Browser) -> None:
    assert problem(browser.pay("transfer_", 400))[1] == ["way"]
    assert problem(browser.pay("link", 422))[1] == ["way"]
    assert problem(browser.pay("card", 422, provider="sandpal"))[1] == ["way"]
    assert problem(browser.send("POST", "/pay", {"way": "card"}, 400))[0] == "idempotency_key_missing"


@pytest.mark.parametrize(("locale", "told"), [("de", ANWEISUNG), ("en", INSTRUCTIONS)])
def test_a_transfer_is_asked_for_in_the_language_of_the_cart(
    house: House, account: str, locale: str, told: str
) -> None:
    browser = opened(house, account, locale=locale)
    paying = browser.pay("transfer", provider="manual")
    assert paying["attempt"]["next_action"]["instructions"] == told
    assert browser.look()["attempt"]["next_action"]["instructions"] == told


def test_names_are_looked_for_and_a_cart_of_three_loses_the_one_that_fails(
    house: House, account: str
) -> None:
    browser = opened(house, account, [{"price_id": "zone-pro-usd-month", "object": "zone:a.example"}])
    found = browser.look_for("fails-shop.dev")
    assert [(d["name"], d["available"], d["amount"]) for d in found] == [
        ("fails-shop.dev", True, 1220),
        ("fails-shop.com", True, 1044),
    ]
    assert [d["available"] for d in browser.look_for("taken-shop")] == [False, False]
    assert [d["available"] for d in browser.look_for("premium-shop")] == [False, False]
    for name in found:
        line = {"price_id": name["price_id"], "object": f"domain:{name['name']}"}
        browser.send("POST", "/lines", line)
    browser.send("POST", "/lines", {"price_id": found[0]["price_id"], "object": "domain:x.com"}, 422)
    lines = browser.look()["lines"]
    browser.send("PATCH", f"/lines/{lines[2]['id']}", {"object": "domain:shop.com"})
    browser.pay()
    bank = browser.confirm()["attempt"]["next_action"]["url"]  # a name asks for it, and is paid with the rest
    assert house.client.post(bank, data={"choice": "pass"}).status_code < 400
    paid = browser.confirm(None)
    assert paid["renews"]
    assert [line["state"] for line in paid["result"]["lines"]] == ["active", "pending", "pending"]
    house.work(account)
    after = browser.look()
    assert (after["state"], after["renews"]) == ("partly_refunded", [])
    assert [(x["state"], x["reason"]) for x in after["result"]["lines"]] == [
        ("active", None),
        ("refunded", "refused_by_registry"),
        ("active", None),
    ]
    (note,) = house.get(f"/credit-notes?account={account}")["data"]
    assert note["amount"] == 1220
    assert browser.pay()["state"] == "partly_refunded"


def test_declines_end_in_a_limit_that_names_the_way_out(house: House, account: str) -> None:
    browser = opened(house, account)
    assert browser.look()["bot"] == {"kind": "none", "site_key": None}
    for _ in range(10):
        browser.pay()
        assert browser.confirm(DECLINED)["state"] == "open"
    stopped = browser.pay(status=429)
    assert (stopped["type"], problem(stopped)[1]) == ("urn:solvent:problem:too_many_requests", ["attempts"])
    assert "wait an hour" in stopped["detail"]


def test_no_other_origin_may_call_unless_it_is_configured(house: House, browser: Browser) -> None:
    asks = {"origin": "https://shop.example", "access-control-request-method": "POST"}
    refused = httpx.options(f"{browser.base}/pay", headers=asks, verify=False)
    assert refused.status_code == 405
    seen = httpx.get(
        browser.base, headers={"origin": "https://shop.example"}, verify=False, timeout=PATIENCE_S
    )
    assert "access-control-allow-origin" not in seen.headers
    assert (seen.headers["cache-control"], seen.headers["referrer-policy"]) == ("no-store", "no-referrer")

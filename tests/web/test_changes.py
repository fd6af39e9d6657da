"""Changes over HTTP: quote, open, confirm, read; their refusals; and what several callers at once come to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from tests.patience import PATIENCE_S
from tests.web.house import BUSINESS, CHALLENGED, DECLINED, GOOD, PRO, House, Json, fresh_key, problem, start


def test_a_quote_says_the_amount_and_writes_nothing(house: House, account: str) -> None:
    with house.nothing_written():
        response = house.client.post("/quotes", json={"account_id": account, "change": start()})
    plan = house.said(response, 200)
    assert (plan["due"], plan["currency"], plan["due_text"]) == (2000, "USD", "20.00 USD")
    (line,) = plan["lines"]
    assert line["price_id"] == "zone-pro-usd-month@1"
    assert "20.00 USD" in line["explanation"]


def test_a_change_is_opened_confirmed_and_committed(house: House, account: str) -> None:
    opened = house.open(account, start())
    assert (opened["state"], opened["amount_due"], opened["currency"]) == ("requires_action", 2000, "USD")
    action = opened["next_action"]
    assert (action["kind"], action["attempt_id"], action["provider"]) == ("confirm", opened["id"], "sandbox")
    state = house.get(f"/accounts/{account}/state")
    assert state["subscriptions"] == []
    assert state["entitlements"] == []
    assert [(h["product_id"], h["change_id"]) for h in state["held"]] == [("zone-pro", opened["id"])]
    assert [a["id"] for a in state["open_attempts"]] == [opened["id"]]

    done = house.confirm(opened)
    assert (done["state"], done["next_action"]) == ("committed", None)
    assert house.get(f"/changes/{opened['id']}") == done
    invoice = house.get(f"/invoices/{done['invoice_id']}")
    assert (invoice["total"], invoice["debt"], invoice["state"]) == (2000, 0, "paid")
    assert invoice["lines"] == opened["plan"]["lines"]
    subscription = house.get(f"/subscriptions/{done['subscription_id']}")
    assert subscription == done["plan"]["after"]
    state = house.get(f"/accounts/{account}/state")
    assert [g["product_id"] for g in state["entitlements"]] == ["zone-pro"]
    assert (state["held"], state["open_attempts"], state["standing"], state["disagreements"]) == (
        [],
        [],
        "good",
        [],
    )
    assert [m["label"] for m in state["methods"]] == ["Visa •••• 4242"]


def test_a_quote_equals_what_is_opened(house: House, account: str) -> None:
    quoted = house.post("/quotes", {"account_id": account, "change": start(BUSINESS)}, 200)
    opened = house.open(account, start(BUSINESS))
    for field in ("total", "due", "credit_used", "currency", "intent"):
        assert quoted[field] == opened["plan"][field]


def test_a_free_change_is_committed_at_once(house: House, account: str) -> None:
    done = house.open(account, start("zone-free-usd-month"))
    assert (done["state"], done["amount_due"], done["next_action"]) == ("committed", 0, None)
    assert done["invoice_id"] is None


def test_a_declined_payment_is_an_outcome_and_leaves_nothing(house: House, account: str) -> None:
    failed = house.confirm(house.open(account, start()), DECLINED)
    assert (failed["state"], failed["cause"], failed["cause_class"]) == ("failed", "declined", "transient")
    state = house.get(f"/accounts/{account}/state")
    assert (state["subscriptions"], state["entitlements"], state["held"], state["debt"]) == ([], [], [], [])
    assert house.get(f"/invoices?account={account}")["data"] == []


def test_a_challenge_is_a_redirect_and_then_a_commit(house: House, account: str) -> None:
    opened = house.open(account, start())
    waiting = house.confirm(opened, CHALLENGED)
    assert (waiting["state"], waiting["next_action"]["kind"]) == ("requires_action", "redirect")
    url = waiting["next_action"]["url"]
    assert url.startswith(house.bank_url)
    passed = house.client.post(url, data={"choice": "pass"})
    assert passed.status_code < 400
    assert house.confirm(opened, None)["state"] == "committed"


def test_a_change_that_comes_to_nothing_names_the_invoice_that_it_issued(house: House, account: str) -> None:
    """A month for a year of the same price, at once: what is given for the one pays for the other."""
    bought = house.buy(account, BUSINESS)
    (item,) = bought["plan"]["after"]["items"]
    prices = [{"item_id": item["id"], "price_id": "zone-pro-usd-year"}]
    change = {"type": "change_interval", "subscription_id": bought["subscription_id"], "prices": prices}
    done = house.open(account, change)
    assert (done["state"], done["plan"]["total"]) == ("committed", 0)
    assert done["invoice_id"] not in (None, bought["invoice_id"])
    lines = house.get(f"/invoices/{done['invoice_id']}")["lines"]
    assert lines == done["plan"]["lines"] == done["plan"]["invoice_lines"]
    ended = house.open(
        account, {"type": "cancel_now", "subscription_id": bought["subscription_id"], "credit": True}
    )
    assert (ended["invoice_id"], ended["plan"]["invoice_lines"]) == (None, [])
    assert sum(line["gross"] for line in ended["plan"]["lines"]) == ended["plan"]["total"] < 0


def test_every_kind_of_change(house: House, account: str) -> None:
    done = house.buy(account)
    subscription, (item,) = done["subscription_id"], done["plan"]["after"]["items"]

    def quoted(change: Json) -> Json:
        plan: Json = house.post(
            "/quotes", {"account_id": account, "change": change | {"subscription_id": subscription}}, 200
        )
        return plan

    assert quoted({"type": "switch_price", "item_id": item["id"], "price_id": BUSINESS})["due"] > 17_000
    another = {"price_id": PRO, "object": "zone:other.example"}
    assert quoted({"type": "add_item", "item": another})["due"] > 1_900
    yearly = {"type": "change_interval", "prices": [{"item_id": item["id"], "price_id": "zone-pro-usd-year"}]}
    assert quoted(yearly)["due"] > 17_000
    canceled = quoted({"type": "cancel_now", "credit": True})
    assert canceled["credit_granted"] > 1_900
    (note,) = canceled["credit_notes"]
    assert (note["amount"], note["to_debt"]) == (canceled["credit_granted"], 0)
    assert quoted({"type": "cancel_now"})["credit_granted"] == 0
    house.open(account, {"type": "cancel_at_period_end", "subscription_id": subscription})
    assert house.get(f"/subscriptions/{subscription}")["pending"]["cancel"] is True
    house.open(account, {"type": "uncancel", "subscription_id": subscription})
    assert house.get(f"/subscriptions/{subscription}")["pending"] is None


def test_seats_rise_now_and_fall_at_the_end_of_the_period(house: House, account: str) -> None:
    done = house.buy(account, "seats-usd-month", "account", quantity=3)
    subscription, (item,) = done["subscription_id"], done["plan"]["after"]["items"]
    change = {"type": "set_quantity", "subscription_id": subscription, "item_id": item["id"], "quantity": 5}
    opened = house.open(account, change)
    assert 1300 < opened["amount_due"] <= 1400
    house.confirm(opened)
    house.open(account, change | {"quantity": 1})
    pending = house.get(f"/subscriptions/{subscription}")["pending"]
    assert [i["quantity"] for i in pending["items"]] == [1]


def test_a_stored_method_needs_no_token(house: House, account: str) -> None:
    house.buy(account)
    (method,) = house.get(f"/accounts/{account}/methods")["data"]
    opened = house.open(account, start(BUSINESS, "zone:second.example"), method_id=method["id"])
    assert house.confirm(opened, None)["state"] == "committed"
    assert len(house.get(f"/accounts/{account}/methods")["data"]) == 1


def test_a_one_off_purchase(house: House, account: str) -> None:
    change = {"type": "purchase", "items": [{"price_id": "onboarding-usd"}]}
    opened = house.open(account, change)
    assert (opened["intent"], opened["subscription_id"]) == ("purchase", None)
    done = house.confirm(opened)
    assert house.get(f"/invoices/{done['invoice_id']}")["total"] == opened["amount_due"]


@pytest.mark.parametrize(
    "back",
    ["https://shop.example.com/paid?order=17&x=[1]", "http://localhost:3000", "http://[::1]:8000/#done"],
)
def test_a_redirect_leads_back_to_where_the_change_said(house: House, account: str, back: str) -> None:
    opened = house.open(account, start(PRO), provider="sandpal", return_url=back)
    page = opened["next_action"]["url"]
    left = httpx.post(
        page, data={"choice": "approve", "number": "4242424242424242"}, timeout=PATIENCE_S, verify=False
    )
    assert (left.status_code, left.headers["location"]) == (303, back)
    assert house.confirm(opened, None)["state"] == "committed"


@pytest.mark.parametrize(
    "back",
    [
        "http://shop.example.com/",
        "http://localhost@evil.example/",
        "http://127.0.0.1.evil.example/",
        "https://shop.example.com@evil.example/",
        "https://shop.example.com\\evil",
        "https://shop.example.com/\n",
        "https://shop.example.com/\u00e9",
        "javascript:alert(1)",
        "/paid",
        "https://" + "x" * 2048,
    ],
)
def test_a_return_url_must_be_safe_to_send_a_customer_to(house: House, account: str, back: str) -> None:
    body = {"account_id": account, "change": start(PRO), "return_url": back}
    with house.nothing_written():
        answer = house.client.post("/changes", json=body, headers={"idempotency-key": fresh_key()})
    assert problem(house.said(answer, 400)) == ("invalid_request", ["return_url"])


def test_the_redirect_provider_is_captured_by_the_confirmation(house: House, account: str) -> None:
    opened = house.open(account, start(), provider="sandpal")
    assert opened["next_action"]["kind"] == "redirect"
    assert opened["next_action"]["url"].startswith(house.bank_url)
    assert house.client.post(opened["next_action"]["url"], data={"choice": "approve"}).status_code == 200
    assert house.confirm(opened, None)["state"] == "committed"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (start("no-such-price"), "change.items[0].price_id"),
        (start("zone-pro-usd-month@99"), "change.items[0].price_id"),
        (start("zone-pro-eur-month"), "change.items[0].price_id"),
        (start(thing="account"), "change.items[0].object"),
        ({"type": "cancel_now", "subscription_id": "sub_" + "0" * 32}, "change.subscription_id"),
    ],
)
@pytest.mark.parametrize("path", ["/quotes", "/changes"])
def test_a_broken_rule_is_422_and_writes_nothing(
    house: House, account: str, path: str, change: Json, field: str
) -> None:
    with house.nothing_written():
        said = house.post(path, {"account_id": account, "change": change}, 422)
    assert problem(said) == ("refused", [field])
    assert said["detail"] == f"{field}: {said['errors'][0]['rule']}"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, "change.type"),
        ({"type": "upgrade"}, "change.type"),
        ({"type": "start"}, "change.items"),
        ({"type": "start", "items": []}, "change.items"),
        ({"type": "start", "items": [{"price": PRO}]}, "change.items[0].price"),
        (start(quantity=0), "change.items[0].quantity"),
        (start(quantity=10**30), "change.items[0].quantity"),
        (start(thing=""), "change.items[0].object"),
        (start(thing="zone:a b"), "change.items[0].object"),
        (start(price=""), "change.items[0].price_id"),
        ({"type": "cancel_now", "subscription_id": "acc_" + "0" * 32}, "change.subscription_id"),
        ({"type": "cancel_now", "subscription_id": "sub_" + "0" * 32, "credit": "yes"}, "change.credit"),
    ],
)
def test_a_malformed_change_is_400_and_writes_nothing(
    house: House, account: str, change: Json, field: str
) -> None:
    with house.nothing_written():
        said = house.post("/changes", {"account_id": account, "change": change}, 400)
    assert problem(said) == ("invalid_request", [field])


def test_unknown_accounts_providers_methods_and_changes(house: House, account: str) -> None:
    nobody = "acc_" + "0" * 32
    for path in ("/quotes", "/changes"):
        assert problem(house.post(path, {"account_id": nobody, "change": start()}, 404))[0] == "not_found"
    said = house.post("/changes", {"account_id": account, "change": start(), "provider": "nobody"}, 422)
    assert problem(said) == ("refused", ["provider"])
    said = house.post(
        "/changes", {"account_id": account, "change": start(), "method_id": "mth_" + "0" * 32}, 422
    )
    assert problem(said) == ("refused", ["method_id"])
    assert problem(house.get("/changes/att_" + "0" * 32, 404))[0] == "not_found"
    assert problem(house.post("/changes/att_" + "0" * 32 + "/confirm", {}, 404))[0] == "not_found"
    assert problem(house.post(f"/changes/{account}/confirm", {}, 400)) == ("invalid_request", ["change_id"])


def test_another_account_is_out_of_reach(house: House, account: str) -> None:
    done = house.buy(account)
    (method,) = house.get(f"/accounts/{account}/methods")["data"]
    stranger = house.account()
    change = {"type": "cancel_now", "subscription_id": done["subscription_id"]}
    item = done["plan"]["after"]["items"][0]["id"]
    with house.nothing_written():
        said = house.post("/changes", {"account_id": stranger, "change": change}, 422)
        assert problem(said)[1] == ["change.subscription_id"]
        switch = {"type": "remove_item", "subscription_id": done["subscription_id"], "item_id": item}
        house.post("/changes", {"account_id": stranger, "change": switch}, 422)
        said = house.post(
            "/changes", {"account_id": stranger, "change": start(), "method_id": method["id"]}, 422
        )
        assert problem(said)[1] == ["method_id"]
        said = house.post(f"/accounts/{stranger}/pay-debt", {"invoice_id": done["invoice_id"]}, 422)
        assert problem(said)[1] == ["invoice_id"]
        response = house.client.delete(
            f"/accounts/{stranger}/methods/{method['id']}", headers={"idempotency-key": fresh_key()}
        )
        house.said(response, 404)
    assert house.get(f"/subscriptions?account={stranger}")["data"] == []
    assert house.get(f"/invoices?account={stranger}")["data"] == []


def test_a_replay_gives_the_same_change_as_it_then_stands(house: House, account: str) -> None:
    key, body = fresh_key(), {"account_id": account, "change": start()}
    first = house.post("/changes", body, 201, key)
    again = house.post("/changes", body, 200, key)
    assert again == first
    house.confirm(first)
    assert house.post("/changes", body, 200, key)["state"] == "committed"
    said = house.post("/changes", body | {"change": start(BUSINESS)}, 409, key)
    assert problem(said)[0] == "idempotency_key_reused"
    said = house.post(f"/accounts/{account}/methods", {}, 409, key)
    assert problem(said)[0] == "idempotency_key_reused"


def test_the_same_key_of_another_api_key_does_not_collide(house: House, account: str) -> None:
    key = fresh_key()
    house.post("/changes", {"account_id": account, "change": start()}, 201, key)
    body = {"account_id": account, "change": start(PRO, "zone:other.example")}
    other = house.as_key("other").post("/changes", json=body, headers={"idempotency-key": key})
    house.said(other, 201)


def _together(house: House, requests: list[tuple[str, Json, str]]) -> list[httpx.Response]:
    """Answers to several posts that leave at the same moment."""
    barrier = Barrier(len(requests))

    def send(request: tuple[str, Json, str]) -> httpx.Response:
        path, body, key = request
        with house.as_key("admin") as client:
            barrier.wait()
            return client.post(path, json=body, headers={"idempotency-key": key})

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(send, requests))


def test_a_double_click_opens_one_attempt(house: House, account: str) -> None:
    key, body = fresh_key(), {"account_id": account, "change": start()}
    answers = _together(house, [("/changes", body, key)] * 8)
    assert sorted(a.status_code for a in answers) == [200] * 7 + [201]
    assert len({a.json()["id"] for a in answers}) == 1
    assert len(house.get(f"/accounts/{account}/state")["open_attempts"]) == 1


def test_a_double_confirmation_charges_once(house: House, account: str) -> None:
    opened = house.open(account, start())
    path = f"/changes/{opened['id']}/confirm"
    answers = _together(house, [(path, {"method": GOOD}, fresh_key()) for _ in range(8)])
    assert {a.status_code for a in answers} == {200}
    assert house.get(f"/changes/{opened['id']}")["state"] == "committed"
    assert len(house.get(f"/invoices?account={account}")["data"]) == 1
    assert len(house.get(f"/accounts/{account}/methods")["data"]) == 1


def test_two_tabs_end_with_one_subscription(house: House, account: str) -> None:
    bodies = [{"account_id": account, "change": start(price)} for price in (PRO, BUSINESS)]
    answers = _together(house, [("/changes", body, fresh_key()) for body in bodies])
    assert {a.status_code for a in answers} <= {200, 201, 409}
    opened = [a.json() for a in answers if a.status_code < 300]
    for change in opened:
        house.confirm(change)
    subscriptions = house.get(f"/subscriptions?account={account}")["data"]
    assert len(subscriptions) == 1
    invoices = house.get(f"/invoices?account={account}")["data"]
    assert len(invoices) == 1


def test_many_tabs_end_in_order(house: House, account: str) -> None:
    """Each wants another plan for the same zone: some open, some are told to try again, at most one is bought."""
    prices = [PRO, BUSINESS, "zone-pro-usd-year", "zone-business-usd-year"]
    requests = [
        ("/changes", {"account_id": account, "change": start(prices[n % 4])}, fresh_key()) for n in range(12)
    ]
    answers = _together(house, requests)
    assert {a.status_code for a in answers} <= {200, 201, 409}
    for change in [a.json() for a in answers if a.status_code < 300]:
        house.confirm(change)
    subscriptions = house.get(f"/subscriptions?account={account}")["data"]
    assert len(subscriptions) == len(house.get(f"/invoices?account={account}")["data"]) <= 1
    assert len(house.get(f"/accounts/{account}/state")["open_attempts"]) == 0


def test_a_second_tab_with_another_plan_supersedes_the_first(house: House, account: str) -> None:
    done = house.buy(account)
    item = done["plan"]["after"]["items"][0]["id"]
    change = {
        "type": "switch_price",
        "subscription_id": done["subscription_id"],
        "item_id": item,
        "price_id": BUSINESS,
    }
    first = house.open(account, change)
    second = house.open(account, change | {"price_id": "zone-pro-usd-month"}, 422) or {}
    assert problem(second)[0] == "refused"
    other = {
        "type": "add_item",
        "subscription_id": done["subscription_id"],
        "item": {"price_id": PRO, "object": "zone:second.example"},
    }
    opened = house.open(account, other)
    assert house.get(f"/changes/{first['id']}")["state"] == "failed"
    assert house.confirm(opened)["state"] == "committed"


def test_the_kind_of_method_decides_who_takes_it(house: House, account: str) -> None:
    asked = {"account_id": account, "change": start(), "method_kind": "agreement"}
    assert house.post("/changes", asked, 201)["next_action"]["provider"] == "sandpal"
    setup = house.post(f"/accounts/{account}/methods", {"method_kind": "card"}, 201)
    assert setup["next_action"]["provider"] == "sandbox"
    told = house.post("/changes", asked | {"method_kind": "voucher"}, 422)
    assert problem(told) == ("refused", ["method_kind"])
    told = house.post("/changes", asked | {"method_kind": "Gold!"}, 400)
    assert "method_kind" in str(told)

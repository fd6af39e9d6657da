"""Subscriptions, invoices, methods, debts and the catalog over HTTP."""

from __future__ import annotations

import pytest

from tests.web.house import BUSINESS, DECLINED, GOOD, PRO, House, Json, fresh_key, problem, start

FAILS_LATER = "tok_4000000000000341"  # succeeds while the customer is there, is declined without


def _manual(house: House, account: str, *amounts: int, status: int = 201, key: str | None = None) -> Json:
    lines = [{"description": "Onboarding", "amount": amount} for amount in amounts]
    issued: Json = house.post("/invoices", {"account_id": account, "lines": lines}, status, key)
    return issued


def _owing(house: House) -> tuple[str, str]:
    """An account, and an invoice that it owes because its method is declined off-session."""
    account = house.account()
    house.confirm(house.open(account, {"type": "add_method"}), FAILS_LATER)
    issued = _manual(house, account, 9000)
    return account, issued["invoice_id"]


def test_products_and_prices(house: House) -> None:
    products = {p["id"]: p for p in house.get("/products")["data"]}
    assert products["suite"]["includes"] == ["platform", "media"]
    assert products["suite"]["features"]["functions"] is True
    prices = {p["id"]: p for p in house.get("/prices?product=zone-pro")["data"]}
    assert prices["zone-pro-jpy-month@1"]["unit_amount_text"] == "3000 JPY"
    assert prices["zone-pro-kwd-month@1"]["unit_amount_text"] == "6.200 KWD"
    assert {p["product_id"] for p in prices.values()} == {"zone-pro"}
    assert len(house.get("/prices?all=true")["data"]) >= len(house.get("/prices")["data"])


def test_subscriptions_are_paged_and_ended_ones_are_kept(house: House, account: str) -> None:
    bought = [house.buy(account, PRO, f"zone:z{n}.example")["subscription_id"] for n in range(3)]
    house.open(account, {"type": "cancel_now", "subscription_id": bought[1]})
    first = house.get(f"/subscriptions?account={account}&limit=2")
    rest = house.get(f"/subscriptions?account={account}&limit=2&after={first['next']}")
    assert [s["id"] for s in first["data"] + rest["data"]] == bought
    assert rest["next"] is None
    assert [s["state"] for s in first["data"]] == ["active", "ended"]


def test_invoices_are_paged(house: House, account: str) -> None:
    ids = [house.buy(account, PRO, f"zone:z{n}.example")["invoice_id"] for n in range(3)]
    first = house.get(f"/invoices?account={account}&limit=2")
    rest = house.get(f"/invoices?account={account}&limit=2&after={first['next']}")
    assert [i["id"] for i in first["data"] + rest["data"]] == ids
    assert "lines" not in first["data"][0]


@pytest.mark.parametrize("path", ["/subscriptions", "/invoices"])
def test_lists_of_an_account_need_one_that_exists(house: House, account: str, path: str) -> None:
    if path == "/subscriptions":
        assert problem(house.get(path, 400)) == ("invalid_request", ["account"])
    assert problem(house.get(f"{path}?account=x", 400)) == ("invalid_request", ["account"])
    assert problem(house.get(f"{path}?account=acc_{'0' * 32}", 404))[0] == "not_found"
    assert problem(house.get(f"{path}?account={account}&after={account}", 400)) == (
        "invalid_request",
        ["after"],
    )


@pytest.mark.parametrize(("path", "prefix"), [("/subscriptions", "sub"), ("/invoices", "inv")])
def test_single_things_that_do_not_exist(house: House, account: str, path: str, prefix: str) -> None:
    assert problem(house.get(f"{path}/{prefix}_{'0' * 32}", 404))[0] == "not_found"
    assert problem(house.get(f"{path}/{account}", 400))[0] == "invalid_request"


def test_a_manual_invoice_is_collected_with_the_stored_method(house: House, account: str) -> None:
    house.confirm(house.open(account, {"type": "add_method"}), GOOD)
    issued = _manual(house, account, 20_000, -2_000)
    assert (issued["state"], issued["off_session"], issued["intent"]) == ("committed", True, "invoice")
    invoice = house.get(f"/invoices/{issued['invoice_id']}")
    assert (invoice["total"], invoice["debt"], invoice["state"]) == (18_000, 0, "paid")
    assert [(line["kind"], line["amount"]) for line in invoice["lines"]] == [
        ("manual", 20_000),
        ("manual", -2_000),
    ]


def test_a_manual_invoice_is_issued_once_per_key(house: House, account: str) -> None:
    key = fresh_key()
    house.confirm(house.open(account, {"type": "add_method"}), GOOD)
    first = _manual(house, account, 100, key=key)
    with house.nothing_written():
        assert _manual(house, account, 100, status=200, key=key) == first
        assert problem(_manual(house, account, 200, status=409, key=key))[0] == "idempotency_key_reused"


DAY = {"start": "2026-04-01T00:00:00Z", "end": "2026-04-02T00:00:00Z"}


@pytest.mark.parametrize(
    ("lines", "status", "field"),
    [
        ([], 422, "lines"),
        ([{"description": "", "amount": 1}], 400, "lines[0].description"),
        ([{"description": "x", "amount": 1.5}], 400, "lines[0].amount"),
        ([{"description": "x", "amount": 10**18}], 400, "lines[0].amount"),
        ([{"description": "x", "amount": "5"}], 400, "lines[0].amount"),
        ([{"description": "x", "amount": 1, "quantity": 0}], 400, "lines[0].quantity"),
        ([{"description": "x", "amount": -1}], 422, "lines"),
        ([{"description": "x"}], 422, "lines[0].amount"),
        (
            [{"description": "x", "amount": 1}, {"description": "x", "amount": 1, "unit_amount": 1}],
            422,
            "lines[1].amount",
        ),
        ([{"description": "x", "amount": 1, "scale": 2}], 422, "lines[0].scale"),
        (
            [{"description": "x", "amount": 1, "period": DAY | {"end": DAY["start"]}}],
            422,
            "lines[0].period.end",
        ),
        (
            [{"description": "x", "amount": 1, "period": DAY | {"end": "2200-01-01T00:00:00Z"}}],
            422,
            "lines[0].period",
        ),
    ],
)
def test_bad_lines_are_refused(
    house: House, account: str, lines: list[Json], status: int, field: str
) -> None:
    with house.nothing_written():
        said = house.post("/invoices", {"account_id": account, "lines": lines}, status)
    assert problem(said)[1] == [field]


def test_an_invoice_of_nobody(house: House) -> None:
    lines = [{"description": "x", "amount": 1}]
    said = house.post("/invoices", {"account_id": "acc_" + "0" * 32, "lines": lines}, 404)
    assert problem(said)[0] == "not_found"


def test_a_debt_is_shown_alike_everywhere_and_paid_on_session(house: House) -> None:
    account, invoice_id = _owing(house)
    state = house.get(f"/accounts/{account}/state")
    assert state["debt"] == [{"currency": "USD", "amount": 9000, "amount_text": "90.00 USD"}]
    assert state["standing"] == "grace"
    assert [i["id"] for i in state["open_invoices"]] == [invoice_id]
    assert "declined" in state["evidence"][0]
    assert house.get(f"/invoices/{invoice_id}")["debt"] == 9000
    key = fresh_key()
    opened = house.post(f"/accounts/{account}/pay-debt", {"invoice_id": invoice_id}, 201, key)
    assert (opened["amount_due"], opened["intent"]) == (9000, "pay_debt")
    assert (
        house.post(f"/accounts/{account}/pay-debt", {"invoice_id": invoice_id}, 200, key)["id"]
        == opened["id"]
    )
    paid = house.confirm(opened, GOOD)
    assert (paid["state"], paid["invoice_id"]) == ("committed", invoice_id)
    assert house.get(f"/invoices/{invoice_id}")["debt"] == 0
    assert house.get(f"/accounts/{account}/state")["standing"] == "good"


def test_a_declined_payment_of_a_debt_changes_nothing(house: House) -> None:
    account, invoice_id = _owing(house)
    opened = house.post(f"/accounts/{account}/pay-debt", {"invoice_id": invoice_id})
    assert house.confirm(opened, DECLINED)["state"] == "failed"
    assert house.get(f"/invoices/{invoice_id}")["debt"] == 9000


def test_only_an_open_invoice_of_the_account_is_payable(house: House, account: str) -> None:
    done = house.buy(account)
    with house.nothing_written():
        for invoice in (done["invoice_id"], "inv_" + "0" * 32):
            said = house.post(f"/accounts/{account}/pay-debt", {"invoice_id": invoice}, 422)
            assert problem(said) == ("refused", ["invoice_id"])
        assert problem(house.post(f"/accounts/{account}/pay-debt", {}, 422)) == ("refused", ["invoice_ids"])
        said = house.post(f"/accounts/acc_{'0' * 32}/pay-debt", {"invoice_id": "inv_" + "0" * 32}, 404)
        assert problem(said)[0] == "not_found"


def test_a_method_is_vaulted_and_removed(house: House, account: str) -> None:
    key = fresh_key()
    opened = house.post(f"/accounts/{account}/methods", {}, 201, key)
    assert (opened["intent"], opened["amount_due"], opened["state"]) == ("add_method", 0, "requires_action")
    assert house.post(f"/accounts/{account}/methods", {}, 200, key)["id"] == opened["id"]
    assert house.confirm(opened)["state"] == "committed"
    (method,) = house.get(f"/accounts/{account}/methods")["data"]
    assert "token" not in method
    path, key = f"/accounts/{account}/methods/{method['id']}", fresh_key()
    for _ in range(2):
        house.said(house.client.delete(path, headers={"idempotency-key": key}), 204)
    assert house.get(f"/accounts/{account}/methods")["data"] == []
    house.said(house.client.delete(path, headers={"idempotency-key": fresh_key()}), 404)


def test_the_last_method_stays_while_something_is_to_be_paid(house: House, account: str) -> None:
    house.buy(account)
    (method,) = house.get(f"/accounts/{account}/methods")["data"]
    path = f"/accounts/{account}/methods/{method['id']}"
    response = house.client.delete(path, headers={"idempotency-key": fresh_key()})
    assert problem(house.said(response, 422)) == ("refused", ["method_id"])
    house.confirm(house.post(f"/accounts/{account}/methods", {}), "tok_5555555555554444")
    house.said(house.client.delete(path, headers={"idempotency-key": fresh_key()}), 204)


def test_an_upgrade_is_refused_while_a_debt_is_overdue(house: House) -> None:
    account = house.account(test_clock="2026-01-01T00:00:00Z")
    house.confirm(house.open(account, {"type": "add_method"}), FAILS_LATER)
    _manual(house, account, 9000)
    house.post("/clock", {"account_id": account, "now": "2026-01-10T00:00:00Z"}, 200)
    said = house.post("/changes", {"account_id": account, "change": start(BUSINESS)}, 422)
    assert problem(said) == ("refused", ["account"])

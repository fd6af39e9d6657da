"""What waits for an account's next invoice, over HTTP: kept once, listed, written anew, removed, invoiced."""

from __future__ import annotations

import pytest

from tests.web.house import House, Json, fresh_key, problem

MIGRATION = {"description": "Migration, per zone", "unit_amount": 1_500, "quantity": 12}


@pytest.fixture(scope="module")
def account(house: House) -> str:
    """A customer without a method."""
    return house.account()


def _send(house: House, method: str, item: Json, body: Json | None = None, status: int = 200) -> Json:
    headers = {"idempotency-key": fresh_key()}
    said: Json = house.said(
        house.client.request(method, f"/invoice-items/{item['id']}", json=body, headers=headers), status
    )
    return said


def test_it_waits_and_is_invoiced_once(house: House) -> None:
    account = house.account()
    key, body = fresh_key(), MIGRATION | {"account_id": account, "product_id": "zone-pro"}
    item = house.post("/invoice-items", body, key=key)
    assert house.post("/invoice-items", body, key=key) == item, "the same key is the same item"
    assert (item["state"], item["version"], item["line"]["amount"]) == ("waiting", 1, 18_000)
    assert item["line"]["explanation"] == "12 × 15.00 USD = 180.00 USD"
    anew = _send(house, "PUT", item, {"description": "Migration", "amount": 9_000})
    assert (anew["version"], anew["line"]["amount"], anew["line"]["product_id"]) == (2, 9_000, None)
    off = house.post("/invoice-items", {"account_id": account, "description": "Sorry", "amount": -500})
    gone = house.post("/invoice-items", {"account_id": account, "description": "Typo", "amount": 1})
    assert _send(house, "DELETE", gone)["state"] == "removed"
    assert house.get(f"/invoices?account={account}")["data"] == []

    done = house.post("/invoices", {"account_id": account, "include_items": True})
    assert (done["plan"]["total"], done["state"]) == (8_500, "committed")
    after = house.get(f"/invoice-items/{item['id']}")
    assert (after["state"], after["invoice_id"], after["change_id"]) == ("invoiced", done["invoice_id"], None)
    lines = house.get(f"/invoices/{done['invoice_id']}")["lines"]
    assert [x["invoice_item_id"] for x in lines] == [item["id"], off["id"]]
    with house.nothing_written():
        for said in (
            _send(house, "PUT", item, {"description": "x", "amount": 1}, 422),
            _send(house, "DELETE", item, None, 422),
        ):
            assert problem(said) == ("refused", ["invoice_item_id"])
        nothing = house.post("/invoices", {"account_id": account, "include_items": True}, 422)
        assert problem(nothing) == ("refused", ["include_items"])


def test_a_draft_may_take_along_what_waits(house: House) -> None:
    account = house.account()
    house.post("/invoice-items", {"account_id": account, "description": "x", "amount": 700})
    draft = house.post("/invoice-drafts", {"account_id": account, "include_items": True})
    assert (draft["include_items"], draft["lines"], draft["preview"]["total"]) == (True, [], 700)
    headers = {"idempotency-key": fresh_key()}
    body = {"lines": [{"description": "y", "amount": 50}], "include_items": False}
    changed = house.said(
        house.client.patch(f"/invoice-drafts/{draft['id']}", json=body, headers=headers), 200
    )
    assert (changed["include_items"], changed["preview"]["total"]) == (False, 50)


def test_items_are_paged_by_state(house: House) -> None:
    account = house.account()
    first, second = (
        house.post("/invoice-items", {"account_id": account, "description": "x", "amount": n}) for n in (1, 2)
    )
    _send(house, "DELETE", first)
    page = house.get(f"/invoice-items?account={account}&limit=1")
    rest = house.get(f"/invoice-items?account={account}&after={page['next']}")
    assert [i["id"] for i in page["data"] + rest["data"]] == [first["id"], second["id"]]
    waiting = house.get(f"/invoice-items?account={account}&state=waiting")["data"]
    assert [i["id"] for i in waiting] == [second["id"]]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"amount": None, "unit_amount": None}, 422, "amount"),
        ({"amount": 0}, 422, "amount"),
        ({"unit_amount": 5}, 422, "amount"),
        ({"product_id": "nothing"}, 422, "product_id"),
        ({"tax_category": "nothing"}, 422, "tax_category"),
        ({"period": {"start": "2026-02-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}}, 422, "period.end"),
        ({"description": ""}, 400, "description"),
        ({"amount": 10**15}, 400, "amount"),
        ({"product_id": ""}, 400, "product_id"),
    ],
)
def test_what_could_not_be_invoiced_is_refused(
    house: House, account: str, body: Json, status: int, field: str
) -> None:
    item = house.post("/invoice-items", {"account_id": account, "description": "x", "amount": 5})
    with house.nothing_written():
        asked = {"description": "x", "amount": 5} | body
        said = house.post("/invoice-items", {"account_id": account} | asked, status)
        assert problem(said)[1] == [field]
        assert problem(_send(house, "PUT", item, asked, status))[1] == [field]


def test_items_that_do_not_exist(house: House, account: str) -> None:
    nothing = {"id": f"ivi_{'0' * 32}"}
    assert problem(house.get(f"/invoice-items/{nothing['id']}", 404))[0] == "not_found"
    assert problem(_send(house, "DELETE", nothing, None, 404))[0] == "not_found"
    assert problem(_send(house, "PUT", nothing, {"description": "x", "amount": 1}, 404))[0] == "not_found"
    assert problem(house.get(f"/invoice-items/{account}", 400))[0] == "invalid_request"
    stranger = {"account_id": f"acc_{'0' * 32}", "description": "x", "amount": 1}
    assert problem(house.post("/invoice-items", stranger, 404))[0] == "not_found"


def test_the_next_invoice_is_seen_ahead(house: House) -> None:
    account = house.account()
    nothing: Json = {"account_id": account, "at": None, "plan": None, "credit_notes": []}
    assert house.get(f"/accounts/{account}/upcoming-invoice") == nothing
    assert problem(house.get(f"/accounts/acc_{'0' * 32}/upcoming-invoice", 404))[0] == "not_found"

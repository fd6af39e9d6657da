"""Drafts of invoices over HTTP: kept, listed, changed, previewed, voided, issued once."""

from __future__ import annotations

import pytest

from tests.web.house import House, Json, fresh_key, problem

SUPPORT = {
    "description": "Support",
    "unit_amount": 25,
    "scale": 2,
    "quantity": 150_000,
    "period": {"start": "2026-04-01T00:00:00+02:00", "end": "2026-07-01T00:00:00Z"},
}
TRAVEL = {"description": "Travel", "amount": 1_000}


@pytest.fixture(scope="module")
def account(house: House) -> str:
    """A customer without a method."""
    return house.account()


def _draft(house: House, account: str, *lines: Json, **more: object) -> Json:
    kept: Json = house.post("/invoice-drafts", {"account_id": account, "lines": lines or [TRAVEL], **more})
    return kept


def _patch(house: House, draft: Json, body: Json, status: int = 200) -> Json:
    headers = {"idempotency-key": fresh_key()}
    response = house.client.patch(f"/invoice-drafts/{draft['id']}", json=body, headers=headers)
    said: Json = house.said(response, status)
    return said


def test_what_is_previewed_is_issued(house: House, account: str) -> None:
    draft = _draft(house, account, SUPPORT, reference="PO-1", notes="Thanks.\nBye.", terms_days=30)
    changed = _patch(house, draft, {"lines": [SUPPORT, TRAVEL], "notes": None})
    assert house.get(f"/invoices?account={account}")["data"] == [], "a draft is no invoice"
    assert (draft["preview"]["total"], draft["lines"][0]["amount"]) == (37_500, 37_500)
    assert draft["lines"][0]["explanation"] == "150000 × 0.0025 USD = 375.00 USD"
    assert (changed["version"], changed["reference"], changed["notes"], changed["terms_days"]) == (
        2,
        "PO-1",
        None,
        30,
    )
    assert house.get(f"/invoice-drafts/{draft['id']}")["preview"]["total"] == 38_500
    key = fresh_key()
    done = house.post(f"/invoice-drafts/{draft['id']}/issue", {}, key=key)
    assert (done["state"], done["plan"]["lines"]) == ("committed", changed["preview"]["lines"])
    assert house.post(f"/invoice-drafts/{draft['id']}/issue", {}, 200, key=key) == done
    invoice = house.get(f"/invoices/{done['invoice_id']}")
    assert (invoice["total"], invoice["debt"], invoice["reference"], invoice["notes"]) == (
        38_500,
        38_500,
        "PO-1",
        None,
    )
    assert invoice["lines"] == changed["preview"]["lines"]
    after = house.get(f"/invoice-drafts/{draft['id']}")
    assert (after["state"], after["preview"], after["invoice_id"]) == ("issued", None, done["invoice_id"])
    assert after["change_id"] == done["id"]


def test_what_has_become_of_a_draft_stays(house: House, account: str) -> None:
    draft = _draft(house, account)
    voided = house.post(f"/invoice-drafts/{draft['id']}/void", {}, 200)
    assert (voided["state"], voided["preview"]) == ("voided", None)
    assert house.post(f"/invoice-drafts/{draft['id']}/void", {}, 200) == voided
    with house.nothing_written():
        for said in (
            _patch(house, draft, {"notes": "n"}, 422),
            house.post(f"/invoice-drafts/{draft['id']}/issue", {}, 422),
        ):
            assert problem(said) == ("refused", ["draft_id"])


def test_drafts_are_paged_by_state(house: House) -> None:
    account = house.account()
    first, second = (_draft(house, account) for _ in range(2))
    house.post(f"/invoice-drafts/{first['id']}/void", {}, 200)
    page = house.get(f"/invoice-drafts?account={account}&limit=1")
    rest = house.get(f"/invoice-drafts?account={account}&after={page['next']}")
    assert [d["id"] for d in page["data"] + rest["data"]] == [first["id"], second["id"]]
    assert [d["id"] for d in house.get(f"/invoice-drafts?account={account}&state=draft")["data"]] == [
        second["id"]
    ]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"lines": []}, 422, "lines"),
        ({"reference": "a\nb"}, 400, "reference"),
        ({"notes": "\t"}, 400, "notes"),
        ({"terms_days": 121}, 400, "terms_days"),
        ({"lines": [TRAVEL | {"tax_category": "none"}]}, 422, "lines[0].tax_category"),
        ({"lines": [TRAVEL | {"amount": -1}]}, 422, "lines"),
    ],
)
def test_what_could_not_be_issued_is_refused(
    house: House, account: str, body: Json, status: int, field: str
) -> None:
    draft = _draft(house, account)
    with house.nothing_written():
        said = house.post("/invoice-drafts", {"account_id": account, "lines": [TRAVEL]} | body, status)
        assert problem(said)[1] == [field]
        assert problem(_patch(house, draft, body, status))[1] == [field]


def test_drafts_that_do_not_exist(house: House, account: str) -> None:
    nothing = {"id": f"drf_{'0' * 32}"}
    assert problem(house.get(f"/invoice-drafts/{nothing['id']}", 404))[0] == "not_found"
    assert problem(house.post(f"/invoice-drafts/{nothing['id']}/issue", {}, 404))[0] == "not_found"
    assert problem(_patch(house, nothing, {"notes": "n"}, 404))[0] == "not_found"
    assert problem(house.get(f"/invoice-drafts/{account}", 400))[0] == "invalid_request"

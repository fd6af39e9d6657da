"""What a restricted account may not do over HTTP, and the way out that each refusal names."""

from __future__ import annotations

import pytest

from tests.web.house import House, Json, fresh_key, problem, start

DECLINED_LATER = "tok_4000000000000341"


@pytest.fixture
def restricted(house: House) -> tuple[str, str]:
    """An account whose renewal was declined, six days later; and its method."""
    account = house.account(test_clock="2026-01-01T12:00:00Z")
    house.confirm(house.open(account, start()), DECLINED_LATER)
    (method,) = house.get(f"/accounts/{account}/methods")["data"]
    house.post("/clock", {"account_id": account, "now": "2026-02-07T12:00:00Z"}, 200)
    return account, method["id"]


def changed(house: House, account: str, fields: Json, status: int = 200) -> Json:
    answer = house.client.patch(f"/accounts/{account}", json=fields, headers={"idempotency-key": fresh_key()})
    said: Json = house.said(answer, status)
    return said


def test_a_profile_is_not_edited_and_the_problem_names_the_way_out(
    house: House, restricted: tuple[str, str]
) -> None:
    account, _ = restricted
    before = house.get(f"/accounts/{account}")
    with house.nothing_written():
        said = changed(house, account, {"country": "NL", "tax_exempt": True}, 422)
    assert problem(said) == ("refused", ["country", "tax_exempt"])
    assert f"POST /v1/accounts/{account}/pay-debt" in said["detail"]
    assert changed(house, account, {"country": before["country"]}) == before  # nothing that would change
    assert changed(house, account, {"terms_days": 30})["terms_days"] == 30  # the merchant's own


def test_nothing_new_is_sold_meanwhile_and_no_method_goes(house: House, restricted: tuple[str, str]) -> None:
    account, method = restricted
    refused = house.open(account, start(thing="zone:new.example"), 422)
    assert problem(refused) == ("refused", ["account"])
    assert "pay the open debt first" in refused["errors"][0]["rule"]
    gone = house.client.delete(
        f"/accounts/{account}/methods/{method}", headers={"idempotency-key": fresh_key()}
    )
    assert problem(house.said(gone, 422)) == ("refused", ["method_id"])


def test_a_method_can_be_added_and_paying_lifts_everything(house: House, restricted: tuple[str, str]) -> None:
    account, _ = restricted
    house.confirm(house.post(f"/accounts/{account}/methods", {}))
    assert len(house.get(f"/accounts/{account}/methods")["data"]) == 2
    house.post("/clock", {"account_id": account, "now": "2026-02-07T12:01:00Z"}, 200)
    assert house.get(f"/accounts/{account}/state")["standing"] == "good"  # the new card paid at once
    assert changed(house, account, {"country": "NL"})["country"] == "NL"

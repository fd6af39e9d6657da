"""Importing agreements over HTTP: what becomes of each stands in its place, and again it changes nothing."""

from __future__ import annotations

from tests.web.house import House, problem

PAYS, REVOKED = "B-4242424242424242", "B-0000000000000000"


def test_what_became_of_each_stands_in_its_place(house: House, account: str) -> None:
    other = house.account()
    named = [(account, PAYS), (other, REVOKED), (other, "4242")]
    body = {
        "provider": "sandpal",
        "agreements": [{"account_id": one, "reference": reference} for one, reference in named],
    }
    told = house.post("/method-imports", body, 200)
    assert [one["state"] for one in told["results"]] == ["imported", "refused", "refused"]
    done, revoked, malformed = told["results"]
    assert house.get(f"/changes/{done['change_id']}")["state"] == "committed"
    assert (revoked["cause"], revoked["error"]) == ("agreement_revoked", None)
    assert malformed["error"] == {"field": "reference", "rule": "must be like B-[0-9]{8,32}"}
    (method,) = house.get(f"/accounts/{account}/methods")["data"]
    assert (method["provider"], method["off_session"]) == ("sandpal", True)
    again = house.post("/method-imports", body, 200)
    assert again["results"] == [done | {"state": "known"}, revoked, malformed]
    assert house.get(f"/accounts/{account}/methods")["data"] == [method]


def test_a_provider_without_agreements_and_too_many_are_refused(house: House, account: str) -> None:
    one = {"account_id": account, "reference": PAYS}
    told = house.post("/method-imports", {"provider": "sandbox", "agreements": [one]}, 422)
    assert problem(told) == ("refused", ["provider"])
    assert told["errors"][0]["rule"] == "must be one whose agreements can be imported: sandpal"
    house.post("/method-imports", {"provider": "sandpal", "agreements": [one] * 26}, 400)
    assert house.get(f"/accounts/{account}/methods")["data"] == []

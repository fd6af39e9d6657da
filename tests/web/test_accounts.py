"""Accounts over HTTP: registering, reading, paging, and every rule of their input."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.web.house import ACCOUNT, House, Json, fresh_key, problem, start


def test_an_account_is_registered_and_read(house: House) -> None:
    created = house.post("/accounts", ACCOUNT | {"time_zone": "Europe/Berlin", "segment": "academic"})
    assert created["id"].startswith("acc_")
    assert created["time_zone"] == "Europe/Berlin"
    assert created["test_clock"] is None
    assert house.get(f"/accounts/{created['id']}") == created


def test_the_location_leads_to_the_account(house: House) -> None:
    response = house.client.post("/accounts", json=ACCOUNT, headers={"idempotency-key": fresh_key()})
    assert response.headers["location"] == f"/v1/accounts/{response.json()['id']}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("currency", "XAU"),
        ("currency", "usd"),
        ("currency", ""),
        ("country", "USA"),
        ("country", "de"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../etc/passwd"),
        ("email", "nobody"),
        ("email", "a b@example.com"),
        ("email", "a" * 250 + "@example.com"),
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 201),
        ("name", "line\nbreak"),
        ("name", "Jo\u202ehn"),
        ("entity", "nobody-ltd"),
        ("entity", None),
        ("terms_days", -1),
        ("terms_days", 121),
        ("test_clock", "1999-01-01T00:00:00Z"),
    ],
)
def test_a_broken_rule_names_the_field_and_writes_nothing(house: House, field: str, value: object) -> None:
    with house.nothing_written():
        said = house.post("/accounts", ACCOUNT | {field: value}, 422)
    assert problem(said) == ("refused", [field])
    assert said["errors"][0]["rule"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("currency", 5),
        ("segment", "vip"),
        ("terms_days", 1.5),
        ("test_clock", "2026-01-31T12:00:00"),
        ("test_clock", "yesterday"),
        ("test_clock", 1.5),
    ],
)
def test_bad_input_names_the_field_and_writes_nothing(house: House, field: str, value: object) -> None:
    with house.nothing_written():
        said = house.post("/accounts", ACCOUNT | {field: value}, 400)
    assert problem(said) == ("invalid_request", [field])
    assert said["errors"][0]["rule"]


def test_all_problems_of_a_body_are_told_together(house: House) -> None:
    bad = {
        "currency": "XXX",
        "country": "ZZ",
        "email": "x",
        "name": "",
        "time_zone": "No/Where",
        "entity": "solvent-us",
    }
    said = house.post("/accounts", bad, 422)
    assert problem(said) == ("refused", ["currency", "country", "email", "name", "time_zone"])
    said = house.post("/accounts", {"currency": 1, "curency": "USD", "name": 7}, 400)
    assert problem(said)[1] == ["currency", "country", "email", "name", "curency"]


def test_a_typing_error_is_not_lost(house: House) -> None:
    with house.nothing_written():
        said = house.post("/accounts", ACCOUNT | {"terms_day": 30}, 400)
    assert said["errors"] == [{"field": "terms_day", "rule": "is not a field of this request"}]


def test_accounts_are_paged_in_the_order_of_their_creation(house: House) -> None:
    made = [house.account() for _ in range(5)]
    seen: list[str] = []
    after = ""
    while True:
        page = house.get(f"/accounts?limit=2{after}")
        assert len(page["data"]) <= 2
        seen += [account["id"] for account in page["data"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len(seen) == len(set(seen))
    assert [one for one in seen if one in made] == made


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=ten", "limit"),
        ("after=sub_0193a5b2c4d87e6fa1b2c3d4e5f60718", "after"),
        ("page=2", "page"),
        ("limit=1&limit=2", "query"),
        ("after=%00", "query"),
    ],
)
def test_a_bad_query_names_the_field(house: House, query: str, field: str) -> None:
    assert problem(house.get(f"/accounts?{query}", 400)) == ("invalid_request", [field])


@pytest.mark.parametrize("path", ["", "/state", "/entitlements", "/methods"])
def test_ids_of_another_kind_are_400_and_unknown_ones_404(house: House, account: str, path: str) -> None:
    for wrong in ("sub_" + account[4:], account[4:], account + "0", "acc_" + "g" * 32, "acc_"):
        said = house.get(f"/accounts/{wrong}{path}", 400)
        assert problem(said) == ("invalid_request", ["account_id"])
    said = house.get(f"/accounts/acc_{'0' * 32}{path}", 404)
    assert problem(said) == ("not_found", [])


def test_a_repetition_gives_the_same_account(house: House) -> None:
    key = fresh_key()
    first = house.post("/accounts", ACCOUNT, key=key)
    with house.nothing_written():
        assert house.post("/accounts", ACCOUNT, key=key) == first
        said = house.post("/accounts", ACCOUNT | {"name": "Other"}, 409, key=key)
    assert problem(said)[0] == "idempotency_key_reused"


def test_a_refused_body_leaves_its_key_free(house: House) -> None:
    key = fresh_key()
    house.post("/accounts", ACCOUNT | {"country": "usa"}, 422, key=key)
    house.post("/accounts", ACCOUNT, 201, key=key)


def test_the_same_key_of_another_api_key_is_another_key(house: House) -> None:
    key = fresh_key()
    first = house.post("/accounts", ACCOUNT, key=key)
    other = house.as_key("other").post("/accounts", json=ACCOUNT, headers={"idempotency-key": key})
    assert house.said(other, 201)["id"] != first["id"]


def _changed(house: House, account: str, fields: Json, status: int = 200) -> Json:
    headers = {"idempotency-key": fresh_key()}
    answer = house.client.patch(f"/accounts/{account}", json=fields, headers=headers)
    said: Json = house.said(answer, status)
    return said


def test_terms_are_those_of_the_segment_until_an_account_has_its_own(house: House) -> None:
    account = house.post("/accounts", ACCOUNT | {"segment": "contract"})
    assert account["terms_days"] is None
    change = {"account_id": account["id"], "change": start()}
    assert (house.post("/quotes", change, 200)["terms_days"], account["segment"]) == (30, "contract")
    own = _changed(house, account["id"], {"terms_days": 60})
    assert own["terms_days"] == 60
    opened = house.open(account["id"], start())
    invoice = house.get(f"/invoices/{opened['invoice_id']}")
    issued, due = (datetime.fromisoformat(invoice[key]) for key in ("issued_at", "due_at"))
    assert (opened["state"], invoice["state"], (due - issued).days) == ("committed", "open", 60)
    assert _changed(house, account["id"], {"terms_days": None})["terms_days"] is None
    told = [e for e in house.get(f"/events?account={account['id']}")["data"] if "terms" in e["type"]]
    assert [e["data"] for e in told] == [
        {"terms_days": 60, "together": None},
        {"terms_days": None, "together": None},
    ]


def test_an_account_may_have_its_subscriptions_renewed_apart(house: House) -> None:
    account = house.post("/accounts", ACCOUNT | {"together": "never", "terms_days": 30})
    assert account["together"] == "never"
    at_once = _changed(house, account["id"], {"terms_days": None})
    assert (at_once["together"], at_once["terms_days"]) == ("never", None)
    for own in ("instant", None):
        assert _changed(house, account["id"], {"together": own})["together"] == own
    assert house.get(f"/accounts/{account['id']}") == account | {"together": None, "terms_days": None}
    told = house.get(f"/events?account={account['id']}&type=account.terms_changed")["data"]
    assert [e["data"]["together"] for e in told] == ["never", "instant", None]
    with house.nothing_written():
        said = _changed(house, account["id"], {"together": "sometimes"}, 400)
    assert problem(said) == ("invalid_request", ["together"])


@pytest.mark.parametrize(("days", "status"), [(-1, 422), (121, 422), (1.5, 400), ("30", 400)])
def test_terms_that_cannot_be_are_refused_by_field(
    house: House, account: str, days: object, status: int
) -> None:
    with house.nothing_written():
        said = _changed(house, account, {"terms_days": days}, status)
    assert problem(said)[1] == ["terms_days"]


def test_a_whole_number_may_be_written_with_a_point(house: House, account: str) -> None:
    """JSON has one kind of number: `30.0` is 30."""
    headers = {"idempotency-key": fresh_key(), "content-type": "application/json"}
    path = f"/accounts/{account}"
    changed = house.client.patch(path, content=b'{"terms_days": 30.0}', headers=headers)
    assert house.said(changed, 200)["terms_days"] == 30
    for body in (b'{"terms_days": 1e400}', b'{"terms_days": 30.5}', b"2\x01\x1d\xef"):
        headers = {"idempotency-key": fresh_key(), "content-type": "application/json"}
        refused = house.client.patch(path, content=body, headers=headers)
        assert problem(house.said(refused, 400))[0] == "invalid_request"


def test_who_a_customer_is_can_change(house: House) -> None:
    account = house.post("/accounts", ACCOUNT)
    address = {"lines": ["Unter den Linden 77"], "city": "Berlin", "postal_code": "10117", "region": None}
    fields = {"name": " New Ltd ", "email": "new@example.com", "address": address, "language": "de"}
    said = _changed(house, account["id"], fields)
    assert said == account | fields | {"name": "New Ltd"} == house.get(f"/accounts/{account['id']}")
    with house.nothing_written():
        assert _changed(house, account["id"], fields) == said
    assert _changed(house, account["id"], {"address": None})["address"] is None
    told = house.get(f"/events?account={account['id']}&type=account.profile_changed")["data"]
    assert [e["data"]["fields"] for e in told] == [["name", "email", "address", "language"], ["address"]]


def test_what_breaks_a_rule_of_who_a_customer_is_changes_nothing_of_it(house: House, account: str) -> None:
    wrong = {"name": " ", "email": "nobody", "address": {"lines": [], "city": "Berlin"}, "language": "de"}
    with house.nothing_written():
        said = _changed(house, account, wrong, 422)
    assert problem(said) == ("refused", ["email", "name", "address.lines"])


@pytest.mark.parametrize("field", ["currency", "entity", "segment", "time_zone", "test_clock"])
def test_what_never_changes_is_refused_by_field(house: House, account: str, field: str) -> None:
    with house.nothing_written():
        said = _changed(house, account, {field: "EUR"}, 400)
    assert problem(said) == ("invalid_request", [field])


def test_an_account_is_closed_refuses_purchases_and_is_opened_again(house: House, account: str) -> None:
    said = {"by": "carol", "reason": "asked for it"}
    assert house.post(f"/accounts/{account}/close", said, 200)["closed_at"] is not None
    house.work(account)
    assert house.get(f"/accounts/{account}/state")["standing"] == "closed"
    refused = house.post("/quotes", {"account_id": account, "change": start()}, 422)
    assert problem(refused) == ("refused", ["account_id"])
    assert house.post(f"/accounts/{account}/reopen", said, 200)["closed_at"] is None
    house.post("/quotes", {"account_id": account, "change": start()}, 200)
    told = house.get(f"/events?account={account}")["data"]
    assert [e["data"] for e in told if e["type"] in ("account.closed", "account.reopened")] == [said, said]
    with house.nothing_written():
        unsaid = house.post(f"/accounts/{account}/close", {"by": "carol"}, 400)
    assert problem(unsaid) == ("invalid_request", ["reason"])


def test_an_account_with_a_subscription_is_not_closed(house: House, account: str) -> None:
    house.buy(account)
    said = {"by": "carol", "reason": "asked for it"}
    with house.nothing_written():
        refused = house.post(f"/accounts/{account}/close", said, 422)
    assert problem(refused) == ("refused", ["subscriptions"])

"""What product services read: granted, held and unpaid; features, limits and quotas; tags, caching and many at once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.web.house import BUSINESS, CHALLENGED, DECLINED, GOOD, House, Json, problem, start

TRIAL = "zone-pro-trial-usd-month"


def _read(house: House, account: str, query: str = "") -> Json:
    said: Json = house.get(f"/accounts/{account}/entitlements{query}")
    return said


def _features(said: Json, thing: str = "zone:example.com") -> Json:
    return {f["feature"]: f["value"] for f in said["features"] if f["object"] == thing}


def test_nothing_is_granted_while_the_payment_is_pending(house: House, account: str) -> None:
    change = house.confirm(house.open(account, start()), CHALLENGED)
    said = _read(house, account)
    assert (said["entitlements"], said["features"], said["valid_until"]) == ([], [], None)
    (held,) = said["held"]
    assert (held["change_id"], held["product_id"], held["state"]) == (
        change["id"],
        "zone-pro",
        "requires_action",
    )
    answer = house.client.get(f"/accounts/{account}/entitlements")
    assert answer.headers["cache-control"].startswith("private, max-age=2,")


def test_a_failed_payment_gives_nothing_until_it_is_paid(house: House, account: str) -> None:
    empty = house.client.get(f"/accounts/{account}/entitlements").headers["etag"]
    failed = house.confirm(house.open(account, start()), DECLINED)
    assert failed["state"] == "failed"
    again = house.client.get(f"/accounts/{account}/entitlements", headers={"if-none-match": empty})
    said = house.said(again, 200)
    assert (said["entitlements"], said["held"]) == ([], [])
    (unpaid,) = said["unpaid"]
    assert (unpaid["change_id"], unpaid["object"], unpaid["cause"]) == (
        failed["id"],
        "zone:example.com",
        "declined",
    )
    house.confirm(house.open(account, start()), GOOD)
    paid = _read(house, account)
    assert (len(paid["entitlements"]), paid["unpaid"]) == (1, [])


@pytest.mark.parametrize(
    ("price", "proof"),
    [("zone-pro-usd-month", "payment"), ("zone-free-usd-month", "nothing_due"), (TRIAL, "trial")],
)
def test_the_proof_is_told(house: House, account: str, price: str, proof: str) -> None:
    house.confirm(house.open(account, start(price)), GOOD) if proof != "nothing_due" else house.open(
        account, start(price)
    )
    assert [e["proof"] for e in _read(house, account)["entitlements"]] == [proof]


def test_contracts_and_sponsorship_are_proofs_too(house: House) -> None:
    contract = house.account(segment="contract", terms_days=30)
    assert house.open(contract, start())["state"] == "committed"
    assert [e["proof"] for e in _read(house, contract)["entitlements"]] == ["terms"]
    sponsored = house.account(segment="sponsored")
    given = {"kind": "sponsored", "amount": 100_000, "reason": "open source", "granted_by": "carol"}
    house.post(f"/accounts/{sponsored}/credit", given)
    assert house.open(sponsored, start())["state"] == "committed"
    assert [e["proof"] for e in _read(house, sponsored)["entitlements"]] == ["sponsorship"]


def test_features_are_what_all_grants_on_an_object_come_to(house: House, account: str) -> None:
    house.buy(account)
    house.buy(account, "seats-usd-month", "account", 7)
    said = _read(house, account)
    assert _features(said) == {
        "page_rules": 20,
        "rate_limit_per_minute": 10_000,
        "ssl": True,
        "support": "ticket",
        "waf": True,
    }
    assert _features(said, "account") == {"members": 7, "roles": True}
    kinds = {f["feature"]: (f["kind"], f["unit"], f["used"]) for f in said["features"]}
    assert kinds["members"] == ("limit", "members", None)
    assert (kinds["waf"], kinds["support"]) == (("flag", None, None), ("text", None, None))


def test_an_object_is_read_with_what_the_whole_account_has(house: House, account: str) -> None:
    house.buy(account)
    house.buy(account, BUSINESS, "zone:other.example")
    house.buy(account, "seats-usd-month", "account", 2)
    said = _read(house, account, "?object=zone:other.example")
    assert {e["object"] for e in said["entitlements"]} == {"zone:other.example", "account"}
    said = _read(house, account, "?object=zone:other.example&feature=waf")
    assert [(f["object"], f["feature"], f["value"]) for f in said["features"]] == [
        ("zone:other.example", "waf", True)
    ]
    assert [e["product_id"] for e in said["entitlements"]] == ["zone-business"]
    assert _read(house, account, "?feature=nothing")["entitlements"] == []


def test_a_quota_tells_what_is_left_of_it(house: House, account: str) -> None:
    house.buy(account, "media-usd-month", "account")
    now = datetime.now(UTC).isoformat()
    event = {"id": "e1", "account": account, "meter": "stream-minutes", "at": now, "value": 400}
    house.post("/usage", {"events": [event]}, 200)
    (minutes,) = _read(house, account, "?feature=stream_minutes_per_month&usage=true")["features"]
    assert minutes == {
        "object": "account",
        "feature": "stream_minutes_per_month",
        "kind": "quota",
        "value": 1000,
        "unit": "minutes",
        "used": 400,
        "remaining": 600,
    }
    house.post("/usage", {"events": [event | {"id": "e2", "value": 5_000}]}, 200)
    (minutes,) = _read(house, account, "?feature=stream_minutes_per_month&usage=true")["features"]
    assert (minutes["used"], minutes["remaining"]) == (5_400, 0)
    answer = house.client.get(f"/accounts/{account}/entitlements?usage=true")
    assert answer.headers["cache-control"].startswith("private, max-age=0,")
    assert "etag" not in answer.headers
    assert _read(house, account)["features"][-1]["used"] is None


@pytest.mark.parametrize(
    ("query", "field"),
    [("object=", "object"), ("feature=a%20b", "feature"), ("usage=perhaps", "usage"), ("zone=a", "zone")],
)
def test_a_question_that_breaks_a_rule_names_its_field(
    house: House, account: str, query: str, field: str
) -> None:
    said = house.get(f"/accounts/{account}/entitlements?{query}", 400)
    assert problem(said) == ("invalid_request", [field])


def test_a_tag_is_right_until_a_fact_or_time_changes_the_answer(house: House) -> None:
    account = house.account(test_clock="2026-01-31T12:00:00Z")
    path = f"/accounts/{account}/entitlements"
    bought = house.buy(account)
    tag = house.client.get(path).headers["etag"]
    for shown in (tag, f'"other", W/{tag}'):
        answer = house.client.get(path, headers={"if-none-match": shown})
        assert (answer.status_code, answer.headers["etag"]) == (304, tag)
        assert answer.headers["cache-control"].startswith("private, max-age=30,")
    assert house.client.get(path, headers={"if-none-match": '"' + "0" * 32 + '.0"'}).status_code == 200
    house.open(account, {"type": "cancel_at_period_end", "subscription_id": bought["subscription_id"]})
    cancelled = house.client.get(path, headers={"if-none-match": tag})
    assert cancelled.status_code == 200
    tag = cancelled.headers["etag"]
    house.post("/clock", {"account_id": account, "now": "2026-02-28T11:59:58Z"}, 200)
    last = house.client.get(path, headers={"if-none-match": tag})
    assert last.status_code == 304
    assert last.headers["cache-control"].startswith("private, max-age=2,")
    house.post("/clock", {"account_id": account, "now": "2026-02-28T12:00:00Z"}, 200)
    over = house.client.get(path, headers={"if-none-match": tag})
    assert house.said(over, 200)["entitlements"] == []


def test_many_accounts_are_read_at_once_and_those_that_are_known_are_not_sent(house: House) -> None:
    bought, empty, stranger = house.account(), house.account(), "acc_" + "0" * 32
    house.buy(bought)
    asked = {"accounts": [bought, empty, stranger, bought]}
    said = house.said(house.client.post("/entitlements/read", json=asked), 200)
    assert [d["account_id"] for d in said["data"]] == [bought, empty]
    assert (said["unchanged"], said["missing"]) == ([], [stranger])
    single = house.client.get(f"/accounts/{bought}/entitlements")
    assert said["data"][0]["etag"] == single.headers["etag"]
    assert said["data"][0]["max_age"] == 30
    assert single.json().items() <= said["data"][0].items()
    known = {d["account_id"]: d["etag"] for d in said["data"]}
    house.buy(empty)
    again = house.said(house.client.post("/entitlements/read", json=asked | {"known": known}), 200)
    assert ([d["account_id"] for d in again["data"]], again["unchanged"]) == ([empty], [bought])
    assert again["missing"] == [stranger]


def test_many_accounts_have_bounds(house: House, account: str) -> None:
    for body, field in (
        ({"accounts": []}, "accounts"),
        ({"accounts": [account] * 501}, "accounts"),
        ({"accounts": ["acc_1"]}, "accounts[0]"),
        ({"accounts": [account], "feature": "a b"}, "feature"),
    ):
        said = house.said(house.client.post("/entitlements/read", json=body), 400)
        assert problem(said) == ("invalid_request", [field])
    stranger = {"accounts": [account], "known": {"acc_" + "0" * 32: "x"}}
    said = house.said(house.client.post("/entitlements/read", json=stranger), 422)
    assert problem(said) == ("refused", ["known"])


def test_changes_tell_whose_entitlements_to_read_again(house: House) -> None:
    account, other = house.account(), house.account()
    path = f"/entitlement-changes?account={account}"
    first = house.get(path)
    assert (first["data"], first["more"]) == ([], False)
    bought = house.buy(account)
    house.buy(other)
    page = house.get(f"{path}&after={first['next']}")
    assert [(c["reason"], c["account_id"]) for c in page["data"]] == [("subscription.started", account)]
    cancel = {"type": "cancel_at_period_end", "subscription_id": bought["subscription_id"]}
    house.open(account, cancel)
    house.open(account, {"type": "cancel_now", "subscription_id": bought["subscription_id"]})
    changes = house.get(f"{path}&after={page['next']}&limit=1")
    assert ([c["reason"] for c in changes["data"]], changes["more"]) == (["subscription.scheduled"], True)
    rest = house.get(f"{path}&after={changes['next']}")
    assert [c["reason"] for c in rest["data"]] == ["subscription.ended"]
    events = {e["id"] for e in house.get(f"/events?account={account}")["data"]}
    assert {c["id"] for c in page["data"] + changes["data"] + rest["data"]} <= events
    assert {other, account} <= {
        c["account_id"] for c in house.get(f"/entitlement-changes?limit=500&after={first['next']}")["data"]
    }


def test_a_feed_of_changes_names_what_it_cannot_read(house: House) -> None:
    assert problem(house.get("/entitlement-changes?after=nonsense", 422)) == ("refused", ["after"])
    assert problem(house.get("/entitlement-changes?limit=0", 400)) == ("invalid_request", ["limit"])
    house.get(f"/entitlement-changes?account=acc_{'0' * 32}", 404)

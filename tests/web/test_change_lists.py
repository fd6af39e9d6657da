"""Lists of changes and coupons over HTTP: filters and pages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.patience import eventually
from tests.web.house import DECLINED, House, Json, fresh_key, problem, start

TEST_NOW = "2026-06-10T12:00:00Z"


def ids(house: House, query: str) -> list[str]:
    """The ids of all pages of two."""
    found: list[str] = []
    after = ""
    while True:
        page = house.get(f"/changes?{query}&limit=2{after}")
        found += [one["id"] for one in page["data"]]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


def opened(house: House, account: str, thing: str) -> Json:
    return house.open(account, start(thing=thing))


def test_an_accounts_changes_are_found_by_their_state(house: House, account: str) -> None:
    bought = house.buy(account)
    waiting = opened(house, account, "zone:b.example")
    declined = house.confirm(opened(house, account, "zone:c.example"), DECLINED)
    setup = house.post(f"/accounts/{account}/methods", {})
    assert ids(house, f"account={account}") == [bought["id"], waiting["id"], declined["id"], setup["id"]]
    for state, wanted in (
        ("committed", [bought]),
        ("failed", [declined]),
        ("requires_action", [waiting, setup]),
        ("returned", []),
    ):
        assert ids(house, f"account={account}&state={state}") == [one["id"] for one in wanted], state
    (shown,) = house.get(f"/changes?account={account}&state=failed")["data"]
    assert (shown["cause"], shown["amount_due"], shown["intent"]) == (declined["cause"], 2000, "start")
    other = house.account()
    assert ids(house, f"account={other}") == []


def test_what_the_clock_tries_by_itself_is_among_them_where_it_is_asked_for(house: House) -> None:
    account = house.account(test_clock=TEST_NOW)
    bought = house.buy(account)
    house.post("/clock", {"account_id": account, "now": "2026-08-15T00:00:00Z"}, 200)
    assert len(house.get(f"/invoices?account={account}")["data"]) == 3
    assert ids(house, f"account={account}") == [bought["id"]]
    assert ids(house, f"account={account}&opened_from={TEST_NOW}") == [bought["id"]]
    assert ids(house, f"account={account}&opened_to={TEST_NOW}") == []
    told = house.get(f"/changes?account={account}&clock=true")["data"]
    assert [(one["intent"], one["off_session"], one["created_at"][:10]) for one in told] == [
        ("start", False, "2026-06-10"), ("renew", True, "2026-07-10"), ("renew", True, "2026-08-10")
    ]  # fmt: skip
    found = [one["id"] for one in told]
    assert ids(house, f"account={account}&clock=true") == found
    assert ids(house, f"account={account}&clock=true&opened_from=2026-08-01T00:00:00Z") == found[2:]
    assert ids(house, f"account={account}&clock=true&opened_to={TEST_NOW}") == []
    assert ids(house, f"account={house.account()}&clock=true&opened_to={TEST_NOW}") == []
    assert len(house.get("/changes?clock=true&limit=2")["data"]) == 2


def test_changes_of_everybody_are_found_by_date(house: House) -> None:
    frozen = house.buy(house.account(test_clock=TEST_NOW))["id"]
    since = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    made = [opened(house, house.account(), "zone:a.example")["id"] for _ in range(3)]
    assert ids(house, f"opened_from={since}") == made
    assert ids(house, f"opened_from={since}&state=requires_action") == made
    assert ids(house, f"opened_from={since}&opened_to={since}") == []
    assert ids(house, f"opened_from={since}&state=committed") == []
    assert ids(house, f"opened_from={since}&opened_to=9999-12-31T23:59:59Z") == made
    assert ids(house, "opened_from=0001-01-01T00:00:00Z&opened_to=2000-01-01T00:00:00Z") == []
    assert frozen not in ids(house, f"opened_from={TEST_NOW}&opened_to=2026-06-11T00:00:00Z")
    assert {frozen, *made} <= {one["id"] for one in house.get("/changes?limit=500")["data"]} or house.get(
        "/changes?limit=500"
    )["next"]


@pytest.mark.parametrize(
    ("query", "status", "code", "fields"),
    [
        (f"account=acc_{'0' * 32}", 404, "not_found", []),
        ("state=sulking", 400, "invalid_request", ["state"]),
        ("opened_from=2026-02-01T00:00:00Z&opened_to=2026-01-01T00:00:00Z", 422, "refused", ["opened_to"]),
        ("after=inv_0193a5b2c4d87e6fa1b2c3d4e5f60718", 400, "invalid_request", ["after"]),
        ("limit=501", 400, "invalid_request", ["limit"]),
    ],
)
def test_what_cannot_be_asked_for(
    house: House, query: str, status: int, code: str, fields: list[str]
) -> None:
    assert problem(house.get(f"/changes?{query}", status)) == (code, fields)


def test_coupons_are_paged_and_filtered(house: House) -> None:
    for code, more in (
        ("LIST-A", {"percent": "10"}),
        ("LIST-B", {"amount": 500, "currency": "EUR"}),
        ("LIST-C", {"percent": "5", "products": ["zone-pro"]}),
    ):
        body = {"code": code, "name": code, "duration": "once", **more}
        house.post("/coupons", body)
    house.post("/coupons", body | {"percent": "6", "supersede": True}, key=fresh_key())

    def codes(query: str) -> list[str]:
        found, after = [], ""
        while True:
            page = house.get(f"/coupons?limit=3{query}{after}")
            found += [one["id"] for one in page["data"] if one["code"].startswith("LIST-")]
            if page["next"] is None:
                return found
            after = f"&after={page['next']}"

    known = ["LIST-A@1", "LIST-B@1", "LIST-C@1", "LIST-C@2"]
    eventually(lambda: codes("&all=true") == known, "no process knows them")
    assert codes("") == ["LIST-A@1", "LIST-B@1", "LIST-C@2"]
    assert codes("&product=zone-business") == ["LIST-A@1", "LIST-B@1"]
    assert codes("&currency=USD") == ["LIST-A@1", "LIST-C@2"]
    assert codes("&code=list-c&all=true") == ["LIST-C@1", "LIST-C@2"]
    assert problem(house.get("/coupons?product=nothing", 422)) == ("refused", ["product"])
    assert problem(house.get("/coupons?currency=XYZ", 422)) == ("refused", ["currency"])


def test_lists_refuse_what_there_is_not(house: House, account: str) -> None:
    for path, fields in (
        ("/payments?provider=nosuch", ["provider"]),
        ("/payments?currency=XYZ", ["currency"]),
        ("/disputes?provider=nosuch&entity=nobody&currency=XYZ", ["currency", "entity", "provider"]),
        ("/disputes?recorded_from=2026-02-01T00:00:00Z&recorded_to=2026-01-01T00:00:00Z", ["recorded_to"]),
        ("/reconciliations?provider=nosuch", ["provider"]),
    ):
        assert problem(house.get(path, 422)) == ("refused", fields), path
    assert house.get(f"/payments?provider=bank_transfer&account={account}")["data"] == []
    assert (
        house.get(f"/disputes?entity=solvent-us&currency=USD&provider=sandbox&account={account}")["data"]
        == []
    )


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("changes?state=open", "must be one of opening, requires_action, processing, unknown, "),
        ("invoices?state=due", "must be one of open, overdue, paid, resolved, uncollectible"),
        ("disputes?currency=usd", "must match ^[A-Z]{3}$"),
        ("changes?opened_from=2026-01-01", "must be a moment like 2026-01-31T12:00:00Z"),
    ],
)
def test_a_rule_says_what_there_may_be(house: House, path: str, rule: str) -> None:
    (error,) = house.get(f"/{path}", 400)["errors"]
    assert error["rule"].startswith(rule)

"""Meters, recorded usage events and totals over HTTP."""

from __future__ import annotations

import pytest

from tests.web.house import House, Json, problem
from tests.web.test_usage import NOW, event, tell

LATER = "2026-06-10T11:00:00Z"
EARLY = "2026-05-31T23:59:59Z"


@pytest.fixture
def teller(house: House) -> str:
    """An account that was told what it used: requests of two objects, corrected twice or taken out, members."""
    account = house.account(test_clock=NOW)
    tell(
        house,
        event(account, "z", 10, at=EARLY),
        event(account, "b", 20, at=LATER),
        event(account, "b1", 25, at=LATER, corrects="b"),
        event(account, "b2", 7, corrects="b"),
        event(account, "c", 30, object="zone:c.example"),
        event(account, "gone", 99),
        event(account, "gone1", None, corrects="gone"),
        *(event(account, f"u{n}", None, meter="access-users", member=m) for n, m in enumerate("abca")),
    )
    return account


def listed(house: House, query: str) -> list[Json]:
    found: list[Json] = house.get(f"/usage/events?{query}")["data"]
    return found


def test_events_are_read_back_as_they_were_told(house: House, teller: str) -> None:
    found = {one["id"]: one for one in listed(house, f"account={teller}")}
    assert list(found) == ["z", "b", "b1", "b2", "c", "gone", "gone1", "u0", "u1", "u2", "u3"]
    assert (found["b"]["value"], found["b"]["corrected_by"], found["b"]["corrects"]) == (20, "b2", None)
    assert (found["b1"]["corrects"], found["b1"]["corrected_by"]) == ("b", None)
    assert (found["u0"]["member"], found["u0"]["value"], found["u0"]["meter"]) == ("a", None, "access-users")
    assert found["z"]["at"] == EARLY
    assert found["z"]["account_id"] == teller


def test_events_are_found_by_meter_object_and_time_page_by_page(house: House, teller: str) -> None:
    def ids(query: str) -> str:
        return " ".join(one["id"] for one in listed(house, f"account={teller}&{query}"))

    assert ids("meter=access-users") == "u0 u1 u2 u3"
    assert ids("object=zone:c.example") == "c"
    assert ids(f"to={LATER}") == "z"
    assert ids(f"from={LATER}&to={NOW}") == "b b1"
    pages, after = [], ""
    while True:
        page = house.get(f"/usage/events?account={teller}&limit=4{after}")
        pages.append([one["id"] for one in page["data"]])
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert pages == [["z", "b", "b1", "b2"], ["c", "gone", "gone1", "u0"], ["u1", "u2", "u3"]]


def test_totals_say_what_a_period_would_bill(house: House, teller: str) -> None:
    def totals(query: str) -> list[tuple[str, str, int]]:
        found = house.get(f"/usage/totals?account={teller}&{query}")["data"]
        return [(one["meter"], one["object"], one["quantity"]) for one in found]

    users, requests = ("access-users", "account", 3), ("requests", "account", 17)
    zone = ("requests", "zone:c.example", 30)
    assert totals("from=2026-01-01T00:00:00Z") == [users, requests, zone]
    assert totals("from=2026-06-01T00:00:00Z&meter=requests&object=account") == [("requests", "account", 7)]
    assert totals(f"from={EARLY}&to={LATER}") == [("requests", "account", 10)]
    assert totals("from=2026-07-01T00:00:00Z") == []
    first = house.get(f"/usage/totals?account={teller}&from=2026-01-01T00:00:00Z&limit=2")
    assert first["data"][1]["unit"] == "requests"
    assert totals(f"from=2026-01-01T00:00:00Z&after={first['next']}") == [zone]


def test_nothing_of_another_account_is_read(house: House, teller: str, account: str) -> None:
    assert listed(house, f"account={account}") == []
    assert house.get(f"/usage/totals?account={account}&from=2026-01-01T00:00:00Z")["data"] == []
    for path in ("events?", "totals?from=2026-01-01T00:00:00Z&"):
        assert problem(house.get(f"/usage/{path}account=acc_{'0' * 32}", 404)) == ("not_found", [])
        assert problem(house.get(f"/usage/{path}account={teller[4:]}", 400))[1] == ["account"]


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("events?meter=nothing", 422, "meter"),
        ("events?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", 422, "to"),
        ("events?from=2026-02-01", 400, "from"),
        ("events?after=", 400, "after"),
        ("events?after=b1", 400, "after"),
        ("totals?meter=requests", 422, "from"),
        ("totals?from=2026-01-01T00:00:00Z&after=x", 422, "after"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_its_field(
    house: House, account: str, query: str, status: int, field: str
) -> None:
    assert problem(house.get(f"/usage/{query}&account={account}", status))[1] == [field]
    assert problem(house.get("/usage/events?meter=requests", 400)) == ("invalid_request", ["account"])


def test_meters_are_listed_and_read(house: House) -> None:
    found = house.get("/meters")["data"]
    assert {"requests", "access-users"} <= {one["id"] for one in found}
    one = house.get("/meters/requests")
    assert one in found
    assert (one["aggregation"], one["unit"]) == ("sum", "requests")
    assert "requests-usd-month@1" in one["prices"]
    page = house.get("/meters?limit=1")
    assert house.get(f"/meters?after={page['next']}")["data"] == found[1:]
    assert problem(house.get("/meters/nothing", 404)) == ("not_found", [])

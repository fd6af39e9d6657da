"""Test clocks, entitlements with their caching, the event feed, and the notifications' door."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from solvent.providers.sandbox.notifications import SIGNATURE_HEADER, signature
from solvent.store.feed import BadCursor, pack, unpack
from tests.web.house import BANK_KEY, GOOD, House, Json, fresh_key, problem, start


def _clocked(house: House) -> str:
    return house.account(test_clock="2026-01-31T12:00:00Z")


def test_a_test_clock_runs_through_renewals(house: House) -> None:
    account = _clocked(house)
    bought = house.buy(account)
    moved = house.post("/clock", {"account_id": account, "now": "2026-04-01T00:00:00Z"}, 200)
    assert moved == {"account_id": account, "now": "2026-04-01T00:00:00Z", "arrived": True}
    assert house.get(f"/accounts/{account}")["test_clock"] == "2026-04-01T00:00:00Z"
    period = house.get(f"/subscriptions/{bought['subscription_id']}")["period"]
    assert period == {"start": "2026-03-31T12:00:00Z", "end": "2026-04-30T12:00:00Z"}
    assert len(house.get(f"/invoices?account={account}")["data"]) == 3


def test_a_clock_is_moved_once_per_key(house: House) -> None:
    account, key = _clocked(house), fresh_key()
    body = {"account_id": account, "now": "2026-02-01T00:00:00Z"}
    assert house.post("/clock", body, 200, key) == house.post("/clock", body, 200, key)
    house.post("/clock", body | {"now": "2026-02-02T00:00:00Z"}, 409, key)


@pytest.mark.parametrize(
    ("now", "status"),
    [
        ("2026-01-31T11:59:59Z", 422),
        ("2201-01-01T00:00:00Z", 422),
        ("0001-01-01T00:00:00+14:00", 422),
        ("9999-12-31T23:59:59-14:00", 422),
        ("2026-02-01T00:00:00", 400),
        ("soon", 400),
        (None, 400),
    ],
)
def test_a_clock_refuses_the_past_and_nonsense(house: House, now: object, status: int) -> None:
    account = _clocked(house)
    with house.nothing_written():
        said = house.post("/clock", {"account_id": account, "now": now}, status)
    assert problem(said)[1] == ["now"]


def test_an_account_on_real_time_keeps_it(house: House, account: str) -> None:
    with house.nothing_written():
        said = house.post("/clock", {"account_id": account, "now": "2030-01-01T00:00:00Z"}, 422)
    assert problem(said) == ("refused", ["account_id"])
    house.post("/clock", {"account_id": "acc_" + "0" * 32, "now": "2030-01-01T00:00:00Z"}, 404)


def test_entitlements_are_cached_by_their_tag(house: House, account: str) -> None:
    path = f"/accounts/{account}/entitlements"
    empty = house.client.get(path)
    assert house.said(empty, 200) == {
        "account_id": account,
        "entitlements": [],
        "features": [],
        "held": [],
        "unpaid": [],
        "restrictions": [],
        "valid_until": None,
    }
    assert empty.headers["cache-control"] == "private, max-age=30, stale-if-error=86400"
    house.buy(account)
    granted = house.client.get(path, headers={"if-none-match": empty.headers["etag"]})
    assert [g["product_id"] for g in house.said(granted, 200)["entitlements"]] == ["zone-pro"]
    assert granted.json()["valid_until"] == granted.json()["entitlements"][0]["ends_at"]
    again = house.client.get(path, headers={"if-none-match": granted.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == granted.headers["etag"]


def test_entitlements_end_with_what_is_cancelled(house: House) -> None:
    account = _clocked(house)
    bought = house.buy(account)
    change = {"type": "cancel_at_period_end", "subscription_id": bought["subscription_id"]}
    house.open(account, change)
    house.post("/clock", {"account_id": account, "now": "2026-02-28T11:59:59Z"}, 200)
    path = f"/accounts/{account}/entitlements"
    last = house.client.get(path)
    assert [g["product_id"] for g in last.json()["entitlements"]] == ["zone-pro"]
    assert last.headers["cache-control"].startswith("private, max-age=1,")
    house.post("/clock", {"account_id": account, "now": "2026-02-28T12:00:00Z"}, 200)
    assert house.get(path)["entitlements"] == []


def test_events_of_an_account_come_in_order(house: House, account: str) -> None:
    bought = house.buy(account)
    page = house.get(f"/events?account={account}")
    types = [event["type"] for event in page["data"]]
    assert types[0] == "account.created"
    assert {"subscription.started", "invoice.paid", "method.added"} <= set(types)
    started = next(e for e in page["data"] if e["type"] == "subscription.started")
    assert started["data"]["subscription_id"] == bought["subscription_id"]
    assert started["account_id"] == account
    assert page["more"] is False
    later = house.get(f"/events?account={account}&after={page['next']}")
    assert later["data"] == []
    house.open(account, {"type": "cancel_now", "subscription_id": bought["subscription_id"]})
    later = house.get(f"/events?account={account}&after={later['next']}")
    assert "subscription.ended" in [event["type"] for event in later["data"]]


def test_small_pages_give_every_event_once_and_in_order(house: House) -> None:
    accounts = [_clocked(house), house.account(), house.account()]
    for account in accounts:
        house.buy(account)
    seen: list[Json] = []
    cursor = ""
    for _ in range(2_000):
        page = house.get(f"/events?limit=7{cursor}")
        seen += page["data"]
        cursor = f"&after={page['next']}"
        if not page["more"] and not page["data"]:
            break
    ids = [event["id"] for event in seen]
    assert len(ids) == len(set(ids)) == house.rows()["event"]
    for account in accounts:
        own = [event["id"] for event in seen if event["account_id"] == account]
        assert own == sorted(own)
        assert own == [event["id"] for event in house.get(f"/events?account={account}")["data"]]


def test_events_of_one_type(house: House, account: str) -> None:
    house.buy(account)
    page = house.get(f"/events?account={account}&type=invoice.paid")
    assert [event["type"] for event in page["data"]] == ["invoice.paid"]
    everywhere = house.get("/events?type=account.created&limit=500")
    assert {event["type"] for event in everywhere["data"]} == {"account.created"}


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("after=nonsense", 422, "after"),
        ("after=AAAA", 422, "after"),
        ("after=%C3%A9", 422, "after"),
        ("type=X", 400, "type"),
        ("limit=-1", 400, "limit"),
    ],
)
def test_a_bad_feed_query_names_the_field(house: House, query: str, status: int, field: str) -> None:
    assert problem(house.get(f"/events?{query}", status))[1] == [field]


def test_cursors_are_packed_without_loss() -> None:
    places = [n**7 for n in range(256)]
    assert unpack(pack(places)) == places
    for bad in ("", "!", "A" * 10_000, pack(places)[:-4], pack([2**63] * 256)):
        with pytest.raises(BadCursor):
            unpack(bad)


def _notification(change: Json, number: int = 1) -> tuple[dict[str, str], bytes]:
    """A notification as the bank would sign it."""
    now = datetime.now(UTC)
    body = json.dumps(
        {
            "id": f"evt_{change['id']}_{number}",
            "type": "payment.succeeded",
            "object": "pi_" + "0" * 24,
            "key": str(UUID(hex=change["id"][4:])),
            "created": now.isoformat(),
        }
    ).encode()
    at = int(now.timestamp())
    return {SIGNATURE_HEADER: f"t={at},v1={signature(BANK_KEY, at, body)}"}, body


def test_a_notification_is_stored_once_and_needs_no_key(house: House, account: str) -> None:
    opened = house.open(account, start())
    headers, body = _notification(opened)
    before = house.rows()["inbox"]
    client = house.as_key("admin")
    client.headers.pop("authorization")
    for _ in range(3):
        response = client.post("/notifications/sandbox", content=body, headers=headers)
        assert (response.status_code, response.content) == (204, b"")
    assert house.rows()["inbox"] == before + 1


def test_a_notification_before_the_reply_changes_nothing_by_itself(house: House, account: str) -> None:
    """It is a hint: the bank is asked, and says that the customer has not confirmed yet."""
    opened = house.open(account, start())
    headers, body = _notification(opened)
    house.client.post("/notifications/sandbox", content=body, headers=headers)
    house.work(account)
    assert house.get(f"/changes/{opened['id']}")["state"] == "requires_action"
    done = house.confirm(opened, GOOD)
    headers, body = _notification(opened, 2)
    house.client.post("/notifications/sandbox", content=body, headers=headers)
    house.work(account)
    assert house.get(f"/changes/{opened['id']}") == done
    assert len(house.get(f"/invoices?account={account}")["data"]) == 1


def test_a_forged_notification_is_refused(house: House, account: str) -> None:
    headers, body = _notification(house.open(account, start()))
    with house.nothing_written():
        for bad_headers, bad_body in (
            ({}, body),
            (headers, body + b" "),
            (headers | {SIGNATURE_HEADER: "t=1,v1=00"}, body),
        ):
            response = house.client.post("/notifications/sandbox", content=bad_body, headers=bad_headers)
            assert problem(house.said(response, 400))[0] == "notification_refused"
        response = house.client.post("/notifications/nobody", content=body, headers=headers)
        assert problem(house.said(response, 404))[0] == "not_found"


def test_a_stale_malformed_or_oversized_notification_is_refused_with_the_reason(
    house: House, account: str
) -> None:
    _, body = _notification(house.open(account, start()))
    now = int(datetime.now(UTC).timestamp())
    with house.nothing_written():
        for signed_at, content, status, reason in (
            (now - 3600, body, 400, "more than 300 seconds from now"),
            (now, b"{", 400, "not a notification"),
            (now, b" " * 70_000, 400, "65536"),
            (now, b" " * 270_000, 413, "262144"),
        ):
            headers = {SIGNATURE_HEADER: f"t={signed_at},v1={signature(BANK_KEY, signed_at, content)}"}
            response = house.client.post("/notifications/sandbox", content=content, headers=headers)
            assert reason in house.said(response, status)["detail"]

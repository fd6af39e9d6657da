"""Usage over HTTP: batches of events, every refusal of one, and what it comes to."""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import msgspec
import psycopg
import pytest

from tests.patience import PATIENCE_S
from tests.web.house import GOOD, House, Json, fresh_key, problem, walked

NOW = "2026-06-10T12:00:00Z"
END = "2026-07-10T13:00:00Z"  # of the first period, and the hour in which the last events arrive
REQUESTS = "requests-usd-month"


@pytest.fixture
def customer(house: House) -> str:
    """An account on a clock of its own, with requests, storage and users by usage."""
    account = house.account(test_clock=NOW)
    items = [{"price_id": f"{name}-usd-month"} for name in ("requests", "storage", "access")]
    opened = house.open(account, {"type": "start", "items": items})
    assert house.confirm(opened, GOOD)["state"] == "committed"
    return account


def event(account: str, name: str, value: int | None = 1_000_000, **fields: object) -> Json:
    """An event as a product service tells it."""
    said: Json = {"id": name, "account": account, "meter": "requests", "at": NOW, "value": value}
    return {key: told for key, told in (said | fields).items() if told is not None}


def tell(house: House, *events: Json, status: int = 200) -> Json:
    """What the platform says to a batch."""
    answer: Json = house.post("/usage", {"events": list(events)}, status)
    return answer


def test_events_are_counted_once_and_billed(house: House, customer: str) -> None:
    batch = [event(customer, f"e{n}", 10_000_000) for n in range(3)]
    assert tell(house, *batch) == {"accepted": 3, "duplicates": 0}
    users = [event(customer, f"u{n}", None, meter="access-users", member=m) for n, m in enumerate("abca")]
    assert tell(house, *batch, *users) == {"accepted": 4, "duplicates": 3}
    assert tell(house, event(customer, "fix", 5_000_000, corrects="e1")) == {"accepted": 1, "duplicates": 0}
    usage = house.get(f"/accounts/{customer}/usage")
    shown = {p["meter"]: (p["quantity"], p["amount_text"], p["state"]) for p in usage["data"]}
    assert shown == {
        "requests": (25_000_000, "7.50 USD", "open"),
        "storage-mb": (0, "0.00 USD", "open"),
        "access-users": (3, "9.00 USD", "open"),
    }
    assert walked(house, f"/accounts/{customer}/usage", 2) == usage["data"]
    assert house.get(f"/accounts/{customer}/usage?meter=requests&object=account")["data"] == [
        p for p in usage["data"] if p["meter"] == "requests"
    ]
    requests = next(p for p in usage["data"] if p["meter"] == "requests")
    assert house.get(f"/accounts/{customer}/usage?subscription=sub_{'0' * 32}")["data"] == []
    assert requests["explanation"] == "25000000 × 0.0000003 USD = 7.50 USD"
    house.post("/clock", {"account_id": customer, "now": END}, 200)
    invoices = house.get(f"/invoices?account={customer}")["data"]
    assert [(i["total"], i["state"]) for i in invoices] == [(1_650, "paid")]
    lines = house.get(f"/invoices/{invoices[0]['id']}")["lines"]
    assert sorted((line["kind"], line["amount"]) for line in lines) == [("usage", 750), ("usage", 900)]
    after = house.get(f"/accounts/{customer}/usage")["data"]
    assert [p["billed_amount"] for p in after if p["state"] == "billed" and p["meter"] == "requests"] == [750]


def test_what_was_billed_too_high_goes_back_by_credit_note(house: House, customer: str) -> None:
    tell(house, event(customer, "wrong", 400_000_000))
    soon = (datetime.fromisoformat(NOW) + timedelta(hours=1)).isoformat()
    house.post("/clock", {"account_id": customer, "now": soon}, 200)
    tell(house, event(customer, "fix", 100_000_000, corrects="wrong"))
    tell(house, event(customer, "user", None, meter="access-users", member="a"))
    (invoice,) = house.get(f"/invoices?account={customer}")["data"]
    ahead = house.get(f"/accounts/{customer}/upcoming-invoice")
    assert ahead["credit_notes"] == [{"invoice_id": invoice["id"], "amount": 9_000, "to_debt": 0}]
    assert (ahead["plan"]["total"], ahead["plan"]["credit_used"], ahead["plan"]["due"]) == (300, 300, 0)
    house.post("/clock", {"account_id": customer, "now": END}, 200)
    (note,) = house.get(f"/credit-notes?account={customer}")["data"]
    assert (note["amount"], note["to_credit"], note["reason"], note["issued_by"]) == (
        9_000,
        9_000,
        "less was used",
        "solvent",
    )
    (line,) = house.get(f"/credit-notes/{note['id']}")["lines"]
    assert line["explanation"].startswith("requests: 100000000 × 0.0000003 USD = 30.00 USD, used from")
    assert line["explanation"].endswith("less 120.00 billed before = -90.00 USD")
    figures = [
        (i["total"], i["credited"], i["debt"]) for i in house.get(f"/invoices?account={customer}")["data"]
    ]
    assert sorted(figures) == [(300, 0, 0), (12_000, 9_000, 0)]
    by_hand = {"invoice_id": invoice["id"], "amount": 100, "reason": "x", "issued_by": "carol@example.com"}
    other = house.post("/credit-notes", by_hand, 201)
    assert [part["explanation"] for part in other["lines"]] == [None]


AHEAD = (datetime.fromisoformat(NOW) + timedelta(minutes=6)).isoformat()
LONG_AGO = (datetime.fromisoformat(NOW) - timedelta(days=91)).isoformat()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"account": "acc_" + "0" * 32}, "account"),
        ({"meter": "unknown"}, "meter"),
        ({"value": None}, "value"),
        ({"value": -1}, "value"),
        ({"value": 10**12 + 1}, "value"),
        ({"member": "x"}, "member"),
        ({"meter": "access-users"}, "member"),
        ({"at": AHEAD}, "at"),
        ({"at": LONG_AGO}, "at"),
        ({"corrects": "e"}, "corrects"),
    ],
)
def test_an_event_that_breaks_a_rule_refuses_the_batch(
    house: House, customer: str, fields: Json, field: str
) -> None:
    with house.nothing_written():
        wrong = {key: told for key, told in (event(customer, "e") | fields).items() if told is not None}
        told = tell(house, event(customer, "fine"), wrong, status=422)
    assert problem(told) == ("refused", [f"events[1].{field}"])


def test_every_event_that_breaks_a_rule_is_told_up_to_a_bound(house: House, customer: str) -> None:
    wrong = [event(customer, f"w{n}", -1) for n in range(60)]
    code, fields = problem(tell(house, *wrong, status=422))
    assert (code, fields) == ("refused", [f"events[{n}].value" for n in range(50)])


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"account": "acc_1"}, "events[0].account"),
        ({"id": ""}, "events[0].id"),
        ({"id": "x" * 101}, "events[0].id"),
        ({"value": "3"}, "events[0].value"),
        ({"value": 1.5}, "events[0].value"),
        ({"at": "2026-06-10T12:00:00"}, "events[0].at"),
        ({"object": ""}, "events[0].object"),
        ({"surprise": 1}, "events[0].surprise"),
    ],
)
def test_an_event_of_another_shape_is_invalid(house: House, customer: str, fields: Json, field: str) -> None:
    told = tell(house, event(customer, "e") | fields, status=400)
    assert problem(told) == ("invalid_request", [field])


def test_the_size_of_a_batch_is_bounded(house: House, customer: str) -> None:
    assert problem(tell(house, status=400)) == ("invalid_request", ["events"])
    many = [event(customer, str(n)) for n in range(10_001)]
    assert problem(tell(house, *many, status=400)) == ("invalid_request", ["events"])
    assert tell(house, *many[:10_000]) == {"accepted": 10_000, "duplicates": 0}
    huge = {"events": [event(customer, "e") | {"member": "x" * 9_000_000}]}
    assert problem(house.post("/usage", huge, 413))[0] == "payload_too_large"


def test_who_may_tell_and_read(house: House, customer: str) -> None:
    body = {"events": [event(customer, "e")]}
    reader = house.as_key("read")
    headers = {"idempotency-key": fresh_key()}
    assert reader.post("/usage", json=body, headers=headers).status_code == 403
    assert house.as_key("write").post("/usage", json=body).status_code == 400  # without a key
    assert reader.get(f"/accounts/{customer}/usage").status_code == 200
    assert problem(house.get(f"/accounts/acc_{'0' * 32}/usage", 404))[0] == "not_found"


def test_an_account_without_usage_has_none(house: House, account: str) -> None:
    usage = house.get(f"/accounts/{account}/usage")
    assert (usage["data"], usage["currency"]) == ([], "USD")
    assert datetime.fromisoformat(usage["as_of"]) <= datetime.now(UTC)


def test_prices_show_their_meter(house: House) -> None:
    prices = {p["id"]: p for p in house.get("/prices?product=requests")["data"]}
    shown = prices["requests-usd-month@1"]
    assert shown["meter"]["aggregation"] == "sum"
    assert (shown["unit_amount"], shown["scale"], shown["unit_amount_text"]) == (3, 5, "0.0000003 USD")
    assert shown["threshold"] == 10_000


def test_a_slow_upload_is_told_when_it_is_stored(house: House, customer: str) -> None:
    """The mark by which usage is looked at must be of that moment: those of earlier minutes may have been taken."""
    body = msgspec.json.encode({"events": [event(customer, "slow")]})
    address = urlsplit(house.url)
    head = (
        f"POST /v1/usage HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {house.keys['write']}\r\n"
        f"Idempotency-Key: {fresh_key()}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    with socket.create_connection(
        (str(address.hostname), int(address.port or 80)), timeout=PATIENCE_S
    ) as line:
        line.sendall(head.encode() + body[:20])
        time.sleep(0.3)  # the server has begun to read; had it not, the test would still hold
        late = datetime.now(UTC)
        line.sendall(body[20:])
        answer = line.recv(4096)
    assert answer.startswith(b"HTTP/1.1 200")
    with psycopg.connect(house.database_url) as connection:
        ((stored,),) = connection.execute("select received_at from usage_event where id = 'slow'").fetchall()
    assert stored >= late

"""Account credit over HTTP: given once, read by balance and grant, promised, used, voided; and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.web.house import GOOD, House, Json, fresh_key, problem, start

GIFT = {
    "kind": "goodwill",
    "amount": 500,
    "reason": "The outage of 3 March",
    "granted_by": "carol@example.com",
}
WHO = {"reason": "Given twice", "by": "carol@example.com"}
NOBODY = "acc_" + "0" * 32


def give(house: House, account: str, **terms: object) -> Json:
    """Credit that is given."""
    given: Json = house.post(f"/accounts/{account}/credit", GIFT | terms)
    return given


def balances(house: House, account: str) -> list[tuple[str, int, int]]:
    """Kind, what is left, and what of it is promised."""
    found = house.get(f"/accounts/{account}/credit")["balances"]
    return [(x["kind"], x["amount"], x["promised"]) for x in found]


def test_credit_is_given_once_however_often_it_is_asked_for(house: House, account: str) -> None:
    key, path = fresh_key(), f"/accounts/{account}/credit"
    expires = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    body = GIFT | {"priority": 10, "excludes": ["zone-pro"], "expires_at": expires}
    given = house.post(path, body, 201, key)
    assert (given["kind"], given["amount"], given["remaining"], given["priority"]) == (
        "goodwill",
        500,
        500,
        10,
    )
    assert (given["amount_text"], given["excludes"], given["granted_by"]) == (
        "5.00 USD", ["zone-pro"], "carol@example.com"
    )  # fmt: skip
    assert house.post(path, body, 200, key) == given
    assert house.post(path, GIFT, 409, key)["type"] == "urn:solvent:problem:idempotency_key_reused"
    assert house.get(f"{path}/{given['id']}") == given
    said = house.get(path)
    assert said["data"] == [given]
    assert said["balances"] == [
        {
            "currency": "USD",
            "kind": "goodwill",
            "amount": 500,
            "amount_text": "5.00 USD",
            "promised": 0,
            "expires_first": given["expires_at"],
        }
    ]


def test_credit_is_promised_used_and_told_wherever_it_is_shown(house: House, account: str) -> None:
    given = give(house, account)
    opened = house.open(account, start())
    grant = house.get(f"/accounts/{account}/credit/{given['id']}")
    assert grant["promised"] == [{"change_id": opened["id"], "amount": 500}]
    assert balances(house, account) == [("goodwill", 500, 500)]
    credit = house.get(f"/accounts/{account}/state")["credit"]
    assert credit["balances"] == house.get(f"/accounts/{account}/credit")["balances"]
    assert (credit["amount"], credit["currency"], credit["amount_text"]) == (500, "USD", "5.00 USD")
    done = house.confirm(opened)
    assert balances(house, account) == []
    (use,) = house.get(f"/accounts/{account}/credit/uses")["data"]
    assert (use["kind"], use["grant_id"], use["grant_kind"], use["amount"], use["line"]) == (
        "invoice", given["id"], "goodwill", 500, 1
    )  # fmt: skip
    assert use["invoice_id"] == done["invoice_id"]


@pytest.mark.parametrize(
    ("currency", "country", "given", "text", "used", "due"),
    [
        ("JPY", "JP", 1_001, "1001 JPY", [1_001, 1_999], 0),
        ("KWD", "KW", 1_001, "1.001 KWD", [1_001, 2_000], 3_199),
    ],
)
def test_credit_in_yen_and_dinar(
    house: House, currency: str, country: str, given: int, text: str, used: list[int], due: int
) -> None:
    """Given and bought, promised, used and given back, in minor units: 3,000 yen a month, or 6.200 dinar."""
    account = house.account(currency=currency, country=country)
    gift = give(house, account, amount=given)
    assert (gift["amount"], gift["amount_text"], gift["currency"]) == (given, text, currency)
    house.confirm(house.open(account, {"type": "top_up", "amount": 2_000}))
    opened = house.open(account, start(f"zone-pro-{currency.lower()}-month"))
    assert (opened["plan"]["credit_used"], opened["plan"]["due"]) == (sum(used), due)
    done = house.confirm(opened, method=None if due == 0 else GOOD) if due else opened
    uses = house.get(f"/accounts/{account}/credit/uses?invoice={done['invoice_id']}")["data"]
    assert [(use["amount"], use["currency"]) for use in uses] == [(amount, currency) for amount in used]
    body = {"invoice_id": done["invoice_id"], "paid_part": "credit", "reason": "r", "issued_by": "carol"}
    house.post("/credit-notes", body)
    back = house.get(f"/accounts/{account}/credit")["data"]
    assert (gift["id"], given, text) in [(x["returns"], x["amount"], x["remaining_text"]) for x in back]
    assert {(x["held"], x["currency"]) for x in back} == {(0, currency)}


def test_grants_and_uses_are_paged_and_narrowed(house: House, account: str) -> None:
    first = give(house, account)
    second = give(house, account, kind="sponsored", amount=700)
    path = f"/accounts/{account}/credit"
    assert [x["id"] for x in house.get(path)["data"]] == [first["id"], second["id"]]
    page = house.get(f"{path}?limit=1")
    assert (page["next"], [x["id"] for x in page["data"]]) == (first["id"], [first["id"]])
    assert [x["id"] for x in house.get(f"{path}?after={page['next']}")["data"]] == [second["id"]]
    assert [x["id"] for x in house.get(f"{path}?kind=sponsored")["data"]] == [second["id"]]
    voided = house.post(f"{path}/{first['id']}/void", WHO, 200)
    assert (voided["amount"], voided["remaining"], voided["remaining_text"]) == (500, 0, "0.00 USD")
    assert [x["id"] for x in house.get(path)["data"]] == [second["id"]]
    assert [x["id"] for x in house.get(f"{path}?all=true")["data"]] == [first["id"], second["id"]]
    done = house.buy(account)
    uses = house.get(f"{path}/uses")["data"]
    assert [(x["kind"], x["amount"]) for x in uses] == [("voided", 500), ("invoice", 700)]
    page = house.get(f"{path}/uses?limit=1")
    assert house.get(f"{path}/uses?limit=1&after={page['next']}") == {"data": [uses[1]], "next": None}
    narrowed = {
        f"kind=voided&grant={first['id']}": [uses[0]],
        f"grant={second['id']}": [uses[1]],
        f"invoice={done['invoice_id']}": [uses[1]],
        "from=2100-01-01T00:00:00Z": [],
        "to=2100-01-01T00:00:00Z": uses,
        "kind=expired": [],
    }
    assert {query: house.get(f"{path}/uses?{query}")["data"] for query in narrowed} == narrowed


def test_a_void_is_done_once_and_the_customers_money_is_not_voided(house: House, account: str) -> None:
    given = give(house, account)
    path, key = f"/accounts/{account}/credit/{given['id']}/void", fresh_key()
    voided = house.post(path, WHO, 200, key)
    assert house.post(path, WHO, 200, key) == voided
    assert problem(house.post(path, WHO, 422)) == ("refused", ["grant_id"])
    house.confirm(house.open(account, {"type": "top_up", "amount": 1_000}))
    (bought,) = house.get(f"/accounts/{account}/credit")["data"]
    assert (bought["kind"], bought["granted_by"], bought["invoice_id"] is None) == ("prepaid", None, False)
    refused = house.post(f"/accounts/{account}/credit/{bought['id']}/void", WHO, 422)
    assert refused["errors"][0]["rule"].endswith("the customer's own money")
    assert balances(house, account) == [("prepaid", 1_000, 0)]


@pytest.mark.parametrize(
    ("terms", "status", "field"),
    [
        ({"kind": "prepaid"}, 400, "kind"),
        ({"amount": 0}, 400, "amount"),
        ({"amount": 10**14 + 1}, 400, "amount"),
        ({"amount": "5"}, 400, "amount"),
        ({"reason": ""}, 400, "reason"),
        ({"granted_by": None}, 400, "granted_by"),
        ({"priority": 101}, 400, "priority"),
        ({"expires_at": "tomorrow"}, 400, "expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, 422, "expires_at"),
        ({"expires_at": "2199-01-01T00:00:00Z"}, 422, "expires_at"),
        ({"excludes": ["zone-pro", "zone-po"]}, 422, "excludes[1]"),
        ({"excludes": ["zone-pro", "zone-pro"]}, 422, "excludes[1]"),
        ({"currency": "USD"}, 400, "currency"),
    ],
    ids=str,
)
def test_what_cannot_be_given_is_told_by_field_and_rule(
    house: House, account: str, terms: Json, status: int, field: str
) -> None:
    said = house.post(f"/accounts/{account}/credit", GIFT | terms, status)
    assert problem(said)[1] == [field]
    assert said["errors"][0]["rule"]
    assert house.get(f"/accounts/{account}/credit?all=true") == {"balances": [], "data": [], "next": None}


def test_whose_credit_it_is_and_who_may_give_it(house: House, account: str) -> None:
    given = give(house, account)
    other = house.account()
    for path in (f"/accounts/{NOBODY}/credit", f"/accounts/{NOBODY}/credit/uses"):
        assert problem(house.get(path, 404))[0] == "not_found"
    assert problem(house.get(f"/accounts/{other}/credit/{given['id']}", 404))[0] == "not_found"
    house.post(f"/accounts/{other}/credit/{given['id']}/void", WHO, 404)
    house.post(f"/accounts/{NOBODY}/credit", GIFT, 404)
    assert problem(house.get(f"/accounts/{account}/credit/inv_{'0' * 32}", 400))[1] == ["grant_id"]
    assert problem(house.get(f"/accounts/{account}/credit?kind=gift", 400))[1] == ["kind"]
    assert problem(house.get(f"/accounts/{account}/credit/uses?after=cru_1", 400))[1] == ["after"]
    reader = house.as_key("read")
    headers = {"idempotency-key": fresh_key()}
    for path, body in (
        (f"/accounts/{account}/credit", GIFT),
        (f"/accounts/{account}/credit/{given['id']}/void", WHO),
    ):
        assert reader.post(path, json=body, headers=headers).status_code == 403
    keyless = house.client.post(f"/accounts/{account}/credit", json=GIFT)
    assert problem(house.said(keyless, 400))[0] == "idempotency_key_missing"
    assert balances(house, account) == [("goodwill", 500, 0)]

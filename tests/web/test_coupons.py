"""Coupons over HTTP: what is on offer, quotes and changes that redeem codes, and every refusal of one."""

from __future__ import annotations

import httpx
import pytest

from tests.patience import eventually
from tests.web.house import GOOD, House, Json, fresh_key, problem, walked

NOW = "2026-06-10T12:00:00Z"
NEXT = "2026-07-10T13:00:00Z"


@pytest.fixture
def customer(house: House) -> str:
    """An account on a clock of its own."""
    return house.account(test_clock=NOW)


def start(*coupons: object, price: str = "zone-pro-usd-month", thing: str = "zone:a.example") -> Json:
    return {"type": "start", "items": [{"price_id": price, "object": thing}], "coupons": list(coupons)}


def bought(house: House, account: str, *coupons: str) -> Json:
    done = house.confirm(house.open(account, start(*coupons)), GOOD)
    assert done["state"] == "committed"
    return done


def refused(house: House, account: str, change: Json, status: int = 422) -> tuple[list[str], str]:
    """The fields and the rule, alike for a quote and for a change."""
    body = {"account_id": account, "change": change}
    first = house.post("/quotes", body, status)
    second = house.post("/changes", body, status, key=fresh_key())
    assert problem(first)[1] == problem(second)[1]
    return problem(second)[1], second["errors"][0]["rule"]


def test_coupons_on_offer_are_listed_and_read_by_their_code(house: House) -> None:
    listed = {c["code"]: c for c in house.get("/coupons")["data"]}
    assert {"WELCOME20", "PARTNER", "TEN-USD", "YEN", "KUWAIT", "SPONSORED"} <= set(listed)
    assert len(house.get("/coupons?all=true")["data"]) >= len(listed)
    read = house.get("/coupons/partner")
    assert read == listed["PARTNER"]
    assert (read["percent"], read["amount"], read["duration"]) == ("12.5", None, "forever")
    assert (listed["KUWAIT"]["amount"], listed["KUWAIT"]["currency"]) == (1250, "KWD")
    assert house.get("/coupons/NOPE", 404)["type"] == "urn:solvent:problem:not_found"


def test_a_quote_with_coupons_is_what_is_invoiced(house: House, customer: str) -> None:
    change = start("welcome20", "TEN-USD")
    quoted = house.post("/quotes", {"account_id": customer, "change": change}, 200)
    assert (quoted["total"], [line["amount"] for line in quoted["lines"]]) == (600, [2000, -400, -1000])
    done = bought(house, customer, "welcome20", "TEN-USD")
    lines = house.get(f"/invoices/{done['invoice_id']}")["lines"]
    assert [x | {"item_id": None} for x in lines] == [x | {"item_id": None} for x in quoted["lines"]]
    assert [x["coupon_id"] for x in lines] == [None, "WELCOME20@1", "TEN-USD@1"]
    assert lines[1]["kind"] == "discount"
    assert lines[1]["explanation"].endswith("20 % of 20.00 USD = 4.00 USD, rounded half-up")
    house.post("/clock", {"account_id": customer, "now": NEXT}, 200)
    totals = [i["total"] for i in house.get(f"/invoices?account={customer}")["data"]]
    assert totals == [600, 1600]


def test_redemptions_are_read_by_account_and_subscription(house: House, customer: str) -> None:
    done = bought(house, customer, "WELCOME20", "TEN-USD")
    subscription = done["subscription_id"]
    shown = house.get(f"/subscriptions/{subscription}")["coupons"]
    assert [(x["coupon_id"], x["periods_used"], x["removed"]) for x in shown] == [
        ("WELCOME20@1", 1, False), ("TEN-USD@1", 1, False)
    ]  # fmt: skip
    setup = {"type": "purchase", "items": [{"price_id": "onboarding-usd"}], "coupons": ["TEN-USD"]}
    house.confirm(house.open(customer, setup), GOOD)
    path = f"/coupon-redemptions?account={customer}"
    every = house.get(path)["data"]
    assert {(r["code"], r["subscription_id"] == subscription, r["ended_at"] is None) for r in every} == {
        ("WELCOME20", True, True), ("TEN-USD", True, True), ("TEN-USD", False, False)
    }  # fmt: skip
    mine = [r for r in every if r["subscription_id"] == subscription]
    assert {r["id"] for r in mine} == {x["redemption_id"] for x in shown}
    assert house.get(f"{path}&subscription={subscription}")["data"] == mine
    first = house.get(f"{path}&limit=1")
    assert house.get(f"{path}&limit=2&after={first['next']}") == {"data": every[1:], "next": None}
    assert problem(house.get("/coupon-redemptions?account=acc_1", 400))[1] == ["account"]
    assert house.get(f"/coupon-redemptions?subscription={subscription}")["data"] == mine
    assert house.get(f"{path}&ended=true")["data"] == [r for r in every if r["ended_at"] is not None]


def test_redemptions_of_a_code_are_read_of_all_accounts(house: House, customer: str) -> None:
    other = house.account()
    bought(house, customer, "WELCOME20")
    bought(house, other, "WELCOME20")
    found = walked(house, "/coupon-redemptions?code=welcome20&ended=false", 1)
    assert {customer, other} <= {r["account_id"] for r in found}
    assert {r["code"] for r in found} == {"WELCOME20"}
    assert [r["id"] for r in found] == sorted(r["id"] for r in found)
    assert house.get("/coupon-redemptions?code=NOBODYS") == {"data": [], "next": None}
    every = walked(house, "/coupon-redemptions", 500)
    assert [r for r in every if r["code"] == "WELCOME20" and r["ended_at"] is None] == found


def test_coupons_are_redeemed_and_removed_by_changes_of_their_own(house: House, customer: str) -> None:
    subscription = bought(house, customer)["subscription_id"]
    redeem = {"type": "redeem_coupons", "subscription_id": subscription, "coupons": ["PARTNER"]}
    opened = house.open(customer, redeem)
    assert (opened["state"], opened["plan"]["after"]["coupons"][0]["periods_used"]) == ("committed", 0)
    remove = {"type": "remove_coupon", "subscription_id": subscription, "coupon": "partner"}
    assert house.open(customer, remove)["state"] == "committed"
    assert house.get(f"/subscriptions/{subscription}")["coupons"] == []
    assert refused(house, customer, remove)[0] == ["change.coupon"]


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        (start("NOPE"), "coupons[0]", "must be the code of a coupon that is on offer"),
        (start("PARTNER", "YEN"), "coupons[1]", "must be in USD, the currency of the account, got JPY"),
        (start("PARTNER", "partner"), "coupons[1]", "must not be redeemed twice at once"),
        (start("PARTNER", "SPONSORED"), "coupons[1]", "cannot be combined with PARTNER"),
        (
            start("WELCOME20", price="platform-usd-month", thing="account"),
            "coupons[0]",
            "must be for a product that the subscription has, paid in advance",
        ),
    ],
)
def test_a_code_that_cannot_be_redeemed_is_told_by_place_and_rule(
    house: House, customer: str, change: Json, field: str, rule: str
) -> None:
    assert refused(house, customer, change) == ([f"change.{field}"], rule)
    assert house.get(f"/coupon-redemptions?account={customer}")["data"] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (start("no spaces"), "change.coupons[0]"),
        (start(7), "change.coupons[0]"),
        (start(*["A"] * 11), "change.coupons"),
        (start() | {"coupons": "A"}, "change.coupons"),
        ({"type": "add_method", "coupons": ["A"]}, "change.coupons"),
        ({"type": "redeem_coupons", "subscription_id": "sub_" + "0" * 32, "coupons": []}, "change.coupons"),
        ({"type": "remove_coupon", "subscription_id": "sub_" + "0" * 32}, "change.coupon"),
    ],
)
def test_what_is_malformed_is_told_by_its_field(
    house: House, customer: str, change: Json, field: str
) -> None:
    fields, _ = refused(house, customer, change, 400)
    assert fields == [field] or fields == [field.rpartition(".")[0]]


def test_what_an_account_has_redeemed_often_enough_is_refused(house: House, customer: str) -> None:
    bought(house, customer, "WELCOME20")
    again = start("WELCOME20", thing="zone:b.example")
    assert refused(house, customer, again) == (
        ["change.coupons[0]"],
        "must not be redeemed more than once by one account",
    )


COUPON = {"code": "http25", "name": "Over HTTP", "percent": "25", "duration": "once"}


def soon(house: House, code: str, status: int) -> Json:
    """What is said of a code when every process has read the catalog again."""

    def answer() -> httpx.Response | None:
        said = house.client.get(f"/coupons/{code}")
        return said if said.status_code == status else None

    said: Json = house.said(eventually(answer, f"{code} is not told of with {status}"), status)
    return said


def test_a_coupon_is_put_on_offer_redeemed_superseded_and_taken_off(house: House, customer: str) -> None:
    made = house.post("/coupons", COUPON)
    assert (made["id"], made["percent"], made["active"]) == ("HTTP25@1", "25", True)
    assert house.post("/coupons", COUPON)["id"] == "HTTP25@1", "the same again changes nothing"
    assert soon(house, "HTTP25", 200) == made
    bought(house, customer, "HTTP25")
    other = COUPON | {"percent": "30"}
    assert problem(house.post("/coupons", other, 422)) == ("refused", ["code"])
    assert house.post("/coupons", other | {"supersede": True})["id"] == "HTTP25@2"
    off = house.post("/coupons/http25/archive", None, 200)
    assert (off["id"], off["active"]) == ("HTTP25@2", False)
    assert problem(soon(house, "HTTP25", 404))[0] == "not_found"
    redeemed = house.get(f"/coupon-redemptions?account={customer}")["data"]
    assert [one["coupon_id"] for one in redeemed] == ["HTTP25@1"], "who redeemed it keeps what was redeemed"


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("code", {"code": "no spaces"}),
        ("percent", {"percent": "101"}),
        ("percent", {"percent": "ten"}),
        ("currency", {"percent": None, "amount": 500}),
        ("periods", {"duration": "repeating"}),
        ("name", {"name": "\u2066Ten"}),
        ("products", {"products": ["no-such-product"]}),
        ("valid_until", {"valid_from": NEXT, "valid_until": NOW}),
    ],
)
def test_a_coupon_that_breaks_a_rule_is_refused_by_its_field(house: House, field: str, wrong: Json) -> None:
    body = {**COUPON, "code": "WRONG", **wrong}
    code, fields = problem(house.post("/coupons", body, 422))
    assert code == "refused"
    assert fields[0].startswith(field)
    assert problem(house.get("/coupons/WRONG", 404))[0] == "not_found"


def test_a_coupon_is_for_once_unless_said_otherwise(house: House) -> None:
    """As in a file and on the command line."""
    made = house.post("/coupons", {"code": "PLAINLY", "name": "Plainly", "percent": "5"})
    assert (made["duration"], made["periods"]) == ("once", None)


def test_only_an_administrator_puts_coupons_on_offer(house: House) -> None:
    answer = house.as_key("write").post("/coupons", json=COUPON, headers={"idempotency-key": fresh_key()})
    assert answer.status_code == 403
    assert problem(house.post("/coupons/NOSUCH/archive", None, 404))[0] == "not_found"

"""Transfers over HTTP: what the customer is told, what the merchant records, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.web.house import ANWEISUNG, INSTRUCTIONS, House, Json, problem, start
from tests.web.portal_visitor import PortalVisitor


def _waiting(house: House) -> Json:
    opened: Json = house.open(house.account(), start(), provider="manual")
    return opened


def _receipt(amount: int = 2_000, reference: str = "TR-1", days: int = 0) -> Json:
    at = datetime.now(UTC) + timedelta(days=days)
    return {"reference": reference, "amount": amount, "received_at": at.isoformat()}


def test_the_customer_is_told_how_to_pay_and_has_it_once_the_money_is_recorded(house: House) -> None:
    change = _waiting(house)
    assert (change["state"], change["provider"]) == ("processing", "manual")
    assert (change["next_action"]["kind"], change["next_action"]["instructions"]) == ("none", INSTRUCTIONS)
    path = f"/changes/{change['id']}/payments"
    paid = house.post(path, _receipt(change["amount_due"]), 200)
    assert (paid["state"], paid["next_action"]) == ("committed", None)
    assert house.post(path, _receipt(change["amount_due"]), 200) == paid
    invoice = house.get(f"/invoices/{paid['invoice_id']}")
    assert (invoice["state"], invoice["debt"]) == ("paid", 0)


def test_the_portal_tells_where_to_in_the_readers_language_and_the_api_in_english(house: House) -> None:
    account = house.account(language="de")
    change = house.open(account, start(), provider="manual")
    assert change["next_action"]["instructions"] == INSTRUCTIONS
    path = f"/portal/changes/{change['id']}"
    told = {one: PortalVisitor(house, account, locale=one).look(path) for one in ("de", "en")}
    assert [(ANWEISUNG in page, INSTRUCTIONS in page) for page in told.values()] == [
        (True, False),
        (False, True),
    ]
    assert ANWEISUNG in PortalVisitor(house, account).look(path), "the account's own language"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (_receipt(0), ["amount"]),
        (_receipt(reference=""), ["reference"]),
        (_receipt() | {"received_at": "soon"}, ["received_at"]),
        (_receipt() | {"method": "cheque"}, ["method"]),
    ],
)
def test_a_body_that_breaks_a_rule_is_refused_by_name(house: House, body: Json, fields: list[str]) -> None:
    change = _waiting(house)
    with house.nothing_written():
        said = house.post(f"/changes/{change['id']}/payments", body, 400)
    assert problem(said)[1] == fields


def test_what_cannot_be_recorded_says_why(house: House) -> None:
    by_card = house.open(house.account(), start())
    refused = house.post(f"/changes/{by_card['id']}/payments", _receipt(), 422)
    assert problem(refused) == ("refused", ["change_id"])
    waiting = _waiting(house)
    future = house.post(f"/changes/{waiting['id']}/payments", _receipt(days=2), 422)
    assert problem(future) == ("refused", ["received_at"])
    nowhere = house.post(f"/changes/att_{'0' * 32}/payments", _receipt(), 404)
    assert problem(nowhere)[0] == "not_found"

"""Lists of invoices, credit notes, refunds and payments: filters, and pages over all accounts, over HTTP."""

from __future__ import annotations

import pytest

from tests.web.house import House, Json, problem
from tests.web.test_money import WHO, _owed, _paid, _receipt

EUROPE = {"currency": "JPY", "country": "JP"}


def _ids(house: House, path: str, query: str) -> list[str]:
    return [one["id"] for one in house.get(f"/{path}?{query}&limit=500")["data"]]


def _moment(told: str) -> str:
    return told.replace("+", "%2B")


def _walked(house: House, path: str, query: str, limit: int) -> list[Json]:
    """All pages, one after the other."""
    found: list[Json] = []
    after = ""
    while True:
        page = house.get(f"/{path}?{query}&limit={limit}{after}")
        assert len(page["data"]) <= limit
        found += page["data"]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


def test_invoices_are_found_by_every_word_of_their_state(house: House) -> None:
    _, open_one = _owed(house)
    since = _moment(house.get(f"/invoices/{open_one}")["issued_at"])
    _, gone = _owed(house)
    house.post(f"/invoices/{gone}/give-up", {"reason": "Dissolved", "by": "carol"}, 200)
    _, credited = _owed(house)
    house.post("/credit-notes", {"invoice_id": credited, **WHO})
    _, paid, _ = _paid(house)
    later = house.account(terms_days=30)
    lines = [{"description": "Advice", "amount": 700}]
    due_later = house.post("/invoices", {"account_id": later, "lines": lines})["invoice_id"]
    expected = {
        "open": {open_one, due_later},
        "overdue": {open_one},
        "uncollectible": {gone},
        "resolved": {credited},
        "paid": {paid},
    }
    mine = {open_one, gone, credited, paid, due_later}
    for state, wanted in expected.items():
        found = _walked(house, "invoices", f"state={state}&issued_from={since}", 2)
        assert {one["id"] for one in found} & mine == wanted, state
        assert {one["state"] for one in found} <= {"open" if state == "overdue" else state}
        assert [one["issued_at"] for one in found] == sorted(one["issued_at"] for one in found)
    assert problem(house.get("/invoices?state=void", 400)) == ("invalid_request", ["state"])


def test_invoices_are_found_by_number_currency_entity_and_date(house: House) -> None:
    account, invoice = _owed(house)
    shown = house.get(f"/invoices/{invoice}")
    assert _ids(house, "invoices", f"number={shown['number']}") == [invoice]
    assert _ids(house, "invoices", f"number={shown['number']}&account={house.account()}") == []
    assert _ids(house, "invoices", "number=SUS-7F-999999") == []
    tokyo = house.account(**EUROPE)
    lines = [{"description": "Advice", "amount": 700}]
    yen = house.post("/invoices", {"account_id": tokyo, "lines": lines})["invoice_id"]
    assert yen in _ids(house, "invoices", "currency=JPY")
    assert invoice not in _ids(house, "invoices", "currency=JPY&entity=solvent-us")
    assert _ids(house, "invoices", f"currency=USD&account={tokyo}") == []
    assert invoice in _ids(house, "invoices", f"entity={house.get(f'/accounts/{account}')['entity']}")
    assert invoice not in _ids(house, "invoices", "entity=solvent-eu")
    at = _moment(shown["issued_at"])
    for field in ("issued", "due"):
        assert invoice in _ids(house, "invoices", f"{field}_from={at}")
        assert invoice not in _ids(house, "invoices", f"{field}_to={at}")
        assert _ids(house, "invoices", f"{field}_from=2030-01-01T00:00:00Z") == []
    on_terms = house.account(terms_days=30)
    later = house.post("/invoices", {"account_id": on_terms, "lines": lines})["invoice_id"]
    assert later in _ids(house, "invoices", f"due_from=0001-01-01T00:00:00Z&issued_from={at}")
    due = _moment(house.get(f"/invoices/{later}")["due_at"])
    assert later in _ids(house, "invoices", f"due_from={due}&issued_from={at}")
    assert later not in _ids(house, "invoices", f"due_to={due}")


def test_credit_notes_refunds_and_payments_of_everybody(house: House) -> None:
    account, invoice, payment = _paid(house)
    refund = house.post("/refunds", {"payment_id": payment, "amount": 500, **WHO})
    note = house.get(f"/credit-notes/{refund['credit_note_id']}")
    assert _ids(house, "credit-notes", f"number={note['number']}") == [note["id"]]
    at = _moment(note["issued_at"])
    since = f"entity=solvent-us&issued_from={at}"
    assert note["id"] in [one["id"] for one in _walked(house, "credit-notes", since, 2)]
    assert _ids(house, "credit-notes", f"invoice={invoice}&currency=EUR") == []
    assert note["id"] in _ids(house, "credit-notes", f"issued_from={at}")
    assert refund["id"] in [
        one["id"] for one in _walked(house, "refunds", f"currency=USD&recorded_from={at}", 2)
    ]
    assert refund["id"] in _ids(house, "refunds", f"state=due&recorded_from={at}&entity=solvent-us")
    house.work(account)
    assert refund["id"] not in _ids(house, "refunds", "state=due")
    assert _ids(house, "refunds", f"payment={payment}&state=succeeded") == [refund["id"]]
    shown = house.get(f"/payments/{payment}")
    assert (shown["amount"], shown["refunded"], shown["invoice_id"], shown["provider"]) == (
        2_000,
        500,
        invoice,
        "sandbox",
    )
    since = f"provider=sandbox&disposition=applied&received_from={_moment(shown['received_at'])}"
    assert shown in _walked(house, "payments", since, 2)
    assert _ids(house, "payments", f"invoice={invoice}") == [payment]
    assert _ids(house, "payments", f"account={account}&received_to=2026-01-01T00:00:00Z") == []
    assert problem(house.get(f"/payments/pay_{'0' * 32}", 404))[0] == "not_found"


def test_a_payment_by_hand_is_listed_with_its_reference(house: House) -> None:
    account, invoice = _owed(house)
    received = house.post(f"/invoices/{invoice}/payments", _receipt(4_000, f"TR-{account}"))["id"]
    (one,) = house.get(f"/payments?account={account}&provider=bank_transfer")["data"]
    assert (one["id"], one["ref"], one["change_id"], one["refunded"]) == (received, f"TR-{account}", None, 0)
    assert one["received_at"] == "2026-01-02T00:00:00Z"


@pytest.mark.parametrize("path", ["invoices", "credit-notes", "refunds", "payments"])
def test_what_no_list_can_be_asked_for_is_named(house: House, path: str) -> None:
    prefix = {"invoices": "inv", "credit-notes": "crn", "refunds": "ref", "payments": "pay"}[path]
    moment = {"refunds": "recorded", "payments": "received"}.get(path, "issued")
    nobody = house.get(f"/{path}?account=acc_{'0' * 32}", 404)
    assert problem(nobody)[0] == "not_found"
    for field in {"credit-notes": ["invoice"], "refunds": ["payment"], "payments": ["invoice"]}.get(path, []):
        unknown = house.get(f"/{path}?{field}={field[:3]}_{'0' * 32}", 404)
        assert problem(unknown)[0] == "not_found"
    for query, status, field in (
        ("entity=nobody", 422, "entity"),
        ("currency=usd", 400, "currency"),
        (f"after={prefix}_{'0' * 32}", 422, "after"),
        ("limit=501", 400, "limit"),
        (f"{moment}_from=2026-02-01T00:00:00Z&{moment}_to=2026-01-01T00:00:00Z", 422, f"{moment}_to"),
        (f"{moment}_from=yesterday", 400, f"{moment}_from"),
    ):
        assert problem(house.get(f"/{path}?{query}", status))[1] == [field], query
    if path in {"invoices", "credit-notes"}:
        assert problem(house.get(f"/{path}?number=7", 422))[1] == ["number"]

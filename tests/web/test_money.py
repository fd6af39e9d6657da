"""Credit notes, refunds, payments from outside and invoices that are given up, over HTTP."""

from __future__ import annotations

from tests.web.house import House, Json, fresh_key, problem, start

WHO = {"reason": "Agreed", "issued_by": "carol"}


def _owed(house: House, amount: int = 9_000) -> tuple[str, str]:
    """An account without a method, and an invoice that it owes."""
    account = house.account()
    lines = [{"description": "Onboarding", "amount": amount}, {"description": "Travel", "amount": 1_000}]
    return account, house.post("/invoices", {"account_id": account, "lines": lines})["invoice_id"]


def _paid(house: House) -> tuple[str, str, str]:
    """An account, a paid invoice, and its payment."""
    account = house.account()
    invoice = house.buy(account)["invoice_id"]
    events = house.get(f"/events?account={account}&type=invoice.paid")["data"]
    return account, invoice, events[-1]["data"]["payment_id"]


def _receipt(amount: int, reference: str) -> Json:
    return {
        "method": "bank_transfer",
        "reference": reference,
        "amount": amount,
        "received_at": "2026-01-02T00:00:00Z",
    }


def test_credit_notes_of_an_invoice(house: House) -> None:
    account, invoice = _owed(house)
    key = fresh_key()
    body = {"invoice_id": invoice, "amount": 500, **WHO}
    first = house.post("/credit-notes", body, key=key)
    assert (first["amount"], first["to_debt"], first["to_refund"], first["refund_id"]) == (500, 500, 0, None)
    assert [(line["position"], line["amount"]) for line in first["lines"]] == [(1, 450), (2, 50)]
    assert house.post("/credit-notes", body, 200, key=key) == first
    reused = house.post("/credit-notes", body | {"amount": 501}, 409, key=key)
    assert problem(reused)[0] == "idempotency_key_reused"
    by_line = house.post("/credit-notes", {"invoice_id": invoice, "lines": [{"position": 2}], **WHO})
    assert by_line["amount"] == 950
    assert house.get(f"/credit-notes/{first['id']}") == first
    page = house.get(f"/credit-notes?account={account}&invoice={invoice}&limit=1")
    rest = house.get(f"/credit-notes?account={account}&after={page['next']}")
    assert [note["id"] for note in page["data"] + rest["data"]] == [first["id"], by_line["id"]]
    shown = house.get(f"/invoices/{invoice}")
    assert (shown["total"], shown["credited"], shown["paid"], shown["debt"]) == (10_000, 1_450, 0, 8_550)
    assert house.get(f"/accounts/{account}/state")["open_invoices"][0]["debt"] == 8_550


def test_what_cannot_be_credited(house: House) -> None:
    _, invoice = _owed(house)
    too_much = house.post("/credit-notes", {"invoice_id": invoice, "amount": 10_001, **WHO}, 422)
    assert problem(too_much) == ("refused", ["amount"])
    line = {"position": 1, "amount": 1}
    twice = house.post("/credit-notes", {"invoice_id": invoice, "lines": [line, line], **WHO}, 422)
    assert problem(twice) == ("refused", ["lines"])
    nowhere = house.post("/credit-notes", {"invoice_id": f"inv_{'0' * 32}", **WHO}, 404)
    assert problem(nowhere)[0] == "not_found"
    assert problem(house.get(f"/credit-notes/crn_{'0' * 32}", 404))[0] == "not_found"


def test_a_payment_is_refunded_in_parts(house: House) -> None:
    account, invoice, payment = _paid(house)
    key = fresh_key()
    body = {"payment_id": payment, "amount": 500, **WHO}
    refund = house.post("/refunds", body, key=key)
    assert (refund["amount"], refund["state"], refund["payment_id"]) == (500, "due", payment)
    assert house.post("/refunds", body, 200, key=key)["id"] == refund["id"]
    house.work(account)
    assert house.get(f"/refunds/{refund['id']}")["state"] == "succeeded"
    other = house.post("/refunds", {"payment_id": payment, **WHO})
    assert other["amount"] == 1_500
    assert problem(house.post("/refunds", {"payment_id": payment, **WHO}, 422)) == ("refused", ["payment_id"])
    page = house.get(f"/refunds?account={account}&payment={payment}")
    assert [one["id"] for one in page["data"]] == [refund["id"], other["id"]]
    shown = house.get(f"/invoices/{invoice}")
    assert (shown["state"], shown["credited"], shown["paid"], shown["debt"]) == ("resolved", 2_000, 0, 0)
    assert problem(house.get(f"/refunds/ref_{'0' * 32}", 404))[0] == "not_found"
    nothing = house.post("/refunds", {"payment_id": f"pay_{'0' * 32}", **WHO}, 422)
    assert problem(nothing) == ("refused", ["payment_id"])


def test_a_refund_that_was_refused_is_sent_again(house: House) -> None:
    account = house.account()
    opened = house.open(account, start())
    invoice = house.confirm(opened, "tok_4000000000005126")["invoice_id"]  # refunds to it are refused
    payment = house.get(f"/payments?invoice={invoice}")["data"][0]["id"]
    refused = house.post("/refunds", {"payment_id": payment, "amount": 500, **WHO})
    retry, why = f"/refunds/{refused['id']}/retry", {"reason": "A new card"}
    assert problem(house.post(retry, why, 422)) == ("refused", ["refund_id"]), "it is on its way"
    house.work(account)
    assert house.get(f"/refunds/{refused['id']}")["state"] == "failed"
    assert problem(house.post(retry, {}, 400)) == ("invalid_request", ["reason"])
    key = fresh_key()
    again = house.post(retry, why, key=key)
    assert (again["retry_of"], again["amount"], again["state"]) == (refused["id"], 500, "due")
    assert house.post(retry, why, 200, key=key)["id"] == again["id"]
    assert problem(house.post(retry, {"reason": "Else"}, 409, key=key))[0] == "idempotency_key_reused"
    assert house.get(f"/refunds/{refused['id']}")["retry_id"] == again["id"]
    assert problem(house.post(f"/refunds/ref_{'0' * 32}/retry", why, 404)) == ("not_found", [])


def test_a_payment_becomes_credit_and_goes_back_out_of_it(house: House) -> None:
    account, _, payment = _paid(house)
    key = fresh_key()
    body = {"payment_id": payment, "amount": 500, "to": "credit", **WHO}
    credited = house.post("/refunds", body, key=key)
    assert (credited["id"], credited["state"], credited["amount"]) == (None, "credited", 500)
    assert house.get(f"/credit-notes/{credited['credit_note_id']}")["to_credit"] == 500
    assert house.post("/refunds", body, 200, key=key) == credited
    back = {"payment_id": payment, "source": "credit", **WHO}
    too_much = house.post("/refunds", back | {"amount": 501}, 422)
    assert problem(too_much) == ("refused", ["amount"])
    assert problem(house.post("/refunds", back | {"to": "credit"}, 422)) == ("refused", ["to"])
    assert problem(house.post("/refunds", back, 409, key=key))[0] == "idempotency_key_reused"
    again = fresh_key()
    refund = house.post("/refunds", back, key=again)
    assert (refund["state"], refund["amount"], refund["credit_note_id"]) == ("due", 500, None)
    assert house.post("/refunds", back, 200, key=again)["id"] == refund["id"]
    reused = house.post("/refunds", back | {"amount": 1}, 409, key=again)
    assert problem(reused)[0] == "idempotency_key_reused"
    assert problem(house.post("/refunds", back, 422)) == ("refused", ["payment_id"])
    house.work(account)
    assert house.get(f"/refunds/{refund['id']}")["state"] == "succeeded"
    assert house.get(f"/accounts/{account}/credit")["balances"] == []
    (told,) = house.get(f"/events?account={account}&type=credit.refunded")["data"]
    assert (told["data"]["refund_id"], told["data"]["amount"]) == (
        refund["id"].removeprefix("ref_"),
        500,
    ) or (told["data"]["refund_id"] == refund["id"])
    (use,) = house.get(f"/accounts/{account}/credit/uses")["data"]
    assert (use["kind"], use["amount"]) == ("refunded", 500)


def test_a_transfer_is_recorded_once(house: House) -> None:
    _, invoice = _owed(house)
    path = f"/invoices/{invoice}/payments"
    first = house.post(path, _receipt(4_000, "TR-1"))
    assert first["invoice"]["debt"] == 6_000
    assert house.post(path, _receipt(4_000, "TR-1"), 200)["id"] == first["id"]
    assert problem(house.post(path, _receipt(4_001, "TR-1"), 422)) == ("refused", ["reference"])
    settled = house.post(path, _receipt(6_000, "TR-2"))["invoice"]
    assert (settled["state"], settled["debt"]) == ("paid", 0)
    nowhere = house.post(f"/invoices/inv_{'0' * 32}/payments", _receipt(1, "x"), 404)
    assert problem(nowhere)[0] == "not_found"


def test_an_invoice_is_given_up_and_paid_after_all(house: House) -> None:
    account, invoice = _owed(house)
    body = {"reason": "Dissolved", "by": "carol"}
    wrong = house.post(f"/invoices/{invoice}/give-up", body | {"scope": "everything"}, 400)
    assert problem(wrong)[1] == ["scope"]
    given_up = house.post(f"/invoices/{invoice}/give-up", body | {"scope": "account"}, 200)
    assert (given_up["state"], given_up["debt"]) == ("uncollectible", 10_000)
    assert problem(house.post(f"/invoices/{invoice}/give-up", body, 422)) == ("refused", ["invoice_id"])
    assert house.get(f"/accounts/{account}/state")["standing"] == "bad_debt"
    opened = house.post(f"/accounts/{account}/pay-debt", {})
    assert opened["amount_due"] == 10_000
    assert house.confirm(opened)["invoice_id"] == invoice
    assert house.get(f"/invoices/{invoice}")["state"] == "resolved"
    assert house.get(f"/accounts/{account}/state")["standing"] == "good"


def test_several_debts_are_paid_in_one_payment(house: House) -> None:
    account, first = _owed(house)
    lines = [{"description": "Training", "amount": 2_500}]
    second = house.post("/invoices", {"account_id": account, "lines": lines})["invoice_id"]
    path = f"/accounts/{account}/pay-debt"
    both = house.post(path, {})
    assert (both["settles"], both["amount_due"]) == ([first, second], 12_500)
    assert house.post(path, {"invoice_ids": [first, second]}, 200)["id"] == both["id"]
    done = house.confirm(both)
    assert (done["state"], done["invoice_id"]) == ("committed", first)
    assert [house.get(f"/invoices/{i}")["state"] for i in (first, second)] == ["paid", "paid"]


def test_debts_that_cannot_be_paid_together_are_refused_by_field(house: House) -> None:
    account, first = _owed(house)
    stranger = f"inv_{'0' * 30}01"
    path = f"/accounts/{account}/pay-debt"
    for body, status, field in (
        ({"invoice_ids": []}, 400, "invoice_ids"),
        ({"invoice_ids": ["inv_1"]}, 400, "invoice_ids[0]"),
        ({"invoice_ids": [first, first]}, 422, "invoice_ids"),
        ({"invoice_id": first, "invoice_ids": [first]}, 422, "invoice_ids"),
        ({"invoice_ids": [first, stranger]}, 422, "invoice_ids[1]"),
        ({"invoice_id": stranger}, 422, "invoice_id"),
    ):
        with house.nothing_written():
            assert problem(house.post(path, body, status))[1] == [field], body


def test_one_transfer_for_several_invoices(house: House) -> None:
    account, first = _owed(house)
    lines = [{"description": "Training", "amount": 2_500}]
    second = house.post("/invoices", {"account_id": account, "lines": lines})["invoice_id"]
    path = f"/accounts/{account}/payments"
    paid = house.post(path, _receipt(11_000, "TR-77"))
    assert [(i["id"], i["debt"]) for i in paid["invoices"]] == [(first, 0), (second, 1_500)]
    assert house.post(path, _receipt(11_000, "TR-77"), 200) == paid
    for body, status, field in (
        (_receipt(12_000, "TR-77"), 422, "reference"),
        (_receipt(1_000, "TR-78") | {"invoices": [first]}, 422, "invoices[0]"),
        (_receipt(1_000, "TR-78") | {"invoices": [second, second]}, 422, "invoices"),
        (_receipt(0, "TR-78"), 400, "amount"),
        (_receipt(1_000, "TR-78") | {"received_at": "2200-01-01T00:00:00Z"}, 422, "received_at"),
    ):
        with house.nothing_written():
            assert problem(house.post(path, body, status))[1] == [field], body
    rest = house.post(path, _receipt(2_000, "TR-78") | {"invoices": [second]})
    assert rest["invoices"][0]["debt"] == 0
    assert house.get(f"/accounts/{account}/state")["credit"]["amount"] == 500

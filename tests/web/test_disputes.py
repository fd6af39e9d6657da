"""Disputes over HTTP: read, narrowed, answered; and what an account's state says of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from solvent.core.ids import parse
from solvent.flows.reconcile import sweep
from tests.patience import PATIENCE_S
from tests.web.house import BANK_KEY, House, Json, fresh_key, problem


def _disputed(house: House, **told: object) -> tuple[str, Json]:
    """An account whose payment is disputed, and the dispute."""
    account = house.account()
    house.buy(account)
    with house.solvent.database.pool.connection() as connection:
        row = connection.execute(
            "select ref from payment where account_id = %s", (parse("acc", account),)
        ).fetchone()
    assert row is not None
    _bank(house, "open_dispute", ref=row[0], **told)
    (dispute,) = house.get(f"/disputes?account={account}")["data"]
    return account, dispute


def _bank(house: House, act: str, **told: object) -> None:
    """Something happens at the bank, and the next poll hears of it."""
    answer = httpx.post(
        f"{house.bank_url}/sandbox/control/{act}",
        json=told,
        headers={"authorization": f"Bearer {BANK_KEY}"},
        timeout=PATIENCE_S,
        verify=False,
    )
    assert answer.status_code == 200, answer.text
    now = datetime.now(UTC)
    assert sweep(house.solvent.platform, "sandbox", now - timedelta(hours=1), now) is not None


def test_a_dispute_is_read_and_shows_in_the_state(house: House) -> None:
    account, dispute = _disputed(house, amount=500, reason="fraudulent", fee=1_500)
    assert (dispute["state"], dispute["reason"], dispute["held"]) == ("needs_response", "fraudulent", 500)
    assert (dispute["amount_text"], dispute["fee"], dispute["fee_currency"]) == ("5.00 USD", 1_500, "USD")
    assert (dispute["loss"], dispute["decided_at"]) == (None, None)
    assert house.get(f"/disputes/{dispute['id']}") == dispute
    state = house.get(f"/accounts/{account}/state")
    assert state["disputed"] == [{"currency": "USD", "amount": 500, "amount_text": "5.00 USD"}]
    assert any("are disputed since" in sentence for sentence in state["evidence"])
    assert state["standing"] == "good"


def test_disputes_are_paged_and_narrowed(house: House) -> None:
    account, dispute = _disputed(house)
    _, other = _disputed(house)
    _bank(house, "close_dispute", ref=other["ref"], won=True)
    everything = house.get("/disputes?limit=500")["data"]
    assert [one["id"] for one in everything] == sorted(one["id"] for one in everything)
    first = house.get("/disputes?limit=1")
    assert first["next"] == first["data"][0]["id"]
    assert house.get(f"/disputes?after={everything[-1]['id']}")["data"] == []
    assert {one["state"] for one in house.get("/disputes?state=won")["data"]} == {"won"}
    opened = [one["id"] for one in house.get("/disputes?open=true&limit=500")["data"]]
    assert dispute["id"] in opened
    assert other["id"] not in opened
    assert house.get(f"/disputes?payment={dispute['payment_id']}")["data"] == [dispute]
    assert house.get(f"/disputes?account={account}&state=lost")["data"] == []


def test_evidence_and_then_the_loss(house: House) -> None:
    account, dispute = _disputed(house)
    body = {"statement": "Signed in on 20 days."}
    answered = house.post(f"/disputes/{dispute['id']}/evidence", body, 200)
    assert (answered["state"], answered["evidence_due_by"]) == ("under_review", None)
    _bank(house, "close_dispute", ref=dispute["ref"], won=False)
    lost = house.get(f"/disputes/{dispute['id']}")
    assert lost["loss"] == {"to_debt": 2_000, "from_credit": 0, "written_off": 0}
    shown = house.get(f"/invoices/{dispute['invoice_id']}")
    assert (shown["state"], shown["paid"], shown["charged_back"], shown["debt"]) == ("open", 0, 2_000, 2_000)
    paid = house.post(f"/accounts/{account}/pay-debt", {})
    assert paid["amount_due"] == 2_000
    late = house.post(f"/disputes/{dispute['id']}/evidence", body, 422)
    assert problem(late) == ("refused", ["dispute_id"])
    refund = {"payment_id": dispute["payment_id"], "reason": "r", "issued_by": "carol"}
    assert problem(house.post("/refunds", refund, 422)) == ("refused", ["payment_id"])


def test_a_dispute_is_accepted_and_accepted_again(house: House) -> None:
    _, dispute = _disputed(house)
    key = fresh_key()
    accepted = house.post(f"/disputes/{dispute['id']}/accept", None, 200, key=key)
    assert (accepted["state"], accepted["held"]) == ("accepted", 0)
    assert house.post(f"/disputes/{dispute['id']}/accept", None, 200, key=key) == accepted


@pytest.mark.parametrize(
    ("path", "status", "code", "field"),
    [
        (f"/disputes/dsp_{'0' * 32}", 404, "not_found", None),
        ("/disputes/inv_1", 400, "invalid_request", "dispute_id"),
        (f"/disputes?account=acc_{'0' * 32}", 404, "not_found", None),
        ("/disputes?state=sulking", 400, "invalid_request", "state"),
        ("/disputes?limit=0", 400, "invalid_request", "limit"),
    ],
)
def test_what_there_is_not(house: House, path: str, status: int, code: str, field: str | None) -> None:
    assert problem(house.get(path, status)) == (code, [] if field is None else [field])


def test_what_evidence_must_be(house: House) -> None:
    nowhere = f"/disputes/dsp_{'0' * 32}/evidence"
    assert problem(house.post(nowhere, {"statement": "x"}, 404))[0] == "not_found"
    assert problem(house.post(nowhere, {"statement": ""}, 400)) == ("invalid_request", ["statement"])

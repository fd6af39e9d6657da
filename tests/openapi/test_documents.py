"""The judge by the documents that the providers publish; skipped where they were not supplied."""

import json
from typing import Any

import pytest

from tests.openapi.documents import HOW_TO_SUPPLY, SETTING, documents
from tests.openapi.judge import Exchange, Judge
from tests.openapi.witness import Witness

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
INTENT: dict[str, Any] = {
    "id": "pi_1",
    "object": "payment_intent",
    "amount": 1200,
    "currency": "usd",
    "created": 1_900_000_000,
    "livemode": False,
    "status": "requires_payment_method",
    "payment_method_types": ["card"],
    "capture_method": "automatic",
    "confirmation_method": "automatic",
    "client_secret": "pi_1_secret",
    "latest_charge": None,
    "last_payment_error": None,
    "metadata": {},
}
ORDER: dict[str, Any] = {
    "intent": "CAPTURE",
    "purchase_units": [{"custom_id": "a1", "amount": {"currency_code": "USD", "value": "12.00"}}],
}


def test_without_documents_the_checks_are_skipped_and_say_how_to_supply_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    documents.cache_clear()
    with pytest.raises(pytest.skip.Exception) as skipped:
        documents("paypal")
    assert str(skipped.value) == HOW_TO_SUPPLY
    assert Witness.of("paypal").judge is None


def intent(form: bytes, answer: dict[str, Any]) -> Exchange:
    return Exchange(
        method="POST",
        url="/v1/payment_intents",
        headers=FORM,
        body=form,
        status=200,
        answer_headers=JSON,
        answer=json.dumps(answer).encode(),
    )


def order(body: dict[str, Any], answer: dict[str, Any]) -> Exchange:
    return Exchange(
        method="POST",
        url="/v2/checkout/orders",
        headers=JSON | {"paypal-request-id": "a1"},
        body=json.dumps(body).encode(),
        status=201,
        answer_headers=JSON,
        answer=json.dumps(answer).encode(),
    )


def test_stripe_forms_and_objects_are_judged() -> None:
    judge = Judge(documents("stripe"))
    good = (
        b"amount=1200&currency=usd&automatic_payment_methods[enabled]=true&metadata[attempt]=a1"
        b"&expand[0]=latest_charge&setup_future_usage=off_session"
    )
    assert judge.exchange(intent(good, INTENT)) == []
    bad = b"amount=12.5&currency=usd&setup_future_usage=later&colour=red"
    faults = judge.exchange(intent(bad, INTENT | {"status": "paid"}))
    for said in ("'colour' was unexpected", "amount: 12.5", "setup_future_usage: 'later'", "status: 'paid'"):
        assert any(said in fault for fault in faults), (said, faults)


def test_paypal_orders_are_judged() -> None:
    judge = Judge(documents("paypal"))
    assert judge.exchange(order(ORDER, {"id": "5O190127TN364715T", "status": "CREATED"})) == []
    bad = ORDER | {"purchase_units": [{"amount": {"currency_code": "USD", "value": "12,00"}}], "status": "X"}
    faults = judge.exchange(order(bad, {"id": "5O190127TN364715T", "status": "MADE"}))
    for said in ("value: '12,00' does not match", "status: is not declared", "status: 'MADE'"):
        assert any(said in fault for fault in faults), (said, faults)

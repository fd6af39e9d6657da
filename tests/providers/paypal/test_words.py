"""The tables are complete for what PayPal publishes of the calls we make."""

from collections.abc import Iterator
from typing import Any

import pytest

from solvent.core.dispute import DisputeReason, DisputeState
from solvent.core.payment import FailureCause
from solvent.providers.paypal import disputes, reading, words
from solvent.providers.paypal.amounts import CURRENCIES, read, written
from tests.openapi.documents import Direction, Document, documents

PAYMENT_CALLS = (
    ("/v2/checkout/orders", "post"),
    ("/v2/checkout/orders/{id}", "get"),
    ("/v2/checkout/orders/{id}", "patch"),
    ("/v2/checkout/orders/{id}/capture", "post"),
)
REFUND_CALLS = (("/v2/payments/captures/{capture_id}/refund", "post"),)


def issues(document: Document, node: Any, seen: set[str]) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Every issue code that a part of a document names."""
    if isinstance(node, list):
        for each in node:
            yield from issues(document, each, seen)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("$ref"), str):
        if node["$ref"] not in seen:
            seen.add(node["$ref"])
            yield from issues(document, document.resolve(node), seen)
        return
    properties = node.get("properties")
    if isinstance(properties, dict) and "issue" in properties:
        yield from properties["issue"].get("enum", [])
    for each in node.values():
        yield from issues(document, each, seen)


def published(calls: tuple[tuple[str, str], ...]) -> set[str]:
    found: set[str] = set()
    for document in documents("paypal"):
        paths = document.content[Direction.ANSWER]["paths"]
        for path, method in calls:
            if path in paths:
                found.update(issues(document, paths[path][method]["responses"], set()))
    return found


def schema(name: str, property_name: str | None = None) -> set[str]:
    """The values that a schema of any document lists."""
    found: set[str] = set()
    for document in documents("paypal"):
        each = document.content[Direction.ANSWER]["components"]["schemas"].get(name, {})
        listed = each if property_name is None else each.get("properties", {}).get(property_name, {})
        found.update(listed.get("enum", []))
    assert found
    return found


def test_every_published_issue_of_a_payment_is_mapped() -> None:
    codes = published(PAYMENT_CALLS)
    assert len(codes) > 100
    assert codes - words.CAUSES.keys() - words.LOOK_UP - words.IN_PROGRESS == set()


def test_every_published_issue_of_a_refund_is_mapped() -> None:
    codes = published(REFUND_CALLS)
    assert len(codes) > 20
    assert codes - words.REFUND_REFUSALS - words.REFUND_LOOK_UP - words.IN_PROGRESS == set()


def test_every_published_code_of_a_processor_is_mapped() -> None:
    codes = schema("processor_response", "response_code")
    assert codes - {"0000"} == set(words.PROCESSOR)


def test_every_published_status_is_mapped() -> None:
    assert schema("capture_status", "status") == set(words.CAPTURES)
    assert schema("refund_status", "status") == set(words.REFUNDS)
    assert schema("order_status") == reading.ORDERS_WAITING | {"VOIDED", "COMPLETED"}


def test_every_published_word_of_a_dispute_is_mapped() -> None:
    assert schema("dispute_reason") == set(disputes.REASONS)
    assert schema("dispute_outcome", "outcome_code") - {"NONE"} == set(disputes.OUTCOMES)
    assert schema("status") - {"RESOLVED", "OTHER"} == set(disputes.CLAIMS)
    assert schema("money_movement_reason") - {"DISPUTE_SETTLEMENT"} == disputes.FEES
    assert DisputeState.UNKNOWN not in disputes.OUTCOMES.values()
    assert DisputeReason.FRAUDULENT in disputes.REASONS.values()


def test_causes_tell_the_payers_faults_from_the_merchants() -> None:
    assert words.CAUSES["INSTRUMENT_DECLINED"] is FailureCause.DECLINED
    assert words.CAUSES["PAYEE_ACCOUNT_RESTRICTED"] is FailureCause.PROVIDER_UNAVAILABLE
    assert not words.LOOK_UP & words.CAUSES.keys()


@pytest.mark.parametrize(
    ("minor", "currency", "value"),
    [
        (1200, "USD", "12.00"),
        (5, "USD", "0.05"),
        (1200, "JPY", "1200"),
        (1200, "KWD", "1.200"),
        (1, "KWD", "0.001"),
    ],
)
def test_amounts_are_written_with_their_currencys_decimals(minor: int, currency: str, value: str) -> None:
    assert written(minor, currency) == {"currency_code": currency, "value": value}
    assert read(written(minor, currency)) == (minor, currency)


@pytest.mark.parametrize("value", ["12.001", "twelve", ""])
def test_an_amount_that_the_currency_cannot_have_is_none(value: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        read({"currency_code": "USD", "value": value})


def test_currencies_that_paypal_takes_in_whole_units_only_are_left_out() -> None:
    assert {"HUF", "TWD", "KWD"} & CURRENCIES == set()
    assert {"USD", "EUR", "JPY"} <= CURRENCIES

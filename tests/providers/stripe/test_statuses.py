"""Statuses: each that Stripe publishes is in a table, or is left unknown on purpose."""

import json
import re

import pytest

from solvent.providers.stripe import disputes, reading, refunds
from tests.openapi.documents import HOW_TO_SUPPLY, folder

NEVER_ASKED_FOR = {"requires_capture"}  # our intents are captured as they are confirmed
BY_ITS_MONEY = {"prevented"}  # what was taken back, if anything, says how such a dispute ended


def published(schema: str, name: str = "status") -> set[str]:
    """The values of a property: as a list, or as its description names them."""
    there = folder()
    if there is None:
        pytest.skip(HOW_TO_SUPPLY)
    (document,) = (there / "stripe").glob("*.json")
    told = json.loads(document.read_bytes())["components"]["schemas"][schema]["properties"][name]
    return set(told.get("enum") or re.findall(r"`([a-z_]+)`", told["description"]))


def test_every_status_of_an_intent_is_mapped() -> None:
    of_both = published("payment_intent") | published("setup_intent")
    assert of_both - NEVER_ASKED_FOR == set(reading._STATUSES)


def test_every_status_of_a_refund_is_mapped() -> None:
    assert published("refund") == set(refunds._OUTCOMES)


def test_every_state_and_reason_of_a_dispute_is_mapped() -> None:
    assert published("dispute") - BY_ITS_MONEY == set(disputes._STATES)
    assert published("dispute", "reason") == set(disputes._REASONS)

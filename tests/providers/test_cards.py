"""Every test number does what the table says, on-session and off-session."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from solvent.core.payment import FailureCause as Cause
from solvent.core.payment import Outcome
from solvent.providers.sandbox.cards import BEHAVIOURS, behaviour_of

World = Any
PAID, BUSY, LOST, ASKS, UNCLEAR = (
    Outcome.SUCCEEDED,
    Outcome.PROCESSING,
    Outcome.FAILED,
    Outcome.REQUIRES_ACTION,
    Outcome.UNKNOWN,
)

# number: (on-session, its cause, off-session, its cause)
EXPECTED = {
    "4242424242424242": (PAID, None, PAID, None),
    "5555555555554444": (PAID, None, PAID, None),
    "378282246310005": (PAID, None, PAID, None),
    "4000000000000002": (LOST, Cause.DECLINED, LOST, Cause.DECLINED),
    "4000000000009995": (LOST, Cause.INSUFFICIENT_FUNDS, LOST, Cause.INSUFFICIENT_FUNDS),
    "4000000000006975": (LOST, Cause.LIMIT_EXCEEDED, LOST, Cause.LIMIT_EXCEEDED),
    "4000000000000069": (LOST, Cause.CARD_EXPIRED, LOST, Cause.CARD_EXPIRED),
    "4000000000000119": (LOST, Cause.PROVIDER_UNAVAILABLE, LOST, Cause.PROVIDER_UNAVAILABLE),
    "4000000000003055": (LOST, Cause.CANCELED, LOST, Cause.CANCELED),
    "4000000000009987": (LOST, Cause.CARD_LOST, LOST, Cause.CARD_LOST),
    "4000000000009979": (LOST, Cause.CARD_LOST, LOST, Cause.CARD_LOST),
    "4242424242424241": (LOST, Cause.CARD_INVALID, LOST, Cause.CARD_INVALID),
    "4100000000000019": (LOST, Cause.FRAUD_SUSPECTED, LOST, Cause.FRAUD_SUSPECTED),
    "4000002500003155": (ASKS, None, PAID, None),
    "4000000000003220": (ASKS, None, PAID, None),
    "4000002760003184": (ASKS, None, LOST, Cause.AUTHENTICATION_REQUIRED),
    "4000008400001280": (ASKS, None, PAID, None),
    "4000008260003178": (ASKS, None, LOST, Cause.INSUFFICIENT_FUNDS),
    "4000008400001629": (ASKS, None, LOST, Cause.DECLINED),
    "4000000000000341": (PAID, None, LOST, Cause.DECLINED),
    "4000000000019952": (PAID, None, LOST, Cause.INSUFFICIENT_FUNDS),
    "4000000000010068": (PAID, None, LOST, Cause.CARD_EXPIRED),
    "000123456789": (BUSY, None, BUSY, None),
    "000222222227": (BUSY, None, BUSY, None),
    "000111111113": (LOST, Cause.ACCOUNT_CLOSED, LOST, Cause.ACCOUNT_CLOSED),
    "4000000000017709": (UNCLEAR, None, UNCLEAR, None),
    "4000000000018889": (PAID, None, PAID, None),
    "4000000000000259": (PAID, None, PAID, None),
    "4000000000007726": (PAID, None, PAID, None),
    "4000000000005126": (PAID, None, PAID, None),
    "4000000000005159": (PAID, None, PAID, None),
}


def test_every_number_of_the_table_is_tested_here() -> None:
    assert set(EXPECTED) == set(BEHAVIOURS)


def test_every_number_is_in_the_documentation() -> None:
    text = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    assert [number for number in BEHAVIOURS if f"| `{number}` |" not in text] == []


@pytest.mark.parametrize("number", EXPECTED)
def test_on_session(build: Callable[..., tuple[World, Any]], number: str) -> None:
    world, bank = build("sandbox")
    report = world.pay(number)
    assert (report.outcome, report.cause) == EXPECTED[number][:2]
    assert bool(bank.charged(report.key)) is (report.outcome is PAID)


@pytest.mark.parametrize("number", EXPECTED)
def test_off_session(build: Callable[..., tuple[World, Any]], number: str) -> None:
    world, bank = build("sandbox")
    report = world.provider.charge(world.charge_request(world.vaulted(number)))
    assert (report.outcome, report.cause) == EXPECTED[number][2:]
    assert bool(bank.charged(report.key)) is (report.outcome is PAID)


@pytest.mark.parametrize("number", EXPECTED)
def test_funding_of_an_approved_order(build: Callable[..., tuple[World, Any]], number: str) -> None:
    """The wallet does its own authentication, so a challenge never reaches the merchant."""
    world, _ = build("sandpal")
    report = world.pay(number)
    outcome, cause = EXPECTED[number][:2]
    if outcome is ASKS:
        declined = BEHAVIOURS[number].decline
        assert report.outcome is (LOST if declined else PAID)
    else:
        assert (report.outcome, report.cause) == (outcome, cause)


def test_a_token_of_a_number_and_a_spaced_number_are_that_number(card_world: World) -> None:
    assert card_world.pay("tok_4000000000000069").cause is Cause.CARD_EXPIRED
    assert card_world.pay("4000 0000 0000 0069").cause is Cause.CARD_EXPIRED


def test_a_number_that_is_not_in_the_table_is_invalid(card_world: World) -> None:
    assert card_world.pay("4111222233334444").cause is Cause.CARD_INVALID
    assert behaviour_of("1").decline == "invalid_number"


def test_a_vaulted_card_has_a_label_and_a_fingerprint_but_not_its_number(card_world: World) -> None:
    first, again = card_world.pay().method, card_world.pay().method
    assert (first.kind, first.label) == ("card", "Visa •••• 4242")
    assert first.token.startswith("vm_")
    assert first.token != again.token
    assert first.fingerprint == again.fingerprint
    assert "4242424242424242" not in repr(first)


def test_a_bank_debit_says_so(card_world: World) -> None:
    method = card_world.pay("000123456789").method
    assert (method.kind, method.label) == ("bank_debit", "Bank account •••• 6789")


@pytest.mark.parametrize("number", ["4000002500003155", "4000000000003220", "4000002760003184"])
def test_a_passed_challenge_pays(card_world: World, number: str) -> None:
    asked = card_world.pay(number)
    assert asked.action.url.endswith(f"/challenge/{asked.ref}")
    assert card_world.charged(asked.key) == []
    card_world.control("complete_challenge", ref=asked.ref, passed=True)
    paid = card_world.provider.get(asked.key, asked.ref)
    assert paid.outcome is PAID
    assert card_world.provider.confirm(asked.key, asked.ref, None) == paid
    assert card_world.charged(asked.key) == [1200]


@pytest.mark.parametrize(
    ("number", "passed", "cause"),
    [
        ("4000002500003155", False, Cause.AUTHENTICATION_FAILED),
        ("4000008400001280", True, Cause.AUTHENTICATION_FAILED),
        ("4000008260003178", True, Cause.INSUFFICIENT_FUNDS),
        ("4000008400001629", True, Cause.DECLINED),
    ],
)
def test_a_challenge_that_does_not_lead_to_money(
    card_world: World, number: str, passed: bool, cause: Cause
) -> None:
    asked = card_world.pay(number)
    card_world.control("complete_challenge", ref=asked.ref, passed=passed)
    report = card_world.provider.confirm(asked.key, asked.ref, None)
    assert (report.outcome, report.cause) == (LOST, cause)
    assert card_world.charged(asked.key) == []


def test_confirming_during_a_challenge_asks_again_and_another_card_replaces_the_first(
    card_world: World,
) -> None:
    asked = card_world.pay("4000002500003155")
    assert card_world.provider.confirm(asked.key, asked.ref, None) == asked
    assert card_world.provider.confirm(asked.key, asked.ref, "4000002500003155") == asked
    assert card_world.provider.confirm(asked.key, asked.ref, "4000000000003220").outcome is ASKS
    assert card_world.provider.confirm(asked.key, asked.ref, "5555555555554444").outcome is PAID
    card_world.control("complete_challenge", ref=asked.ref, passed=False)
    assert card_world.provider.get(asked.key, None).outcome is PAID


def test_a_challenge_passed_after_cancelling_changes_nothing(card_world: World) -> None:
    asked = card_world.pay("4000002500003155")
    card_world.provider.cancel(asked.key, asked.ref)
    card_world.control("complete_challenge", ref=asked.ref, passed=True)
    assert card_world.provider.get(asked.key, None).cause is Cause.CANCELED
    assert card_world.charged(asked.key) == []


def test_a_returning_customer_confirms_a_stored_card_without_typing(card_world: World) -> None:
    token = card_world.vaulted()
    opened = card_world.provider.open(card_world.request(method=token))
    paid = card_world.provider.confirm(opened.key, opened.ref, None)
    assert (paid.outcome, paid.method.token) == (PAID, token)


def test_confirming_without_any_method_still_asks(card_world: World) -> None:
    opened = card_world.provider.open(card_world.request())
    assert card_world.provider.confirm(opened.key, opened.ref, None) == opened
    assert card_world.provider.confirm(opened.key, opened.ref, "nonsense").cause is Cause.NO_METHOD

"""Webhooks: the proof that receivers verify, the schedule of tries, and when an endpoint is told nothing more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from solvent.core.webhook import (
    PATIENCE,
    PAUSES,
    SOONER_PERCENT,
    TRIES_MAX,
    Answer,
    EndpointState,
    Receiver,
    broken_url_rule,
    headers,
    next_telling,
    secret_of,
    signature,
    unknown_type,
    why_disabled,
)

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
BODY = b'{"type":"invoice.paid"}'


def answer(status: int | None, at: datetime = NOW) -> Answer:
    return Answer(at=at, status=status, took_ms=1)


def receiver(failing_since: datetime | None = None) -> Receiver:
    return Receiver(
        id=UUID(int=1),
        url="https://shop.example",
        types=(),
        state=EndpointState.ENABLED,
        failing_since=failing_since,
    )


def test_the_signature_of_the_convention_itself() -> None:
    """The example of the published specification's reference libraries."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    said = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert said == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_each_valid_secret_signs_and_receivers_verify_with_either() -> None:
    present, retired = secret_of(b"p" * 32), secret_of(b"r" * 32)
    now = datetime.now(UTC)
    proof = headers("evt_1", [present, retired], BODY, now)
    for secret in (present, retired):
        assert Webhook(secret).verify(BODY, proof) == {"type": "invoice.paid"}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret_of(b"x" * 32)).verify(BODY, proof)
    with pytest.raises(WebhookVerificationError):
        Webhook(present).verify(BODY + b" ", proof)
    with pytest.raises(WebhookVerificationError):
        Webhook(present).verify(BODY, headers("evt_1", [present], BODY, now - timedelta(minutes=6)))


def test_what_is_no_secret_signs_nothing() -> None:
    with pytest.raises(ValueError, match="whsec_ and base64"):
        signature("whsec_???", "evt_1", 1, BODY)


@given(st.text(max_size=40))
def test_tries_go_on_for_about_three_days_ever_more_slowly(event_id: str) -> None:
    for tries, pause in enumerate(PAUSES, 1):
        again = next_telling(event_id, tries, answer(500))
        assert again is not None
        assert pause * (100 - SOONER_PERCENT) / 100 <= again - NOW <= pause
        assert next_telling(event_id, tries, answer(500)) == again, "whoever asks gets the same"
    assert list(PAUSES) == sorted(PAUSES)
    assert timedelta(days=3) < sum(PAUSES, timedelta()) < timedelta(days=4)
    assert next_telling(event_id, TRIES_MAX, answer(500)) is None


def test_events_that_failed_together_come_apart() -> None:
    moments = {next_telling(f"evt_{n}", 4, answer(500)) for n in range(1_000)}
    minutes = {(moment - NOW) // timedelta(minutes=1) for moment in moments if moment is not None}
    assert minutes == set(range(108, 120)), "each minute of the last tenth of two hours has some"


def test_none_comes_before_the_receiver_wants_it() -> None:
    asked = replace(answer(503), asked=timedelta(minutes=40))
    assert next_telling("evt_1", 1, asked) == NOW + timedelta(minutes=40)
    assert next_telling("evt_1", 5, asked) == next_telling("evt_1", 5, answer(503)), (
        "it would be later anyway"
    )
    assert next_telling("evt_1", TRIES_MAX, asked) is None


@pytest.mark.parametrize(
    ("status", "taken", "away"),
    [
        (200, True, False),
        (204, True, False),
        (299, True, False),
        (199, False, False),
        (301, False, False),
        (400, False, False),
        (410, False, False),
        (429, False, True),
        (500, False, True),
        (503, False, True),
        (None, False, True),
    ],
)
def test_what_an_answer_means(status: int | None, taken: bool, away: bool) -> None:
    assert (answer(status).taken, answer(status).away) == (taken, away)


def test_an_endpoint_that_is_gone_is_told_nothing_more_at_once() -> None:
    assert why_disabled(receiver(), answer(410)) == "it answered 410 Gone"


def test_an_endpoint_is_disabled_when_it_has_taken_nothing_for_five_days() -> None:
    since = NOW - PATIENCE
    assert why_disabled(receiver(since), answer(500)) == "it has taken nothing for 5 days"
    assert why_disabled(receiver(since + timedelta(seconds=1)), answer(500)) is None
    assert why_disabled(receiver(since), answer(200)) is None
    assert why_disabled(receiver(), answer(500)) is None


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("https://shop.example/hook?x=1", None),
        ("http://127.0.0.1:8000/hook", None),
        ("ftp://shop.example", "must begin with"),
        ("https://", "must begin with"),
        ("https://user:word@shop.example", "must not carry a user"),
        ("https://user@shop.example", "must not carry a user"),
        ("https://shop.example/#x", "must not have a fragment"),
        ("https://shop.example:notaport", "must be an address"),
        ("https://[half", "must be an address"),
    ],
)
def test_where_may_be_told(url: str, rule: str | None) -> None:
    broken = broken_url_rule(url)
    assert broken is None if rule is None else broken is not None and broken.startswith(rule)


def test_types_are_those_of_the_events_that_there_are() -> None:
    assert unknown_type(["account.created", "invoice.paid"]) is None
    assert unknown_type([]) is None
    assert unknown_type(["invoice.paid", "invoice.eaten"]) == 1

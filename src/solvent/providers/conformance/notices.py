"""Notices: notifications that are verified, of whatever order and number, and that are refused when they are not real.

Owns what `parse` must accept and refuse. Does not own what a notification leads to (`flows.notify`).
"""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from solvent.core.payment import Outcome
from solvent.ports.provider import Notification, NotificationRefused, Subject
from solvent.providers.conformance.stage import (
    AMOUNT,
    Sent,
    Stage,
    moved,
    pay,
    refund_request,
)

STALE = timedelta(days=30)
OVERSIZE_BYTES = 4_000_000


class Notifications:
    """What every adapter must do with a notification."""

    def test_a_payment_is_told_under_our_key(self, stage: Stage) -> None:
        stage.sent()
        paid = pay(stage)
        told = [one for one in _parsed(stage, stage.sent()) if one.subject is Subject.ATTEMPT]
        assert told, "nothing was told"
        assert {(one.provider, one.key) for one in told} == {(stage.provider.name, paid.key)}
        assert {stage.provider.get(paid.key, one.ref) is not None for one in told} == {True}
        assert all(abs(one.occurred_at - stage.now) < timedelta(minutes=5) for one in told)

    def test_the_same_notification_is_the_same_however_often_it_comes(self, stage: Stage) -> None:
        stage.sent()
        pay(stage)
        sent = stage.sent()
        first, again = _parsed(stage, sent), _parsed(stage, sent)
        assert first == again
        assert len({one.id for one in first}) == len(first)

    def test_in_whatever_order_they_come_the_provider_is_asked_and_tells_the_end(self, stage: Stage) -> None:
        stage.sent()
        paid = moved(stage)
        for one in reversed(_parsed(stage, stage.sent())):
            if one.key == paid.key and one.subject is Subject.ATTEMPT:
                found = stage.provider.get(paid.key, one.ref)
                assert found is not None
                assert (found.outcome, found.ref) == (Outcome.SUCCEEDED, paid.ref)

    def test_a_refund_is_told(self, stage: Stage) -> None:
        paid = pay(stage)
        stage.sent()
        stage.provider.refund(refund_request(paid, AMOUNT))
        told = _parsed(stage, stage.sent())
        assert Subject.REFUND in {one.subject for one in told}

    def test_an_altered_body_is_refused(self, stage: Stage) -> None:
        sent = _some(stage)
        with pytest.raises(NotificationRefused):
            _parse(stage, Sent(headers=sent.headers, body=sent.body.replace(b"{", b"{ ", 1)))

    def test_one_without_its_signature_is_refused(self, stage: Stage) -> None:
        with pytest.raises(NotificationRefused):
            _parse(stage, Sent(headers={"content-type": "application/json"}, body=_some(stage).body))

    def test_a_stale_one_is_refused(self, stage: Stage) -> None:
        sent = _some(stage)
        stage.wait(STALE)
        with pytest.raises(NotificationRefused):
            _parse(stage, sent)

    @pytest.mark.parametrize(
        "body", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b"{" * 10_000, b" " * OVERSIZE_BYTES]
    )
    def test_what_is_malformed_or_oversize_is_refused(self, stage: Stage, body: bytes) -> None:
        with pytest.raises(NotificationRefused) as raised:
            _parse(stage, Sent(headers=_some(stage).headers, body=body))
        assert str(raised.value)


def _some(stage: Stage) -> Sent:
    stage.sent()
    pay(stage)
    return stage.sent()[-1]


def _parse(stage: Stage, sent: Sent) -> Notification:
    return stage.provider.parse(sent.headers, sent.body, stage.now)


def _parsed(stage: Stage, sent: Sequence[Sent]) -> list[Notification]:
    return [_parse(stage, one) for one in sent]

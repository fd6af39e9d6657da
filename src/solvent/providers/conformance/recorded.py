"""Recorded: an adapter whose payments the merchant records, e.g. transfers.

Owns what holds for such an adapter in the place of the other classes: nobody can be charged, nothing is notified of and
no wire can fail. `stage.present` is the merchant who records the money. Does not own the recording.
"""

from datetime import timedelta
from uuid import uuid4

import pytest

from solvent.core.movement import MovementKind
from solvent.core.payment import ActionKind, FailureCause, Outcome
from solvent.ports.provider import NotificationRefused, RefundOutcome
from solvent.providers.conformance.stage import (
    AMOUNT,
    CURRENCY,
    Card,
    Stage,
    payment_request,
    refund_request,
)

VERY_LONG = timedelta(days=366)


class Recorded:
    """What every adapter must do whose capabilities say that its payments are recorded."""

    def test_the_capabilities_say_that_payments_are_recorded(self, stage: Stage) -> None:
        can = stage.provider.capabilities
        assert can.recorded
        assert (can.actions, can.off_session, can.mandates) == (frozenset({ActionKind.NONE}), False, False)

    def test_what_is_opened_is_processing_and_says_what_the_customer_must_do(self, stage: Stage) -> None:
        request = payment_request(stage)
        opened = stage.provider.open(request)
        assert (opened.outcome, opened.key, opened.amount) == (Outcome.PROCESSING, request.key, AMOUNT)
        assert opened.action is not None
        assert (opened.action.kind, opened.action.attempt_id) == (ActionKind.NONE, request.key)
        assert opened.action.instructions
        assert opened.action.expires_at > stage.now
        for again in (stage.provider.open(request), stage.provider.get(request.key, None)):
            assert again == opened
        assert stage.provider.confirm(request.key, str(opened.ref), None) == opened
        assert not stage.charged(request.key)

    def test_recorded_money_is_a_payment_and_in_the_statement(self, stage: Stage) -> None:
        since = stage.now
        opened = stage.provider.open(payment_request(stage))
        stage.present(opened, stage.cards[Card.PAYS])
        paid = stage.provider.get(opened.key, opened.ref)
        assert paid is not None
        assert (paid.outcome, paid.amount, paid.currency) == (Outcome.SUCCEEDED, AMOUNT, CURRENCY)
        assert list(stage.provider.payments_of(opened.key, None)) == [paid]
        assert list(stage.charged(opened.key)) == [AMOUNT]
        assert stage.provider.cancel(opened.key, None) == paid
        (row,) = [
            row
            for row in stage.provider.movements_since(since, stage.now + timedelta(minutes=1))
            if row.key == opened.key
        ]
        assert (row.kind, row.ref, row.amount, row.fee) == (MovementKind.PAYMENT, paid.ref, AMOUNT, 0)

    def test_money_that_comes_twice_is_two_payments(self, stage: Stage) -> None:
        since = stage.now
        opened = stage.provider.open(payment_request(stage))
        for _ in range(2):
            stage.present(opened, stage.cards[Card.PAYS])
        first, second = stage.provider.payments_of(opened.key, None)
        assert first.ref != second.ref
        told = [report for report in stage.provider.reports_since(since) if report.key == opened.key]
        assert told == [first, second]

    def test_what_was_given_up_is_over_until_money_comes_all_the_same(self, stage: Stage) -> None:
        opened = stage.provider.open(payment_request(stage))
        for _ in range(2):
            canceled = stage.provider.cancel(opened.key, opened.ref)
            assert canceled is not None
            assert (canceled.outcome, canceled.cause) == (Outcome.FAILED, FailureCause.CANCELED)
        stage.present(opened, stage.cards[Card.PAYS])
        late = stage.provider.get(opened.key, None)
        assert late is not None
        assert (late.outcome, late.amount) == (Outcome.SUCCEEDED, AMOUNT)

    def test_nothing_is_waited_for_for_ever(self, stage: Stage) -> None:
        opened = stage.provider.open(payment_request(stage))
        stage.wait(VERY_LONG)
        over = stage.provider.get(opened.key, None)
        assert over is not None
        assert (over.outcome, over.cause) == (Outcome.FAILED, FailureCause.EXPIRED)

    def test_nobody_can_be_charged_and_no_method_set_up(self, stage: Stage) -> None:
        charged = stage.provider.charge(payment_request(stage, off_session=True, method="a_method"))
        ready = stage.provider.open(payment_request(stage, amount=0, setup=True))
        for report in (charged, ready):
            assert (report.outcome, report.cause) == (Outcome.FAILED, FailureCause.NO_METHOD)
        stage.provider.detach("a_method")
        assert stage.provider.get_method("a_method") is None

    def test_another_request_under_a_used_key_asks_for_nothing(self, stage: Stage) -> None:
        request = payment_request(stage)
        stage.provider.open(request)
        other = stage.provider.open(payment_request(stage, key=request.key, amount=9900))
        assert (other.outcome, bool(other.unmapped)) == (Outcome.UNKNOWN, True)

    def test_what_nobody_asked_for_is_none(self, stage: Stage) -> None:
        assert stage.provider.get(uuid4(), None) is None
        assert stage.provider.cancel(uuid4(), None) is None
        assert list(stage.provider.payments_of(uuid4(), None)) == []
        assert stage.provider.confirm(uuid4(), "none", None).cause is FailureCause.EXPIRED

    def test_nothing_is_given_back_disputed_or_notified_of(self, stage: Stage) -> None:
        opened = stage.provider.open(payment_request(stage))
        stage.present(opened, stage.cards[Card.PAYS])
        paid = stage.provider.get(opened.key, None)
        assert paid is not None
        assert stage.provider.refund(refund_request(paid, AMOUNT)).outcome is RefundOutcome.FAILED
        assert list(stage.provider.refunds_since(stage.now - timedelta(days=1))) == []
        assert stage.provider.get_refund("r1") is None
        assert list(stage.provider.disputes_since(stage.now - timedelta(days=1))) == []
        assert stage.provider.get_dispute("d1") is None
        with pytest.raises(NotificationRefused):
            stage.provider.parse({}, b"{}", stage.now)

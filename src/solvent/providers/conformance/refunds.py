"""Refunds: in parts and whole, never above the payment, once per key, slow and refused ones.

Owns what a refund must do. Does not own disputes.
"""

from datetime import timedelta

from solvent.ports.provider import RefundOutcome, Subject
from solvent.providers.conformance.stage import AMOUNT, Card, Stage, pay, refund_request

LONG = timedelta(days=15)


class Refunds:
    """What every adapter must do with a refund."""

    def test_parts_never_exceed_the_payment(self, stage: Stage) -> None:
        paid = pay(stage)
        asked = (500, 701, 700, 1) if stage.provider.capabilities.partial_refunds else (AMOUNT + 1, AMOUNT, 1)
        outcomes = [stage.provider.refund(refund_request(paid, amount)).outcome for amount in asked]
        granted, refused = RefundOutcome.SUCCEEDED, RefundOutcome.FAILED
        assert (
            outcomes == [granted, refused, granted, refused]
            if len(asked) == 4
            else [refused, granted, refused]
        )
        assert stage.refunded(paid.key) == AMOUNT

    def test_a_refund_under_the_same_key_is_made_once(self, stage: Stage) -> None:
        paid = pay(stage)
        request = refund_request(paid, AMOUNT)
        first, again = stage.provider.refund(request), stage.provider.refund(request)
        assert (first.outcome, first.key) == (RefundOutcome.SUCCEEDED, request.key)
        assert (again.outcome, again.ref) == (RefundOutcome.SUCCEEDED, first.ref)
        assert stage.refunded(paid.key) == AMOUNT

    def test_a_refund_is_made_once_also_when_it_is_asked_for_again_much_later(self, stage: Stage) -> None:
        paid = pay(stage)
        request = refund_request(paid, 500 if stage.provider.capabilities.partial_refunds else AMOUNT)
        stage.provider.refund(request)
        stage.wait(LONG)
        assert stage.provider.refund(request).outcome is RefundOutcome.SUCCEEDED
        assert stage.refunded(paid.key) == request.amount

    def test_refunding_what_was_never_charged_fails(self, stage: Stage) -> None:
        paid = pay(stage)
        report = stage.provider.refund(refund_request(paid, AMOUNT, payment_ref="never_heard_of"))
        assert report.outcome is RefundOutcome.FAILED
        assert stage.refunded(paid.key) == 0

    def test_a_refund_is_told_of_by_its_name_and_in_the_list_of_what_changed(self, stage: Stage) -> None:
        since = stage.now
        paid = pay(stage)
        made = stage.provider.refund(refund_request(paid, AMOUNT))
        assert made.ref is not None
        assert stage.provider.get_refund(made.ref) == made
        assert stage.provider.get_refund("NEVERHEARDOF") is None
        assert [report for report in stage.provider.refunds_since(since) if report.key == made.key] == [made]
        assert made.key not in {report.key for report in stage.provider.refunds_since(stage.now + LONG)}

    def test_a_refund_that_had_succeeded_may_come_back(self, stage: Stage) -> None:
        paid = pay(stage, stage.cards[Card.REFUND_RETURNED])
        request = refund_request(paid, AMOUNT)
        made = stage.provider.refund(request)
        assert (made.outcome, stage.refunded(paid.key)) == (RefundOutcome.SUCCEEDED, AMOUNT)
        assert made.ref is not None
        stage.sent()
        since = stage.now
        stage.wait(LONG)
        known = stage.provider.get_refund(made.ref)
        assert known is not None
        assert (known.outcome, known.key, known.ref) == (RefundOutcome.FAILED, request.key, made.ref)
        assert stage.refunded(paid.key) == 0
        assert known in list(stage.provider.refunds_since(since))
        told = [stage.provider.parse(sent.headers, sent.body, stage.now) for sent in stage.sent()]
        assert (Subject.REFUND, request.key, made.ref) in {(n.subject, n.key, n.ref) for n in told}
        assert stage.provider.refund(request).outcome is RefundOutcome.FAILED
        assert stage.refunded(paid.key) == 0

    def test_a_refund_may_take_its_time(self, stage: Stage) -> None:
        paid = pay(stage, stage.cards[Card.REFUND_SLOW])
        request = refund_request(paid, AMOUNT)
        assert stage.provider.refund(request).outcome is RefundOutcome.PROCESSING
        stage.wait(LONG)
        assert stage.provider.refund(request).outcome is RefundOutcome.SUCCEEDED
        assert stage.refunded(paid.key) == AMOUNT

    def test_a_refund_may_be_refused(self, stage: Stage) -> None:
        paid = pay(stage, stage.cards[Card.REFUND_REFUSED])
        request = refund_request(paid, AMOUNT)
        first = stage.provider.refund(request).outcome
        stage.wait(LONG)
        assert first in (RefundOutcome.FAILED, RefundOutcome.PROCESSING)
        assert stage.provider.refund(request).outcome is RefundOutcome.FAILED
        assert stage.refunded(paid.key) == 0

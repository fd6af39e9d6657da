"""Disputes: a payment that its payer contests, as the provider tells of it.

Owns what an adapter must say of a dispute. Does not own what follows for the books (`core.dispute`).
"""

from datetime import timedelta

import pytest

from solvent.core.dispute import GONE, HELD, KEPT, DisputeReason
from solvent.ports.provider import RefundOutcome
from solvent.providers.conformance.stage import AMOUNT, CURRENCY, Stage, pay, refund_request


class Disputes:
    """What an adapter must do with a dispute."""

    def test_a_dispute_is_told_with_the_payment_it_is_about(self, stage: Stage) -> None:
        paid = pay(stage)
        stage.wait(timedelta(minutes=10))
        since = stage.now
        ref = stage.contest(paid)
        dispute = stage.provider.get_dispute(ref)
        assert dispute is not None
        assert (dispute.ref, dispute.payment_ref, dispute.key) == (ref, paid.ref, paid.key)
        assert (dispute.amount, dispute.currency) == (AMOUNT, CURRENCY)
        assert dispute.state in HELD
        assert dispute.reason in DisputeReason
        (listed,) = [one for one in stage.provider.disputes_since(since) if one.key == paid.key]
        assert (listed.ref, listed.state) == (ref, dispute.state)

    @pytest.mark.parametrize(("won", "ends"), [(True, KEPT), (False, GONE)])
    def test_a_dispute_is_decided(self, stage: Stage, won: bool, ends: frozenset[object]) -> None:
        paid = pay(stage)
        ref = stage.contest(paid)
        stage.wait(timedelta(days=30))
        since = stage.now
        stage.decide(ref, won=won)
        dispute = stage.provider.get_dispute(ref)
        assert dispute is not None
        assert dispute.state in ends
        assert ref in {one.ref for one in stage.provider.disputes_since(since)}

    def test_what_is_disputed_is_not_refunded_beside_it(self, stage: Stage) -> None:
        paid = pay(stage)
        stage.contest(paid)
        assert stage.provider.refund(refund_request(paid, AMOUNT)).outcome is RefundOutcome.FAILED
        assert stage.refunded(paid.key) == 0

    def test_a_dispute_that_the_provider_never_heard_of_is_none(self, stage: Stage) -> None:
        assert stage.provider.get_dispute("never_heard_of") is None

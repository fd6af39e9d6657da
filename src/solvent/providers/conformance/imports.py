"""Imports: what payers agreed on at the provider before it was reached through us.

Owns what confirming a setup with the name of such an agreement must do. Does not own whose names are taken
(`flows.importing`).
"""

from uuid import uuid4

import pytest

from solvent.core.payment import FailureCause, Outcome, Report
from solvent.ports.provider import ProviderDown, ProviderSilent
from solvent.providers.conformance.stage import AMOUNT, Card, Fault, Stage, payment_request


class Imports:
    """What every adapter must do whose table has `imports`."""

    def test_an_agreement_from_before_is_a_method_that_can_be_charged(self, stage: Stage) -> None:
        customer = uuid4()
        opened = _setup(stage, customer=customer)
        ready = stage.provider.confirm(opened.key, str(opened.ref), stage.agreed(stage.cards[Card.PAYS]))
        assert (ready.outcome, ready.amount) == (Outcome.SUCCEEDED, 0)
        assert ready.method is not None
        assert ready.method.off_session, "who imports agreements charges them"
        assert not stage.charged(opened.key)
        request = payment_request(stage, customer=customer, method=ready.method.token, off_session=True)
        assert stage.provider.charge(request).outcome is Outcome.SUCCEEDED
        assert list(stage.charged(request.key)) == [AMOUNT]

    def test_an_agreement_that_is_none_makes_no_method(self, stage: Stage) -> None:
        opened = _setup(stage)
        refused = stage.provider.confirm(opened.key, str(opened.ref), stage.agreed(None))
        assert (refused.outcome, refused.cause) == (Outcome.FAILED, FailureCause.AGREEMENT_REVOKED)
        assert refused.method is None

    @pytest.mark.parametrize("fault", Fault)
    def test_an_agreement_meets_a_fault_and_becomes_one_method(self, stage: Stage, fault: Fault) -> None:
        opened, agreement = _setup(stage), stage.agreed(stage.cards[Card.PAYS])
        with stage.failing(fault), pytest.raises((ProviderDown, ProviderSilent)):
            stage.provider.confirm(opened.key, str(opened.ref), agreement)
        first, again = (stage.provider.confirm(opened.key, str(opened.ref), agreement) for _ in range(2))
        assert (first.outcome, again.outcome) == (Outcome.SUCCEEDED, Outcome.SUCCEEDED)
        assert first.method is not None
        assert again.method is not None
        assert first.method.token == again.method.token


def _setup(stage: Stage, **other: object) -> Report:
    return stage.provider.open(payment_request(stage, amount=0, setup=True, **other))

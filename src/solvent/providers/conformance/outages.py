"""Outages: a wire that fails before or after the provider has acted.

Owns what an adapter must raise, and that the same key afterwards moves money once. Does not own repeating
(`providers.boundary`).
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from solvent.core.payment import FailureCause, Outcome, Report
from solvent.ports.provider import ProviderDown, ProviderSilent, RefundOutcome, RefundReport
from solvent.providers.conformance.stage import (
    AMOUNT,
    Card,
    Fault,
    Stage,
    charge_request,
    needs_off_session,
    pay,
    payment_request,
    refund_request,
)

NOTHING_HAPPENED = (Fault.NOT_REACHED, Fault.TURNED_AWAY)


class Outages:
    """What every adapter must do when it gets no answer."""

    @pytest.mark.parametrize("fault", Fault)
    def test_a_charge_meets_a_fault_and_is_made_once(self, stage: Stage, fault: Fault) -> None:
        needs_off_session(stage)
        request = charge_request(stage, stage.cards[Card.PAYS])
        _meets(stage, fault, lambda: stage.provider.charge(request))
        if fault in NOTHING_HAPPENED:
            assert not stage.charged(request.key)
        found = stage.provider.get(request.key, None)
        if found is None:
            assert not stage.charged(request.key)
            found = stage.provider.charge(request)
        assert (found.outcome, found.amount) == (Outcome.SUCCEEDED, AMOUNT)
        assert list(stage.charged(request.key)) == [AMOUNT]
        assert stage.provider.charge(request).outcome is Outcome.SUCCEEDED
        assert list(stage.charged(request.key)) == [AMOUNT]

    @pytest.mark.parametrize("fault", Fault)
    def test_opening_meets_a_fault_and_opens_once(self, stage: Stage, fault: Fault) -> None:
        request = payment_request(stage)
        _meets(stage, fault, lambda: stage.provider.open(request))
        opened = stage.provider.open(request)
        assert opened.outcome is Outcome.REQUIRES_ACTION
        found = stage.provider.get(request.key, None)
        assert found is not None
        assert found.ref == opened.ref

    @pytest.mark.parametrize("fault", Fault)
    def test_a_confirmation_meets_a_fault_and_pays_once(self, stage: Stage, fault: Fault) -> None:
        opened = stage.provider.open(payment_request(stage))
        ref = opened.ref
        assert ref is not None
        method = stage.present(opened, stage.cards[Card.PAYS])
        _meets(stage, fault, lambda: stage.provider.confirm(opened.key, ref, method))
        if fault in NOTHING_HAPPENED:
            assert not stage.charged(opened.key)
        paid = stage.provider.confirm(opened.key, ref, method)
        assert (paid.outcome, paid.amount) == (Outcome.SUCCEEDED, AMOUNT)
        assert list(stage.charged(opened.key)) == [AMOUNT]

    @pytest.mark.parametrize("fault", Fault)
    def test_a_refund_meets_a_fault_and_is_made_once(self, stage: Stage, fault: Fault) -> None:
        paid = pay(stage)
        request = refund_request(paid, AMOUNT)
        _meets(stage, fault, lambda: stage.provider.refund(request))
        if fault in NOTHING_HAPPENED:
            assert stage.refunded(paid.key) == 0
        assert stage.provider.refund(request).outcome is RefundOutcome.SUCCEEDED
        assert stage.refunded(paid.key) == AMOUNT

    @pytest.mark.parametrize("fault", Fault)
    def test_questions_that_meet_a_fault_claim_nothing(self, stage: Stage, fault: Fault) -> None:
        paid = pay(stage)
        since = stage.now - timedelta(minutes=10)
        refunded = stage.provider.refund(refund_request(paid, AMOUNT)).ref
        assert refunded is not None
        questions: list[Callable[[], object]] = [
            lambda: stage.provider.get(paid.key, None),
            lambda: stage.provider.get(paid.key, paid.ref),
            lambda: list(stage.provider.payments_of(paid.key, paid.ref)),
            lambda: list(stage.provider.reports_since(since)),
            lambda: list(stage.provider.refunds_since(since)),
            lambda: list(stage.provider.disputes_since(since)),
            lambda: list(stage.provider.movements_since(since, stage.now + timedelta(minutes=1))),
            lambda: stage.provider.get_refund(refunded),
            lambda: stage.provider.cancel(paid.key, paid.ref),
        ]
        if paid.method is not None:
            token = paid.method.token
            questions += [lambda: stage.provider.get_method(token), lambda: stage.provider.detach(token)]
        for question in questions:
            with stage.failing(fault), pytest.raises((ProviderDown, ProviderSilent)):
                question()

    def test_what_is_refused_for_the_merchants_sake_is_no_decline_and_is_over_with_it(
        self, stage: Stage
    ) -> None:
        needs_off_session(stage)
        request = charge_request(stage, stage.cards[Card.PAYS])
        with stage.refusing():
            for _ in range(2):
                report = stage.provider.charge(request)
                assert (report.outcome, report.cause) == (Outcome.FAILED, FailureCause.PROVIDER_UNAVAILABLE)
        assert not stage.charged(request.key)
        again = stage.provider.charge(replace(request, key=uuid4()))
        assert (again.outcome, again.amount) == (Outcome.SUCCEEDED, AMOUNT)

    @pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.GARBLED])
    def test_a_refusal_does_not_hide_what_an_earlier_request_paid(self, stage: Stage, fault: Fault) -> None:
        needs_off_session(stage)
        request = charge_request(stage, stage.cards[Card.PAYS])
        _meets(stage, fault, lambda: stage.provider.charge(request))
        with stage.refusing():
            report = stage.provider.charge(request)
        assert (report.outcome, report.amount) == (Outcome.SUCCEEDED, AMOUNT)
        assert list(stage.charged(request.key)) == [AMOUNT]

    @pytest.mark.parametrize("fault", Fault)
    def test_a_refusal_that_is_not_heard_is_no_failure(self, stage: Stage, fault: Fault) -> None:
        needs_off_session(stage)
        request = charge_request(stage, stage.cards[Card.PAYS])
        with stage.refusing():
            _meets(stage, fault, lambda: stage.provider.charge(request))
        assert not stage.charged(request.key)


def _meets(stage: Stage, fault: Fault, call: Callable[[], Report | RefundReport]) -> None:
    """The call fails as it must: certainly nothing happened, or nobody knows."""
    wanted: type[Exception] = ProviderDown if fault in NOTHING_HAPPENED else ProviderSilent
    with stage.failing(fault), pytest.raises(wanted):
        call()

"""Actions: failing for every cause, bringing a method, being authenticated, being redirected, waiting for days.

Owns what follows from the payer's and the bank's part. Does not own the basics.
"""

from datetime import timedelta
from uuid import uuid4

import pytest

from solvent.core.payment import CAUSE_CLASS, ActionKind, CauseClass, FailureCause, Outcome
from solvent.providers.conformance.stage import (
    AMOUNT,
    Card,
    Stage,
    charge_request,
    moved,
    needs_off_session,
    pay,
    payment_request,
)

LONG = timedelta(days=15)

# Not a provider's: they say how an attempt ended on our side, or that nobody was reached.
_OURS = frozenset(
    cause for cause, kind in CAUSE_CLASS.items() if kind in (CauseClass.OUTAGE, CauseClass.ABANDONED)
)
# Shown by tests of their own: of forgotten methods, and of challenges.
_ELSEWHERE = frozenset(
    {
        FailureCause.NO_METHOD,
        FailureCause.AUTHENTICATION_REQUIRED,
        FailureCause.AUTHENTICATION_FAILED,
    }
)


class Causes:
    """Every cause with which a charge can fail."""

    def test_every_cause_is_either_shown_or_declared_impossible(self, stage: Stage) -> None:
        shown = frozenset(stage.causes)
        assert not shown & stage.never
        assert shown | stage.never | _OURS | _ELSEWHERE == frozenset(FailureCause)
        assert FailureCause.DECLINED in shown

    def test_a_charge_fails_for_each_cause_and_says_so_when_asked_again(self, stage: Stage) -> None:
        needs_off_session(stage)
        for cause, behaviour in stage.causes.items():
            request = charge_request(stage, behaviour)
            for report in (
                stage.provider.charge(request),
                stage.provider.charge(request),
                stage.provider.get(request.key, None),
            ):
                if report is None:
                    continue  # a provider may keep no record of what it refused at once
                assert (report.outcome, report.cause) == (Outcome.FAILED, cause), behaviour
                assert report.unmapped is None
            assert not stage.charged(request.key), behaviour

    def test_a_payment_on_session_fails_for_each_cause(self, stage: Stage) -> None:
        for cause, behaviour in stage.causes.items():
            if cause is FailureCause.AGREEMENT_REVOKED:
                continue  # an agreement serves without the payer
            report = pay(stage, behaviour)
            assert report.outcome is Outcome.FAILED, behaviour
            assert report.cause is cause, behaviour
            assert not stage.charged(report.key), behaviour


class Brought:
    """The payer brings a method, which is named when the payment is confirmed: by a browser, so it may be anybody's."""

    @pytest.mark.parametrize("setup", [False, True])
    def test_another_customers_method_is_refused_and_the_payment_is_over(
        self, stage: Stage, setup: bool
    ) -> None:
        needs_off_session(stage)
        theirs = stage.stored(uuid4(), stage.cards[Card.PAYS])
        amount = 0 if setup else AMOUNT
        opened = stage.provider.open(payment_request(stage, setup=setup, amount=amount))
        assert opened.ref is not None
        report = stage.provider.confirm(opened.key, opened.ref, theirs)
        assert (report.outcome, report.cause) == (Outcome.FAILED, FailureCause.NO_METHOD)
        method = stage.present(opened, stage.cards[Card.PAYS])
        assert stage.provider.confirm(opened.key, opened.ref, method).outcome is Outcome.FAILED
        assert not stage.charged(opened.key)


class Challenges:
    """The payer is authenticated on a page of the bank."""

    def test_a_challenge_that_is_passed_ends_in_one_payment(self, stage: Stage) -> None:
        report = pay(stage, stage.cards[Card.CHALLENGED])
        assert report.outcome is Outcome.REQUIRES_ACTION
        assert report.action is not None
        assert report.action.kind in (ActionKind.REDIRECT, ActionKind.CONFIRM)
        assert report.ref is not None
        assert not stage.charged(report.key)
        stage.challenge(report, passed=True)
        paid = stage.provider.confirm(report.key, report.ref, None)
        assert (paid.outcome, paid.amount) == (Outcome.SUCCEEDED, AMOUNT)
        assert list(stage.charged(report.key)) == [AMOUNT]

    def test_a_challenge_that_is_failed_is_no_payment(self, stage: Stage) -> None:
        report = pay(stage, stage.cards[Card.CHALLENGED])
        assert report.ref is not None
        stage.challenge(report, passed=False)
        failed = stage.provider.confirm(report.key, report.ref, None)
        assert (failed.outcome, failed.cause) == (Outcome.FAILED, FailureCause.AUTHENTICATION_FAILED)
        assert not stage.charged(report.key)

    def test_a_challenge_that_is_left_alone_can_be_given_up(self, stage: Stage) -> None:
        report = pay(stage, stage.cards[Card.CHALLENGED])
        canceled = stage.provider.cancel(report.key, report.ref)
        assert canceled is not None
        assert (canceled.outcome, canceled.cause) == (Outcome.FAILED, FailureCause.CANCELED)
        stage.challenge(report, passed=True)
        assert not stage.charged(report.key)

    def test_off_session_needing_the_payer_is_a_failure_with_that_cause(self, stage: Stage) -> None:
        needs_off_session(stage)
        request = charge_request(stage, stage.cards[Card.NEEDS_PAYER])
        for report in (stage.provider.charge(request), stage.provider.get(request.key, None)):
            assert report is not None
            assert (report.outcome, report.cause) == (Outcome.FAILED, FailureCause.AUTHENTICATION_REQUIRED)
        assert not stage.charged(request.key)

    def test_what_was_authenticated_once_is_charged_off_session(self, stage: Stage) -> None:
        needs_off_session(stage)
        request = charge_request(stage, stage.cards[Card.CHALLENGED])
        assert stage.provider.charge(request).outcome is Outcome.SUCCEEDED


class Redirects:
    """The payer approves on a page of the provider, and the payment is captured on return."""

    def test_approved_is_not_paid_until_it_is_confirmed(self, stage: Stage) -> None:
        opened = stage.provider.open(payment_request(stage))
        assert opened.action is not None
        assert (opened.action.kind, opened.action.client_secret) == (ActionKind.REDIRECT, None)
        assert opened.action.url
        assert opened.ref is not None
        stage.present(opened, stage.cards[Card.PAYS])
        approved = stage.provider.get(opened.key, opened.ref)
        assert approved is not None
        assert approved.outcome is Outcome.REQUIRES_ACTION
        assert not stage.charged(opened.key)
        assert stage.provider.confirm(opened.key, opened.ref, None).outcome is Outcome.SUCCEEDED
        assert list(stage.charged(opened.key)) == [AMOUNT]

    def test_confirming_what_was_not_approved_moves_nothing(self, stage: Stage) -> None:
        opened = stage.provider.open(payment_request(stage))
        assert opened.ref is not None
        assert stage.provider.confirm(opened.key, opened.ref, None).outcome is Outcome.REQUIRES_ACTION
        assert not stage.charged(opened.key)


class Delays:
    """The money takes days."""

    def test_processing_is_told_until_the_money_has_come(self, stage: Stage) -> None:
        began = moved(stage, stage.cards[Card.SLOW])
        assert began.outcome is Outcome.PROCESSING
        found = stage.provider.get(began.key, None)
        assert found is not None
        assert found.outcome is Outcome.PROCESSING
        assert not stage.charged(began.key)
        stage.wait(LONG)
        paid = stage.provider.get(began.key, None)
        assert paid is not None
        assert (paid.outcome, paid.amount) == (Outcome.SUCCEEDED, AMOUNT)
        assert list(stage.charged(began.key)) == [AMOUNT]

    def test_processing_may_end_in_a_failure(self, stage: Stage) -> None:
        began = moved(stage, stage.cards[Card.SLOW_FAILS])
        assert began.outcome is Outcome.PROCESSING
        stage.wait(LONG)
        failed = stage.provider.get(began.key, None)
        assert failed is not None
        assert (failed.outcome, failed.cause) == (Outcome.FAILED, FailureCause.INSUFFICIENT_FUNDS)
        assert not stage.charged(began.key)

    def test_giving_up_what_is_processing_does_not_pretend(self, stage: Stage) -> None:
        began = moved(stage, stage.cards[Card.SLOW])
        report = stage.provider.cancel(began.key, None)
        assert report is not None
        assert report.outcome in (Outcome.PROCESSING, Outcome.FAILED)
        stage.wait(LONG)
        stage.provider.get(began.key, None)
        assert bool(stage.charged(began.key)) == (report.outcome is Outcome.PROCESSING)

    def test_a_poll_finds_what_was_settled_meanwhile(self, stage: Stage) -> None:
        began = moved(stage, stage.cards[Card.SLOW])
        stage.wait(timedelta(minutes=10))
        since = stage.now
        stage.wait(LONG)
        reports = {report.key: report for report in stage.provider.reports_since(since)}
        assert reports[began.key].outcome is Outcome.SUCCEEDED

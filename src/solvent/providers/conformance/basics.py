"""Basics: opening, paying, charging, looking up, giving up, polling; keys that are used again.

Owns what holds for every provider. Does not own what only some can do (`actions`), refunds, notices nor outages.
"""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from solvent.core.payment import ActionKind, FailureCause, Outcome
from solvent.ports.provider import DisputeAnswer
from solvent.providers.conformance.stage import (
    AMOUNT,
    CURRENCY,
    Card,
    Stage,
    charge_request,
    moved,
    needs_off_session,
    pay,
    payment_request,
)

YEN = 1200
DINARS = 12_340  # 12.340 KWD: three decimals


class Basics:
    """What every adapter must do."""

    def test_the_classes_are_what_the_capabilities_call_for(self, stage: Stage) -> None:
        can = stage.provider.capabilities
        mine = {ancestor.__name__ for ancestor in type(self).__mro__}
        wanted = {"Abilities", "Basics", "Causes", "Refunds", "Notifications", "Outages", "Statements"}
        wanted |= {"Redirects"} if ActionKind.NONE in can.actions else {"Challenges"}
        wanted |= {"Brought"} if ActionKind.CONFIRM in can.actions else set()
        wanted |= {"Delays"} if can.delayed_settlement else set()
        wanted |= {"Imports"} if can.imports is not None else set()
        wanted |= {"Expiries"} if can.tells_expiry else set()
        wanted |= {"Customers"} if can.keeps_customers else set()
        wanted |= {"Disputes"} if can.dispute_answers & frozenset(DisputeAnswer) else set()
        assert wanted <= mine, f"missing: {', '.join(sorted(wanted - mine))}"

    def test_open_moves_no_money_and_says_what_the_customer_must_do(self, stage: Stage) -> None:
        request = payment_request(stage)
        report = stage.provider.open(request)
        assert (report.outcome, report.key) == (Outcome.REQUIRES_ACTION, request.key)
        assert report.action is not None
        assert (report.action.provider, report.action.attempt_id) == (stage.provider.name, request.key)
        assert report.action.kind in stage.provider.capabilities.actions
        assert report.action.expires_at > stage.now
        assert report.action.client_secret or report.action.url
        assert not stage.charged(request.key)

    def test_opening_again_opens_nothing_new(self, stage: Stage) -> None:
        request = payment_request(stage)
        first, again = stage.provider.open(request), stage.provider.open(request)
        assert (again.outcome, again.ref) == (first.outcome, first.ref)

    def test_paying_on_session_charges_once_and_vaults_the_method(self, stage: Stage) -> None:
        paid = pay(stage)
        assert (paid.outcome, paid.amount, paid.currency) == (Outcome.SUCCEEDED, AMOUNT, CURRENCY)
        assert list(stage.charged(paid.key)) == [AMOUNT]
        if paid.method is None:
            assert not stage.provider.capabilities.off_session, "what is charged later is vaulted now"
            return
        assert paid.method.provider == stage.provider.name
        assert paid.method.off_session == stage.provider.capabilities.off_session
        assert paid.method.label
        assert paid.method.kind

    def test_confirming_again_charges_no_second_time(self, stage: Stage) -> None:
        paid = pay(stage)
        assert paid.ref is not None
        again = stage.provider.confirm(paid.key, paid.ref, None)
        assert (again.outcome, again.ref, again.amount) == (Outcome.SUCCEEDED, paid.ref, AMOUNT)
        assert list(stage.charged(paid.key)) == [AMOUNT]

    def test_a_setup_vaults_a_method_that_can_be_charged_later(self, stage: Stage) -> None:
        needs_off_session(stage)
        customer = uuid4()
        ready = pay(stage, customer=customer, amount=0, setup=True)
        assert (ready.outcome, ready.amount) == (Outcome.SUCCEEDED, 0)
        assert ready.method is not None
        assert not stage.charged(ready.key)
        found = stage.provider.get(ready.key, None)
        assert found is not None
        assert (found.outcome, found.ref) == (Outcome.SUCCEEDED, ready.ref)
        request = payment_request(stage, customer=customer, method=ready.method.token, off_session=True)
        assert stage.provider.charge(request).outcome is Outcome.SUCCEEDED
        assert list(stage.charged(request.key)) == [AMOUNT]

    def test_a_charge_under_the_same_key_is_made_once(self, stage: Stage) -> None:
        needs_off_session(stage)
        request = charge_request(stage, stage.cards[Card.PAYS])
        first, again = stage.provider.charge(request), stage.provider.charge(request)
        assert (first.outcome, first.amount, first.currency) == (Outcome.SUCCEEDED, AMOUNT, CURRENCY)
        assert (again.outcome, again.ref) == (Outcome.SUCCEEDED, first.ref)
        assert list(stage.charged(request.key)) == [AMOUNT]

    def test_another_request_under_a_used_key_moves_nothing(self, stage: Stage) -> None:
        if not stage.provider.capabilities.off_session:
            self._opened_under_a_used_key(stage)
            return
        request = charge_request(stage, stage.cards[Card.PAYS])
        stage.provider.charge(request)
        other = payment_request(
            stage,
            key=request.key,
            customer=request.customer,
            method=request.method,
            off_session=True,
            amount=9900,
        )
        report = stage.provider.charge(other)
        assert report.outcome is not Outcome.FAILED, "the money of the first request did move"
        assert report.amount != 9900
        assert list(stage.charged(request.key)) == [AMOUNT]

    def _opened_under_a_used_key(self, stage: Stage) -> None:
        request = payment_request(stage)
        opened = stage.provider.open(request)
        assert opened.ref is not None
        method = stage.present(opened, stage.cards[Card.PAYS])
        stage.provider.confirm(opened.key, opened.ref, method)
        report = stage.provider.open(replace(request, amount=9900))
        assert report.outcome is not Outcome.FAILED, "the money of the first request did move"
        assert report.amount != 9900
        assert list(stage.charged(request.key)) == [AMOUNT]

    def test_a_method_of_another_customer_cannot_be_charged(self, stage: Stage) -> None:
        needs_off_session(stage)
        request = charge_request(stage, stage.cards[Card.PAYS], customer=uuid4())
        report = stage.provider.charge(request)
        assert (report.outcome, report.cause) == (Outcome.FAILED, FailureCause.NO_METHOD)
        assert not stage.charged(request.key)

    def test_charging_without_a_method_fails(self, stage: Stage) -> None:
        report = stage.provider.charge(payment_request(stage, off_session=True))
        assert (report.outcome, report.cause) == (Outcome.FAILED, FailureCause.NO_METHOD)

    def test_a_forgotten_method_cannot_be_charged_and_forgetting_twice_is_no_error(
        self, stage: Stage
    ) -> None:
        needs_off_session(stage)
        request = charge_request(stage, stage.cards[Card.PAYS])
        assert request.method is not None
        assert stage.provider.get_method(request.method) is not None
        stage.provider.detach(request.method)
        stage.provider.detach(request.method)
        assert stage.provider.get_method(request.method) is None
        report = stage.provider.charge(request)
        assert (report.outcome, report.cause) == (Outcome.FAILED, FailureCause.NO_METHOD)
        assert not stage.charged(request.key)

    def test_looking_up_by_our_key_or_by_ref_tells_the_same(self, stage: Stage) -> None:
        paid = moved(stage)
        for ref in (None, paid.ref):
            found = stage.provider.get(paid.key, ref)
            assert found is not None
            assert (found.outcome, found.key, found.ref) == (Outcome.SUCCEEDED, paid.key, paid.ref)
            assert (found.amount, found.currency) == (AMOUNT, CURRENCY)
        for ref in (None, paid.ref):
            (movement,) = stage.provider.payments_of(paid.key, ref)
            assert (movement.outcome, movement.ref, movement.amount) == (Outcome.SUCCEEDED, paid.ref, AMOUNT)

    def test_what_the_provider_never_heard_of_is_none(self, stage: Stage) -> None:
        assert stage.provider.get(uuid4(), None) is None
        assert stage.provider.cancel(uuid4(), None) is None
        assert list(stage.provider.payments_of(uuid4(), None)) == []

    def test_a_cancelled_attempt_can_no_longer_succeed(self, stage: Stage) -> None:
        opened = stage.provider.open(payment_request(stage))
        assert opened.ref is not None
        for ref in (opened.ref, None):
            canceled = stage.provider.cancel(opened.key, ref)
            assert canceled is not None
            assert (canceled.outcome, canceled.cause) == (Outcome.FAILED, FailureCause.CANCELED)
        method = stage.present(opened, stage.cards[Card.PAYS])
        assert stage.provider.confirm(opened.key, opened.ref, method).outcome is Outcome.FAILED
        assert not stage.charged(opened.key)

    def test_cancelling_too_late_reports_the_outcome_that_came_first(self, stage: Stage) -> None:
        paid = pay(stage)
        for ref in (paid.ref, None):
            report = stage.provider.cancel(paid.key, ref)
            assert report is not None
            assert (report.outcome, report.ref) == (Outcome.SUCCEEDED, paid.ref)

    def test_a_poll_finds_what_changed_and_leaves_out_what_did_not(self, stage: Stage) -> None:
        before = pay(stage)
        stage.wait(timedelta(minutes=10))
        since = stage.now
        keys = []
        for _ in range(3):
            keys.append(moved(stage).key)
            stage.wait(timedelta(minutes=1))
        reports = {report.key: report for report in stage.provider.reports_since(since)}
        assert [key for key in reports if key in keys] == keys, "oldest first"
        assert {reports[key].outcome for key in keys} == {Outcome.SUCCEEDED}
        assert before.key not in reports

    def test_amounts_are_in_minor_units_whatever_the_currency_has(self, stage: Stage) -> None:
        for currency, amount in (("JPY", YEN), ("KWD", DINARS), ("ISK", YEN), ("EUR", AMOUNT)):
            if stage.provider.capabilities.takes(currency):
                paid = pay(stage, currency=currency, amount=amount)
                assert (paid.outcome, paid.amount, paid.currency) == (Outcome.SUCCEEDED, amount, currency)
                assert list(stage.charged(paid.key)) == [amount]

    def test_a_status_that_nobody_mapped_is_unknown_and_named(self, stage: Stage) -> None:
        report = moved(stage, stage.cards[Card.ODD])
        assert report.outcome is Outcome.UNKNOWN
        assert report.unmapped
        found = stage.provider.get(report.key, None)
        assert found is not None
        assert found.outcome is Outcome.UNKNOWN
        stage.settle(found, succeeded=True)
        decided = stage.provider.get(report.key, found.ref)
        assert decided is not None
        assert (decided.outcome, decided.amount) == (Outcome.SUCCEEDED, AMOUNT)

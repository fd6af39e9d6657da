"""Abilities: what the table of capabilities says is so.

Owns what is asked of mandates, authentication, currencies and least amounts. Does not own which classes of tests a
table calls for (`basics`), nor delays, parts of refunds and answers to disputes, which have tests of their own.
"""

from uuid import uuid4

from solvent.core.payment import ActionKind, Authentication, FailureCause, Outcome, Report
from solvent.providers.conformance.stage import AMOUNT, CURRENCY, Card, Stage, pay, payment_request

# One of these is excluded by whoever excludes any: a currency of three decimals, and two that are under sanctions.
SELDOM_TAKEN = ("KWD", "IRR", "KPW")
REFUSED = frozenset({Outcome.FAILED, Outcome.UNKNOWN})


def _passed(stage: Stage, asked: Report) -> Report:
    """A card that would pay at once asks its payer all the same, and pays when that is passed."""
    assert asked.outcome is Outcome.REQUIRES_ACTION
    assert asked.action is not None
    assert asked.action.kind in (ActionKind.REDIRECT, ActionKind.CONFIRM)
    assert not stage.charged(asked.key)
    stage.challenge(asked, passed=True)
    done = stage.provider.confirm(asked.key, str(asked.ref), None)
    assert done.outcome is Outcome.SUCCEEDED
    return done


class Abilities:
    """What every adapter must do because its table says so."""

    def test_a_mandate_is_confirmed_with_a_setup_or_none_is_opened(self, stage: Stage) -> None:
        can = stage.provider.capabilities
        if not can.mandates:
            report = stage.provider.open(payment_request(stage, amount=0, setup=True))
            assert (report.outcome, report.cause) == (Outcome.FAILED, FailureCause.NO_METHOD)
            return
        ready = pay(stage, amount=0, setup=True)
        assert (ready.outcome, ready.amount) == (Outcome.SUCCEEDED, 0)
        assert ready.method is not None
        assert ready.method.off_session, "a mandate is for charges without the customer"
        assert not stage.charged(ready.key)

    def test_customers_are_charged_without_them_if_and_only_if_the_table_says_so(self, stage: Stage) -> None:
        can, customer = stage.provider.capabilities, uuid4()
        method = pay(stage, customer=customer).method
        token = "a_method" if method is None else method.token
        request = payment_request(stage, customer=customer, method=token, off_session=True)
        if can.off_session:
            assert stage.provider.charge(request).outcome is Outcome.SUCCEEDED
            assert list(stage.charged(request.key)) == [AMOUNT]
            return
        assert not can.mandates, "a mandate is for charges without the customer"
        assert method is None or not method.off_session
        charged = stage.provider.charge(request)
        assert (charged.outcome, charged.cause) == (Outcome.FAILED, FailureCause.NO_METHOD)
        assert not stage.charged(request.key)

    def test_the_payer_is_authenticated_where_that_is_asked_for(self, stage: Stage) -> None:
        can = stage.provider.capabilities
        if not can.three_ds_control:
            paid = pay(stage, stage.cards[Card.PAYS], authentication=Authentication.PREFERRED)
            assert paid.outcome is Outcome.SUCCEEDED, "who cannot goes on as if nothing had been said"
            return
        assert can.kinds is None or can.three_ds_control <= can.kinds
        for demand in (Authentication.PREFERRED, Authentication.REQUIRED):
            paid = _passed(stage, pay(stage, stage.cards[Card.PAYS], authentication=demand))
            assert list(stage.charged(paid.key)) == [AMOUNT]
            assert paid.method is None or paid.method.kind in can.three_ds_control

    def test_whose_method_is_on_file_or_only_set_up_is_authenticated_too(self, stage: Stage) -> None:
        can, demand, customer = stage.provider.capabilities, Authentication.REQUIRED, uuid4()
        if not can.three_ds_control:
            return
        amount = 0 if can.mandates else AMOUNT
        began = pay(stage, customer=customer, authentication=demand, amount=amount, setup=not amount)
        ready = _passed(stage, began)
        if ready.method is None:
            assert not can.off_session, "what is charged later is vaulted now"
            return
        stored = ready.method.token
        request = payment_request(stage, customer=customer, method=stored, authentication=demand)
        opened = stage.provider.open(request)
        asked = stage.provider.confirm(opened.key, str(opened.ref), stored)
        assert list(stage.charged(_passed(stage, asked).key)) == [AMOUNT]

    def test_a_currency_that_is_not_taken_moves_nothing(self, stage: Stage) -> None:
        for currency in SELDOM_TAKEN:
            if stage.provider.capabilities.takes(currency):
                continue
            request = payment_request(stage, currency=currency)
            assert stage.provider.open(request).outcome in REFUSED, currency
            assert not stage.charged(request.key)

    def test_less_than_the_least_amount_moves_nothing(self, stage: Stage) -> None:
        least = stage.provider.capabilities.least(CURRENCY)
        request = payment_request(stage, amount=least)
        assert stage.provider.open(request).outcome is Outcome.REQUIRES_ACTION
        if least > 1:
            small = payment_request(stage, amount=least - 1)
            assert stage.provider.open(small).outcome in REFUSED
            assert not stage.charged(small.key)

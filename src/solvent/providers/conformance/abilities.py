"""Abilities: what the table of capabilities says is so.

Owns what is asked of mandates, authentication, currencies and least amounts. Does not own which classes of tests a
table calls for (`basics`), nor delays, parts of refunds and answers to disputes, which have tests of their own.
"""

from solvent.core.payment import ActionKind, FailureCause, Outcome
from solvent.ports.provider import Authentication
from solvent.providers.conformance.stage import AMOUNT, CURRENCY, Card, Stage, pay, payment_request

# One of these is excluded by whoever excludes any: a currency of three decimals, and two that are under sanctions.
SELDOM_TAKEN = ("KWD", "IRR", "KPW")
REFUSED = frozenset({Outcome.FAILED, Outcome.UNKNOWN})


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

    def test_the_payer_is_authenticated_where_that_is_asked_for(self, stage: Stage) -> None:
        can = stage.provider.capabilities
        assert Authentication.AUTOMATIC in can.authentication
        if Authentication.REQUIRED not in can.authentication:
            return
        asked = pay(stage, stage.cards[Card.PAYS], authentication=Authentication.REQUIRED)
        assert asked.outcome is Outcome.REQUIRES_ACTION, "a card that pays at once is asked all the same"
        assert asked.action is not None
        assert asked.action.kind in (ActionKind.REDIRECT, ActionKind.CONFIRM)
        assert asked.ref is not None
        assert not stage.charged(asked.key)
        stage.challenge(asked, passed=True)
        assert stage.provider.confirm(asked.key, asked.ref, None).outcome is Outcome.SUCCEEDED
        assert list(stage.charged(asked.key)) == [AMOUNT]

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

"""The words of payment: which causes belong together, which reports cannot be, and when a provider has a part."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from solvent.core.change import AddMethod, NewItem, Start
from solvent.core.payment import CAUSE_CLASS, IN_FLIGHT, AttemptState, FailureCause, Outcome, Report
from tests.core.till import Till

if TYPE_CHECKING:
    from tests.core.conftest import Shop

KEY = UUID(int=1)


def test_every_cause_has_a_class() -> None:
    listed = "\n".join(f"{cause:24}{CAUSE_CLASS[cause]}" for cause in FailureCause)
    assert listed == "\n".join(
        [
            "card_expired            permanent",
            "card_lost               permanent",
            "card_invalid            permanent",
            "account_closed          permanent",
            "agreement_revoked       permanent",
            "fraud_suspected         permanent",
            "no_method               permanent",
            "insufficient_funds      transient",
            "limit_exceeded          transient",
            "declined                transient",
            "authentication_required action_needed",
            "authentication_failed   action_needed",
            "provider_unavailable    outage",
            "canceled                abandoned",
            "expired                 abandoned",
            "coupon_used_up          abandoned",
            "charge_held             abandoned",
        ]
    )


def test_money_without_a_name_is_no_report() -> None:
    """Nobody could tell it from the same money reported again."""
    with pytest.raises(ValueError, match="without a provider's reference"):
        Report(outcome=Outcome.SUCCEEDED, key=KEY, amount=1, currency="USD")
    with pytest.raises(ValueError, match="negative amount, -1"):
        Report(outcome=Outcome.PROCESSING, key=KEY, amount=-1)


@pytest.mark.parametrize("outcome", [x for x in Outcome if x is not Outcome.SUCCEEDED])
def test_an_amount_that_has_not_moved_needs_no_name(outcome: Outcome) -> None:
    assert Report(outcome=outcome, key=KEY, amount=1).ref is None
    assert Report(outcome=Outcome.SUCCEEDED, key=KEY).amount == 0


def test_a_provider_has_a_part_in_money_and_in_mandates(shop: Shop) -> None:
    till = Till(shop)
    paid = till.open(shop.plan(Start(items=(NewItem(price_id="pro", object="zone:a"),))))
    free = till.open(shop.plan(Start(items=(NewItem(price_id="free", object="zone:b"),))))
    mandate = till.open(shop.plan(AddMethod()))
    assert [x.needs_provider for x in (paid, free, mandate)] == [True, False, True]


def test_an_attempt_is_in_flight_until_it_has_ended(shop: Shop) -> None:
    plan = shop.plan(AddMethod())
    till = Till(shop)
    assert {state for state in AttemptState if till.open(plan, state).in_flight} == IN_FLIGHT
    assert set(AttemptState) - IN_FLIGHT == {
        AttemptState.FAILED,
        AttemptState.COMMITTED,
        AttemptState.RETURNED,
    }

"""Stripe's balance transactions in our words: what is ours, what is not, and in which currency."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from solvent.core.movement import Movement, MovementKind
from solvent.ports.provider import ProviderSilent
from solvent.providers.conformance import pay, refund_request
from solvent.providers.stripe.movements import _told
from tests.providers.stripe.stage import StripeStage

HOUR = timedelta(hours=1)
ROW: dict[str, Any] = {
    "id": "txn_1",
    "type": "charge",
    "amount": 1850,
    "currency": "eur",
    "fee": 84,
    "created": 1_767_225_600,
    "source": None,
}


def listed(stage: StripeStage) -> list[Movement]:
    return list(stage.provider.movements_since(stage.now - HOUR, stage.now + HOUR))


def test_every_kind_of_row_is_told_with_its_fee(stage: StripeStage) -> None:
    paid = pay(stage)
    refunded = stage.provider.refund(refund_request(paid, 500))
    dispute = stage.contest(other := pay(stage))
    stage.decide(dispute, won=True)
    payout = stage.peer.pay_out(600, "usd")
    told = [(m.kind, m.ref, m.key, m.amount, m.fee) for m in reversed(listed(stage))]
    (refund_key,) = {key for kind, _, key, _, _ in told if kind is MovementKind.REFUND}
    assert told == [
        (MovementKind.PAYMENT, paid.ref, paid.key, 1_200, 64),
        (MovementKind.REFUND, refunded.ref, refund_key, -500, 0),
        (MovementKind.PAYMENT, other.ref, other.key, 1_200, 64),
        (MovementKind.DISPUTE, dispute, None, -1_200, 1_500),
        (MovementKind.DISPUTE, dispute, None, 1_200, 0),
        (MovementKind.PAYOUT, payout, None, -600, 0),
    ]
    assert {m.fee_currency for m in listed(stage) if m.fee} == {"USD"}


def test_the_amount_is_what_the_payer_paid_and_the_fee_what_the_balance_lost() -> None:
    key = uuid4()
    charge = {"object": "charge", "id": "ch_1", "payment_intent": "pi_1", "amount": 2000, "currency": "usd"}
    told = _told(ROW | {"source": charge | {"metadata": {"solvent_attempt": key.hex}}})
    assert (told.ref, told.key, told.amount, told.currency) == ("pi_1", key, 2_000, "USD")
    assert (told.fee, told.fee_currency) == (84, "EUR")


def test_a_refund_that_failed_after_all_is_money_that_came_back() -> None:
    key = uuid4()
    refund = {"object": "refund", "id": "re_1", "amount": 500, "currency": "usd"}
    row = ROW | {"type": "refund_failure", "amount": 500, "fee": 0}
    told = _told(row | {"source": refund | {"metadata": {"solvent_refund": key.hex}}})
    assert (told.kind, told.ref, told.key, told.amount) == (MovementKind.REFUND, "re_1", key, 500)


@pytest.mark.parametrize(
    ("kind", "source", "means"),
    [
        ("charge", {"object": "charge", "id": "ch_1", "payment_intent": None}, ("payment", "ch_1")),
        ("stripe_fee", None, ("fee", None)),
        ("adjustment", None, ("other", None)),
        ("never_heard_of", {"object": "novelty", "id": "nov_1"}, ("other", "nov_1")),
        ("payout_failure", {"object": "payout", "id": "po_1"}, ("payout", "po_1")),
    ],
)
def test_what_is_not_ours_is_told_all_the_same(
    kind: str, source: dict[str, Any] | None, means: tuple[str, str | None]
) -> None:
    told = _told(ROW | {"type": kind, "source": source})
    assert (told.kind, told.ref, told.key, told.amount) == (*means, None, 1_850)


def test_a_row_that_lacks_what_it_must_say_cannot_be_read() -> None:
    with pytest.raises(ProviderSilent, match="cannot be read: KeyError"):
        _told({name: value for name, value in ROW.items() if name != "created"})

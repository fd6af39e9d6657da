"""Fees: an expense against the provider's cash, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from solvent.core.facts import Desk
from solvent.core.fees import Kept, book_fee, has_fee
from solvent.core.ledger import Posting
from solvent.core.movement import Movement, MovementKind
from tests.core.conftest import Shop
from tests.core.till import Till

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
CHARGE = Movement(
    name="txn_1",
    kind=MovementKind.PAYMENT,
    ref="pay_1",
    key=uuid4(),
    amount=2_000,
    currency="USD",
    moved_at=AT,
    fee=88,
    fee_currency="USD",
)


ACCOUNT = Shop().account


def desk() -> Desk:
    return Till(Shop()).desk


def kept(movement: Movement) -> Kept:
    return Kept(account=ACCOUNT, payment_id=uuid4(), provider="bank", movement=movement)


def test_a_fee_is_an_expense_against_cash_and_touches_nothing_else() -> None:
    case = kept(CHARGE)
    booking = book_fee(case, desk())
    assert booking.postings == (Posting(debit="provider_fees", credit="cash:bank", amount=88),)
    assert (booking.account_id, booking.currency) == (ACCOUNT.id, "USD")
    assert booking.fee is not None
    assert booking.cause_id == booking.fee.id
    fact = booking.fee
    assert (fact.movement, fact.amount, fact.payment_id, fact.charged_at) == (
        "txn_1",
        88,
        case.payment_id,
        AT,
    )
    assert (booking.payment, booking.invoice, booking.settled, booking.credit, booking.events) == (
        None,
        None,
        None,
        0,
        (),
    )


def test_a_fee_that_is_given_back_lowers_the_expense() -> None:
    back = replace(CHARGE, kind=MovementKind.REFUND, amount=-2_000, fee=-69)
    (posting,) = book_fee(kept(back), desk()).postings
    assert posting == Posting(debit="cash:bank", credit="provider_fees", amount=69)


def test_a_fee_in_another_currency_is_booked_in_that_one() -> None:
    assert book_fee(kept(replace(CHARGE, fee_currency="EUR")), desk()).currency == "EUR"


@pytest.mark.parametrize(
    ("movement", "has"),
    [
        (CHARGE, True),
        (replace(CHARGE, kind=MovementKind.REFUND), True),
        (replace(CHARGE, fee=0, fee_currency=None), False),
        (replace(CHARGE, kind=MovementKind.DISPUTE), False),
        (replace(CHARGE, kind=MovementKind.FEE), False),
        (replace(CHARGE, key=None), False),
    ],
)
def test_which_movements_have_a_fee_of_ours(movement: Movement, has: bool) -> None:
    assert has_fee(movement) is has


def test_a_fee_has_a_currency() -> None:
    with pytest.raises(ValueError, match="movement txn_1: a fee without a currency"):
        replace(CHARGE, fee_currency=None)

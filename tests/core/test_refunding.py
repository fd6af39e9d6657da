"""What the end of a refund writes; and that it makes no difference whether a dispute is lost before or after it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core.dispute import Dispute, DisputeState
from solvent.core.disputing import Contested
from solvent.core.events import RefundReturned
from solvent.core.facts import Booking, RefundEnd, RefundState
from solvent.core.invoice import lower
from solvent.core.payment import ReturnedRefund
from solvent.core.refunding import Returning, book_refund
from tests.core.test_disputing import book, case, lost, moved, paid, reversed_after, settled, told
from tests.core.till import Till
from tests.drawing import examples

if TYPE_CHECKING:
    from tests.core.conftest import Shop

REFUND = UUID(int=0x4EF << 8)


def came_back(
    shop: Shop, *losses: Dispute, policy: ReturnedRefund = ReturnedRefund.CREDIT, retry: bool = False
) -> tuple[Booking, ...]:
    """A refund of 3.00 that had succeeded comes back."""
    refund = replace(returning(shop, 300, *losses), succeeded=True, retry=retry)
    desk = Till(shop).desk
    desk = replace(desk, policy=replace(desk.policy, returned_refund=policy))
    return book_refund(refund, RefundEnd(id=REFUND, state=RefundState.RETURNED, ref="re_1"), desk)


def returning(shop: Shop, amount: int, *losses: Dispute) -> Returning:
    return Returning(
        account=shop.account,
        id=REFUND,
        payment_id=paid(shop, None).payment.id,
        provider="sandbox",
        amount=amount,
        currency="USD",
        reason="goodwill",
        losses=losses,
    )


def end(shop: Shop, amount: int, *losses: Dispute, succeeded: bool = False) -> tuple[Booking, ...]:
    state = RefundState.SUCCEEDED if succeeded else RefundState.FAILED
    return book_refund(
        returning(shop, amount, *losses), RefundEnd(id=REFUND, state=state, ref="re_1"), Till(shop).desk
    )


def refused(shop: Shop, contested: Contested, amount: int) -> tuple[Contested, tuple[Booking, ...]]:
    """The provider refuses a refund of the payment; the facts afterwards."""
    known = contested.known
    bookings = end(shop, amount, *([known] if known is not None and known.written_off else []))
    after = reversed_after(shop, contested, bookings)
    part = contested.paid[0]
    since = replace(part, given_back=part.given_back - amount, refused=amount)
    lowered = bookings[-1].dispute or known
    return replace(after, paid=[since], known=lowered), bookings


def decided(
    shop: Shop, contested: Contested, state: DisputeState, amount: int
) -> tuple[Contested, tuple[Booking, ...]]:
    bookings = book(shop, contested, told(shop, state, amount))
    return reversed_after(shop, contested, bookings), bookings


def test_what_went_back_leaves_the_books(shop: Shop) -> None:
    (booking,) = end(shop, 300, succeeded=True)
    assert moved([booking]) == {"refunds_payable": 300, "cash:sandbox": -300}
    assert [e.type for e in booking.events] == ["refund.settled"]


def test_what_was_refused_stays_the_customers(shop: Shop) -> None:
    (booking,) = end(shop, 300)
    assert moved([booking]) == {"refunds_payable": 300, "customer_credit": -300}
    assert [e.type for e in booking.events] == ["refund.settled", "credit.granted"]


def test_what_came_back_is_the_customers_again(shop: Shop) -> None:
    (booking,) = came_back(shop)
    assert moved([booking]) == {"cash:sandbox": 300, "customer_credit": -300}
    assert [e.type for e in booking.events] == ["refund.returned", "credit.granted"]
    assert (booking.refund, booking.refund_end) == (
        None,
        RefundEnd(id=REFUND, state=RefundState.RETURNED, ref="re_1"),
    )
    assert booking.cause_id != REFUND


def test_by_policy_it_is_given_back_once_more_and_only_once(shop: Shop) -> None:
    (booking,) = came_back(shop, policy=ReturnedRefund.RETRY)
    assert moved([booking]) == {"cash:sandbox": 300, "refunds_payable": -300}
    assert booking.refund is not None
    assert (booking.refund.retry_of, booking.refund.amount, booking.refund.reason) == (
        REFUND,
        300,
        "goodwill",
    )
    (told,) = booking.events
    assert isinstance(told, RefundReturned)
    assert (told.became, told.retry_id) == ("refund", booking.refund.id)
    (second,) = came_back(shop, policy=ReturnedRefund.RETRY, retry=True)
    assert (second.refund, second.credit) == (None, 300)


@pytest.mark.parametrize("policy", ReturnedRefund)
def test_what_came_back_and_was_lost_to_a_dispute_is_no_loss_any_more(
    shop: Shop, policy: ReturnedRefund
) -> None:
    contested = case(shop, paid(shop, lower(settled(shop), credited=300, paid=-300), given_back=300))
    after, _ = decided(shop, contested, DisputeState.LOST, 2_000)
    assert after.known is not None
    kept, lowered = came_back(shop, after.known, policy=policy)
    assert moved([kept, lowered]) == {"cash:sandbox": 300, "dispute_losses": -300}
    assert (kept.credit, lowered.credit) == (300, -300)


def test_what_the_bank_took_as_well_is_no_loss_any_more(shop: Shop) -> None:
    """20.00 came, 3.00 was to go back, the bank took 20.00: 17.00 owed again, 3.00 written off, until it is refused."""
    contested = case(shop, paid(shop, lower(settled(shop), credited=300, paid=-300), given_back=300))
    after, _ = decided(shop, contested, DisputeState.LOST, 2_000)
    assert after.known is not None
    assert (after.known.loss is not None, after.known.written_off) == (True, 300)
    kept, lowered = end(shop, 300, after.known)
    assert moved([kept, lowered]) == {"refunds_payable": 300, "dispute_losses": -300}
    assert (kept.credit, lowered.credit) == (300, -300)
    assert [e.type for b in (kept, lowered) for e in b.events] == [
        "refund.settled",
        "credit.granted",
        "credit.taken",
    ]
    assert lowered.dispute is not None
    assert (lowered.dispute.written_off, lowered.dispute.version) == (0, after.known.version + 1)


def test_only_so_much_is_taken_as_was_written_off_the_first_loss_first(shop: Shop) -> None:
    """20.00 came, 9.00 was to go back: of 15.00 and 5.00 that the bank took, 4.00 and 5.00 were written off."""
    contested = case(shop, paid(shop, lower(settled(shop), credited=900, paid=-900), given_back=900))
    first, *_ = lost(shop, contested, 1_500)
    second, *_ = lost(shop, case(shop, replace(contested.paid[0], given_back=2_000)), 500)
    assert first.dispute is not None
    assert second.dispute is not None
    assert (first.dispute.written_off, second.dispute.written_off) == (400, 500)
    _, one, two = end(shop, 600, first.dispute, second.dispute)
    assert [b.dispute.written_off for b in (one, two) if b.dispute is not None] == [0, 300]
    _, only = end(shop, 400, first.dispute, second.dispute)
    assert (only.dispute is not None, only.credit) == (True, -400)


def test_what_a_reversed_decision_gave_back_is_no_loss(shop: Shop) -> None:
    contested = case(shop, paid(shop, lower(settled(shop), credited=300, paid=-300), given_back=300))
    after, _ = decided(shop, contested, DisputeState.LOST, 2_000)
    back, _ = decided(shop, after, DisputeState.WON, 2_000)
    assert back.known is not None
    assert back.known.written_off == 0


@settings(max_examples=examples(150), deadline=None)
@given(
    kept=st.integers(0, 1_000),
    going_back=st.integers(1, 1_000),
    credit=st.integers(0, 1_500),
    disputed=st.integers(1, 2_500),
    reverses=st.booleans(),
)
def test_whether_the_refusal_or_the_loss_comes_first_they_end_alike(
    shops: type[Shop], kept: int, going_back: int, credit: int, disputed: int, reverses: bool
) -> None:
    """L5. Of 20.00 that paid an invoice, `kept` became credit, of which more or less is there, and `going_back` is on
    its way back to the method when the provider refuses."""
    shop = shops()
    invoice = lower(settled(shop), credited=kept + going_back, paid=-kept - going_back)
    before = case(shop, paid(shop, invoice, given_back=going_back), credit=credit)

    lost_first, one = decided(shop, before, DisputeState.LOST, disputed)
    lost_first, two = refused(shop, lost_first, going_back)
    refused_first, three = refused(shop, before, going_back)
    refused_first, four = decided(shop, refused_first, DisputeState.LOST, disputed)
    sums = [moved([*one, *two]), moved([*three, *four])]
    if reverses:
        lost_first, back = decided(shop, lost_first, DisputeState.WON, disputed)
        refused_first, again = decided(shop, refused_first, DisputeState.WON, disputed)
        sums = [moved([*one, *two, *back]), moved([*three, *four, *again])]
    assert sums[0] == sums[1]
    assert figures(lost_first) == figures(refused_first)


def figures(contested: Contested) -> tuple[int, int, object]:
    """What is owed, what is credit, and what was lost."""
    (part,) = contested.paid
    known = contested.known
    assert part.claim is not None
    assert known is not None
    assert known.loss is not None
    loss = known.loss
    return (
        part.claim.invoice.debt,
        contested.credit,
        (loss.to_debt, loss.from_credit, loss.written_off),
    )

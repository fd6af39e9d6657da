"""What a credit note writes: postings that give back price and tax, the debt first, then what was paid."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from solvent.core.credit import CreditGrant, GrantKind
from solvent.core.credit_line import parts_of
from solvent.core.credit_note import by_amount
from solvent.core.crediting import Claim, PaidPart, Received, Wish, book_credit_note, refusal_of
from solvent.core.invoice import InvoiceState, Line, LineKind
from solvent.core.period import Period
from solvent.core.plan import Refusal
from tests.core.till import ISSUED, Till, accounts, open_invoice

if TYPE_CHECKING:
    from tests.core.conftest import Shop

PAYMENT = UUID(int=0xBA1D)


def claim(shop: Shop, paid: int) -> Claim:
    """$20.00 with $4.00 of tax in advance, and $10.00 with $2.00 of tax included in it; so much of it is paid."""
    month = Period(start=shop.now, end=shop.now.replace(month=2))
    plain = Line(
        kind=LineKind.MANUAL, description="A", amount=1_000, explanation="e", inclusive=True, tax=200
    )
    ahead = replace(plain, kind=LineKind.CHARGE, amount=2_000, inclusive=False, tax=400, period=month)
    state = InvoiceState.PAID if paid == 3_400 else InvoiceState.OPEN
    invoice = open_invoice(shop, 3_400, paid=paid, tax=600, state=state)
    received = Received(id=PAYMENT, amount=paid, refunded=0, refundable=True)
    return Claim(
        account=shop.account,
        invoice=invoice,
        lines=(ahead, plain),
        credited={},
        payments=(received,) if paid else (),
    )


@pytest.mark.parametrize(
    ("paid", "part", "expected"),
    [
        (0, PaidPart.REFUND, {"receivable": -1_700}),
        (3_400, PaidPart.REFUND, {"refunds_payable": -1_700}),
        (3_400, PaidPart.CREDIT, {"customer_credit": -1_700}),
        (2_400, PaidPart.REFUND, {"receivable": -1_000, "refunds_payable": -700}),
    ],
)
def test_half_of_a_taxed_invoice(shop: Shop, paid: int, part: PaidPart, expected: dict[str, int]) -> None:
    held = claim(shop, paid)
    parts = by_amount(held.lines, {}, 1_700)
    assert not isinstance(parts, Refusal)
    assert [(p.amount, p.tax) for p in parts] == [(1_200, 200), (500, 100)]
    wish = Wish(paid_part=part, reason="r", issued_by="b", key="k", input_hash=b"")
    booking = book_credit_note(held, parts, wish, Till(shop).desk, ("SOL-CN-7F", 1))
    given_back = {"deferred_revenue": 1_000, "allowances": 400, "tax_payable": 300}
    assert accounts(booking) == given_back | expected
    assert booking.settled is not None
    after = booking.settled.after
    assert after.debt == after.total - after.credited - after.paid == max(3_400 - paid - 1_700, 0)
    assert (booking.refund is not None) is ("refunds_payable" in expected)


def test_what_follows_a_credit_note_is_judged_by_what_it_took(shop: Shop) -> None:
    held, till = claim(shop, 0), Till(shop)
    wish = Wish(paid_part=PaidPart.CREDIT, reason="r", issued_by="b", key="k", input_hash=b"")
    for before, amount, taken in ((0, 1_700, {1: 1_200, 2: 500}), (1_700, 340, {1: 1_440, 2: 600})):
        parts = by_amount(held.lines, till.live.credited.get(ISSUED, {}), amount)
        assert not isinstance(parts, Refusal)
        now = replace(held, invoice=replace(held.invoice, credited=before))
        till.live.follow(book_credit_note(now, parts, wish, till.desk, ("SOL-CN-7F", 1)), till.families)
        assert till.live.credited[ISSUED] == taken


def test_a_credit_note_over_nothing_moves_the_tax_and_leaves_the_invoice(shop: Shop) -> None:
    """12.00 of the charge go back against 12.00 of what paid for it: 2.00 of tax against 1.20."""
    held = claim(shop, 3_400)
    charged, _ = held.lines
    against = replace(charged, kind=LineKind.PRORATED_CREDIT, amount=-2_160, tax=-240)
    held = replace(held, lines=(charged, against), invoice=replace(held.invoice, total=0, tax=160, paid=0))
    parts = parts_of(held.lines, {}, {1: 1_200, 2: -1_200})
    assert [(p.amount, p.tax) for p in parts] == [(1_200, 200), (-1_200, -120)]
    wish = Wish(paid_part=PaidPart.CREDIT, reason="r", issued_by="b", key="k", input_hash=b"")
    booking = book_credit_note(held, parts, wish, Till(shop).desk, ("SOL-CN-7F", 1))
    assert booking.credit_note is not None
    assert (booking.credit_note.amount, booking.settled, booking.refund) == (0, None, None)
    assert accounts(booking) == {"deferred_revenue": -80, "tax_payable": 80}


@pytest.mark.parametrize(
    ("received", "rule"),
    [
        ({}, None),
        ({"refunded": 400}, None),
        ({"refunded": 401}, "must be at most 2999, what of its payment can go back"),
        ({"refundable": False}, "must be at most 0, what of its payment can go back"),
        ({"charged_back": 3_400}, "must be at most 0, what of its payment can go back"),
    ],
)
def test_bought_credit_never_becomes_credit_of_another_kind_by_a_credit_note(
    shop: Shop, received: dict[str, int | bool], rule: str | None
) -> None:
    """What of its payment cannot go back is refused beforehand."""
    held = claim(shop, 3_400)
    grant = CreditGrant(
        id=UUID(int=7),
        kind=GrantKind.PREPAID,
        currency="USD",
        amount=3_400,
        remaining=3_400,
        granted_at=shop.now,
        reason="top_up",
    )
    (payment,) = held.payments
    sold = replace(held, bought=grant, payments=(replace(payment, **received),))  # type: ignore[arg-type]
    parts = by_amount(held.lines, {}, 3_000)
    assert not isinstance(parts, Refusal)
    wish = Wish(paid_part=PaidPart.REFUND, reason="r", issued_by="b", key="k", input_hash=b"")
    refusal = refusal_of(sold, parts, wish, Till(shop).desk)
    if rule is None:
        assert refusal is None
        return
    assert refusal is not None
    assert (refusal.field, refusal.rule.startswith(rule)) == ("amount", True)

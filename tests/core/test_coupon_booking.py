"""Coupons in money documents: their tax, what a commit books of them, and credit notes of what they lowered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.core import entries
from solvent.core.change import CancelNow, NewItem, Purchase, Start, SwitchPrice
from solvent.core.credit_note import Parts, by_amount, by_lines
from solvent.core.crediting import Claim
from solvent.core.giving_up import Surrender, book_given_up
from solvent.core.invoice import Invoice, InvoiceState, Line, LineKind
from solvent.core.payment import AttemptState
from solvent.core.plan import Plan, Refusal
from solvent.core.proration import Convention, TaxRounding
from solvent.core.settlement import Commit, Strand
from tests.core.coupons import coupon, forever, on_offer
from tests.core.places import EUROPE, GERMAN, rate, rules
from tests.core.till import Till, accounts, paid

if TYPE_CHECKING:
    from tests.core.conftest import Shop

TURN = datetime(2026, 1, 16, tzinfo=UTC)
ZONE = NewItem(price_id="pro", object="zone:example.com")


def figures(plan: Plan) -> list[tuple[str, int, int]]:
    return [(line.kind, line.net, line.tax) for line in plan.lines]


# ── tax ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("price", ["pro", "pro-gross"])
def test_a_discount_bears_the_tax_of_its_line(shops: type[Shop], price: str) -> None:
    shop = on_offer(shops(taxes=rules(*EUROPE), buyer=GERMAN), forever("SAVE"))
    plan = shop.commit(Start(items=(replace(ZONE, price_id=price),), coupons=("SAVE",)))
    assert figures(plan) == [("charge", 2000, 380), ("discount", -400, -76)]
    assert (plan.tax, plan.total) == (304, 1904)
    shop.at(2026, 1, 16, 12)
    back = shop.plan(CancelNow(subscription_id=shop.only.id, credit=True))
    assert figures(back) == [("prorated_credit", -1000, -190), ("discount", 200, 38)]
    assert back.lines[1].tax_point == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("rounding", TaxRounding)
def test_a_discount_is_split_with_its_line_where_a_rate_turns(
    shops: type[Shop], rounding: TaxRounding
) -> None:
    later = rate("DE", 16, since=TURN.date())
    shop = shops(taxes=rules(*EUROPE, later), buyer=GERMAN, convention=Convention(tax_rounding=rounding))
    on_offer(shop, forever("A"), forever("B", amount=100))
    plan = shop.commit(Start(items=(ZONE,), coupons=("A", "B")))
    kinds = ["charge", "discount", "discount"]
    assert [line.kind for line in plan.lines] == kinds * 2
    assert [line.taxes[0].ppm for line in plan.lines] == [190_000] * 3 + [160_000] * 3
    assert sum(line.amount for line in plan.lines) == 1500
    assert [line.period.start for line in plan.lines if line.period][3] == TURN


def test_what_is_not_taxed_is_not_taxed_when_lowered(shops: type[Shop]) -> None:
    shop = on_offer(shops(taxes=rules(*EUROPE)), coupon())
    assert shop.plan(Start(items=(ZONE,), coupons=("SAVE",))).tax == 0


# ── commits ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_commit_books_the_discounted_amount_and_tells_the_redemption(shop: Shop) -> None:
    till = Till(on_offer(shop, coupon()))
    booking = till.settle(paid(till.open(shop.plan(Start(items=(ZONE,), coupons=("SAVE",))))))
    assert accounts(booking) == {"cash:sandbox": 1600, "deferred_revenue": -1600}
    assert [e.type for e in booking.events] == [
        "subscription.started", "coupon.redeemed", "invoice.paid"
    ]  # fmt: skip
    assert [(x.code, x.is_new) for x in booking.coupons] == [("SAVE", True)]


def test_unused_time_goes_back_at_what_it_cost(shop: Shop) -> None:
    till = Till(on_offer(shop, forever("SAVE")))
    till.settle(paid(till.open(shop.plan(Start(items=(ZONE,), coupons=("SAVE",))))))
    shop.at(2026, 1, 16, 12)
    plan = shop.plan(CancelNow(subscription_id=shop.only.id, credit=True))
    booking = till.book(paid(till.open(plan), amount=0), Commit(proof=plan.proof))
    (note,) = till.notes
    assert accounts(note) == {"deferred_revenue": 800, "customer_credit": -800}
    assert note.credit_note is not None
    assert [part.amount for part in note.credit_note.lines] == [1000, -200]
    assert [e.type for e in booking.events][:2] == ["subscription.ended", "coupon.ended"]


def test_a_purchase_that_a_coupon_pays_for_is_an_invoice_of_nothing(shop: Shop) -> None:
    on_offer(shop, coupon(ppm=1_000_000))
    plan = shop.plan(Purchase(items=(NewItem(price_id="setup"),), coupons=("SAVE",)))
    assert (plan.total, plan.due, [x.amount for x in plan.lines]) == (0, 0, [5000, -5000])
    assert entries.of_commit(plan, None, None, {}) == ()


@pytest.mark.parametrize("state", [AttemptState.OPENING, AttemptState.FAILED])
def test_late_money_does_not_redeem_what_others_may_have_had_since(shop: Shop, state: AttemptState) -> None:
    till = Till(on_offer(shop, coupon(limit=1)))
    attempt = till.open(shop.plan(Start(items=(ZONE,), coupons=("SAVE",))), state)
    verdict = till.judge(paid(attempt))
    assert isinstance(verdict, Commit) if state is AttemptState.OPENING else verdict == Strand(reason="late")


def test_giving_up_ends_the_coupons_of_the_subscription(shop: Shop) -> None:
    on_offer(shop, forever("SAVE"))
    plan = shop.commit(Start(items=(ZONE,), coupons=("SAVE",)))
    invoice = Invoice(
        id=UUID(int=9),
        account_id=shop.account.id,
        subscription_id=shop.only.id,
        number="SOL-7F-000001",
        state=InvoiceState.OPEN,
        currency="USD",
        total=plan.total,
        paid=0,
        issued_at=shop.now,
        due_at=shop.now,
        version=1,
    )
    claim = Claim(
        account=shop.account,
        invoice=invoice,
        lines=plan.lines,
        credited={},
        live=[(shop.only, UUID(int=8))],
    )
    shop.at(2026, 1, 16, 12)
    till = Till(shop)
    why = Surrender(reason="gone", by="ada")
    booking = book_given_up(claim, why, shop.convention, till.desk, lambda: ("SOL-CN-7F", 1))
    assert not isinstance(booking, Refusal)
    assert [(x.code, x.is_over) for x in booking.coupons] == [("SAVE", True)]
    assert booking.subscription is not None
    assert booking.subscription.coupons == ()
    assert booking.credit_note is not None
    assert [(x.kind, x.amount) for x in booking.credit_note.lines] == [
        (LineKind.CHARGE, -(-2000 // 2)), (LineKind.DISCOUNT, -200)
    ]  # fmt: skip
    assert "coupon.ended" in [e.type for e in booking.events]


# ── credit notes ───────────────────────────────────────────────────────────────────────────────────────────────


def invoiced(*amounts: int) -> list[Line]:
    """A charge for each positive amount, a discount on the line before for each other one."""
    return [
        Line(
            kind=LineKind.CHARGE if n > 0 else LineKind.DISCOUNT,
            description="Pro",
            amount=n,
            explanation="e",
            tax=n // 10 if n > 0 else -(-n // 10),
        )
        for n in amounts
    ]


def shares(parts: Parts | Refusal) -> dict[int, int]:
    assert not isinstance(parts, Refusal), parts
    return {x.position: x.amount for x in parts}


def test_a_line_is_credited_with_its_discounts() -> None:
    lines = invoiced(1000, -200, -300, 500)
    assert shares(by_lines(lines, {}, {1: None})) == {1: 1100, 2: -220, 3: -330}
    assert shares(by_lines(lines, {}, {1: 110})) == {1: 220, 2: -44, 3: -66}
    assert shares(by_lines(lines, {}, {4: None})) == {4: 550}
    for position in (2, 3):
        refused = by_lines(lines, {}, {position: None})
        rule = f"line {position}: must not be a discount: it goes with its line"
        assert refused == Refusal(field="lines", rule=rule)
    too_much = by_lines(lines, {}, {1: 551})
    assert too_much == Refusal(field="lines", rule="line 1: must be from 1 to 550, what is left of it")


@given(
    st.lists(
        st.tuples(st.integers(1, 500), st.lists(st.integers(0, 100), max_size=2)), min_size=1, max_size=4
    ),
    st.lists(st.integers(1, 300), max_size=6),
    st.booleans(),
)
def test_credit_notes_of_a_lowered_invoice_sum_exactly(
    charged: list[tuple[int, list[int]]], wanted: list[int], whole: bool
) -> None:
    """By amount or line by line: all of them give back what was charged, line for line, and its tax."""
    lines = [
        line
        for amount, off in charged
        for line in invoiced(amount, *(-(amount * part // 250) for part in off))
    ]
    credited: dict[int, int] = {}
    tax = 0

    def take(parts: Parts | Refusal) -> None:
        nonlocal tax
        if isinstance(parts, Refusal):
            return
        tax += sum(x.tax for x in parts)
        for part in parts:
            credited[part.position] = credited.get(part.position, 0) + part.amount

    for n, amount in enumerate(wanted):
        take(by_lines(lines, credited, {n % len(lines) + 1: amount}))
    left = sum(line.gross for line in lines) - sum(credited.values())
    if whole:
        take(by_amount(lines, dict(credited), left))
    else:
        for n, line in enumerate(lines, start=1):
            if line.kind is LineKind.CHARGE:
                take(by_lines(lines, credited, {n: None}))
    assert sum(credited.values()) == sum(line.gross for line in lines)
    for n, line in enumerate(lines, start=1):
        assert min(line.gross, 0) <= credited.get(n, 0) <= max(line.gross, 0)
    if whole and left:
        assert tax == sum(line.tax for line in lines)


def test_an_upgrade_is_still_one_document(shop: Shop) -> None:
    on_offer(shop, forever("SAVE"))
    shop.commit(Start(items=(ZONE,), coupons=("SAVE",)))
    plan = shop.plan(SwitchPrice(subscription_id=shop.only.id, item_id=shop.item.id, price_id="business"))
    assert plan.total == sum(line.gross for line in plan.lines) == 14_400

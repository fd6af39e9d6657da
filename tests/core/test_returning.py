"""Unused time goes back by credit notes of what charged it: once, whatever was credited and changed before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from solvent.core.change import CancelNow, ChangeInterval, SetQuantity, SwitchPrice, plan_change
from solvent.core.credit_note import by_amount, by_lines, unused
from solvent.core.giving_back import unused_of_one
from solvent.core.invoice import InvoiceState
from solvent.core.plan import Plan, Refusal
from solvent.core.proration import ChangeDay, Convention, Denominator, Granularity
from solvent.core.returning import Returned, fitted
from solvent.core.settlement import Fail, Strand
from solvent.core.unused_time import Unused
from tests.core.places import GERMAN
from tests.core.test_taxing import GERMANY
from tests.core.till import Till, paid
from tests.drawing import examples

if TYPE_CHECKING:
    from solvent.core.charged import Charged
    from tests.core.conftest import Shop

SIX_DAYS_IN = (2026, 1, 7)


def cancel(shop: Shop) -> Plan:
    return shop.commit(CancelNow(subscription_id=shop.only.id, credit=True))


def switch(shop: Shop, price: str) -> Plan:
    return shop.commit(SwitchPrice(subscription_id=shop.only.id, item_id=shop.item.id, price_id=price))


def to(shop: Shop, price: str) -> Plan:
    return shop.commit(ChangeInterval(subscription_id=shop.only.id, prices=((shop.item.id, price),)))


def newest(shop: Shop) -> Charged:
    return list(shop.charged.values())[-1]


def first(shop: Shop) -> Charged:
    return next(iter(shop.charged.values()))


def credited(shop: Shop, charged: Charged, amount: int) -> None:
    """The merchant credits so much of an invoice, by amount."""
    parts = by_amount(charged.lines, charged.credited, amount)
    assert not isinstance(parts, Refusal), parts
    shop.credit_note(charged.invoice.id, parts)


def notes(plan: Plan) -> list[tuple[int, int]]:
    return [(note.amount, note.to_debt) for note in plan.credit_notes]


def test_what_was_cancelled_is_not_unused_again(shop: Shop) -> None:
    """200.00, cancelled after 6 of 31 days, and given up 14 days later: the used days are owed in full."""
    shop.zone("business")
    plan = shop.at(*SIX_DAYS_IN)
    assert notes(cancel(shop)) == [(16_129, 0)]
    charged = first(shop)
    assert charged.left == 3_871
    later = datetime(2026, 1, 21, tzinfo=UTC)
    assert unused(charged.lines, charged.credited, 3_871, later, "UTC", Convention(), charged.ahead) == ()
    assert isinstance(by_lines(charged.lines, charged.credited, {1: 3_872}), Refusal)
    assert plan.credit == 16_129


def test_on_terms_a_cancellation_lowers_what_is_owed(shops: type[Shop]) -> None:
    shop = shops(terms_days=30)
    plan = shop.zone("business")
    charged = first(shop)
    owed = replace(charged.invoice, state=InvoiceState.OPEN, paid=0)
    shop.charged[owed.id] = replace(charged, invoice=owed)
    plan = cancel(shop.at(*SIX_DAYS_IN))
    assert (notes(plan), plan.total, plan.credit_granted) == ([(16_129, 16_129)], -16_129, 0)
    assert first(shop).invoice.debt == 3_871


def test_an_upgrade_credits_what_a_credit_note_left(shop: Shop) -> None:
    """20.00 credited whole: nothing of it is unused."""
    shop.zone()
    credited(shop, first(shop), 2_000)
    plan = switch(shop.at(2026, 1, 16, 12), "business")
    assert [line.amount for line in plan.lines] == [10_000]
    assert plan.credit_notes == ()


def test_an_upgrade_after_a_part_was_credited_says_so(shop: Shop) -> None:
    """15.00 of 20.00 credited, for all of the month: half of the 5.00 that it costs is left."""
    shop.zone()
    credited(shop, first(shop), 1_500)
    plan = switch(shop.at(2026, 1, 16, 12), "business")
    credit, charge = plan.lines
    assert credit.amount == -250
    assert str(credit.explanation).endswith(
        "; less -7.50 USD that credit notes gave back of it before = -2.50 USD"
    )
    assert charge.amount == 10_000


def test_a_cancellation_after_an_upgrade_credits_both_invoices(shop: Shop) -> None:
    shop.zone()
    switch(shop.at(2026, 1, 11), "business")
    plan = cancel(shop.at(2026, 1, 21))
    assert sum(amount for amount, _ in notes(plan)) == plan.credit_granted == 7_097  # 200.00 × 11 / 31
    assert [[part.amount for part in note.parts] for note in plan.credit_notes] == [[-710, 7_097], [710]]


def test_a_dear_month_for_a_cheap_quarter_is_an_invoice_of_nothing_and_a_credit_note(shop: Shop) -> None:
    shop.zone("business")
    plan = to(shop, "pro-quarter")
    assert ([line.amount for line in plan.lines], plan.total) == ([-20_000, 5_400], -14_600)
    assert [line.gross for line in plan.invoiced] == [-5_400, 5_400]
    assert str(plan.invoiced[0].explanation).endswith("; less -146.00 USD by credit note = -54.00 USD")
    assert (notes(plan), plan.due, plan.credit_granted) == ([(14_600, 0)], 0, 14_600)


def test_worth_that_moved_to_a_longer_period_goes_back_from_where_it_was_charged(shop: Shop) -> None:
    """40 days into the quarter: of its invoice of nothing the charge goes back together with what paid for it, and the
    money comes of the month's, all for the time to come."""
    shop.zone("business")
    to(shop, "pro-quarter")
    plan = cancel(shop.at(2026, 2, 10))
    beside, note = plan.credit_notes
    assert (beside.invoice_id, beside.amount) == (newest(shop).invoice.id, 0)
    assert [part.amount for part in beside.parts] == [3_000, -3_000]
    assert (note.invoice_id, note.amount) == (first(shop).invoice.id, 3_000)  # 54.00 × 50 / 90
    for part in (*beside.parts, *note.parts):
        assert part.period is not None
        assert (part.period.start, part.period.end) == (shop.now, datetime(2026, 4, 1, tzinfo=UTC))
    assert first(shop).left == 2_400


def test_time_that_no_invoice_charged_is_worth_no_credit(shop: Shop) -> None:
    shop.zone()
    shop.charged.clear()
    plan = cancel(shop.at(*SIX_DAYS_IN))
    assert (plan.lines, plan.total, plan.credit_notes, plan.credit_granted) == ((), 0, (), 0)


def test_what_one_invoice_lacks_another_one_has(shop: Shop) -> None:
    """The upgrade's invoice was credited by the merchant: what it still has comes of it, the rest of the first one."""
    shop.zone()
    switch(shop.at(2026, 1, 11), "business")
    credited(shop, newest(shop), newest(shop).left - 100)
    plan = cancel(shop.at(2026, 1, 11, 1))
    assert plan.credit_notes[0].amount == 100
    assert plan.credit_granted <= 2_100


def test_lines_of_others_stay_as_they_are(shop: Shop) -> None:
    """An item that is no subscription's, as after it moved, has no time that could be measured."""
    shop.zone()
    plan = shop.at(*SIX_DAYS_IN).plan(CancelNow(subscription_id=shop.only.id, credit=True))
    nobody = Unused(charged=(), bases=(), at=shop.now, convention=Convention())
    assert fitted(plan.lines, nobody) == ((), Returned())
    assert fitted((), nobody) == ((), Returned())


@pytest.mark.parametrize("planned", ["upgrade", "cancel"])
def test_a_credit_note_in_between_makes_the_plan_stale(shop: Shop, planned: str) -> None:
    shop.zone()
    shop.at(*SIX_DAYS_IN)
    if planned == "cancel":
        plan = shop.plan(CancelNow(subscription_id=shop.only.id, credit=True))
    else:
        plan = shop.plan(SwitchPrice(subscription_id=shop.only.id, item_id=shop.item.id, price_id="business"))
    charged = first(shop)
    credited(shop, charged, 500)
    till = Till(shop)
    verdict = till.judge(paid(till.open(plan)))
    assert isinstance(verdict, Fail if planned == "cancel" else Strand)
    shop.charged.clear()
    till = Till(shop)
    assert isinstance(till.judge(paid(till.open(plan))), Fail if planned == "cancel" else Strand)


CONVENTIONS = st.builds(
    Convention,
    granularity=st.sampled_from(Granularity),
    change_day=st.sampled_from(ChangeDay),
    denominator=st.sampled_from(Denominator),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["wait", "more", "dearer", "cheaper quarter", "year", "credit", "credit line", "credit all"]
        ),
        st.integers(0, 12 * 86_400),
        st.integers(1, 60),
    ),
    max_size=7,
)


def act(shop: Shop, deed: str, much: int) -> None:
    """One thing that happens to the subscription or to its newest or first invoice, where it is possible."""
    item = shop.item
    change: Any = None
    match deed:
        case "more":
            change = SetQuantity(subscription_id=shop.only.id, item_id=item.id, quantity=item.quantity + 1)
        case "dearer":
            change = SwitchPrice(subscription_id=shop.only.id, item_id=item.id, price_id="business")
        case "cheaper quarter" | "year":
            price = "pro-quarter" if deed == "cheaper quarter" else "pro-year"
            change = ChangeInterval(subscription_id=shop.only.id, prices=((item.id, price),))
        case "credit" | "credit line" | "credit all":
            charged = first(shop) if much % 2 else newest(shop)
            amount = charged.left if deed == "credit all" else charged.left * much // 100
            if deed == "credit line":
                parts = by_lines(charged.lines, charged.credited, {len(charged.lines): amount})
            else:
                parts = by_amount(charged.lines, charged.credited, amount)
            if not isinstance(parts, Refusal):
                shop.credit_note(charged.invoice.id, parts)
        case _:
            pass
    if change is not None:
        plan = plan_change(change, shop.context)
        if isinstance(plan, Plan):
            shop.write(plan)


def taken_of_items(shop: Shop) -> int:
    """What exchanges and credit notes have left of all that was charged for the items."""
    return sum(
        line.gross - charged.credited.get(n, 0)
        for charged in shop.charged.values()
        for n, line in enumerate(charged.lines, start=1)
    )


@pytest.mark.unmeasured
@settings(max_examples=examples(150), deadline=None)
@given(steps=STEPS, convention=CONVENTIONS, taxed=st.booleans(), later=st.integers(0, 40 * 86_400))
@example(
    steps=[("credit", 0, 1), ("more", 0, 1), ("wait", 4735, 1)], convention=Convention(), taxed=False, later=0
)
def test_time_is_given_back_once_in_any_order(
    shops: type[Shop], steps: list[tuple[str, int, int]], convention: Convention, taxed: bool, later: int
) -> None:
    """Changes, credit notes by amount and by line, a cancellation, and at last the giving up of every invoice: no line
    and no invoice is credited beyond what it charged, and nothing is unused of what a cancellation gave back."""
    shop = (
        shops(convention=convention, taxes=GERMANY, buyer=GERMAN) if taxed else shops(convention=convention)
    )
    shop.zone()
    for deed, seconds, much in steps:
        shop.now = min(shop.now + timedelta(seconds=seconds), shop.only.period.end - timedelta(seconds=1))
        act(shop, deed, much)
    before = taken_of_items(shop)
    plan = cancel(shop)
    assert plan.credit_granted == sum(amount for amount, _ in notes(plan)) <= before
    check(shop)
    shop.now += timedelta(seconds=later)
    owed = [replace(x.invoice, state=InvoiceState.OPEN, paid=0) for x in shop.charged.values()]
    chain = [replace(x, invoice=v) for x, v in zip(shop.charged.values(), owed, strict=True)]
    bases = tuple(shop.subscriptions.values())
    unused_time = Unused(charged=chain, bases=bases, at=shop.now, convention=shop.convention)
    again = 0
    for charged in chain:
        parts = unused_of_one(charged, unused_time)
        again += sum(part.amount for part in parts)
        if parts:
            shop.credit_note(charged.invoice.id, parts, unused=True)
    check(shop)
    if convention == Convention() and not moved(shop):
        rounded = sum(len(charged.lines) + len(charged.ahead) for charged in chain)
        assert again <= rounded


def moved(shop: Shop) -> bool:
    """Whether a credit note of an invoice stands for time that another one charged."""
    return any(
        given.period.end != charged.lines[n - 1].period.end
        for charged in shop.charged.values()
        for n, those in charged.ahead.items()
        for given in those
    )


def check(shop: Shop) -> None:
    assert taken_of_items(shop) >= 0
    for charged in shop.charged.values():
        assert charged.left >= 0
        for n, line in enumerate(charged.lines, start=1):
            taken = charged.credited.get(n, 0)
            assert min(line.gross, 0) <= taken <= max(line.gross, 0)


def test_an_id_that_is_nobodys_has_no_base() -> None:
    assert (
        Unused(charged=(), bases=(), at=datetime(2026, 1, 1, tzinfo=UTC), convention=Convention()).base_of(
            UUID(int=1)
        )
        is None
    )

"""Explanations: whoever works out what lines say comes to what they charge, whatever happened to an account."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core.change import ChangeInterval, NewItem, Redeem, SetQuantity, Start, SwitchPrice, plan_change
from solvent.core.credit_note import by_amount
from solvent.core.phrase import Phrase, Sentence
from solvent.core.plan import Plan
from solvent.core.tax import Buyer
from tests.core.checking import Untrue, check_lines, come_to
from tests.core.coupons import forever, on_offer, repeating
from tests.core.places import CANADA, EUROPE, GERMAN, rate, rules
from tests.core.test_planning_properties import conventions
from tests.core.test_returning import cancel, newest
from tests.drawing import examples

if TYPE_CHECKING:
    from solvent.core.credit_line import Parts
    from solvent.core.proration import Convention
    from tests.core.conftest import Shop

RISING = rules(*EUROPE, rate("DE", 21, since=date(2026, 1, 11)), *CANADA, at=("DE", "EU", "CA", "CA-QC"))
COUPONS = forever("SHARE"), repeating("FIX", 3, amount=777), forever("ALSO", ppm=333_333)
QUEBEC = Buyer(country="CA", region="QC")
PRICES = "business", "pro-gross", "business-gross", "pro"


def asked(shop: Shop, deed: str, nth: int) -> Any:  # noqa: ANN401 -- any change
    subscription, item = shop.only, shop.item
    match deed:
        case "more":
            return SetQuantity(subscription_id=subscription.id, item_id=item.id, quantity=item.quantity + nth)
        case "redeem":
            return Redeem(subscription_id=subscription.id, coupons=(COUPONS[nth % 3].code,))
        case "quarter":
            return ChangeInterval(subscription_id=subscription.id, prices=((item.id, "pro-quarter"),))
        case _:
            return SwitchPrice(subscription_id=subscription.id, item_id=item.id, price_id=PRICES[nth % 4])


def check_parts(shop: Shop, parts: Parts, of: list[Any]) -> None:
    """The taxes of a credit note's lines, and the line of the invoice that each refers to."""
    for part in parts:
        assert part.amount == part.net + sum(share.amount for share in part.taxes)
        for share in part.taxes:
            if share.name:
                assert isinstance(share.explanation, Phrase)
                assert come_to(share.explanation) == share.amount
        whole = of[part.position - 1].net
        come_to(Phrase(Sentence.OF_LINE, (part.position, part.net, whole, shop.account.currency)))


@pytest.mark.unmeasured
@settings(max_examples=examples(60), deadline=None)
@given(
    convention=conventions,
    buyer=st.sampled_from([GERMAN, QUEBEC]),
    codes=st.sets(st.sampled_from([coupon.code for coupon in COUPONS])),
    start=st.sampled_from(PRICES),
    steps=st.lists(
        st.tuples(
            st.sampled_from(["more", "switch", "redeem", "quarter", "credit"]),
            st.integers(1, 40),
            st.integers(0, 9 * 86_400),
            st.integers(0, 999_999),
        ),
        max_size=6,
    ),
)
def test_every_line_comes_to_what_its_explanation_says(
    shops: type[Shop], convention: Convention, buyer: Buyer, codes: set[str], start: str, steps: list[Any]
) -> None:
    """Coupons of each kind together, taxes that turn inside the period or are contained in the price, exchanges, credit
    notes of the merchant's, and a cancellation."""
    shop = on_offer(shops(convention=convention, taxes=RISING, buyer=buyer), *COUPONS)
    item = NewItem(price_id=start, object="zone:a")
    check_lines(shop.commit(Start(items=(item,), coupons=tuple(sorted(codes)))).lines)
    for deed, nth, seconds, micro in steps:
        end = shop.only.period.end - timedelta(seconds=1)
        shop.now = min(shop.now + timedelta(seconds=seconds, microseconds=micro), end)
        if deed == "credit":
            charged = newest(shop)
            parts = by_amount(charged.lines, charged.credited, charged.left * nth // 100)
            if isinstance(parts, tuple):
                check_parts(shop, parts, list(charged.lines))
                shop.credit_note(charged.invoice.id, parts)
            continue
        plan = plan_change(asked(shop, deed, nth), shop.context)
        if isinstance(plan, Plan):
            check_plan(shop, plan)
            shop.write(plan)
    shop.now += timedelta(seconds=77)
    before = dict(shop.charged)
    plan = cancel(shop)
    for note in plan.credit_notes:
        check_parts(shop, note.parts, list(before[note.invoice_id].lines))


def check_plan(shop: Shop, plan: Plan) -> None:
    check_lines(plan.lines)
    check_lines(plan.invoiced)
    for note in plan.credit_notes:
        check_parts(shop, note.parts, list(shop.charged[note.invoice_id].lines))


def test_a_cent_of_rounding_is_given_back_of_time_that_is_not_over(shops: type[Shop]) -> None:
    """The rate turns on 11 January; what is cancelled on the 15th was unused at the new rate alone, and every line of
    the credit notes is of a charge that had time left then."""
    turned = 0
    for hours in range(0, 96, 7):
        shop = shops(taxes=RISING, buyer=GERMAN).at(2026, 1, 1)
        shop.zone()
        shop.now += timedelta(days=5, hours=1)
        shop.commit(SwitchPrice(subscription_id=shop.only.id, item_id=shop.item.id, price_id="business"))
        shop.now += timedelta(days=6, hours=hours)
        charged = dict(shop.charged)
        for note in cancel(shop).credit_notes:
            for part in note.parts:
                line = charged[note.invoice_id].lines[part.position - 1]
                assert line.period is not None
                assert line.period.end > shop.now or abs(part.amount) > 1, (hours, str(line.description))
                turned += line.period.end > shop.now
    assert turned


@pytest.mark.parametrize(
    "said",
    [
        Phrase(Sentence.PER_UNIT, (3, 500, 0, "EUR", 1501, "half_up")),
        Phrase(Sentence.PER_UNIT, (3, 5, 1, "EUR", 1, "half_up")),
        Phrase(
            Sentence.STRETCH, (Phrase(Sentence.FLAT, (100, "EUR")), "a", "b", 1, 3, "second", 3333, 35, "EUR")
        ),
        Phrase(Sentence.COUPON_KEPT, ("A", 400, 2000, 1000, 0, 0, 201, "EUR", "half_up")),
        Phrase(Sentence.GIVEN_BEFORE, (Phrase(Sentence.FLAT, (100, "EUR")), 30, 71, "EUR")),
        Phrase(Sentence.TAX_ADDED, ("VAT", 190_000, 1000, 191, "EUR", "half_up")),
        Phrase(Sentence.OF_LINE, (1, 101, 100, "EUR")),
    ],
    ids=lambda phrase: phrase.say.value,
)
def test_what_is_untrue_is_found(said: Phrase) -> None:
    with pytest.raises(Untrue):
        come_to(said)

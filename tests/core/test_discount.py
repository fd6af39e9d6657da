"""What coupons take off lines: their stated order, their sums, and what of a credit was never charged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core.coupon import Coupon
from solvent.core.discount import Work, lowered, with_deductions
from solvent.core.invoice import Line, LineKind
from solvent.core.money import Rounding
from solvent.core.period import Period
from solvent.core.subscription import Applied
from tests.core.conftest import CATALOG
from tests.core.coupons import coupon
from tests.drawing import examples

MONTH = Period(start=datetime(2026, 1, 1, tzinfo=UTC), end=datetime(2026, 2, 1, tzinfo=UTC))
HALF_UP = Rounding.HALF_UP


def charge(amount: int, item: int = 1, price: str = "pro", kind: LineKind = LineKind.CHARGE) -> Line:
    return Line(
        kind=kind,
        description="Pro",
        amount=amount,
        explanation="e",
        price_id=price,
        item_id=UUID(int=item),
        period=MONTH,
    )


def work(of: Coupon, n: int = 1) -> Work:
    return Work(redemption_id=UUID(int=n), coupon=of, available=of.amount or 0)


def amounts(lines: list[Line], *coupons: Coupon) -> list[int]:
    works = [work(c, n) for n, c in enumerate(coupons, start=1)]
    return [x.amount for x in lowered(lines, works, CATALOG, HALF_UP).lines]


def test_a_discount_stands_after_its_line_and_says_how_it_comes_about() -> None:
    (_, off) = lowered([charge(2900)], [work(coupon())], CATALOG, HALF_UP).lines
    assert (off.kind, off.amount, off.coupon_id) == (LineKind.DISCOUNT, -580, "SAVE@1")
    assert (off.period, off.item_id, off.price_id) == (MONTH, UUID(int=1), "pro")
    assert str(off.description) == "Spring sale (20 % off) on Pro"
    assert str(off.explanation) == "coupon SAVE: 20 % of 29.00 USD = 5.80 USD, rounded half-up"


def test_percent_comes_before_fixed_then_priority_then_code() -> None:
    fixed, late, early = coupon("FIX", amount=500), coupon("B", priority=5), coupon("C", ppm=100_000)
    same = coupon("A", ppm=500_000, priority=5)
    # 100.00, less 10 % (C), less 50 % (A before B at one priority), less 20 % (B), less 5.00
    expected = [10000, -1000, -4500, -900, -500]
    for order in permutations((fixed, late, early, same)):
        assert amounts([charge(10000)], *order) == expected


def test_a_fixed_amount_is_shared_out_in_proportion_to_what_is_left() -> None:
    assert amounts([charge(1000), charge(2000, 2)], coupon(amount=1000)) == [1000, -333, 2000, -667]
    only = coupon(amount=1000, products=("pro",))
    assert amounts([charge(700), charge(2000, 2, "seats")], only) == [700, -700, 2000]
    assert amounts([charge(700)], coupon("A", amount=500), coupon("B", amount=500)) == [700, -500, -200]


def test_only_charges_are_lowered() -> None:
    untouched = [
        charge(-500, kind=LineKind.PRORATED_CREDIT),
        charge(900, kind=LineKind.USAGE),
        replace(charge(700, kind=LineKind.MANUAL), price_id=None),
        replace(charge(700), price_id=None),
        charge(0),
    ]
    result = lowered(untouched, [work(coupon())], CATALOG, HALF_UP)
    assert (list(result.lines), result.touched) == (untouched, frozenset())
    assert lowered([charge(5)], [work(coupon())], CATALOG, HALF_UP).touched == {UUID(int=1)}


def test_a_credit_gives_back_what_was_charged_not_the_list_price() -> None:
    taken = lowered([charge(2000)], [work(coupon("A")), work(coupon("B", amount=300), 2)], CATALOG, HALF_UP)
    held = [
        Applied(redemption_id=i, coupon_id=c, since=MONTH.start, deductions=taken.deductions[i])
        for i, c in ((UUID(int=1), "A@1"), (UUID(int=2), "B@1"))
    ]
    catalog = replace(CATALOG, coupons={c.id: c for c in (coupon("A"), coupon("B", amount=300))})
    half = charge(-1000, kind=LineKind.PRORATED_CREDIT)
    credit, first, second = with_deductions([half], held, catalog)
    assert [x.amount for x in (credit, first, second)] == [-1000, 200, 150]
    assert str(first.explanation) == (
        "coupon A had taken 4.00 USD of 20.00 USD: of the 10.00 USD credited 2.00 USD was never charged, "
        "rounded half-up"
    )
    assert with_deductions([charge(-1, 2, kind=LineKind.PRORATED_CREDIT)], held, catalog)[1:] == ()
    # of one cent nothing is told that rounds to nothing
    assert [x.amount for x in with_deductions([replace(half, amount=-1)], held, catalog)] == [-1]


coupons = st.lists(
    st.builds(
        lambda n, ppm, amount, priority, scope: coupon(
            f"C{n}", priority=priority, products=scope, **({"ppm": ppm} if ppm else {"amount": amount})
        ),
        st.integers(0, 99),
        st.one_of(st.none(), st.integers(1, 1_000_000)),
        st.integers(1, 5000),
        st.integers(-2, 2),
        st.sampled_from([(), ("pro",), ("seats",)]),
    ),
    max_size=5,
    unique_by=lambda c: c.code,
)
charges = st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(["pro", "seats"])), max_size=5)


@settings(max_examples=examples(200), deadline=None)
@given(charges, coupons, st.sampled_from(Rounding), st.integers(0, 1000))
def test_stacked_discounts_never_go_below_zero_and_sum_exactly(
    given_: list[tuple[int, str]], stacked: list[Coupon], rounding: Rounding, share: int
) -> None:
    lines = [charge(amount, n, price) for n, (amount, price) in enumerate(given_)]
    works = [work(c, n) for n, c in enumerate(stacked, start=1)]
    result = lowered(lines, works, CATALOG, rounding)
    assert lowered(lines, reversed(works), CATALOG, rounding).lines == result.lines
    left = {line.item_id: line.amount for line in lines}
    for line in result.lines:
        if line.kind is LineKind.DISCOUNT:
            left[line.item_id] += line.amount
    assert all(rest >= 0 for rest in left.values())
    taken = sum(d.taken for those in result.deductions.values() for d in those)
    assert sum(x.amount for x in result.lines) == sum(x.amount for x in lines) - taken
    for c, w in zip(stacked, works, strict=True):
        most = sum(d.taken for d in result.deductions[w.redemption_id])
        assert c.amount is None or most <= c.amount
    # Credited at once it nets to zero, and in part it never gives back more than its share.
    catalog = replace(CATALOG, coupons={c.id: c for c in stacked})
    held = [
        Applied(
            redemption_id=w.redemption_id,
            coupon_id=w.coupon.id,
            since=MONTH.start,
            deductions=result.deductions[w.redemption_id],
        )
        for w in works
    ]
    credits_ = [replace(x, kind=LineKind.PRORATED_CREDIT, amount=-x.amount) for x in lines]
    assert sum(x.amount for x in (*result.lines, *with_deductions(credits_, held, catalog))) == 0
    for line in lines:
        part = replace(line, kind=LineKind.PRORATED_CREDIT, amount=-(line.amount * share // 1000))
        assert part.amount <= sum(x.amount for x in with_deductions([part], held, catalog)) <= 0

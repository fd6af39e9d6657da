"""Grants of credit: the order in which they are drawn on, and which lines they may pay."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core.catalog import Catalog, Product
from solvent.core.change import NewItem, Purchase
from solvent.core.credit import (
    CreditGrant,
    Draw,
    GrantKind,
    OwedLine,
    Part,
    after_draws,
    balance,
    draw_order,
    draws,
    lacking,
    owed_parts,
    parts_of,
    still_there,
)
from solvent.core.invoice import Line, LineKind
from solvent.core.tax import Rules
from tests.core.conftest import CATALOG, PRODUCTS, Shop
from tests.core.till import ISSUED, Till, accounts, open_invoice, paid
from tests.drawing import examples

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
BARRED = Catalog.checked(
    [replace(p, takes_credit=False) if p.id == "certificate" else p for p in PRODUCTS]
    + [Product(id="bundle", name="Bundle", family="bundle", features={}, includes=("pro", "certificate"))],
    [*CATALOG.prices.values(), replace(CATALOG.price("setup"), id="bundle", product_id="bundle")],
    taxes=Rules(),
)


def grant(number: int, remaining: int = 100, **other: object) -> CreditGrant:
    usual = CreditGrant(
        id=UUID(int=number),
        kind=GrantKind.GOODWILL,
        currency="USD",
        amount=max(remaining, 1),
        remaining=remaining,
        granted_at=NOW,
    )
    return replace(usual, **other)  # type: ignore[arg-type]


def line(amount: int, price: str | None = None, **other: object) -> Line:
    kind = LineKind.MANUAL if price is None else LineKind.CHARGE
    made = Line(kind=kind, description="x", amount=amount, explanation="x", price_id=price)
    return replace(made, **other)  # type: ignore[arg-type]


def drawn(lines: list[Line], *grants: CreditGrant) -> list[tuple[int, int, int]]:
    """Which grant pays how much of which line."""
    found = draws(parts_of(lines, BARRED), grants, NOW)
    return [(x.grant_id.int, x.line, x.amount) for x in found]


def test_priority_then_expiry_then_age() -> None:
    last, first = grant(1, priority=51, expires_at=NOW + DAY), grant(2, priority=1)
    never, soon, later = grant(3), grant(4, expires_at=NOW + DAY), grant(5, expires_at=NOW + 2 * DAY)
    older = grant(6, granted_at=NOW - DAY)
    grants = [last, first, never, soon, later, older]
    assert [g.id.int for g in sorted(grants, key=draw_order)] == [2, 4, 5, 6, 3, 1]
    assert [n for n, *_ in drawn([line(600)], *grants)] == [2, 4, 5, 6, 3, 1]
    assert drawn([line(150)], *grants) == [(2, 1, 100), (4, 1, 50)]


def test_what_has_expired_or_is_used_up_is_not_drawn_on() -> None:
    gone = grant(1, expires_at=NOW)
    assert (gone.usable(NOW), gone.usable(NOW - DAY)) == (False, True)
    assert drawn([line(50)], gone, grant(2, 0)) == []
    assert drawn([line(50)]) == []


def test_what_takes_no_credit_is_paid_otherwise() -> None:
    cart = [line(1000, "certificate"), line(700, "pro")]
    assert drawn(cart, grant(1, 5000)) == [(1, 2, 700)]
    assert drawn([line(1000, "bundle"), line(5)], grant(1, 5000)) == [(1, 2, 5)]
    taxed = [line(1000, "certificate", tax=190), line(700, "pro", tax=133)]
    assert drawn(taxed, grant(1, 5000)) == [(1, 2, 833)]
    assert drawn([line(500, kind=LineKind.PREPAID)], grant(1, 5000)) == []


def test_a_grants_own_exclusions_and_who_pays_what_others_cannot() -> None:
    cart = [line(100, "pro"), line(100, "setup")]
    picky = grant(1, 100, excludes=("setup",), priority=60)
    assert drawn(cart, picky) == [(1, 1, 100)]
    # The first leaves to the second what only that may pay.
    assert drawn(cart, picky, grant(2, 100)) == [(2, 2, 100), (1, 1, 100)]
    assert drawn(cart, grant(1, 60, excludes=("pro",)), grant(2, 60, excludes=("pro", "setup"))) == [
        (1, 2, 60)
    ]
    bundle = grant(3, 500, excludes=("pro",))
    sold = Catalog.checked(
        [*PRODUCTS, Product(id="bundle", name="B", family="bundle", features={}, includes=("pro",))],
        [replace(CATALOG.price("setup"), id="bundle", product_id="bundle")],
    )
    assert draws(parts_of([line(100, "bundle")], sold), [bundle], NOW) == ()


def test_what_is_unused_lowers_what_is_like_it_first() -> None:
    unused = line(-300, "certificate", kind=LineKind.PRORATED_CREDIT)
    assert drawn([unused, line(1000, "certificate"), line(700, "pro")], grant(1, 5000)) == [(1, 3, 700)]
    assert drawn([line(-300, "pro"), line(1000, "certificate"), line(700, "pro")], grant(1, 5000)) == [
        (1, 3, 400)
    ]
    # Of another product, but one that takes credit as well.
    assert drawn([line(-300, "setup"), line(1000, "certificate"), line(700, "pro")], grant(1, 5000)) == [
        (1, 3, 400)
    ]
    # More unused than there is of its like: the rest lowers whatever is left.
    assert drawn([line(-900, "pro"), line(1000, "certificate"), line(700, "pro")], grant(1, 5000)) == []
    assert drawn([line(-1900, "certificate"), line(1000, "certificate"), line(1000)], grant(1, 5000)) == [
        (1, 3, 100)
    ]
    assert drawn([line(-5), line(5)], grant(1)) == []


def owed(number: int, amount: int, price: str | None = None, drawn: int = 0) -> OwedLine:
    return OwedLine(line=number, price_id=price, amount=amount, drawn=drawn)


@pytest.mark.parametrize(
    ("lines", "debt", "left"),
    [
        ([owed(1, 1000)], 1000, {1: 1000}),
        ([owed(1, 1000, drawn=400)], 600, {1: 600}),
        (
            [owed(1, 1000, "certificate"), owed(2, 700)],
            900,
            {1: 200, 2: 700},
        ),  # money has paid the certificate
        ([owed(1, 1000, "certificate"), owed(2, 700), owed(3, 300)], 900, {1: 0, 2: 700, 3: 200}),
        ([owed(1, -300), owed(2, 700)], 400, {2: 400}),
        ([owed(1, 0, drawn=60), owed(2, 100)], 100, {1: 0, 2: 100}),
        ([], 100, {}),
    ],
)
def test_what_is_still_owed_on_each_line(lines: list[OwedLine], debt: int, left: dict[int, int]) -> None:
    parts = owed_parts(open_invoice(Shop(), debt), lines, BARRED)
    assert {p.invoice_id for p in parts} <= {ISSUED}
    found = {p.line: p.amount for p in parts}
    assert {n: amount for n, amount in left.items() if amount} == {n: a for n, a in found.items() if a}


def test_whether_credit_is_still_there() -> None:
    one, two = grant(1), grant(2)
    plan = (Draw(grant_id=one.id, line=1, amount=60), Draw(grant_id=one.id, line=2, amount=40))
    held = {g.id: g for g in (one, two)}
    assert not lacking((), {})
    assert not lacking(plan, held)
    assert lacking(plan, {two.id: two})
    assert lacking(plan, held | {one.id: one.less(1)})
    assert still_there(plan, held) == plan
    assert still_there(plan, {one.id: one.less(70)}) == (replace(plan[0], amount=30),)
    assert still_there(plan, {}) == ()
    assert balance(after_draws([one, two], plan)) == 100


names = ["pro", "setup", "certificate", None]
lines = st.lists(
    st.builds(line, st.integers(-800, 1500), st.sampled_from(names), tax=st.sampled_from([0, 7, 100])),
    max_size=6,
)
moments = st.sampled_from([None, NOW - DAY, NOW, NOW + DAY, NOW + 2 * DAY])
several = st.lists(
    st.tuples(
        st.integers(0, 900),
        st.integers(0, 3),
        moments,
        st.sets(st.sampled_from(["pro", "setup"]), max_size=2),
    ),
    max_size=5,
)


@pytest.mark.unmeasured
@settings(max_examples=examples(400), deadline=None)
@given(bill=lines, held=several)
def test_every_plan_of_draws(
    bill: list[Line], held: list[tuple[int, int, datetime | None, set[str]]]
) -> None:
    """Exact sums, nothing excluded, nothing twice, the order kept, and nothing left that could have paid."""
    grants = [
        grant(n, remaining, priority=priority, expires_at=until, excludes=tuple(sorted(excludes)))
        for n, (remaining, priority, until, excludes) in enumerate(held, start=1)
    ]
    parts = parts_of(bill, BARRED)
    assert sum(p.amount for p in parts) == max(sum(x.gross for x in bill), 0)
    found = draws(parts, grants, NOW)
    by_grant: Counter[UUID] = Counter()
    by_line: Counter[int] = Counter()
    for x in found:
        assert x.amount > 0
        by_grant[x.grant_id] += x.amount
        by_line[x.line] += x.amount
    rest = {p.line: p.amount - by_line[p.line] for p in parts}
    assert set(by_line) <= set(rest)
    assert min(rest.values(), default=0) >= 0
    by_number = {p.line: p for p in parts}
    for one in grants:
        mine = [by_number[x.line] for x in found if x.grant_id == one.id]
        assert by_grant[one.id] <= one.remaining
        assert not mine or one.usable(NOW)
        for part in mine:
            price = bill[part.line - 1].price_id
            assert price != "certificate"
            assert price not in one.excludes
        if one.usable(NOW) and by_grant[one.id] < one.remaining:
            behind = {g.id for g in grants if draw_order(g) > draw_order(one)}
            for part in (p for p in parts if one.pays(p)):
                assert rest[part.line] == 0
                assert not any(x.line == part.line and x.grant_id in behind for x in found)
    assert [x.grant_id for x in found] == [
        x.grant_id for x in sorted(found, key=lambda x: draw_order(grants[x.grant_id.int - 1]))
    ]


def test_a_commit_draws_what_its_plan_says_each_kind_out_of_its_own_books(shops: type[Shop]) -> None:
    shop = shops()
    shop.catalog = BARRED
    kinds = [GrantKind.GOODWILL, GrantKind.SPONSORED, GrantKind.PREPAID, GrantKind.RETURNED]
    shop.credit_grants = tuple(grant(n, 1000, kind=kind) for n, kind in enumerate(kinds, start=1))
    cart = (NewItem(price_id="setup"), NewItem(price_id="certificate", object="zone:a"))
    till = Till(shop)
    attempt = till.open(shop.plan(Purchase(items=cart)))
    assert (attempt.plan.credit_used, attempt.plan.due) == (4000, 2000)
    booking = till.settle(paid(attempt))
    assert accounts(booking) == {
        "promised_credit": 2000,
        "prepaid_credit": 1000,
        "customer_credit": 1000,
        "cash:sandbox": 2000,
        "revenue": -6000,
    }
    assert [(u.grant_id.int, u.line, u.amount) for u in booking.credit_uses] == [
        (x.grant_id.int, x.line, x.amount) for x in attempt.plan.draws
    ]


def test_a_part_says_what_it_sells() -> None:
    (part,) = parts_of([line(5, "bundle")], BARRED)
    assert part == Part(line=1, amount=5, products=frozenset({"bundle", "pro", "certificate"}), barred=True)

"""Closing a plan: which proof it asks for, what credit pays of it, and which plans are the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core.change import (
    AddItem,
    CancelAtPeriodEnd,
    Change,
    ChangeInterval,
    NewItem,
    SetQuantity,
    Start,
)
from solvent.core.credit import Part
from solvent.core.invoice import Line, LineKind
from solvent.core.payment import Path, ProofKind
from solvent.core.period import Anchor, Interval, Period, Unit
from solvent.core.plan import Debt, Intent, Plan, make_plan
from solvent.core.subscription import Item, Pending, Subscription, SubscriptionState
from tests.core.funds import grants
from tests.drawing import examples

if TYPE_CHECKING:
    from tests.core.conftest import Shop

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNT = UUID(int=1)


def line(amount: int, **other: object) -> Line:
    return Line(kind=LineKind.CHARGE, description="x", amount=amount, explanation="x", **other)  # type: ignore[arg-type]


def debts(*amounts: int) -> tuple[Debt, ...]:
    return tuple(Debt(invoice_id=UUID(int=n), version=1, amount=x) for n, x in enumerate(amounts, start=5))


def closed(*amounts: int, **other: object) -> Plan:
    usual = {
        "account_id": ACCOUNT,
        "path": Path.CHANGE,
        "intent": Intent.MODIFY,
        "claim": "sub:1",
        "currency": "USD",
        "lines": [line(a) for a in amounts],
        "credit": (),
        "planned_at": NOW,
        "lifetime": timedelta(minutes=30),
    }
    return make_plan(**usual | other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("plan", "proof", "total", "credit_used", "credit_granted", "due"),
    [
        (closed(700, 300), ProofKind.PAYMENT, 1000, 0, 0, 1000),
        (closed(1000, credit=grants(400)), ProofKind.PAYMENT, 1000, 400, 0, 600),
        (closed(1000, credit=grants(4000)), ProofKind.CREDIT, 1000, 1000, 0, 0),
        (closed(), ProofKind.NOTHING_DUE, 0, 0, 0, 0),
        (closed(credit=grants(4000)), ProofKind.NOTHING_DUE, 0, 0, 0, 0),
        (closed(300, -1000, credit=grants(400)), ProofKind.NOTHING_DUE, -700, 0, 700, 0),
        (closed(needs_setup=True), ProofKind.TRIAL, 0, 0, 0, 0),
        (closed(1000, needs_setup=True), ProofKind.PAYMENT, 1000, 0, 0, 1000),
        (closed(1000, terms_days=30, credit=grants(400)), ProofKind.TERMS, 1000, 0, 0, 0),
        (closed(terms_days=30), ProofKind.NOTHING_DUE, 0, 0, 0, 0),
        (closed(-500, terms_days=30), ProofKind.NOTHING_DUE, -500, 0, 500, 0),
        (
            closed(settles=debts(500, 400), owed=(Part(line=1, amount=900),), credit=grants(200)),
            ProofKind.PAYMENT,
            900,
            200,
            0,
            700,
        ),
    ],
)
def test_totals_and_the_proof_that_is_asked_for(
    plan: Plan, proof: ProofKind, total: int, credit_used: int, credit_granted: int, due: int
) -> None:
    assert (plan.proof, plan.total) == (proof, total)
    assert (plan.credit_used, plan.credit_granted, plan.due) == (credit_used, credit_granted, due)
    assert plan.expires_at == NOW + timedelta(minutes=30)


@pytest.mark.parametrize(
    "other",
    [
        {"claim": "sub:2"},
        {"intent": Intent.RENEW},
        {"currency": "EUR"},
        {"credit": grants(1)},
        {"terms_days": 30},
        {"settles": debts(0)},
        {"lines": [line(1001)]},
        {"lines": [line(1000), line(0)]},
        {"lines": [line(1000, quantity=2)]},
        {"lines": [line(1000, price_id="pro")]},
        {"lines": [line(1000, object="zone:a")]},
    ],
)
def test_a_plan_for_anything_else_has_another_fingerprint(other: dict[str, Any]) -> None:
    assert closed(1000).fingerprint != closed(1000, **other).fingerprint
    assert closed(1000, **other).fingerprint == closed(1000, **other).fingerprint


def test_a_plan_that_asks_for_a_mandate_has_another_fingerprint() -> None:
    assert closed().fingerprint != closed(needs_setup=True).fingerprint


def test_money_that_is_due_is_its_own_mandate() -> None:
    plan = closed(1000, needs_setup=True)
    assert (plan.needs_setup, plan.fingerprint) == (False, closed(1000).fingerprint)
    assert closed(1000, needs_setup=True, credit=grants(4000)).needs_setup


def test_terms_of_another_length_are_another_plan() -> None:
    assert closed(1000, terms_days=30).fingerprint != closed(1000, terms_days=60).fingerprint


@pytest.fixture
def base(shop: Shop) -> Subscription:
    after = shop.start(("pro", 1, "zone:a"), ("seats", 2, "account")).after
    assert after is not None
    return after


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"interval": Interval(unit=Unit.MONTH, count=2)},
        {"period": Period(start=NOW, end=NOW + timedelta(days=30))},
        {"pending": Pending(cancel=True)},
        {"pending": Pending(items=())},
        {"pending": Pending(interval=Interval(unit=Unit.YEAR))},
        {"pending": Pending(cancel=True, interval=Interval(unit=Unit.YEAR))},
        {"items": ()},
    ],
)
def test_a_plan_that_leaves_another_subscription_has_another_fingerprint(
    base: Subscription, change: dict[str, Any]
) -> None:
    assert closed(after=base).fingerprint != closed(after=replace(base, **change)).fingerprint
    assert closed(after=base).fingerprint != closed().fingerprint


def test_ids_that_were_drawn_do_not_count(shop: Shop) -> None:
    """Two tabs plan the same thing in the same moment: the second joins the first."""
    request = Start(items=(NewItem(price_id="pro", object="zone:a"), NewItem(price_id="seats")))
    one, other = shop.plan(request), shop.plan(request)
    assert one.after != other.after
    assert one.fingerprint == other.fingerprint
    assert len(one.fingerprint) == 32


def test_the_same_change_twice_over_is_the_same_plan(shop: Shop, base: Subscription) -> None:
    changes: list[Change] = [
        AddItem(subscription_id=base.id, item=NewItem(price_id="calls")),
        SetQuantity(subscription_id=base.id, item_id=base.items[1].id, quantity=1),
        CancelAtPeriodEnd(subscription_id=base.id),
        ChangeInterval(
            subscription_id=base.id,
            prices=((base.items[0].id, "pro-year"), (base.items[1].id, "seats-year")),
        ),
    ]
    prints = [shop.plan(change).fingerprint for change in changes]
    assert prints == [shop.plan(change).fingerprint for change in changes]
    assert len(set(prints)) == len(changes)


PERIOD = Period(start=NOW, end=NOW + timedelta(days=31))
BASE = Subscription(
    id=UUID(int=2),
    account_id=ACCOUNT,
    state=SubscriptionState.ACTIVE,
    currency="USD",
    interval=Interval(unit=Unit.MONTH),
    anchor=Anchor(at=NOW, time_zone="UTC"),
    index=0,
    period=PERIOD,
    items=(),
    version=1,
)
words = st.text(alphabet="ab:|'(,", min_size=1, max_size=6)
things = st.lists(st.tuples(words, st.integers(1, 3), words), max_size=3)


@settings(max_examples=examples(200))
@given(things, things)
def test_no_names_make_two_different_lists_look_alike(
    one: list[tuple[str, int, str]], other: list[tuple[str, int, str]]
) -> None:
    """Customers choose the names of objects, separators and quotes included."""

    def as_lines(listed: list[tuple[str, int, str]]) -> Plan:
        return closed(lines=[line(10, price_id=p, quantity=q, object=o) for p, q, o in listed])

    def as_items(listed: list[tuple[str, int, str]]) -> Plan:
        items = [Item(id=UUID(int=9), price_id=p, quantity=q, object=o) for p, q, o in listed]
        return closed(after=replace(BASE, items=tuple(items)))

    for made in (as_lines, as_items):
        assert (made(one).fingerprint == made(other).fingerprint) is (one == other)


def test_a_separator_in_a_name_is_not_one() -> None:
    one = closed(lines=[line(10, price_id="a", object="x|charge:a:1:y:10")])
    assert one.fingerprint != closed(lines=[line(10, price_id="a", object="x")]).fingerprint

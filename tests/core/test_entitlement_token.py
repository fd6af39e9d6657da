"""What a token says, and that it never lives longer than what it says may be assumed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from solvent.core.entitlement import Grant, active
from solvent.core.entitlement_token import TokenContent, token_content
from solvent.core.product import Feature

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LONGEST = timedelta(minutes=5)


def grant(
    thing: str = "zone:a", starts: float = -60, ends: float = 3600, product: str = "pro", **features: Feature
) -> Grant:
    """A grant from and until so many seconds from now."""
    return Grant(
        item_id=UUID(int=1),
        account_id=UUID(int=2),
        subscription_id=UUID(int=3),
        product_id=product,
        object=thing,
        quantity=1,
        features=features,
        starts_at=NOW + timedelta(seconds=starts),
        ends_at=NOW + timedelta(seconds=ends),
    )


def content(grants: Sequence[Grant], *objects: str) -> TokenContent:
    return token_content(grants, objects, {}, NOW, LONGEST)


def test_it_says_products_and_features_by_object() -> None:
    said = content(
        [grant(waf=True), grant(product="cdn", waf=False, rules=3), grant("account", product="seats")]
    )
    assert said.products == {"account": ("seats",), "zone:a": ("cdn", "pro")}
    assert said.features == {"zone:a": {"waf": True, "rules": 3}}
    assert said.life_s == 300


def test_it_speaks_of_the_objects_that_were_asked_for() -> None:
    said = content([grant(waf=True), grant("zone:b", waf=False)], "zone:b")
    assert (said.products, said.features) == ({"zone:b": ("pro",)}, {"zone:b": {"waf": False}})


def test_nothing_granted_is_an_answer_too() -> None:
    assert content([]) == TokenContent(products={}, features={}, life_s=300)


def test_it_ends_with_the_first_grant_that_ends_or_begins() -> None:
    assert content([grant(ends=100.7), grant(ends=200)]).life_s == 100
    assert content([grant(), grant(starts=42.5, ends=500)]).life_s == 42
    assert content([grant(), grant(starts=0.5, ends=500)]).life_s == 1
    assert content([grant(ends=100), grant("zone:b")], "zone:b").life_s == 300


def test_what_is_over_within_the_second_is_left_out() -> None:
    said = content([grant(ends=0.9, product="old"), grant(ends=1, product="short")])
    assert (said.products, said.life_s) == ({"zone:a": ("short",)}, 1)


@given(st.lists(st.tuples(st.floats(-900, 900), st.floats(0.001, 900)), max_size=5))
def test_nothing_in_it_is_over_before_it_is(windows: list[tuple[float, float]]) -> None:
    grants = [
        grant(starts=start, ends=start + length, product=f"p{n}") for n, (start, length) in enumerate(windows)
    ]
    said = content(grants)
    last = NOW + timedelta(seconds=said.life_s) - timedelta(microseconds=1)
    named = {p for products in said.products.values() for p in products}
    assert named <= {g.product_id for g in active(grants, NOW)} & {g.product_id for g in active(grants, last)}
    assert 1 <= said.life_s <= LONGEST.total_seconds()

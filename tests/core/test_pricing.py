"""Pricing: every scheme by golden examples, by its definition, and in words."""

from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core.catalog import Price, Scheme, Tier
from solvent.core.pricing import amount, explain
from tests.drawing import examples

checked = settings(max_examples=examples(150), deadline=None)
PER_UNIT = Price(
    id="p",
    product_id="p",
    version=1,
    currency="USD",
    interval=None,
    scheme=Scheme.PER_UNIT,
    unit_amount=5_00,
)
FLAT = replace(PER_UNIT, scheme=Scheme.FLAT, unit_amount=20_00)
PACKAGE = replace(PER_UNIT, scheme=Scheme.PACKAGE, unit_amount=4_00, package_size=100)
TIERS = (
    Tier(up_to=5, unit_amount=10_00),
    Tier(up_to=10, unit_amount=8_00),
    Tier(up_to=None, unit_amount=6_00, flat_amount=2_00),
)
GRADUATED = replace(PER_UNIT, scheme=Scheme.GRADUATED, unit_amount=0, tiers=TIERS)
VOLUME = replace(GRADUATED, scheme=Scheme.VOLUME)
ALL = [FLAT, PER_UNIT, PACKAGE, GRADUATED, VOLUME]


@pytest.mark.parametrize(
    ("price", "quantity", "total", "words"),
    [
        (FLAT, 1, 20_00, "flat 20.00 USD"),
        (FLAT, 7, 20_00, "flat 20.00 USD"),
        (PER_UNIT, 3, 15_00, "3 × 5.00 USD = 15.00 USD"),
        (PACKAGE, 1, 4_00, "1 package of 100 × 4.00 = 4.00 USD"),
        (PACKAGE, 100, 4_00, "1 package of 100 × 4.00 = 4.00 USD"),
        (PACKAGE, 101, 8_00, "2 packages of 100 × 4.00 = 8.00 USD"),
        (GRADUATED, 5, 50_00, "first 5 × 10.00 = 50.00 USD"),
        (GRADUATED, 8, 74_00, "first 5 × 10.00 + 3 × 8.00 = 74.00 USD"),
        (GRADUATED, 12, 104_00, "first 5 × 10.00 + 5 × 8.00 + 2 × 6.00 + 2.00 flat = 104.00 USD"),
        (VOLUME, 5, 50_00, "all 5 × 10.00 = 50.00 USD"),
        (VOLUME, 8, 64_00, "all 8 × 8.00 = 64.00 USD"),
        (VOLUME, 12, 74_00, "all 12 × 6.00 + 2.00 flat = 74.00 USD"),
    ],
)
def test_golden_amounts(price: Price, quantity: int, total: int, words: str) -> None:
    assert amount(price, quantity) == total
    assert str(explain(price, quantity)) == words


def test_words_follow_the_currency() -> None:
    assert str(explain(replace(PER_UNIT, currency="JPY", unit_amount=1500), 2)) == "2 × 1500 JPY = 3000 JPY"
    assert str(explain(replace(PER_UNIT, currency="KWD"), 2)) == "2 × 0.500 KWD = 1.000 KWD"


@pytest.mark.parametrize("price", [*ALL, replace(VOLUME, tiers=(TIERS[-1],))])
def test_nothing_costs_nothing(price: Price) -> None:
    assert amount(price, 0) == 0
    assert str(explain(price, 0)) == "none = 0.00 USD"


@pytest.mark.parametrize("price", ALL)
def test_a_negative_quantity_is_an_error(price: Price) -> None:
    for function in (amount, explain):
        with pytest.raises(ValueError, match="quantity: must be 0 or more, got -1"):
            function(price, -1)


def test_an_unknown_scheme_is_never_priced() -> None:
    odd = replace(PER_UNIT, scheme=cast(Any, "auction"))
    with pytest.raises(AssertionError):
        amount(odd, 1)


@st.composite
def tiered(draw: st.DrawFn) -> tuple[Tier, ...]:
    tops = sorted(draw(st.sets(st.integers(1, 60), max_size=4)))
    cost = st.integers(0, 50_00)
    return tuple(Tier(up_to=top, unit_amount=draw(cost), flat_amount=draw(cost)) for top in (*tops, None))


def tier_of(tiers: tuple[Tier, ...], unit: int) -> Tier:
    return next(tier for tier in tiers if tier.up_to is None or unit <= tier.up_to)


@checked
@given(tiered(), st.integers(0, 80))
def test_graduated_grows_by_the_tier_of_each_unit(tiers: tuple[Tier, ...], quantity: int) -> None:
    """Monotone, and each further unit costs its tier's amount, plus the flat one where the tier begins."""
    price = replace(GRADUATED, tiers=tiers)
    step = amount(price, quantity + 1) - amount(price, quantity)
    tier = tier_of(tiers, quantity + 1)
    begins = quantity == 0 or tier_of(tiers, quantity) is not tier
    assert step == tier.unit_amount + (tier.flat_amount if begins else 0)
    assert step >= 0


@checked
@given(tiered(), st.integers(1, 80))
def test_volume_is_one_tier_for_all(tiers: tuple[Tier, ...], quantity: int) -> None:
    tier = tier_of(tiers, quantity)
    total = amount(replace(VOLUME, tiers=tiers), quantity)
    assert total == quantity * tier.unit_amount + tier.flat_amount
    one_tier = (replace(tier, up_to=None),)
    assert total == amount(replace(GRADUATED, tiers=one_tier), quantity)


@checked
@given(st.integers(1, 1000), st.integers(0, 10_000), st.integers(0, 50_00))
def test_packages_cover_the_quantity(size: int, quantity: int, unit_amount: int) -> None:
    price = replace(PACKAGE, package_size=size, unit_amount=unit_amount)
    packages = amount(replace(price, unit_amount=1), quantity)
    assert (packages - 1) * size < quantity <= packages * size or quantity == packages == 0
    assert amount(price, quantity) == packages * unit_amount


@checked
@given(st.sampled_from(ALL), tiered(), st.integers(0, 500))
def test_words_end_with_the_amount(price: Price, tiers: tuple[Tier, ...], quantity: int) -> None:
    price = replace(price, tiers=tiers)
    total = amount(price, quantity)
    assert str(explain(price, quantity)).endswith(f"{total // 100}.{total % 100:02} USD")

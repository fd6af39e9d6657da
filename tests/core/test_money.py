"""Money: exact, rounded in one place, and allocation never loses or invents a unit."""

from fractions import Fraction
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core.money import (
    CurrencyMismatch,
    Money,
    Rounding,
    UnknownCurrency,
    allocate,
    exponent,
    format_minor,
    round_ratio,
)
from tests.drawing import examples

amounts = st.integers(-(10**12), 10**12)
currencies = st.sampled_from(["USD", "EUR", "JPY", "KWD", "CLF"])
checked = settings(max_examples=examples(150), deadline=None)


def usd(minor: int) -> Money:
    return Money(minor=minor, currency="USD")


@pytest.mark.parametrize(
    ("numerator", "denominator", "half_up", "half_even", "truncate"),
    [
        (5, 2, 3, 2, 2),
        (-5, 2, -3, -2, -2),
        (7, 2, 4, 4, 3),
        (1, 3, 0, 0, 0),
        (2, 3, 1, 1, 0),
        (6, 3, 2, 2, 2),
    ],
)
def test_rounding_examples(
    numerator: int, denominator: int, half_up: int, half_even: int, truncate: int
) -> None:
    assert round_ratio(numerator, denominator, Rounding.HALF_UP) == half_up
    assert round_ratio(numerator, denominator, Rounding.HALF_EVEN) == half_even
    assert round_ratio(numerator, denominator, Rounding.TRUNCATE) == truncate


@checked
@given(amounts, st.integers(1, 10**6), st.sampled_from(Rounding))
def test_rounding_is_symmetric_close_and_idempotent(
    numerator: int, denominator: int, rounding: Rounding
) -> None:
    rounded = round_ratio(numerator, denominator, rounding)
    assert round_ratio(-numerator, denominator, rounding) == -rounded
    bound = Fraction(1) if rounding is Rounding.TRUNCATE else Fraction(1, 2)
    distance = abs(Fraction(numerator, denominator) - rounded)
    assert distance < 1
    assert distance <= bound
    assert round_ratio(rounded, 1, rounding) == rounded
    assert round_ratio(rounded * denominator, denominator, rounding) == rounded


@checked
@given(amounts, amounts, st.integers(1, 10**6), st.sampled_from(Rounding))
def test_rounding_keeps_order(one: int, other: int, denominator: int, rounding: Rounding) -> None:
    low, high = sorted((one, other))
    assert round_ratio(low, denominator, rounding) <= round_ratio(high, denominator, rounding)


@pytest.mark.parametrize("denominator", [0, -3])
def test_rounding_needs_a_positive_denominator(denominator: int) -> None:
    with pytest.raises(ValueError, match="denominator: must be positive"):
        round_ratio(1, denominator, Rounding.HALF_UP)


def test_an_unknown_rounding_is_refused() -> None:
    with pytest.raises(AssertionError):
        round_ratio(1, 2, cast(Any, "ceiling"))


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("UYW", 4), ("ISK", 0), ("TND", 3)],
)
def test_exponents_of_iso_4217(currency: str, digits: int) -> None:
    assert exponent(currency) == digits


@pytest.mark.parametrize("code", ["", "usd", "XXX", "XAU", "DEM", "US$"])
def test_codes_outside_the_table_are_unknown(code: str) -> None:
    with pytest.raises(UnknownCurrency, match="currency: must be an active ISO 4217 code"):
        exponent(code)
    with pytest.raises(UnknownCurrency):
        Money(minor=1, currency=code)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (2000, "USD", "20.00 USD"),
        (-500, "KWD", "-0.500 KWD"),
        (1500, "JPY", "1500 JPY"),
        (-7, "JPY", "-7 JPY"),
        (5, "USD", "0.05 USD"),
        (-1, "CLF", "-0.0001 CLF"),
    ],
)
def test_text_of_money(minor: int, currency: str, text: str) -> None:
    assert str(Money(minor=minor, currency=currency)) == text
    assert f"{format_minor(minor, currency)} {currency}" == text


@checked
@given(amounts, currencies)
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    assert Money.parse(format_minor(minor, currency), currency) == Money(minor=minor, currency=currency)


def test_fewer_decimals_are_exact_too() -> None:
    assert Money.parse("20", "USD") == Money.parse("20.0", "USD") == usd(2000)
    assert Money.parse("-1.5", "KWD") == Money(minor=-1500, currency="KWD")


@pytest.mark.parametrize(
    ("text", "currency", "rule"),
    [("20.005", "USD", "USD has 2 decimals, got 3 in '20.005'"), ("1.0", "JPY", "JPY has 0 decimals, got 1")],
)
def test_too_many_decimals_say_so(text: str, currency: str, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        Money.parse(text, currency)


@pytest.mark.parametrize("text", ["", "1,000.00", "1e3", " 1", "1\n", "+1", ".5", "5.", "١", "nan", "1" * 15])
def test_only_plain_decimals_are_read(text: str) -> None:
    with pytest.raises(ValueError, match="amount: must be a plain decimal"):
        Money.parse(text, "USD")


def test_arithmetic_and_order_within_one_currency() -> None:
    assert usd(5) + usd(7) == usd(12)
    assert usd(5) - usd(7) == -usd(2) == usd(-2)
    assert Money.zero("USD") == usd(0)
    assert usd(1) < usd(2) <= usd(2)
    assert usd(3) > usd(2) >= usd(2)
    assert not any((usd(2) < usd(2), usd(2) > usd(2), usd(3) <= usd(2), usd(1) >= usd(2)))
    assert len({usd(1), usd(1), Money(minor=1, currency="EUR")}) == 2


@pytest.mark.parametrize("operator", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"])
def test_two_currencies_never_mix(operator: str) -> None:
    with pytest.raises(CurrencyMismatch, match="must be USD on both sides, got EUR"):
        getattr(usd(1), operator)(Money(minor=1, currency="EUR"))
    assert usd(1) != Money(minor=1, currency="EUR")


@pytest.mark.parametrize("minor", [1.0, True, "1"])
def test_minor_units_are_integers(minor: object) -> None:
    with pytest.raises(TypeError, match="minor: must be an int"):
        Money(minor=cast(Any, minor), currency="USD")


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, (1, 1, 1), (34, 33, 33)),
        (-100, (1, 1, 1), (-34, -33, -33)),
        (5, (0, 1, 0, 1), (0, 3, 0, 2)),
        (1, (1, 2), (0, 1)),
        (7, (7,), (7,)),
        (0, (3, 4), (0, 0)),
    ],
)
def test_allocation_examples(total: int, weights: tuple[int, ...], parts: tuple[int, ...]) -> None:
    assert allocate(total, weights) == parts


@checked
@given(amounts, st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any))
def test_allocation_sums_and_stays_close(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)
    assert sum(parts) == total
    assert all(
        abs(part - Fraction(total * weight, sum(weights))) < 1
        for part, weight in zip(parts, weights, strict=True)
    )
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)
    assert allocate(-total, weights) == tuple(-part for part in parts)


@pytest.mark.parametrize("weights", [(), (0,), (0, 0), (-1, 2), (3, -1)])
def test_weights_that_cannot_share_are_refused(weights: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="weights: must be 0 or more with at least one above 0"):
        allocate(10, weights)

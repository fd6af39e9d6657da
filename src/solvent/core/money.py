"""Money: exact amounts in minor units, the one rounding function, and allocation that sums to the whole.

Owns: the ISO 4217 exponents, `Money`, `round_ratio`, `allocate`, and how an amount is written as text.
Does not own: what a thing costs (`pricing`), shares of a period (`proration`), or conversion between
currencies, which does not exist here: mixing two of them is an error.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, assert_never


class Rounding(StrEnum):
    """What happens to the part of an amount that is smaller than one minor unit."""

    HALF_UP = "half_up"  # a half goes away from zero
    HALF_EVEN = "half_even"  # a half goes to the even neighbour
    TRUNCATE = "truncate"  # every part goes toward zero


class UnknownCurrency(ValueError):
    """The code is not an active ISO 4217 currency with minor units."""


class CurrencyMismatch(ValueError):
    """Amounts of two currencies were added, subtracted or ordered."""


# ISO 4217 list one, active codes by exponent. Left out: codes without a minor unit (XAU, XDR, XXX and the
# like), because no invoice can be written in them. BGN stays: invoices issued in it are still shown.
_CODES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD
HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP
MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD
SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS
VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
""",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_EXPONENTS = {code: digits for digits, codes in _CODES.items() for code in codes.split()}

# 14 digits before the point keep every currency inside a 64-bit integer of minor units.
_DECIMAL = re.compile(r"(-?)([0-9]{1,14})(?:\.([0-9]+))?")


CURRENCY_RULE = "must be an active ISO 4217 code"


def is_currency(code: str) -> bool:
    """Whether there is such a currency."""
    return code in _EXPONENTS


def exponent(currency: str) -> int:
    """Digits after the decimal point: USD 2, JPY 0, KWD 3, CLF 4. Raises `UnknownCurrency`."""
    try:
        return _EXPONENTS[currency]
    except KeyError:
        raise UnknownCurrency(f"currency: must be an active ISO 4217 code, got {currency!r}") from None


def round_ratio(numerator: int, denominator: int, rounding: Rounding) -> int:
    """numerator ÷ denominator as a whole number: the one place where amounts are rounded.

    Exact integer arithmetic; rounding −x gives the negative of rounding x. `denominator` must be positive.
    """
    if denominator <= 0:
        raise ValueError(f"denominator: must be positive, got {denominator}")
    whole, rest = divmod(abs(numerator), denominator)
    match rounding:
        case Rounding.HALF_UP:
            whole += 2 * rest >= denominator
        case Rounding.HALF_EVEN:
            whole += 2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1)
        case Rounding.TRUNCATE:
            pass
        case _:
            assert_never(rounding)
    return -whole if numerator < 0 else whole


def format_minor(minor: int, currency: str) -> str:
    """Minor units as a plain decimal without the code: 2000 USD → "20.00", −500 KWD → "-0.500"."""
    digits = exponent(currency)
    if digits == 0:
        return str(minor)
    text = str(abs(minor)).zfill(digits + 1)
    return f"{'-' if minor < 0 else ''}{text[:-digits]}.{text[-digits:]}"


def format_scaled(value: int, scale: int, currency: str) -> str:
    """10^-`scale` minor units as a plain decimal, without zeros below the minor unit: 2000, 4, USD → "0.002"."""
    digits = exponent(currency) + scale
    text = str(value).zfill(digits + 1)
    whole, decimals = text[: len(text) - digits], text[len(text) - digits :]
    decimals = decimals.rstrip("0").ljust(exponent(currency), "0")
    return f"{whole}.{decimals}" if decimals else whole


def parse_scaled(text: str, currency: str) -> tuple[int, int]:
    """A plain decimal of any fineness as (value, scale): value × 10^-scale minor units, exactly, with the smallest
    scale: "0.0020" USD → (2, 1). A `ValueError` says what is wrong.
    """
    found = _DECIMAL.fullmatch(text)
    if found is None:
        raise ValueError(f"amount: must be a plain decimal of at most 14 digits, got {text!r}")
    digits = exponent(currency)
    decimals = (found[3] or "").rstrip("0").ljust(digits, "0")
    return int(found[1] + found[2] + decimals), len(decimals) - digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An exact amount of one currency, in its minor units (cents, yen, fils); may be negative.

    Equality is a plain question: 1 USD is not 1 EUR. Arithmetic and order between two currencies raise
    `CurrencyMismatch`; a currency that does not exist raises `UnknownCurrency`.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:  # a float or a bool here is a mistake that must not spread
            raise TypeError(f"minor: must be an int of minor units, got {self.minor!r}")
        exponent(self.currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Nothing, in that currency."""
        return cls(minor=0, currency=currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Read a plain decimal such as "20.00" exactly; fewer decimals than the currency has are fine."""
        digits = exponent(currency)
        found = _DECIMAL.fullmatch(text)
        if found is None:
            raise ValueError(f"amount: must be a plain decimal of at most 14 digits, got {text!r}")
        sign, whole, decimals = found[1], found[2], found[3] or ""
        if len(decimals) > digits:
            raise ValueError(f"amount: {currency} has {digits} decimals, got {len(decimals)} in {text!r}")
        return cls(minor=int(sign + whole + decimals.ljust(digits, "0")), currency=currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(minor=self.minor + self._same(other), currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(minor=self.minor - self._same(other), currency=self.currency)

    def __neg__(self) -> "Money":
        return Money(minor=-self.minor, currency=self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._same(other)

    def __str__(self) -> str:
        return f"{format_minor(self.minor, self.currency)} {self.currency}"

    def _same(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"currency: must be {self.currency} on both sides, got {other.currency}")
        return other.minor


def allocate(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Share out `total` minor units by `weights`; the parts sum to it exactly.

    Largest remainder method (Hamilton's): everyone gets the whole units of the exact share, then the units
    left over go to the largest remainders, ties to the earliest. So each part is less than 1 unit from its
    exact share, and a zero weight gets 0. A negative total is the mirror image of the positive one.
    Negative weights and weights that are all zero (or none) are a `ValueError`.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError(f"weights: must be 0 or more with at least one above 0, got {tuple(weights)}")
    parts, remainders = [], []
    for weight in weights:
        part, remainder = divmod(abs(total) * weight, whole)
        parts.append(part)
        remainders.append(remainder)
    left_over = abs(total) - sum(parts)
    if left_over:
        by_remainder = sorted(range(len(parts)), key=remainders.__getitem__, reverse=True)
        for position in by_remainder[:left_over]:  # sorted() is stable also in reverse: earliest first
            parts[position] += 1
    return tuple(-part for part in parts) if total < 0 else tuple(parts)

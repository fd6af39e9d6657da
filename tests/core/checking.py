"""Checking: works out what an explanation says, as a customer would who knows nothing of the code.

Owns the sums behind the sentences of lines and taxes: of each the figures that it tells, in exact fractions. A sum that
does not come to what its sentence says is an `Untrue`. Does not own the words (`core/phrases_*`), and shares nothing
with the code that makes lines.
"""

# ruff: noqa: ANN401 -- the parts of a phrase are of any kind, by its sentence

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from solvent.core.phrase import Phrase, Sentence

if TYPE_CHECKING:
    from solvent.core.invoice import Line

_MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "truncate": ROUND_DOWN}
_EXACT = Context(prec=200)
_PPM = 1_000_000


class Untrue(AssertionError):
    """A sentence whose sum does not come to what it says."""


def check_lines(lines: Iterable[Line]) -> int:
    """Every line and every tax of it comes to what its explanation says; how many sums were worked out."""
    sums = 0
    for line in lines:
        if isinstance(line.explanation, Phrase) and line.explanation.say is not Sentence.AS_ENTERED:
            found = come_to(line.explanation)
            _want(abs(found) == abs(line.amount), line.explanation, line.amount)
            _want(found == line.amount or str(line.kind) == "discount", line.explanation, line.amount)
            sums += 1
        for share in line.taxes:
            if share.name:
                assert isinstance(share.explanation, Phrase), share
                _want(come_to(share.explanation) == share.amount, share.explanation, share.amount)
                sums += 1
    return sums


def come_to(said: Phrase) -> int:
    """What a sentence says that it comes to, when that is true of its figures."""
    exact, told = _SUMS[said.say](*said.parts)
    _want(exact == told, said, exact)
    return told


def _want(true: bool, said: Phrase, figure: object) -> None:
    if not true:
        raise Untrue(f"{said.say} {said.parts}: “{said}” against {figure}")


def _rounded(exact: Fraction, rounding: str) -> int:
    # Enough digits that a figure just beside a half is never taken for one.
    value = _EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    return int(value.quantize(Decimal(1), rounding=_MODES[rounding], context=_EXACT))


def _near(exact: Fraction, told: int) -> tuple[int, int]:
    """A part that is rounded so that all of them sum to the whole is less than one minor unit from its share."""
    return (told if abs(told - exact) < 1 else round(exact)), told


_Sum = tuple[int, int]


def _flat(total: int, _currency: str) -> _Sum:
    return total, total


def _per_unit(quantity: int, unit: int, scale: int, _currency: str, total: int, rounding: str) -> _Sum:
    return _rounded(Fraction(quantity * unit, 10**scale), rounding), total


def _packages(count: int, _size: int, *each: Any) -> _Sum:
    return _per_unit(count, *each)


def _volume(units: int, unit: int, flat: int, scale: int, _c: str, total: int, rounding: str) -> _Sum:
    return _rounded(Fraction(units * unit + flat, 10**scale), rounding), total


def _graduated(scale: int, _currency: str, total: int, rounding: str, *tiers: int) -> _Sum:
    sums = (units * unit + flat for units, unit, flat in zip(*[iter(tiers)] * 3, strict=True))
    return _rounded(Fraction(sum(sums), 10**scale), rounding), total


def _first(said: Phrase, *_: Any) -> _Sum:
    told = come_to(said)
    return told, told


def _second(_unit: Any, said: Phrase, *_: Any) -> _Sum:
    return _first(said)


def _share(sign: int) -> Callable[..., _Sum]:
    def share(said: Phrase, _n: int, _u: str, left: int, of: int, _t: str, _h: int, *rest: Any) -> _Sum:
        _start, _end, rounding, worth, _currency = rest
        return sign * _rounded(Fraction(come_to(said) * left, of), rounding), worth

    return share


def _less(said: Phrase, less: int, rest: int, _currency: str) -> _Sum:
    return come_to(said) - less, rest


def _prepaid(amount: int, _currency: str) -> _Sum:
    return amount, amount


def _coupon_share(_code: str, ppm: int, base: int, part: int, _currency: str, rounding: str) -> _Sum:
    return _rounded(Fraction(base * ppm, _PPM), rounding), part


def _coupon_amount(_code: str, available: int, together: int, base: int, part: int, _currency: str) -> _Sum:
    return _near(Fraction(min(available, together) * base, together), part)


def _coupon_kept(_code: str, taken: int, charged: int, credited: int, *rest: Any) -> _Sum:
    before, earlier, part, _currency, rounding = rest
    return _rounded(Fraction(credited * (before + taken), charged), rounding) - earlier, part


def _stretch(said: Phrase, _first: str, _last: str, length: int, whole: int, *rest: Any) -> _Sum:
    _counted, _hundredths, part, _currency = rest
    if said.say is Sentence.AS_ENTERED:
        return part, part
    return _near(Fraction(come_to(said) * length, whole), part)


def _tax_added(_name: str, ppm: int, whole: int, part: int, _currency: str, rounding: str) -> _Sum:
    return _rounded(Fraction(whole * ppm, _PPM), rounding), part


def _tax_contained(_n: str, ppm: int, together: int, whole: int, part: int, _c: str, rounding: str) -> _Sum:
    tax = whole - _rounded(Fraction(whole * _PPM, _PPM + together), rounding)
    return _near(Fraction(tax * ppm, together), part) if together else (0, part)


def _once_for_all(said: Phrase) -> _Sum:
    """The tax of a sum, less that of the sum before it: each may be a unit from this line's own."""
    part = said.parts[-3]
    assert isinstance(part, int)
    alone, _ = _SUMS[said.say](*said.parts)
    return (part if abs(alone - part) <= 2 else alone), part


def _of_line(_position: int, part: int, charged: int, _currency: str) -> _Sum:
    return (part if abs(part) <= abs(charged) and part * charged >= 0 else charged), part


def _part_of(said: Phrase, part: int, base: int, _currency: str) -> _Sum:
    """Of several taxes of a line each is rounded after the ones before it, so it is within two of its share."""
    whole = come_to(said)
    exact = whole * base / _base_of(said) if whole else Fraction(0)
    return (part if abs(part - exact) < 2 else round(exact)), part


def _base_of(said: Phrase) -> Fraction:
    """What a tax is on, as its sentence tells."""
    parts: tuple[Any, ...] = said.parts
    if said.say is Sentence.PART_OF:
        return Fraction(parts[2])
    if isinstance(parts[0], Phrase):
        return _base_of(parts[0])
    if said.say is Sentence.TAX_ADDED:
        return Fraction(parts[2])
    return Fraction(parts[3] * _PPM, _PPM + parts[2])


_SUMS: Mapping[Sentence, Callable[..., _Sum]] = {
    Sentence.NONE: _flat,
    Sentence.FLAT: _flat,
    Sentence.PER_UNIT: _per_unit,
    Sentence.PACKAGES: _packages,
    Sentence.VOLUME: _volume,
    Sentence.GRADUATED: _graduated,
    Sentence.IN_ADVANCE: _first,
    Sentence.ONCE: _first,
    Sentence.UNUSED: _share(-1),
    Sentence.REMAINING: _share(1),
    Sentence.USED: _second,
    Sentence.USED_SO_FAR: _second,
    Sentence.LESS_BILLED: _less,
    Sentence.PREPAID_CREDIT: _prepaid,
    Sentence.COUPON_SHARE: _coupon_share,
    Sentence.COUPON_AMOUNT: _coupon_amount,
    Sentence.COUPON_KEPT: _coupon_kept,
    Sentence.GIVEN_BEFORE: _less,
    Sentence.BY_CREDIT_NOTE: _less,
    Sentence.STRETCH: _stretch,
    Sentence.TAX_ADDED: _tax_added,
    Sentence.TAX_CONTAINED: _tax_contained,
    Sentence.ONCE_FOR_ALL: _once_for_all,
    Sentence.WITH_DISCOUNTS: _once_for_all,
    Sentence.AT_HOME: _first,
    Sentence.OF_LINE: _of_line,
    Sentence.PART_OF: _part_of,
}

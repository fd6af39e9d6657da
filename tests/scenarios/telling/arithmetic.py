"""Arithmetic: the sums that stand in a story, worked out by themselves.

Owns reading ``200.00 × 26 / 31 = 167.74`` and whether it is true: exact fractions, rounded once, half away from zero,
to the decimals of the right side. Owns no figure, and uses nothing of Solvent's own arithmetic.
"""

from __future__ import annotations

import re
from fractions import Fraction

TOKEN = re.compile(r"\s*(\d[\d,]*(?:\.\d+)?|[+×/%()]|[−-])")
REMARK = re.compile(r"\s{2,}.*$")


class NotASum(ValueError):
    """Something that is not ``expression = figure``."""


def parse(text: str) -> tuple[str, str]:
    """The expression and the figure of a sum; what follows after two spaces is a remark."""
    left, equals, right = REMARK.sub("", text.strip()).rpartition("=")
    if not equals or not re.fullmatch(r"\s*[−-]?\d[\d,]*(\.\d+)?", right):
        raise NotASum(f"must read 'expression = figure', got {text!r}")
    return left, plain(right)


def plain(figure: str) -> str:
    """A figure without grouping and with an ASCII sign: ``−1,234.50`` is ``-1234.50``."""
    return figure.strip().replace(",", "").replace("−", "-")


def work_out(expression: str, decimals: int) -> str:
    """The value of an expression, rounded half away from zero to so many decimals."""
    tokens = _tokens(expression)
    value = _sum(tokens)
    if tokens:
        raise NotASum(f"does not end at {tokens[-1]!r}: {expression!r}")
    scaled = abs(value) * 10**decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    sign = "-" if value < 0 and whole else ""
    digits = str(whole).rjust(decimals + 1, "0")
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)


def decimals_of(figure: str) -> int:
    """How many digits stand behind the point."""
    return len(figure.partition(".")[2])


def _tokens(expression: str) -> list[str]:
    """The tokens, last one first."""
    found, at = [], 0
    while at < len(expression.rstrip()):
        token = TOKEN.match(expression, at)
        if token is None:
            raise NotASum(f"cannot be read from {expression[at:]!r} on")
        found.append(token[1].replace("−", "-"))
        at = token.end()
    return found[::-1]


def _sum(tokens: list[str]) -> Fraction:
    value = _product(tokens)
    while tokens and tokens[-1] in "+-":
        value = value + _product(tokens) if tokens.pop() == "+" else value - _product(tokens)
    return value


def _product(tokens: list[str]) -> Fraction:
    value = _factor(tokens)
    while tokens and tokens[-1] in "×/":
        value = value * _factor(tokens) if tokens.pop() == "×" else value / _factor(tokens)
    return value


def _factor(tokens: list[str]) -> Fraction:
    if not tokens:
        raise NotASum("ends too early")
    token = tokens.pop()
    if token == "-":
        return -_factor(tokens)
    if token == "(":
        value = _sum(tokens)
        if not tokens or tokens.pop() != ")":
            raise NotASum("a parenthesis is not closed")
    else:
        value = Fraction(plain(token)) if token[0].isdigit() else _misplaced(token)
    while tokens and tokens[-1] == "%":
        tokens.pop()
        value /= 100
    return value


def _misplaced(token: str) -> Fraction:
    raise NotASum(f"{token!r} stands where a figure is wanted")

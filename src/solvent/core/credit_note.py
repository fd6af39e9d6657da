"""Credit note: how much of each line of an invoice is credited.

Owns the parts of a credit note, by amount, by line, or for the time that is not used; they sum exactly, over one
credit note and over all of an invoice's, and are never more than what is left of it. Every part is computed of its
line, so that whatever belongs to a line is carried with it. Does not own the document (`facts`), what becomes of the
money (`crediting`), nor numbering.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from itertools import takewhile

from solvent.core.charged import NOTHING, Ahead, charges_whole, own_rest, unused_of, within
from solvent.core.credit_line import Credited, CreditLine, Parts, left_of, parts_of, shares
from solvent.core.invoice import Line, LineKind
from solvent.core.period import Period
from solvent.core.plan import Refusal
from solvent.core.proration import Convention, Denominator

__all__ = ["NOTHING_LEFT", "CreditLine", "Credited", "Parts", "by_amount", "by_lines", "unused"]

NOTHING_LEFT = Refusal(field="invoice_id", rule="must be an invoice of which something is left to credit")


def by_amount(lines: Sequence[Line], credited: Credited, amount: int) -> Parts | Refusal:
    """`amount` shared out over what is left of the lines, each in proportion.

    The share of a line is the difference of two rounded cumulative figures, so the shares sum to `amount`, none is more
    than what is left of its line, and crediting all that is left credits exactly what is left of every line.
    """
    left = left_of(lines, credited)
    if sum(left) <= 0:
        return NOTHING_LEFT
    if not 0 < amount <= sum(left):
        return Refusal(field="amount", rule=f"must be from 1 to {sum(left)}, what is left of the invoice")
    return parts_of(lines, credited, dict(enumerate(shares(left, amount), start=1)))


def by_lines(lines: Sequence[Line], credited: Credited, wanted: Mapping[int, int | None]) -> Parts | Refusal:
    """So much of each named line with its discounts; None: all that is left of them. Only what a line charges can be
    credited alone."""
    left = left_of(lines, credited)
    if sum(left) <= 0:
        return NOTHING_LEFT
    amounts: dict[int, int] = {}
    for position, amount in sorted(wanted.items()):
        if not 1 <= position <= len(lines):
            return Refusal(field="lines", rule=f"must be lines of the invoice: it has none at {position}")
        if lines[position - 1].kind is LineKind.DISCOUNT:
            return Refusal(
                field="lines", rule=f"line {position}: must not be a discount: it goes with its line"
            )
        group = _with_discounts(lines, position)
        parts = [left[n - 1] for n in group]
        most = sum(parts)
        if most <= 0:
            return Refusal(field="lines", rule=f"line {position}: must be one of which something is left")
        wish = most if amount is None else amount
        if not 0 < wish <= most:
            return Refusal(
                field="lines", rule=f"line {position}: must be from 1 to {most}, what is left of it"
            )
        amounts |= dict(zip(group, shares(parts, wish), strict=True))
    total = sum(amounts.values())
    if not 0 < total <= sum(left):
        return Refusal(
            field="lines", rule=f"must be from 1 to {sum(left)} together, what is left of the invoice"
        )
    return parts_of(lines, credited, amounts)


def _with_discounts(lines: Sequence[Line], position: int) -> list[int]:
    """The line at that position and the discounts on it, which follow it."""
    off = takewhile(lambda n: lines[n - 1].kind is LineKind.DISCOUNT, range(position + 1, len(lines) + 1))
    return [position, *off]


def unused(
    lines: Sequence[Line],
    credited: Credited,
    debt: int,
    at: datetime,
    time_zone: str,
    convention: Convention,
    ahead: Ahead = NOTHING,
    known: Container[int] = (),
) -> Parts:
    """What of the lines in advance is for time after `at`, less what was credited before (of it `ahead` for time that
    was still to come), and never more than `debt`: what was paid is not given back. Usage and whatever covers no period
    is owed in full. Lines at `known` positions are somebody else's to measure."""
    actual = replace(convention, denominator=Denominator.ACTUAL)  # a line's own period is the whole of it

    def rest(span: Period, whole: bool) -> Fraction:
        return own_rest(span, at, time_zone, actual, whole=whole)

    def left_at(n: int, line: Line) -> int:
        if n in known:
            return 0
        whole = charges_whole(lines, n)
        return unused_of(line, ahead.get(n, ()), rest, actual.rounding, whole=whole)

    left = [within(line, credited.get(n, 0), left_at(n, line)) for n, line in enumerate(lines, start=1)]
    amount = min(sum(left), debt)
    if amount <= 0:
        return ()
    parts = parts_of(lines, credited, dict(enumerate(shares(left, amount), start=1)))
    return tuple(_from(part, at) for part in parts)


def _from(part: CreditLine, at: datetime) -> CreditLine:
    """The same for the time from `at` on alone."""
    assert part.period is not None, "only lines in advance have unused time"
    return replace(part, period=Period(start=max(at, part.period.start), end=part.period.end))

"""Credit note: how much of each line of an invoice is credited.

Owns the parts of a credit note, by amount, by line, or for the time that is not used; they sum exactly, over one
credit note and over all of an invoice's, and are never more than what is left of it. Every part is computed of its
line, so that whatever belongs to a line is carried with it. Does not own the document (`facts`), what becomes of the
money (`crediting`), nor numbering.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate, pairwise, takewhile

from solvent.core.invoice import Line, LineKind
from solvent.core.money import Rounding, round_ratio
from solvent.core.period import Interval, Period, Unit
from solvent.core.plan import Refusal
from solvent.core.proration import Convention, Denominator, prorate, remaining
from solvent.core.tax import TaxShare


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLine:
    """What is credited of the invoice's line at `position` (from 1), in minor units: `amount`, of which `tax` is tax,
    the sum of its `taxes`; `period` is the time that it is for, where the line is for a period."""

    position: int
    kind: LineKind
    description: str
    amount: int
    tax: int = 0
    taxes: tuple[TaxShare, ...] = ()
    period: Period | None = None

    @property
    def net(self) -> int:
        """What it takes back of the price, without tax."""
        return self.amount - self.tax


Credited = Mapping[int, int]
"""What earlier credit notes took of each line, tax included, by position."""

Parts = tuple[CreditLine, ...]


def by_amount(lines: Sequence[Line], credited: Credited, amount: int) -> Parts | Refusal:
    """`amount` shared out over what is left of the lines, each in proportion.

    The share of a line is the difference of two rounded cumulative figures, so the shares sum to `amount`, none is more
    than what is left of its line, and crediting all that is left credits exactly what is left of every line.
    """
    left = _left(lines, credited)
    if not 0 < amount <= sum(left):
        return Refusal(field="amount", rule=f"must be from 1 to {sum(left)}, what is left of the invoice")
    shares = _shares(left, amount)
    return _parts(lines, credited, dict(enumerate(shares, start=1)))


def by_lines(lines: Sequence[Line], credited: Credited, wanted: Mapping[int, int | None]) -> Parts | Refusal:
    """So much of each named line with its discounts; None: all that is left of them. Only what a line charges can be
    credited alone."""
    left = _left(lines, credited)
    amounts: dict[int, int] = {}
    for position, amount in sorted(wanted.items()):
        if not 1 <= position <= len(lines):
            return Refusal(field="lines", rule=f"must be lines of the invoice: it has none at {position}")
        group = _with_discounts(lines, position)
        parts = [left[n - 1] for n in group]
        most = sum(parts) if lines[position - 1].kind is not LineKind.DISCOUNT else 0
        wish = most if amount is None else amount
        if not 0 < wish <= most:
            return Refusal(
                field="lines", rule=f"line {position}: must be from 1 to {most}, what is left of it"
            )
        amounts |= dict(zip(group, _shares(parts, wish), strict=True))
    total = sum(amounts.values())
    if not 0 < total <= sum(left):
        return Refusal(
            field="lines", rule=f"must be from 1 to {sum(left)} together, what is left of the invoice"
        )
    return _parts(lines, credited, amounts)


def _with_discounts(lines: Sequence[Line], position: int) -> list[int]:
    """The line at that position and the discounts on it, which follow it."""
    off = takewhile(lambda n: lines[n - 1].kind is LineKind.DISCOUNT, range(position + 1, len(lines) + 1))
    return [position, *off]


def unused(
    lines: Sequence[Line], credited: Credited, debt: int, at: datetime, time_zone: str, convention: Convention
) -> Parts:
    """What of the lines in advance is for time after `at`, less what was credited before, and never more than `debt`:
    what was paid is not given back. Usage and whatever covers no period is owed in full."""
    actual = replace(convention, denominator=Denominator.ACTUAL)  # a line's own period is the whole of it
    left = [
        _unused_of(line, rest, at, time_zone, actual)
        for line, rest in zip(lines, _left(lines, credited), strict=True)
    ]
    amount = min(sum(left), debt)
    if amount <= 0:
        return ()
    parts = _parts(lines, credited, dict(enumerate(_shares(left, amount), start=1)))
    return tuple(_from(part, at) for part in parts)


def _unused_of(line: Line, left: int, at: datetime, time_zone: str, convention: Convention) -> int:
    if line.period is None or line.kind is LineKind.USAGE or at >= line.period.end:
        return 0
    start = max(at, line.period.start)
    share = remaining(line.period, start, Interval(unit=Unit.MONTH), time_zone, convention)
    rest = prorate(line.gross, share, convention)
    return min(rest, max(left, 0)) if rest >= 0 else max(rest, min(left, 0))


def _from(part: CreditLine, at: datetime) -> CreditLine:
    """The same for the time from `at` on alone."""
    assert part.period is not None, "only lines in advance have unused time"
    return replace(part, period=Period(start=max(at, part.period.start), end=part.period.end))


def _left(lines: Sequence[Line], credited: Credited) -> list[int]:
    return [line.gross - credited.get(n, 0) for n, line in enumerate(lines, start=1)]


def _shares(whole: Sequence[int], amount: int) -> list[int]:
    """`amount` in proportion to the parts of `whole`, whose sum is at least that."""
    total, cumulative, given = sum(whole), 0, 0
    shares = []
    for part in whole:
        cumulative += part
        upto = round_ratio(cumulative * amount, total, Rounding.HALF_UP)
        shares.append(upto - given)
        given = upto
    return shares


def _parts(lines: Sequence[Line], credited: Credited, amounts: Mapping[int, int]) -> Parts:
    return tuple(
        _part(n, lines[n - 1], credited.get(n, 0), amount) for n, amount in amounts.items() if amount
    )


def _part(position: int, line: Line, before: int, amount: int) -> CreditLine:
    tax = _tax(line.tax, line, before + amount) - _tax(line.tax, line, before)
    return CreditLine(
        position=position,
        kind=line.kind,
        description=line.description,
        amount=amount,
        tax=tax,
        taxes=_taxes(line, before, amount, amount - tax),
        period=_in_advance(line),
    )


def _taxes(line: Line, before: int, amount: int, net: int) -> tuple[TaxShare, ...]:
    """The line's taxes, so much of each as `amount` carries on its `net` part.

    The first taxes together are rounded of a cumulative figure, as all of them are: so they sum to the tax of the
    part, and those of all parts of a line to its own. Why no tax is charged holds for a part as for the whole.
    """
    upto = tuple(accumulate((share.amount for share in line.taxes), initial=0))
    carried = (_tax(whole, line, before + amount) - _tax(whole, line, before) for whole in upto)
    return tuple(
        replace(
            share,
            base=net,
            amount=after - earlier,
            explanation=share.explanation if not share.name else f"its part of {share.explanation}",
        )
        for share, (earlier, after) in zip(line.taxes, pairwise(carried), strict=True)
    )


def _in_advance(line: Line) -> Period | None:
    """The time that a line was charged for in advance; what was used in a period is owed as it is."""
    return None if line.kind is LineKind.USAGE else line.period


def _tax(tax: int, line: Line, credited: int) -> int:
    """So much of a `tax` of a line as the first `credited` of it carries: rounded of the cumulative figure, so that
    credit notes over all of the line carry exactly its tax."""
    return round_ratio(tax * abs(credited), abs(line.gross), Rounding.HALF_UP) if credited else 0

"""Credit line: a part of an invoice's line, with all that belongs to it.

Owns the part, its tax, and the sharing of an amount over lines. Every part is computed of its line from rounded
cumulative figures, so that all parts of a line sum to it and to each of its taxes. Does not own how much of which line
is credited (`credit_note`, `returning`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from solvent.core.invoice import Line, LineKind
from solvent.core.money import Rounding, round_ratio
from solvent.core.period import Period
from solvent.core.phrase import Sentence, Text, continued
from solvent.core.tax import TaxShare


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLine:
    """What is credited of the invoice's line at `position` (from 1), in minor units: `amount`, of which `tax` is tax,
    the sum of its `taxes`; `period` is the time that it is for, where the line is for a period. `explanation` is why
    so much, where more is known than which part of the line it is."""

    position: int
    kind: LineKind
    description: Text
    amount: int
    tax: int = 0
    taxes: tuple[TaxShare, ...] = ()
    period: Period | None = None
    explanation: Text | None = None

    @property
    def net(self) -> int:
        """What it takes back of the price, without tax."""
        return self.amount - self.tax


Credited = Mapping[int, int]
"""What earlier credit notes took of each line, tax included, by position."""

Parts = tuple[CreditLine, ...]


def left_of(lines: Sequence[Line], credited: Credited) -> list[int]:
    """What credit notes have left of each line."""
    return [line.gross - credited.get(n, 0) for n, line in enumerate(lines, start=1)]


def credited_after(credited: Credited, parts: Parts) -> Credited:
    """What credit notes have taken of each line, with one more of these parts."""
    return {**credited, **{part.position: credited.get(part.position, 0) + part.amount for part in parts}}


def shares(whole: Sequence[int], amount: int) -> list[int]:
    """`amount` in proportion to the parts of `whole`, whose sum is at least that.

    A share is the difference of two rounded cumulative figures, so the shares sum to `amount`, none is more than its
    part, and sharing the sum gives every part. Of nothing everybody has nothing, whatever the parts are.
    """
    total, cumulative, given = sum(whole), 0, 0
    if not (amount and total):
        return [0] * len(whole)
    result = []
    for part in whole:
        cumulative += part
        upto = round_ratio(cumulative * amount, total, Rounding.HALF_UP)
        result.append(upto - given)
        given = upto
    return result


def parts_of(lines: Sequence[Line], credited: Credited, amounts: Mapping[int, int]) -> Parts:
    """The parts of so much of each line, by position; of nothing there is none."""
    return tuple(
        part_of(n, lines[n - 1], credited.get(n, 0), amount) for n, amount in amounts.items() if amount
    )


def part_of(position: int, line: Line, before: int, amount: int) -> CreditLine:
    """`amount` of a line of which `before` was taken earlier."""
    tax = _tax(line.tax, line, before + amount) - _tax(line.tax, line, before)
    return CreditLine(
        position=position,
        kind=line.kind,
        description=line.description,
        amount=amount,
        tax=tax,
        taxes=_taxes(line, before, amount, amount - tax),
        period=in_advance(line),
    )


def with_price(position: int, line: Line, before: int, price: int) -> CreditLine:
    """The part of a line that charges something, of which `before` was taken earlier, that gives back exactly so much
    of its `price`: without tax, or with the tax that the price contains. There is one: a minor unit more is one more of
    the price or of the tax."""
    if line.inclusive:
        return part_of(position, line, before, price)
    left = part_of(position, line, before, line.gross - before)
    if price == left.net:
        return left
    part = part_of(position, line, before, round_ratio(price * line.gross, line.net, Rounding.HALF_UP))
    while part.net != price:
        part = part_of(position, line, before, part.amount + (1 if part.net < price else -1))
    return part


def in_advance(line: Line) -> Period | None:
    """The time that a line was charged for in advance; what was used in a period is owed as it is."""
    return None if line.kind is LineKind.USAGE else line.period


def _taxes(line: Line, before: int, amount: int, net: int) -> tuple[TaxShare, ...]:
    """The line's taxes, so much of each as `amount` carries on its `net` part.

    They sum to the tax of the part, and those of all parts of a line to its own. Why no tax is charged holds for a part
    as for the whole.
    """
    upto, earlier = _first_taxes(line, before + amount), _first_taxes(line, before)
    carried = tuple(now - then for now, then in zip(upto, earlier, strict=True))
    return tuple(
        replace(
            share,
            base=net,
            amount=beyond - within,
            explanation=continued(Sentence.PART_OF, share.explanation, beyond - within, net),
        )
        for share, (within, beyond) in zip(line.taxes, pairwise(carried), strict=True)
    )


def _first_taxes(line: Line, credited: int) -> list[int]:
    """What the first `credited` of a line carries of its first tax, of its first two, and so on to all, after a 0.

    All are rounded of the amount; each sum before is rounded of the one after it, and not of the amount again. So a
    minor unit more of tax is one more of one tax, and no tax of a part goes against the others.
    """
    whole = list(accumulate((share.amount for share in line.taxes), initial=0))
    carried = [_tax(whole[-1], line, credited)]
    for part, beyond in reversed(list(pairwise(whole))):
        # Taxes that come to nothing together were rounded against each other: each by itself.
        nested = part * abs(carried[-1]), abs(beyond), Rounding.HALF_UP
        carried.append(round_ratio(*nested) if beyond else _tax(part, line, credited))
    return carried[::-1]


def _tax(tax: int, line: Line, credited: int) -> int:
    """So much of a `tax` of a line as the first `credited` of it carries: rounded of the cumulative figure, so that
    credit notes over all of the line carry exactly its tax."""
    return round_ratio(tax * abs(credited), abs(line.gross), Rounding.HALF_UP) if credited else 0

"""Charged: the time that issued invoices charged in advance, and what of it nobody has been given back.

Owns the value that planning reads of such an invoice, and how much of a line is for time still to come: its share of
the line, less what credit notes gave back of that same time. So the same time is never given back twice, in whatever
order a cancellation, a change, a credit note and the giving up of an invoice come. Does not own what becomes of it
(`credit_note`, `returning`).
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from types import MappingProxyType
from uuid import UUID

from solvent.core.credit_line import Credited, in_advance
from solvent.core.invoice import Invoice, Line, LineKind
from solvent.core.money import Rounding, round_ratio
from solvent.core.period import Interval, Period, Unit
from solvent.core.proration import Convention, Denominator, Share, remaining
from solvent.core.subscription import Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """`amount` of a line, with its tax, that a credit note gave back for the time of `period`: what nobody uses
    (`unused`), or by somebody's decision, which names no time and so is for all that the line charged."""

    amount: int
    period: Period
    unused: bool = True


Ahead = Mapping[int, Sequence[Given]]
"""Of each line, by position, what credit notes gave back of its time."""

NOTHING: Ahead = MappingProxyType({})

Rest = Callable[[Period, bool], Fraction]
"""The share of a span of time that is still to come; True: of a charge for the whole of a period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """An issued invoice that charged time in advance: its lines, what credit notes took of each (`credited`), and for
    which time (`ahead`)."""

    invoice: Invoice
    lines: tuple[Line, ...]
    credited: Credited
    ahead: Ahead = field(default_factory=dict)

    @property
    def left(self) -> int:
        """What credit notes have left of it."""
        return self.invoice.total - self.invoice.credited

    def of_items(self, items: Collection[UUID]) -> Iterator[int]:
        """The positions of the lines in advance that are for these items."""
        return (
            n
            for n, line in enumerate(self.lines, start=1)
            if line.item_id in items and in_advance(line) is not None
        )

    def unused(self, position: int, rest: Rest, rounding: Rounding) -> int:
        """What of a line is for time still to come and was not given back; below zero of one that deducts."""
        whole = charges_whole(self.lines, position)
        return unused_of(self.lines[position - 1], self.ahead.get(position, ()), rest, rounding, whole=whole)


def charges_whole(lines: Sequence[Line], position: int) -> bool:
    """Whether the line at that position charges the whole of a period, or is a discount on one that does."""
    charged = (line for line in reversed(lines[:position]) if line.kind is not LineKind.DISCOUNT)
    return next(charged, lines[position - 1]).kind is LineKind.CHARGE


def unused_of(line: Line, ahead: Sequence[Given], rest: Rest, rounding: Rounding, *, whole: bool) -> int:
    """What of a line is for time still to come, less what was given back of that time; rounded once, so that what was
    given back for all of it leaves nothing."""
    span = in_advance(line)
    if span is None:
        return 0
    exact = line.gross * rest(span, whole) - sum(
        given.amount * rest(given.period, whole and not given.unused) for given in ahead
    )
    return round_ratio(exact.numerator, exact.denominator, rounding)


def within(line: Line, credited: int, amount: int) -> int:
    """So much of a line, as far as credit notes have left it."""
    left = line.gross - credited
    return max(min(amount, left), 0) if line.gross > 0 else min(max(amount, left), 0)


def own_rest(
    span: Period, at: datetime, time_zone: str, convention: Convention, *, whole: bool = False
) -> Fraction:
    """The share of a span that is still to come, counted in that span alone: of what was charged for the `whole` of it,
    or of what its first moment had left, where the day of a change counts as used."""
    if at >= span.end:
        return Fraction(0)

    def share(instant: datetime) -> Share:
        return remaining(span, instant, Interval(unit=Unit.MONTH), time_zone, convention)

    first = share(span.start)
    of = first.denominator if whole else first.numerator
    return Fraction(share(max(at, span.start)).numerator, of) if of else Fraction(0)


def rest_in(base: Subscription, at: datetime, convention: Convention) -> Rest:
    """The share that is still to come of spans of a subscription's present period, counted as its charges and credits
    are prorated; of others, in their own length."""
    zone = base.anchor.time_zone
    actual = replace(convention, denominator=Denominator.ACTUAL)

    def units(instant: datetime) -> int:
        return remaining(base.period, instant, base.interval, zone, convention).numerator

    def rest(span: Period, whole: bool) -> Fraction:
        if at >= span.end:
            return Fraction(0)
        if span.start < base.period.start or span.end > base.period.end:
            return own_rest(span, at, zone, actual, whole=whole)
        upto = units(span.end)
        full = whole and span.start == base.period.start
        of = (
            remaining(base.period, span.start, base.interval, zone, convention).denominator
            if full
            else units(span.start)
        )
        return Fraction(units(max(at, span.start)) - upto, of - upto) if of > upto else Fraction(0)

    return rest

"""Taxing: the tax of a plan's lines, with the phrases that let a person check it.

Owns the one function that puts tax on lines: splitting where a rate changes, amounts for prices that exclude or contain
tax, rounding per line or per invoice. Does not own which taxes hold (`tax`), nor which lines a plan has (`lines`).

Nothing here depends on when it runs, only on when what a line charges for began (its tax point): the same lines give
the same tax in a quote, a draft and the committed invoice.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from solvent.core.account import Account
from solvent.core.catalog import Catalog
from solvent.core.invoice import Line, LineKind
from solvent.core.money import Rounding, allocate, round_ratio
from solvent.core.percent import PPM
from solvent.core.period import Period, local_day_start
from solvent.core.phrase import Phrase, Sentence
from solvent.core.proration import Convention, TaxRounding
from solvent.core.tax import (
    STANDARD,
    Place,
    Supply,
    TaxBehavior,
    TaxRate,
    TaxShare,
    Treatment,
    supply,
)

_MICROSECOND = timedelta(microseconds=1)
_NOON = 12  # an hour that every local day has, whatever its clock does

_Rates = tuple[TaxRate, ...]
_Terms = tuple[tuple[Place, str, int], ...]
_Part = tuple[Line, _Rates, Supply | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxation:
    """Who buys what under which rules. `at` is the tax point (UTC) of lines that cover no period."""

    account: Account
    catalog: Catalog
    convention: Convention
    at: datetime


def taxed(lines: Sequence[Line], taxation: Taxation, currency: str) -> tuple[Line, ...]:
    """The lines with their tax, in their order; a line whose rates change within its period becomes several."""
    seller = taxation.catalog.taxes.sellers.get(taxation.account.entity)
    if seller is None or not seller.registrations:
        return tuple(lines)
    book = _Book(taxation.convention.rounding, currency)
    if taxation.convention.tax_rounding is TaxRounding.INVOICE:
        book = _Book(taxation.convention.rounding, currency, over=Sentence.ONCE_FOR_ALL)
    groups: list[list[list[_Part]]] = []
    for line in lines:
        if line.kind is not LineKind.DISCOUNT:
            groups.append([])
        groups[-1].append(_taxable(line, taxation, currency))
    # A discount is for the time of its line and split as that is: each part of a line comes with its discounts.
    ordered = ([part for together in zip(*group, strict=True) for part in together] for group in groups)
    return tuple(line for group in ordered for line in _with_discounts(group, book))


def _with_discounts(parts: Sequence[_Part], book: "_Book") -> list[Line]:
    """A line, or its parts, with its discounts and their tax. What rounding each by itself would tax though nothing is
    charged, or by more than is charged, is rounded over all of them: what is free bears no tax, not a cent."""
    lines = [line if sale is None else _with_tax(line, rates, sale, book) for line, rates, sale in parts]
    amount, tax = sum(line.amount for line in lines), sum(line.tax for line in lines)
    if book.over is None and tax and amount * tax <= 0:
        return _with_discounts(parts, _Book(book.rounding, book.currency, over=Sentence.WITH_DISCOUNTS))
    return lines


def _taxable(line: Line, taxation: Taxation, currency: str) -> list[_Part]:
    """The line, or its parts, each with its rates and the supply that it is; no supply, no tax."""
    seller = taxation.catalog.taxes.sellers[taxation.account.entity]
    point = tax_point(line, taxation.at)
    sale = supply(seller, taxation.account.buyer_at(point), point)
    if sale is None:
        return [(line, (), None)]
    parts = _parts(_behaving(line, taxation.catalog), sale, point, taxation, currency)
    return [(part, rates, sale) for part, rates in parts]


def tax_point(line: Line, at: datetime) -> datetime:
    """When what a line charges for began to be charged: of a credit, when that time was charged."""
    if line.tax_point is not None:
        return line.tax_point
    return at if line.period is None else line.period.start


def _behaving(line: Line, catalog: Catalog) -> Line:
    if line.price_id is None:
        return line
    inclusive = catalog.price(line.price_id).tax_behavior is TaxBehavior.INCLUSIVE
    return replace(line, inclusive=True) if inclusive else line


def _parts(
    line: Line, sale: Supply, point: datetime, taxation: Taxation, currency: str
) -> list[tuple[Line, _Rates]]:
    """The line with its rates, or one part for each stretch of its period in which other rates hold.

    Usage is supplied when it is billed, so all of it bears the rates of its tax point.
    """
    zone = taxation.account.time_zone
    if sale.treatment is not Treatment.TAXED:
        return [(line, ())]
    category = _category(line, taxation.catalog)

    def rates_at(instant: datetime) -> _Rates:
        found = taxation.catalog.taxes.table.at(sale.place, category, _local_day(instant, zone), point)
        return tuple(rate for rate in found if sale.bears(rate))

    if line.period is None or line.kind is LineKind.USAGE:
        return [(line, rates_at(point))]
    starts, held = [line.period.start], [rates_at(line.period.start)]
    first, last = (_local_day(instant, zone) for instant in (line.period.start, line.period.end))
    for day in taxation.catalog.taxes.table.turns(sale.place, point):
        if not first < day <= last or (turn := _first_instant(day, zone)) >= line.period.end:
            continue
        rates = rates_at(turn)
        if _terms(rates) != _terms(held[-1]):
            starts.append(turn)
            held.append(rates)
    if len(starts) == 1:
        return [(line, held[0])]
    return list(zip(_split(line, [*starts, line.period.end], zone, currency), held, strict=True))


def _category(line: Line, catalog: Catalog) -> str:
    if line.price_id is not None:
        return catalog.product_of(line.price_id).tax_category
    if line.tax_category is not None or line.product_id is None:
        return line.tax_category or STANDARD
    return catalog.products[line.product_id].tax_category


def _terms(rates: _Rates) -> _Terms:
    """What a customer can tell of rates: declared anew under another id, they are the same taxes."""
    return tuple((rate.place, rate.name, rate.ppm) for rate in rates)


def _split(line: Line, bounds: list[datetime], zone: str, currency: str) -> list[Line]:
    """The line as one for each stretch of its period; their amounts sum to its amount."""
    periods = [Period(start=a, end=b) for a, b in pairwise(bounds)]
    lengths = [(p.end - p.start) // _MICROSECOND for p in periods]
    amounts = allocate(line.amount, lengths)
    local = ZoneInfo(zone)
    parts = []
    for period, length, amount in zip(periods, lengths, amounts, strict=True):
        days = (x.astimezone(local).date().isoformat() for x in (period.start, period.end))
        # What a coupon took is told without a sign, on a line that deducts it.
        told = abs(amount) if line.kind is LineKind.DISCOUNT else amount
        said = Phrase(
            Sentence.STRETCH, (line.explanation, *days, *_counted(length, sum(lengths)), told, currency)
        )
        parts.append(replace(line, amount=amount, period=period, explanation=said))
    return parts


def _counted(length: int, whole: int) -> tuple[int, int, str, int]:
    """A length of time in a whole one, in seconds where both are whole seconds, and in hundredths of a percent."""
    second = timedelta(seconds=1) // _MICROSECOND
    hundredths = round_ratio(length * 10_000, whole, Rounding.HALF_UP)
    if length % second or whole % second:
        return length, whole, "microsecond", hundredths
    return length // second, whole // second, "second", hundredths


def _local_day(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


def _first_instant(day: date, zone: str) -> datetime:
    noon = datetime(day.year, day.month, day.day, _NOON, tzinfo=ZoneInfo(zone))
    return local_day_start(noon.astimezone(UTC), zone)


class _Book:
    """What has been taxed so far on one document, so that a sum can be rounded once and shared by its lines.

    Rounding `over` several lines (a sentence says which) is cumulative: a line's tax is the rounded tax of the sum up
    to it less that of the sum before it. So the lines sum to the rounded tax of the whole, deductions among them too.
    None: each line is rounded by itself.
    """

    def __init__(self, rounding: Rounding, currency: str, *, over: Sentence | None = None) -> None:
        self.rounding = rounding
        self.currency = currency
        self.over = over
        self._sums: defaultdict[tuple[bool, _Terms], int] = defaultdict(int)

    def amounts(self, line: Line, rates: _Rates) -> list[int]:
        """The tax of a line, one amount for each rate."""
        if line.inclusive:
            return list(self._share(line.amount, rates, inclusive=True))
        return [self._share(line.amount, (rate,), inclusive=False)[0] for rate in rates]

    def told(self, line: Line, rate: TaxRate, rates: _Rates, tax: int) -> Phrase:
        """How the tax of a line comes about at one of its rates."""
        figures = line.amount, tax, self.currency, self.rounding.value
        if line.inclusive:
            together = sum(each.ppm for each in rates)
            told = Phrase(Sentence.TAX_CONTAINED, (rate.called, rate.ppm, together, *figures))
        else:
            told = Phrase(Sentence.TAX_ADDED, (rate.called, rate.ppm, *figures))
        return told if self.over is None else Phrase(self.over, (told,))

    def _share(self, amount: int, rates: _Rates, *, inclusive: bool) -> tuple[int, ...]:
        tax = _contained if inclusive else _added
        before = 0
        if self.over is not None:
            before = self._sums[inclusive, _terms(rates)]
            self._sums[inclusive, _terms(rates)] += amount
        pairs = zip(
            tax(before + amount, rates, self.rounding), tax(before, rates, self.rounding), strict=True
        )
        return tuple(after - earlier for after, earlier in pairs)


def _added(amount: int, rates: _Rates, rounding: Rounding) -> tuple[int, ...]:
    """The tax on a net amount, for each rate."""
    return tuple(round_ratio(amount * rate.ppm, PPM, rounding) for rate in rates)


def _contained(amount: int, rates: _Rates, rounding: Rounding) -> tuple[int, ...]:
    """The tax in a gross amount, for each rate: what is beyond the rounded net amount, shared out by the rates."""
    together = sum(rate.ppm for rate in rates)
    if not together:
        return tuple(0 for _ in rates)
    tax = amount - round_ratio(amount * PPM, PPM + together, rounding)
    return allocate(tax, [rate.ppm for rate in rates])


def _with_tax(line: Line, rates: _Rates, sale: Supply, book: _Book) -> Line:
    if not rates:
        return replace(line, taxes=(_untaxed(line, sale),))
    amounts = book.amounts(line, rates)
    line = replace(line, tax=sum(amounts))
    told = [book.told(line, rate, rates, tax) for rate, tax in zip(rates, amounts, strict=True)]
    shares = (_taxed(line, *each, sale) for each in zip(rates, amounts, told, strict=True))
    return replace(line, taxes=tuple(shares))


def _taxed(line: Line, rate: TaxRate, tax: int, told: Phrase, sale: Supply) -> TaxShare:
    if sale.at_home:
        told = Phrase(Sentence.AT_HOME, (told, str(sale.place)))
    return TaxShare(
        name=rate.called,
        jurisdiction=str(rate.place),
        ppm=rate.ppm,
        treatment=Treatment.TAXED,
        base=line.net,
        amount=tax,
        explanation=told,
        registration=sale.number(rate),
    )


_WHY_NOT = {
    Treatment.EXEMPT: Sentence.EXEMPT,
    Treatment.REVERSE_CHARGE: Sentence.REVERSE_CHARGE,
}


def _untaxed(line: Line, sale: Supply) -> TaxShare:
    """Why a line bears no tax."""
    known = sale.treatment in _WHY_NOT
    why = _WHY_NOT.get(sale.treatment, Sentence.NOT_COLLECTED)
    return TaxShare(
        name="",
        jurisdiction=str(sale.place),
        ppm=0,
        treatment=sale.treatment if known else Treatment.NOT_COLLECTED,
        base=line.net,
        amount=0,
        explanation=Phrase(why, (str(sale.place),)),
        registration=sale.number() if sale.treatment is Treatment.REVERSE_CHARGE else None,
    )

"""Proration: which share of a period is left at an instant, and what an amount is worth for that share.

Owns: the `Convention` that a merchant chooses and the fractions that follow from it. Does not own which
lines an invoice gets (`plan`), what a full period costs (`pricing`), or rounding itself (`money`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from solvent.core.money import Rounding, round_ratio
from solvent.core.period import Interval, Period, PeriodError, Unit, days_between

_SECOND = timedelta(seconds=1)
_SECONDS_PER_DAY = 86_400
_FIXED_DAYS = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 30, Unit.QUARTER: 90, Unit.YEAR: 360}


class Granularity(StrEnum):
    """The unit in which the parts of a period are counted."""

    SECOND = "second"
    DAY = "day"


class ChangeDay(StrEnum):
    """With DAY: whether the day of a change is charged at the old price or at the new one."""

    OLD = "old"
    NEW = "new"


class Denominator(StrEnum):
    """What counts as the whole: the period's actual length, or months of 30 days."""

    ACTUAL = "actual"
    FIXED_30 = "fixed_30"


class Counting(StrEnum):
    """How the time of a period is counted: in what unit, and whether in months of 30 days."""

    SECONDS = "seconds"
    DAYS = "days"
    SECONDS_OF_30 = "seconds_of_30"
    DAYS_OF_30 = "days_of_30"


class TaxRounding(StrEnum):
    """Whether tax is rounded on every line or once on the invoice."""

    LINE = "line"
    INVOICE = "invoice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """How a merchant prorates; the defaults are the ones in the documentation."""

    granularity: Granularity = Granularity.SECOND
    change_day: ChangeDay = ChangeDay.NEW
    denominator: Denominator = Denominator.ACTUAL
    rounding: Rounding = Rounding.HALF_UP
    tax_rounding: TaxRounding = TaxRounding.LINE

    @property
    def counting(self) -> Counting:
        """How it counts time."""
        by_day, fixed = self.granularity is Granularity.DAY, self.denominator is Denominator.FIXED_30
        if fixed:
            return Counting.DAYS_OF_30 if by_day else Counting.SECONDS_OF_30
        return Counting.DAYS if by_day else Counting.SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """numerator ÷ denominator of a period, between 0 and 1, counted in `unit`."""

    numerator: int
    denominator: int
    unit: Granularity

    def __post_init__(self) -> None:
        if not 0 <= self.numerator <= self.denominator or self.denominator == 0:
            raise ValueError(f"numerator: must be from 0 to {self.denominator}, got {self.numerator}")

    def __str__(self) -> str:
        return f"{self.numerator} of {self.denominator} {self.unit}s"


def remaining(
    period: Period, at: datetime, interval: Interval, time_zone: str, convention: Convention
) -> Share:
    """The share of `period` that is not yet used at `at`, which lies in it or is its end (else `PeriodError`).

    SECOND counts real seconds between instants cut to whole seconds, so a day of 23 hours counts 23. DAY
    counts local calendar dates in `time_zone`; the end's own date belongs to the next period.

    ACTUAL: units left ÷ units in the period, which is Actual/Actual (ICMA rule 251) with the billing period as
    the coupon period. FIXED_30: units left ÷ units in `interval` with months of 30 and years of 360 days, which
    is Actual/360 with two bounds: never more than 1, and a period of which nothing is used is whole whatever
    its length. So each day costs 1/30 of a month and a full month costs a month.
    """
    if not period.start <= at <= period.end:
        raise PeriodError(
            "at", f"must lie within the period {period.start.isoformat()}/{period.end.isoformat()}"
        )
    by_day = convention.granularity is Granularity.DAY
    if by_day:
        total = days_between(period.start, period.end, time_zone)
        used = days_between(period.start, at, time_zone) + (convention.change_day is ChangeDay.OLD)
    else:
        start = period.start.replace(microsecond=0)
        total = (period.end.replace(microsecond=0) - start) // _SECOND
        used = (at.replace(microsecond=0) - start) // _SECOND
    total = max(total, 1)  # a period within one day or second counts as one
    left = max(total - used, 0) if at < period.end else 0
    if convention.denominator is Denominator.FIXED_30:
        fixed = _FIXED_DAYS[interval.unit] * interval.count * (1 if by_day else _SECONDS_PER_DAY)
        left = fixed if used == 0 and left else min(left, fixed)
        total = fixed
    return Share(numerator=left, denominator=total, unit=convention.granularity)


def prorate(amount: int, share: Share, convention: Convention) -> int:
    """`amount` minor units × `share`, rounded once by the convention; a negative amount mirrors."""
    return round_ratio(amount * share.numerator, share.denominator, convention.rounding)


def split(amount: int, share: Share, convention: Convention) -> tuple[int, int]:
    """`amount` as (used, unused) for a remaining `share`; only `unused` is rounded, so they sum to `amount`."""
    unused = prorate(amount, share, convention)
    return amount - unused, unused

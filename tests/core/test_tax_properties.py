"""What holds of tax for all amounts, rates and dates: sums, splits, prices that contain it, and credits that give it
back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from solvent.core.change import CancelNow
from solvent.core.invoice import Line, LineKind
from solvent.core.money import Rounding, round_ratio
from solvent.core.percent import PPM
from solvent.core.period import Period
from solvent.core.proration import Convention, TaxRounding
from solvent.core.tax import Rules, TaxRate
from solvent.core.taxing import Taxation, taxed
from tests.core.places import GERMAN, rate, rules
from tests.core.till import Till, paid
from tests.drawing import examples

pytestmark = pytest.mark.unmeasured

if TYPE_CHECKING:
    from tests.core.conftest import Shop

checked = settings(max_examples=examples(150), deadline=None)
START = datetime(2026, 1, 1, tzinfo=UTC)
conventions = st.builds(
    Convention, rounding=st.sampled_from(Rounding), tax_rounding=st.sampled_from(TaxRounding)
)
amounts = st.integers(-(10**9), 10**9)
percents = st.integers(0, 400_000).map(lambda tenths: tenths / 10_000)
documents = st.lists(st.tuples(amounts, st.booleans()), max_size=8)
days = st.dates(date(2025, 12, 1), date(2026, 12, 31))
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland"])
moments = st.integers(0, 330 * 86_400).map(lambda seconds: START + timedelta(seconds=seconds))
later_rates = st.lists(st.tuples(percents, days, moments), max_size=5)


def on_paper(shop: Shop, document: Sequence[tuple[int, bool]], convention: Convention) -> tuple[Line, ...]:
    lines = [
        Line(kind=LineKind.MANUAL, description="x", amount=amount, explanation="x", inclusive=inclusive)
        for amount, inclusive in document
    ]
    taxation = Taxation(account=shop.account, catalog=shop.catalog, convention=convention, at=START)
    return taxed(lines, taxation, "USD")


def dated(drawn: Sequence[tuple[float, date, datetime]], after: datetime = START) -> tuple[TaxRate, ...]:
    """Rates that came to be known at those moments, none before `after`."""
    return tuple(rate("DE", p, since=day, known=max(known, after)) for p, day, known in drawn)


def germany(*rates: TaxRate) -> Rules:
    return rules(rate("DE", 19), rate("DE", 2, "Levy"), *rates)


@checked
@given(
    st.integers(1, 10**5),
    st.lists(st.integers(0, 1_000), min_size=1, max_size=4),
    st.booleans(),
    st.booleans(),
    st.sampled_from([1, -1]),
    conventions,
    st.tuples(percents, percents),
)
@example(2_000, [325], True, False, 1, Convention(), (19.0, 0.0))
def test_what_is_free_bears_no_tax(
    shops: type[Shop],
    charge: int,
    cuts: list[int],
    free: bool,
    inclusive: bool,
    sign: int,
    convention: Convention,
    rates: tuple[float, float],
) -> None:
    """Whatever several discounts leave of a line, or of the credit for one: tax is on the same side of nothing."""
    left, found = charge, [charge]
    for cut in cuts:
        found.append(-(left * cut // 1_000))
        left += found[-1]
    if free:
        found.append(-left)
    kinds = [LineKind.CHARGE, *(LineKind.DISCOUNT for _ in found[1:])]
    one, other = rates
    shop = shops(taxes=rules(rate("DE", one), rate("DE", other, "Levy")), buyer=GERMAN)
    lines = [
        Line(kind=kind, description="x", amount=sign * amount, explanation="x", inclusive=inclusive)
        for kind, amount in zip(kinds, found, strict=True)
    ]
    taxation = Taxation(account=shop.account, catalog=shop.catalog, convention=convention, at=START)
    made = taxed(lines, taxation, "USD")
    amount, tax = sum(line.amount for line in made), sum(line.tax for line in made)
    assert amount == sign * (0 if free else left)
    assert tax == 0 if amount == 0 else tax * amount >= 0


@checked
@given(documents, conventions, percents, percents)
def test_lines_sum_to_the_whole_and_a_price_with_tax_stays_what_it_is(
    shops: type[Shop],
    document: list[tuple[int, bool]],
    convention: Convention,
    one: float,
    other: float,
) -> None:
    shop = shops(taxes=rules(rate("DE", one), rate("DE", other, "Levy")), buyer=GERMAN)
    lines = on_paper(shop, document, convention)
    for (amount, inclusive), line in zip(document, lines, strict=True):
        assert line.amount == (line.gross if inclusive else line.net) == amount
        assert line.net + line.tax == line.gross
        assert line.tax == sum(share.amount for share in line.taxes)


@checked
@given(documents, st.sampled_from(Rounding), percents, percents)
def test_rounded_once_each_rate_is_that_of_the_whole(
    shops: type[Shop], document: list[tuple[int, bool]], rounding: Rounding, one: float, other: float
) -> None:
    rates = (rate("DE", one), rate("DE", other, "Levy"))
    shop = shops(taxes=rules(*rates), buyer=GERMAN)
    lines = on_paper(shop, document, Convention(rounding=rounding, tax_rounding=TaxRounding.INVOICE))
    exclusive = [line for line in lines if not line.inclusive]
    for each in rates:
        base = sum(line.amount for line in exclusive)
        shares = [s.amount for line in exclusive for s in line.taxes if s.name == each.name]
        assert sum(shares) == round_ratio(base * each.ppm, PPM, rounding)
    gross = sum(line.amount for line in lines if line.inclusive)
    net = round_ratio(gross * PPM, PPM + sum(each.ppm for each in rates), rounding)
    assert sum(line.tax for line in lines if line.inclusive) == gross - net


@checked
@given(amounts, st.booleans(), later_rates, zones, st.integers(1, 300), conventions)
def test_the_parts_of_a_split_line_sum_to_it_and_meet(
    shops: type[Shop],
    amount: int,
    inclusive: bool,
    drawn: list[tuple[float, date, datetime]],
    zone: str,
    length: int,
    convention: Convention,
) -> None:
    known_before = tuple(replace(r, known_from=START) for r in dated(drawn))
    shop = shops(taxes=germany(*known_before), buyer=GERMAN, time_zone=zone)
    period = Period(start=START, end=START + timedelta(days=length))
    line = Line(
        kind=LineKind.CHARGE,
        description="x",
        amount=amount,
        explanation="x",
        period=period,
        inclusive=inclusive,
    )
    taxation = Taxation(account=shop.account, catalog=shop.catalog, convention=convention, at=START)
    parts = taxed([line], taxation, "USD")
    assert sum(part.amount for part in parts) == amount
    edges = [(part.period.start, part.period.end) for part in parts if part.period is not None]
    assert (edges[0][0], edges[-1][1]) == (period.start, period.end)
    assert all(end == start for (_, end), (start, _) in pairwise(edges))
    held = [[(s.name, s.ppm) for s in part.taxes] for part in parts]
    assert all(one != other for one, other in pairwise(held))


@checked
@given(
    st.sampled_from([[("pro", 1, "zone:a")], [("business-gross", 3, "zone:a"), ("seats", 7, "account")]]),
    later_rates,
    later_rates,
    zones,
    conventions,
)
def test_a_period_charged_and_credited_whole_nets_to_zero_whatever_is_made_known_between(
    shops: type[Shop],
    items: list[tuple[str, int, str]],
    before: list[tuple[float, date, datetime]],
    between: list[tuple[float, date, datetime]],
    zone: str,
    convention: Convention,
) -> None:
    known = tuple(replace(r, known_from=START) for r in dated(before))
    shop = shops(taxes=germany(*known), buyer=GERMAN, time_zone=zone, convention=convention)
    started = shop.start(*items)
    unknown = dated(between, after=shop.now + timedelta(microseconds=1))
    shop.catalog = replace(shop.catalog, taxes=germany(*known, *unknown))
    credit = shop.plan(CancelNow(subscription_id=shop.only.id, credit=True))
    assert (credit.total, credit.tax) == (-started.total, -started.tax)
    assert [line.gross for line in credit.lines] == [-line.gross for line in started.lines]


@checked
@given(later_rates, st.integers(0, 27 * 86_400), st.integers(1, 27), zones)
def test_rates_that_are_made_known_inside_a_period_do_not_change_what_is_left_of_it(
    shops: type[Shop],
    drawn: list[tuple[float, date, datetime]],
    seconds: int,
    known_day: int,
    zone: str,
) -> None:
    shop = shops(taxes=germany(), buyer=GERMAN, time_zone=zone)
    shop.zone("business")
    shop.now += timedelta(seconds=seconds)
    cancel = CancelNow(subscription_id=shop.only.id, credit=True)
    before = shop.plan(cancel)
    later = dated(drawn, after=START + timedelta(days=known_day))
    shop.catalog = replace(shop.catalog, taxes=germany(*later))
    assert shop.plan(cancel).lines == before.lines


@checked
@given(later_rates, conventions, st.integers(0, 40))
def test_the_committed_invoice_is_the_quote(
    shops: type[Shop], drawn: list[tuple[float, date, datetime]], convention: Convention, day: int
) -> None:
    shop = shops(taxes=germany(*dated(drawn)), buyer=GERMAN, convention=convention)
    shop.now += timedelta(days=day)
    till = Till(shop)
    quote = shop.zone("business")
    invoice = till.settle(paid(till.open(quote))).invoice
    assert invoice is not None
    assert (invoice.lines, invoice.tax, invoice.total) == (quote.lines, quote.tax, quote.total)

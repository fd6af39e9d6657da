"""Credit notes: their parts sum exactly, and never to more than what is left of the invoice or of a line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.core.credit_note import NOTHING_LEFT, CreditLine, by_amount, by_lines, unused
from solvent.core.invoice import Line, LineKind
from solvent.core.period import Period
from solvent.core.phrase import Phrase, Sentence
from solvent.core.plan import Refusal
from solvent.core.proration import Convention, Denominator, Granularity
from solvent.core.tax import TaxShare, Treatment

JANUARY = Period(start=datetime(2026, 1, 1, tzinfo=UTC), end=datetime(2026, 2, 1, tzinfo=UTC))
AFTER_5_DAYS = datetime(2026, 1, 6, tzinfo=UTC)
BEFORE_9_DAYS = datetime(2026, 1, 23, tzinfo=UTC)
CONVENTION = Convention()


def line(amount: int, period: Period | None = None) -> Line:
    kind = LineKind.MANUAL if period is None else LineKind.CHARGE
    return Line(
        kind=kind, description="A", amount=amount, explanation="as agreed", period=period, item_id=UUID(int=1)
    )


def amounts(parts: tuple[CreditLine, ...] | Refusal) -> dict[int, int]:
    assert not isinstance(parts, Refusal), parts
    return {part.position: part.amount for part in parts}


def taxed(whole: Line, tax: int) -> Line:
    """The line with so much tax, in two parts."""
    return bearing(whole, [tax // 3, tax - tax // 3])


def bearing(whole: Line, taxes: list[int]) -> Line:
    """The line with these taxes."""
    with_tax = replace(whole, tax=sum(taxes))
    names = ("GST", "QST", "PST", "HST")
    shares = tuple(
        TaxShare(
            name=name,
            jurisdiction="CA",
            ppm=50_000,
            treatment=Treatment.TAXED,
            base=with_tax.net,
            amount=amount,
            explanation=name,
        )
        for name, amount in zip(names, taxes, strict=False)
    )
    return replace(with_tax, taxes=shares)


def by_parts(parts: tuple[CreditLine, ...] | Refusal) -> tuple[CreditLine, ...]:
    assert not isinstance(parts, Refusal), parts
    return parts


AMOUNTS = st.lists(st.integers(-1_000, 5_000), min_size=1, max_size=6).filter(lambda x: sum(x) > 0)


@given(AMOUNTS, st.lists(st.integers(1, 5_000), max_size=8))
def test_credit_notes_sum_exactly_and_never_exceed(charged: list[int], wanted: list[int]) -> None:
    """Whatever was credited before: the parts sum to what was asked for, and all of them to the invoice."""
    lines = [line(amount) for amount in charged]
    credited: dict[int, int] = {}
    for amount in [*wanted, None]:
        left = sum(charged) - sum(credited.values())
        asked = left if amount is None else amount
        parts = by_amount(lines, credited, asked)
        if not 0 < asked <= left:
            assert isinstance(parts, Refusal)
            continue
        taken = amounts(parts)
        assert sum(taken.values()) == asked
        for position, part in taken.items():
            credited[position] = credited.get(position, 0) + part
        for position, whole in enumerate(charged, start=1):
            assert min(whole, 0) <= credited.get(position, 0) <= max(whole, 0)
    assert [credited.get(n, 0) for n in range(1, len(charged) + 1)] == charged


@given(
    AMOUNTS,
    st.dictionaries(st.integers(0, 7), st.none() | st.integers(-5, 6_000), max_size=4),
    st.integers(1, 9),
)
def test_by_line_takes_what_is_named_or_nothing(
    charged: list[int], wanted: dict[int, int | None], before: int
) -> None:
    lines = [line(amount) for amount in charged]
    first = by_amount(lines, {}, min(before, sum(charged)))
    credited = amounts(first)
    left = {n: amount - credited.get(n, 0) for n, amount in enumerate(charged, start=1)}
    parts = by_lines(lines, credited, wanted)
    asked = {n: left.get(n, 0) if amount is None else amount for n, amount in wanted.items()}
    fits = all(n in left and 0 < amount <= left[n] for n, amount in asked.items())
    if fits and 0 < sum(asked.values()) <= sum(left.values()):
        assert amounts(parts) == asked
    else:
        assert isinstance(parts, Refusal)


TAXED = st.lists(st.tuples(st.integers(1, 5_000), st.integers(0, 900), st.booleans()), min_size=1, max_size=4)


@given(TAXED, st.lists(st.integers(1, 5_000), max_size=4))
def test_tax_is_carried_in_proportion_and_all_of_it_in_the_end(
    charged: list[tuple[int, int, bool]], wanted: list[int]
) -> None:
    lines = [
        taxed(replace(line(amount), inclusive=inclusive), min(tax, amount))
        for amount, tax, inclusive in charged
    ]
    left = sum(x.gross for x in lines)
    credited: dict[int, int] = {}
    taxes: dict[int, int] = {}
    of_each: dict[tuple[int, str], int] = {}
    bases: dict[tuple[int, str], int] = {}
    for amount in [*wanted, left]:
        if not left:
            break
        parts = by_amount(lines, credited, min(amount, left))
        assert not isinstance(parts, Refusal)
        left -= min(amount, left)
        for part in parts:
            whole = lines[part.position - 1]
            credited[part.position] = credited.get(part.position, 0) + part.amount
            taxes[part.position] = taxes.get(part.position, 0) + part.tax
            assert part.net + part.tax == part.amount
            assert part.tax == sum(share.amount for share in part.taxes)
            for share in part.taxes:
                at = (part.position, str(share.name))
                of_each[at] = of_each.get(at, 0) + share.amount
                bases[at] = bases.get(at, 0) + share.base
            exact = whole.tax * credited[part.position]
            assert abs(taxes[part.position] * whole.gross - exact) * 2 <= whole.gross
    assert [taxes.get(n, 0) for n in range(1, len(lines) + 1)] == [x.tax for x in lines]
    whole_of = {(n, share.name): share for n, x in enumerate(lines, start=1) for share in x.taxes if x.gross}
    assert of_each == {at: share.amount for at, share in whole_of.items()}
    assert bases == {at: share.base for at, share in whole_of.items()}


def test_each_tax_is_carried_by_itself() -> None:
    """Quebec: 100.00 with 5.00 GST and 9.98 QST. A third of it, the next third, and the rest."""
    whole = taxed(line(10_000), 1_498)
    assert [share.amount for share in whole.taxes] == [499, 999]
    credited: dict[int, int] = {}
    carried = []
    for amount in (3_833, 3_833, 3_832):
        (part,) = by_parts(by_amount([whole], credited, amount))
        carried.append([part.net, *(share.amount for share in part.taxes)])
        credited[1] = credited.get(1, 0) + amount
    assert carried == [[3_334, 166, 333], [3_333, 167, 333], [3_333, 166, 333]]
    assert [sum(column) for column in zip(*carried, strict=True)] == [10_000, 499, 999]
    first = by_parts(by_amount([whole], {}, 1_000))[0].taxes[0]
    assert first.explanation == "GST", "what somebody wrote stays as it is"


OF_SEVERAL_TAXES = st.lists(
    st.tuples(st.integers(-2_000, 5_000), st.lists(st.integers(0, 400), max_size=4)), min_size=1, max_size=4
)


@given(OF_SEVERAL_TAXES, st.lists(st.integers(1, 300) | st.just(1), max_size=8))
def test_no_tax_of_a_part_goes_against_it(charged: list[tuple[int, list[int]]], wanted: list[int]) -> None:
    """However small the credit notes are: a part goes the way of its line, its price and each of its taxes with it, and
    each tax is within half a minor unit for every tax of the line; all of them sum to the line's."""
    lines = [
        bearing(line(amount), [tax if amount >= 0 else -tax for tax in taxes]) for amount, taxes in charged
    ]
    credited: dict[int, int] = {}
    of_each = {(n, at): 0 for n, whole in enumerate(lines, start=1) for at in range(len(whole.taxes))}
    left = sum(whole.gross for whole in lines)
    for amount in [*wanted, left]:
        asked = min(amount, left)
        if asked <= 0:
            break
        left -= asked
        for part in by_parts(by_amount(lines, credited, asked)):
            whole = lines[part.position - 1]
            credited[part.position] = credited.get(part.position, 0) + part.amount
            assert part.amount * whole.gross > 0
            assert part.net * part.amount >= 0
            assert all(share.amount * part.amount >= 0 for share in part.taxes)
            assert sum(share.amount for share in part.taxes) == part.tax
            for at, share in enumerate(part.taxes):
                of_each[part.position, at] += share.amount
                off = of_each[part.position, at] * whole.gross
                off -= whole.taxes[at].amount * credited[part.position]
                assert 2 * abs(off) <= len(whole.taxes) * abs(whole.gross)
    if sum(whole.gross for whole in lines) > 0:
        assert of_each == {(n, at): lines[n - 1].taxes[at].amount for n, at in of_each}


def test_a_cent_has_no_tax_against_another() -> None:
    """Quebec: 2.88 of 114.98 carry 0.38 of tax, of it 0.13 of the first, and so do 2.89. Rounded of the amount, the
    first tax is 499 × 288 / 11,498 = 12.499, and with a cent more 12.54: that cent had 0.01 of it, less 0.01 of the
    second."""
    whole = taxed(line(10_000), 1_498)
    first = by_parts(by_amount([whole], {}, 288))[0]
    assert [share.amount for share in first.taxes] == [13, 25]
    cent = by_parts(by_amount([whole], {1: 288}, 1))[0]
    assert [cent.net, *(share.amount for share in cent.taxes)] == [1, 0, 0]


def test_taxes_that_were_rounded_against_each_other_go_back_as_they_are() -> None:
    """Rounded once for an invoice, taxes that a small price contains may go against each other: 0.01, −0.01, 0.02."""
    whole = bearing(line(20), [1, -1, 2])
    credited, carried = {1: 0}, []
    for amount in (11, 11):
        (part,) = by_parts(by_amount([whole], credited, amount))
        credited[1] += amount
        carried.append([share.amount for share in part.taxes])
        assert sum(carried[-1]) == part.tax
    assert [sum(column) for column in zip(*carried, strict=True)] == [1, -1, 2]


def test_a_part_of_a_tax_says_what_it_is_on() -> None:
    said = Phrase(Sentence.TAX_ADDED, ("GST", 50_000, 10_000, 500, "CAD", "half_up"))
    share = replace(taxed(line(10_000), 500).taxes[0], amount=500, explanation=said)
    (part,) = by_parts(by_amount([replace(line(10_000), tax=500, taxes=(share,))], {}, 3_500))
    assert str(part.taxes[0].explanation) == (
        "GST 5 % on 100.00 CAD = 5.00 CAD, rounded half-up; of it 1.67 CAD on 33.33 CAD"
    )


def test_why_no_tax_is_charged_is_carried_as_it_is() -> None:
    why = replace(taxed(line(10_000), 0).taxes[0], name="", treatment=Treatment.EXEMPT, explanation="exempt")
    (part,) = by_parts(by_amount([replace(line(10_000), taxes=(why,))], {}, 4_000))
    assert [(share.base, share.amount, str(share.explanation)) for share in part.taxes] == [
        (4_000, 0, "exempt")
    ]


def test_a_line_that_is_not_there_is_named() -> None:
    parts = by_lines([line(100)], {}, {2: None})
    assert isinstance(parts, Refusal)
    assert parts.rule == "must be lines of the invoice: it has none at 2"


def test_where_nothing_is_left_no_range_is_told() -> None:
    credited = {1: 100}
    for lines, whole in (([line(100)], {1: 100}), ([line(100), line(-100)], {})):
        assert by_amount(lines, whole, 1) == by_lines(lines, whole, {1: None}) == NOTHING_LEFT
    left = by_lines([line(100), line(50)], credited, {1: 1})
    assert left == Refusal(field="lines", rule="line 1: must be one of which something is left")


def test_more_than_the_invoice_cannot_be_credited_by_line() -> None:
    """A deduction lowers what is left of all lines together."""
    parts = by_lines([line(100), line(-40)], {}, {1: 100})
    assert isinstance(parts, Refusal)
    assert parts.rule == "must be from 1 to 60 together, what is left of the invoice"
    assert amounts(by_lines([line(100), line(-40)], {}, {1: 60})) == {1: 60}


def test_200_dollars_a_month_given_up_after_5_of_31_days() -> None:
    """Domain, section 6."""
    (part,) = unused([line(20_000, JANUARY)], {}, 20_000, AFTER_5_DAYS, "UTC", CONVENTION)
    assert part.amount == 16_774
    assert part.period == Period(start=AFTER_5_DAYS, end=JANUARY.end)


def test_20_dollars_and_usage_of_5_47_with_9_of_31_days_unused() -> None:
    """Domain, section 6: usage is owed in full."""
    usage = replace(line(547, JANUARY), kind=LineKind.USAGE)
    lines = [line(2_000, JANUARY), usage]
    whole = by_amount([usage], {}, 547)
    assert not isinstance(whole, Refusal)
    assert [part.period for part in whole] == [None]
    assert amounts(unused(lines, {}, 2_547, BEFORE_9_DAYS, "UTC", CONVENTION)) == {1: 581}


@pytest.mark.parametrize(
    ("credited", "debt", "at", "expected"),
    [
        ({}, 2_000, JANUARY.end, {}),
        ({}, 2_000, JANUARY.start - timedelta(days=3), {1: 2_000}),
        ({1: 1_900}, 100, BEFORE_9_DAYS, {1: 100}),
        ({1: 1_990}, 10, BEFORE_9_DAYS, {1: 10}),
        ({}, 300, BEFORE_9_DAYS, {1: 300}),
        ({1: 2_000}, 547, BEFORE_9_DAYS, {}),
    ],
    ids=["over", "not begun", "credited before", "mostly credited", "mostly paid", "all credited"],
)
def test_no_more_is_unused_than_is_left_and_owed(
    credited: dict[int, int], debt: int, at: datetime, expected: dict[int, int]
) -> None:
    assert amounts(unused([line(2_000, JANUARY)], credited, debt, at, "UTC", CONVENTION)) == expected


def test_a_deduction_in_advance_is_unused_as_its_charge_is() -> None:
    lines = [line(3_100, JANUARY), line(-310, JANUARY)]
    assert amounts(unused(lines, {}, 2_790, BEFORE_9_DAYS, "UTC", CONVENTION)) == {1: 900, 2: -90}
    assert amounts(unused(lines, {2: -300}, 2_790, BEFORE_9_DAYS, "UTC", CONVENTION)) == {1: 900, 2: -10}


def test_by_day_and_by_fixed_months_the_lines_own_period_is_the_whole() -> None:
    convention = Convention(granularity=Granularity.DAY, denominator=Denominator.FIXED_30)
    assert amounts(unused([line(3_100, JANUARY)], {}, 3_100, BEFORE_9_DAYS, "UTC", convention)) == {1: 900}

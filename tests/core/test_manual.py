"""Lines that a merchant writes, and drafts of invoices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from solvent.core.invoice import Line, LineKind
from solvent.core.manual import (
    AMOUNT_MAX,
    PERIOD_MAX,
    PLAIN,
    TRANSITIONS,
    Draft,
    DraftState,
    Entry,
    Particulars,
    changed,
    issued,
    line_of,
    voided,
)
from solvent.core.money import Rounding
from solvent.core.period import Period
from solvent.core.phrase import Phrase, Sentence
from solvent.core.plan import Refusal
from solvent.core.tax import TaxBehavior

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def priced(entry: Entry, rounding: Rounding = Rounding.HALF_UP) -> tuple[int, str]:
    line = line_of(entry, "USD", rounding)
    assert isinstance(line, Line)
    return line.amount, str(line.explanation)


@pytest.mark.parametrize(
    ("entry", "amount", "explanation"),
    [
        (Entry(description="x", amount=18_000, quantity=2), 18_000, "entered by the merchant"),
        (Entry(description="x", unit_amount=9_000, quantity=2), 18_000, "2 × 90.00 USD = 180.00 USD"),
        (
            Entry(description="x", unit_amount=25, scale=2, quantity=150),
            38,
            "150 × 0.0025 USD = 0.375, rounded half-up to 0.38 USD",
        ),
        (
            Entry(description="x", unit_amount=-25, scale=2, quantity=150),
            -38,
            "150 × -0.0025 USD = -0.375, rounded half-up to -0.38 USD",
        ),
        (Entry(description="x", unit_amount=0, quantity=3), 0, "3 × 0.00 USD = 0.00 USD"),
    ],
)
def test_what_a_line_comes_to(entry: Entry, amount: int, explanation: str) -> None:
    assert priced(entry) == (amount, explanation)


def test_what_is_finer_than_a_cent_is_rounded_once_by_the_convention() -> None:
    half = Entry(description="x", unit_amount=25, scale=2, quantity=10)  # 2.5 cents
    assert [priced(half, r)[0] for r in (Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.TRUNCATE)] == [
        3,
        2,
        2,
    ]


def test_a_line_keeps_what_was_written() -> None:
    month = Period(start=NOW, end=NOW + timedelta(days=31))
    entry = Entry(
        description="Support",
        amount=500,
        quantity=3,
        period=month,
        tax_category="book",
        tax_behavior=TaxBehavior.INCLUSIVE,
    )
    assert line_of(entry, "USD", Rounding.HALF_UP) == Line(
        kind=LineKind.MANUAL,
        description="Support",
        amount=500,
        explanation=Phrase(Sentence.AS_ENTERED),
        quantity=3,
        period=month,
        inclusive=True,
        tax_category="book",
    )


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (Entry(description="x"), "amount"),
        (Entry(description="free \u202e00.1", amount=1), "description"),
        (Entry(description="x", amount=1, unit_amount=1), "amount"),
        (Entry(description="x", amount=1, scale=1), "scale"),
        (Entry(description="x", unit_amount=1, scale=13), "scale"),
        (Entry(description="x", unit_amount=AMOUNT_MAX, quantity=2), "unit_amount"),
        (
            Entry(description="x", amount=1, period=Period(start=NOW, end=LATER + PERIOD_MAX)),
            "period",
        ),
        (
            Entry(
                description="x",
                amount=1,
                period=Period(start=NOW.replace(year=1969), end=NOW.replace(year=1970)),
            ),
            "period",
        ),
        (
            Entry(
                description="x",
                amount=1,
                period=Period(start=NOW.replace(year=2199), end=NOW.replace(year=2201)),
            ),
            "period",
        ),
    ],
)
def test_a_line_that_breaks_a_rule_is_refused_by_its_field(entry: Entry, field: str) -> None:
    refusal = line_of(entry, "USD", Rounding.HALF_UP)
    assert isinstance(refusal, Refusal)
    assert refusal.field == field


@pytest.fixture
def draft() -> Draft:
    line = line_of(Entry(description="x", amount=100), "USD", Rounding.HALF_UP)
    assert isinstance(line, Line)
    return Draft(
        id=UUID(int=1),
        account_id=UUID(int=2),
        lines=(line,),
        particulars=PLAIN,
        created_at=NOW,
        changed_at=NOW,
    )


def test_a_draft_is_changed_then_issued_once(draft: Draft) -> None:
    other = changed(draft, (), Particulars(notes="n"), LATER)
    assert isinstance(other, Draft)
    assert (other.lines, other.particulars.notes, other.version, other.changed_at) == ((), "n", 2, LATER)
    done = issued(other, UUID(int=9), LATER)
    assert isinstance(done, Draft)
    assert (done.state, done.attempt_id, done.version) == (DraftState.ISSUED, UUID(int=9), 3)
    for refused in (changed(done, (), PLAIN, LATER), issued(done, UUID(int=8), LATER), voided(done, LATER)):
        assert isinstance(refused, Refusal)
        assert (refused.field, refused.rule.endswith("it is issued")) == ("draft_id", True)


def test_a_draft_is_voided_once_and_stays_so(draft: Draft) -> None:
    gone = voided(draft, LATER)
    assert isinstance(gone, Draft)
    assert (gone.state, gone.changed_at) == (DraftState.VOIDED, LATER)
    assert voided(gone, LATER + timedelta(days=1)) is gone
    assert isinstance(issued(gone, UUID(int=9), LATER), Refusal)
    assert set(TRANSITIONS) == set(DraftState)

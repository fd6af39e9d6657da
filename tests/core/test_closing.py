"""The chart, the trial balance and the brackets of age."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.core.ageing import Aged, Bracket, boundaries
from solvent.core.closing import FINAL_AFTER, Balance, Moved, is_final, trial_balance
from solvent.core.ledger import CHART, Kind, Side, UnknownLedgerAccount, cash, chart_account

AT = datetime(2026, 2, 1, tzinfo=UTC)
names = st.sampled_from(
    [*(n for n, a in CHART.items() if not a.per_provider), cash("sandbox"), cash("sandpal")]
)
moves = st.builds(
    lambda entity, currency, sides, amount: Moved(
        entity=entity, currency=currency, debit=sides[0], credit=sides[1], amount=amount
    ),
    st.sampled_from(["us", "eu"]),
    st.sampled_from(["USD", "JPY"]),
    st.tuples(names, names).filter(lambda sides: sides[0] != sides[1]),
    st.integers(1, 10**12),
)


def test_the_chart() -> None:
    assert {name: (a.kind.value, a.normal.value) for name, a in CHART.items()} == {
        "receivable": ("asset", "debit"),
        "cash": ("asset", "debit"),
        "disputes": ("asset", "debit"),
        "customer_credit": ("liability", "credit"),
        "prepaid_credit": ("liability", "credit"),
        "promised_credit": ("liability", "credit"),
        "deferred_revenue": ("liability", "credit"),
        "refunds_payable": ("liability", "credit"),
        "tax_payable": ("liability", "credit"),
        "revenue": ("income", "credit"),
        "breakage": ("income", "credit"),
        "allowances": ("contra", "debit"),
        "credit_given": ("contra", "debit"),
        "bad_debt": ("expense", "debit"),
        "dispute_losses": ("expense", "debit"),
        "dispute_fees": ("expense", "debit"),
        "provider_fees": ("expense", "debit"),
    }
    debits = {Kind.ASSET, Kind.EXPENSE, Kind.CONTRA}
    assert all((a.normal is Side.DEBIT) is (a.kind in debits) for a in CHART.values())
    assert all(a.means for a in CHART.values())


def test_a_moment_is_final_once_no_commit_can_come_before_it() -> None:
    assert is_final(AT, AT + FINAL_AFTER)
    assert not is_final(AT + timedelta(microseconds=1), AT + FINAL_AFTER)


def test_a_name_in_a_posting_has_its_account_in_the_chart() -> None:
    assert chart_account("cash:sandbox") is CHART["cash"]
    assert chart_account("revenue") is CHART["revenue"]


@pytest.mark.parametrize(
    "name", ["", "cash", "cash:", "revenue:sandbox", "revenue:", "petty_cash", ":sandbox"]
)
def test_a_name_that_is_not_of_the_chart(name: str) -> None:
    with pytest.raises(UnknownLedgerAccount, match="must be one of the chart"):
        chart_account(name)


def test_a_paid_invoice_half_of_whose_period_is_over() -> None:
    moved = [
        Moved(entity="us", currency="USD", debit="receivable", credit="deferred_revenue", amount=2000),
        Moved(entity="us", currency="USD", debit=cash("sandbox"), credit="receivable", amount=2000),
    ]
    found = trial_balance(AT, moved, {("us", "USD"): 1000})
    assert [(b.account, b.debit, b.credit, b.chart.kind.value) for b in found.balances] == [
        ("receivable", 0, 0, "asset"),
        ("cash:sandbox", 2000, 0, "asset"),
        ("deferred_revenue", 0, 1000, "liability"),
        ("revenue", 0, 1000, "income"),
    ]
    assert found.sums() == {("us", "USD"): 0}


@given(st.lists(moves), st.dictionaries(st.just(("us", "USD")), st.integers(-(10**12), 10**12)))
def test_every_trial_balance_sums_to_zero(moved: list[Moved], earned: dict[tuple[str, str], int]) -> None:
    found = trial_balance(AT, moved, earned)
    assert set(found.sums().values()) <= {0}
    assert len({(b.entity, b.currency, b.account) for b in found.balances}) == len(found.balances)
    assert all(b.debit - b.credit == b.amount and 0 in (b.debit, b.credit) for b in found.balances)


@pytest.mark.parametrize(
    ("overdue", "bracket"),
    [
        (timedelta(days=-30), Bracket.NOT_DUE),
        (timedelta(0), Bracket.NOT_DUE),
        (timedelta(microseconds=1), Bracket.DAYS_1_30),
        (timedelta(days=30), Bracket.DAYS_1_30),
        (timedelta(days=30, microseconds=1), Bracket.DAYS_31_60),
        (timedelta(days=60), Bracket.DAYS_31_60),
        (timedelta(days=61), Bracket.DAYS_61_90),
        (timedelta(days=90), Bracket.DAYS_61_90),
        (timedelta(days=90, microseconds=1), Bracket.OVER_90),
    ],
)
def test_brackets(overdue: timedelta, bracket: Bracket) -> None:
    """As a search among the boundaries finds it: so does the database."""
    place = bisect_right(boundaries(AT), AT - overdue)
    assert list(reversed(Bracket))[place] is bracket


def test_an_aged_debt_has_every_bracket() -> None:
    aged = Aged(entity="us", currency="USD", account_id=None, amounts=[5, 0, 0, 2, 1])
    assert aged.total == 8
    assert aged.by_bracket()[Bracket.DAYS_61_90] == 2
    assert list(aged.by_bracket()) == list(Bracket)


def test_a_balance_stands_in_one_column() -> None:
    balance = Balance(entity="us", currency="USD", account="revenue", amount=-5)
    assert (balance.debit, balance.credit) == (0, 5)

"""Closing: the trial balance as a value.

Owns how movements and what is earned become one balance per legal entity, currency and ledger account. Does not own
the chart (`ledger`), what is earned (`recognition`) nor the reading of either (the store).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from solvent.core.ledger import CHART, DEFERRED_REVENUE, REVENUE, ChartAccount, chart_account

FINAL_AFTER = timedelta(minutes=15)  # far beyond what locks, banks and a batch make a commit wait

BookSet = tuple[str, str]  # a legal entity, and the currency of its books


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """All postings from `credit` to `debit` together: minor units of `currency` in the books of `entity`."""

    entity: str
    currency: str
    debit: str
    credit: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One ledger account in the books of `entity` in `currency`: debits less credits in minor units."""

    entity: str
    currency: str
    account: str
    amount: int

    @property
    def debit(self) -> int:
        """The balance in the debit column; 0 when it stands in the other one."""
        return max(self.amount, 0)

    @property
    def credit(self) -> int:
        """The balance in the credit column; 0 when it stands in the other one."""
        return max(-self.amount, 0)

    @property
    def chart(self) -> ChartAccount:
        """The account of the chart that it belongs to."""
        return chart_account(self.account)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalance:
    """Every ledger account that ever moved before `at`, by entity and currency, in the order of the chart."""

    at: datetime
    balances: tuple[Balance, ...]

    def sums(self) -> dict[BookSet, int]:
        """Debits less credits of each entity and currency: 0, each of them."""
        result: dict[BookSet, int] = {}
        for balance in self.balances:
            books = balance.entity, balance.currency
            result[books] = result.get(books, 0) + balance.amount
        return result


def is_final(at: datetime, now: datetime) -> bool:
    """Whether what was booked before `at` is all there: a commit bears the moment at which its work began, so what is
    under way at `now` may still come before a moment that has only just passed."""
    return at <= now - FINAL_AFTER


def trial_balance(at: datetime, moved: Iterable[Moved], earned: Mapping[BookSet, int]) -> TrialBalance:
    """The postings before `at`, and what is `earned` of deferred revenue by then.

    A ledger account that moved is shown with a balance of 0 too. `UnknownLedgerAccount`: a posting is not of the chart.
    """
    amounts: dict[tuple[BookSet, str], int] = {}

    def add(books: BookSet, account: str, amount: int) -> None:
        amounts[books, account] = amounts.get((books, account), 0) + amount

    for m in moved:
        add((m.entity, m.currency), m.debit, m.amount)
        add((m.entity, m.currency), m.credit, -m.amount)
    for books, amount in earned.items():
        add(books, DEFERRED_REVENUE, amount)
        add(books, REVENUE, -amount)
    places = {name: place for place, name in enumerate(CHART)}
    balances = [
        Balance(entity=entity, currency=currency, account=account, amount=amount)
        for ((entity, currency), account), amount in amounts.items()
    ]
    balances.sort(key=lambda b: (b.entity, b.currency, places[b.chart.name], b.account))
    return TrialBalance(at=at, balances=tuple(balances))

"""Ledger: double entry, balanced by construction.

Owns the chart of accounts and the posting. A posting moves an amount from one ledger account to another, so there
is no unbalanced one; rows are never updated. Does not own which postings a commit makes (`entries`), what is earned
of deferred revenue (`recognition`) nor the reports (`closing`, `ageing`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

RECEIVABLE = "receivable"
CASH = "cash"
DISPUTES = "disputes"
CUSTOMER_CREDIT = "customer_credit"
PREPAID_CREDIT = "prepaid_credit"
PROMISED_CREDIT = "promised_credit"
DEFERRED_REVENUE = "deferred_revenue"
REFUNDS_PAYABLE = "refunds_payable"
TAX_PAYABLE = "tax_payable"
REVENUE = "revenue"
BREAKAGE = "breakage"
ALLOWANCES = "allowances"
CREDIT_GIVEN = "credit_given"
BAD_DEBT = "bad_debt"
DISPUTE_LOSSES = "dispute_losses"
DISPUTE_FEES = "dispute_fees"
PROVIDER_FEES = "provider_fees"

CREDIT_ACCOUNTS = (CUSTOMER_CREDIT, PREPAID_CREDIT, PROMISED_CREDIT)  # what account credit stands in


class Kind(StrEnum):
    """Where an account stands in the statements. CONTRA lowers the account of the kind that it is read beside."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"
    CONTRA = "contra"


class Side(StrEnum):
    """One of the two sides of every posting."""

    DEBIT = "debit"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartAccount:
    """An account of the chart; its `normal` side is the one that raises it. `per_provider`: one for each provider,
    named ``name:provider``."""

    name: str
    kind: Kind
    normal: Side
    means: str
    per_provider: bool = False


def _chart(*accounts: ChartAccount) -> Mapping[str, ChartAccount]:
    return {account.name: account for account in accounts}


# In the order in which reports show them.
CHART: Mapping[str, ChartAccount] = _chart(
    ChartAccount(
        name=RECEIVABLE, kind=Kind.ASSET, normal=Side.DEBIT, means="issued on invoices and not yet paid"
    ),
    ChartAccount(
        name=CASH,
        kind=Kind.ASSET,
        normal=Side.DEBIT,
        means="money that a payment provider holds for the merchant",
        per_provider=True,
    ),
    ChartAccount(
        name=DISPUTES,
        kind=Kind.ASSET,
        normal=Side.DEBIT,
        means="money that a provider has taken back while a dispute is open",
    ),
    ChartAccount(
        name=CUSTOMER_CREDIT,
        kind=Kind.LIABILITY,
        normal=Side.CREDIT,
        means="account credit out of customers' money that was kept, not used yet",
    ),
    ChartAccount(
        name=PREPAID_CREDIT,
        kind=Kind.LIABILITY,
        normal=Side.CREDIT,
        means="account credit that customers bought and have not used yet",
    ),
    ChartAccount(
        name=PROMISED_CREDIT,
        kind=Kind.LIABILITY,
        normal=Side.CREDIT,
        means="account credit that was given without money, goodwill and sponsored, not used yet",
    ),
    ChartAccount(
        name=DEFERRED_REVENUE,
        kind=Kind.LIABILITY,
        normal=Side.CREDIT,
        means="invoiced in advance for time that has not passed yet",
    ),
    ChartAccount(
        name=REFUNDS_PAYABLE,
        kind=Kind.LIABILITY,
        normal=Side.CREDIT,
        means="money that is to be given back and has not left yet",
    ),
    ChartAccount(
        name=TAX_PAYABLE,
        kind=Kind.LIABILITY,
        normal=Side.CREDIT,
        means="tax that was invoiced and is owed to the authorities",
    ),
    ChartAccount(
        name=REVENUE,
        kind=Kind.INCOME,
        normal=Side.CREDIT,
        means="earned: the passed part of what was in advance, and what covers no period",
    ),
    ChartAccount(
        name=BREAKAGE,
        kind=Kind.INCOME,
        normal=Side.CREDIT,
        means="bought account credit that expired unused",
    ),
    ChartAccount(
        name=ALLOWANCES,
        kind=Kind.CONTRA,
        normal=Side.DEBIT,
        means="given back or credited although it was earned; read beside revenue",
    ),
    ChartAccount(
        name=CREDIT_GIVEN,
        kind=Kind.CONTRA,
        normal=Side.DEBIT,
        means="account credit given without money, less what of it expired or was voided; read beside revenue",
    ),
    ChartAccount(
        name=BAD_DEBT, kind=Kind.EXPENSE, normal=Side.DEBIT, means="receivables given up as uncollectible"
    ),
    ChartAccount(
        name=DISPUTE_LOSSES,
        kind=Kind.EXPENSE,
        normal=Side.DEBIT,
        means="lost in disputes, and on no invoice that could be owed again",
    ),
    ChartAccount(
        name=DISPUTE_FEES,
        kind=Kind.EXPENSE,
        normal=Side.DEBIT,
        means="what providers charge for disputes",
    ),
    ChartAccount(
        name=PROVIDER_FEES,
        kind=Kind.EXPENSE,
        normal=Side.DEBIT,
        means="what providers keep of payments for taking them",
    ),
)


class UnknownLedgerAccount(ValueError):
    """The chart has no account of that name."""


def cash(provider: str) -> str:
    """The ledger account of the money that a provider holds for us."""
    return f"{CASH}:{provider}"


def chart_account(name: str) -> ChartAccount:
    """The chart's account behind the name in a posting, e.g. `cash` for ``cash:somebank``; `UnknownLedgerAccount`."""
    head, _, provider = name.partition(":")
    account = CHART.get(head)
    if account is None or account.per_provider is not bool(provider) or (":" in name and not provider):
        raise UnknownLedgerAccount(f"ledger account: must be one of the chart, got {name!r}")
    return account


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """`amount` > 0 minor units from ledger account `credit` to ledger account `debit`."""

    debit: str
    credit: str
    amount: int
    invoice_id: UUID | None = None


def move(debit: str, credit: str, amount: int, invoice_id: UUID | None = None) -> tuple[Posting, ...]:
    """The posting for a signed amount: none for zero, the other way round for a negative one."""
    if amount == 0:
        return ()
    if amount < 0:
        return (Posting(debit=credit, credit=debit, amount=-amount, invoice_id=invoice_id),)
    return (Posting(debit=debit, credit=credit, amount=amount, invoice_id=invoice_id),)


def balances(postings: Iterable[Posting]) -> dict[str, int]:
    """Debits less credits by ledger account; the values of any set of postings sum to zero."""
    result: dict[str, int] = {}
    for posting in postings:
        result[posting.debit] = result.get(posting.debit, 0) + posting.amount
        result[posting.credit] = result.get(posting.credit, 0) - posting.amount
    return result

"""Ledger views: what the answers about the ledger carry, as structs.

Owns their public shape. Amounts are minor units; whatever is summed is summed per legal entity and currency. Does not
own any figure (`store.closing`).
"""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from solvent.web.fields import AccountId, AmountText, Currency, InvoiceId, Minor, PostingId

LedgerAccount = Annotated[
    str,
    Meta(
        description="An account of the chart; cash is kept per provider.",
        examples=["receivable", "cash:sandbox"],
    ),
]
Final = Annotated[
    bool,
    Meta(
        description="Whether nothing that is being committed can come before `at`: it is a quarter of an hour ago."
    ),
]
EntityName = Annotated[str, Meta(description="Id of a legal entity.", examples=["solvent-us"])]
Transaction = Annotated[
    str,
    Meta(
        pattern=r"^txn_[0-9a-f]{32}$(?!\n)",
        description="What was booked together: the same for all postings of one commit.",
        examples=["txn_0193a5b2c4d87e6fa1b2c3d4e5f60718"],
    ),
]


class ChartAccountView(Struct, frozen=True, kw_only=True):
    """An account of the chart. `normal`: the side that raises it. `per_provider`: named ``name:provider``."""

    name: str
    kind: str
    normal: str
    per_provider: bool
    means: str


class ChartView(Struct, frozen=True):
    """The chart of accounts, in the order in which reports show it."""

    data: list[ChartAccountView]


class BalanceView(Struct, frozen=True, kw_only=True):
    """A ledger account: the balance in its column, and as debits less credits."""

    entity: EntityName
    currency: Currency
    account: LedgerAccount
    kind: str
    normal: str
    debit: Minor
    credit: Minor
    balance: Minor
    balance_text: AmountText


class ColumnsView(Struct, frozen=True, kw_only=True):
    """Both columns of one legal entity and currency; they are equal."""

    entity: EntityName
    currency: Currency
    debit: Minor
    credit: Minor


class TrialBalanceView(Struct, frozen=True, kw_only=True):
    """Every ledger account that moved before `at`."""

    at: datetime
    final: Final
    data: list[BalanceView]
    sums: list[ColumnsView]


class AgedView(Struct, frozen=True, kw_only=True):
    """Receivables by how many days they are past due."""

    entity: EntityName
    currency: Currency
    not_due: Minor
    days_1_30: Minor
    days_31_60: Minor
    days_61_90: Minor
    over_90: Minor
    total: Minor
    total_text: AmountText


class AccountAgedView(AgedView, frozen=True, kw_only=True):
    """What one account owes."""

    account_id: AccountId


class AgeingView(Struct, frozen=True, kw_only=True):
    """Receivables as of `at`: all that were asked for, and a page of the accounts that owe them."""

    at: datetime
    final: Final
    totals: list[AgedView]
    data: list[AccountAgedView]
    next: Annotated[
        AccountId | None, Meta(description="The cursor of the next page, as `after`; null at the end.")
    ]


class PostingView(Struct, frozen=True, kw_only=True):
    """`amount` moved from `credit` to `debit`; never changed afterwards."""

    id: PostingId
    transaction: Transaction
    account_id: AccountId
    entity: EntityName
    debit: LedgerAccount
    credit: LedgerAccount
    amount: Minor
    currency: Currency
    amount_text: AmountText
    invoice_id: InvoiceId | None
    booked_at: datetime


class PostingPage(Struct, frozen=True):
    """A page of postings."""

    data: list[PostingView]
    next: Annotated[
        PostingId | None, Meta(description="The cursor of the next page, as `after`; null at the end.")
    ]

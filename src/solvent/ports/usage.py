"""Usage, as a transaction records and reads it.

Owns the protocol. Does not own what is owed of it (`core.usage`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from solvent.core.account import Account, CollectionMethod
from solvent.core.catalog import Catalog
from solvent.core.charged import Charged
from solvent.core.credit import CreditGrant
from solvent.core.invoice_item import InvoiceItem
from solvent.core.meter import UsageEvent
from solvent.core.usage import Reading, UsagePeriod


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageOf:
    """An account whose usage may have to be billed: its open periods, and those that still take late usage. `times` is
    how often in a row it was put off."""

    account: Account
    methods: tuple[CollectionMethod, ...]
    credit_grants: tuple[CreditGrant, ...]
    periods: tuple[UsagePeriod, ...]
    times: int = 0
    waiting: tuple[InvoiceItem, ...] = ()


class Usage(Protocol):
    """Usage events as they were told, and what they come to."""

    def moments(self, accounts: Collection[UUID]) -> dict[UUID, datetime | None]:
        """The accounts among these that exist, each with its test clock's time, where it has one."""
        ...

    def record(self, events: Sequence[UsageEvent], now: datetime, look_at: datetime) -> int:
        """Store the events that are new and what they come to, and mark their accounts to be looked at then: later than
        this can last; how many they were. Called where each statement is a transaction: one for all, or one for each
        bucket."""
        ...

    def claim(self, bucket: int, now: datetime, limit: int, account: UUID | None) -> list[UsageOf]:
        """Accounts with a period that is over, or with a mark (taken away), and no attempt about usage in flight; of
        accounts on wall time, or one account. One that cannot be read is put off."""
        ...

    def unmarked(self, now: datetime, after: UUID | None, limit: int) -> list[UsageOf]:
        """Accounts of all buckets, by id behind `after`, with periods that are open or still take late usage, and
        without anything that makes somebody look at them: a mark, a period that is over, an attempt in flight."""
        ...

    def put_off(self, bucket: int, reasons: Mapping[UUID, tuple[int, str]], now: datetime) -> None:
        """Of accounts, how often before and why their usage cannot be billed: it is due again after a growing pause."""
        ...

    def again(self, bucket: int, account_ids: Collection[UUID], now: datetime) -> None:
        """Mark accounts, whose usage is looked at again as soon as nothing about it is in flight."""
        ...

    def billed_on(self, bucket: int, periods: Sequence[UsagePeriod]) -> Mapping[UUID, tuple[Charged, ...]]:
        """By account, the invoices that billed usage of these periods (one at least), with what credit notes took of
        their lines."""
        ...

    def of_accounts(
        self, bucket: int, account_ids: Collection[UUID], now: datetime
    ) -> dict[UUID, tuple[UsagePeriod, ...]]:
        """The usage periods of accounts of one bucket that are open, or that still take late usage."""
        ...

    def of_account(self, account_id: UUID, now: datetime) -> tuple[UsagePeriod, ...]:
        """The account's usage periods that are open, or that still take late usage."""
        ...

    def read(self, bucket: int, periods: Sequence[UsagePeriod], catalog: Catalog) -> list[Reading]:
        """What was used in each period, of all events that are there."""
        ...

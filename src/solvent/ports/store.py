"""The store boundary: what the flows read and write, as protocols over transactions.

Owns the grouping of the database into rooms: accounts (reads), journal (attempts), inbox, queue (recompute), usage,
seats (limits of coupons), and books (committed state). Only the settle flow is handed `Settlements`. Does not own any
SQL.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from solvent.core.account import Account, CollectionMethod
from solvent.core.attempt import Attempt
from solvent.core.catalog import Catalog
from solvent.core.charged import Charged
from solvent.core.credit import CreditGrant, OwedLine, balance
from solvent.core.invoice import Invoice
from solvent.core.invoice_item import InvoiceItem
from solvent.core.manual import Draft
from solvent.core.owed import InEffect
from solvent.core.payment import AttemptState
from solvent.core.plan import Plan
from solvent.core.policy import Policy
from solvent.core.subscription import Subscription
from solvent.ports.books import Books
from solvent.ports.carts import Carts
from solvent.ports.counts import Counts
from solvent.ports.drift import Drift
from solvent.ports.fleet import Fleet
from solvent.ports.items import InvoiceItems
from solvent.ports.methods import Methods
from solvent.ports.queues import Inbox, Queue
from solvent.ports.reconciliation import Reconciliations
from solvent.ports.registrations import Registrations
from solvent.ports.seats import Seats
from solvent.ports.transfers import Receiving
from solvent.ports.usage import Usage
from solvent.ports.valves import Decisions, Holds, Permits


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """One account as planning sees it, with the `measures` in effect. `credit_grants` in the account's currency; of
    whoever has some, `owed_lines` are the lines of the open invoices. `waiting` is what waits for an invoice."""

    account: Account
    subscriptions: tuple[Subscription, ...]
    methods: tuple[CollectionMethod, ...]
    open_invoices: tuple[Invoice, ...]
    credit_grants: tuple[CreditGrant, ...] = ()
    owed_lines: Mapping[UUID, tuple[OwedLine, ...]] = field(default_factory=dict)
    measures: tuple[InEffect, ...] = ()
    waiting: tuple[InvoiceItem, ...] = ()

    @property
    def credit(self) -> int:
        """What is left of the grants, in minor units."""
        return balance(self.credit_grants)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueSubscription:
    """A subscription whose moment has come, with what planning its renewal needs. `usage_at` is when usage of the
    account can be billed that ended with its period; None: there is none, or it is billed otherwise."""

    account: Account
    subscription: Subscription
    methods: tuple[CollectionMethod, ...]
    credit_grants: tuple[CreditGrant, ...] = ()
    waiting: tuple[InvoiceItem, ...] = ()
    usage_at: datetime | None = None


class Accounts(Protocol):
    """Reads of accounts and what belongs to them."""

    def add(self, account: Account, now: datetime) -> None: ...

    def lock(self, account_id: UUID) -> Account | None:
        """The account, held until the transaction ends."""
        ...

    def going_on(self, account_id: UUID) -> str | None:
        """What is under way of the account, in a word: a payment, usage to be billed, a refund, a registration."""
        ...

    def close(self, account: Account, by: str, reason: str, now: datetime) -> Account:
        """Close a locked account, and say so."""
        ...

    def reopen(self, account: Account, by: str, reason: str, now: datetime) -> Account:
        """Open a locked account again, and say so."""
        ...

    def set_clock(self, account_id: UUID, now: datetime) -> None: ...

    def moment(self, account_id: UUID, wall: datetime) -> datetime:
        """The account's present: its test clock where it has one, else `wall`; raises LookupError if unknown."""
        ...

    def view(self, account_id: UUID) -> AccountView | None: ...

    def charged(self, account_id: UUID, subscriptions: Collection[Subscription]) -> tuple[Charged, ...]:
        """The invoices that charged the present periods of an account's subscriptions, and those whose unused time was
        exchanged for them."""
        ...

    def invoice(self, invoice_id: UUID) -> Invoice | None: ...

    def method(self, method_id: UUID) -> CollectionMethod | None: ...

    def due(self, bucket: int, now: datetime, limit: int, account: UUID | None) -> list[DueSubscription]:
        """Claim due subscriptions without an attempt in flight; of accounts on wall time, or of one account.

        One that cannot be read is put off.
        """
        ...

    def put_off(self, bucket: int, reasons: Mapping[UUID, str], now: datetime) -> None:
        """Of due subscriptions, by id, why they cannot be renewed: they are due again after a growing pause."""
        ...

    def wait(self, bucket: int, until: Mapping[UUID, datetime]) -> None:
        """Of due subscriptions that were claimed, until when each waits: for usage that is invoiced with it, or
        because it has lapsed and is not ended."""
        ...

    def next_moment(self, account_id: UUID) -> datetime | None:
        """The earliest moment at which anything of the account falls due: a period's end, a look, a recheck."""
        ...


class Journal(Protocol):
    """The attempts: all that steps 1–4 write."""

    def add(self, attempts: Sequence[Attempt]) -> frozenset[UUID]:
        """Insert; those whose claim, key or debt is already taken are left out. Returns the ids inserted."""
        ...

    def get(self, attempt_id: UUID) -> Attempt | None: ...

    def by_key(self, account_id: UUID, key: str) -> Attempt | None: ...

    def in_flight(self, plan: Plan) -> list[Attempt]:
        """The attempts that may still succeed about what the plan is about: its claim, or one of its debts."""
        ...

    def states(self, bucket: int, attempt_ids: Collection[UUID]) -> dict[UUID, AttemptState]:
        """How attempts of one bucket stand; those that are not there are left out."""
        ...

    def claim_looks(
        self, bucket: int, now: datetime, lease_until: datetime, limit: int, account: UUID | None
    ) -> list[Attempt]:
        """Lease attempts whose look is due; another caller's lease is skipped. One that cannot be read is put off."""
        ...

    def put_off(self, bucket: int, reasons: Mapping[UUID, str], now: datetime) -> None:
        """Of attempts, by id, why a look came to nothing: they are looked at again after a growing pause."""
        ...


class Drafts(Protocol):
    """Invoices of the merchant's own that are not issued yet."""

    def lock(self, draft_id: UUID) -> Draft | None:
        """The draft, held until the transaction ends; None when there is none of that id."""
        ...

    def put(self, draft: Draft) -> None:
        """Write a new draft, or the next version of one."""
        ...


class Transaction(Protocol):
    """One transaction; committed when its block ends, nothing of it kept when the block raises."""

    @property
    def accounts(self) -> Accounts: ...

    @property
    def journal(self) -> Journal: ...

    @property
    def inbox(self) -> Inbox: ...

    @property
    def queue(self) -> Queue: ...

    @property
    def usage(self) -> Usage: ...

    @property
    def seats(self) -> Seats: ...

    @property
    def drafts(self) -> Drafts: ...

    @property
    def reconciliations(self) -> Reconciliations: ...

    @property
    def transfers(self) -> Receiving: ...

    @property
    def counts(self) -> Counts: ...

    @property
    def fleet(self) -> Fleet: ...

    @property
    def drift(self) -> Drift: ...

    @property
    def holds(self) -> Holds: ...

    @property
    def permits(self) -> Permits: ...

    @property
    def decisions(self) -> Decisions: ...

    @property
    def items(self) -> InvoiceItems: ...

    @property
    def carts(self) -> Carts: ...

    @property
    def registrations(self) -> Registrations: ...

    @property
    def methods(self) -> Methods: ...


class SettlementTransaction(Transaction, Protocol):
    """A transaction that may write committed state."""

    @property
    def books(self) -> Books: ...


class Store(Protocol):
    """Where flows begin transactions, and the catalog as it now is."""

    def begin(self) -> AbstractContextManager[Transaction]: ...

    def look(self) -> AbstractContextManager[Transaction]:
        """Reads, each by itself: cheaper than a transaction where one statement says it all."""
        ...

    def still(self) -> AbstractContextManager[Transaction]:
        """Reads that all see one moment."""
        ...

    def single(self) -> AbstractContextManager[Transaction]:
        """A transaction of one statement, which is committed as it ends: nothing to begin, nothing to wait for."""
        ...

    def catalog(self, needs: Collection[str] = ()) -> Catalog:
        """The catalog, at most about a second old; looked up anew when it lacks a price (by id) or a coupon (by code)
        of `needs`."""
        ...

    def basis(self, catalog: Catalog, policy: Policy) -> int:
        """A number that stands for all that verdicts rest on beside an account's rows: the catalog with the policies of
        segments, the policy of everybody else, and the code that judges."""
        ...


class Settlements(Protocol):
    """Where the settle flow begins its transactions; `single` as in `Store`."""

    def begin(self) -> AbstractContextManager[SettlementTransaction]: ...

    def single(self) -> AbstractContextManager[SettlementTransaction]: ...

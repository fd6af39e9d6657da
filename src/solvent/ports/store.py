"""The store boundary: what the flows read and write, as protocols over transactions.

Owns the grouping of the database into rooms: accounts (reads), journal (attempts), inbox, queue (recompute), usage,
seats (limits of coupons), and books (committed state). Only the settle flow is handed `Settlements`. Does not own any
SQL.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from solvent.core.account import Account, CollectionMethod
from solvent.core.attempt import Attempt
from solvent.core.booking import Booking
from solvent.core.catalog import Catalog
from solvent.core.coupon import Limit
from solvent.core.credit import CreditGrant, OwedLine, balance
from solvent.core.crediting import Claim
from solvent.core.disputing import Contested
from solvent.core.dunning import InEffect
from solvent.core.health import Assessment
from solvent.core.invoice import Invoice
from solvent.core.invoice_item import InvoiceItem
from solvent.core.manual import Draft
from solvent.core.meter import UsageEvent
from solvent.core.payment import AttemptState
from solvent.core.plan import Plan
from solvent.core.policy import Policy
from solvent.core.refunding import Returning
from solvent.core.settlement import Families, Live, Past
from solvent.core.snapshot import Snapshot
from solvent.core.subscription import Subscription
from solvent.core.surrender import HeldAccount
from solvent.core.usage import Reading, UsagePeriod
from solvent.ports.counts import Counts
from solvent.ports.drift import Drift
from solvent.ports.fees import FeeBooks
from solvent.ports.fleet import Fleet
from solvent.ports.items import InvoiceItems
from solvent.ports.provider import Notification, RefundReport, RefundRequest
from solvent.ports.reconciliation import Reconciliations
from solvent.ports.transfers import Receiving
from solvent.ports.valves import Decisions, Holds


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

    def set_clock(self, account_id: UUID, now: datetime) -> None: ...

    def moment(self, account_id: UUID, wall: datetime) -> datetime:
        """The account's present: its test clock where it has one, else `wall`; raises LookupError if unknown."""
        ...

    def view(self, account_id: UUID) -> AccountView | None: ...

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
        """Of due subscriptions that were claimed, until when each waits for usage that is invoiced with it."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A notification as the inbox holds it; `tries` counts this look. `attempt` is how the attempt stands that it names
    (None: we have none of that id), `refs` the money already recorded for it, `reason` why the last look came to
    nothing.
    """

    bucket: int
    notification: Notification
    tries: int = 1
    attempt: AttemptState | None = None
    refs: frozenset[str] = frozenset()
    reason: str | None = None


class Inbox(Protocol):
    """Notifications, each stored once by its provider's id."""

    def store(self, notification: Notification, bucket: int, now: datetime) -> bool: ...

    def claim(self, bucket: int, now: datetime, lease_until: datetime, limit: int) -> list[Received]: ...

    def finish(self, received: Sequence[Received]) -> None: ...

    def park(self, received: Received, reason: str) -> None: ...

    def put_off(self, received: Received, reason: str, now: datetime) -> None:
        """A look came to nothing: the next one is after a growing pause."""
        ...


class Queue(Protocol):
    """Accounts to be recomputed: at most one waiting and one running entry each."""

    def mark(self, account_ids: Sequence[UUID], reason: str, now: datetime) -> None: ...

    def mark_rechecks(self, bucket: int, now: datetime, limit: int, account: UUID | None) -> int: ...

    def claim(
        self, bucket: int, now: datetime, lease_until: datetime, limit: int, account: UUID | None
    ) -> list[UUID]: ...

    def snapshots(self, bucket: int, account_ids: Sequence[UUID]) -> list[Snapshot]: ...

    def examined(self, bucket: int, account_ids: Sequence[UUID], now: datetime) -> list[Snapshot]:
        """Snapshots with what the database says beside them; called in a transaction that is `still`."""
        ...

    def measured(self, bucket: int, account_ids: Collection[UUID]) -> list[UUID]:
        """Those of the accounts for which measures are in effect."""
        ...

    def finish(self, bucket: int, account_ids: Sequence[UUID]) -> None: ...


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
        """Store the events that are new and what they come to, and mark their accounts; how many they were. Called
        where each statement is a transaction: one for all, or one for each bucket."""
        ...

    def claim(self, bucket: int, now: datetime, limit: int, account: UUID | None) -> list[UsageOf]:
        """Accounts with a period that is over, or with a mark (taken away), and no attempt about usage in flight; of
        accounts on wall time, or one account. One that cannot be read is put off."""
        ...

    def put_off(self, bucket: int, reasons: Mapping[UUID, tuple[int, str]], now: datetime) -> None:
        """Of accounts, how often before and why their usage cannot be billed: it is due again after a growing pause."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatsTaken:
    """How many seats of a limit are taken, and the attempts behind some of those that may become free again."""

    taken: int = 0
    held: tuple[UUID, ...] = ()


class Seats(Protocol):
    """The limits of coupons, each with its seats. Every call is about one bucket."""

    def take(self, limit: Limit, attempt_id: UUID, now: datetime) -> bool:
        """Whether the attempt has a seat: the one that it took before, or one that was left."""
        ...

    def held(self, limit: Limit, count_max: int) -> SeatsTaken:
        """How many seats are taken, and the attempts behind up to `count_max` of those that may become free, the
        longest held first."""
        ...

    def sort_out(self, limit: Limit, committed: Collection[UUID], ended: Collection[UUID]) -> None:
        """Seats of attempts that have committed are never free again; those of attempts that otherwise ended are."""
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
    def decisions(self) -> Decisions: ...

    @property
    def items(self) -> InvoiceItems: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """What settlement looks at, locked in one order: account → attempt → subscription → invoice."""

    attempts: dict[UUID, Attempt]
    live: dict[UUID, Live]
    past: dict[UUID, Past]

    def consume(self, booking: Booking, families: Families) -> None:
        """Bring the facts to what they are after `booking`, for what is judged later in the same batch."""
        assert booking.attempt_id is not None, "what is judged in a batch is about attempts"
        assert booking.state is not None, f"attempt {booking.attempt_id}: booked without a state"
        attempt = self.attempts[booking.attempt_id]
        self.live[booking.account_id].follow(booking, families)
        self.past[attempt.id] = self.past.get(attempt.id, Past()).after(booking)
        self.attempts[attempt.id] = replace(attempt, state=booking.state, ref=booking.ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingAttempt:
    """What the journal remembers of an attempt that goes on."""

    attempt: Attempt
    look_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCredit:
    """An account, locked; and of its credit the `grant` that was named, or what is `known` of the idempotency key under
    which some is to be given: the grant that it stands for, and the hash of what came with it."""

    account: Account
    grant: CreditGrant | None = None
    known: tuple[UUID, bytes] | None = None


class Books(FeeBooks, Protocol):
    """Committed state. Nothing but the settle flow may reach it."""

    def lock(
        self, bucket: int, attempt_ids: Sequence[UUID], known: Mapping[UUID, Attempt] | None = None
    ) -> Locked:
        """Lock and read what judging these attempts looks at. Of those that are `known` as the journal has them (a plan
        never changes), only what may have moved since is read again."""
        ...

    def lock_accounts(self, bucket: int, account_ids: Sequence[UUID]) -> None:
        """Hold accounts against settlement, so that what is read of them next is what is written about."""
        ...

    def hold(
        self,
        bucket: int,
        invoice_id: UUID,
        key: str | None = None,
        reference: tuple[str, str] | None = None,
    ) -> Claim | None:
        """Lock and read an invoice with all that hangs on it, and what the caller's `key`, or a payment's method and
        `reference`, stand for already; None when there is no invoice of that id."""
        ...

    def hold_account(self, bucket: int, invoice_id: UUID) -> HeldAccount | None:
        """Lock and read an invoice's account with its live subscriptions; None when there is no invoice of that id."""
        ...

    def recorded(
        self, account_id: UUID, reference: tuple[str, str]
    ) -> tuple[UUID, int, Sequence[UUID]] | None:
        """The payment that no provider took under a method and reference: its (first) id, amount and invoices."""
        ...

    def contest(self, bucket: int, provider: str, payment_ref: str, dispute_ref: str) -> Contested | None:
        """Lock and read a payment, by its provider's name for it, with all that a dispute of it touches; None when it
        is not in the books."""
        ...

    def hold_credit(
        self, bucket: int, account_id: UUID, grant_id: UUID | None, key: str | None
    ) -> HeldCredit | None:
        """Lock and read an account and, if one is named, a grant of its credit (else what `key` gave); None when there
        is none of that id."""
        ...

    def number(self, bucket: int, entity: str, document: str = "") -> tuple[str, int]:
        """The next (series, number) of a legal entity's invoices, or of the kind of `document` whose mark the series
        bears; gapless, because the bucket's head stays locked."""
        ...

    def replan(self, bucket: int, attempts: Sequence[Attempt]) -> None:
        """Record the plans of attempts that were planned anew."""
        ...

    def write(
        self, bucket: int, bookings: Sequence[tuple[Booking, datetime]], marked_at: datetime | None = None
    ) -> None:
        """Everything the bookings hold, each at its own moment, with events in order; their accounts are to be
        recomputed from `marked_at` on (None: nobody asks for that)."""
        ...

    def wait(self, bucket: int, waiting: Sequence[WaitingAttempt]) -> bool:
        """Remember where attempts stand that go on; whether all of them still were in flight."""
        ...

    def assess(self, bucket: int, assessments: Sequence[Assessment]) -> None: ...

    def detach(self, method: CollectionMethod, now: datetime) -> None: ...

    def claim_refunds(
        self, bucket: int, now: datetime, lease_until: datetime, limit: int, account: UUID | None
    ) -> list[tuple[str, RefundRequest]]:
        """Lease refunds to be asked for, each with its provider's name."""
        ...

    def hold_refunds(self, bucket: int, refund_ids: Sequence[UUID]) -> list[Returning]:
        """Lock and read refunds that have not ended; others are left out."""
        ...

    def postpone_refunds(self, bucket: int, waiting: Sequence[tuple[RefundReport, datetime]]) -> None:
        """Remember refunds that go on, and when each is looked at again."""
        ...


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
        """The catalog, at most about a second old; looked up anew when it lacks a price of `needs`."""
        ...

    def basis(self, catalog: Catalog, policy: Policy) -> int:
        """A number that stands for all that verdicts rest on beside an account's rows: the catalog with the policies of
        segments, the policy of everybody else, and the code that judges."""
        ...


class Settlements(Protocol):
    """Where the settle flow begins its transactions; `single` as in `Store`."""

    def begin(self) -> AbstractContextManager[SettlementTransaction]: ...

    def single(self) -> AbstractContextManager[SettlementTransaction]: ...

"""The provider boundary: one small, total contract in our own words.

Owns what a payment provider must be able to do, and the two ways in which a call may fail. Does not own provider
nouns: an adapter translates, and whatever it does not recognise becomes `Outcome.UNKNOWN`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from solvent.core.dispute import DisputeReport, Evidence
from solvent.core.movement import Movement
from solvent.core.payment import ActionKind, Authentication, MethodSeen, Path, Report
from solvent.core.recurring import Recurring
from solvent.core.way import WayKind


class ProviderSilent(Exception):
    """No answer, or none that can be read: the provider may or may not have acted. The outcome is unknown."""


class ProviderDown(Exception):
    """The provider was certainly not reached, or turned the call away: nothing has happened, the same call may be
    tried later; not before `retry_after_s`, where the provider said so."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NotificationRefused(Exception):
    """A notification that is forged, stale or malformed; the message says which, and nothing is stored."""


class DisputeAnswer(StrEnum):
    """What a merchant can do about a dispute through the provider's interface."""

    EVIDENCE = "evidence"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a provider can do, as a table: whoever needs to know asks it, never the provider's name.

    `partial_refunds`: a payment can be given back in parts; else whole or not at all, and what is less becomes account
    credit. `mandates`: a mandate for charges without the customer can be confirmed with a method (one that has none
    says `off_session=False`, and is never charged without the customer); else it gets no setups.
    `delayed_settlement`: some methods stay *processing* for days, and are asked about some times a day; else soon and
    then ever less often. `minimums`: the least amount per currency, in minor units; 1 where none is
    given. `three_ds_control`: the kinds of methods whose payer it authenticates whenever a request with the customer
    says so (3-D Secure, an app); none: it decides by itself. `recorded`: nothing is known of its payments but what the
    merchant records (bank transfers, cheques): they are *processing* until then, nobody notifies of them, nothing is
    given back in this way, and a payment only goes there when it was meant to. `commits_first`: the paths on which the
    provider, in the mode that is configured, commits before the payment is confirmed; none of ours does. `kinds`: the
    kinds of methods that it takes (card, wallet, bank_debit, agreement, transfer, …); None: it does not say.
    `ways`: what a customer who is present can choose there. `public_key`: what the provider's own part of a page names
    the merchant by, which anybody may read; without it the provider has no part in our pages.
    `copies_subscriptions`: it keeps subscriptions of its own beside ours (`ports.copies`), and is told of the one
    that a payment with the customer begins or changes.
    `tells_expiry`: it says of its cards until when they work, and notifies when that changes. `imports`: what the
    payer agreed on at the provider before it was reached through us becomes a method by confirming a setup with its
    name, without the payer; this is the pattern of such names. None: there is no such thing.
    `keeps_customers`: it keeps who our accounts are (`ports.customers`), and is told when that changes.
    """

    actions: frozenset[ActionKind]
    off_session: bool
    partial_refunds: bool
    mandates: bool
    delayed_settlement: bool
    three_ds_control: frozenset[str] = frozenset()
    currencies: frozenset[str] | None = None  # None: every ISO 4217 currency
    minimums: Mapping[str, int] = field(default_factory=dict)
    recorded: bool = False
    commits_first: frozenset[Path] = frozenset()
    dispute_answers: frozenset[DisputeAnswer] = frozenset()  # none: only in the provider's own dashboard
    kinds: frozenset[str] | None = None
    ways: tuple[WayKind, ...] = (WayKind.CARD,)
    public_key: str | None = None
    copies_subscriptions: bool = False
    tells_expiry: bool = False
    imports: str | None = None
    keeps_customers: bool = False

    def takes(self, currency: str) -> bool:
        """Whether the provider moves money in it."""
        return self.currencies is None or currency in self.currencies

    def brings(self, kind: str | None) -> bool:
        """Whether a customer can bring that kind of method there; True for any kind."""
        return kind is None or self.kinds is None or kind in self.kinds

    def authenticates(self, kind: str | None) -> bool:
        """Whether it authenticates the payer on demand, by that kind of method; None: by some kind that it takes."""
        return bool(self.three_ds_control) if kind is None else kind in self.three_ds_control

    def least(self, currency: str) -> int:
        """The least amount that can be charged in it, in minor units."""
        return self.minimums.get(currency, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequest:
    """One attempt as the provider sees it. `key` (our attempt id) is the idempotency key and never changes.

    `amount` in minor units; 0 with `setup` asks only for a mandate. `method` is a vaulted token or None when the
    customer brings the method at confirmation. `kind` is the kind of method that the customer chose to
    bring, one of the provider's `kinds`; None leaves it open. `customer` is our account id: adapters keep the mapping.
    `return_url` is
    where a redirect ends, if the merchant said so. `recurring` is what it begins or changes, told to a provider that
    copies subscriptions; the amount is `amount` all the same. `authentication` is what is sold demands: PREFERRED is
    for the adapter to follow where it can; REQUIRED comes only to one with `three_ds_control`, which then takes no
    method whose payer it cannot authenticate; without the customer it is AUTOMATIC.
    """

    key: UUID
    customer: UUID
    amount: int
    currency: str
    setup: bool
    off_session: bool
    method: str | None
    expires_at: datetime
    description: str
    return_url: str | None = None
    kind: str | None = None
    authentication: Authentication = Authentication.AUTOMATIC
    recurring: Recurring | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """Money back for one succeeded payment; `key` is our refund's id and the idempotency key."""

    key: UUID
    payment_ref: str
    amount: int
    currency: str


class RefundOutcome(StrEnum):
    """How a refund stands."""

    SUCCEEDED = "succeeded"
    PROCESSING = "processing"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundReport:
    """What a provider says of one refund. `unmapped` as in `Report`."""

    outcome: RefundOutcome
    key: UUID
    ref: str | None = None
    unmapped: str | None = None


class Subject(StrEnum):
    """What a notification is about."""

    ATTEMPT = "attempt"
    REFUND = "refund"
    DISPUTE = "dispute"
    METHOD = "method"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A verified hint that something changed: which attempt to ask about, never what to believe of it.

    `id` is the provider's own id of the notification; `key` is our attempt (or refund) id, None when unknown to us.
    `ref` is the provider's own name for the subject: of a dispute, that of the dispute; of a method, its
    token, or what stands before the first `/` of that: behind it an adapter keeps what a notification does not name.
    """

    id: str
    provider: str
    subject: Subject
    key: UUID | None
    ref: str | None
    occurred_at: datetime


class Provider(Protocol):
    """One payment provider. Every method is safe to repeat with the same key; each may raise `ProviderSilent`
    (outcome unknown) or `ProviderDown` (certainly nothing happened).

    A status that the adapter has no translation for is reported as UNKNOWN, with the provider's word in
    `Report.unmapped`. No secret may be in an exception's message, a log, or any value but `NextAction.client_secret`
    and `NextAction.url`, which are not stored: `get` must give them again.
    An adapter is called by `providers.boundary` alone, which waits, tries again and gives up in its place.
    """

    @property
    def name(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    def open(self, request: PaymentRequest) -> Report:
        """Open an on-session intent, order or setup. Moves no money; returns the customer's next action."""
        ...

    def charge(self, request: PaymentRequest) -> Report:
        """Charge the stored `request.method` off-session. Needing the customer is FAILED(authentication_required)."""
        ...

    def confirm(self, key: UUID, ref: str, method: str | None) -> Report:
        """Complete an opened attempt after the customer's part: confirm with `method`, or capture an approval. `method`
        is what the payer brought, of adapters whose `actions` have CONFIRM; else ours: stored, or imported."""
        ...

    def get(self, key: UUID, ref: str | None) -> Report | None:
        """How the attempt stands now, looked up by `ref` or by our key; None: the provider never heard of it."""
        ...

    def payments_of(self, key: UUID, ref: str | None) -> Iterable[Report]:
        """Every money movement the provider made for our key: more than one succeeded is a duplicate charge. `ref` is
        the attempt's, or that of a notification about it, where it is known: to some providers only that is quick."""
        ...

    def cancel(self, key: UUID, ref: str | None) -> Report | None:
        """Make sure the attempt can no longer succeed: FAILED(canceled), or the outcome that came first."""
        ...

    def refund(self, request: RefundRequest) -> RefundReport:
        """Give back all or part of a succeeded payment."""
        ...

    def get_refund(self, ref: str) -> RefundReport | None:
        """How a refund stands now, by the provider's name for it; None: it is none of ours. One that had succeeded may
        have failed since."""
        ...

    def refunds_since(self, since: datetime) -> Iterable[RefundReport]:
        """Our refunds that changed since then, oldest first, each as it stands now."""
        ...

    def detach(self, token: str) -> None:
        """Forget a vaulted method; forgetting it twice is not an error."""
        ...

    def get_method(self, token: str) -> MethodSeen | None:
        """A vaulted method as the provider knows it now: its bank may have renewed it. None: nothing is known of it."""
        ...

    def reports_since(self, since: datetime) -> Iterable[Report]:
        """What changed since then, oldest first: attempts, and charges made once more. Repairs missed notifications."""
        ...

    def disputes_since(self, since: datetime) -> Iterable[DisputeReport]:
        """Disputes that changed since then, oldest first."""
        ...

    def movements_since(self, since: datetime, until: datetime) -> Iterable[Movement]:
        """What moved on our balance from `since` to before `until`, in any order: every payment and refund, with what
        the provider kept of it, and what else it lists. Each bears the same name however often it is asked for; some of
        just before or after may be among them."""
        ...

    def get_dispute(self, ref: str) -> DisputeReport | None:
        """How a dispute stands now; None: the provider never heard of it."""
        ...

    def submit_evidence(self, ref: str, evidence: Evidence) -> DisputeReport | None:
        """Answer a dispute, and say how it then stands; where it can no longer be answered, that changes nothing."""
        ...

    def accept_dispute(self, ref: str) -> DisputeReport | None:
        """Leave the money to the payer, and say how it then stands; once it is decided, that changes nothing."""
        ...

    def parse(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notification:
        """Verify a notification's signature and age; raises `NotificationRefused`. Header names are lower case."""
        ...

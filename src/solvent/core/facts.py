"""Facts: what one verdict writes, as values.

Owns the shape of a booking and of each fact in it, and the desk at which one is made. Does not own how facts come
about nor their arithmetic (`booking`, where readers import these names from), nor any table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from solvent.core import events as ev
from solvent.core.catalog import Catalog
from solvent.core.coupon import CouponUse
from solvent.core.credit import CreditGrant
from solvent.core.credit_note import CreditLine
from solvent.core.dispute import Dispute, Taken
from solvent.core.entitlement import Grant
from solvent.core.invoice import Invoice, InvoiceState, Line, spell_number
from solvent.core.ladder import Scope
from solvent.core.language import Language
from solvent.core.ledger import Posting
from solvent.core.payment import AttemptState, FailureCause, ProofKind, ProviderView, VaultedMethod
from solvent.core.plan import Billed, ItemUse
from solvent.core.policy import Policy
from solvent.core.proration import Counting
from solvent.core.registration import Wanted
from solvent.core.subscription import Subscription
from solvent.core.usage import Cut, UsagePeriod

APPLIED, CREDITED, REFUNDED = "applied", "credited", "refunded"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFact:
    """One movement of money to us. `disposition`: applied (to `invoice_id`), credited or refunded (`reason`).

    `received_at` is when it came, if that was before it was booked. Money that pays several debts is a `part` for each,
    counted from 1, under one `ref`. `of_debt` counts the debts that its invoice has been: one that is charged back is
    owed anew.
    """

    id: UUID
    provider: str
    ref: str
    amount: int
    currency: str
    disposition: str
    reason: str | None = None
    invoice_id: UUID | None = None
    received_at: datetime | None = None
    part: int = 1
    of_debt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFact:
    """Why a commit may happen; `of_plan` marks the one commit of the attempt's plan."""

    id: UUID
    kind: ProofKind
    of_plan: bool
    amount: int
    currency: str
    payment_id: UUID | None = None
    grace_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFact:
    """An invoice as it is issued; `paid` of `total` minor units, of which `tax` is tax, are settled in the same
    commit."""

    id: UUID
    subscription_id: UUID | None
    series: str
    number: int
    currency: str
    tax: int
    total: int
    paid: int
    issued_at: datetime
    due_at: datetime
    lines: tuple[Line, ...]
    reference: str | None = None
    notes: str | None = None
    language: Language = Language.EN

    def value(self, account_id: UUID) -> Invoice:
        """The invoice as it stands when it has just been issued."""
        return Invoice(
            id=self.id,
            account_id=account_id,
            subscription_id=self.subscription_id,
            number=spell_number(self.series, self.number),
            state=InvoiceState.PAID if self.paid == self.total else InvoiceState.OPEN,
            currency=self.currency,
            tax=self.tax,
            total=self.total,
            paid=self.paid,
            issued_at=self.issued_at,
            due_at=self.due_at,
            version=1,
            reference=self.reference,
            notes=self.notes,
            language=self.language,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledInvoice:
    """An issued invoice of which less is owed than before, or more, as it is `after`: paid, credited, given up (with
    its subscription, or with the account; `decided`: by the engine) or charged back."""

    after: Invoice
    gave_up: Scope | None = None
    decided: bool = False

    @property
    def id(self) -> UUID:
        """The invoice."""
        return self.after.id


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteFact:
    """A credit note as it is issued: `amount` of an invoice is credited, line by line.

    Of it `to_debt` lowers what is owed; `to_refund` and `to_credit` give back what was paid. `credited_before` sums the
    earlier credit notes of the invoice. `key` and `input_hash` make a repetition the same credit note. `counted`: how
    the time of its lines was, where nobody uses that any more. `of_usage`: it gives back usage that was billed beyond
    what was used.
    """

    id: UUID
    invoice_id: UUID
    series: str
    number: int
    currency: str
    amount: int
    credited_before: int
    to_debt: int
    to_refund: int
    to_credit: int
    lines: tuple[CreditLine, ...]
    reason: str
    issued_by: str
    key: str
    input_hash: bytes
    counted: Counting | None = None
    of_usage: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFact:
    """Money to be given back by the provider; `refunded_before` sums the earlier refunds of the payment. `retry_of` is
    the refund that failed or came back, where this one sends it again: it takes the place of that one in the sum. `key`
    and `input_hash` make a repetition the same refund, where no credit note does."""

    id: UUID
    payment_id: UUID
    amount: int
    currency: str
    reason: str
    refunded_before: int = 0
    credit_note_id: UUID | None = None
    retry_of: UUID | None = None
    key: str | None = None
    input_hash: bytes | None = None


class RefundState(StrEnum):
    """How a refund ended. RETURNED: it had succeeded, and its money came back."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundEnd:
    """How a refund ended at its provider, which calls it `ref`."""

    id: UUID
    state: RefundState
    ref: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeFact:
    """What a provider kept of one movement, by its own name for it; `amount` below zero was given back."""

    id: UUID
    payment_id: UUID
    provider: str
    movement: str
    amount: int
    currency: str
    charged_at: datetime


class UseKind(StrEnum):
    """What a grant was used for: an invoice, or nothing any more."""

    INVOICE = "invoice"
    EXPIRED = "expired"
    VOIDED = "voided"
    REFUNDED = "refunded"
    CHARGED_BACK = "charged_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditUse:
    """`amount` minor units that a grant has less from now on; of an invoice, for its line at position `line`."""

    grant_id: UUID
    amount: int
    kind: UseKind
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodFact:
    """A method vaulted as a by-product of paying. `known`: it was on file before, and has now proved to work."""

    id: UUID
    vaulted: VaultedMethod
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What one verdict writes, in one transaction. `cause_id` groups its postings.

    It is about the attempt `attempt_id`, which then is in `state`; both are None for what needs no attempt.
    `provider_view` is what the provider said that led to it.

    `credit_grants` are new, and `credit_uses` take from grants, of the invoice that it issues or settles. `usage` is
    what it bills of usage periods, `periods` are those that must be open after it, and `cut` ends others. `items` had
    waited for its invoice. `coupons` are the redemptions it changes. `registrations` are names to be
    registered now that they are paid. `stands_on` is the proof on which `subscription` stands where the
    booking has none of its own; `money_in` the currency, where no fact says.
    `others` are what it does to further subscriptions, each as a booking of that alone.
    """

    account_id: UUID
    attempt_id: UUID | None = None
    state: AttemptState | None = None
    cause_id: UUID | None = None
    cause: FailureCause | None = None
    ref: str | None = None
    provider_view: ProviderView | None = None
    proof: ProofFact | None = None
    payment: PaymentFact | None = None
    subscription: Subscription | None = None
    stands_on: UUID | None = None
    items_changed: bool = False
    grants: tuple[Grant, ...] = ()
    invoice: InvoiceFact | None = None
    settled: SettledInvoice | None = None
    credit_note: CreditNoteFact | None = None
    postings: tuple[Posting, ...] = ()
    credit_grants: tuple[CreditGrant, ...] = ()
    credit_uses: tuple[CreditUse, ...] = ()
    refund: RefundFact | None = None
    refund_end: RefundEnd | None = None
    fee: FeeFact | None = None
    dispute: Dispute | None = None
    charged_back: tuple[Taken, ...] = ()
    method: MethodFact | None = None
    invalid_method: UUID | None = None
    usage: tuple[Billed, ...] = ()
    periods: tuple[UsagePeriod, ...] = ()
    cut: Cut | None = None
    coupons: tuple[CouponUse, ...] = ()
    items: tuple[ItemUse, ...] = ()
    registrations: tuple[Wanted, ...] = ()
    events: tuple[ev.Event, ...] = ()
    money_in: str | None = None
    others: tuple["Booking", ...] = ()

    @property
    def credit(self) -> int:
        """What it adds to the account's credit, in minor units of `currency`."""
        return sum(x.amount for x in self.credit_grants) - sum(x.amount for x in self.credit_uses)

    @property
    def currency(self) -> str | None:
        """The one currency of its amounts; None when it has none."""
        fact = self.proof or self.payment or self.credit_note or self.refund
        return self.money_in if fact is None else fact.currency


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What booking needs besides facts: catalog, policy, the moment (UTC) and new ids; and whether a provider
    gives payments back in parts."""

    catalog: Catalog
    policy: Policy
    now: datetime
    draw: Callable[[], UUID]
    in_parts: Callable[[str], bool] = lambda _: True

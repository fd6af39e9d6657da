"""Events: the facts that Solvent publishes, one frozen class each.

Owns their names and payloads (amounts in minor units). They are written in the transaction that made them true and
published in order per account. Does not own delivery (`relay`). What a provider sends is a notification, no event.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The common parent; `type` is the public name."""

    type: ClassVar[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCreated(Event):
    """A customer was registered."""

    type: ClassVar[str] = "account.created"
    segment: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTaxChanged(Event):
    """What decides about a customer's tax changed: place, VAT number or exemption. It counts for later charges."""

    type: ClassVar[str] = "account.tax_changed"
    country: str
    region: str | None
    exempt: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountProfileChanged(Event):
    """Who a customer is on documents, or the language it is written to in, changed: these `fields`. It counts for later
    documents and messages."""

    type: ClassVar[str] = "account.profile_changed"
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTermsChanged(Event):
    """A customer was given terms of its own (`terms_days`, `together`), or (None) those of its segment again."""

    type: ClassVar[str] = "account.terms_changed"
    terms_days: int | None
    together: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodAdded(Event):
    """A collection method was vaulted, as a by-product of paying or on its own."""

    type: ClassVar[str] = "method.added"
    method_id: UUID
    provider: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodInvalidated(Event):
    """A provider declined a method for good; it is not tried again."""

    type: ClassVar[str] = "method.invalidated"
    method_id: UUID
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodDetached(Event):
    """The customer removed a method."""

    type: ClassVar[str] = "method.detached"
    method_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionStarted(Event):
    """A new subscription exists, with the proof that let it begin."""

    type: ClassVar[str] = "subscription.started"
    subscription_id: UUID
    proof: str
    period_end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionChanged(Event):
    """Items or interval changed at once."""

    type: ClassVar[str] = "subscription.changed"
    subscription_id: UUID
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeScheduled(Event):
    """What is to happen at the period's end was set or dropped."""

    type: ClassVar[str] = "subscription.scheduled"
    subscription_id: UUID
    at: datetime
    cancel: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRenewed(Event):
    """A further period began, with the proof that let it begin."""

    type: ClassVar[str] = "subscription.renewed"
    subscription_id: UUID
    proof: str
    period_end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionEnded(Event):
    """A subscription is over."""

    type: ClassVar[str] = "subscription.ended"
    subscription_id: UUID
    reason: str
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GraceGranted(Event):
    """A collection failed, and policy lets service go on for a bounded time and amount."""

    type: ClassVar[str] = "grace.granted"
    invoice_id: UUID
    amount: int
    cause: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GraceLifted(Event):
    """What was owed for a period on grace has been paid."""

    type: ClassVar[str] = "grace.lifted"
    subscription_id: UUID
    invoice_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceIssued(Event):
    """An invoice exists that is still owed."""

    type: ClassVar[str] = "invoice.issued"
    invoice_id: UUID
    number: str
    total: int
    debt: int
    currency: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaid(Event):
    """Nothing is owed on an invoice any more (it may have been issued in the same moment)."""

    type: ClassVar[str] = "invoice.paid"
    invoice_id: UUID
    number: str
    total: int
    currency: str
    proof: str
    payment_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceResolved(Event):
    """Nothing is owed on an invoice any more, wholly or in part for another reason than being paid: it was credited, or
    had been given up. `paid` is what is kept of payments and used credit."""

    type: ClassVar[str] = "invoice.resolved"
    invoice_id: UUID
    number: str
    total: int
    credited: int
    paid: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceReopened(Event):
    """Something is owed again on an invoice that was settled (`before`: paid or resolved): a payment of it was charged
    back. Its age counts from its own due date."""

    type: ClassVar[str] = "invoice.reopened"
    invoice_id: UUID
    number: str
    before: str
    debt: int
    currency: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceUncollectible(Event):
    """An invoice was given up: `by` whom and for which `reason`. `debt` is still truly owed; the unused time in advance
    has been `credited`."""

    type: ClassVar[str] = "invoice.uncollectible"
    invoice_id: UUID
    number: str
    debt: int
    credited: int
    currency: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReceived(Event):
    """A payment from outside any provider was recorded for an invoice, which then owes `debt`."""

    type: ClassVar[str] = "payment.received"
    payment_id: UUID
    invoice_id: UUID
    method: str
    reference: str
    amount: int
    debt: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteIssued(Event):
    """A credit note lowered an invoice by `amount`, to `debt`; of what was paid it gives back `to_refund` to the method
    and `to_credit` as account credit."""

    type: ClassVar[str] = "credit_note.issued"
    credit_note_id: UUID
    number: str
    invoice_id: UUID
    amount: int
    debt: int
    to_refund: int
    to_credit: int
    currency: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditGranted(Event):
    """An account has a new grant of credit. `reason`: the intent of the plan that granted it, why money was stranded,
    surplus, a credit note, a refund that the provider refused, or the merchant's own words. `kind`: goodwill,
    sponsored, prepaid (bought) or returned (money that is kept)."""

    type: ClassVar[str] = "credit.granted"
    grant_id: UUID
    kind: str
    amount: int
    currency: str
    reason: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditUsed(Event):
    """Account credit paid for (a part of) an invoice."""

    type: ClassVar[str] = "credit.used"
    amount: int
    currency: str
    invoice_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponRedeemed(Event):
    """A coupon was redeemed, on a subscription or by a one-off purchase (without one)."""

    type: ClassVar[str] = "coupon.redeemed"
    redemption_id: UUID
    coupon_id: str
    code: str
    subscription_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponEnded(Event):
    """A redeemed coupon counts for nothing more, after `used` periods: they are over, it was removed, or its
    subscription ended."""

    type: ClassVar[str] = "coupon.ended"
    redemption_id: UUID
    coupon_id: str
    code: str
    subscription_id: UUID | None
    used: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTaken(Event):
    """Account credit that had come of a payment went with it: the payment was charged back."""

    type: ClassVar[str] = "credit.taken"
    amount: int
    currency: str
    dispute_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditExpired(Event):
    """What was left of a grant of credit has expired."""

    type: ClassVar[str] = "credit.expired"
    grant_id: UUID
    kind: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditVoided(Event):
    """The merchant took back what was left of a grant of credit that was given without money: who, and why."""

    type: ClassVar[str] = "credit.voided"
    grant_id: UUID
    kind: str
    amount: int
    currency: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRefunded(Event):
    """Money that was kept as account credit is on its way back to the method it came from; why."""

    type: ClassVar[str] = "credit.refunded"
    refund_id: UUID
    payment_id: UUID
    amount: int
    currency: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyStranded(Event):
    """Money arrived for a plan that no longer applies, late, or twice; `disposition` says what became of it:
    credited, refunded, or replanned (it paid for the same change, planned anew)."""

    type: ClassVar[str] = "payment.stranded"
    payment_id: UUID
    amount: int
    currency: str
    reason: str
    disposition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSettled(Event):
    """A refund reached its end at the provider."""

    type: ClassVar[str] = "refund.settled"
    refund_id: UUID
    payment_id: UUID
    amount: int
    currency: str
    succeeded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundReturned(Event):
    """A refund that had succeeded came back from the payer's bank. `became`: credit, or refund (`retry_id`, the second
    try)."""

    type: ClassVar[str] = "refund.returned"
    refund_id: UUID
    payment_id: UUID
    amount: int
    currency: str
    became: str
    retry_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeTold(Event):
    """What every event about a dispute tells: `amount` of a payment (and its invoice) is contested for a `reason`; in
    which `state` the dispute is, and until when it can be answered."""

    dispute_id: UUID
    payment_id: UUID
    invoice_id: UUID | None
    amount: int
    currency: str
    state: str
    reason: str
    evidence_due_by: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeOpened(DisputeTold):
    """A payer contests a payment. Unless it is only a warning, the provider has taken the money back for now."""

    type: ClassVar[str] = "dispute.opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeUpdated(DisputeTold):
    """A dispute moved on, or its amount, reason, deadline or fee changed."""

    type: ClassVar[str] = "dispute.updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeWon(DisputeTold):
    """A dispute was decided for the merchant, or withdrawn: the money is the merchant's. It may follow a loss."""

    type: ClassVar[str] = "dispute.won"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeLost(DisputeTold):
    """A dispute was decided for the payer, or accepted: the money is gone, and what it paid is owed again."""

    type: ClassVar[str] = "dispute.lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class DunningNotice(Event):
    """The customer, or somebody of the merchant, is to be told of an unpaid invoice: once by rung. `cause` is the class
    of its last failure: where it is `action_needed`, only the customer can pay, on-session."""

    type: ClassVar[str] = "dunning.notice"
    invoice_id: UUID
    rung: str
    channels: tuple[str, ...]
    cause: str
    debt: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureTold:
    """A measure, because of an invoice's rung; it touches one subscription, or (null) all of the account, and of that
    these products alone, where it names any."""

    measure: str
    subscription_id: UUID | None
    products: tuple[str, ...]
    invoice_id: UUID
    rung: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DunningChanged(Event):
    """Other measures are in effect because of what is owed than before; with none, everything was lifted. `before` and
    `after` are their kinds; each that `begun` or was `lifted` says what it touches, so that a second one of a kind is
    told as well."""

    type: ClassVar[str] = "dunning.changed"
    before: tuple[str, ...]
    after: tuple[str, ...]
    begun: tuple[MeasureTold, ...]
    lifted: tuple[MeasureTold, ...]
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingChanged(Event):
    """The account's assessed health changed."""

    type: ClassVar[str] = "standing.changed"
    before: str
    after: str

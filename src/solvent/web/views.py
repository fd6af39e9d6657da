"""Views: what answers carry, as structs.

Owns the public shape of accounts, subscriptions, plans, invoices and the like. Ids are spelled with their prefix,
amounts are minor units beside their currency, with a text where people look. Does not own how values of the core
become them (`present`).
"""

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta, Struct

from solvent.core.entitlement import Feature
from solvent.core.tax import Treatment
from solvent.web.fields import (
    AccountId,
    AmountText,
    CreditGrantId,
    Currency,
    InvoiceId,
    InvoiceItemId,
    ItemId,
    MethodId,
    Minor,
    RedemptionId,
    SubscriptionId,
)


class PeriodView(Struct, frozen=True):
    """From `start` (included) to `end` (not included), UTC."""

    start: datetime
    end: datetime


class IntervalView(Struct, frozen=True):
    """How long a period is."""

    unit: str
    count: int


class AddressView(Struct, frozen=True, kw_only=True):
    """A postal address in the account's country."""

    lines: list[str]
    city: str
    postal_code: str | None
    region: str | None


class AccountView(Struct, frozen=True, kw_only=True):
    """One customer of the merchant. `test_clock` is the account's own present, null on real time. `terms_days` and
    `together` are its own terms, null where its segment's hold. `closed_at` is null while it is open."""

    id: AccountId
    segment: str
    currency: Currency
    country: str
    time_zone: str
    email: str
    name: str
    entity: str
    terms_days: int | None
    together: str | None
    language: str
    region: str | None
    tax_id: str | None
    tax_exempt: bool
    test_clock: datetime | None
    closed_at: datetime | None
    address: AddressView | None


class ItemView(Struct, frozen=True, kw_only=True):
    """One price × quantity on one billable object."""

    id: ItemId
    price_id: str
    quantity: int
    object: str


class PendingView(Struct, frozen=True, kw_only=True):
    """What happens when the period ends: `cancel`, or these items (null: as they are), or another interval."""

    cancel: bool
    items: list[ItemView] | None
    interval: IntervalView | None


class AppliedCouponView(Struct, frozen=True, kw_only=True):
    """A coupon that counts for a subscription, has counted for its current period (`removed`), or waits for a charge
    that it is for (`periods_used` 0). `share`: what it takes off a period at most, of a fixed amount that was redeemed
    for several parts of a cart (null: all of it)."""

    redemption_id: RedemptionId
    coupon_id: str
    redeemed_at: datetime
    periods_used: int
    removed: bool
    share: int | None


class SubscriptionView(Struct, frozen=True, kw_only=True):
    """A subscription as of one version. `grace_until` is set while its period is not paid but granted."""

    id: SubscriptionId
    account_id: AccountId
    state: str
    currency: Currency
    interval: IntervalView
    period: PeriodView
    items: list[ItemView]
    pending: PendingView | None
    coupons: list[AppliedCouponView]
    version: int
    grace_until: datetime | None
    ended_at: datetime | None
    end_reason: str | None


class TaxView(Struct, frozen=True, kw_only=True):
    """One tax on one line: `amount` on the net amount `base`, at `rate` percent, with a sentence to check it by. Where
    none is charged, `treatment` says why, and `name` is empty."""

    name: str
    jurisdiction: str
    rate: str
    treatment: Treatment
    base: Minor
    amount: Minor
    explanation: str
    registration: Annotated[
        str | None,
        Meta(description="The legal entity's number under which it is collected, as documents print it."),
    ]


class LineView(Struct, frozen=True, kw_only=True):
    """One line; `explanation` is a sentence with which a person can check the amount. `inclusive`: the amount contains
    the tax. `net` + `tax` = `gross` in any case. A `discount` is on the line before it, and comes from `coupon_id`.
    `product_id` is of a line without a price; `invoice_item_id` had waited for the invoice."""

    kind: str
    description: str
    explanation: str
    quantity: int
    amount: Minor
    amount_text: AmountText
    inclusive: bool
    net: Minor
    tax: Minor
    gross: Minor
    taxes: list[TaxView]
    price_id: str | None
    item_id: ItemId | None
    object: str | None
    period: PeriodView | None
    coupon_id: str | None
    product_id: str | None
    invoice_item_id: InvoiceItemId | None


class DrawView(Struct, frozen=True, kw_only=True):
    """What a grant of credit pays of the line at that position, from 1."""

    grant_id: CreditGrantId
    line: int
    amount: Minor


class PlannedCreditNoteView(Struct, frozen=True, kw_only=True):
    """A credit note of a change, or of usage that came to less than was billed: of its amount `to_debt` lowers what is
    owed on the invoice."""

    invoice_id: InvoiceId
    amount: Minor
    to_debt: Minor


class PlanView(Struct, frozen=True, kw_only=True):
    """What a change comes to: its lines, what is due now, and the subscription as it is after. `invoice_lines` are
    those of the invoice that it issues: the same, but where it comes to less than nothing; then of unused time what
    pays for its charges, and the rest by `credit_notes`."""

    path: str
    intent: str
    currency: Currency
    lines: list[LineView]
    invoice_lines: list[LineView]
    net: Minor
    tax: Minor
    tax_text: AmountText
    total: Minor
    total_text: AmountText
    credit_used: Minor
    draws: list[DrawView]
    credit_granted: Minor
    credit_notes: list[PlannedCreditNoteView]
    due: Minor
    due_text: AmountText
    terms_days: int
    needs_setup: bool
    proof: str
    after: SubscriptionView | None
    planned_at: datetime
    expires_at: datetime


class MethodView(Struct, frozen=True, kw_only=True):
    """A vaulted collection method. `off_session`: its mandate allows charges without the customer; `expires_on`: the
    last day on which it works, where its provider says so."""

    id: MethodId
    account_id: AccountId
    provider: str
    kind: str
    label: str
    state: str
    off_session: bool
    priority: int
    expires_on: date | None


class GrantView(Struct, frozen=True, kw_only=True):
    """What one item gives on one billable object, from `starts_at` until before `ends_at`."""

    item_id: ItemId
    subscription_id: SubscriptionId
    product_id: str
    object: str
    quantity: int
    features: dict[str, Feature]
    starts_at: datetime
    ends_at: datetime


class InvoiceView(Struct, frozen=True, kw_only=True):
    """An issued invoice. `net` + `tax` = `total`; `debt` is total − credited − paid, everywhere it is shown."""

    id: InvoiceId
    account_id: AccountId
    subscription_id: SubscriptionId | None
    number: str
    state: str
    currency: Currency
    net: Minor
    tax: Minor
    total: Minor
    credited: Minor
    charged_back: Annotated[
        Minor, Meta(description="What lost disputes took of what was paid; it is owed again.")
    ]
    paid: Minor
    debt: Minor
    total_text: AmountText
    debt_text: AmountText
    issued_at: datetime
    due_at: datetime
    reference: Annotated[str | None, Meta(description="The customer's own, as a purchase order.")]
    notes: str | None


class FullInvoiceView(InvoiceView, frozen=True, kw_only=True):
    """An invoice with its lines."""

    lines: list[LineView]

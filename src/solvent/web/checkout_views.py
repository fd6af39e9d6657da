"""Checkout views: a cart as its customer and its merchant read it.

Owns the public shapes. Does not own what they say (`present_cart` fills them in).
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from solvent.core.payment import ActionKind, AttemptState
from solvent.web.fields import AccountId, CartId, CartLineId, ChangeId, Currency, InvoiceId, MethodId, Minor
from solvent.web.problems import FieldError
from solvent.web.views import IntervalView
from solvent.web.way_names import WayName


class CheckoutState(StrEnum):
    """Where a cart is. `partly_refunded` was paid, and some of it could not be had afterwards."""

    OPEN = "open"
    PAYING = "paying"
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    EXPIRED = "expired"
    CANCELED = "canceled"


class LineState(StrEnum):
    """What became of a line that was paid: a name is `pending` until the registrar has decided, then `failed` for a
    moment, and `refunded` when what was paid for it is on its way back."""

    ACTIVE = "active"
    PENDING = "pending"
    FAILED = "failed"
    REFUNDED = "refunded"


class NamedView(Struct, frozen=True, kw_only=True):
    """Somebody, by name alone."""

    name: str


class CartOfferView(Struct, frozen=True, kw_only=True):
    """A price to take in the place of the line's: what it is called, for which interval, and that it `saves` so much in
    each of its periods. A bundle replaces the lines that it includes."""

    price_id: str
    name: str
    interval: IntervalView
    saves: Minor


class CartLineView(Struct, frozen=True, kw_only=True):
    """A line. `amount` is charged for it now, before discounts; what it says in words is its `explanation`."""

    id: CartLineId
    price_id: str
    product: str
    name: str
    object: str
    quantity: int
    editable: bool
    min: int
    max: int
    interval: IntervalView | None
    amount: Minor
    explanation: str
    offer: CartOfferView | None


class CartDiscountView(Struct, frozen=True, kw_only=True):
    """What a coupon takes off: `percent` of what it is for, or a `fixed` amount; of this cart, `amount`."""

    code: str
    name: str
    percent: Annotated[str | None, Meta(examples=["12.5 %"])]
    fixed: Minor | None
    amount: Minor


class CartTaxView(Struct, frozen=True, kw_only=True):
    """One tax on all of it; `included` in the amounts of the lines, or added to them."""

    label: str
    rate: Annotated[str, Meta(examples=["19 %"])]
    amount: Minor
    included: bool


class CartRenewalView(Struct, frozen=True, kw_only=True):
    """What is charged next for an interval, in advance."""

    interval: IntervalView
    amount: Minor
    at: datetime


class SandboxWayView(Struct, frozen=True, kw_only=True):
    """What stands for the provider's browser part where the provider is the sandbox: the token to confirm with. In
    `card`, `{number}` is the number that was typed."""

    token: str


class WaySetupView(Struct, frozen=True, kw_only=True):
    """What the provider's own part of the page is told: the key by which it knows the merchant. It is no secret."""

    publishable_key: str


class WayView(Struct, frozen=True, kw_only=True):
    """A way to pay, in the order that suits the account."""

    kind: WayName
    provider: str | None
    method_id: MethodId | None
    label: str
    sandbox: SandboxWayView | None
    setup: WaySetupView | None


class CheckoutActionView(Struct, frozen=True, kw_only=True):
    """What the customer must still do: confirm in the page with `client_secret`, visit `url`, or follow the
    `instructions`."""

    kind: ActionKind
    url: str | None
    client_secret: str | None
    instructions: str | None
    expires_at: datetime


class CheckoutAttemptView(Struct, frozen=True, kw_only=True):
    """The payment that says how the cart stands: `failed` leaves it open. `message` is for the customer."""

    id: ChangeId
    state: AttemptState
    way: WayName | None
    provider: str | None
    next_action: CheckoutActionView | None
    cause: str | None
    cause_class: str | None
    message: str | None


class ResultLineView(Struct, frozen=True, kw_only=True):
    """What became of a line once it was paid."""

    id: CartLineId
    state: LineState
    reason: str | None


class ResultView(Struct, frozen=True, kw_only=True):
    """What was bought. There is no invoice where nothing was to be paid."""

    invoice_id: InvoiceId | None
    number: str | None
    pdf_url: str | None
    lines: list[ResultLineView]


class BotView(Struct, frozen=True, kw_only=True):
    """Which bot check the page shows before it pays."""

    kind: Annotated[str, Meta(description="`none`, `sandbox` or `turnstile`.")]
    site_key: str | None


class CheckoutView(Struct, frozen=True, kw_only=True):
    """A cart as it stands: the truth of the browser. `problem` says why an open cart cannot be paid as it is.

    `subtotal` − `discount` + taxes that are not included is the `total`; of it `credit_used` is paid by account credit
    and `due_now` by the customer. `ways` are there while the cart is open; `sells_domains`: names can be looked for.
    """

    id: CartId
    state: CheckoutState
    version: int
    locale: str
    currency: Currency
    merchant: NamedView
    account: NamedView
    lines: list[CartLineView]
    coupons: list[str]
    discounts: list[CartDiscountView]
    taxes: list[CartTaxView]
    subtotal: Minor
    discount: Minor
    tax: Minor
    total: Minor
    credit_used: Minor
    due_now: Minor
    renews: Annotated[
        list[CartRenewalView],
        Meta(description="What follows by interval; empty where some of the cart was given back."),
    ]
    fingerprint: str
    ways: list[WayView]
    attempt: CheckoutAttemptView | None
    result: ResultView | None
    problem: FieldError | None
    sells_domains: bool
    bot: BotView
    success_url: str | None
    cancel_url: str | None
    expires_at: datetime


class CartView(Struct, frozen=True, kw_only=True):
    """A cart of the merchant's. Whoever has the `token`, or the `url` of the page, can change and pay it."""

    id: CartId
    account_id: AccountId
    state: CheckoutState
    version: int
    url: str
    token: str
    checkout: CheckoutView
    created_at: datetime


class CartSummaryView(Struct, frozen=True, kw_only=True):
    """A cart in short."""

    id: CartId
    account_id: AccountId
    version: int
    canceled: bool
    created_at: datetime
    expires_at: datetime


class CartPage(Struct, frozen=True, kw_only=True):
    """A page of carts; `next` is the cursor of the following one."""

    data: list[CartSummaryView]
    next: CartId | None


class DomainView(Struct, frozen=True, kw_only=True):
    """A name, whether it can be had, and what it costs in an interval."""

    name: str
    available: bool
    price_id: str
    product: str
    interval: IntervalView
    amount: Minor


class DomainsView(Struct, frozen=True, kw_only=True):
    """Names that were looked for, with every ending that is sold."""

    data: list[DomainView]

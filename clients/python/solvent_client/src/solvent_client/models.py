"""Models: what requests and answers carry.

Made from the OpenAPI document by `clients/python/generate_client.py`; not edited by hand.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

ProblemCode = Literal[
    "bot_refused",
    "cart_closed",
    "forbidden",
    "idempotency_key_missing",
    "idempotency_key_reused",
    "in_flight",
    "internal",
    "invalid_request",
    "method_not_allowed",
    "no_e_invoice",
    "not_found",
    "notification_refused",
    "payload_too_large",
    "payment_method_required",
    "price_changed",
    "refused",
    "too_many_requests",
    "unauthorized",
    "unavailable",
]
"""The end of the `type` of a problem."""

About = Literal["attempt", "dispute", "payment", "refund"]
"""What a difference is about."""
ActionKind = Literal["confirm", "mandate", "none", "redirect"]
"""What the customer must still do."""
Aggregation = Literal["last", "max", "sum", "unique"]
"""How the events of a period become one quantity; nothing counted is 0."""
AttemptState = Literal[
    "committed", "failed", "opening", "processing", "requires_action", "returned", "unknown"
]
"""Where an attempt is in the six steps. Only COMMITTED and RETURNED have touched committed state."""
Authentication = Literal["automatic", "preferred", "required"]
"""Whether the payer of what is sold is authenticated on-session (3-D Secure, an app): the provider
decides by its own rules and the law, it is asked to where it can, or nobody pays without. The later
one is the stricter."""
CheckoutState = Literal["canceled", "expired", "open", "paid", "partly_refunded", "paying"]
"""Where a cart is. `partly_refunded` was paid, and some of it could not be had afterwards."""
Consequence = Literal["all", "cancel", "collect", "downgrade", "give_up", "notice", "restrict", "suspend"]
"""What a hold keeps from happening. A ban is none: it comes with giving up, as one unit. CANCEL ends a
subscription whose service is over unpaid, under a policy that has no ladder."""
DeliveryState = Literal["delivered", "failed", "waiting"]
"""How far the telling of one event to one endpoint is."""
DifferenceKind = Literal[
    "amount", "currency", "fee_amount", "fee_unrecorded", "ours_missing", "state", "theirs_missing", "twice"
]
"""What is different. `OURS_MISSING`: the provider has what our books have not; `THEIRS_MISSING` the
reverse."""
DisputeReason = Literal[
    "canceled",
    "credit_not_processed",
    "debit_returned",
    "duplicate",
    "fraudulent",
    "incorrect_amount",
    "not_as_described",
    "not_received",
    "unknown",
    "unrecognized",
]
"""Why the payer contests the payment; what an adapter does not recognise is UNKNOWN. DEBIT_RETURNED:
nobody contests it, the payer's bank took back a debit that had been paid out (no funds, no such
account)."""
DisputeState = Literal[
    "accepted", "lost", "needs_response", "under_review", "unknown", "warning", "withdrawn", "won"
]
"""Where a dispute stands. WARNING: the payer asks, and no money has moved. UNKNOWN: a state that nobody
mapped; nothing follows from it, and it is never recorded."""
DraftState = Literal["draft", "issued", "voided"]
"""A DRAFT has no number and can be changed. ISSUED: it is an invoice, or about to be: its attempt says
which."""
DriftKind = Literal[
    "ban_without_giving_up",
    "charged_twice",
    "closed_still_subscribed",
    "collection_stalled",
    "currency_differs",
    "debt_misrecorded",
    "debt_unseen",
    "dispute_misrecorded",
    "dunned_without_account",
    "ended_still_dunned",
    "entitled_despite_dunning",
    "entitled_without_proof",
    "entitlement_differs",
    "entitlement_missing",
    "entitlement_unfounded",
    "exhausted_not_given_up",
    "flags_by_hand",
    "given_up_not_cancelled",
    "given_up_still_subscribed",
    "given_up_without_ban",
    "grace_without_debt",
    "issuer_differs",
    "item_by_hand",
    "look_lost",
    "merged_account",
    "method_of_another",
    "method_without_account",
    "notice_untold",
    "paid_not_restored",
    "payer_shared",
    "payer_without_account",
    "period_by_hand",
    "proof_of_another",
    "provider_last_said_otherwise",
    "provider_says_otherwise",
    "provider_says_paid",
    "provider_says_unpaid",
    "renewal_stalled",
    "restricted_without_debt",
    "standing_misrecorded",
    "subscribed_without_proof",
    "two_writers",
]
"""The names of all kinds; `KINDS` says what each means."""
Duration = Literal["forever", "once", "repeating"]
"""For how many periods of a subscription a coupon counts."""
EndpointState = Literal["deleted", "disabled", "enabled"]
"""Whether an endpoint is told of events. While it is disabled they wait, and none is lost."""
ExternalMethod = Literal["bank_transfer", "cheque", "other"]
"""How money came that no provider took; the ledger keeps each as it keeps a provider's."""
FailureCause = Literal[
    "account_closed",
    "agreement_revoked",
    "authentication_failed",
    "authentication_required",
    "canceled",
    "card_expired",
    "card_invalid",
    "card_lost",
    "charge_held",
    "coupon_used_up",
    "declined",
    "expired",
    "fraud_suspected",
    "insufficient_funds",
    "limit_exceeded",
    "no_method",
    "provider_unavailable",
]
"""Why money did not move."""
FeatureKind = Literal["flag", "limit", "quota", "text"]
"""What a feature's value means."""
GrantKind = Literal["goodwill", "prepaid", "returned", "sponsored"]
"""Where credit comes from. GOODWILL and SPONSORED were given without money; PREPAID was bought; RETURNED
is money of the customer's that is kept: for a plan that no longer applied, for unused time, by a
credit note."""
ImportState = Literal["imported", "known", "refused", "unanswered"]
"""What became of one agreement."""
ItemState = Literal["invoiced", "removed", "waiting"]
"""WAITING: it can be changed and removed. INVOICED: an invoice was issued with it. REMOVED: none ever
will be."""
Kind = Literal[
    "attempt_opening",
    "attempt_processing",
    "attempt_unknown",
    "attempt_waiting",
    "dispute",
    "notification",
    "notification_parked",
    "recompute",
    "refund",
    "registration",
    "renewal",
    "usage",
]
"""What may get stuck."""
Language = Literal["de", "en"]
"""A language in which customers are written to (ISO 639-1)."""
LineState = Literal["active", "failed", "pending", "refunded"]
"""What became of a line that was paid: a name is `pending` until the registrar has decided, then
`failed` for a moment, and `refunded` when what was paid for it is on its way back."""
Measure = Literal["ban", "downgrade", "give_up", "restrict", "suspend_product", "suspend_usage"]
"""What an unpaid account may not do or have any more. BAN is never on a rung: it comes with giving up."""
Mode = Literal["observe", "off", "on", "share"]
"""OFF: accounts wait, nothing is looked at. OBSERVE: decisions are written, and not applied. SHARE:
applied to some accounts, and written of the others. ON: applied to all."""
MovementKind = Literal["dispute", "fee", "other", "payment", "payout", "refund"]
"""What a movement is about."""
Outcome = Literal["failed", "processing", "requires_action", "succeeded", "unknown"]
"""How an attempt stands, as the provider said it; whatever an adapter does not recognise is UNKNOWN."""
PaidPart = Literal["credit", "refund"]
"""What becomes of what a credit note takes from the paid part of an invoice."""
RefundSource = Literal["credit", "invoice"]
"""What is given back: what a payment paid of its invoice, or what of it was kept as account credit."""
RefundTo = Literal["credit", "method"]
"""Where what is given back goes."""
Remedy = Literal["impossible", "person", "repaired", "reported"]
"""What is done about a disagreement. REPAIRED: recomputing the account writes what the facts say.
REPORTED: it is explained, and passes by itself or harms nobody. PERSON: two records of fact
contradict each other, and no rule says which is right. IMPOSSIBLE: a constraint of the database
refuses it."""
Repair = Literal["by_hand", "dispute", "fee", "refund", "settle"]
"""Which ordinary flow removes a difference. BY_HAND: none; somebody has to find out who is right."""
Scope = Literal["account", "subscription"]
"""What a measure touches: all that the account has, or the subscription that the invoice is for."""
Segment = Literal["academic", "contract", "partner", "regional", "sponsored", "standard"]
"""The account's type; policy differs by segment and never skips one."""
Standing = Literal["bad_debt", "closed", "good", "grace", "past_due", "restricted", "suspended"]
"""How an account stands with what it owes; CLOSED is one that was closed and owes nothing."""
Store = Literal["account", "customer", "dunning", "entitlements", "invoices", "provider", "subscriptions"]
"""A place that holds an opinion about an account."""
TaxBehavior = Literal["exclusive", "inclusive"]
"""Whether tax is added to a price, or is contained in it."""
Together = Literal["in_advance", "instant", "never"]
"""What of an account is paid by one invoice and one payment."""
Treatment = Literal["exempt", "not_collected", "reverse_charge", "taxed"]
"""What becomes of tax on a line."""
UseKind = Literal["charged_back", "expired", "invoice", "refunded", "voided"]
"""What a grant was used for: an invoice, or nothing any more."""
WayName = Literal[
    "apple_pay",
    "bank_debit",
    "card",
    "google_pay",
    "link",
    "none",
    "paypal",
    "saved",
    "saved_card",
    "transfer",
]
"""What a customer chooses. `saved_card` and `saved` are methods on file; `none` is for what needs no
payment."""


class AccountAgedView(Struct, frozen=True, kw_only=True):
    """What one account owes."""

    entity: str
    """Id of a legal entity."""
    currency: str
    """ISO 4217 code."""
    not_due: int
    """An amount in minor units of the currency."""
    days_1_30: int
    """An amount in minor units of the currency."""
    days_31_60: int
    """An amount in minor units of the currency."""
    days_61_90: int
    """An amount in minor units of the currency."""
    over_90: int
    """An amount in minor units of the currency."""
    total: int
    """An amount in minor units of the currency."""
    total_text: str
    """The same amount for people."""
    account_id: str
    """Id of an account."""


class AccountBody(Struct, frozen=True, kw_only=True):
    """A new customer. `test_clock` makes a test account whose time only moves by `POST /v1/clock`."""

    currency: str
    """ISO 4217 code; never changes."""
    country: str
    """ISO 3166-1 alpha-2 code."""
    email: str
    """At most 254 characters."""
    name: str
    """1 to 200 characters."""
    time_zone: str | UnsetType = UNSET
    """IANA name; days begin in it."""
    segment: Segment | UnsetType = UNSET
    entity: str | None | UnsetType = UNSET
    """The legal entity that bills; may be left out where there is only one."""
    terms_days: int | None | UnsetType = UNSET
    """0 to 120. Above 0 invoices are issued first and due so many days later; null: as the terms of the
    account's segment say."""
    together: Together | None | UnsetType = UNSET
    """`instant`: what falls due at one instant is one invoice and one payment, with the usage of what
    ended then; `in_advance`: usage has its own; `never`: each subscription has. Null: as the terms of
    the account's segment say."""
    language: Language | UnsetType = UNSET
    """In which the customer is written to."""
    test_clock: datetime | None | UnsetType = UNSET
    """RFC 3339, UTC."""
    address: AddressBody | None | UnsetType = UNSET
    region: str | None | UnsetType = UNSET
    """Decides about tax: an ISO 3166-2 code without its country, or within it a place: NY/NYC."""
    tax_id: str | None | UnsetType = UNSET
    """Printed on invoices. Its check digits are checked. In the European Union the VAT number with its
    prefix: a business that buys from another country accounts for the tax itself."""
    tax_exempt: bool | UnsetType = UNSET


class AccountChangeBody(Struct, frozen=True, kw_only=True):
    """Who a customer is on documents, what decides about its tax, its terms and its language. What is
    left out stays; null empties. It counts for later documents, charges and messages."""

    name: str | UnsetType = UNSET
    """1 to 200 characters."""
    email: str | UnsetType = UNSET
    """At most 254 characters."""
    address: AddressBody | None | UnsetType = UNSET
    country: str | UnsetType = UNSET
    region: str | None | UnsetType = UNSET
    """Decides about tax: an ISO 3166-2 code without its country, or within it a place: NY/NYC."""
    tax_id: str | None | UnsetType = UNSET
    """Printed on invoices. Its check digits are checked. In the European Union the VAT number with its
    prefix: a business that buys from another country accounts for the tax itself."""
    tax_exempt: bool | UnsetType = UNSET
    terms_days: int | None | UnsetType = UNSET
    """0 to 120. Above 0 invoices are issued first and due so many days later; null: as the terms of the
    account's segment say."""
    together: Together | None | UnsetType = UNSET
    """`instant`: what falls due at one instant is one invoice and one payment, with the usage of what
    ended then; `in_advance`: usage has its own; `never`: each subscription has. Null: as the terms of
    the account's segment say."""
    language: Language | UnsetType = UNSET
    """In which the customer is written to."""


class AccountCreditView(Struct, frozen=True, kw_only=True):
    """An account's credit: all of it in `balances`, and a page of its grants."""

    balances: list[CreditBalanceView]
    data: list[CreditGrantView]
    next: str | None
    """Id of a grant of account credit."""


class AccountPage(Struct, frozen=True, kw_only=True):
    """A page of accounts."""

    data: list[AccountView]
    next: str | None
    """The cursor of the next page, as `after`; null at the end."""


class AccountView(Struct, frozen=True, kw_only=True):
    """One customer of the merchant. `test_clock` is the account's own present, null on real time.
    `terms_days` and `together` are its own terms, null where its segment's hold. `closed_at` is null
    while it is open."""

    id: str
    """Id of an account."""
    segment: str
    currency: str
    """ISO 4217 code."""
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


class AddItem(Struct, frozen=True, kw_only=True, tag_field="type", tag="add_item"):
    """One more item, at once, prorated to the end of the current period."""

    subscription_id: str
    """Id of a subscription."""
    item: NewItem
    coupons: list[str] | UnsetType = UNSET
    """Codes of coupons to redeem with this change."""


class AddLineBody(Struct, frozen=True, kw_only=True):
    """One line more."""

    price_id: str
    """A price: exactly (`key@version`), or by `key` alone the version that is on sale."""
    quantity: int | UnsetType = UNSET
    object: str | UnsetType = UNSET
    """What the item is for: `"account"`, or kind and name."""
    version: int | None | UnsetType = UNSET
    """The version of the cart that was seen: another one is refused. Left out, any is changed."""


class AddMethod(Struct, frozen=True, kw_only=True, tag_field="type", tag="add_method"):
    """Vault a collection method without paying anything."""


class AddressBody(Struct, frozen=True, kw_only=True):
    """A postal address in the account's country, printed on invoices."""

    lines: list[str]
    """1 to 4 lines of at most 100 characters."""
    city: str
    """At most 100 characters."""
    postal_code: str | None | UnsetType = UNSET
    """At most 20 characters."""
    region: str | None | UnsetType = UNSET
    """State or province, where addresses have one. At most 100 characters."""


class AddressView(Struct, frozen=True, kw_only=True):
    """A postal address in the account's country."""

    lines: list[str]
    city: str
    postal_code: str | None
    region: str | None


class AgedView(Struct, frozen=True, kw_only=True):
    """Receivables by how many days they are past due."""

    entity: str
    """Id of a legal entity."""
    currency: str
    """ISO 4217 code."""
    not_due: int
    """An amount in minor units of the currency."""
    days_1_30: int
    """An amount in minor units of the currency."""
    days_31_60: int
    """An amount in minor units of the currency."""
    days_61_90: int
    """An amount in minor units of the currency."""
    over_90: int
    """An amount in minor units of the currency."""
    total: int
    """An amount in minor units of the currency."""
    total_text: str
    """The same amount for people."""


class AgeingView(Struct, frozen=True, kw_only=True):
    """Receivables as of `at`: all that were asked for, and a page of the accounts that owe them."""

    at: datetime
    final: bool
    """Whether nothing that is being committed can come before `at`: it is a quarter of an hour ago."""
    totals: list[AgedView]
    data: list[AccountAgedView]
    next: str | None
    """The cursor of the next page, as `after`; null at the end."""


class AgesView(Struct, frozen=True, kw_only=True):
    """How many accounts are in drift of one kind now: in all, and by how long."""

    kind: str
    accounts: int
    oldest_seen_at: datetime
    under_an_hour: int
    under_a_day: int
    under_a_week: int
    longer: int


class AgreementBody(Struct, frozen=True, kw_only=True):
    """What an account's customer agreed on at the provider, by the provider's name for it."""

    account_id: str
    """Id of an account."""
    reference: str


class AnswerView(Struct, frozen=True, kw_only=True):
    """One try: the HTTP status, or null with what went wrong; how many milliseconds it took."""

    at: datetime
    status: int | None
    ms: int
    error: str | None


class AppliedCouponView(Struct, frozen=True, kw_only=True):
    """A coupon that counts for a subscription, has counted for its current period (`removed`), or waits
    for a charge that it is for (`periods_used` 0). `share`: what it takes off a period at most, of a
    fixed amount that was redeemed for several parts of a cart (null: all of it)."""

    redemption_id: str
    """Id of a redemption of a coupon."""
    coupon_id: str
    redeemed_at: datetime
    periods_used: int
    removed: bool
    share: int | None


class AttemptPage(Struct, frozen=True, kw_only=True):
    """A page of attempts, in short."""

    data: list[AttemptView]
    next: str | None
    """The cursor of the next page, as `after`; null at the end."""


class AttemptView(Struct, frozen=True, kw_only=True):
    """One attempt in short."""

    id: str
    """Id of a change: the payment attempt that stands for it."""
    account_id: str
    """Id of an account."""
    intent: str
    state: str
    """`committed`: everything is written. `returned`: the money came for a plan that no longer applied,
    and was credited or refunded. `failed`: nothing was written. All others may still succeed."""
    amount_due: int
    """An amount in minor units of the currency."""
    amount_text: str
    """The same amount for people."""
    currency: str
    """ISO 4217 code."""
    provider: str | None
    off_session: bool
    created_at: datetime
    expires_at: datetime
    next_action: NextActionView | None
    cause: str | None
    """Why it failed."""
    cause_class: str | None
    """What the cause means for the next step."""
    provider_view: ProviderSaidView | None
    """Null: it was not asked, or has not answered yet."""


class BadDebtPage(Struct, frozen=True, kw_only=True):
    """A page of movements."""

    data: list[BadDebtView]
    next: str | None


class BadDebtView(Struct, frozen=True, kw_only=True):
    """A movement: `in` when an invoice was given up, `out` when it was paid, credited or charged back;
    `against` is the ledger account on the other side. `by` and `reason` say who gave it up and why."""

    id: str
    """Id of a posting: its transaction, and its place in it."""
    account_id: str
    """Id of an account."""
    invoice_id: str
    """Id of an invoice."""
    number: str
    entity: str
    product: str | None
    """That of the invoice's largest line."""
    direction: str
    """`in` or `out`."""
    amount: str
    """The same amount for people."""
    amount_minor: int
    """An amount in minor units of the currency."""
    currency: str
    """ISO 4217 code."""
    against: str
    by: str | None
    reason: str | None
    booked_at: datetime


class BalanceView(Struct, frozen=True, kw_only=True):
    """A ledger account: the balance in its column, and as debits less credits."""

    entity: str
    """Id of a legal entity."""
    currency: str
    """ISO 4217 code."""
    account: str
    """An account of the chart; cash is kept per provider."""
    kind: str
    normal: str
    debit: int
    """An amount in minor units of the currency."""
    credit: int
    """An amount in minor units of the currency."""
    balance: int
    """An amount in minor units of the currency."""
    balance_text: str
    """The same amount for people."""


class BankAccountBody(Struct, frozen=True, kw_only=True):
    """Where customers transfer money of one currency to: by IBAN, or by account number and routing code."""

    currency: str
    holder: str
    bank: str | None | UnsetType = UNSET
    iban: str | None | UnsetType = UNSET
    """Without spaces."""
    bic: str | None | UnsetType = UNSET
    account: str | None | UnsetType = UNSET
    routing: str | None | UnsetType = UNSET


class BotView(Struct, frozen=True, kw_only=True):
    """Which bot check the page shows before it pays."""

    kind: str
    """`none`, `sandbox` or `turnstile`."""
    site_key: str | None


class CancelAtPeriodEnd(Struct, frozen=True, kw_only=True, tag_field="type", tag="cancel_at_period_end"):
    """End when the paid period ends."""

    subscription_id: str
    """Id of a subscription."""


class CancelNow(Struct, frozen=True, kw_only=True, tag_field="type", tag="cancel_now"):
    """End at once; with `credit` the unused paid time becomes account credit."""

    subscription_id: str
    """Id of a subscription."""
    credit: bool | UnsetType = UNSET


class CapView(Struct, frozen=True, kw_only=True):
    """How far a cap is used in the present window: for `taken` of `most` accounts the consequence may
    begin, or has; `waiting` more wait for their turn, the oldest of their debts since `oldest_due`."""

    consequence: str
    most: int
    taken: int
    waiting: int
    oldest_due: datetime | None
    begins_at: datetime
    ends_at: datetime


class CapabilityView(Struct, frozen=True, kw_only=True):
    """What all grants on one object come to for one feature. `used` and `remaining` are there for
    quotas, when asked for: since the start of the period."""

    object: str
    feature: str
    kind: str
    value: bool | int | str
    unit: str | None
    used: int | None
    remaining: int | None


class CartBody(Struct, frozen=True, kw_only=True):
    """A cart to open for an account. `expires_in` are seconds."""

    account_id: str
    """Id of an account."""
    lines: list[NewItem]
    coupons: list[str] | UnsetType = UNSET
    success_url: str | None | UnsetType = UNSET
    """An address at https, or at http of this machine; printable ASCII, without a name or password."""
    cancel_url: str | None | UnsetType = UNSET
    """An address at https, or at http of this machine; printable ASCII, without a name or password."""
    locale: str | None | UnsetType = UNSET
    expires_in: int | UnsetType = UNSET


class CartDiscountView(Struct, frozen=True, kw_only=True):
    """What a coupon takes off: `percent` of what it is for, or a `fixed` amount; of this cart, `amount`."""

    code: str
    name: str
    percent: str | None
    fixed: int | None
    """An amount in minor units of the currency."""
    amount: int
    """An amount in minor units of the currency."""


class CartLineView(Struct, frozen=True, kw_only=True):
    """A line. `amount` is charged for it now, before discounts; what it says in words is its
    `explanation`."""

    id: str
    """Id of a line of a cart."""
    price_id: str
    product: str
    name: str
    object: str
    quantity: int
    editable: bool
    min: int
    max: int
    interval: IntervalView | None
    amount: int
    """An amount in minor units of the currency."""
    explanation: str
    offer: CartOfferView | None


class CartOfferView(Struct, frozen=True, kw_only=True):
    """A price to take in the place of the line's: what it is called, for which interval, and that it
    `saves` so much in each of its periods. A bundle replaces the lines that it includes."""

    price_id: str
    name: str
    interval: IntervalView
    saves: int
    """An amount in minor units of the currency."""


class CartPage(Struct, frozen=True, kw_only=True):
    """A page of carts; `next` is the cursor of the following one."""

    data: list[CartSummaryView]
    next: str | None
    """Id of a cart."""


class CartRenewalView(Struct, frozen=True, kw_only=True):
    """What is charged next for an interval, in advance."""

    interval: IntervalView
    amount: int
    """An amount in minor units of the currency."""
    at: datetime


class CartSummaryView(Struct, frozen=True, kw_only=True):
    """A cart in short."""

    id: str
    """Id of a cart."""
    account_id: str
    """Id of an account."""
    version: int
    canceled: bool
    created_at: datetime
    expires_at: datetime


class CartTaxView(Struct, frozen=True, kw_only=True):
    """One tax on all of it; `included` in the amounts of the lines, or added to them."""

    label: str
    rate: str
    amount: int
    """An amount in minor units of the currency."""
    included: bool


class CartView(Struct, frozen=True, kw_only=True):
    """A cart of the merchant's. Whoever has the `token`, or the `url` of the page, can change and pay
    it."""

    id: str
    """Id of a cart."""
    account_id: str
    """Id of an account."""
    state: str
    version: int
    url: str
    token: str
    checkout: CheckoutView
    created_at: datetime


class ChangeBody(Struct, frozen=True, kw_only=True):
    """Open a change. `method_id` pays with a stored method; `method_kind` says which kind of method the
    customer brings, and `provider` who takes it. `return_url` is where the customer comes back to
    after a redirect (3-D Secure, approval)."""

    account_id: str
    """Id of an account."""
    change: (
        Start
        | Purchase
        | TopUp
        | AddMethod
        | AddItem
        | RemoveItem
        | SetQuantity
        | SwitchPrice
        | ChangeInterval
        | CancelNow
        | CancelAtPeriodEnd
        | Uncancel
        | RedeemCoupons
        | RemoveCoupon
    )
    provider: str | None | UnsetType = UNSET
    method_id: str | None | UnsetType = UNSET
    """Id of a collection method."""
    method_kind: str | None | UnsetType = UNSET
    """A kind of method that a provider takes: card, wallet, bank_debit, agreement, transfer."""
    return_url: str | None | UnsetType = UNSET
    """An address at https, or at http of this machine; printable ASCII, without a name or password."""


class ChangeInterval(Struct, frozen=True, kw_only=True, tag_field="type", tag="change_interval"):
    """Another interval for the whole subscription; every item is named with its price in it."""

    subscription_id: str
    """Id of a subscription."""
    prices: list[ItemPrice]
    coupons: list[str] | UnsetType = UNSET
    """Codes of coupons to redeem with this change."""


class ChangeLineBody(Struct, frozen=True, kw_only=True):
    """What changes of a line; what is left out stays."""

    price_id: str | None | UnsetType = UNSET
    """A price: exactly (`key@version`), or by `key` alone the version that is on sale."""
    quantity: int | None | UnsetType = UNSET
    object: str | None | UnsetType = UNSET
    """What the item is for: `"account"`, or kind and name."""
    version: int | None | UnsetType = UNSET
    """The version of the cart that was seen: another one is refused. Left out, any is changed."""


class ChangeView(Struct, frozen=True, kw_only=True):
    """A change: the attempt, its plan, and what came of it. `invoice_id` is there once it is committed;
    where several invoices were paid together, the first of `settles`."""

    id: str
    """Id of a change: the payment attempt that stands for it."""
    account_id: str
    """Id of an account."""
    intent: str
    state: str
    """`committed`: everything is written. `returned`: the money came for a plan that no longer applied,
    and was credited or refunded. `failed`: nothing was written. All others may still succeed."""
    amount_due: int
    """An amount in minor units of the currency."""
    amount_text: str
    """The same amount for people."""
    currency: str
    """ISO 4217 code."""
    provider: str | None
    off_session: bool
    created_at: datetime
    expires_at: datetime
    next_action: NextActionView | None
    cause: str | None
    """Why it failed."""
    cause_class: str | None
    """What the cause means for the next step."""
    provider_view: ProviderSaidView | None
    """Null: it was not asked, or has not answered yet."""
    plan: PlanView
    subscription_id: str | None
    """Id of a subscription."""
    invoice_id: str | None
    """Id of an invoice."""
    settles: list[str]


class ChartAccountView(Struct, frozen=True, kw_only=True):
    """An account of the chart. `normal`: the side that raises it. `per_provider`: named
    ``name:provider``."""

    name: str
    kind: str
    normal: str
    per_provider: bool
    means: str


class ChartView(Struct, frozen=True, kw_only=True):
    """The chart of accounts, in the order in which reports show it."""

    data: list[ChartAccountView]


class CheckoutActionView(Struct, frozen=True, kw_only=True):
    """What the customer must still do: confirm in the page with `client_secret`, visit `url`, or follow
    the `instructions`."""

    kind: str
    url: str | None
    client_secret: str | None
    instructions: str | None
    expires_at: datetime


class CheckoutAttemptView(Struct, frozen=True, kw_only=True):
    """The payment that says how the cart stands: `failed` leaves it open. `message` is for the customer."""

    id: str
    """Id of a change: the payment attempt that stands for it."""
    state: str
    way: str | None
    provider: str | None
    next_action: CheckoutActionView | None
    cause: str | None
    cause_class: str | None
    message: str | None


class CheckoutView(Struct, frozen=True, kw_only=True):
    """A cart as it stands: the truth of the browser. `problem` says why an open cart cannot be paid as
    it is. `subtotal` − `discount` + taxes that are not included is the `total`; of it `credit_used`
    is paid by account credit and `due_now` by the customer. `ways` are there while the cart is open;
    `sells_domains`: names can be looked for."""

    id: str
    """Id of a cart."""
    state: str
    version: int
    locale: str
    currency: str
    """ISO 4217 code."""
    merchant: NamedView
    account: NamedView
    lines: list[CartLineView]
    coupons: list[str]
    discounts: list[CartDiscountView]
    taxes: list[CartTaxView]
    subtotal: int
    """An amount in minor units of the currency."""
    discount: int
    """An amount in minor units of the currency."""
    tax: int
    """An amount in minor units of the currency."""
    total: int
    """An amount in minor units of the currency."""
    credit_used: int
    """An amount in minor units of the currency."""
    due_now: int
    """An amount in minor units of the currency."""
    renews: list[CartRenewalView]
    """What follows by interval; empty where some of the cart was given back."""
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


class ClockBody(Struct, frozen=True, kw_only=True):
    """Move a test account's clock forward to `now`, through everything that falls due."""

    account_id: str
    """Id of an account."""
    now: datetime
    """RFC 3339, UTC."""


class ClockView(Struct, frozen=True, kw_only=True):
    """A test account's present. Not `arrived`: more fell due than one call runs; send the same again
    with a new key."""

    account_id: str
    """Id of an account."""
    now: datetime
    arrived: bool


class ClosingBody(Struct, frozen=True, kw_only=True):
    """Who closes an account, or opens it again, and why."""

    by: str
    """Who decided it."""
    reason: str
    """Why, in plain words."""


class CodesBody(Struct, frozen=True, kw_only=True):
    """The codes of coupons that the cart has from now on."""

    codes: list[str]
    version: int | None | UnsetType = UNSET
    """The version of the cart that was seen: another one is refused. Left out, any is changed."""


class ColumnsView(Struct, frozen=True, kw_only=True):
    """Both columns of one legal entity and currency; they are equal."""

    entity: str
    """Id of a legal entity."""
    currency: str
    """ISO 4217 code."""
    debit: int
    """An amount in minor units of the currency."""
    credit: int
    """An amount in minor units of the currency."""


class CompleteBody(Struct, frozen=True, kw_only=True):
    """The customer's part: the token of the provider's browser part, where there is one."""

    method: str | None | UnsetType = UNSET
    """The provider's token for what the customer pays with; never a card number."""


class ConfirmBody(Struct, frozen=True, kw_only=True):
    """The customer's part. `method` is the provider's token; left out for a stored method or after a
    redirect."""

    method: str | None | UnsetType = UNSET
    """The provider's token for what the customer pays with; never a card number."""


class CouponBody(Struct, frozen=True, kw_only=True):
    """A coupon: `percent` off, or `amount` minor units of `currency`; for `products`, or all of them.
    `periods` go with the duration `repeating`."""

    code: str
    name: str
    duration: Duration | UnsetType = UNSET
    percent: str | None | UnsetType = UNSET
    """Exact, above 0 and at most 100, e.g. `12.5`."""
    amount: int | None | UnsetType = UNSET
    currency: str | None | UnsetType = UNSET
    """ISO 4217 code."""
    periods: int | None | UnsetType = UNSET
    products: list[str] | UnsetType = UNSET
    limit: int | None | UnsetType = UNSET
    limit_per_account: int | None | UnsetType = UNSET
    valid_from: datetime | None | UnsetType = UNSET
    """RFC 3339, UTC."""
    valid_until: datetime | None | UnsetType = UNSET
    """RFC 3339, UTC."""
    exclusive: bool | UnsetType = UNSET
    priority: int | UnsetType = UNSET
    supersede: bool | UnsetType = UNSET
    """Let other terms be the next version of the code."""


class CouponPage(Struct, frozen=True, kw_only=True):
    """A page of coupons."""

    data: list[CouponView]
    next: str | None
    """The cursor of the next page, as `after`; null at the end."""


class CouponView(Struct, frozen=True, kw_only=True):
    """One version of a code: `percent` off, or `amount` of `currency`. `products` it is for; none: all.
    Of several, percentages count first, then by `priority`, then by code. `active`: it can be
    redeemed, within its limits."""

    id: str
    code: str
    version: int
    name: str
    names: dict[str, str]
    """What it is called in some languages; `name` holds in all others."""
    percent: str | None
    """Exact, e.g. `12.5`."""
    amount: int | None
    """An amount in minor units of the currency."""
    currency: str | None
    """ISO 4217 code."""
    duration: str
    periods: int | None
    products: list[str]
    limit: int | None
    limit_per_account: int | None
    valid_from: datetime | None
    valid_until: datetime | None
    exclusive: bool
    priority: int
    supersedes: str | None
    active: bool


class CoverageView(Struct, frozen=True, kw_only=True):
    """How many of the account's open invoices the verdict followed from: `examined` of `owing`."""

    examined: int
    owing: int


class CreditBalanceView(Struct, frozen=True, kw_only=True):
    """What is left of credit of one kind in one currency; `promised`: changes in flight count on so much
    of it. Two may count on the same credit: the one that is committed first has it."""

    currency: str
    """ISO 4217 code."""
    kind: str
    amount: int
    """An amount in minor units of the currency."""
    amount_text: str
    """The same amount for people."""
    promised: int
    """An amount in minor units of the currency."""
    expires_first: datetime | None
    """When the first of it expires."""


class CreditGrantView(Struct, frozen=True, kw_only=True):
    """A grant of account credit: `remaining` is left of `amount`, of which `held` cannot be spent while
    the payment that bought it is disputed."""

    id: str
    """Id of a grant of account credit."""
    account_id: str
    """Id of an account."""
    kind: str
    currency: str
    """ISO 4217 code."""
    amount: int
    """An amount in minor units of the currency."""
    amount_text: str
    """The same amount for people."""
    remaining: int
    """An amount in minor units of the currency."""
    remaining_text: str
    """The same amount for people."""
    promised: list[PromiseView]
    priority: int
    excludes: list[str]
    """Products that it does not pay for."""
    reason: str
    granted_by: str | None
    """Whoever gave it; null where a commit did."""
    invoice_id: str | None
    """The invoice by which it was bought."""
    granted_at: datetime
    expires_at: datetime | None
    held: int
    """An amount in minor units of the currency."""
    held_text: str
    """The same amount for people."""
    returns: str | None
    """The given credit of which a credit note gave this back."""


class CreditLineView(Struct, frozen=True, kw_only=True):
    """What is credited of the line at `position`, from 1; `tax`, the sum of `taxes`, is part of the
    amount. Of usage that came to less than was billed, `explanation` says how."""

    position: int
    kind: str
    description: str
    amount: int
    """An amount in minor units of the currency."""
    amount_text: str
    """The same amount for people."""
    tax: int
    """An amount in minor units of the currency."""
    taxes: list[TaxView]
    period: PeriodView | None
    explanation: str | None


class CreditNoteBody(Struct, frozen=True, kw_only=True):
    """Credit an invoice: an `amount` shared out over its lines, or certain `lines`, or else all that is
    left of it. What is owed is lowered first. `paid_part` says what becomes of the rest: a refund to
    the method that paid, or account credit; what no provider's payment covers becomes account credit
    in any case."""

    invoice_id: str
    """Id of an invoice."""
    reason: str
    issued_by: str
    """Who decided it."""
    amount: int | None | UnsetType = UNSET
    """Minor units of the invoice's currency."""
    lines: list[CreditedLine] | None | UnsetType = UNSET
    paid_part: PaidPart | UnsetType = UNSET


class CreditNotePage(Struct, frozen=True, kw_only=True):
    """A page of credit notes."""

    data: list[CreditNoteView]
    next: str | None
    """Id of a credit note."""


class CreditNoteView(Struct, frozen=True, kw_only=True):
    """A credit note. Of `amount`, `to_debt` lowered what was owed, and `to_refund` and `to_credit` gave
    back what was paid: to the method, and as account credit."""

    id: str
    """Id of a credit note."""
    account_id: str
    """Id of an account."""
    invoice_id: str
    """Id of an invoice."""
    number: str
    currency: str
    """ISO 4217 code."""
    amount: int
    """An amount in minor units of the currency."""
    amount_text: str
    """The same amount for people."""
    to_debt: int
    """An amount in minor units of the currency."""
    to_refund: int
    """An amount in minor units of the currency."""
    to_credit: int
    """An amount in minor units of the currency."""
    refund_id: str | None
    """Id of a refund."""
    reason: str
    issued_by: str
    issued_at: datetime


class CreditUsePage(Struct, frozen=True, kw_only=True):
    """A page of uses."""

    data: list[CreditUseView]
    next: str | None
    """Id of a use of credit: its transaction, and its place in it."""


class CreditUseView(Struct, frozen=True, kw_only=True):
    """What became of (a part of) a grant: it paid for a line of an invoice, has expired, was voided, was
    refunded, or went with a payment that was charged back."""

    id: str
    """Id of a use of credit: its transaction, and its place in it."""
    account_id: str
    """Id of an account."""
    grant_id: str
    """Id of a grant of account credit."""
    grant_kind: str
    kind: str
    currency: str
    """ISO 4217 code."""
    amount: int
    """An amount in minor units of the currency."""
    amount_text: str
    """The same amount for people."""
    invoice_id: str | None
    """Id of an invoice."""
    line: int | None
    """The position of the invoice's line, from 1."""
    used_at: datetime


class CreditView(Struct, frozen=True, kw_only=True):
    """The account's credit in its own currency, which the next invoices use first; and all of it by
    kind."""

    currency: str
    """ISO 4217 code."""
    amount: int
    """An amount in minor units of the currency."""
    amount_text: str
    """The same amount for people."""
    balances: list[CreditBalanceView]


class CreditedLine(Struct, frozen=True, kw_only=True):
    """So much of the invoice's line at `position` (from 1); without an amount, all that is left of it."""

    position: int
    amount: int | None | UnsetType = UNSET
    """Minor units of the invoice's currency."""


class DayView(Struct, frozen=True, kw_only=True):
    """The last measurement of a day: figures by name, violations by law."""

    day: date
    measured_at: datetime
    figures: dict[str, float | None]
    laws: dict[str, int]


class DecisionPage(Struct, frozen=True, kw_only=True):
    """A page of decisions, oldest first."""

    data: list[DecisionView]
    next: str | None
    """Id of a decision of the engine."""


class DecisionView(Struct, frozen=True, kw_only=True):
    """What the engine decided at a moment: `applied`, and `withheld` with the reasons."""

    id: str
    """Id of a decision of the engine."""
    decided_at: datetime
    policy: str
    applied: list[str]
    withheld: list[str]


class DeliveryPage(Struct, frozen=True, kw_only=True):
    """A page of deliveries, the newest first; `next` is the event behind which the next page begins."""

    data: list[DeliveryView]
    next: str | None
    """Id of an event."""


class DeliveryView(Struct, frozen=True, kw_only=True):
    """The telling of one event; `next_try_at` while it waits; `answers` are the last tries, oldest
    first."""

    event_id: str
    """Id of an event."""
    type: str
    account_id: str
    """Id of an account."""
    state: str
    tries: int
    created_at: datetime
    next_try_at: datetime | None
    ended_at: datetime | None
    answers: list[AnswerView]


class DifferencePage(Struct, frozen=True, kw_only=True):
    """A page of differences."""

    data: list[DifferenceView]
    next: str | None
    """The cursor of the next page, as `after`; null at the end."""


class DifferenceView(Struct, frozen=True, kw_only=True):
    """One difference. `ours` or `theirs` is null where that side has nothing of it."""

    kind: str
    about: str
    ref: str | None
    """The provider's name for it."""
    key: str | None
    """The change or refund of ours that it names."""
    ours: SeenView | None
    theirs: SeenView | None
    repair: str
    """Which ordinary flow removes it; by_hand: none."""
    repaired: bool


class DisagreementView(Struct, frozen=True, kw_only=True):
    """Two stores that contradict each other about this account. `done` is what is done about it: the
    next recompute writes what the facts say, it passes by itself, or a person has to say which is
    right."""

    kind: str
    stores: list[str]
    means: str
    evidence: str
    done: str


class DisputePage(Struct, frozen=True, kw_only=True):
    """A page of disputes."""

    data: list[DisputeView]
    next: str | None
    """Id of a dispute."""


class DisputeView(Struct, frozen=True, kw_only=True):
    """A payment that its payer contests, as its provider last said. `held`: the provider has taken so
    much of it until it is decided. `loss` stays, even when the decision is reversed."""

    id: str
    """Id of a dispute."""
    account_id: str
    """Id of an account."""
    payment_id: str
    """Id of a payment."""
    invoice_id: str | None
    """Id of an invoice."""
    provider: str
    ref: str
    """The provider's own name for it."""
    currency: str
    """ISO 4217 code."""
    amount: int
    """An amount in minor units of the currency."""
    amount_text: str
    """The same amount for people."""
    held: int
    """An amount in minor units of the currency."""
    state: str
    reason: str
    evidence_due_by: datetime | None
    fee: int
    """What the provider has charged for it, in minor units of `fee_currency`."""
    fee_currency: str
    """ISO 4217 code."""
    loss: LossView | None
    opened_at: datetime
    """When the payer opened it, as the provider says."""
    recorded_at: datetime
    lost_at: datetime | None
    decided_at: datetime | None


class DomainView(Struct, frozen=True, kw_only=True):
    """A name, whether it can be had, and what it costs in an interval."""

    name: str
    available: bool
    price_id: str
    product: str
    interval: IntervalView
    amount: int
    """An amount in minor units of the currency."""


class DomainsView(Struct, frozen=True, kw_only=True):
    """Names that were looked for, with every ending that is sold."""

    data: list[DomainView]


class DoneBody(Struct, frozen=True, kw_only=True):
    """A consequence for an account that another system brought about."""

    account_id: str
    """Id of an account."""
    consequence: Consequence
    at: datetime
    """RFC 3339, UTC."""


class DraftChangeBody(Struct, frozen=True, kw_only=True):
    """Other contents of a draft. What is left out stays; `lines` are all of them."""

    lines: list[ManualLine] | UnsetType = UNSET
    """At least one, unless items are included."""
    include_items: bool | UnsetType = UNSET
    """Whether what waits for the account's next invoice is on it, after the lines."""
    reference: str | None | UnsetType = UNSET
    """The customer's own, as a purchase order; printed, and in the e-invoice."""
    notes: str | None | UnsetType = UNSET
    """For the customer to read; printed, and in the e-invoice. Lines end with a line feed."""
    terms_days: int | None | UnsetType = UNSET
    """Due so many days later; null: by the account's terms."""


class DraftPage(Struct, frozen=True, kw_only=True):
    """A page of drafts; `next` is the cursor of the following one."""

    data: list[DraftView]
    next: str | None
    """Id of an invoice that is not issued yet."""


class DraftView(Struct, frozen=True, kw_only=True):
    """An invoice that is not issued yet, or what became of it: `change_id` is the attempt that collects
    it."""

    id: str
    """Id of an invoice that is not issued yet."""
    account_id: str
    """Id of an account."""
    state: str
    version: int
    reference: str | None
    notes: str | None
    terms_days: int | None
    """Null: by the account's terms."""
    include_items: bool
    change_id: str | None
    """Id of a change: the payment attempt that stands for it."""
    created_at: datetime
    changed_at: datetime


class DrawView(Struct, frozen=True, kw_only=True):
    """What a grant of credit pays of the line at that position, from 1."""

    grant_id: str
    """Id of a grant of account credit."""
    line: int
    amount: int
    """An amount in minor units of the currency."""


class DriftPage(Struct, frozen=True, kw_only=True):
    """A page of drift; beside it the gauge of all that is not gone, and how far the look has come."""

    data: list[DriftView]
    next: str | None
    """Id of a disagreement that was seen."""
    ages: list[AgesView]
    look: LookView


class DriftView(Struct, frozen=True, kw_only=True):
    """In what two stores contradict each other about an account: since when, and until when it was seen
    last."""

    id: str
    """Id of a disagreement that was seen."""
    account_id: str
    """Id of an account."""
    kind: str
    stores: list[str]
    means: str
    evidence: str
    done: str
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: datetime | None
    """When it was seen to be no more."""


class EngineBody(Struct, frozen=True, kw_only=True):
    """Whose consequences are applied from now on, by whom it is set, and why."""

    mode: Mode
    by: str
    """Who does it."""
    reason: str
    """Why, in plain words."""
    share: int | UnsetType = UNSET
    """5, 10, 25, 50 or 100; 0: only the accounts that are named."""
    accounts: list[str] | UnsetType = UNSET
    excluded_segments: list[Segment] | UnsetType = UNSET
    excluded_accounts: list[str] | UnsetType = UNSET
    caps: dict[str, int] | UnsetType = UNSET
    """For how many accounts each of `restrict`, `suspend`, `downgrade`, `cancel` and `give_up` may begin
    within `cap_hours`; one that is not named has no cap."""
    cap_hours: int | UnsetType = UNSET
    """The length of the windows of the caps."""


class EngineHistory(Struct, frozen=True, kw_only=True):
    """What counts now, how far its caps are used, and what was set before, newest first."""

    now: EngineView
    caps: list[CapView]
    history: list[EngineView]


class EngineView(Struct, frozen=True, kw_only=True):
    """What was set; `set_at` is null as long as nothing was."""

    mode: str
    share: int
    accounts: list[str]
    excluded_segments: list[str]
    excluded_accounts: list[str]
    caps: dict[str, int]
    cap_hours: int
    by: str
    reason: str
    set_at: datetime | None


class EntitlementChangePage(Struct, frozen=True, kw_only=True):
    """A page of changes. `next` is always there: keep it, and ask again with it; `more`: there is some
    already."""

    data: list[EntitlementChangeView]
    next: str
    more: bool


class EntitlementChangeView(Struct, frozen=True, kw_only=True):
    """An account's entitlements may have changed: read them again. `id` and `reason` are those of the
    event."""

    id: str
    """Id of an event."""
    account_id: str
    """Id of an account."""
    reason: str
    occurred_at: datetime


class EntitlementView(Struct, frozen=True, kw_only=True):
    """What one item gives on one billable object, and what proves that it may."""

    item_id: str
    """Id of an item of a subscription."""
    subscription_id: str
    """Id of a subscription."""
    product_id: str
    object: str
    quantity: int
    features: dict[str, bool | int | str]
    starts_at: datetime
    ends_at: datetime
    proof: str
    """`terms`: a contract, paid later. `sponsorship`: credit of a sponsored account. `grace`: not paid,
    and policy lets service go on until `ends_at`."""


class EntitlementsView(Struct, frozen=True, kw_only=True):
    """What the account may use now: granted, held by a pending payment, or not given because its payment
    failed. It stays true until `valid_until` unless something is bought, ended or unpaid."""

    account_id: str
    """Id of an account."""
    entitlements: list[EntitlementView]
    features: list[CapabilityView]
    held: list[HeldView]
    unpaid: list[UnpaidView]
    restrictions: list[RestrictionView]
    valid_until: datetime | None


class EntityBody(Struct, frozen=True, kw_only=True):
    """A legal entity, whole: what is left out, it does not have. Its invoices are numbered in series
    that begin with `series_prefix`, which stays; so does its country once it bills accounts."""

    name: str
    country: str
    """ISO 3166-1 alpha-2 code."""
    series_prefix: str
    """2 to 12 capital letters or digits, starting with a letter."""
    address: AddressBody | None | UnsetType = UNSET
    registration: str | None | UnsetType = UNSET
    """Its entry in the commercial register."""
    tax_ids: list[TaxIdBody] | UnsetType = UNSET
    email: str | None | UnsetType = UNSET
    bank_accounts: list[BankAccountBody] | UnsetType = UNSET
    currencies: list[str] | UnsetType = UNSET
    """ISO 4217 codes of what it bills in; none: every currency."""


class EntityPage(Struct, frozen=True, kw_only=True):
    """A page of legal entities, or of one's versions."""

    data: list[EntityView]
    next: str | None
    """The cursor of the next page, as `after`; null at the end."""


class EntityView(Struct, frozen=True, kw_only=True):
    """A legal entity that bills, as its invoices say it from `valid_from` on (null: they always did). An
    issued invoice keeps what held when it was issued."""

    id: str
    name: str
    country: str
    series_prefix: str
    address: AddressBody | None
    registration: str | None
    tax_ids: list[TaxIdBody]
    email: str | None
    bank_accounts: list[BankAccountBody]
    currencies: list[str]
    valid_from: datetime | None


class Event(Struct, frozen=True, kw_only=True):
    """Something used. With `corrects`, what the event of that id should have said; without value and
    member: that it should not count at all."""

    id: str
    """Yours; once per account."""
    account: str
    """Id of the account."""
    meter: str
    at: datetime
    """When it was used, RFC 3339."""
    value: int | None | UnsetType = UNSET
    """How much, in whole units of the meter; 0 to 10^12."""
    member: str | None | UnsetType = UNSET
    """Who or what, for a meter that counts unique ones."""
    object: str | UnsetType = UNSET
    """As in the item: `account`, or kind and name."""
    corrects: str | None | UnsetType = UNSET
    """Yours; once per account."""


class EventPage(Struct, frozen=True, kw_only=True):
    """A page of events. `next` is always there: keep it, and ask again with it; `more`: there is some
    already."""

    data: list[EventView]
    next: str
    more: bool


class EventView(Struct, frozen=True, kw_only=True):
    """One event, published if and only if what it says was committed; `id` is there to deduplicate."""

    id: str
    """Id of an event."""
    type: str
    account_id: str
    """Id of an account."""
    occurred_at: datetime
    data: dict[str, Any]
    """Depends on the type; amounts in minor units."""


class EvidenceBody(Struct, frozen=True, kw_only=True):
    """What the merchant says against a dispute."""

    statement: str
    """In plain words, for whoever decides."""


class FieldError(Struct, frozen=True, kw_only=True):
    """A field of the request, as a path into it, and the rule it breaks."""

    field: str
    rule: str


class FigureView(Struct, frozen=True, kw_only=True):
    """One figure: `usual` where state is committed before payment, `target`, and what was measured
    `here`. `value` is a count, or a share of 1; null where there is nothing to measure it of."""

    name: str
    what: str
    usual: str
    target: str
    here: str
    value: float | None
    reached: bool
    measured: str
    """How it is counted."""


class FullCreditNoteView(Struct, frozen=True, kw_only=True):
    """A credit note with what it takes of each line."""

    id: str
    """Id of a credit note."""
    account_id: str
    """Id of an account."""
    invoice_id: str
    """Id of an invoice."""
    number: str
    currency: str
    """ISO 4217 code."""
    amount: int
    """An amount in minor units of the currency."""
    amount_text: str
    """The same amount for people."""
    to_debt: int
    """An amount in minor units of the currency."""
    to_refund: int
    """An amount in minor units of the currency."""
    to_credit: int
    """An amount in minor units of the currency."""
    refund_id: str | None
    """Id of a refund."""
    reason: str
    issued_by: str
    issued_at: datetime
    lines: list[CreditLineView]


class FullDraftView(Struct, frozen=True, kw_only=True):
    """A draft with its lines as they were written, and what issuing it now comes to: `preview` is null
    once it is issued or voided, and where something forbids it now, which `forbidden` names."""

    id: str
    """Id of an invoice that is not issued yet."""
    account_id: str
    """Id of an account."""
    state: str
    version: int
    reference: str | None
    notes: str | None
    terms_days: int | None
    """Null: by the account's terms."""
    include_items: bool
    change_id: str | None
    """Id of a change: the payment attempt that stands for it."""
    created_at: datetime
    changed_at: datetime
    lines: list[LineView]
    preview: PlanView | None
    forbidden: str | None
    invoice_id: str | None
    """Id of an invoice."""


class FullInvoiceView(Struct, frozen=True, kw_only=True):
    """An invoice with its lines."""

    id: str
    """Id of an invoice."""
    account_id: str
    """Id of an account."""
    subscription_id: str | None
    """Id of a subscription."""
    number: str
    state: str
    currency: str
    """ISO 4217 code."""
    net: int
    """An amount in minor units of the currency."""
    tax: int
    """An amount in minor units of the currency."""
    total: int
    """An amount in minor units of the currency."""
    credited: int
    """An amount in minor units of the currency."""
    charged_back: int
    """What lost disputes took of what was paid; it is owed again."""
    paid: int
    """An amount in minor units of the currency."""
    debt: int
    """An amount in minor units of the currency."""
    total_text: str
    """The same amount for people."""
    debt_text: str
    """The same amount for people."""
    issued_at: datetime
    due_at: datetime
    reference: str | None
    """The customer's own, as a purchase order."""
    notes: str | None
    lines: list[LineView]


class FullMeterView(Struct, frozen=True, kw_only=True):
    """What is counted, in which unit, and how events become one quantity: sum, max, last or unique.
    `prices` on sale charge by it."""

    id: str
    name: str
    unit: str
    aggregation: str
    prices: list[str]


class GiftBody(Struct, frozen=True, kw_only=True):
    """Credit that is given without money, in the account's currency. Lower `priority` is drawn on first;
    it pays for nothing of the products in `excludes`, and for nothing from `expires_at` on."""

    kind: Literal["goodwill", "sponsored"]
    amount: int
    """Minor units of the account's currency."""
    reason: str
    granted_by: str
    """Who decided it."""
    priority: int | UnsetType = UNSET
    excludes: list[str] | UnsetType = UNSET
    """Ids of products."""
    expires_at: datetime | None | UnsetType = UNSET
    """RFC 3339, UTC."""


class GiveUpBody(Struct, frozen=True, kw_only=True):
    """Give an open invoice up: who, and why; whether all of the account ends with it (left out: as its
    policy says)."""

    reason: str
    by: str
    """Who decided it."""
    scope: Scope | None | UnsetType = UNSET


class GivenBackView(Struct, frozen=True, kw_only=True):
    """What was given back of a payment. To its method, it is a refund, by its `id`. `credited`: it
    became account credit at once, by the credit note; then there is no refund."""

    id: str | None
    """Id of a refund."""
    account_id: str
    """Id of an account."""
    payment_id: str
    """Id of a payment."""
    credit_note_id: str | None
    """Id of a credit note."""
    provider: str
    currency: str
    """ISO 4217 code."""
    amount: int
    """An amount in minor units of the currency."""
    amount_text: str
    """The same amount for people."""
    reason: str
    state: str
    """credited; or as of a refund: due, processing, succeeded, failed, returned."""
    ref: str | None
    """The provider's own name for it."""
    created_at: datetime
    returned_at: datetime | None
    """When it came back."""
    retry_of: str | None
    """The refund that this one sends again."""
    retry_id: str | None
    """The second try of it."""


class GrantView(Struct, frozen=True, kw_only=True):
    """What one item gives on one billable object, from `starts_at` until before `ends_at`."""

    item_id: str
    """Id of an item of a subscription."""
    subscription_id: str
    """Id of a subscription."""
    product_id: str
    object: str
    quantity: int
    features: dict[str, bool | int | str]
    starts_at: datetime
    ends_at: datetime


class HealthView(Struct, frozen=True, kw_only=True):
    """That all is well."""

    status: str


class HeldView(Struct, frozen=True, kw_only=True):
    """What a payment in flight would grant; it is not granted yet."""

    change_id: str
    """Id of a change: the payment attempt that stands for it."""
    state: str
    product_id: str
    object: str
    quantity: int
    features: dict[str, bool | int | str]


class HoldBody(Struct, frozen=True, kw_only=True):
    """What support keeps from an account, until when, and why."""

    consequence: Consequence
    reason: str
    """Why, in plain words."""
    author: str
    """Who does it."""
    expires_at: datetime
    """RFC 3339, UTC."""


class HoldPage(Struct, frozen=True, kw_only=True):
    """A page of an account's holds, also those that are over, oldest first."""

    data: list[HoldView]
    next: str | None
    """Id of a hold."""


class HoldView(Struct, frozen=True, kw_only=True):
    """A consequence that is kept from an account until it expires or is released."""

    id: str
    """Id of a hold."""
    consequence: str
    reason: str
    author: str
    placed_at: datetime
    expires_at: datetime
    released_at: datetime | None
    released_by: str | None


class ImportedView(Struct, frozen=True, kw_only=True):
    """What became of one agreement. `known`: it was imported before. `unanswered`: name it again later."""

    account_id: str
    """Id of an account."""
    reference: str
    state: str
    change_id: str | None
    """The setup that made it a method."""
    cause: str | None
    """Why the provider did not have it."""
    error: FieldError | None
    """The rule that forbids it."""


class IntervalView(Struct, frozen=True, kw_only=True):
    """How long a period is."""

    unit: str
    count: int


class InvoiceBody(Struct, frozen=True, kw_only=True):
    """An invoice of the merchant's own lines: issued and collected off-session at once, or kept as a
    draft."""

    account_id: str
    """Id of an account."""
    lines: list[ManualLine] | UnsetType = UNSET
    """At least one, unless items are included."""
    include_items: bool | UnsetType = UNSET
    """Whether what waits for the account's next invoice is on it, after the lines."""
    reference: str | None | UnsetType = UNSET
    """The customer's own, as a purchase order; printed, and in the e-invoice."""
    notes: str | None | UnsetType = UNSET
    """For the customer to read; printed, and in the e-invoice. Lines end with a line feed."""
    terms_days: int | None | UnsetType = UNSET
    """Due so many days later; null: by the account's terms."""


class InvoiceItemBody(Struct, frozen=True, kw_only=True):
    """Something that waits for the account's next invoice; a negative amount is a deduction."""

    description: str
    amount: int | None | UnsetType = UNSET
    """Minor units of the account's currency."""
    unit_amount: int | None | UnsetType = UNSET
    """In place of `amount`: of each, in 10^-`scale` minor units."""
    scale: int | UnsetType = UNSET
    """How many digits `unit_amount` has below a minor unit."""
    quantity: int | UnsetType = UNSET
    period: PeriodBody | None | UnsetType = UNSET
    tax_category: str | None | UnsetType = UNSET
    """One that a product or a tax rate has; without it `standard`."""
    tax_behavior: TaxBehavior | UnsetType = UNSET
    """Whether tax is added to the amount, or is contained in it."""
    product_id: str | None | UnsetType = UNSET
    """What it is for: which account credit may pay for it, and its tax category if none is given."""
    account_id: str
    """Id of an account."""


class InvoiceItemPage(Struct, frozen=True, kw_only=True):
    """A page of items; `next` is the cursor of the following one."""

    data: list[InvoiceItemView]
    next: str | None
    """Id of something that waits for an invoice."""


class InvoiceItemView(Struct, frozen=True, kw_only=True):
    """Something that waits for an invoice, or what became of it; `line` is without tax until it is
    invoiced."""

    id: str
    """Id of something that waits for an invoice."""
    account_id: str
    """Id of an account."""
    state: str
    version: int
    currency: str
    """ISO 4217 code."""
    line: LineView
    change_id: str | None
    """The payment under way that is about to invoice it; null: none is."""
    invoice_id: str | None
    """Id of an invoice."""
    created_at: datetime
    changed_at: datetime


class InvoicePage(Struct, frozen=True, kw_only=True):
    """A page of invoices."""

    data: list[InvoiceView]
    next: str | None
    """The cursor of the next page, as `after`; null at the end."""


class InvoiceView(Struct, frozen=True, kw_only=True):
    """An issued invoice. `net` + `tax` = `total`; `debt` is total − credited − paid, everywhere it is
    shown."""

    id: str
    """Id of an invoice."""
    account_id: str
    """Id of an account."""
    subscription_id: str | None
    """Id of a subscription."""
    number: str
    state: str
    currency: str
    """ISO 4217 code."""
    net: int
    """An amount in minor units of the currency."""
    tax: int
    """An amount in minor units of the currency."""
    total: int
    """An amount in minor units of the currency."""
    credited: int
    """An amount in minor units of the currency."""
    charged_back: int
    """What lost disputes took of what was paid; it is owed again."""
    paid: int
    """An amount in minor units of the currency."""
    debt: int
    """An amount in minor units of the currency."""
    total_text: str
    """The same amount for people."""
    debt_text: str
    """The same amount for people."""
    issued_at: datetime
    due_at: datetime
    reference: str | None
    """The customer's own, as a purchase order."""
    notes: str | None


class ItemPrice(Struct, frozen=True, kw_only=True):
    """The price that one item has in the new interval."""

    item_id: str
    """Id of an item of a subscription."""
    price_id: str
    """A price: exactly (`key@version`), or by `key` alone the version that is on sale."""


class ItemView(Struct, frozen=True, kw_only=True):
    """One price × quantity on one billable object."""

    id: str
    """Id of an item of a subscription."""
    price_id: str
    quantity: int
    object: str


class KeyView(Struct, frozen=True, kw_only=True):
    """A public key (RFC 8037)."""

    kid: str
    x: str
    kty: str = "OKP"
    crv: str = "Ed25519"
    use: str = "sig"
    alg: str = "EdDSA"


class KeysView(Struct, frozen=True, kw_only=True):
    """A JSON Web Key Set (RFC 7517): the next key, the one that signs, and older ones whose tokens may
    be about."""

    keys: list[KeyView]


class KpisView(Struct, frozen=True, kw_only=True):
    """The latest measurement, and a line for each day. `measured_at` is null while nothing was measured
    yet."""

    measured_at: datetime | None
    took_s: float | None
    figures: list[FigureView]
    laws: dict[str, int]
    history: list[DayView]


class LineView(Struct, frozen=True, kw_only=True):
    """One line; `explanation` is a sentence with which a person can check the amount. `inclusive`: the
    amount contains the tax. `net` + `tax` = `gross` in any case. A `discount` is on the line before
    it, and comes from `coupon_id`. `product_id` is of a line without a price; `invoice_item_id` had
    waited for the invoice."""

    kind: str
    description: str
    explanation: str
    quantity: int
    amount: int
    """An amount in minor units of the currency."""
    amount_text: str
    """The same amount for people."""
    inclusive: bool
    net: int
    """An amount in minor units of the currency."""
    tax: int
    """An amount in minor units of the currency."""
    gross: int
    """An amount in minor units of the currency."""
    taxes: list[TaxView]
    price_id: str | None
    item_id: str | None
    """Id of an item of a subscription."""
    object: str | None
    period: PeriodView | None
    coupon_id: str | None
    product_id: str | None
    invoice_item_id: str | None
    """Id of something that waits for an invoice."""


class LookView(Struct, frozen=True, kw_only=True):
    """How far the daily look has come: in how many of the 256 buckets every account was looked at, and
    when the one that was longest ago was through."""

    buckets: int
    oldest_at: datetime | None


class LossView(Struct, frozen=True, kw_only=True):
    """What a lost dispute took: `to_debt` of what was paid on the invoice, which is owed again;
    `from_credit` of account credit; and what is `written_off`, because it had been given back or
    spent."""

    to_debt: int
    """An amount in minor units of the currency."""
    from_credit: int
    """An amount in minor units of the currency."""
    written_off: int
    """An amount in minor units of the currency."""


class ManualLine(Struct, frozen=True, kw_only=True):
    """One line of a manual invoice. A negative amount is a deduction; all lines together are not
    negative."""

    description: str
    amount: int | None | UnsetType = UNSET
    """Minor units of the account's currency."""
    unit_amount: int | None | UnsetType = UNSET
    """In place of `amount`: of each, in 10^-`scale` minor units."""
    scale: int | UnsetType = UNSET
    """How many digits `unit_amount` has below a minor unit."""
    quantity: int | UnsetType = UNSET
    period: PeriodBody | None | UnsetType = UNSET
    tax_category: str | None | UnsetType = UNSET
    """One that a product or a tax rate has; without it `standard`."""
    tax_behavior: TaxBehavior | UnsetType = UNSET
    """Whether tax is added to the amount, or is contained in it."""
    product_id: str | None | UnsetType = UNSET
    """What it is for: which account credit may pay for it, and its tax category if none is given."""


class ManyBody(Struct, frozen=True, kw_only=True):
    """Up to 500 accounts. `known` are tags of answers that are at hand: where one is still right,
    nothing is sent."""

    accounts: list[str]
    known: dict[str, str] | UnsetType = UNSET
    object: str | None | UnsetType = UNSET
    """Only this object, and what the whole account has."""
    feature: str | None | UnsetType = UNSET
    """Only what says something about this feature."""


class ManyEntitlementsView(Struct, frozen=True, kw_only=True):
    """The answers, in the order of the accounts asked for; those whose tag is still right; and those
    that are none."""

    data: list[TaggedView]
    unchanged: list[str]
    missing: list[str]


class MeterPage(Struct, frozen=True, kw_only=True):
    """A page of meters."""

    data: list[FullMeterView]
    next: str | None
    """The cursor of the next page, as `after`; null at the end."""


class MeterView(Struct, frozen=True, kw_only=True):
    """What is counted, in which unit, and how events become one quantity: sum, max, last or unique."""

    id: str
    name: str
    unit: str
    aggregation: str
    names: dict[str, str]
    """What it is called in some languages; `name` holds in all others."""
    units: dict[str, str]
    """The unit in some languages, as `names`."""


class MethodBody(Struct, frozen=True, kw_only=True):
    """Open a setup that vaults a collection method, of a kind and at a provider that may be chosen."""

    provider: str | None | UnsetType = UNSET
    method_kind: str | None | UnsetType = UNSET
    """A kind of method that a provider takes: card, wallet, bank_debit, agreement, transfer."""


class MethodImportBody(Struct, frozen=True, kw_only=True):
    """Agreements that become collection methods of their accounts."""

    provider: str
    agreements: list[AgreementBody]


class MethodImportView(Struct, frozen=True, kw_only=True):
    """What became of all of them, in the order in which they were named."""

    provider: str
    results: list[ImportedView]


class MethodOrderBody(Struct, frozen=True, kw_only=True):
    """All of an account's methods, the one that is to be tried first in the first place."""

    method_ids: list[str]


class MethodPage(Struct, frozen=True, kw_only=True):
    """Collection methods, in the order in which they are tried."""

    data: list[MethodView]
    next: str | None
    """The cursor of the next page, as `after`; null at the end."""


class MethodView(Struct, frozen=True, kw_only=True):
    """A vaulted collection method. `off_session`: its mandate allows charges without the customer;
    `expires_on`: the last day on which it works, where its provider says so."""

    id: str
    """Id of a collection method."""
    account_id: str
    """Id of an account."""
    provider: str
    kind: str
    label: str
    state: str
    off_session: bool
    priority: int
    expires_on: date | None


class MovedView(Struct, frozen=True, kw_only=True):
    """What moved of one kind and currency, or what the provider kept of that."""

    kind: str
    currency: str
    """ISO 4217 code."""
    movements: int
    amount: int
    """An amount in minor units of the currency."""
    amount_text: str
    """The same amount for people."""


class NamedView(Struct, frozen=True, kw_only=True):
    """Somebody, by name alone."""

    name: str


class NewItem(Struct, frozen=True, kw_only=True):
    """One price × quantity on one billable object."""

    price_id: str
    """A price: exactly (`key@version`), or by `key` alone the version that is on sale."""
    quantity: int | UnsetType = UNSET
    object: str | UnsetType = UNSET
    """What the item is for: `"account"`, or kind and name."""


class NextActionView(Struct, frozen=True, kw_only=True):
    """What the customer must still do: confirm in the page with `client_secret`, visit `url`, or follow
    the `instructions`, e.g. to transfer the money. Nothing that lets somebody act is stored:
    `client_secret` and `url` are asked of the provider and told where one change is opened, confirmed
    or read; in lists, and while the provider does not answer, they are null."""

    provider: str
    attempt_id: str
    """Id of a change: the payment attempt that stands for it."""
    kind: str
    client_secret: str | None
    url: str | None
    instructions: str | None
    expires_at: datetime


class OwedView(Struct, frozen=True, kw_only=True):
    """What is owed in one currency on all open invoices together, or contested in all open disputes."""

    currency: str
    """ISO 4217 code."""
    amount: int
    """An amount in minor units of the currency."""
    amount_text: str
    """The same amount for people."""


class ParityBody(Struct, frozen=True, kw_only=True):
    """The window (the last 30 days, unless it is given), and what another system did in it."""

    since: datetime | None | UnsetType = UNSET
    """RFC 3339, UTC."""
    until: datetime | None | UnsetType = UNSET
    """RFC 3339, UTC."""
    done: list[DoneBody] | UnsetType = UNSET
    examples: int | UnsetType = UNSET
    """How many that differ are named."""


class ParityReport(Struct, frozen=True, kw_only=True):
    """What was decided beside what was done in a window, consequence by consequence."""

    since: datetime
    until: datetime
    data: list[ParityView]


class ParityView(Struct, frozen=True, kw_only=True):
    """Of one consequence: for how many accounts it was decided and done (at most `apart_s` seconds
    apart), decided alone, done alone, since when the oldest of these waits, and the oldest of them."""

    consequence: str
    agreed: int
    apart_s: int
    only_decided: int
    oldest_decided: datetime | None
    only_done: int
    oldest_done: datetime | None
    examples: list[UnlikeView]


class PayBody(Struct, frozen=True, kw_only=True):
    """How to pay, and what was seen: nothing else is ever paid. `provider` and `method_id` are those of
    the way."""

    way: WayName
    seen_total: int
    """`due_now`, as it was shown."""
    seen_fingerprint: str
    """`fingerprint`, as it was shown."""
    provider: str | None | UnsetType = UNSET
    method_id: str | None | UnsetType = UNSET
    """Id of a collection method."""
    return_url: str | None | UnsetType = UNSET
    """An address at https, or at http of this machine; printable ASCII, without a name or password."""
    bot_token: str | None | UnsetType = UNSET
    """Of the bot check's part of the page."""


class PayDebtBody(Struct, frozen=True, kw_only=True):
    """Pay what is owed on one invoice, or on several in one payment; without a name, on all of them."""

    invoice_id: str | None | UnsetType = UNSET
    """Id of an invoice."""
    invoice_ids: list[str] | None | UnsetType = UNSET
    provider: str | None | UnsetType = UNSET
    method_id: str | None | UnsetType = UNSET
    """Id of a collection method."""
    method_kind: str | None | UnsetType = UNSET
    """A kind of method that a provider takes: card, wallet, bank_debit, agreement, transfer."""


class PayLinkBody(Struct, frozen=True, kw_only=True):
    """The invoices that the link is for; left out, all that the account owes whenever it is opened."""

    invoice_ids: list[str] | None | UnsetType = UNSET


class PayLinkView(Struct, frozen=True, kw_only=True):
    """A link by which whoever has it can see and pay what is owed, without signing in."""

    url: str
    expires_at: datetime


class PaymentPage(Struct, frozen=True, kw_only=True):
    """A page of payments."""

    data: list[PaymentView]
    next: str | None
    """Id of a payment."""


class PaymentView(Struct, frozen=True, kw_only=True):
    """Money that came, by a provider or recorded by hand. `applied`: it paid `invoice_id`; otherwise it
    became credit, or went back, for `reason`. Money that paid several invoices is a payment for each,
    numbered by `part`."""

    id: str
    """Id of a payment."""
    account_id: str
    """Id of an account."""
    invoice_id: str | None
    """Id of an invoice."""
    change_id: str | None
    """Id of a change: the payment attempt that stands for it."""
    provider: str
    ref: str
    """The provider's own name for it, or the reference that came with it."""
    part: int
    currency: str
    """ISO 4217 code."""
    amount: int
    """An amount in minor units of the currency."""
    amount_text: str
    """The same amount for people."""
    refunded: int
    """What of it went back to the method, or is on its way."""
    disposition: str
    """applied, credited or refunded."""
    reason: str | None
    received_at: datetime


class PendingView(Struct, frozen=True, kw_only=True):
    """What happens when the period ends: `cancel`, or these items (null: as they are), or another
    interval."""

    cancel: bool
    items: list[ItemView] | None
    interval: IntervalView | None


class PeriodBody(Struct, frozen=True, kw_only=True):
    """The time that a line is for, `end` not included. Its amount is earned over it."""

    start: datetime
    """RFC 3339, UTC."""
    end: datetime
    """RFC 3339, UTC."""


class PeriodView(Struct, frozen=True, kw_only=True):
    """From `start` (included) to `end` (not included), UTC."""

    start: datetime
    end: datetime


class PlanView(Struct, frozen=True, kw_only=True):
    """What a change comes to: its lines, what is due now, and the subscription as it is after.
    `invoice_lines` are those of the invoice that it issues: the same, but where it comes to less than
    nothing; then of unused time what pays for its charges, and the rest by `credit_notes`."""

    path: str
    intent: str
    currency: str
    """ISO 4217 code."""
    lines: list[LineView]
    invoice_lines: list[LineView]
    net: int
    """An amount in minor units of the currency."""
    tax: int
    """An amount in minor units of the currency."""
    tax_text: str
    """The same amount for people."""
    total: int
    """An amount in minor units of the currency."""
    total_text: str
    """The same amount for people."""
    credit_used: int
    """An amount in minor units of the currency."""
    draws: list[DrawView]
    credit_granted: int
    """An amount in minor units of the currency."""
    credit_notes: list[PlannedCreditNoteView]
    due: int
    """An amount in minor units of the currency."""
    due_text: str
    """The same amount for people."""
    terms_days: int
    needs_setup: bool
    proof: str
    after: SubscriptionView | None
    planned_at: datetime
    expires_at: datetime


class PlannedCreditNoteView(Struct, frozen=True, kw_only=True):
    """A credit note of a change, or of usage that came to less than was billed: of its amount `to_debt`
    lowers what is owed on the invoice."""

    invoice_id: str
    """Id of an invoice."""
    amount: int
    """An amount in minor units of the currency."""
    to_debt: int
    """An amount in minor units of the currency."""


class PollList(Struct, frozen=True, kw_only=True):
    """Every provider that was ever asked."""

    data: list[PollView]
    next: None = None


class PollView(Struct, frozen=True, kw_only=True):
    """Asking one provider: by `poll` what notifications missed, by `statement` what it kept. Everything
    before `until` is known, `lag_s` seconds ago; `failures` since it last answered, the last of them
    for this `reason`."""

    provider: str
    what: str
    """`poll` or `statement`."""
    tried_at: datetime
    answered_at: datetime | None
    until: datetime | None
    lag_s: int | None
    failures: int
    reason: str | None


class PortalLinkBody(Struct, frozen=True, kw_only=True):
    """In which language the portal is shown (left out: the account's), where it leads back to, and for
    how long the link lets somebody in (left out: as set)."""

    locale: Language | None | UnsetType = UNSET
    return_url: str | None | UnsetType = UNSET
    """An address at https, or at http of this machine; printable ASCII, without a name or password."""
    expires_in: int | None | UnsetType = UNSET
    """Seconds."""


class PortalLinkView(Struct, frozen=True, kw_only=True):
    """A link by which whoever has it enters the account's portal, until `expires_at`."""

    id: str
    """Id of the visit."""
    account_id: str
    """Id of an account."""
    url: str
    expires_at: datetime


class PostingPage(Struct, frozen=True, kw_only=True):
    """A page of postings."""

    data: list[PostingView]
    next: str | None
    """The cursor of the next page, as `after`; null at the end."""


class PostingView(Struct, frozen=True, kw_only=True):
    """`amount` moved from `credit` to `debit`; never changed afterwards."""

    id: str
    """Id of a posting: its transaction, and its place in it."""
    transaction: str
    """What was booked together: the same for all postings of one commit."""
    account_id: str
    """Id of an account."""
    entity: str
    """Id of a legal entity."""
    debit: str
    """An account of the chart; cash is kept per provider."""
    credit: str
    """An account of the chart; cash is kept per provider."""
    amount: int
    """An amount in minor units of the currency."""
    currency: str
    """ISO 4217 code."""
    amount_text: str
    """The same amount for people."""
    invoice_id: str | None
    """Id of an invoice."""
    booked_at: datetime


class PricePage(Struct, frozen=True, kw_only=True):
    """A page of prices."""

    data: list[PriceView]
    next: str | None
    """The cursor of the next page, as `after`; null at the end."""


class PriceView(Struct, frozen=True, kw_only=True):
    """What a product costs per interval, in advance, or once (null). `active`: on sale. `tax_behavior`:
    tax is added to the amounts, or contained in them. With `meter` it is charged in arrears, by
    usage: amounts are then in 10^-`scale` minor units, and usage of `threshold` minor units is
    invoiced at once."""

    id: str
    product_id: str
    version: int
    currency: str
    """ISO 4217 code."""
    interval: IntervalView | None
    scheme: str
    unit_amount: int
    """An amount in minor units of the currency."""
    unit_amount_text: str
    """The same amount for people."""
    tiers: list[TierView]
    package_size: int
    trial_days: int
    supersedes: str | None
    active: bool
    meter: MeterView | None
    scale: int
    threshold: int | None
    """An amount in minor units of the currency."""
    tax_behavior: str


class ProblemDetails(Struct, frozen=True, kw_only=True):
    """What went wrong (RFC 9457). `type` never changes its meaning; `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []


class ProductPage(Struct, frozen=True, kw_only=True):
    """A page of products."""

    data: list[ProductView]
    next: str | None
    """The cursor of the next page, as `after`; null at the end."""


class ProductView(Struct, frozen=True, kw_only=True):
    """What is sold. Of one family an account has at most one on one object; `includes` are a bundle's
    parts. What does not take credit, or a bundle with it, cannot be paid by account credit."""

    id: str
    name: str
    family: str
    object_kind: str
    features: dict[str, bool | int | str]
    """With those of the bundle's parts."""
    includes: list[str]
    quantity_max: int | None
    tax_category: str
    takes_credit: bool
    ending: str | None
    authentication: str
    """Whether a payer who is present is authenticated on demand."""
    names: dict[str, str]
    """What it is called in some languages; `name` holds in all others."""


class PromiseView(Struct, frozen=True, kw_only=True):
    """A change in flight that counts on so much of a grant."""

    change_id: str
    """Id of a change: the payment attempt that stands for it."""
    amount: int
    """An amount in minor units of the currency."""


class ProviderSaidView(Struct, frozen=True, kw_only=True):
    """What the provider last said of an attempt, by answer, notification or poll, and when that was
    heard."""

    outcome: str
    cause: str | None
    """Why it failed."""
    at: datetime


class Purchase(Struct, frozen=True, kw_only=True, tag_field="type", tag="purchase"):
    """Buy one or several one-off prices."""

    items: list[NewItem]
    coupons: list[str] | UnsetType = UNSET
    """Codes of coupons to redeem with this change."""


class QuoteBody(Struct, frozen=True, kw_only=True):
    """What a change would cost; nothing is written."""

    account_id: str
    """Id of an account."""
    change: (
        Start
        | Purchase
        | TopUp
        | AddMethod
        | AddItem
        | RemoveItem
        | SetQuantity
        | SwitchPrice
        | ChangeInterval
        | CancelNow
        | CancelAtPeriodEnd
        | Uncancel
        | RedeemCoupons
        | RemoveCoupon
    )


class ReceiptBody(Struct, frozen=True, kw_only=True):
    """A payment that no provider took. The same method and reference are the same payment."""

    method: ExternalMethod
    reference: str
    amount: int
    """Minor units of the invoice's currency."""
    received_at: datetime
    """RFC 3339, UTC."""


class ReceiptView(Struct, frozen=True, kw_only=True):
    """A recorded payment, and the invoice as it now stands."""

    id: str
    """Id of a payment."""
    invoice: InvoiceView


class ReceiptsBody(Struct, frozen=True, kw_only=True):
    """A payment that no provider took, for what an account owes: for the named invoices, or all; the one
    that fell due first is paid first."""

    method: ExternalMethod
    reference: str
    amount: int
    """Minor units of the invoice's currency."""
    received_at: datetime
    """RFC 3339, UTC."""
    invoices: list[str] | None | UnsetType = UNSET


class ReceiptsView(Struct, frozen=True, kw_only=True):
    """A recorded payment, and the invoices that it paid, wholly or in part, as they now stand."""

    id: str
    """Id of a payment."""
    invoices: list[InvoiceView]


class ReconciliationPage(Struct, frozen=True, kw_only=True):
    """A page."""

    data: list[ReconciliationView]
    next: str | None
    """Id of a comparison of the books with a provider."""


class ReconciliationView(Struct, frozen=True, kw_only=True):
    """One comparison of the books with a provider."""

    id: str
    """Id of a comparison of the books with a provider."""
    provider: str
    since: datetime
    until: datetime
    made_at: datetime
    moved: list[MovedView]
    kept: list[MovedView]
    """The provider's fees."""
    found: int
    """How many differences there were."""
    left: int
    """How many of them are not repaired."""


class RecordedView(Struct, frozen=True, kw_only=True):
    """What became of a batch."""

    accepted: int
    """Events that were new."""
    duplicates: int
    """Events that were known by their id, and are not counted again."""


class RedeemCoupons(Struct, frozen=True, kw_only=True, tag_field="type", tag="redeem_coupons"):
    """Coupons for what the subscription is charged from its next period on, without another change."""

    subscription_id: str
    """Id of a subscription."""
    coupons: list[str]


class RedemptionPage(Struct, frozen=True, kw_only=True):
    """A page of redemptions."""

    data: list[RedemptionView]
    next: str | None
    """The cursor of the next page, as `after`; null at the end."""


class RedemptionView(Struct, frozen=True, kw_only=True):
    """A coupon that an account redeemed, for a subscription or by a one-off purchase. It has counted for
    `periods_used` periods; `ended_at` is null while it still counts, or waits to."""

    id: str
    """Id of a redemption of a coupon."""
    account_id: str
    """Id of an account."""
    subscription_id: str | None
    """Id of a subscription."""
    coupon_id: str
    code: str
    periods_used: int
    redeemed_at: datetime
    ended_at: datetime | None


class RefundBody(Struct, frozen=True, kw_only=True):
    """Give back a payment, wholly or in part: to the method that it came from, or as account credit,
    which a payment from outside any provider and a disputed one can become too. By a credit note of
    the invoice that it paid; with `source` `credit` instead out of account credit, as far as the
    payment was kept as that and it is left."""

    payment_id: str
    """Id of a payment."""
    reason: str
    issued_by: str
    """Who decided it."""
    amount: int | None | UnsetType = UNSET
    """Minor units of the invoice's currency."""
    to: RefundTo | UnsetType = UNSET
    source: RefundSource | UnsetType = UNSET


class RefundPage(Struct, frozen=True, kw_only=True):
    """A page of refunds."""

    data: list[RefundView]
    next: str | None
    """Id of a refund."""


class RefundRetryBody(Struct, frozen=True, kw_only=True):
    """Send a refund again that was refused, or came back, and became account credit: all of it, out of
    credit."""

    reason: str


class RefundView(Struct, frozen=True, kw_only=True):
    """Money on its way back. `failed`: the provider refused it, and it became account credit."""

    id: str
    """Id of a refund."""
    account_id: str
    """Id of an account."""
    payment_id: str
    """Id of a payment."""
    credit_note_id: str | None
    """Id of a credit note."""
    provider: str
    currency: str
    """ISO 4217 code."""
    amount: int
    """An amount in minor units of the currency."""
    amount_text: str
    """The same amount for people."""
    reason: str
    state: str
    """due, processing, succeeded, failed, or returned (it had succeeded, and came back)."""
    ref: str | None
    """The provider's own name for it."""
    created_at: datetime
    returned_at: datetime | None
    """When it came back."""
    retry_of: str | None
    """The refund that this one sends again."""
    retry_id: str | None
    """The second try of it."""


class ReleaseBody(Struct, frozen=True, kw_only=True):
    """Who ends a hold."""

    by: str
    """Who does it."""


class RemoveCoupon(Struct, frozen=True, kw_only=True, tag_field="type", tag="remove_coupon"):
    """A coupon counts for nothing that is charged from now on; the current period stays charged as it
    is."""

    subscription_id: str
    """Id of a subscription."""
    coupon: str
    """What the customer types; small letters count as capitals."""


class RemoveItem(Struct, frozen=True, kw_only=True, tag_field="type", tag="remove_item"):
    """One item less from the end of the current period on."""

    subscription_id: str
    """Id of a subscription."""
    item_id: str
    """Id of an item of a subscription."""
    coupons: list[str] | UnsetType = UNSET
    """Codes of coupons to redeem with this change."""


class ReplayBody(Struct, frozen=True, kw_only=True):
    """Which events are told once more: from `since` to before `until` (now, if left out)."""

    since: datetime
    """RFC 3339, UTC."""
    until: datetime | UnsetType = UNSET
    """RFC 3339, UTC."""
    types: list[str] | UnsetType = UNSET
    """Types of events that it is told of; none: all."""
    failed_only: bool | UnsetType = UNSET
    """Only those that were left failed after all tries."""


class ReplayView(Struct, frozen=True, kw_only=True):
    """How many events will be told once more."""

    replayed: int


class RestrictionView(Struct, frozen=True, kw_only=True):
    """A measure in effect because of an unpaid invoice. Without `subscription_id` it is the whole
    account's; `products` are those that are suspended, or that paid plans drop to."""

    measure: str
    reason: str
    since: datetime
    invoice_id: str
    """Id of an invoice."""
    subscription_id: str | None
    """Id of a subscription."""
    products: list[str]


class ResultLineView(Struct, frozen=True, kw_only=True):
    """What became of a line once it was paid."""

    id: str
    """Id of a line of a cart."""
    state: str
    reason: str | None


class ResultView(Struct, frozen=True, kw_only=True):
    """What was bought. There is no invoice where nothing was to be paid."""

    invoice_id: str | None
    """Id of an invoice."""
    number: str | None
    pdf_url: str | None
    lines: list[ResultLineView]


class SandboxWayView(Struct, frozen=True, kw_only=True):
    """What stands for the provider's browser part where the provider is the sandbox: the token to
    confirm with. In `card`, `{number}` is the number that was typed."""

    token: str


class SeenView(Struct, frozen=True, kw_only=True):
    """How one side has it; `movement` is the provider's name for the row of its statement."""

    amount: int | None
    """An amount in minor units of the currency."""
    currency: str | None
    """ISO 4217 code."""
    state: str | None
    movement: str | None


class SetQuantity(Struct, frozen=True, kw_only=True, tag_field="type", tag="set_quantity"):
    """Another quantity: more at once with proration, less at the end of the period."""

    subscription_id: str
    """Id of a subscription."""
    item_id: str
    """Id of an item of a subscription."""
    quantity: int
    coupons: list[str] | UnsetType = UNSET
    """Codes of coupons to redeem with this change."""


class Start(Struct, frozen=True, kw_only=True, tag_field="type", tag="start"):
    """Start a new subscription with one or several items of one interval."""

    items: list[NewItem]
    coupons: list[str] | UnsetType = UNSET
    """Codes of coupons to redeem with this change."""


class StateView(Struct, frozen=True, kw_only=True):
    """The one picture of a customer, as of `as_of` (the account's own present)."""

    account: AccountView
    as_of: datetime
    standing: str
    debt: list[OwedView]
    disputed: list[OwedView]
    """What payers contest and is not decided."""
    oldest_due: datetime | None
    recheck_at: datetime | None
    """When time alone would change this verdict."""
    credit: CreditView
    subscriptions: list[SubscriptionView]
    entitlements: list[GrantView]
    held: list[HeldView]
    methods: list[MethodView]
    open_invoices: list[InvoiceView]
    open_attempts: list[AttemptView]
    disagreements: list[DisagreementView]
    coverage: CoverageView
    evidence: list[str]
    """Why the account stands as it does, in sentences."""


class StuckListView(Struct, frozen=True, kw_only=True):
    """What is stuck, longest first, and how many of each kind there are."""

    data: list[StuckView]
    counts: dict[str, int]


class StuckView(Struct, frozen=True, kw_only=True):
    """Something that has been in its state for too long. `id` is spelled as its own endpoint spells it,
    where it has one; a notification is its provider and that one's id."""

    kind: str
    id: str
    account_id: str | None
    """Id of an account."""
    since: datetime
    reason: str | None
    advice: str


class SubscriptionPage(Struct, frozen=True, kw_only=True):
    """A page of subscriptions."""

    data: list[SubscriptionView]
    next: str | None
    """The cursor of the next page, as `after`; null at the end."""


class SubscriptionView(Struct, frozen=True, kw_only=True):
    """A subscription as of one version. `grace_until` is set while its period is not paid but granted."""

    id: str
    """Id of a subscription."""
    account_id: str
    """Id of an account."""
    state: str
    currency: str
    """ISO 4217 code."""
    interval: IntervalView
    period: PeriodView
    items: list[ItemView]
    pending: PendingView | None
    coupons: list[AppliedCouponView]
    version: int
    grace_until: datetime | None
    ended_at: datetime | None
    end_reason: str | None


class SwitchPrice(Struct, frozen=True, kw_only=True, tag_field="type", tag="switch_price"):
    """Another price of the same interval: an upgrade at once, a downgrade at the end of the period."""

    subscription_id: str
    """Id of a subscription."""
    item_id: str
    """Id of an item of a subscription."""
    price_id: str
    """A price: exactly (`key@version`), or by `key` alone the version that is on sale."""
    coupons: list[str] | UnsetType = UNSET
    """Codes of coupons to redeem with this change."""


class TaggedView(Struct, frozen=True, kw_only=True):
    """One account's answer, with its tag and for how many seconds it may be used without asking again."""

    account_id: str
    """Id of an account."""
    entitlements: list[EntitlementView]
    features: list[CapabilityView]
    held: list[HeldView]
    unpaid: list[UnpaidView]
    restrictions: list[RestrictionView]
    valid_until: datetime | None
    etag: str
    max_age: int


class TaxIdBody(Struct, frozen=True, kw_only=True):
    """A number under which a tax office knows the entity; `scheme` is how documents call it."""

    scheme: str
    value: str


class TaxPlaceBody(Struct, frozen=True, kw_only=True):
    """Where a legal entity is registered: in a country, or in a region of it."""

    entity: str
    """The legal entity."""
    country: str
    """ISO 3166-1 alpha-2 code, or `EU` for the One Stop Shop."""
    region: str | None | UnsetType = UNSET
    """ISO 3166-2 code without its country, and what lies in it after a slash."""


class TaxRateBody(Struct, frozen=True, kw_only=True):
    """One tax at one place for one category of products, from its first local day on. Immutable: another
    percentage is a rate with an id of its own."""

    id: str
    """The merchant's name for it."""
    country: str
    """ISO 3166-1 alpha-2 code."""
    name: str
    """As invoices call it."""
    rate: str
    """Percent, exact, with at most 4 decimals."""
    valid_from: date
    region: str | None | UnsetType = UNSET
    """ISO 3166-2 code without its country, and what lies in it after a slash."""
    category: str | UnsetType = UNSET
    """The `tax_category` of products."""
    replaces_wider: bool | UnsetType = UNSET
    """It stands in place of the taxes of the wider places around."""
    names: dict[str, str] | UnsetType = UNSET
    """What it is called in a language, where that is not `name`."""


class TaxRatePage(Struct, frozen=True, kw_only=True):
    """A page of rates."""

    data: list[TaxRateView]
    next: str | None
    """The cursor of the next page, as `after`; null at the end."""


class TaxRateView(Struct, frozen=True, kw_only=True):
    """One tax at one place. It holds from the local day `valid_from` until a later rate of the same
    place, category and name takes over."""

    id: str
    country: str
    region: str | None
    category: str
    name: str
    rate: str
    """Percent, exact."""
    valid_from: date
    known_from: datetime | None
    """It counts for what is charged at or after this; null: always, for it was there before any account."""
    replaces_wider: bool
    names: dict[str, str]


class TaxRegistrationBody(Struct, frozen=True, kw_only=True):
    """Register a legal entity for tax from five seconds on, under a number. Another number ends the one
    before."""

    entity: str
    """The legal entity."""
    country: str
    """ISO 3166-1 alpha-2 code, or `EU` for the One Stop Shop."""
    number: str
    """As the tax office writes it."""
    region: str | None | UnsetType = UNSET
    """ISO 3166-2 code without its country, and what lies in it after a slash."""


class TaxRegistrationPage(Struct, frozen=True, kw_only=True):
    """A page of registrations."""

    data: list[TaxRegistrationView]
    next: str | None
    """The cursor of the next page, as `after`; null at the end."""


class TaxRegistrationView(Struct, frozen=True, kw_only=True):
    """Where a legal entity collects tax, from `known_from` until `known_until` (null: still)."""

    entity: str
    country: str
    region: str | None
    number: str
    known_from: datetime | None
    """It counts for what is charged at or after this; null: always, for it was there before any account."""
    known_until: datetime | None


class TaxView(Struct, frozen=True, kw_only=True):
    """One tax on one line: `amount` on the net amount `base`, at `rate` percent, with a sentence to
    check it by. Where none is charged, `treatment` says why, and `name` is empty."""

    name: str
    jurisdiction: str
    rate: str
    treatment: str
    base: int
    """An amount in minor units of the currency."""
    amount: int
    """An amount in minor units of the currency."""
    explanation: str
    registration: str | None
    """The legal entity's number under which it is collected, as documents print it."""


class TierView(Struct, frozen=True, kw_only=True):
    """Units up to and including `up_to` (null: all further ones)."""

    up_to: int | None
    unit_amount: int
    """An amount in minor units of the currency."""
    flat_amount: int
    """An amount in minor units of the currency."""


class TokenBody(Struct, frozen=True, kw_only=True):
    """Who the token is for, about which objects (none: all), and for how many seconds at most."""

    audience: str
    """The product service that is to check it; no other one takes it."""
    objects: list[str] | UnsetType = UNSET
    """Only these objects, and what the whole account has."""
    ttl_s: int | None | UnsetType = UNSET


class TokenView(Struct, frozen=True, kw_only=True):
    """A signed token (JWS, EdDSA), to be checked by the keys at `/.well-known/jwks.json`."""

    token: str
    expires_at: datetime


class TopUp(Struct, frozen=True, kw_only=True, tag_field="type", tag="top_up"):
    """Account credit bought for money, paid for at once; it bears no tax."""

    amount: int
    """Minor units of the account's currency."""


class TransferBody(Struct, frozen=True, kw_only=True):
    """Money that came for a change that waits for it. The same reference is the same money."""

    reference: str
    amount: int
    """Minor units of the invoice's currency."""
    received_at: datetime
    """RFC 3339, UTC."""


class TrialBalanceView(Struct, frozen=True, kw_only=True):
    """Every ledger account that moved before `at`."""

    at: datetime
    final: bool
    """Whether nothing that is being committed can come before `at`: it is a quarter of an hour ago."""
    data: list[BalanceView]
    sums: list[ColumnsView]


class Uncancel(Struct, frozen=True, kw_only=True, tag_field="type", tag="uncancel"):
    """Drop a scheduled cancellation."""

    subscription_id: str
    """Id of a subscription."""
    coupons: list[str] | UnsetType = UNSET
    """Codes of coupons to redeem with this change."""


class UnlikeView(Struct, frozen=True, kw_only=True):
    """An account for which a consequence was `decided` and not done, or done and not decided, so long
    ago."""

    account_id: str
    """Id of an account."""
    decided: bool
    at: datetime
    age_s: int
    words: str


class UnpaidView(Struct, frozen=True, kw_only=True):
    """What is not granted because its payment has just failed: pay to activate."""

    change_id: str
    """Id of a change: the payment attempt that stands for it."""
    cause: str | None
    product_id: str
    object: str
    quantity: int


class UpcomingView(Struct, frozen=True, kw_only=True):
    """What an account is invoiced for next, and `at` which moment, as it would be if nothing changed
    until then; both null when nothing is to come. `credit_notes` are of usage that came to less than
    was billed: they go first, and the plan draws on what they give back (as of grants `crg_0…1` on,
    which do not exist yet)."""

    account_id: str
    """Id of an account."""
    at: datetime | None
    plan: PlanView | None
    credit_notes: list[PlannedCreditNoteView]


class UsageBody(Struct, frozen=True, kw_only=True):
    """A batch of events."""

    events: list[Event]


class UsageEventPage(Struct, frozen=True, kw_only=True):
    """A page of events."""

    data: list[UsageEventView]
    next: str | None
    """The cursor of the next page, as `after`; null at the end."""


class UsageEventView(Struct, frozen=True, kw_only=True):
    """An event as it was told. `corrected_by`: what that event says counts in its place; the latest of
    several."""

    id: str
    account_id: str
    """Id of an account."""
    meter: str
    object: str
    at: datetime
    value: int | None
    member: str | None
    corrects: str | None
    corrected_by: str | None
    received_at: datetime


class UsagePeriodView(Struct, frozen=True, kw_only=True):
    """One metered item over one span of time. `amount` is what `quantity` costs; of it `billed_amount`
    is on invoices. `billed`: its end has been invoiced, and late usage goes into the next invoice."""

    item_id: str
    """Id of an item of a subscription."""
    subscription_id: str
    """Id of a subscription."""
    price_id: str
    meter: str
    unit: str
    object: str
    period: PeriodView
    state: str
    quantity: int
    amount: int
    """An amount in minor units of the currency."""
    amount_text: str
    """The same amount for people."""
    explanation: str
    billed_quantity: int
    billed_amount: int
    """An amount in minor units of the currency."""


class UsageTotalPage(Struct, frozen=True, kw_only=True):
    """A page of totals."""

    data: list[UsageTotalView]
    next: str | None
    """The cursor of the next page, as `after`; null at the end."""


class UsageTotalView(Struct, frozen=True, kw_only=True):
    """What the events of one meter and object come to, corrections in."""

    meter: str
    object: str
    unit: str
    quantity: int


class UsageView(Struct, frozen=True, kw_only=True):
    """A page of what an account used in each period, as of `as_of`."""

    account_id: str
    """Id of an account."""
    as_of: datetime
    currency: str
    """ISO 4217 code."""
    data: list[UsagePeriodView]
    next: str | None
    """The cursor of the next page, as `after`; null at the end."""


class VoidBody(Struct, frozen=True, kw_only=True):
    """Take back what is left of credit that was given without money: why, and who."""

    reason: str
    by: str
    """Who decided it."""


class WaySetupView(Struct, frozen=True, kw_only=True):
    """What the provider's own part of the page is told: the key by which it knows the merchant. It is no
    secret."""

    publishable_key: str


class WayView(Struct, frozen=True, kw_only=True):
    """A way to pay, in the order that suits the account."""

    kind: str
    provider: str | None
    method_id: str | None
    """Id of a collection method."""
    label: str
    sandbox: SandboxWayView | None
    setup: WaySetupView | None


class WebhookEndpointBody(Struct, frozen=True, kw_only=True):
    """An address that is to be told of events."""

    url: str
    """Posted to."""
    types: list[str] | UnsetType = UNSET
    """Types of events that it is told of; none: all."""
    description: str | UnsetType = UNSET
    """For people."""


class WebhookEndpointChangeBody(Struct, frozen=True, kw_only=True):
    """What is to be otherwise; what is left out stays."""

    url: str | UnsetType = UNSET
    """Posted to."""
    types: list[str] | UnsetType = UNSET
    """Types of events that it is told of; none: all."""
    description: str | UnsetType = UNSET
    """For people."""


class WebhookEndpointPage(Struct, frozen=True, kw_only=True):
    """All endpoints, oldest first."""

    data: list[WebhookEndpointView]
    next: None = None


class WebhookEndpointView(Struct, frozen=True, kw_only=True):
    """An endpoint; `reason` says why it is disabled, since when it has been failing, if it has."""

    id: str
    """Id of a webhook endpoint."""
    url: str
    types: list[str]
    description: str
    state: str
    reason: str | None
    failing_since: datetime | None
    created_at: datetime


class WebhookSecretView(Struct, frozen=True, kw_only=True):
    """What signs: the present secret, and the one before for as long as it is still valid."""

    secret: str
    retired: str | None

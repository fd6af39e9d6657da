"""Fields: the scalar types that requests and answers share.

Owns their shapes, bounds, descriptions and examples, which decoding checks and the OpenAPI document shows. Does not
own rules that need the catalog or the database.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from solvent.core.language import TURNING

_HEX = "0193a5b2c4d87e6fa1b2c3d4e5f60718"
LIMIT_MAX = 500
AMOUNT_MAX = 10**14  # minor units; 14 digits are what `core.money` reads


def _id(prefix: str, what: str) -> Meta:
    return Meta(
        pattern=rf"^{prefix}_[0-9a-f]{{32}}$(?!\n)",
        description=f"Id of {what}.",
        examples=[f"{prefix}_{_HEX}"],
    )


AccountId = Annotated[str, _id("acc", "an account")]
SubscriptionId = Annotated[str, _id("sub", "a subscription")]
ItemId = Annotated[str, _id("itm", "an item of a subscription")]
ChangeId = Annotated[str, _id("att", "a change: the payment attempt that stands for it")]
DraftId = Annotated[str, _id("drf", "an invoice that is not issued yet")]
InvoiceId = Annotated[str, _id("inv", "an invoice")]
InvoiceItemId = Annotated[str, _id("ivi", "something that waits for an invoice")]
PostingId = Annotated[
    str,
    Meta(
        pattern=r"^pst_[0-9a-f]{32}_[0-9]{1,6}$(?!\n)",
        description="Id of a posting: its transaction, and its place in it.",
        examples=[f"pst_{_HEX}_1"],
    ),
]
PaymentId = Annotated[str, _id("pay", "a payment")]
CreditNoteId = Annotated[str, _id("crn", "a credit note")]
CreditGrantId = Annotated[str, _id("crg", "a grant of account credit")]
CreditUseId = Annotated[
    str,
    Meta(
        pattern=r"^cru_[0-9a-f]{32}_[0-9]{1,6}$(?!\n)",
        description="Id of a use of credit: its transaction, and its place in it.",
        examples=[f"cru_{_HEX}_1"],
    ),
]
RefundId = Annotated[str, _id("ref", "a refund")]
RedemptionId = Annotated[str, _id("rdm", "a redemption of a coupon")]
DisputeId = Annotated[str, _id("dsp", "a dispute")]
ReconciliationId = Annotated[str, _id("rec", "a comparison of the books with a provider")]
HoldId = Annotated[str, _id("hld", "a hold")]
DecisionId = Annotated[str, _id("dec", "a decision of the engine")]
WebhookEndpointId = Annotated[str, _id("whe", "a webhook endpoint")]
DriftId = Annotated[str, _id("drt", "a disagreement that was seen")]
CartId = Annotated[str, _id("crt", "a cart")]
CartLineId = Annotated[str, _id("cln", "a line of a cart")]
MethodId = Annotated[str, _id("mth", "a collection method")]
EventId = Annotated[
    str,
    Meta(
        pattern=r"^evt_[0-9a-f]{16}$(?!\n)", description="Id of an event.", examples=["evt_7f0000000000002a"]
    ),
]
EntityId = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$(?!\n)", description="A legal entity.", examples=["solvent-eu"]
    ),
]
PriceRef = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=128,
        description="A price: exactly (`key@version`), or by `key` alone the version that is on sale.",
        examples=["zone-pro-usd-month@1"],
    ),
]
CouponCode = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$(?!\n)",
        description="What the customer types; small letters count as capitals.",
        examples=["WELCOME20"],
    ),
]
Coupons = Annotated[
    tuple[CouponCode, ...],
    Meta(max_length=10, description="Codes of coupons to redeem with this change."),
]
ObjectName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=320,
        pattern=rf"^[^\x00-\x20\x7f{TURNING}]+$(?!\n)",
        description='What the item is for: `"account"`, or kind and name.',
        examples=["zone:example.com"],
    ),
]
Quantity = Annotated[int, Meta(ge=1, le=1_000_000_000, examples=[1])]
Minor = Annotated[int, Meta(description="An amount in minor units of the currency.", examples=[2000])]
Currency = Annotated[str, Meta(description="ISO 4217 code.", examples=["USD"])]
AmountText = Annotated[str, Meta(description="The same amount for people.", examples=["20.00 USD"])]
Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339, UTC.", examples=["2026-01-31T12:00:00Z"])]
MethodKind = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_]{0,63}$(?!\n)",
        description="A kind of method that a provider takes: card, wallet, bank_debit, agreement, transfer.",
        examples=["card"],
    ),
]
ProviderName = Annotated[str, Meta(min_length=1, max_length=64, examples=["sandbox"])]
# No name or password before the host, with which an address looks like another one's; nothing after the end.
ReturnUrl = Annotated[
    str,
    Meta(
        max_length=2048,
        pattern=r"^(https://[A-Za-z0-9.-]+|http://(localhost|127\.0\.0\.1|\[::1\]))(:[0-9]{1,5})?"
        r"([/?#][!-\[\]-~]*)?$(?!\n)",
        description="An address at https, or at http of this machine; printable ASCII, without a name or password.",
        examples=["https://shop.example.com/paid?order=17"],
    ),
]
Token = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=255,
        description="The provider's token for what the customer pays with; never a card number.",
        examples=["tok_4242424242424242"],
    ),
]
Limit = Annotated[int, Meta(ge=1, le=LIMIT_MAX, description="Rows of one page.")]


def uuid_in(spelled: str) -> UUID:
    """The id in a public spelling whose shape decoding has already checked."""
    return UUID(hex=spelled[4:])


def posting_place(spelled: str) -> tuple[UUID, int]:
    """The transaction and position in a posting's id, whose shape decoding has checked."""
    _, transaction, position = spelled.split("_")
    return UUID(hex=transaction), int(position)

"""Checkout bodies: what requests about carts carry, of the merchant and of the customer's browser.

Owns their shapes. Does not own what may be bought (`core`).
"""

from typing import Annotated

from msgspec import Meta, Struct

from solvent.core.cart import CODES_MAX, LASTS, LASTS_MAX, LASTS_MIN, LINES_MAX
from solvent.web.change_bodies import Body, NewItem
from solvent.web.fields import (
    AccountId,
    CartId,
    CouponCode,
    Limit,
    MethodId,
    ObjectName,
    PriceRef,
    Quantity,
    ReturnUrl,
    Token,
)
from solvent.web.way_names import WayName

Lines = Annotated[tuple[NewItem, ...], Meta(min_length=1, max_length=LINES_MAX)]
Codes = Annotated[tuple[CouponCode, ...], Meta(max_length=CODES_MAX)]
Version = Annotated[
    int | None,
    Meta(
        description="The version of the cart that was seen: another one is refused. Left out, any is changed."
    ),
]


class CartBody(Body):
    """A cart to open for an account. `expires_in` are seconds."""

    account_id: AccountId
    lines: Lines
    coupons: Codes = ()
    success_url: ReturnUrl | None = None
    cancel_url: ReturnUrl | None = None
    locale: Annotated[str, Meta(pattern=r"^[a-z]{2}(-[A-Z]{2})?$(?!\n)", examples=["en"])] | None = None
    expires_in: Annotated[int, Meta(ge=int(LASTS_MIN.total_seconds()), le=int(LASTS_MAX.total_seconds()))] = (
        int(LASTS.total_seconds())
    )


class CartsQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """A page of one account's carts, in the order of their creation."""

    account: AccountId
    after: CartId | None = None
    limit: Limit = 50


class AddLineBody(NewItem, kw_only=True):
    """One line more."""

    version: Version = None


class ChangeLineBody(Body):
    """What changes of a line; what is left out stays."""

    price_id: PriceRef | None = None
    quantity: Quantity | None = None
    object: ObjectName | None = None
    version: Version = None


class CodesBody(Body):
    """The codes of coupons that the cart has from now on."""

    codes: Codes
    version: Version = None


class DomainsQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a customer typed: a name, with an ending or without one."""

    name: Annotated[str, Meta(min_length=1, max_length=253)]


class PayBody(Body):
    """How to pay, and what was seen: nothing else is ever paid. `provider` and `method_id` are those of the way."""

    way: WayName
    seen_total: Annotated[int, Meta(ge=0, description="`due_now`, as it was shown.")]
    seen_fingerprint: Annotated[str, Meta(max_length=64, description="`fingerprint`, as it was shown.")]
    provider: Annotated[str, Meta(max_length=64)] | None = None
    method_id: MethodId | None = None
    return_url: ReturnUrl | None = None
    bot_token: (
        Annotated[str, Meta(max_length=4096, description="Of the bot check's part of the page.")] | None
    ) = None


class CompleteBody(Body):
    """The customer's part: the token of the provider's browser part, where there is one."""

    method: Token | None = None

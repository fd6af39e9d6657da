"""Credit views and bodies: what answers and requests about account credit carry, as structs."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from solvent.core.credit import PRIORITY_DEFAULT, PRIORITY_MAX, GrantKind
from solvent.core.facts import UseKind
from solvent.web.change_bodies import Body
from solvent.web.fields import (
    AMOUNT_MAX,
    AccountId,
    AmountText,
    ChangeId,
    CreditGrantId,
    CreditUseId,
    Currency,
    InvoiceId,
    Minor,
    Moment,
)
from solvent.web.money_bodies import Who, Words

EXCLUDES_MAX = 100  # products


class GiftBody(Body):
    """Credit that is given without money, in the account's currency. Lower `priority` is drawn on first; it pays for
    nothing of the products in `excludes`, and for nothing from `expires_at` on."""

    kind: Literal["goodwill", "sponsored"]
    amount: Annotated[int, Meta(ge=1, le=AMOUNT_MAX, description="Minor units of the account's currency.")]
    reason: Words
    granted_by: Who
    priority: Annotated[int, Meta(ge=0, le=PRIORITY_MAX)] = PRIORITY_DEFAULT
    excludes: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=64)], ...],
        Meta(max_length=EXCLUDES_MAX, description="Ids of products."),
    ] = ()
    expires_at: Moment | None = None


class VoidBody(Body):
    """Take back what is left of credit that was given without money: why, and who."""

    reason: Words
    by: Who


class CreditBalanceView(Struct, frozen=True, kw_only=True):
    """What is left of credit of one kind in one currency; `promised`: changes in flight count on so much of it. Two may
    count on the same credit: the one that is committed first has it."""

    currency: Currency
    kind: GrantKind
    amount: Minor
    amount_text: AmountText
    promised: Minor
    expires_first: Annotated[datetime | None, Meta(description="When the first of it expires.")]


class PromiseView(Struct, frozen=True, kw_only=True):
    """A change in flight that counts on so much of a grant."""

    change_id: ChangeId
    amount: Minor


class CreditGrantView(Struct, frozen=True, kw_only=True):
    """A grant of account credit: `remaining` is left of `amount`, of which `held` cannot be spent while the payment
    that bought it is disputed."""

    id: CreditGrantId
    account_id: AccountId
    kind: GrantKind
    currency: Currency
    amount: Minor
    amount_text: AmountText
    remaining: Minor
    remaining_text: AmountText
    promised: list[PromiseView]
    priority: int
    excludes: Annotated[list[str], Meta(description="Products that it does not pay for.")]
    reason: str
    granted_by: Annotated[str | None, Meta(description="Whoever gave it; null where a commit did.")]
    invoice_id: Annotated[InvoiceId | None, Meta(description="The invoice by which it was bought.")]
    granted_at: datetime
    expires_at: datetime | None
    held: Minor
    held_text: AmountText
    returns: Annotated[
        CreditGrantId | None, Meta(description="The given credit of which a credit note gave this back.")
    ]


class AccountCreditView(Struct, frozen=True):
    """An account's credit: all of it in `balances`, and a page of its grants."""

    balances: list[CreditBalanceView]
    data: list[CreditGrantView]
    next: CreditGrantId | None


class CreditUseView(Struct, frozen=True, kw_only=True):
    """What became of (a part of) a grant: it paid for a line of an invoice, has expired, was voided, was refunded, or
    went with a payment that was charged back."""

    id: CreditUseId
    account_id: AccountId
    grant_id: CreditGrantId
    grant_kind: GrantKind
    kind: UseKind
    currency: Currency
    amount: Minor
    amount_text: AmountText
    invoice_id: InvoiceId | None
    line: Annotated[int | None, Meta(description="The position of the invoice's line, from 1.")]
    used_at: datetime


class CreditUsePage(Struct, frozen=True):
    """A page of uses."""

    data: list[CreditUseView]
    next: CreditUseId | None

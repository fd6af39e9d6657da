"""Money views: what answers about credit notes, refunds and payments from outside carry, as structs."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from solvent.web.fields import (
    AccountId,
    AmountText,
    ChangeId,
    CreditNoteId,
    Currency,
    InvoiceId,
    Minor,
    PaymentId,
    RefundId,
)
from solvent.web.views import InvoiceView, PeriodView, TaxView


class CreditLineView(Struct, frozen=True, kw_only=True):
    """What is credited of the line at `position`, from 1; `tax`, the sum of `taxes`, is part of the amount. Of usage
    that came to less than was billed, `explanation` says how."""

    position: int
    kind: str
    description: str
    amount: Minor
    amount_text: AmountText
    tax: Minor
    taxes: list[TaxView]
    period: PeriodView | None
    explanation: str | None


class CreditNoteView(Struct, frozen=True, kw_only=True):
    """A credit note. Of `amount`, `to_debt` lowered what was owed, and `to_refund` and `to_credit` gave back what was
    paid: to the method, and as account credit."""

    id: CreditNoteId
    account_id: AccountId
    invoice_id: InvoiceId
    number: str
    currency: Currency
    amount: Minor
    amount_text: AmountText
    to_debt: Minor
    to_refund: Minor
    to_credit: Minor
    refund_id: RefundId | None
    reason: str
    issued_by: str
    issued_at: datetime


class FullCreditNoteView(CreditNoteView, frozen=True, kw_only=True):
    """A credit note with what it takes of each line."""

    lines: list[CreditLineView]


class RefundView(Struct, frozen=True, kw_only=True):
    """Money on its way back. `failed`: the provider refused it, and it became account credit."""

    id: RefundId
    account_id: AccountId
    payment_id: PaymentId
    credit_note_id: CreditNoteId | None
    provider: str
    currency: Currency
    amount: Minor
    amount_text: AmountText
    reason: str
    state: Annotated[
        str,
        Meta(
            description="due, processing, succeeded, failed, or returned (it had succeeded, and came back)."
        ),
    ]
    ref: Annotated[str | None, Meta(description="The provider's own name for it.")]
    created_at: datetime
    returned_at: Annotated[datetime | None, Meta(description="When it came back.")]
    retry_of: Annotated[RefundId | None, Meta(description="The refund that this one sends again.")]
    retry_id: Annotated[RefundId | None, Meta(description="The second try of it.")]


class GivenBackView(Struct, frozen=True, kw_only=True):
    """What was given back of a payment. To its method, it is a refund, by its `id`. `credited`: it became account
    credit at once, by the credit note; then there is no refund."""

    id: RefundId | None
    account_id: AccountId
    payment_id: PaymentId
    credit_note_id: CreditNoteId | None
    provider: str
    currency: Currency
    amount: Minor
    amount_text: AmountText
    reason: str
    state: Annotated[
        str, Meta(description="credited; or as of a refund: due, processing, succeeded, failed, returned.")
    ]
    ref: Annotated[str | None, Meta(description="The provider's own name for it.")]
    created_at: datetime
    returned_at: Annotated[datetime | None, Meta(description="When it came back.")]
    retry_of: Annotated[RefundId | None, Meta(description="The refund that this one sends again.")]
    retry_id: Annotated[RefundId | None, Meta(description="The second try of it.")]


class ReceiptView(Struct, frozen=True, kw_only=True):
    """A recorded payment, and the invoice as it now stands."""

    id: PaymentId
    invoice: InvoiceView


class ReceiptsView(Struct, frozen=True, kw_only=True):
    """A recorded payment, and the invoices that it paid, wholly or in part, as they now stand."""

    id: PaymentId
    invoices: list[InvoiceView]


class PaymentView(Struct, frozen=True, kw_only=True):
    """Money that came, by a provider or recorded by hand. `applied`: it paid `invoice_id`; otherwise it became credit,
    or went back, for `reason`. Money that paid several invoices is a payment for each, numbered by `part`."""

    id: PaymentId
    account_id: AccountId
    invoice_id: InvoiceId | None
    change_id: ChangeId | None
    provider: str
    ref: Annotated[
        str, Meta(description="The provider's own name for it, or the reference that came with it.")
    ]
    part: int
    currency: Currency
    amount: Minor
    amount_text: AmountText
    refunded: Annotated[Minor, Meta(description="What of it went back to the method, or is on its way.")]
    disposition: Annotated[str, Meta(description="applied, credited or refunded.")]
    reason: str | None
    received_at: datetime


class CreditNotePage(Struct, frozen=True):
    """A page of credit notes."""

    data: list[CreditNoteView]
    next: CreditNoteId | None


class RefundPage(Struct, frozen=True):
    """A page of refunds."""

    data: list[RefundView]
    next: RefundId | None


class PaymentPage(Struct, frozen=True):
    """A page of payments."""

    data: list[PaymentView]
    next: PaymentId | None

"""Dispute views and bodies: what answers and requests about disputes carry, as structs."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from solvent.core.dispute import DisputeReason, DisputeState
from solvent.web.change_bodies import Body
from solvent.web.fields import AccountId, AmountText, Currency, DisputeId, InvoiceId, Minor, PaymentId

STATEMENT_MAX = 20_000  # characters


class EvidenceBody(Body):
    """What the merchant says against a dispute."""

    statement: Annotated[
        str, Meta(min_length=1, max_length=STATEMENT_MAX, description="In plain words, for whoever decides.")
    ]


class LossView(Struct, frozen=True, kw_only=True):
    """What a lost dispute took: `to_debt` of what was paid on the invoice, which is owed again; `from_credit` of
    account credit; and what is `written_off`, because it had been given back or spent."""

    to_debt: Minor
    from_credit: Minor
    written_off: Minor


class DisputeView(Struct, frozen=True, kw_only=True):
    """A payment that its payer contests, as its provider last said. `held`: the provider has taken so much of it until
    it is decided. `loss` stays, even when the decision is reversed."""

    id: DisputeId
    account_id: AccountId
    payment_id: PaymentId
    invoice_id: InvoiceId | None
    provider: str
    ref: Annotated[str, Meta(description="The provider's own name for it.")]
    currency: Currency
    amount: Minor
    amount_text: AmountText
    held: Minor
    state: DisputeState
    reason: DisputeReason
    evidence_due_by: datetime | None
    fee: Annotated[
        Minor, Meta(description="What the provider has charged for it, in minor units of `fee_currency`.")
    ]
    fee_currency: Currency
    loss: LossView | None
    opened_at: Annotated[datetime, Meta(description="When the payer opened it, as the provider says.")]
    recorded_at: datetime
    lost_at: datetime | None
    decided_at: datetime | None


class DisputePage(Struct, frozen=True):
    """A page of disputes."""

    data: list[DisputeView]
    next: DisputeId | None

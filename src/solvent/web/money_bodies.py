"""Money bodies: what requests about credit notes, refunds, payments from outside and giving up carry, as structs."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from solvent.core.collection import DEBTS_MAX
from solvent.core.crediting import PaidPart
from solvent.core.ladder import Scope
from solvent.core.language import TURNING
from solvent.core.payment import ExternalMethod
from solvent.web.change_bodies import Body
from solvent.web.fields import AMOUNT_MAX, InvoiceId, Moment, PaymentId

Words = Annotated[str, Meta(min_length=1, max_length=500, pattern=rf"^[^\x00-\x1f\x7f{TURNING}]+$(?!\n)")]
Amount = Annotated[int, Meta(ge=1, le=AMOUNT_MAX, description="Minor units of the invoice's currency.")]
Who = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=rf"^[^\x00-\x1f\x7f{TURNING}]+$(?!\n)",
        description="Who decided it.",
        examples=["carol@example.com"],
    ),
]


class CreditedLine(Body):
    """So much of the invoice's line at `position` (from 1); without an amount, all that is left of it."""

    position: Annotated[int, Meta(ge=1, le=10_000)]
    amount: Amount | None = None


class CreditNoteBody(Body):
    """Credit an invoice: an `amount` shared out over its lines, or certain `lines`, or else all that is left of it.

    What is owed is lowered first. `paid_part` says what becomes of the rest: a refund to the method that paid, or
    account credit; what no provider's payment covers becomes account credit in any case.
    """

    invoice_id: InvoiceId
    reason: Words
    issued_by: Who
    amount: Amount | None = None
    lines: Annotated[tuple[CreditedLine, ...], Meta(min_length=1, max_length=250)] | None = None
    paid_part: PaidPart = PaidPart.REFUND


class RefundTo(StrEnum):
    """Where what is given back goes."""

    METHOD = "method"
    CREDIT = "credit"


class RefundSource(StrEnum):
    """What is given back: what a payment paid of its invoice, or what of it was kept as account credit."""

    INVOICE = "invoice"
    CREDIT = "credit"


class RefundBody(Body):
    """Give back a payment, wholly or in part: to the method that it came from, or as account credit, which a payment
    from outside any provider and a disputed one can become too. By a credit note of the invoice that it paid; with
    `source` `credit` instead out of account credit, as far as the payment was kept as that and it is left."""

    payment_id: PaymentId
    reason: Words
    issued_by: Who
    amount: Amount | None = None
    to: RefundTo = RefundTo.METHOD
    source: RefundSource = RefundSource.INVOICE


class RefundRetryBody(Body):
    """Send a refund again that was refused, or came back, and became account credit: all of it, out of credit."""

    reason: Words


class ReceiptBody(Body):
    """A payment that no provider took. The same method and reference are the same payment."""

    method: ExternalMethod
    reference: Annotated[
        str, Meta(min_length=1, max_length=140, pattern=rf"^[^\x00-\x1f\x7f{TURNING}]+$(?!\n)")
    ]
    amount: Amount
    received_at: Moment


class TransferBody(Body):
    """Money that came for a change that waits for it. The same reference is the same money."""

    reference: Annotated[
        str, Meta(min_length=1, max_length=140, pattern=rf"^[^\x00-\x1f\x7f{TURNING}]+$(?!\n)")
    ]
    amount: Amount
    received_at: Moment


class ReceiptsBody(ReceiptBody):
    """A payment that no provider took, for what an account owes: for the named invoices, or all; the one that fell due
    first is paid first."""

    invoices: Annotated[tuple[InvoiceId, ...], Meta(min_length=1, max_length=DEBTS_MAX)] | None = None


class GiveUpBody(Body):
    """Give an open invoice up: who, and why; whether all of the account ends with it (left out: as its policy says)."""

    reason: Words
    by: Who
    scope: Scope | None = None

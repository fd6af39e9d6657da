"""Debts: what is done about an invoice without charging it: a payment from outside is noted, or it is given up.

Owns the way of both to their commit. Does not own what is booked (`core.receiving`, `core.giving_up`), the charging of
a debt (`collect`), nor the writing (`settle`).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from solvent.core.booking import Booking, Desk
from solvent.core.crediting import Claim
from solvent.core.giving_up import Surrender, book_given_up
from solvent.core.plan import Refusal
from solvent.core.receiving import Receipt, book_receipt
from solvent.flows.platform import Platform
from solvent.flows.settle import Number, record

_NO_INVOICE = Refusal(field="invoice_id", rule="must be an existing invoice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The payment that stands for a receipt; `new` when it was recorded just now."""

    payment_id: UUID
    new: bool


def record_receipt(
    platform: Platform, invoice_id: UUID, receipt: Receipt, now: datetime
) -> Recorded | Refusal:
    """Record a payment that no provider took. The same reference by the same method is the same payment."""

    def decide(claim: Claim, desk: Desk, _: Number) -> Booking | Recorded | Refusal:
        if claim.recorded is None:
            return book_receipt(claim, receipt, desk)
        payment_id, amount, paid_for = claim.recorded
        if amount != receipt.amount or paid_for not in (invoice_id, None):
            return Refusal(field="reference", rule="came before, with another amount or for another invoice")
        return Recorded(payment_id=payment_id, new=False)

    reference = (receipt.method.value, receipt.reference)
    decided: Booking | Recorded | Refusal | None = record(
        platform, invoice_id, decide, now, reference=reference
    )
    if decided is None:
        return _NO_INVOICE
    if not isinstance(decided, Booking):
        return decided
    assert decided.payment is not None, "what was booked is a payment"
    return Recorded(payment_id=decided.payment.id, new=True)


def give_up(platform: Platform, invoice_id: UUID, surrender: Surrender, now: datetime) -> Booking | Refusal:
    """Give an open invoice up as uncollectible, with all that follows from it."""

    def decide(claim: Claim, desk: Desk, number: Number) -> Booking | Refusal:
        return book_given_up(claim, surrender, platform.convention, desk, number)

    return record(platform, invoice_id, decide, now) or _NO_INVOICE

"""Credit refunds: what it means that money which was kept as account credit goes back to the method it came from.

Owns how much of a payment was kept, and what giving it back writes: credit goes out of the grants that keep money, and
the same amount is on its way to the payer. No more goes back than came: refunds of a payment follow one another, and a
grant has no more than is left of it. Does not own refunds of what still pays an invoice, which are credit notes
(`crediting`), how a refund ends (`refunding`), nor the writing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from solvent.core import events as ev
from solvent.core import ledger
from solvent.core.account import Account
from solvent.core.credit import CreditGrant, take
from solvent.core.crediting import DISPUTED, Received
from solvent.core.facts import Booking, CreditUse, Desk, RefundFact, UseKind
from solvent.core.plan import Refusal

OUTSIDE = "must be a payment that a provider took: what came from outside cannot go back to a method"
NOTHING_KEPT = "must be a payment of which something is kept as account credit, and is left"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMoney:
    """The locked facts about a payment: what it is, how much of it (minor units) still pays its invoice, `paying`, and
    the account's `grants` of money that is kept in its currency. `known`: the refund, or credit note, of the caller's
    key, with the input that it came with."""

    account: Account
    payment: Received
    currency: str
    paying: int
    grants: Sequence[CreditGrant]
    known: tuple[UUID, bytes] | None = None

    @property
    def most(self) -> int:
        """What of the payment was kept as account credit, as far as that is left."""
        return min(self.payment.left - self.paying, sum(grant.available for grant in self.grants))


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRefund:
    """What is asked for: `amount` of what is kept (None: all that is left), why, and under which idempotency key."""

    amount: int | None
    reason: str
    key: str
    input_hash: bytes


def book_credit_refund(kept: KeptMoney, wanted: CreditRefund, desk: Desk) -> Booking | Refusal:
    """Credit becomes money on its way back."""
    amount = kept.most if wanted.amount is None else wanted.amount
    refusal = _refusal(kept, amount)
    if refusal is not None:
        return refusal
    refund = RefundFact(
        id=desk.draw(),
        payment_id=kept.payment.id,
        amount=amount,
        currency=kept.currency,
        reason=wanted.reason,
        refunded_before=kept.payment.refunded,
        key=wanted.key,
        input_hash=wanted.input_hash,
    )
    told = ev.CreditRefunded(
        refund_id=refund.id,
        payment_id=refund.payment_id,
        amount=amount,
        currency=kept.currency,
        reason=wanted.reason,
    )
    free = [grant.less(grant.remaining - grant.available) for grant in kept.grants]
    return Booking(
        account_id=kept.account.id,
        cause_id=desk.draw(),
        refund=refund,
        credit_uses=tuple(
            CreditUse(grant_id=grant_id, amount=part, kind=UseKind.REFUNDED)
            for grant_id, part in take(amount, free)
        ),
        postings=ledger.move(ledger.CUSTOMER_CREDIT, ledger.REFUNDS_PAYABLE, amount),
        events=(told,),
        money_in=kept.currency,
    )


def _refusal(kept: KeptMoney, amount: int) -> Refusal | None:
    if not kept.payment.refundable:
        return Refusal(field="payment_id", rule=OUTSIDE)
    if kept.payment.disputed:
        return Refusal(field="payment_id", rule=DISPUTED)
    if kept.most <= 0:
        return Refusal(field="payment_id", rule=NOTHING_KEPT)
    if not 0 < amount <= kept.most:
        rule = f"must be from 1 to {kept.most}, what is left of the credit that the payment became"
        return Refusal(field="amount", rule=rule)
    return None

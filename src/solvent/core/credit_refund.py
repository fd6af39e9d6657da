"""Credit refunds: what it means that money which was kept as account credit goes back to the method it came from.

Owns how much of a payment was kept, and what giving it back writes: credit goes out of the grants that keep money, and
the same amount is on its way to the payer. No more goes back than came: refunds of a payment follow one another, and a
grant has no more than is left of it. A refund that was refused or came back, and became credit, is sent again in its
own place and whole, once for each time that it failed. Does not own refunds of what still pays an invoice, which are
credit notes (`crediting`), how a refund ends (`refunding`), nor the writing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from solvent.core import events as ev
from solvent.core import ledger
from solvent.core.account import Account
from solvent.core.credit import CreditGrant, take
from solvent.core.crediting import DISPUTED, IN_PARTS, OUTSIDE, Received
from solvent.core.facts import Booking, CreditUse, Desk, RefundFact, UseKind
from solvent.core.plan import Refusal

NOTHING_KEPT = "must be a payment of which something is kept as account credit, and is left"
NOT_UNSENT = "must be a refund that was refused or came back, became account credit, and was not sent again"
HAS_IT = "must be of money that the payer does not have: a lost dispute took it"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMoney:
    """The locked facts about a payment: what it is, how much of it (minor units) still pays its invoice, `paying`, and
    the account's `grants` of money that is kept in its currency. `unsent` are its refunds (with their amounts) that
    became credit and were not sent again, `gone` is what the payer has, or is on its way to them. `known`: the refund,
    or credit note, of the caller's key, with the input that it came with."""

    account: Account
    payment: Received
    currency: str
    paying: int
    grants: Sequence[CreditGrant]
    unsent: Mapping[UUID, int] = field(default_factory=dict)
    gone: int = 0
    known: tuple[UUID, bytes] | None = None

    @property
    def most(self) -> int:
        """What of the payment was kept as account credit, as far as that is left."""
        return min(self.payment.left - self.paying, self.available)

    @property
    def available(self) -> int:
        """What is left of all money that the account has as credit."""
        return sum(grant.available for grant in self.grants)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRefund:
    """What is asked for: `amount` of what is kept (None: all that is left), why, and under which idempotency key.
    `again`: in its place the refund of that id once more."""

    amount: int | None
    reason: str
    key: str
    input_hash: bytes
    again: UUID | None = None


def book_credit_refund(kept: KeptMoney, wanted: CreditRefund, desk: Desk) -> Booking | Refusal:
    """Credit becomes money on its way back."""
    if wanted.again is None:
        amount = kept.most if wanted.amount is None else wanted.amount
        refusal = _refusal(kept, amount)
        if refusal is None and not kept.payment.gives_back(amount, desk.in_parts):
            refusal = Refusal(field="amount", rule=IN_PARTS.format(whole=kept.payment.amount))
    else:
        amount = kept.unsent.get(wanted.again, 0)
        refusal = _refusal_again(kept, amount)
    if refusal is not None:
        return refusal
    refund = RefundFact(
        id=desk.draw(),
        payment_id=kept.payment.id,
        amount=amount,
        currency=kept.currency,
        reason=wanted.reason,
        refunded_before=kept.payment.refunded,
        retry_of=wanted.again,
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


def _refusal_again(kept: KeptMoney, amount: int) -> Refusal | None:
    """Why a refund of that amount (0: there is none such) cannot be sent again, if so."""
    if not amount:
        return Refusal(field="refund_id", rule=NOT_UNSENT)
    if kept.payment.disputed:
        return Refusal(field="refund_id", rule=DISPUTED)
    if kept.gone + amount > kept.payment.amount:
        return Refusal(field="refund_id", rule=HAS_IT)
    if kept.available < amount:
        rule = f"must be of credit that is left: {kept.available} of {amount} is"
        return Refusal(field="refund_id", rule=rule)
    return None

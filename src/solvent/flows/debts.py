"""Debts: what is done about an invoice without charging it: a payment from outside is noted, or it is given up.

Owns the way of both to their commit. Does not own what is booked (`core.receiving`, `core.giving_up`), the charging of
a debt (`collect`), nor the writing (`settle`).
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from solvent.core.booking import Booking, Desk
from solvent.core.collection import DEBTS_MAX
from solvent.core.consequence import Consequence
from solvent.core.crediting import Claim
from solvent.core.dunning import scope_of
from solvent.core.giving_up import Surrender
from solvent.core.health import assess
from solvent.core.invoice import Invoice
from solvent.core.ladder import Scope
from solvent.core.plan import Refusal
from solvent.core.receiving import Receipt, allocate, book_receipt, receipt_rule
from solvent.core.snapshot import Snapshot
from solvent.core.surrender import HeldAccount, book_surrender, given_up_with
from solvent.flows.platform import Platform, traced
from solvent.flows.settle import Number, record, record_for_account, record_surrender

Known = tuple[UUID, int, Sequence[UUID]]  # a payment of a reference: its first part, its amount, its invoices
_OWED = "must be an invoice of the account on which something is owed"
_NO_INVOICE = Refusal(field="invoice_id", rule="must be an existing invoice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The payment that stands for a receipt; `new` when it was recorded just now."""

    payment_id: UUID
    new: bool


@traced("record_receipt")
def record_receipt(
    platform: Platform, invoice_id: UUID, receipt: Receipt, now: datetime
) -> Recorded | Refusal:
    """Record a payment that no provider took. The same reference by the same method is the same payment."""

    def decide(claim: Claim, desk: Desk, _: Number) -> Booking | Recorded | Refusal:
        if claim.recorded is None:
            return book_receipt(claim, receipt, desk)
        return _repeated(claim.recorded, receipt, [invoice_id])

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


@traced("record_receipts")
def record_receipts(
    platform: Platform, account_id: UUID, receipt: Receipt, invoice_ids: Collection[UUID], now: datetime
) -> Recorded | Refusal:
    """Record one payment that no provider took for several invoices of an account: those that are named, or all that
    are owed; to the one that fell due first its whole debt, and so on."""

    def decide(
        owed: Sequence[Invoice], hold: Callable[[UUID], Claim], known: Known | None, desk: Desk
    ) -> list[Booking] | Recorded | Refusal:
        if known is not None:
            return _repeated(known, receipt, invoice_ids)
        chosen = {i.id: i for i in owed if not invoice_ids or i.id in invoice_ids}
        for n, invoice_id in enumerate(invoice_ids):
            if invoice_id not in chosen:
                return Refusal(field=f"invoices[{n}]", rule=_OWED)
        broken = receipt_rule(receipt, desk.now)
        if broken is not None:
            return broken
        if not 1 <= len(chosen) <= DEBTS_MAX:
            return Refusal(
                field="invoices", rule=f"must be 1 to {DEBTS_MAX} invoices on which something is owed"
            )
        shares = allocate(list(chosen.values()), receipt.amount)
        booked = [
            book_receipt(hold(invoice.id), replace(receipt, amount=share), desk, part)
            for part, (invoice, share) in enumerate(shares, start=1)
        ]
        return [booking for booking in booked if isinstance(booking, Booking)]

    reference = (receipt.method.value, receipt.reference)
    decided: list[Booking] | Recorded | Refusal = record_for_account(
        platform, account_id, decide, now, reference
    )
    if not isinstance(decided, list):
        return decided
    assert decided[0].payment is not None, "what was booked is a payment"
    return Recorded(payment_id=decided[0].payment.id, new=True)


def _repeated(known: Known, receipt: Receipt, invoice_ids: Collection[UUID]) -> Recorded | Refusal:
    """What the reference stands for already, if it came with the same payment."""
    payment_id, amount, paid_for = known
    named = not paid_for or not invoice_ids or set(paid_for) <= set(invoice_ids)
    if amount != receipt.amount or not named:
        return Refusal(field="reference", rule="came before, with another amount or for another invoice")
    return Recorded(payment_id=payment_id, new=False)


@traced("give_up")
def give_up(platform: Platform, invoice_id: UUID, surrender: Surrender, now: datetime) -> Booking | Refusal:
    """Give an open invoice up as uncollectible, with all of its account that ends with it."""

    def decide(
        held: HeldAccount, snapshot: Snapshot, hold: Callable[[UUID], Claim], desk: Desk, number: Number
    ) -> list[Booking] | Refusal:
        drawn = frozenset({Consequence.GIVE_UP}) if surrender.decided else snapshot.permits
        assessed = assess(replace(snapshot, permits=drawn), desk.catalog, desk.policy, desk.now)
        if surrender.decided and invoice_id not in assessed.decision.give_up:
            return Refusal(field="invoice_id", rule="is not to be given up any more: something came between")
        scope = surrender.scope or next(
            (scope_of(owed, desk.policy) for owed in assessed.owed if owed.invoice_id == invoice_id),
            Scope.SUBSCRIPTION,
        )
        together = given_up_with(invoice_id, scope, snapshot.open_invoices, held.held, desk.now)
        claims = [hold(each) for each in together]
        return book_surrender(
            held, claims, replace(surrender, scope=scope), platform.convention, desk, number
        )

    decided: list[Booking] | Refusal | None = record_surrender(platform, invoice_id, decide, now)
    if decided is None:
        return _NO_INVOICE
    return decided if isinstance(decided, Refusal) else decided[0]

"""Refunding: giving back a payment, to its method or as account credit, of its invoice or out of kept credit;
and sending a refund again that failed.

Owns how a request becomes one flow, and what it answers. Does not own any rule (`core.crediting`, `core.credit_refund`)
nor reading refunds (`money`).
"""

from uuid import UUID

import msgspec

from solvent.core.credit_refund import CreditRefund
from solvent.core.crediting import PaidPart
from solvent.core.ids import spell
from solvent.core.plan import Refusal
from solvent.flows import credit
from solvent.flows.account_credit import Refunded, RefundKeyReused, refund_credit
from solvent.store.money_documents import StoredPayment
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import uuid_in
from solvent.web.handlers.money import full_of, issued_of, stored_refund, wish_of
from solvent.web.handlers.shared import fingerprint, refusal_problem
from solvent.web.money_bodies import RefundBody, RefundRetryBody, RefundSource, RefundTo
from solvent.web.money_views import FullCreditNoteView, GivenBackView
from solvent.web.present import amount_text
from solvent.web.problems import Problem


def issue_refund(call: Call) -> Reply:
    """Give back a payment, wholly or in part."""
    body: RefundBody = call.body
    payment = call.queries.money.payment(uuid_in(body.payment_id))
    if payment is None:
        raise refusal_problem(Refusal(field="payment_id", rule="must be an existing payment"))
    if body.source is RefundSource.CREDIT:
        return _of_credit(call, body)
    return _of_invoice(call, body, payment)


def _of_invoice(call: Call, body: RefundBody, payment: StoredPayment) -> Reply:
    invoice_id = payment.invoice_id
    if invoice_id is None:
        rule = "must be a payment of an invoice; what it became as credit goes back with source: credit"
        raise refusal_problem(Refusal(field="payment_id", rule=rule))
    paid_part = PaidPart.REFUND if body.to is RefundTo.METHOD else PaidPart.CREDIT
    wish = wish_of(call, "refund", paid_part, body.reason, body.issued_by)
    issued = issued_of(
        credit.refund_payment(call.solvent.platform, invoice_id, payment.id, body.amount, wish, call.now),
        spell("inv", invoice_id),
    )
    note, status = full_of(call, issued), 201 if issued.new else 200
    if note.refund_id is not None:
        return _refund(call, note.refund_id, status)
    return Reply(_credited(note, payment), status, [("location", f"/v1/credit-notes/{note.id}")])


def _of_credit(call: Call, body: RefundBody) -> Reply:
    if body.to is RefundTo.CREDIT:
        raise refusal_problem(Refusal(field="to", rule="must be method: it is account credit already"))
    wanted = CreditRefund(
        amount=body.amount, reason=body.reason, key=call.key, input_hash=fingerprint(call, "credit-refund")
    )
    return _recorded(call, uuid_in(body.payment_id), wanted)


def retry_refund(call: Call) -> Reply:
    """Send a refund again that became account credit."""
    body: RefundRetryBody = call.body
    again = stored_refund(call, call.path["refund_id"])
    wanted = CreditRefund(
        amount=None,
        reason=body.reason,
        key=call.key,
        input_hash=fingerprint(call, "refund-retry"),
        again=uuid_in(again.id),
    )
    return _recorded(call, uuid_in(again.payment_id), wanted)


def _recorded(call: Call, payment_id: UUID, wanted: CreditRefund) -> Reply:
    match refund_credit(call.solvent.platform, payment_id, wanted, call.now):
        case Refunded(refund_id=refund_id, new=new):
            return _refund(call, spell("ref", refund_id), 201 if new else 200)
        case RefundKeyReused():
            raise Problem("idempotency_key_reused", "this idempotency key came with another request before")
        case Refusal() as refusal:
            raise refusal_problem(refusal)


def _refund(call: Call, refund_id: str, status: int) -> Reply:
    """The refund as it now stands."""
    view = GivenBackView(**msgspec.structs.asdict(stored_refund(call, refund_id)))
    return Reply(view, status, [("location", f"/v1/refunds/{refund_id}")])


def _credited(note: FullCreditNoteView, payment: StoredPayment) -> GivenBackView:
    return GivenBackView(
        id=None,
        account_id=note.account_id,
        payment_id=spell("pay", payment.id),
        credit_note_id=note.id,
        provider=payment.provider,
        currency=note.currency,
        amount=note.amount,
        amount_text=amount_text(note.amount, note.currency),
        reason=note.reason,
        state="credited",
        ref=None,
        created_at=note.issued_at,
        returned_at=None,
        retry_of=None,
        retry_id=None,
    )

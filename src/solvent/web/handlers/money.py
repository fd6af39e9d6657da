"""Money: credit notes, refunds, payments from outside, and invoices that are given up.

Owns how their requests become one flow each, and what they answer. Does not own any rule of them (`core`).
"""

from typing import Any

from solvent.core.credit_note import CreditLine
from solvent.core.crediting import PaidPart, Wish
from solvent.core.giving_up import Surrender
from solvent.core.ids import spell
from solvent.core.invoice import spell_number
from solvent.core.plan import Refusal
from solvent.core.receiving import Receipt
from solvent.flows import credit
from solvent.flows.debts import give_up, record_receipt, record_receipts
from solvent.store.money_documents import StoredCreditNote, StoredPayment, StoredRefund
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import uuid_in
from solvent.web.handlers.shared import (
    account_in_path,
    fingerprint,
    refusal_problem,
)
from solvent.web.money_bodies import CreditNoteBody, GiveUpBody, ReceiptBody, ReceiptsBody
from solvent.web.money_views import (
    CreditLineView,
    CreditNoteView,
    FullCreditNoteView,
    PaymentView,
    ReceiptsView,
    ReceiptView,
    RefundView,
)
from solvent.web.present import amount_text, invoice_fields, tax_view
from solvent.web.problems import Problem, not_found
from solvent.web.views import InvoiceView, PeriodView


def issue_credit_note(call: Call) -> Reply:
    """Credit an invoice, wholly or in part."""
    body: CreditNoteBody = call.body
    lines = None if body.lines is None else {line.position: line.amount for line in body.lines}
    if lines is not None and (body.amount is not None or len(lines) != len(body.lines or ())):
        rule = "must name each line once, and not come with an amount"
        raise refusal_problem(Refusal(field="lines", rule=rule))
    wish = wish_of(call, "credit-note", body.paid_part, body.reason, body.issued_by)
    invoice_id = uuid_in(body.invoice_id)
    issue = credit.Issue(invoice_id=invoice_id, wish=wish, amount=body.amount, lines=lines)
    issued = issued_of(credit.issue_credit_note(call.solvent.platform, issue, call.now), body.invoice_id)
    view = full_of(call, issued)
    return Reply(view, 201 if issued.new else 200, [("location", f"/v1/credit-notes/{view.id}")])


def credit_note(call: Call) -> Reply:
    """One credit note with what it takes of each line."""
    spelled = call.path["credit_note_id"]
    found = call.queries.money.credit_note(public_id("crn", spelled, "credit_note_id"))
    if found is None:
        raise not_found("credit note", spelled)
    return Reply(full_credit_note_view(*found))


def refund(call: Call) -> Reply:
    """One refund as it now stands."""
    return Reply(stored_refund(call, call.path["refund_id"]))


def payment(call: Call) -> Reply:
    """One payment."""
    spelled = call.path["payment_id"]
    found = call.queries.money.payment(public_id("pay", spelled, "payment_id"))
    if found is None:
        raise not_found("payment", spelled)
    return Reply(payment_view(found))


def receive(call: Call) -> Reply:
    """Record a payment that no provider took."""
    body: ReceiptBody = call.body
    spelled = call.path["invoice_id"]
    receipt = Receipt(
        method=body.method,
        reference=body.reference,
        amount=body.amount,
        received_at=body.received_at,
    )
    invoice_id = public_id("inv", spelled, "invoice_id")
    recorded = record_receipt(call.solvent.platform, invoice_id, receipt, call.now)
    if isinstance(recorded, Refusal):
        raise _refused(recorded, spelled)
    view = ReceiptView(id=spell("pay", recorded.payment_id), invoice=_invoice(call, spelled))
    return Reply(view, 201 if recorded.new else 200)


def receive_for_account(call: Call) -> Reply:
    """Record a payment that no provider took, for several invoices."""
    body: ReceiptsBody = call.body
    account = account_in_path(call)
    named = body.invoices or ()
    if len(set(named)) < len(named):
        raise refusal_problem(Refusal(field="invoices", rule="must name each invoice once"))
    receipt = Receipt(
        method=body.method,
        reference=body.reference,
        amount=body.amount,
        received_at=body.received_at,
    )
    chosen = [uuid_in(spelled) for spelled in named]
    recorded = record_receipts(call.solvent.platform, account.id, receipt, chosen, call.now)
    if isinstance(recorded, Refusal):
        raise refusal_problem(recorded)
    paid = call.queries.money.invoices_paid_by(recorded.payment_id)
    views = [_invoice(call, spell("inv", invoice_id)) for invoice_id in paid]
    view = ReceiptsView(id=spell("pay", recorded.payment_id), invoices=views)
    return Reply(view, 201 if recorded.new else 200)


def surrender(call: Call) -> Reply:
    """Give an open invoice up as uncollectible."""
    body: GiveUpBody = call.body
    spelled = call.path["invoice_id"]
    given_up = give_up(
        call.solvent.platform,
        public_id("inv", spelled, "invoice_id"),
        Surrender(reason=body.reason, by=body.by, scope=body.scope),
        call.now,
    )
    if isinstance(given_up, Refusal):
        raise _refused(given_up, spelled)
    return Reply(_invoice(call, spelled))


def wish_of(call: Call, kind: str, paid_part: PaidPart, reason: str, by: str) -> Wish:
    return Wish(
        paid_part=paid_part,
        reason=reason,
        issued_by=by,
        key=call.key,
        input_hash=fingerprint(call, kind),
    )


def issued_of(answer: credit.Answer, invoice: str) -> credit.Issued:
    match answer:
        case credit.Issued():
            return answer
        case credit.KeyReused():
            raise Problem("idempotency_key_reused", "this idempotency key came with another request before")
        case Refusal():
            raise _refused(answer, invoice)


def _refused(refusal: Refusal, invoice: str) -> Problem:
    """An invoice that does not exist is 404, as everywhere."""
    if refusal.rule == "must be an existing invoice":
        return not_found("invoice", invoice)
    return refusal_problem(refusal)


def _invoice(call: Call, spelled: str) -> InvoiceView:
    found = call.queries.invoice(public_id("inv", spelled, "invoice_id"))
    if found is None:
        raise not_found("invoice", spelled)
    return InvoiceView(**invoice_fields(found[0]))


def full_of(call: Call, issued: credit.Issued) -> FullCreditNoteView:
    found = call.queries.money.credit_note(issued.credit_note_id)
    assert found is not None, f"credit note {issued.credit_note_id} was issued"
    return full_credit_note_view(*found)


def full_credit_note_view(note: StoredCreditNote, lines: list[CreditLine]) -> FullCreditNoteView:
    """A credit note with what it takes of each line."""
    views = [
        CreditLineView(
            position=line.position,
            kind=line.kind,
            description=str(line.description),
            amount=line.amount,
            amount_text=amount_text(line.amount, note.currency),
            tax=line.tax,
            taxes=[tax_view(share) for share in line.taxes],
            period=None if line.period is None else PeriodView(line.period.start, line.period.end),
            explanation=None if line.explanation is None else str(line.explanation),
        )
        for line in lines
    ]
    return FullCreditNoteView(**_fields(note), lines=views)


def credit_note_view(note: StoredCreditNote) -> CreditNoteView:
    """A credit note as lists show it."""
    return CreditNoteView(**_fields(note))


def _fields(note: StoredCreditNote) -> dict[str, Any]:
    return {
        "id": spell("crn", note.id),
        "account_id": spell("acc", note.account_id),
        "invoice_id": spell("inv", note.invoice_id),
        "number": spell_number(note.series, note.number),
        "currency": note.currency,
        "amount": note.amount,
        "amount_text": amount_text(note.amount, note.currency),
        "to_debt": note.to_debt,
        "to_refund": note.to_refund,
        "to_credit": note.to_credit,
        "refund_id": None if note.refund_id is None else spell("ref", note.refund_id),
        "reason": note.reason,
        "issued_by": note.issued_by,
        "issued_at": note.issued_at,
    }


def stored_refund(call: Call, spelled: str) -> RefundView:
    found = call.queries.money.refund(public_id("ref", spelled, "refund_id"))
    if found is None:
        raise not_found("refund", spelled)
    return refund_view(found)


def refund_view(one: StoredRefund) -> RefundView:
    """A refund as it now stands."""
    return RefundView(
        id=spell("ref", one.id),
        account_id=spell("acc", one.account_id),
        payment_id=spell("pay", one.payment_id),
        credit_note_id=None if one.credit_note_id is None else spell("crn", one.credit_note_id),
        provider=one.provider,
        currency=one.currency,
        amount=one.amount,
        amount_text=amount_text(one.amount, one.currency),
        reason=one.reason,
        state=one.state,
        ref=one.ref,
        created_at=one.created_at,
        returned_at=one.returned_at,
        retry_of=None if one.retry_of is None else spell("ref", one.retry_of),
        retry_id=None if one.retry_id is None else spell("ref", one.retry_id),
    )


def payment_view(one: StoredPayment) -> PaymentView:
    """A payment, with what of it went back."""
    return PaymentView(
        id=spell("pay", one.id),
        account_id=spell("acc", one.account_id),
        invoice_id=None if one.invoice_id is None else spell("inv", one.invoice_id),
        change_id=None if one.attempt_id is None else spell("att", one.attempt_id),
        provider=one.provider,
        ref=one.ref,
        part=one.part,
        currency=one.currency,
        amount=one.amount,
        amount_text=amount_text(one.amount, one.currency),
        refunded=one.refunded,
        disposition=one.disposition,
        reason=one.reason,
        received_at=one.received_at,
    )

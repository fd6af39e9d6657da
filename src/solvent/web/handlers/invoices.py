"""Invoices: reading them, and issuing one of the merchant's own lines."""

from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.ids import bucket_of, spell
from solvent.core.invoice import Invoice, Line
from solvent.core.upcoming import Upcoming
from solvent.flows.invoicing import finalise
from solvent.flows.opening import Asked
from solvent.flows.upcoming import upcoming_invoice
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import uuid_in
from solvent.web.handlers.change_view import change_view, issued_by
from solvent.web.handlers.shared import account_in_path, existing_account, fingerprint, opened
from solvent.web.invoice_bodies import InvoiceBody, UpcomingView, lines_of
from solvent.web.present import invoice_fields, line_view, plan_view, planned_note_view
from solvent.web.problems import not_found
from solvent.web.views import FullInvoiceView, InvoiceView


def read(call: Call) -> Reply:
    """One invoice with its lines."""
    spelled = call.path["invoice_id"]
    found = call.queries.invoice(public_id("inv", spelled, "invoice_id"))
    if found is None:
        raise not_found("invoice", spelled)
    return Reply(full_invoice_view(*found))


def upcoming(call: Call) -> Reply:
    """What an account is invoiced for next."""
    account = account_in_path(call)
    found = upcoming_invoice(call.solvent.platform, account.id, call.now)
    return Reply(upcoming_view(account.id, found))


def upcoming_view(account_id: UUID, found: Upcoming | None) -> UpcomingView:
    """An account's next invoice as it is shown; None: nothing is to come."""
    return UpcomingView(
        account_id=spell("acc", account_id),
        at=None if found is None else found.at,
        plan=None if found is None else plan_view(found.plan),
        credit_notes=[] if found is None else [planned_note_view(note) for note in found.credit_notes],
    )


def issue(call: Call) -> Reply:
    """Issue and collect an invoice; the answer is the attempt, with the invoice once it is issued."""
    body: InvoiceBody = call.body
    account = existing_account(call, uuid_in(body.account_id))
    asked = Asked(
        account_id=account.id,
        key=call.key,
        input_hash=fingerprint(call, "invoice"),
        id=call.solvent.platform.ids.draw(bucket_of(account.id)),
    )
    platform = call.solvent.platform
    lines = lines_of(body.lines, account.currency, platform.convention.rounding)
    attempt = opened(finalise(platform, asked, lines, call.now, body.particulars))
    return issued_reply(call, attempt, asked)


def issued_reply(call: Call, attempt: Attempt, asked: Asked) -> Reply:
    """The attempt that collects an invoice, new when it is the one that was asked for, and where the invoice is."""
    invoice_id = issued_by(call.queries, attempt)
    location = [] if invoice_id is None else [("location", f"/v1/invoices/{spell('inv', invoice_id)}")]
    return Reply(change_view(attempt, invoice_id), 201 if attempt.id == asked.id else 200, location)


def invoice_view(invoice: Invoice) -> InvoiceView:
    """An invoice as lists show it."""
    return InvoiceView(**invoice_fields(invoice))


def full_invoice_view(invoice: Invoice, lines: list[Line]) -> FullInvoiceView:
    """An invoice with its lines."""
    views = [line_view(line, invoice.currency) for line in lines]
    return FullInvoiceView(**invoice_fields(invoice), lines=views)

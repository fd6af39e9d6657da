"""Invoice routes: the part of the table of endpoints that is about invoices and their drafts.

Owns their public names. Does not own what happens behind them (`handlers.invoices`, `handlers.drafts`), nor credit
notes and payments of invoices (`money_routes`).
"""

from solvent.web import answers, examples
from solvent.web.document_params import InvoicesQuery
from solvent.web.endpoint import Endpoint, Repeat, Scope
from solvent.web.handlers import document_lists, drafts, invoices
from solvent.web.handlers.change_view import ChangeView
from solvent.web.handlers.drafts import DraftPage, FullDraftView
from solvent.web.invoice_bodies import DraftChangeBody, DraftsQuery, InvoiceBody, UpcomingView
from solvent.web.views import FullInvoiceView

INVOICES = (
    Endpoint(
        method="GET",
        path="/v1/invoices",
        name="listInvoices",
        tag="invoices",
        summary="List invoices, of one account or of all",
        description="By state, number, currency, legal entity, and when they were issued or are due.",
        run=document_lists.invoices,
        query=InvoicesQuery,
        answers={200: (answers.InvoicePage, "A page.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="GET",
        path="/v1/invoices/{invoice_id}",
        name="getInvoice",
        tag="invoices",
        summary="Read an invoice with its lines",
        run=invoices.read,
        answers={200: (FullInvoiceView, "The invoice.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/v1/accounts/{account_id}/upcoming-invoice",
        name="getUpcomingInvoice",
        tag="invoices",
        summary="Read what an account is invoiced for next",
        description="The plan that the billing clock makes then, of what there is now: renewals, usage so far, what "
        "waits, coupons, tax and credit. Nothing is written.",
        run=invoices.upcoming,
        answers={200: (UpcomingView, "The next invoice, if one is to come.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/v1/invoices",
        name="issueInvoice",
        tag="invoices",
        summary="Issue an invoice of your own lines",
        description="Collected off-session with a stored method; unpaid it stays owed. With `include_items` also, or "
        "only, of what waits for the account's next invoice.",
        run=invoices.issue,
        scope=Scope.WRITE,
        repeat=Repeat.JOURNAL,
        body=InvoiceBody,
        example=examples.INVOICE,
        answers={
            201: (ChangeView, "Issued, and paid, or owed: see `state` and `cause`."),
            200: (ChangeView, "The same key again: as it stands now."),
        },
        problems=("not_found", "idempotency_key_reused", "refused"),
    ),
    Endpoint(
        method="POST",
        path="/v1/invoice-drafts",
        name="keepInvoiceDraft",
        tag="invoices",
        summary="Draft an invoice of your own lines",
        description="It has no number and owes nobody anything until it is issued. The answer previews it to the cent: "
        "what would be issued now.",
        run=drafts.keep,
        scope=Scope.WRITE,
        repeat=Repeat.ANSWER,
        body=InvoiceBody,
        example=examples.INVOICE_DRAFT,
        answers={201: (FullDraftView, "Kept.")},
        problems=("not_found", "payment_method_required", "idempotency_key_reused", "in_flight", "refused"),
    ),
    Endpoint(
        method="GET",
        path="/v1/invoice-drafts",
        name="listInvoiceDrafts",
        tag="invoices",
        summary="List an account's drafts",
        run=drafts.page,
        query=DraftsQuery,
        answers={200: (DraftPage, "A page.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/v1/invoice-drafts/{draft_id}",
        name="getInvoiceDraft",
        tag="invoices",
        summary="Read a draft, with what issuing it now comes to",
        run=drafts.read,
        answers={200: (FullDraftView, "The draft.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="PATCH",
        path="/v1/invoice-drafts/{draft_id}",
        name="changeInvoiceDraft",
        tag="invoices",
        summary="Change a draft",
        run=drafts.change,
        scope=Scope.WRITE,
        repeat=Repeat.HARMLESS,
        body=DraftChangeBody,
        example=examples.DRAFT_CHANGE,
        answers={200: (FullDraftView, "As it now is.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="POST",
        path="/v1/invoice-drafts/{draft_id}/void",
        name="voidInvoiceDraft",
        tag="invoices",
        summary="Drop a draft: it will never be issued",
        run=drafts.void,
        scope=Scope.WRITE,
        repeat=Repeat.HARMLESS,
        answers={200: (FullDraftView, "As it now is.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="POST",
        path="/v1/invoice-drafts/{draft_id}/issue",
        name="issueInvoiceDraft",
        tag="invoices",
        summary="Issue a draft",
        description="As it is previewed. Collected off-session with a stored method; unpaid it stays owed.",
        run=drafts.issue,
        scope=Scope.WRITE,
        repeat=Repeat.JOURNAL,
        answers={
            201: (ChangeView, "Issued, and paid, or owed: see `state` and `cause`."),
            200: (ChangeView, "The same key again: as it stands now."),
        },
        problems=("not_found", "idempotency_key_reused", "refused"),
    ),
)

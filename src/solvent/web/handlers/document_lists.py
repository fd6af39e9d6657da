"""Document lists: pages of invoices, credit notes, refunds and payments, of one account or of all.

Owns how a query string becomes one read, and its cursor. Does not own single documents (`invoices`, `money`).
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from solvent.core.ids import spell
from solvent.store.document_pages import Wanted
from solvent.web.document_params import (
    CreditNotesQuery,
    DocumentsQuery,
    InvoicesQuery,
    PaymentsQuery,
    RefundsQuery,
)
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import uuid_in
from solvent.web.handlers.accounts import paged
from solvent.web.handlers.filters import checked
from solvent.web.handlers.invoices import invoice_view
from solvent.web.handlers.money import credit_note_view, payment_view, refund_view
from solvent.web.handlers.shared import existing_account
from solvent.web.problems import not_found, refused

Document = TypeVar("Document")
Read = Callable[[Wanted, UUID | None, int, datetime], list[Document] | None]


def invoices(call: Call) -> Reply:
    """A page of invoices."""
    query: InvoicesQuery = call.query
    return _page(call, query, query.wanted(), query.after, call.queries.documents.invoices, invoice_view)


def credit_notes(call: Call) -> Reply:
    """A page of credit notes."""
    query: CreditNotesQuery = call.query
    return _page(
        call, query, query.wanted(), query.after, call.queries.documents.credit_notes, credit_note_view
    )


def refunds(call: Call) -> Reply:
    """A page of refunds."""
    query: RefundsQuery = call.query
    return _page(call, query, query.wanted(), query.after, call.queries.documents.refunds, refund_view)


def payments(call: Call) -> Reply:
    """A page of payments."""
    query: PaymentsQuery = call.query
    return _page(call, query, query.wanted(), query.after, call.queries.documents.payments, payment_view)


def _page(
    call: Call,
    query: DocumentsQuery,
    wanted: Wanted,
    after: str | None,
    read: Read[Document],
    view: Callable[[Document], object],
) -> Reply:
    """One row more than a page has says whether another follows."""
    checked(
        call,
        currency=query.currency,
        entity=query.entity,
        provider=wanted.provider,
        broken=query.broken_rules(),
    )
    if wanted.account is not None:
        existing_account(call, wanted.account)
    if wanted.invoice is not None and call.queries.invoice(wanted.invoice) is None:
        raise not_found("invoice", spell("inv", wanted.invoice))
    if wanted.payment is not None and call.queries.money.payment(wanted.payment) is None:
        raise not_found("payment", spell("pay", wanted.payment))
    found = read(wanted, None if after is None else uuid_in(after), query.limit + 1, call.now)
    if found is None:
        raise refused("after", "must be the `next` of the page before")
    return paged([view(one) for one in found], query.limit)

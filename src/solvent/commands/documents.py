"""Documents: invoices, credit notes, refunds and payments on the command line: found by what they are, and shown.

Owns the options' check and the tables; for programs they are as the API shows them. Does not own the reads
(`store.document_pages`, `store.money_documents`) nor how any of them comes about (`commands.crediting`,
`commands.receiving`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from solvent.commands import filters as options
from solvent.commands.console import USAGE, CommandError
from solvent.commands.export import one_of_names
from solvent.commands.saying import as_json, id_of, lined, moment, money
from solvent.core.ids import spell
from solvent.core.invoice import Invoice, InvoiceState, spell_number
from solvent.store.document_pages import DocumentPages, Wanted
from solvent.store.money_documents import MoneyDocuments, StoredCreditNote, StoredPayment, StoredRefund
from solvent.store.numbers import read_number
from solvent.store.queries import Queries
from solvent.web.handlers.invoices import full_invoice_view, invoice_view
from solvent.web.handlers.money import (
    credit_note_view,
    full_credit_note_view,
    payment_view,
    refund_view,
)
from solvent.wiring import Solvent

OVERDUE = "overdue"
STATES = {
    "invoice": (*(state.value for state in InvoiceState), OVERDUE),
    "refund": ("due", "processing", "succeeded", "failed", "returned"),
    "payment": ("applied", "credited", "refunded"),
    "credit note": (),
}

Document = TypeVar("Document")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which documents, as options say it: all that are named must hold."""

    account: str | None = None
    invoice: str | None = None
    payment: str | None = None
    provider: str | None = None
    state: str | None = None
    number: str | None = None
    currency: str | None = None
    entity: str | None = None
    start: str | None = None
    end: str | None = None
    due_start: str | None = None
    due_end: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[Document]):
    """A kind of document as lists print it."""

    name: str
    read: Callable[[DocumentPages, Wanted, int, datetime], list[Document] | None]
    columns: Sequence[str]
    row: Callable[[Document], Sequence[str]]
    view: Callable[[Document], object]


def _invoice_row(one: Invoice) -> Sequence[str]:
    return (
        one.number,
        spell("acc", one.account_id),
        one.state,
        moment(one.issued_at),
        moment(one.due_at),
        money(one.total, one.currency),
        money(one.debt, one.currency),
    )


def _note_row(one: StoredCreditNote) -> Sequence[str]:
    return (
        spell_number(one.series, one.number),
        spell("inv", one.invoice_id),
        moment(one.issued_at),
        money(one.amount, one.currency),
        money(one.to_debt, one.currency),
        money(one.to_refund, one.currency),
        money(one.to_credit, one.currency),
        one.reason,
    )


def _refund_row(one: StoredRefund) -> Sequence[str]:
    return (
        spell("ref", one.id),
        spell("pay", one.payment_id),
        moment(one.created_at),
        money(one.amount, one.currency),
        one.state,
        one.provider,
        one.reason,
    )


def _payment_row(one: StoredPayment) -> Sequence[str]:
    return (
        spell("pay", one.id),
        spell("acc", one.account_id),
        moment(one.received_at),
        money(one.amount, one.currency),
        money(one.refunded, one.currency),
        one.disposition,
        one.provider,
        one.ref,
    )


INVOICES: Listing[Invoice] = Listing(
    name="invoice",
    read=lambda pages, wanted, limit, now: pages.invoices(wanted, None, limit, now),
    columns=("number", "account", "state", "issued", "due", "total", "owed"),
    row=_invoice_row,
    view=invoice_view,
)
CREDIT_NOTES: Listing[StoredCreditNote] = Listing(
    name="credit note",
    read=lambda pages, wanted, limit, now: pages.credit_notes(wanted, None, limit, now),
    columns=("number", "invoice", "issued", "amount", "off the debt", "refunded", "as credit", "reason"),
    row=_note_row,
    view=credit_note_view,
)
REFUNDS: Listing[StoredRefund] = Listing(
    name="refund",
    read=lambda pages, wanted, limit, now: pages.refunds(wanted, None, limit, now),
    columns=("refund", "payment", "recorded", "amount", "state", "provider", "reason"),
    row=_refund_row,
    view=refund_view,
)
PAYMENTS: Listing[StoredPayment] = Listing(
    name="payment",
    read=lambda pages, wanted, limit, now: pages.payments(wanted, None, limit, now),
    columns=("payment", "account", "received", "amount", "refunded", "became", "by", "reference"),
    row=_payment_row,
    view=payment_view,
)


def lines(
    solvent: Solvent, kind: Listing[Document], filters: Filters, limit: int, *, for_programs: bool
) -> Iterator[str]:
    """The first documents that are wanted: a line each under one with the names, or as JSON."""
    wanted = _wanted(solvent, kind.name, filters)
    found = kind.read(DocumentPages(solvent.database.pool), wanted, limit, solvent.clock()) or []
    if for_programs:
        yield as_json([kind.view(one) for one in found])
    else:
        yield from lined(kind.columns, [kind.row(one) for one in found])


def _wanted(solvent: Solvent, name: str, filters: Filters) -> Wanted:
    state = filters.state
    if state is not None:
        one_of_names(state, STATES[name], "--state")
    start, end = options.span(filters.start, filters.end)
    due_start, due_end = options.span(filters.due_start, filters.due_end, "--due-from", "--due-to")
    number = None if filters.number is None else read_number(filters.number)
    if filters.number is not None and number is None:
        raise CommandError(f"--number: must be as printed, e.g. SUS-7F-000042, got {filters.number!r}", USAGE)
    return Wanted(
        account=None if filters.account is None else id_of("acc", filters.account, "--account"),
        invoice=None if filters.invoice is None else invoice_id(solvent, filters.invoice, "--invoice"),
        payment=None if filters.payment is None else id_of("pay", filters.payment, "--payment"),
        provider=options.provider(solvent, filters.provider),
        state=None if state == OVERDUE else state,
        overdue=state == OVERDUE,
        number=number,
        currency=options.currency(filters.currency),
        entity=options.entity(solvent, filters.entity),
        start=start,
        end=end,
        due_start=due_start,
        due_end=due_end,
    )


def invoice_id(solvent: Solvent, named: str, where: str = "INVOICE") -> UUID:
    """The invoice of a printed number, or of an id; one that is not there ends the command."""
    queries, number = Queries(solvent.database.pool), read_number(named)
    if number is not None:
        found = queries.invoice_named(number)
    else:
        found = id_of("inv", named, where)
        found = None if queries.invoice(found) is None else found
    if found is None:
        raise CommandError(f"no invoice {named}")
    return found


def invoice(solvent: Solvent, named: str, *, for_programs: bool) -> Iterator[str]:
    """One invoice: how it stands, and its lines."""
    found = Queries(solvent.database.pool).invoice(invoice_id(solvent, named))
    assert found is not None, f"invoice {named} is there"
    one, its_lines = found
    if for_programs:
        yield as_json(full_invoice_view(one, its_lines))
        return
    figures = (
        ("total", one.total),
        ("of it tax", one.tax),
        ("credited", one.credited),
        ("paid", one.paid),
        ("owed", one.debt),
    )
    facts = [
        ("invoice", f"{one.number}, {spell('inv', one.id)}"),
        ("account", spell("acc", one.account_id)),
        ("state", one.state),
        ("issued", moment(one.issued_at)),
        ("due", moment(one.due_at)),
        *((name, money(amount, one.currency)) for name, amount in figures),
        *((name, text) for name, text in (("reference", one.reference), ("notes", one.notes)) if text),
    ]
    yield from _facts(facts)
    yield ""
    yield from lined(
        ("line", "amount", "with tax", "description"),
        [
            (str(n), money(x.amount, one.currency), money(x.gross, one.currency), str(x.description))
            for n, x in enumerate(its_lines, start=1)
        ],
    )


def credit_note(solvent: Solvent, named: str, *, for_programs: bool) -> Iterator[str]:
    """One credit note of a printed number or an id: what became of it, and what it takes of each line."""
    reads, number = MoneyDocuments(solvent.database.pool), read_number(named)
    note_id = id_of("crn", named, "NUMBER") if number is None else reads.credit_note_named(number)
    found = None if note_id is None else reads.credit_note(note_id)
    if found is None:
        raise CommandError(f"no credit note {named}")
    one, its_lines = found
    if for_programs:
        yield as_json(full_credit_note_view(one, its_lines))
        return
    facts = zip(CREDIT_NOTES.columns, _note_row(one), strict=True)
    yield from _facts([*facts, ("by", one.issued_by)])
    yield ""
    cells = ((str(x.position), money(x.amount, one.currency), str(x.description)) for x in its_lines)
    yield from lined(("line", "amount", "description"), list(cells))


def refund(solvent: Solvent, refund_id: str, *, for_programs: bool) -> Iterator[str]:
    """One refund as it now stands."""
    found = MoneyDocuments(solvent.database.pool).refund(id_of("ref", refund_id, "REFUND"))
    if found is None:
        raise CommandError(f"no refund {refund_id}")
    yield from _one(REFUNDS, found, for_programs=for_programs)


def payment(solvent: Solvent, payment_id: str, *, for_programs: bool) -> Iterator[str]:
    """One payment, with what of it went back."""
    found = MoneyDocuments(solvent.database.pool).payment(id_of("pay", payment_id, "PAYMENT"))
    if found is None:
        raise CommandError(f"no payment {payment_id}")
    yield from _one(PAYMENTS, found, for_programs=for_programs)


def _one(kind: Listing[Document], one: Document, *, for_programs: bool) -> Iterator[str]:
    if for_programs:
        yield as_json(kind.view(one))
    else:
        yield from _facts(list(zip(kind.columns, kind.row(one), strict=True)))


def _facts(facts: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = max(len(name) for name, _ in facts)
    for name, value in facts:
        yield f"{name.ljust(width)}  {value}"

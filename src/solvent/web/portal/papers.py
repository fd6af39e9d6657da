"""Papers: invoices, credit notes and credit, and their files.

Owns what of them is shown. Does not own the documents (`core`), nor how they are printed (`documents`).
"""

from solvent.core.credit import GrantKind
from solvent.core.credit_document import of_credit_note
from solvent.core.document import of_invoice
from solvent.core.ids import spell
from solvent.core.invoice import Invoice, InvoiceState, spell_number
from solvent.store.document_pages import Wanted
from solvent.store.portal_reads import PortalReads
from solvent.web.endpoint import Reply
from solvent.web.pages.paper import paper
from solvent.web.portal.having import Badge
from solvent.web.portal.lines import line_rows
from solvent.web.portal.visit import Place, Visit, id_in, mine

PAGE = 20
CREDIT_NOTES_MAX, GRANTS_MAX = 200, 200

KINDS = {
    InvoiceState.OPEN: "warn",
    InvoiceState.PAID: "good",
    InvoiceState.RESOLVED: "neutral",
    InvoiceState.UNCOLLECTIBLE: "bad",
}


def invoices(visit: Visit) -> Reply:
    """A page of invoices, the newest first, with credit notes and credit."""
    before = visit.sent.get("before")
    reads = PortalReads(visit.call.solvent.database.pool)
    start = None if before is None else id_in("inv", before)
    found = reads.invoices(visit.account.id, start, PAGE + 1)
    content = {
        "rows": [_row(visit, invoice) for invoice in found[:PAGE]],
        "older": spell("inv", found[PAGE - 1].id) if len(found) > PAGE else None,
        "first_page": start is None,
        "credit_notes": _credit_notes(visit) if start is None else [],
        "grants": _grants(visit) if start is None else [],
    }
    return visit.show("portal_invoices.html", Place.INVOICES, visit.words.invoices, content)


def invoice(visit: Visit) -> Reply:
    """One invoice with its lines, and a way to pay what is owed on it."""
    found = visit.call.queries.invoice(id_in("inv", visit.call.path["invoice_id"]))
    one = mine(visit, None if found is None else found[0])
    assert found is not None
    words, money = visit.words, visit.tongue.amount
    sums = [(words.total, one.total), (words.credited, one.credited), (words.paid_so_far, one.paid)]
    content = {
        **_row(visit, one),
        "lines": line_rows(visit, found[1], one.currency),
        "tax": money(one.tax, one.currency) if one.tax else None,
        "sums": [(name, money(value, one.currency)) for name, value in sums if value or name == words.total],
        "owed": money(one.debt, one.currency),
        "pay": words.pay_this.format(amount=money(one.debt, one.currency)) if one.debt else None,
    }
    return visit.show("portal_invoice.html", Place.INVOICES, f"{words.number} {one.number}", content)


def invoice_pdf(visit: Visit) -> Reply:
    """One invoice as a file."""
    invoice_id = id_in("inv", visit.call.path["invoice_id"])
    found = visit.call.queries.invoice(invoice_id)
    mine(visit, None if found is None else found[0])
    facts = visit.call.queries.printing.invoice(invoice_id)
    assert facts is not None, "what was read can be printed"
    return paper(visit.call.solvent, of_invoice(facts))


def credit_note_pdf(visit: Visit) -> Reply:
    """One credit note as a file."""
    note_id = id_in("crn", visit.call.path["credit_note_id"])
    found = visit.call.queries.money.credit_note(note_id)
    mine(visit, None if found is None else found[0])
    facts = visit.call.queries.printing.credit_note(note_id)
    assert facts is not None, "what was read can be printed"
    return paper(visit.call.solvent, of_credit_note(facts))


def _row(visit: Visit, one: Invoice) -> dict[str, object]:
    tongue, spelled = visit.tongue, spell("inv", one.id)
    return {
        "number": one.number,
        "href": f"/portal/invoices/{spelled}",
        "pdf": f"/portal/invoices/{spelled}.pdf",
        "issued": tongue.day(one.issued_at),
        "due": tongue.day(one.due_at),
        "badge": Badge(visit.words.invoice_states[one.state], KINDS[one.state]),
        "total": tongue.amount(one.total, one.currency),
        "debt": tongue.amount(one.debt, one.currency) if one.debt else None,
        "spelled": spelled,
    }


def _credit_notes(visit: Visit) -> list[dict[str, str]]:
    rows = []
    wanted = Wanted(account=visit.account.id)
    found = visit.call.queries.documents.credit_notes(wanted, None, CREDIT_NOTES_MAX, visit.now)
    for note in found or ():
        about = visit.call.queries.invoice(note.invoice_id)
        assert about is not None, "a credit note is about an invoice"
        rows.append(
            {
                "number": spell_number(note.series, note.number),
                "pdf": f"/portal/credit-notes/{spell('crn', note.id)}.pdf",
                "issued": visit.tongue.day(note.issued_at),
                "about": visit.words.credit_note_of.format(number=about[0].number),
                "amount": visit.tongue.amount(note.amount, note.currency),
            }
        )
    return rows[::-1]


def _grants(visit: Visit) -> list[dict[str, str | None]]:
    words, tongue = visit.words, visit.tongue
    found = visit.call.queries.credit.grants(visit.account.id, None, None, GRANTS_MAX, spent=False)
    return [
        {
            "kind": words.grant_kinds[GrantKind(one.kind)],
            "left": words.grant_left.format(
                left=tongue.amount(one.remaining, one.currency),
                amount=tongue.amount(one.amount, one.currency),
            ),
            "expires": None
            if one.expires_at is None
            else words.expires.format(day=tongue.day(one.expires_at)),
        }
        for one in found
    ]

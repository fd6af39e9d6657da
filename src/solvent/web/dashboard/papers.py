"""Papers: the file of an invoice or a credit note, for whoever looks at its account.

Owns which document an address names. Does not own the documents (`core`), nor how they are printed (`documents`).
"""

from solvent.core.credit_document import of_credit_note
from solvent.core.document import of_invoice
from solvent.core.ids import InvalidId, parse
from solvent.web.dashboard.desk import BASE, Desk
from solvent.web.endpoint import Reply
from solvent.web.pages.paper import paper
from solvent.web.problems import not_found

PLACE = f"{BASE}/papers/{{document_id}}.pdf"
PAPERS = frozenset({"invoice_id", "credit_note_id"})  # facts of a story that have a file


def place_of(document_id: str) -> str:
    """Where the file of a document is."""
    return PLACE.format(document_id=document_id)


def document(desk: Desk) -> Reply:
    """An invoice or a credit note, by its id."""
    spelled, printing = desk.call.path["document_id"], desk.call.queries.printing
    try:
        if spelled.startswith("crn_"):
            note = printing.credit_note(parse("crn", spelled))
            if note is not None:
                return paper(desk.solvent, of_credit_note(note))
        else:
            invoice = printing.invoice(parse("inv", spelled))
            if invoice is not None:
                return paper(desk.solvent, of_invoice(invoice))
    except InvalidId:
        pass
    raise not_found("document", spelled[:40])

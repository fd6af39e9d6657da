"""Paper: invoices and credit notes as files: PDF, and XML by EN 16931.

Owns how a document becomes an answer: its tag, its name, and the problem where there is no e-invoice. Does not own what
a document says (`core`), nor how it is set or written (`documents`).
"""

from solvent.core.credit_document import of_credit_note
from solvent.core.document import of_invoice
from solvent.core.vat_category import NoEInvoice
from solvent.documents.typesetting import Document
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.problems import FieldError, Problem, not_found


def invoice_pdf(call: Call) -> Reply:
    """One invoice as a PDF file."""
    return _pdf(call, _invoice(call))


def invoice_xml(call: Call) -> Reply:
    """One invoice as an e-invoice."""
    return _xml(call, _invoice(call))


def credit_note_pdf(call: Call) -> Reply:
    """One credit note as a PDF file."""
    return _pdf(call, _credit_note(call))


def credit_note_xml(call: Call) -> Reply:
    """One credit note as an e-invoice."""
    return _xml(call, _credit_note(call))


def _invoice(call: Call) -> Document:
    spelled = call.path["invoice_id"]
    facts = call.queries.printing.invoice(public_id("inv", spelled, "invoice_id"))
    if facts is None:
        raise not_found("invoice", spelled)
    return of_invoice(facts)


def _credit_note(call: Call) -> Document:
    spelled = call.path["credit_note_id"]
    facts = call.queries.printing.credit_note(public_id("crn", spelled, "credit_note_id"))
    if facts is None:
        raise not_found("credit note", spelled)
    return of_credit_note(facts)


def _pdf(call: Call, document: Document) -> Reply:
    """Whoever has the file already is told so before it is made."""
    headers, known = _headers(call, document, "pdf")
    if known:
        return Reply(b"", 304, headers)
    return Reply(call.solvent.typesetter.pdf(document), 200, headers, "application/pdf")


def _xml(call: Call, document: Document) -> Reply:
    xml = call.solvent.typesetter.einvoice(document)
    if isinstance(xml, NoEInvoice):
        detail = f"{xml.obstacle}: {xml.field} {xml.rule}"
        raise Problem("no_e_invoice", detail, [FieldError(xml.field, xml.rule)])
    headers, known = _headers(call, document, "xml")
    return Reply(b"", 304, headers) if known else Reply(xml, 200, headers, "application/xml")


def _headers(call: Call, document: Document, ending: str) -> tuple[list[tuple[str, str]], bool]:
    """Those of the file, and whether the caller has it."""
    tag = f'"{call.solvent.typesetter.tag(document)}-{ending}"'
    headers = [
        ("etag", tag),
        ("cache-control", "private, no-cache"),
        ("content-disposition", f'inline; filename="{document.number}.{ending}"'),
    ]
    return headers, tag in (call.header("if-none-match") or "")

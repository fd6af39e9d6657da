"""Paper routes: the part of the table of endpoints that gives invoices and credit notes as files.

Owns their public names. Does not own what happens behind them (`handlers.paper`), nor the other routes (`routes`).
"""

from solvent.web.endpoint import Endpoint
from solvent.web.handlers import paper

_AGAIN = "Send the ETag as `If-None-Match`."
_NORM = (
    "By EN 16931, as Cross Industry Invoice, the same that the PDF file carries (Factur-X). Where the document has "
    "something that the norm has no place for, the problem names it; the PDF file is given all the same."
)
_XML = {200: (bytes, "The e-invoice."), 304: (None, "As you have it.")}
_PDF = {200: (bytes, "The file."), 304: (None, "As you have it.")}

PAPER = (
    Endpoint(
        method="GET",
        path="/v1/invoices/{invoice_id}.pdf",
        name="printInvoice",
        tag="invoices",
        summary="Read an invoice as a PDF file",
        description=f"PDF/A-3 with its e-invoice attached where there is one. The same invoice is the same file, byte "
        f"for byte, until less is owed on it. {_AGAIN}",
        run=paper.invoice_pdf,
        media="application/pdf",
        answers=_PDF,
        problems=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/v1/invoices/{invoice_id}.xml",
        name="readEInvoice",
        tag="invoices",
        summary="Read an invoice as an e-invoice",
        description=f"{_NORM} {_AGAIN}",
        run=paper.invoice_xml,
        media="application/xml",
        answers=_XML,
        problems=("not_found", "no_e_invoice"),
    ),
    Endpoint(
        method="GET",
        path="/v1/credit-notes/{credit_note_id}.pdf",
        name="printCreditNote",
        tag="credit notes",
        summary="Read a credit note as a PDF file",
        description=f"PDF/A-3 with its e-invoice attached where there is one. It never changes. {_AGAIN}",
        run=paper.credit_note_pdf,
        media="application/pdf",
        answers=_PDF,
        problems=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/v1/credit-notes/{credit_note_id}.xml",
        name="readECreditNote",
        tag="credit notes",
        summary="Read a credit note as an e-invoice",
        description=f"{_NORM} It has the type 381 and names the invoice that it lowers. {_AGAIN}",
        run=paper.credit_note_xml,
        media="application/xml",
        answers=_XML,
        problems=("not_found", "no_e_invoice"),
    ),
)

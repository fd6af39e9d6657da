"""Paper: an invoice or a credit note as a PDF file or an e-invoice, by its number.

Owns the input's check and the writing of the file. Does not own what is on it (`core`, `documents`).
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from solvent.commands.console import USAGE, CommandError
from solvent.core.credit_document import of_credit_note
from solvent.core.document import of_invoice
from solvent.core.ids import InvalidId, parse
from solvent.core.vat_category import NoEInvoice
from solvent.documents.typesetting import Document
from solvent.store.printing import Printing
from solvent.wiring import Solvent

T = TypeVar("T")


def invoice(solvent: Solvent, number: str) -> Document:
    """The invoice of a printed number, or of an id."""
    printing = Printing(solvent.database.pool)
    facts = _found("invoice", "inv", number, printing.invoice, printing.invoice_of_number)
    return of_invoice(facts)


def credit_note(solvent: Solvent, number: str) -> Document:
    """The credit note of a printed number, or of an id."""
    printing = Printing(solvent.database.pool)
    facts = _found("credit note", "crn", number, printing.credit_note, printing.credit_note_of_number)
    return of_credit_note(facts)


def _found(
    what: str,
    prefix: str,
    number: str,
    of_id: Callable[[UUID], T | None],
    of_number: Callable[[str], T | None],
) -> T:
    try:
        by_id = number.startswith(f"{prefix}_")
        facts = of_id(parse(prefix, number)) if by_id else of_number(number)
    except InvalidId as error:
        raise CommandError(f"NUMBER: {error}, got {number!r}", USAGE) from None
    if facts is None:
        raise CommandError(f"no {what} {number}")
    return facts


def pdf(solvent: Solvent, document: Document, out: Path | None) -> Path:
    """Write the PDF file, by default beside the caller under the document's number; returns where it is."""
    return _written(solvent.typesetter.pdf(document), out or Path(f"{document.number}.pdf"))


def xml(solvent: Solvent, document: Document, out: Path | None) -> Path:
    """Write the e-invoice, likewise."""
    made = solvent.typesetter.einvoice(document)
    if isinstance(made, NoEInvoice):
        raise CommandError(f"no e-invoice of {document.number}: {made.obstacle}: {made.field} {made.rule}")
    return _written(made, out or Path(f"{document.number}.xml"))


def _written(made: bytes, path: Path) -> Path:
    try:
        path.write_bytes(made)
    except OSError as error:
        raise CommandError(f"--out: {path}: {error.strerror}", USAGE) from None
    return path

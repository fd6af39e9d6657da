"""Invoice: an invoice as a PDF file, by its number.

Owns the input's check and the writing of the file. Does not own what is on it (`core.document`, `documents`).
"""

from pathlib import Path

from solvent.commands.console import USAGE, CommandError
from solvent.core.document import of_invoice
from solvent.core.ids import InvalidId, parse
from solvent.store.printing import Printing
from solvent.wiring import Solvent

ID_PREFIX = "inv"


def pdf(solvent: Solvent, number: str, out: Path | None) -> Path:
    """Write the file, by default beside the caller under the invoice's number; returns where it is."""
    printing = Printing(solvent.database.pool)
    if number.startswith(f"{ID_PREFIX}_"):
        try:
            facts = printing.invoice(parse(ID_PREFIX, number))
        except InvalidId as error:
            raise CommandError(f"NUMBER: {error}, got {number!r}", USAGE) from None
    else:
        facts = printing.invoice_of_number(number)
    if facts is None:
        raise CommandError(f"no invoice {number}")
    path = out or Path(f"{facts.invoice.number}.pdf")
    made = solvent.typesetter.invoice(of_invoice(facts))
    try:
        path.write_bytes(made)
    except OSError as error:
        raise CommandError(f"--out: {path}: {error.strerror}", USAGE) from None
    return path

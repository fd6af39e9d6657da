"""Documents: how many invoices one core prints, and what their e-invoices cost of it.

Owns the measured work: an invoice of ten taxed lines with a code to scan, each with a number of its own, so that
nothing is found ready. Does not own what a document says, and needs no database: whoever prints has read one already.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bench.report import Row, rate
from solvent.core.document import InvoiceDocument, of_invoice
from solvent.core.einvoice import EInvoice, of_document
from solvent.documents.cii import xml
from solvent.documents.typesetting import Typesetter
from tests.core.places import rate as tax_rate
from tests.core.places import rules
from tests.documents.samples import EUROPE, account, issued, line

COUNT = 200


def run(count: int = COUNT) -> list[Row]:
    """Invoices printed without an e-invoice (the ceiling) and with it, and e-invoices alone, for a second of CPU."""
    typesetter = Typesetter()
    with_one, without = _invoices(count), _invoices(count, nameless=True)
    typesetter.pdf(with_one[0])  # loads the libraries
    plain = _per_cpu_second(typesetter.pdf, without)
    printed = _per_cpu_second(typesetter.pdf, with_one)
    written = _per_cpu_second(xml, [_einvoice(document) for document in with_one])
    return [
        rate("invoices printed with their e-invoice, one core", printed, plain),
        rate("e-invoices written alone, one core", written),
    ]


def _invoices(count: int, *, nameless: bool = False) -> list[InvoiceDocument]:
    """Without a number of its seller there is no e-invoice of one."""
    europe = rules(tax_rate("DE", 19), home="NL", at=("NL", "EU"))
    seller = replace(EUROPE, tax_ids=()) if nameless else EUROPE
    buyer = replace(account(), tax_id=None)
    lines = (line(f"Pro, zone:z{n}.example", 2_000 + n) for n in range(10))
    document = of_invoice(issued(*lines, of=buyer, entity=seller, rules=europe, terms_days=30))
    return [replace(document, number=f"SEU-07-{n:06}") for n in range(count)]


def _einvoice(document: InvoiceDocument) -> EInvoice:
    made = of_document(document)
    assert isinstance(made, EInvoice), made
    return made


def _per_cpu_second(make: Callable[[Any], bytes], documents: list[Any]) -> float:
    began = time.process_time()
    for document in documents:
        make(document)
    return len(documents) / (time.process_time() - began)

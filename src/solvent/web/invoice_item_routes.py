"""Invoice item routes: the part of the table of endpoints that is about what waits for an invoice.

Owns their public names. Does not own what happens behind them (`handlers.invoice_items`).
"""

from solvent.web import examples
from solvent.web.endpoint import Endpoint, Repeat, Scope
from solvent.web.handlers import invoice_items
from solvent.web.invoice_bodies import ManualLine
from solvent.web.invoice_item_bodies import (
    InvoiceItemBody,
    InvoiceItemPage,
    InvoiceItemsQuery,
    InvoiceItemView,
)

INVOICE_ITEMS = (
    Endpoint(
        method="POST",
        path="/v1/invoice-items",
        name="keepInvoiceItem",
        tag="invoices",
        summary="Let something wait for the account's next invoice",
        description="It owes nobody anything until it is invoiced: by the next renewal that costs something, by usage "
        "at the end of a period, or by an invoice of your own with `include_items`.",
        run=invoice_items.keep,
        scope=Scope.WRITE,
        repeat=Repeat.ANSWER,
        body=InvoiceItemBody,
        example=examples.INVOICE_ITEM,
        answers={201: (InvoiceItemView, "Kept.")},
        problems=("not_found", "idempotency_key_reused", "in_flight", "refused"),
    ),
    Endpoint(
        method="GET",
        path="/v1/invoice-items",
        name="listInvoiceItems",
        tag="invoices",
        summary="List what waits for an account's next invoice",
        run=invoice_items.page,
        query=InvoiceItemsQuery,
        answers={200: (InvoiceItemPage, "A page.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/v1/invoice-items/{invoice_item_id}",
        name="getInvoiceItem",
        tag="invoices",
        summary="Read an invoice item",
        run=invoice_items.read,
        answers={200: (InvoiceItemView, "The item.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="PUT",
        path="/v1/invoice-items/{invoice_item_id}",
        name="writeInvoiceItemAnew",
        tag="invoices",
        summary="Write the line of an invoice item anew",
        description="What is left out is as in a new one.",
        run=invoice_items.write_anew,
        scope=Scope.WRITE,
        repeat=Repeat.HARMLESS,
        body=ManualLine,
        example=examples.INVOICE_ITEM_ANEW,
        answers={200: (InvoiceItemView, "As it now is.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="DELETE",
        path="/v1/invoice-items/{invoice_item_id}",
        name="removeInvoiceItem",
        tag="invoices",
        summary="Remove an invoice item: it will never be invoiced",
        run=invoice_items.remove,
        scope=Scope.WRITE,
        repeat=Repeat.HARMLESS,
        answers={200: (InvoiceItemView, "As it now is.")},
        problems=("not_found", "refused"),
    ),
)

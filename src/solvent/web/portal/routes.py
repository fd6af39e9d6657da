"""Portal routes: every path of the portal with what answers it.

Owns the table. A form is behind `Door.form`, whatever else behind `Door.page`: nothing is reachable past the door. The
routes are no part of what the API's document describes.
"""

from collections.abc import Callable
from typing import NamedTuple

from solvent.web.endpoint import Call, Endpoint, Reply
from solvent.web.portal import managing, naming, overview, owing, papers, paying, quoting, using
from solvent.web.portal.door import Door, Run
from solvent.wiring import Solvent

FORM_BYTES_MAX = 16_384  # a whole address in any script
SUBSCRIPTION = "/portal/subscriptions/{subscription_id}"
CHANGE = "/portal/changes/{change_id}"
METHOD = "/portal/methods/{method_id}"


class Route(NamedTuple):
    """A path below the door, with the name of its endpoint, what it is, and what answers it."""

    path: str
    name: str
    summary: str
    run: Run


PAGES = (
    Route("/portal", "portalOverview", "How the account stands", overview.overview),
    Route("/portal/subscriptions", "portalSubscriptions", "Subscriptions", overview.subscriptions),
    Route(SUBSCRIPTION, "portalSubscription", "One subscription", quoting.subscription),
    Route(f"{SUBSCRIPTION}/quote", "portalQuote", "What a change costs", quoting.quote),
    Route(CHANGE, "portalChange", "What came of it", paying.change),
    Route(f"{CHANGE}/back", "portalBack", "Back from a bank or wallet", paying.back),
    Route("/portal/pay", "portalPay", "What is owed", owing.debt),
    Route("/portal/methods", "portalMethods", "Payment methods", managing.methods),
    Route("/portal/methods/add", "portalAddMethod", "A form to add a method", managing.add),
    Route(f"{METHOD}/remove", "portalRemoveMethod", "What removing means", managing.asks_to_remove),
    Route("/portal/invoices", "portalInvoices", "Invoices, credit notes, credit", papers.invoices),
    Route("/portal/invoices/{invoice_id}", "portalInvoice", "One invoice", papers.invoice),
    Route("/portal/invoices/{invoice_id}.pdf", "portalInvoicePdf", "An invoice's file", papers.invoice_pdf),
    Route(
        "/portal/credit-notes/{credit_note_id}.pdf",
        "portalCreditNotePdf",
        "A credit note's file",
        papers.credit_note_pdf,
    ),
    Route(naming.PATH, "portalDetails", "Who the customer is", naming.details),
    Route("/portal/usage", "portalUsage", "Usage, and the next invoice", using.usage),
)
FORMS = (
    Route(naming.PATH, "portalDetailsForm", "Other details", naming.rename),
    Route(f"{SUBSCRIPTION}/quote", "portalAccept", "Say yes to a quote", quoting.accept),
    Route(CHANGE, "portalFinish", "Give a card that is waited for", paying.finish),
    Route("/portal/pay", "portalPayForm", "Pay what is owed", owing.pay_debt),
    Route("/portal/methods/add", "portalAddMethodForm", "Add a method", managing.added),
    Route(f"{METHOD}/remove", "portalRemoveMethodForm", "Remove a method", managing.remove),
    Route(f"{METHOD}/first", "portalMethodFirst", "Try a method first", managing.make_first),
    Route(f"{METHOD}/up", "portalMethodUp", "Try a method earlier", managing.up),
    Route(f"{METHOD}/down", "portalMethodDown", "Try a method later", managing.down),
)


def portal_endpoints(solvent: Solvent) -> tuple[Endpoint, ...]:
    """The portal of one process."""
    door = Door(solvent)
    leave = Route("/portal/leave", "portalLeave", "Sign out", door.leave)
    return (
        _endpoint("GET", "/portal/enter/{token}", "portalEnter", "Enter by a link", door.enter),
        _endpoint("POST", "/portal/enter/{token}", "portalEntered", "Use a link of an e-mail", door.entered),
        *(_endpoint("GET", r.path, r.name, r.summary, door.page(r.run)) for r in PAGES),
        *(_endpoint("POST", r.path, r.name, r.summary, door.form(r.run)) for r in (*FORMS, leave)),
    )


def _endpoint(method: str, path: str, name: str, summary: str, run: Callable[[Call], Reply]) -> Endpoint:
    return Endpoint(
        method=method,
        path=path,
        name=name,
        summary=summary,
        tag="pages",
        run=run,
        scope=None,
        answers={},
        raw_body=method == "POST",
        raw_query=True,
        body_bytes_max=FORM_BYTES_MAX,
        media="text/html",
    )

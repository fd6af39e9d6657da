"""Pay link routes: the part of the table of endpoints by which support gives a customer a link to pay.

Owns its public name and its handler. Does not own the page behind the link (`pay_pages`), nor the other routes
(`routes`).
"""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from solvent.core.pay_token import INVOICES_MAX
from solvent.pay_links import PayLinks
from solvent.web.change_bodies import Body
from solvent.web.endpoint import Call, Endpoint, Reply, Scope
from solvent.web.examples import PAY_DEBT
from solvent.web.fields import InvoiceId, uuid_in
from solvent.web.handlers.shared import account_in_path
from solvent.web.problems import refused


class PayLinkBody(Body):
    """The invoices that the link is for; left out, all that the account owes whenever it is opened."""

    invoice_ids: Annotated[tuple[InvoiceId, ...], Meta(min_length=1, max_length=INVOICES_MAX)] | None = None


class PayLinkView(Struct, frozen=True, kw_only=True):
    """A link by which whoever has it can see and pay what is owed, without signing in."""

    url: Annotated[str, Meta(examples=["https://billing.example.com/pay/AQAB…"])]
    expires_at: datetime


def make(call: Call) -> Reply:
    """A link for an account that owes something."""
    account = account_in_path(call)
    body: PayLinkBody = call.body
    with call.solvent.database.look() as tx:
        view = tx.accounts.view(account.id)
    owed = {} if view is None else {i.id for i in view.open_invoices}
    named = [uuid_in(spelled) for spelled in body.invoice_ids or ()]
    for n, invoice_id in enumerate(named):
        if invoice_id not in owed:
            raise refused(f"invoice_ids[{n}]", "must be an invoice of the account on which something is owed")
    if not owed:
        raise refused("account_id", "must be an account that owes something")
    link = PayLinks(call.solvent.settings, call.solvent.database).link(account.id, named, call.now)
    return Reply(PayLinkView(url=link.url, expires_at=link.until))


PAY_LINK = (
    Endpoint(
        method="POST",
        path="/v1/accounts/{account_id}/pay-link",
        name="makePayLink",
        tag="accounts",
        summary="Make a link by which a customer can pay what is owed",
        description="Whoever has the link sees these invoices and can pay them, until it ends: hand it to the customer "
        "alone. It is made anew each time and nothing is stored, so that no Idempotency-Key is asked for.",
        run=make,
        scope=Scope.WRITE,
        body=PayLinkBody,
        example=PAY_DEBT,
        answers={200: (PayLinkView, "The link.")},
        problems=("not_found", "refused"),
    ),
)

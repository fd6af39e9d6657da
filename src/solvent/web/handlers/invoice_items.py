"""Invoice items: what waits for an account's next invoice.

Owns how their requests become one flow each, and their view. Does not own what becomes of them (`core`).
"""

from solvent.core.ids import spell
from solvent.core.invoice_item import InvoiceItem
from solvent.core.plan import Refusal
from solvent.flows import waiting
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import uuid_in
from solvent.web.handlers.accounts import paged
from solvent.web.handlers.shared import existing_account, refusal_problem
from solvent.web.invoice_bodies import ManualLine
from solvent.web.invoice_item_bodies import InvoiceItemBody, InvoiceItemsQuery, InvoiceItemView
from solvent.web.present import line_view
from solvent.web.problems import not_found


def keep(call: Call) -> Reply:
    """Keep a new item."""
    body: InvoiceItemBody = call.body
    account = existing_account(call, uuid_in(body.account_id))
    platform = call.solvent.platform
    line = body.core("", account.currency, platform.convention.rounding)
    item = _item(waiting.keep_item(platform, account, line, call.now))
    return Reply(item_view(item), 201, [("location", f"/v1/invoice-items/{spell('ivi', item.id)}")])


def page(call: Call) -> Reply:
    """A page of an account's items."""
    query: InvoiceItemsQuery = call.query
    account = existing_account(call, uuid_in(query.account))
    after = None if query.after is None else uuid_in(query.after)
    found = call.queries.items.of_account(account.id, query.state, after, query.limit + 1)
    return paged([item_view(item) for item in found], query.limit)


def read(call: Call) -> Reply:
    """One item."""
    return Reply(item_view(_existing(call)))


def write_anew(call: Call) -> Reply:
    """Another line of an item."""
    body: ManualLine = call.body
    held = _existing(call)
    platform = call.solvent.platform
    line = body.core("", held.currency, platform.convention.rounding)
    return Reply(item_view(_item(waiting.change_item(platform, held.id, line, call.now))))


def remove(call: Call) -> Reply:
    """An item that will never be invoiced."""
    held = _existing(call)
    return Reply(item_view(_item(waiting.remove_item(call.solvent.platform, held.id, call.now))))


def _existing(call: Call) -> InvoiceItem:
    spelled = call.path["invoice_item_id"]
    found = call.queries.items.one(public_id("ivi", spelled, "invoice_item_id"))
    if found is None:
        raise not_found("invoice item", spelled)
    return found


def _item(decided: InvoiceItem | Refusal) -> InvoiceItem:
    if isinstance(decided, Refusal):
        raise refusal_problem(decided)
    return decided


def item_view(item: InvoiceItem) -> InvoiceItemView:
    """What waits, as answers show it."""
    return InvoiceItemView(
        id=spell("ivi", item.id),
        account_id=spell("acc", item.account_id),
        state=item.state,
        version=item.version,
        currency=item.currency,
        line=line_view(item.invoiced, item.currency),
        change_id=None if item.claimed_by is None else spell("att", item.claimed_by),
        invoice_id=None if item.invoice_id is None else spell("inv", item.invoice_id),
        created_at=item.created_at,
        changed_at=item.changed_at,
    )

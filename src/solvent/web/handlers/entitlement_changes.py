"""Entitlement changes: the feed by which product services learn whose entitlements may be others than before.

Derived from the events: it is those of the types in `core.entitlement_events`, so it is in order per account and leaves
nothing out. Does not own the events (`store.feed`), nor what an account may use (`entitlements`).
"""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from solvent.core.entitlement_events import ENTITLING
from solvent.core.ids import spell
from solvent.store.feed import BadCursor, Page
from solvent.web.endpoint import Call, Reply
from solvent.web.entitlement_bodies import ChangesQuery
from solvent.web.fields import AccountId, EventId, uuid_in
from solvent.web.handlers.shared import existing_account
from solvent.web.problems import FieldError, breaks


class EntitlementChangeView(Struct, frozen=True, kw_only=True):
    """An account's entitlements may have changed: read them again. `id` and `reason` are those of the event."""

    id: EventId
    account_id: AccountId
    reason: Annotated[str, Meta(examples=["subscription.renewed"])]
    occurred_at: datetime


class EntitlementChangePage(Struct, frozen=True, kw_only=True):
    """A page of changes. `next` is always there: keep it, and ask again with it; `more`: there is some already."""

    data: list[EntitlementChangeView]
    next: str
    more: bool


def page(call: Call) -> Reply:
    """Changes behind a cursor; with `wait`, as soon as there are some."""
    query: ChangesQuery = call.query
    account = None if query.account is None else existing_account(call, uuid_in(query.account)).id

    def look() -> Page:
        return call.queries.feed.page(query.after, account=account, kinds=ENTITLING, limit=query.limit)

    try:
        found = call.waiting.until(look, lambda page: bool(page.events), query.wait)
    except BadCursor as error:
        raise breaks(FieldError("after", str(error))) from None
    data = [
        EntitlementChangeView(
            id=e.id, account_id=spell("acc", e.account_id), reason=e.type, occurred_at=e.occurred_at
        )
        for e in found.events
    ]
    return Reply(EntitlementChangePage(data=data, next=found.cursor, more=found.more))

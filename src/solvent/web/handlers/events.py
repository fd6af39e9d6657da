"""Events: the feed of what happened, for readers that keep their own place."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from solvent.core.ids import spell
from solvent.store.feed import BadCursor
from solvent.store.outbox import Published
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import AccountId, EventId, uuid_in
from solvent.web.handlers.shared import existing_account
from solvent.web.params import EventsQuery
from solvent.web.problems import FieldError, breaks


class EventView(Struct, frozen=True, kw_only=True):
    """One event, published if and only if what it says was committed; `id` is there to deduplicate."""

    id: EventId
    type: str
    account_id: AccountId
    occurred_at: datetime
    data: Annotated[dict[str, Any], Meta(description="Depends on the type; amounts in minor units.")]


class EventPage(Struct, frozen=True, kw_only=True):
    """A page of events. `next` is always there: keep it, and ask again with it; `more`: there is some already."""

    data: list[EventView]
    next: str
    more: bool


def page(call: Call) -> Reply:
    """Events behind a cursor."""
    query: EventsQuery = call.query
    account = None if query.account is None else existing_account(call, uuid_in(query.account)).id
    kinds = () if query.type is None else (query.type,)
    try:
        found = call.queries.feed.page(query.after, account=account, kinds=kinds, limit=query.limit)
    except BadCursor as error:
        raise breaks(FieldError("after", str(error))) from None
    return Reply(EventPage(data=[_event_view(e) for e in found.events], next=found.cursor, more=found.more))


def _event_view(event: Published) -> EventView:
    return EventView(
        id=event.id,
        type=event.type,
        account_id=spell("acc", event.account_id),
        occurred_at=event.occurred_at,
        data=event.payload,
    )

"""Usage reads: which meters there are, the events that were told, and what they come to over a stretch of time.

Owns how a query string becomes one read, and its cursor. Does not own the reads (`store.usage_reads`), recording events
nor what a period costs (`usage`).
"""

from datetime import UTC, datetime, timedelta

from solvent.core.catalog import Catalog, Meter
from solvent.core.ids import spell
from solvent.store.usage_reads import StoredEvent, Total, WantedUsage
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import uuid_in
from solvent.web.handlers.paging import page_of
from solvent.web.handlers.shared import existing_account
from solvent.web.problems import FieldError, breaks, not_found, refused
from solvent.web.usage_views import (
    FullMeterView,
    MetersQuery,
    UsageEventsQuery,
    UsageEventView,
    UsageQuery,
    UsageTotalsQuery,
    UsageTotalView,
)

_END = datetime(9999, 1, 1, tzinfo=UTC)
_BETWEEN = "!"  # a meter and an object in a cursor, or a moment and an id: neither meters nor numbers have it
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def meters(call: Call) -> Reply:
    """A page of meters."""
    query: MetersQuery = call.query
    catalog = call.solvent.platform.store.catalog()
    found = sorted(catalog.meters.values(), key=lambda meter: meter.id)
    return page_of(
        found,
        query.after,
        query.limit,
        key=lambda meter: meter.id,
        view=lambda meter: meter_view(meter, catalog),
    )


def meter(call: Call) -> Reply:
    """One meter."""
    catalog = call.solvent.platform.store.catalog()
    found = catalog.meters.get(call.path["meter_id"])
    if found is None:
        raise not_found("meter", call.path["meter_id"][:64])
    return Reply(meter_view(found, catalog))


def events(call: Call) -> Reply:
    """A page of the events of an account."""
    query: UsageEventsQuery = call.query
    after = None if query.after is None else _place(query.after)
    found = call.queries.usage.events(_wanted(call, query), after, query.limit + 1)
    shown = found[: query.limit]
    following = _cursor(shown[-1]) if len(found) > query.limit else None
    return Reply({"data": [event_view(one) for one in shown], "next": following})


def _cursor(one: StoredEvent) -> str:
    """An event's place in the list: microseconds since 1970, and its id."""
    return f"{(one.at - _EPOCH) // _MICROSECOND}{_BETWEEN}{one.id}"


def _place(cursor: str) -> tuple[datetime, str]:
    micros, _, event = cursor.partition(_BETWEEN)  # as its pattern says
    return _EPOCH + int(micros) * _MICROSECOND, event


def totals(call: Call) -> Reply:
    """A page of what an account used over a stretch of time."""
    query: UsageTotalsQuery = call.query
    wanted, catalog = _wanted(call, query), call.solvent.platform.store.catalog()
    assert wanted.start is not None, "the rules of the query require it"
    after = None
    if query.after is not None:
        meter, found, thing = query.after.partition(_BETWEEN)
        if not found:
            raise refused("after", "must be the `next` of the page before")
        after = (meter, thing)
    counted = call.queries.usage.totals(
        wanted, wanted.start, wanted.end or _END, catalog, after, query.limit + 1
    )
    shown = counted[: query.limit]
    more = len(counted) > query.limit
    following = f"{shown[-1].meter}{_BETWEEN}{shown[-1].object}" if more else None
    return Reply({"data": [total_view(one, catalog) for one in shown], "next": following})


def meter_view(one: Meter, catalog: Catalog) -> FullMeterView:
    """A meter as it is shown by itself."""
    prices = [price.id for price in catalog.prices.values() if price.active and price.meter == one.id]
    return FullMeterView(
        id=one.id, name=one.name, unit=one.unit, aggregation=one.aggregation, prices=sorted(prices)
    )


def event_view(one: StoredEvent) -> UsageEventView:
    """An event as it was told."""
    return UsageEventView(
        id=one.id,
        account_id=spell("acc", one.account_id),
        meter=one.meter,
        object=one.object,
        at=one.at,
        value=one.value,
        member=one.member,
        corrects=one.corrects,
        corrected_by=one.corrected_by,
        received_at=one.received_at,
    )


def total_view(one: Total, catalog: Catalog) -> UsageTotalView:
    """What one meter and object come to."""
    return UsageTotalView(
        meter=one.meter, object=one.object, unit=catalog.meters[one.meter].unit, quantity=one.quantity
    )


def _wanted(call: Call, query: UsageQuery) -> WantedUsage:
    broken = [FieldError(field, rule) for field, rule in query.broken_rules()]
    known = call.solvent.platform.store.catalog().meters
    if query.meter is not None and query.meter not in known:
        broken.append(FieldError("meter", f"must be a meter: {', '.join(sorted(known)) or 'there is none'}"))
    if broken:
        raise breaks(*broken)
    return WantedUsage(
        account=existing_account(call, uuid_in(query.account)).id,
        meter=query.meter,
        object=query.object,
        start=query.from_,
        end=query.to,
    )

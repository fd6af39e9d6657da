"""Usage routes: telling what was used, and reading what it comes to.

Owns the public names of these endpoints. Does not own what happens behind them (`handlers.usage`,
`handlers.usage_reads`).
"""

from solvent.web import examples, usage_bodies, usage_views
from solvent.web.endpoint import Endpoint, Repeat, Scope
from solvent.web.handlers import usage, usage_reads
from solvent.web.params import UsageQuery

USAGE = (
    Endpoint(
        method="POST",
        path="/v1/usage",
        name="recordUsage",
        tag="usage",
        summary="Tell what was used",
        description="A batch of events, each counted once by (account, id): send it again whenever in doubt. When one "
        "of them breaks a rule, each that does is told by its place and nothing is stored.",
        run=usage.record,
        scope=Scope.WRITE,
        repeat=Repeat.HARMLESS,
        body=usage_bodies.UsageBody,
        body_bytes_max=usage_bodies.BYTES_MAX,
        example=examples.USAGE,
        answers={200: (usage_bodies.RecordedView, "Stored.")},
        problems=("refused",),
    ),
    Endpoint(
        method="GET",
        path="/v1/accounts/{account_id}/usage",
        name="getUsage",
        tag="usage",
        summary="Read what was used so far, and what it costs",
        description="Usage periods that are open, or that still take late usage: what they come to at this moment.",
        run=usage.read,
        query=UsageQuery,
        answers={200: (usage_bodies.UsageView, "A page, in the order of their start.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/v1/usage/events",
        name="listUsageEvents",
        tag="usage",
        summary="List the events that an account's usage was told by",
        run=usage_reads.events,
        query=usage_views.UsageEventsQuery,
        answers={200: (usage_views.UsageEventPage, "A page, in the order of their ids.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="GET",
        path="/v1/usage/totals",
        name="listUsageTotals",
        tag="usage",
        summary="Read what an account used over any stretch of time",
        description="By meter and object, as a period over that time would be billed: corrections are in it.",
        run=usage_reads.totals,
        query=usage_views.UsageTotalsQuery,
        answers={200: (usage_views.UsageTotalPage, "A page, by meter and object.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="GET",
        path="/v1/meters",
        name="listMeters",
        tag="catalog",
        summary="List meters",
        run=usage_reads.meters,
        query=usage_views.MetersQuery,
        answers={200: (usage_views.MeterPage, "A page, by id.")},
    ),
    Endpoint(
        method="GET",
        path="/v1/meters/{meter_id}",
        name="getMeter",
        tag="catalog",
        summary="Read a meter",
        run=usage_reads.meter,
        answers={200: (usage_views.FullMeterView, "The meter, and the prices on sale that charge by it.")},
        problems=("not_found",),
    ),
)

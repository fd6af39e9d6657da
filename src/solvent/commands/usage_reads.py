"""Usage reads: meters, recorded events and totals on the command line.

Owns the options' check and the tables; for programs they are as the API shows them. Does not own the reads
(`store.usage_reads`) nor sending events (`commands.usage`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from solvent.commands.console import CommandError
from solvent.commands.export import one_of_names
from solvent.commands.filters import span
from solvent.commands.saying import as_json, id_of, lined, moment
from solvent.store.queries import Queries
from solvent.store.usage_reads import StoredEvent, UsageReads, WantedUsage
from solvent.web.handlers.usage_reads import event_view, meter_view, total_view
from solvent.wiring import Solvent

EVENTS = ("event", "meter", "object", "at", "value", "member", "corrects", "corrected by", "told")
TOTALS = ("meter", "object", "used", "unit")
METERS = ("meter", "name", "unit", "counts", "prices")
_END = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which usage of an account, as options say it."""

    account: str
    meter: str | None = None
    thing: str | None = None
    start: str | None = None
    end: str | None = None


def events(solvent: Solvent, filters: Filters, limit: int, *, for_programs: bool) -> Iterator[str]:
    """The first events that are wanted."""
    found = UsageReads(solvent.database.pool).events(_wanted(solvent, filters), None, limit)
    if for_programs:
        yield as_json([event_view(one) for one in found])
    else:
        yield from lined(EVENTS, [_event(one) for one in found])


def totals(solvent: Solvent, filters: Filters, limit: int, *, for_programs: bool) -> Iterator[str]:
    """What was used over a stretch of time, by meter and object."""
    wanted, catalog = _wanted(solvent, filters), solvent.platform.store.catalog()
    assert wanted.start is not None, "--from is required"
    reads = UsageReads(solvent.database.pool)
    found = reads.totals(wanted, wanted.start, wanted.end or _END, catalog, None, limit)
    views = [total_view(one, catalog) for one in found]
    if for_programs:
        yield as_json(views)
    else:
        yield from lined(TOTALS, [(one.meter, one.object, f"{one.quantity:,}", one.unit) for one in views])


def meters(solvent: Solvent, *, for_programs: bool) -> Iterator[str]:
    """The meters of the catalog."""
    catalog = solvent.platform.store.catalog()
    views = [meter_view(meter, catalog) for _, meter in sorted(catalog.meters.items())]
    if for_programs:
        yield as_json(views)
    else:
        rows = [(one.id, one.name, one.unit, one.aggregation, " ".join(one.prices)) for one in views]
        yield from lined(METERS, rows)


def _event(one: StoredEvent) -> tuple[str, ...]:
    return (
        one.id,
        one.meter,
        one.object,
        f"{one.at:%Y-%m-%d %H:%M:%S}",
        "–" if one.value is None else f"{one.value:,}",
        one.member or "–",
        one.corrects or "–",
        one.corrected_by or "–",
        moment(one.received_at),
    )


def _wanted(solvent: Solvent, filters: Filters) -> WantedUsage:
    account = Queries(solvent.database.pool).account(id_of("acc", filters.account, "ACCOUNT"))
    if account is None:
        raise CommandError(f"no account {filters.account}")
    if filters.meter is not None:
        one_of_names(filters.meter, sorted(solvent.platform.store.catalog().meters), "--meter")
    start, end = span(filters.start, filters.end)
    return WantedUsage(account=account.id, meter=filters.meter, object=filters.thing, start=start, end=end)

"""Meters: what a metered price counts, and how events become a quantity.

Owns the meter, the usage event, and the quantity of a set of events, whatever their order, duplication and
corrections: the store's SQL is held to it. Does not own what a quantity costs (`pricing`) nor when it is billed
(`usage`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, assert_never
from uuid import UUID

from solvent.core.language import TURNING_RULE, Names, names_problems, turned
from solvent.core.period import Period
from solvent.core.product import NAME_RULE, CatalogError, broken, is_name

VALUE_MAX = 10**12  # of one event, in units of the meter


class Aggregation(StrEnum):
    """How the events of a period become one quantity; nothing counted is 0."""

    SUM = "sum"
    MAX = "max"
    LAST = "last"  # of the latest event; of several at one moment, the one whose id sorts last
    UNIQUE = "unique"  # how many different members there are


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """What is counted, in whole units of `unit` (choose a small one: bytes, seconds).

    `names` and `units` are what both are called in some languages, `name` and `unit` in all others.
    """

    id: str
    name: str
    unit: str
    aggregation: Aggregation
    names: Names = field(default_factory=dict)
    units: Names = field(default_factory=dict)


class UsageEvent(NamedTuple):
    """Something used, once by (account, id), counted at `at` (UTC) on `object`: its `value`, or its `member` to count
    unique ones.

    With `corrects`, it says what the event of that id should have said, and nothing else of it counts: no value and no
    member take that event out. Of several corrections of one event the latest one counts, by `at` and then by id.
    """

    id: str
    account_id: UUID
    meter: str
    at: datetime
    object: str
    value: int | None
    member: str | None
    corrects: str | None


def quantity(aggregation: Aggregation, events: Iterable[UsageEvent], period: Period) -> int:
    """What the events of one account, meter and object come to in `period`: those of its start, not of its end."""
    counted = [x for x in _as_corrected(events) if period.start <= x.at < period.end]
    values = {(x.at, x.id): x.value for x in counted if x.value is not None}
    match aggregation:
        case Aggregation.SUM:
            return sum(values.values())
        case Aggregation.MAX:
            return max(values.values(), default=0)
        case Aggregation.LAST:
            return values[max(values)] if values else 0
        case Aggregation.UNIQUE:
            return len({x.member for x in counted if x.member is not None})
    assert_never(aggregation)


def _as_corrected(events: Iterable[UsageEvent]) -> Iterator[UsageEvent]:
    """Each event once, with what its latest correction says in place of its own words."""
    known: dict[str, UsageEvent] = {}
    corrections: dict[str, UsageEvent] = {}
    for event in events:
        if event.corrects is None:
            known.setdefault(event.id, event)
            continue
        latest = corrections.get(event.corrects)
        if latest is None or (latest.at, latest.id) < (event.at, event.id):
            corrections[event.corrects] = event
    for event in known.values():
        said = corrections.get(event.id, event)
        yield event._replace(value=said.value, member=said.member)


def meter_problems(meter: Meter) -> Iterator[CatalogError]:
    """The rules that a meter breaks by itself."""
    yield from broken(
        f"meters.{meter.id}",
        ("id", is_name(meter.id), NAME_RULE),
        ("name", bool(meter.name.strip()), "must not be empty"),
        ("unit", bool(meter.unit.strip()), "must not be empty"),
        ("name", not turned(meter.name), TURNING_RULE),
        ("unit", not turned(meter.unit), TURNING_RULE),
        *names_problems("names", meter.names),
        *names_problems("units", meter.units),
    )


def event_rule(event: UsageEvent, meter: Meter | None) -> tuple[str, str] | None:
    """The field of an event and the rule that it breaks, if any; `meter` is the one that it names."""
    if meter is None:
        return "meter", "must be a meter of the catalog"
    if event.value is not None and event.member is not None:
        return "member", "must not come with a value"
    if event.corrects is not None:
        if event.corrects == event.id:
            return "corrects", "must be the id of another event"
        if event.value is None and event.member is None:
            return None
    if meter.aggregation is Aggregation.UNIQUE:
        return None if event.member is not None else ("member", f"is required: {meter.id} counts members")
    if event.value is None:
        return "value", f"is required: {meter.id} counts by value"
    return None if 0 <= event.value <= VALUE_MAX else ("value", f"must be from 0 to {VALUE_MAX}")

"""Usage views: meters, recorded events and totals in answers, and what lists of them may be asked for.

Owns their shapes. Does not own the events that requests carry, nor what a period comes to (`usage_bodies`).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from solvent.core.catalog import Aggregation
from solvent.web.fields import AccountId, Limit, Moment, ObjectName
from solvent.web.params import PAGE, Query

Next = Annotated[str | None, Meta(description="The cursor of the next page, as `after`; null at the end.")]
MeterId = Annotated[str, Meta(max_length=64, description="Only this meter's.", examples=["requests"])]


class FullMeterView(Struct, frozen=True, kw_only=True):
    """What is counted, in which unit, and how events become one quantity: sum, max, last or unique. `prices` on sale
    charge by it."""

    id: str
    name: str
    unit: str
    aggregation: Aggregation
    prices: list[str]


class MeterPage(Struct, frozen=True):
    """A page of meters."""

    data: list[FullMeterView]
    next: Next


class MetersQuery(Query):
    """A page of meters, by id."""

    after: Annotated[str, Meta(max_length=64, description="The `next` of the page before.")] | None = None
    limit: Limit = PAGE


class UsageQuery(Query, rename={"from_": "from"}):
    """What of an account's usage pages may be asked for: from `from` to before `to`."""

    account: AccountId
    meter: MeterId | None = None
    object: ObjectName | None = None
    from_: Moment | None = None
    to: Moment | None = None

    def broken_rules(self) -> Iterator[tuple[str, str]]:
        """The fields that contradict each other, each with its rule."""
        if self.from_ is not None and self.to is not None and self.to < self.from_:
            yield "to", "must not be before from"


class UsageEventsQuery(UsageQuery):
    """A page of the events that an account's usage was told by, in the order of their moments, and at one moment of
    their ids."""

    after: (
        Annotated[
            str,
            Meta(
                pattern=r"^[0-9]{1,17}![\s\S]{1,100}$(?!\n)",
                description="The `next` of the page before.",
                examples=["1767225600000000!evt-17"],
            ),
        ]
        | None
    ) = None
    limit: Limit = PAGE


class UsageEventView(Struct, frozen=True, kw_only=True):
    """An event as it was told. `corrected_by`: what that event says counts in its place; the latest of several."""

    id: str
    account_id: AccountId
    meter: str
    object: str
    at: datetime
    value: int | None
    member: str | None
    corrects: str | None
    corrected_by: str | None
    received_at: datetime


class UsageEventPage(Struct, frozen=True):
    """A page of events."""

    data: list[UsageEventView]
    next: Next


class UsageTotalsQuery(UsageQuery):
    """A page of totals, by meter and object. `from` is required; without `to`, of all that there is from then on."""

    after: Annotated[str, Meta(max_length=400, description="The `next` of the page before.")] | None = None
    limit: Limit = PAGE

    def broken_rules(self) -> Iterator[tuple[str, str]]:
        """The fields that are missing or contradict each other, each with its rule."""
        if self.from_ is None:
            yield "from", "is required"
        yield from UsageQuery.broken_rules(self)


class UsageTotalView(Struct, frozen=True, kw_only=True):
    """What the events of one meter and object come to, corrections in."""

    meter: str
    object: str
    unit: str
    quantity: int


class UsageTotalPage(Struct, frozen=True):
    """A page of totals."""

    data: list[UsageTotalView]
    next: Next

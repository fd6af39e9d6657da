"""Usage bodies: the events that a request carries, and what answers say of them.

Owns their shapes and bounds. Does not own the rules that need the catalog or an account (`core.meter`, `flows.usage`).
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from solvent.web.change_bodies import Body
from solvent.web.fields import AccountId, AmountText, Currency, ItemId, Minor, SubscriptionId
from solvent.web.views import PeriodView

EVENTS_MAX = 10_000
BYTES_MAX = 8 * 1024 * 1024  # of a batch: some 800 for each event

# Lengths only: a pattern for each of ten thousand would cost as much as to store them.
_EventId = Annotated[
    str,
    Meta(
        min_length=1, max_length=100, description="Yours; once per account.", examples=["req-2026-01-31-0017"]
    ),
]


class Event(Body):
    """Something used. With `corrects`, what the event of that id should have said; without value and member: that it
    should not count at all."""

    id: _EventId
    account: Annotated[
        str,
        Meta(
            max_length=64,
            description="Id of the account.",
            examples=["acc_0193a5b2c4d87e6fa1b2c3d4e5f60718"],
            extra_json_schema={
                "pattern": r"^acc_[0-9a-f]{32}$(?!\n)"
            },  # found wrong when it is read: once per account
        ),
    ]
    meter: Annotated[str, Meta(max_length=64, examples=["requests"])]
    at: Annotated[
        datetime, Meta(tz=True, description="When it was used, RFC 3339.", examples=["2026-01-31T12:00:00Z"])
    ]
    value: Annotated[
        int | None, Meta(description="How much, in whole units of the meter; 0 to 10^12.", examples=[125000])
    ] = None
    member: (
        Annotated[
            str,
            Meta(
                min_length=1, max_length=200, description="Who or what, for a meter that counts unique ones."
            ),
        ]
        | None
    ) = None
    object: Annotated[
        str, Meta(min_length=1, max_length=320, description="As in the item: `account`, or kind and name.")
    ] = "account"
    corrects: _EventId | None = None


class UsageBody(Body):
    """A batch of events."""

    events: Annotated[list[Event], Meta(min_length=1, max_length=EVENTS_MAX)]


class RecordedView(Struct, frozen=True):
    """What became of a batch."""

    accepted: Annotated[int, Meta(description="Events that were new.")]
    duplicates: Annotated[
        int, Meta(description="Events that were known by their id, and are not counted again.")
    ]


class UsagePeriodView(Struct, frozen=True, kw_only=True):
    """One metered item over one span of time. `amount` is what `quantity` costs; of it `billed_amount` is on invoices.

    `billed`: its end has been invoiced, and late usage goes into the next invoice."""

    item_id: ItemId
    subscription_id: SubscriptionId
    price_id: str
    meter: str
    unit: str
    object: str
    period: PeriodView
    state: Literal["open", "billed"]
    quantity: int
    amount: Minor
    amount_text: AmountText
    explanation: str
    billed_quantity: int
    billed_amount: Minor


class UsageView(Struct, frozen=True, kw_only=True):
    """A page of what an account used in each period, as of `as_of`."""

    account_id: AccountId
    as_of: datetime
    currency: Currency
    data: list[UsagePeriodView]
    next: Annotated[str | None, Meta(description="The cursor of the next page, as `after`; null at the end.")]

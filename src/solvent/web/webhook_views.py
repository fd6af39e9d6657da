"""Webhook views and bodies: where merchants are told of events, and what became of each telling, as structs."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from solvent.core.webhook import DeliveryState, EndpointState
from solvent.web.change_bodies import Body
from solvent.web.fields import AccountId, EventId, Limit, Moment, WebhookEndpointId
from solvent.web.params import PAGE, EventType, Query

Url = Annotated[
    str,
    Meta(min_length=1, max_length=2_000, examples=["https://shop.example/solvent"], description="Posted to."),
]
Types = Annotated[
    tuple[EventType, ...], Meta(max_length=200, description="Types of events that it is told of; none: all.")
]
Description = Annotated[str, Meta(max_length=500, description="For people.")]


class WebhookEndpointBody(Body):
    """An address that is to be told of events."""

    url: Url
    types: Types = ()
    description: Description = ""


class WebhookEndpointChangeBody(Body):
    """What is to be otherwise; what is left out stays."""

    url: Url | UnsetType = UNSET
    types: Types | UnsetType = UNSET
    description: Description | UnsetType = UNSET


class ReplayBody(Body):
    """Which events are told once more: from `since` to before `until` (now, if left out)."""

    since: Moment
    until: Moment | UnsetType = UNSET
    types: Types = ()
    failed_only: Annotated[bool, Meta(description="Only those that were left failed after all tries.")] = (
        False
    )


class WebhookEndpointView(Struct, frozen=True, kw_only=True):
    """An endpoint; `reason` says why it is disabled, since when it has been failing, if it has."""

    id: WebhookEndpointId
    url: str
    types: list[str]
    description: str
    state: EndpointState
    reason: str | None
    failing_since: datetime | None
    created_at: datetime


class WebhookEndpointPage(Struct, frozen=True):
    """All endpoints, oldest first."""

    data: list[WebhookEndpointView]
    next: None = None


class WebhookSecretView(Struct, frozen=True, kw_only=True):
    """What signs: the present secret, and the one before for as long as it is still valid."""

    secret: str
    retired: str | None


class AnswerView(Struct, frozen=True, kw_only=True):
    """One try: the HTTP status, or null with what went wrong; how many milliseconds it took."""

    at: datetime
    status: int | None
    ms: int
    error: str | None


class DeliveryView(Struct, frozen=True, kw_only=True):
    """The telling of one event; `next_try_at` while it waits; `answers` are the last tries, oldest first."""

    event_id: EventId
    type: str
    account_id: AccountId
    state: DeliveryState
    tries: int
    created_at: datetime
    next_try_at: datetime | None
    ended_at: datetime | None
    answers: list[AnswerView]


class DeliveryPage(Struct, frozen=True):
    """A page of deliveries, the newest first; `next` is the event behind which the next page begins."""

    data: list[DeliveryView]
    next: EventId | None


class ReplayView(Struct, frozen=True, kw_only=True):
    """How many events will be told once more."""

    replayed: int


class DeliveriesQuery(Query):
    """A page of an endpoint's deliveries: in one state, of one type, about one account, or all."""

    state: DeliveryState | None = None
    type: EventType | None = None
    account: AccountId | None = None
    after: EventId | None = None
    limit: Limit = PAGE

"""Watch views: what answers about figures, bad debt and stuck things carry, as structs; and what may be asked for."""

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta, Struct

from solvent.store.stuck import Kind
from solvent.web.fields import (
    AccountId,
    AmountText,
    Currency,
    InvoiceId,
    Limit,
    Minor,
    Moment,
    PostingId,
)
from solvent.web.params import PAGE, Query

DAYS_MAX = 400
STUCK_MAX = 200


class KpisQuery(Query):
    """Days (UTC), from `since` to before `until`."""

    since: date | None = None
    until: date | None = None
    limit: Annotated[int, Meta(ge=1, le=DAYS_MAX, description="Days at most, the latest first.")] = 90


class FigureView(Struct, frozen=True, kw_only=True):
    """One figure: `usual` where state is committed before payment, `target`, and what was measured `here`. `value` is
    a count, or a share of 1; null where there is nothing to measure it of."""

    name: str
    what: str
    usual: str
    target: str
    here: str
    value: float | None
    reached: bool
    measured: Annotated[str, Meta(description="How it is counted.")]


class DayView(Struct, frozen=True, kw_only=True):
    """The last measurement of a day: figures by name, violations by law."""

    day: date
    measured_at: datetime
    figures: dict[str, float | None]
    laws: dict[str, int]


class KpisView(Struct, frozen=True, kw_only=True):
    """The latest measurement, and a line for each day. `measured_at` is null while nothing was measured yet."""

    measured_at: datetime | None
    took_s: float | None
    figures: list[FigureView]
    laws: dict[str, int]
    history: list[DayView]


class BadDebtQuery(Query):
    """A page of what entered bad debt and left it, in the order of booking."""

    account: AccountId | None = None
    since: Moment | None = None
    until: Moment | None = None
    after: PostingId | None = None
    limit: Limit = PAGE


class BadDebtView(Struct, frozen=True, kw_only=True):
    """A movement: `in` when an invoice was given up, `out` when it was paid, credited or charged back; `against` is the
    ledger account on the other side. `by` and `reason` say who gave it up and why."""

    id: PostingId
    account_id: AccountId
    invoice_id: InvoiceId
    number: str
    entity: str
    product: Annotated[str | None, Meta(description="That of the invoice's largest line.")]
    direction: Annotated[str, Meta(examples=["in"], description="`in` or `out`.")]
    amount: AmountText
    amount_minor: Minor
    currency: Currency
    against: str
    by: str | None
    reason: str | None
    booked_at: datetime


class BadDebtPage(Struct, frozen=True):
    """A page of movements."""

    data: list[BadDebtView]
    next: str | None


class StuckQuery(Query):
    """How many at most."""

    limit: Annotated[int, Meta(ge=1, le=STUCK_MAX)] = PAGE


class StuckView(Struct, frozen=True, kw_only=True):
    """Something that has been in its state for too long. `id` is spelled as its own endpoint spells it, where it has
    one; a notification is its provider and that one's id."""

    kind: Kind
    id: str
    account_id: AccountId | None
    since: datetime
    reason: str | None
    advice: str


class StuckListView(Struct, frozen=True, kw_only=True):
    """What is stuck, longest first, and how many of each kind there are."""

    data: list[StuckView]
    counts: dict[str, int]


class PollView(Struct, frozen=True, kw_only=True):
    """Asking one provider: by `poll` what notifications missed, by `statement` what it kept. Everything before `until`
    is known, `lag_s` seconds ago; `failures` since it last answered, the last of them for this `reason`."""

    provider: str
    what: Annotated[str, Meta(description="`poll` or `statement`.")]
    tried_at: datetime
    answered_at: datetime | None
    until: datetime | None
    lag_s: int | None
    failures: int
    reason: str | None


class PollList(Struct, frozen=True):
    """Every provider that was ever asked."""

    data: list[PollView]
    next: None = None

"""Engine views and bodies: modes, holds and decisions, as structs."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from solvent.core.account import Segment
from solvent.core.caps import ACCOUNTS_MAX, HOURS_MAX
from solvent.core.consequence import Consequence
from solvent.core.engine import Mode
from solvent.web.change_bodies import Body
from solvent.web.fields import AccountId, DecisionId, HoldId, Moment

NAMED_MAX = 1_000
DONE_MAX = 10_000
BYTES_MAX = 2 * 1024 * 1024  # of a body: so many, at some 150 each, and room for spaces

Who = Annotated[str, Meta(min_length=1, max_length=200, description="Who does it.", examples=["carol"])]
Why = Annotated[str, Meta(min_length=1, max_length=1_000, description="Why, in plain words.")]
Accounts = Annotated[tuple[AccountId, ...], Meta(max_length=NAMED_MAX)]
Percent = Annotated[
    int, Meta(ge=0, le=100, description="5, 10, 25, 50 or 100; 0: only the accounts that are named.")
]


Caps = Annotated[
    dict[Consequence, Annotated[int, Meta(ge=0, le=ACCOUNTS_MAX)]],
    Meta(
        description="For how many accounts each of `restrict`, `suspend`, `downgrade`, `cancel` and `give_up` may begin"
        " within `cap_hours`; one that is not named has no cap.",
        extra_json_schema={"propertyNames": {"enum": [consequence.value for consequence in Consequence]}},
    ),
]
Hours = Annotated[int, Meta(ge=1, le=HOURS_MAX, description="The length of the windows of the caps.")]


class EngineBody(Body):
    """Whose consequences are applied from now on, by whom it is set, and why."""

    mode: Mode
    by: Who
    reason: Why
    share: Percent = 0
    accounts: Accounts = ()
    excluded_segments: tuple[Segment, ...] = ()
    excluded_accounts: Accounts = ()
    caps: Caps = msgspec.field(default_factory=dict)
    cap_hours: Hours = 24


class EngineView(Struct, frozen=True, kw_only=True):
    """What was set; `set_at` is null as long as nothing was."""

    mode: Mode
    share: int
    accounts: list[AccountId]
    excluded_segments: list[Segment]
    excluded_accounts: list[AccountId]
    caps: dict[Consequence, int]
    cap_hours: int
    by: str
    reason: str
    set_at: datetime | None


class CapView(Struct, frozen=True, kw_only=True):
    """How far a cap is used in the present window: for `taken` of `most` accounts the consequence may begin, or has;
    `waiting` more wait for their turn, the oldest of their debts since `oldest_due`."""

    consequence: Consequence
    most: int
    taken: int
    waiting: int
    oldest_due: datetime | None
    begins_at: datetime
    ends_at: datetime


class EngineHistory(Struct, frozen=True, kw_only=True):
    """What counts now, how far its caps are used, and what was set before, newest first."""

    now: EngineView
    caps: list[CapView]
    history: list[EngineView]


class DoneBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A consequence for an account that another system brought about."""

    account_id: AccountId
    consequence: Consequence
    at: Moment


class ParityBody(Body):
    """The window (the last 30 days, unless it is given), and what another system did in it."""

    since: Moment | None = None
    until: Moment | None = None
    done: Annotated[tuple[DoneBody, ...], Meta(max_length=DONE_MAX)] = ()
    examples: Annotated[int, Meta(ge=0, le=100, description="How many that differ are named.")] = 5


class UnlikeView(Struct, frozen=True, kw_only=True):
    """An account for which a consequence was `decided` and not done, or done and not decided, so long ago."""

    account_id: AccountId
    decided: bool
    at: datetime
    age_s: int
    words: str


class ParityView(Struct, frozen=True, kw_only=True):
    """Of one consequence: for how many accounts it was decided and done (at most `apart_s` seconds apart), decided
    alone, done alone, since when the oldest of these waits, and the oldest of them."""

    consequence: Consequence
    agreed: int
    apart_s: int
    only_decided: int
    oldest_decided: datetime | None
    only_done: int
    oldest_done: datetime | None
    examples: list[UnlikeView]


class ParityReport(Struct, frozen=True, kw_only=True):
    """What was decided beside what was done in a window, consequence by consequence."""

    since: datetime
    until: datetime
    data: list[ParityView]


class HoldBody(Body):
    """What support keeps from an account, until when, and why."""

    consequence: Consequence
    reason: Why
    author: Who
    expires_at: Moment


class ReleaseBody(Body):
    """Who ends a hold."""

    by: Who


class HoldView(Struct, frozen=True, kw_only=True):
    """A consequence that is kept from an account until it expires or is released."""

    id: HoldId
    consequence: Consequence
    reason: str
    author: str
    placed_at: datetime
    expires_at: datetime
    released_at: datetime | None
    released_by: str | None


class HoldPage(Struct, frozen=True):
    """A page of an account's holds, also those that are over, oldest first."""

    data: list[HoldView]
    next: HoldId | None


class DecisionView(Struct, frozen=True, kw_only=True):
    """What the engine decided at a moment: `applied`, and `withheld` with the reasons."""

    id: DecisionId
    decided_at: datetime
    policy: str
    applied: list[str]
    withheld: list[str]


class DecisionPage(Struct, frozen=True):
    """A page of decisions, oldest first."""

    data: list[DecisionView]
    next: DecisionId | None

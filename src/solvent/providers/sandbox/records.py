"""Records: what the bank remembers, and how an intent may move.

Owns the bank's record types, the status vocabulary and the two transition tables. Does not own the rules that
move an intent (`acts`, `operations`) nor any of Solvent's words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


class Status(StrEnum):
    """Where an intent (or order) stands inside the bank; each personality spells it in its own words."""

    OPEN = "open"
    ACTION = "action"
    APPROVED = "approved"
    PROCESSING = "processing"
    REVIEW = "review"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


_DECIDED = frozenset({Status.SUCCEEDED, Status.FAILED})
_ACTED = frozenset({Status.PROCESSING, Status.REVIEW}) | _DECIDED
Moves = Mapping[Status, frozenset[Status]]

CARD_MOVES: Moves = {
    Status.OPEN: _ACTED | {Status.ACTION, Status.CANCELED},
    Status.ACTION: _ACTED | {Status.CANCELED},
    Status.PROCESSING: _DECIDED,
    Status.REVIEW: _DECIDED,
    Status.SUCCEEDED: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELED: frozenset(),
}

REDIRECT_MOVES: Moves = {
    Status.ACTION: frozenset({Status.APPROVED, Status.FAILED, Status.CANCELED}),
    Status.APPROVED: _ACTED | {Status.CANCELED},
    Status.PROCESSING: _DECIDED,
    Status.REVIEW: _DECIDED,
    Status.SUCCEEDED: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Personality:
    """How one of the bank's two faces behaves and speaks. `shout` spells reasons in capitals."""

    name: str
    prefix: str
    redirect: bool
    moves: Moves
    words: Mapping[Status, str]
    shout: bool
    currencies: frozenset[str] | None = None  # None: every one


# What the well-known wallet of this kind takes: no currency with three decimals.
WALLET_CURRENCIES = frozenset(
    [
        "AUD",
        "BRL",
        "CAD",
        "CHF",
        "CNY",
        "CZK",
        "DKK",
        "EUR",
        "GBP",
        "HKD",
        "HUF",
        "ILS",
        "JPY",
        "MXN",
        "MYR",
        "NOK",
        "NZD",
        "PHP",
        "PLN",
        "SEK",
        "SGD",
        "THB",
        "TWD",
        "USD",
    ]
)

CARD = Personality(
    name="sandbox",
    prefix="pi",
    redirect=False,
    moves=CARD_MOVES,
    words={
        Status.OPEN: "requires_method",
        Status.ACTION: "requires_action",
        Status.PROCESSING: "processing",
        Status.REVIEW: "held_for_review",
        Status.SUCCEEDED: "succeeded",
        Status.FAILED: "failed",
        Status.CANCELED: "canceled",
    },
    shout=False,
)

REDIRECT = Personality(
    name="sandpal",
    prefix="ord",
    redirect=True,
    moves=REDIRECT_MOVES,
    words={
        Status.ACTION: "CREATED",
        Status.APPROVED: "APPROVED",
        Status.PROCESSING: "PENDING",
        Status.REVIEW: "UNDER_INVESTIGATION",
        Status.SUCCEEDED: "COMPLETED",
        Status.FAILED: "DECLINED",
        Status.CANCELED: "VOIDED",
    },
    shout=True,
    currencies=WALLET_CURRENCIES,
)


@dataclass(slots=True, kw_only=True)
class Intent:
    """One payment (or, with `setup`, one mandate) as the bank sees it. `key` is the merchant's idempotency key.

    `request` is what the key stands for; `first` is the answer that a replay gets while the intent was not yet decided.
    `authenticate`: the payer is asked, whatever the method.
    """

    ref: str
    key: str
    request: tuple[Any, ...]
    customer: str
    amount: int
    currency: str
    setup: bool
    method: str | None
    expires_at: datetime
    status: Status
    changed_at: datetime
    changes: int = 0
    reason: str | None = None
    number: str | None = None
    token: str | None = None
    settles_at: datetime | None = None
    first: dict[str, Any] | None = None
    return_url: str | None = None
    authenticate: bool = False


class Movement(NamedTuple):
    """One row of the bank's statement: money that really moved. `amount` is signed, in minor units."""

    ref: str
    intent: str
    key: str
    customer: str
    kind: str  # charge | refund | refund_returned | dispute | dispute_fee | dispute_won
    amount: int
    currency: str
    at: datetime
    fee: int = 0  # what the bank kept of it

    @property
    def changed_at(self) -> datetime:
        """When it happened; it never changes."""
        return self.at


class Tariff(NamedTuple):
    """What the bank keeps of each charge: a share in millionths, and a fixed amount in minor units."""

    ppm: int = 0
    fixed: int = 0

    def of(self, amount: int) -> int:
        """The fee of a charge, never more than that."""
        return min(amount, amount * self.ppm // 1_000_000 + self.fixed)


@dataclass(slots=True, kw_only=True)
class Vaulted:
    """A payment method in the vault. `number` decides its behaviour and may be changed by a test."""

    token: str
    customer: str
    number: str
    kind: str
    label: str
    fingerprint: str
    state: str = "active"  # active | detached | revoked
    expires: str | None = None  # the month until which it works, e.g. 2027-03; None: it does not say
    changes: int = 0


@dataclass(slots=True, kw_only=True)
class Refund:
    """Money back, or on its way back; a refused refund is remembered too. `settles_at` is when it succeeds, or, of one
    that has, when it comes back."""

    ref: str
    key: str
    request: tuple[Any, ...]
    payment: str
    amount: int
    currency: str
    status: Status
    opened_at: datetime
    changed_at: datetime
    reason: str | None = None
    settles_at: datetime | None = None
    changes: int = 0


@dataclass(slots=True, kw_only=True)
class Dispute:
    """A charge that its payer contests, wholly or in part. An inquiry moves no money yet; `fee` is what the bank
    charges for a dispute that is more than that."""

    ref: str
    payment: str
    key: str
    amount: int
    currency: str
    state: str  # inquiry | open | in_review | won | lost | accepted | withdrawn
    opened_at: datetime
    changed_at: datetime
    reason: str = "general"
    due_by: datetime | None = None
    fee: int = 0
    fee_charged: int = 0
    changes: int = 0


class Event(NamedTuple):
    """A state change to notify about; the `number`-th of its object."""

    ref: str
    number: int
    type: str
    key: str
    created: datetime

    @property
    def id(self) -> str:
        """Unique, and the same however often it is delivered."""
        return f"evt_{self.ref}_{self.number}"

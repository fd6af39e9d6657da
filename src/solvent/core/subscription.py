"""Subscription: what an account has, for which period it is paid, and what is scheduled for the period's end.

Owns the subscription's value and its transition table. Does not own how a change is computed (`change`,
`renewal`) nor what may be used because of it (`entitlement`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from solvent.core.period import Anchor, Interval, Period


class SubscriptionState(StrEnum):
    """TRIALING and ACTIVE are live; ENDED is final (a later purchase is a new subscription, new anchor)."""

    TRIALING = "trialing"
    ACTIVE = "active"
    ENDED = "ended"


TRANSITIONS: Mapping[SubscriptionState, frozenset[SubscriptionState]] = {
    SubscriptionState.TRIALING: frozenset({SubscriptionState.ACTIVE, SubscriptionState.ENDED}),
    SubscriptionState.ACTIVE: frozenset({SubscriptionState.ENDED}),
    SubscriptionState.ENDED: frozenset(),
}


class EndReason(StrEnum):
    """Why a subscription ended."""

    CANCELED = "canceled"
    UNPAID = "unpaid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One price × quantity on one billable object (``"account"``, or e.g. ``"zone:example.com"``).

    `changed_at` is when the rest of a period was last charged for it, where that was not the period's start (UTC).
    """

    id: UUID
    price_id: str
    quantity: int
    object: str
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """Our own schedule for the end of the current period; the billing clock applies it.

    `items` is the whole list of items from then on (None: as they are); `interval` is the interval from then on
    (None: as it is) and, when given, starts a new anchor at that moment; `cancel` ends the subscription instead.
    """

    items: tuple[Item, ...] | None = None
    interval: Interval | None = None
    cancel: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduction:
    """What a coupon took of an item's charge for the current period, or the rest of it: `taken` of `charged` minor
    units. A credit for unused time gives back that much less."""

    item_id: UUID
    charged: int
    taken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A coupon that the subscription has redeemed, at `since` (UTC), in the version of then.

    It has counted for `used` periods, the current one included. With `removed` it counts for nothing more; what it took
    of the current period stays known as its `deductions`. Of a fixed amount that was redeemed for several parts of
    a cart `share` is what counts for this subscription, in minor units for a period (None: all of it).
    """

    redemption_id: UUID
    coupon_id: str
    since: datetime
    used: int = 0
    removed: bool = False
    deductions: tuple[Deduction, ...] = ()
    share: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One subscription as of one version.

    `period` is the current period, number `index` (from 0) after `anchor`; a trial is a period of its own with
    index 0 and its end as the anchor of what follows. `version` rises by one per commit. `grace_until` is set
    while the current period stands on granted grace rather than on a settled invoice, named by `grace_invoice`.
    `coupons` are those that count, will count, or have counted for the current period.
    """

    id: UUID
    account_id: UUID
    state: SubscriptionState
    currency: str
    interval: Interval
    anchor: Anchor
    index: int
    period: Period
    items: tuple[Item, ...]
    version: int
    pending: Pending | None = None
    grace_until: datetime | None = None
    grace_invoice: UUID | None = None
    ended_at: datetime | None = None
    end_reason: EndReason | None = None
    coupons: tuple[Applied, ...] = ()

    @property
    def due_at(self) -> datetime | None:
        """When the billing clock must look at it: the period's end, not before granted grace is over."""
        if self.state is SubscriptionState.ENDED:
            return None
        if self.grace_until is not None and self.grace_until > self.period.end:
            return self.grace_until
        return self.period.end

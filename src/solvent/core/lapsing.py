"""Lapsing: a subscription whose service has run out because its period was not paid.

Owns whether the billing clock ends it: only under a policy without ladders, and when nothing keeps that away; under a
ladder it ends when its invoice is given up. Owns as well how it goes on when it is paid after all. Does not own the
ladder (`dunning`), nor the end itself (`renewal`).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from solvent.core.consequence import Consequence
from solvent.core.period import Period
from solvent.core.policy import Policy
from solvent.core.subscription import Pending, Subscription
from solvent.core.valves import Restraint

LOOK_EVERY = timedelta(days=1)  # how often the clock asks again about what nothing else would wake


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """Why the billing clock does not end a subscription; what keeps away (`withheld`) that it does, and whether
    (`capped`) that is only the want of a permit."""

    why: str
    withheld: str | None = None
    capped: bool = False


def lapsed(subscription: Subscription, now: datetime) -> bool:
    """Whether its period is over, it is not paid, and no grace is left."""
    due_at = subscription.due_at
    leaves = subscription.pending is not None and subscription.pending.cancel
    return subscription.grace_invoice is not None and not leaves and due_at is not None and due_at <= now


def kept(policy: Policy, restraint: Restraint) -> Lapse | None:
    """Why a lapsed subscription is not ended by the clock; None: it is."""
    if policy.ladders:
        return Lapse(why="it ends when its invoice is given up, and goes on when it is paid")
    stopped = restraint.stops(Consequence.CANCEL)
    if stopped is not None:
        return Lapse(why="its end is withheld", withheld=stopped)
    above = restraint.above(Consequence.CANCEL)
    return None if above is None else Lapse(why="its end is withheld", withheld=above, capped=True)


def resumed(subscription: Subscription, now: datetime) -> Subscription:
    """The next version, with its period paid. Where service had run out, nothing is charged for the time without: the
    next period begins now, with a new anchor."""
    paid = replace(subscription, grace_until=None, grace_invoice=None, version=subscription.version + 1)
    if not lapsed(subscription, now):
        return paid
    pending = subscription.pending or Pending()
    return replace(
        paid,
        period=Period(start=subscription.period.start, end=now),
        pending=replace(pending, interval=pending.interval or subscription.interval),
    )

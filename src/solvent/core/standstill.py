"""Standstill: stretches of time in which a debt does not age, because its provider took no payments.

Owns which stretches there were, how far they count, and when a debt is so and so old. A stretch begins with a try
without the customer that came to nothing by an outage, and ends with the next one that was answered, when that was
begun. Does not own the tries (the store's), nor what follows from age (`dunning`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A try that ended: begun at `begun_at`, over at `at` (UTC). Either its provider answered, or it was `out`."""

    begun_at: datetime
    at: datetime
    out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Since when no try was answered, and until when (UTC; None: none has been since)."""

    since: datetime
    until: datetime | None = None


Stretch = tuple[datetime, datetime]
"""From when until when a debt does not age (UTC)."""


def outages(tries: Iterable[Reached]) -> tuple[Outage, ...]:
    """The outages that tries met, which come in the order in which they ended."""
    met: list[Outage] = []
    for one in tries:
        since = met[-1].since if met and met[-1].until is None else None
        if one.out and since is None:
            met.append(Outage(since=one.at))
        elif not one.out and since is not None:
            met[-1] = Outage(since=since, until=max(one.begun_at, since))
    return tuple(met)


def stretches(met: Iterable[Outage], due_at: datetime, bound: timedelta) -> tuple[Stretch, ...]:
    """When a debt does not age: during outages since it fell due, for `bound` in all."""
    found: list[Stretch] = []
    left = bound
    for outage in met:
        since = max(outage.since, due_at)
        until = since + left if outage.until is None else min(outage.until, since + left)
        if until > since:
            found.append((since, until))
            left -= until - since
    return tuple(found)


def aged(due_at: datetime, age: timedelta, stood: Sequence[Stretch]) -> datetime:
    """When a debt is of that age: so much later as it stood still before."""
    at = due_at + age
    for since, until in stood:
        if since >= at:
            break
        at += until - since
    return at

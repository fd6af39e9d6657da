"""Signing: which key signs entitlement tokens at a moment, and which are published.

A key is published before it signs, so that whoever checks tokens knows it by then; it signs until the next one does,
and stays published until the last token that it signed has expired everywhere. All of that follows from when each key
was made and from when it signs: nothing is switched on or off. Does not own the keys themselves (`store.signing_keys`)
nor what is signed (`entitlement_token`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest

TOKEN_LIFE_MAX = timedelta(hours=1)
CLOCK_SKEW_MAX = timedelta(minutes=5)  # that is allowed to whoever checks tokens
PUBLISHED_AGE_MAX = timedelta(minutes=5)  # how long a list of keys may be used without asking again
LEAD = 2 * PUBLISHED_AGE_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTimes:
    """A key, by its public name, and from when it signs (UTC)."""

    kid: str
    made_at: datetime
    signs_from: datetime


def signer(keys: Sequence[KeyTimes], now: datetime) -> KeyTimes | None:
    """The key that signs now: of those whose time has come, the one whose time came last."""
    begun = [key for key in keys if key.signs_from <= now]
    return max(begun, key=_order, default=None)


def published(keys: Sequence[KeyTimes], now: datetime) -> tuple[KeyTimes, ...]:
    """The keys by which a token may be checked: those to come, the one that signs, and older ones while a token of
    theirs may be about."""
    ordered = sorted(keys, key=_order)
    over = TOKEN_LIFE_MAX + CLOCK_SKEW_MAX
    return tuple(
        key
        for key, after in zip_longest(ordered, ordered[1:])
        if after is None or now < after.signs_from + over
    )


def next_signs_from(keys: Sequence[KeyTimes], now: datetime) -> datetime | None:
    """From when a further key may sign; None while one is waiting for its time already."""
    if any(key.signs_from > now for key in keys):
        return None
    return now + LEAD if keys else now


def _order(key: KeyTimes) -> tuple[datetime, str]:
    return key.signs_from, key.kid

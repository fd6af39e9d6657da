"""Expiry: until when a collection method works, and when somebody is written to before it does not.

Owns the days, the looks ahead of them, and the decision to write. A method that has expired is tried as any other:
banks renew cards behind the same token. Does not own how it is told (`messages`), nor what a declined charge leads to.
"""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from solvent.core.account import CollectionMethod, MethodState
from solvent.core.ladder import Channel
from solvent.core.payment import FailureCause, MethodSeen

LOOK_AHEAD = timedelta(days=60)  # before a method ends, its provider is asked about it for the first time
LOOK_EVERY = timedelta(days=7)
LOOK_ON = timedelta(days=35)  # after it has ended: what replaces it may be told late

# What a bank cures by a new card behind the same token.
RENEWABLE = frozenset((FailureCause.CARD_EXPIRED, FailureCause.CARD_LOST, FailureCause.CARD_INVALID))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryNotice:
    """How long `ahead` of a method's end its customer is told, and by which channels."""

    ahead: timedelta
    notify: tuple[Channel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What follows from looking at a method: whether its customer is told now, and when it is looked at again."""

    tell: bool
    again_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMethod:
    """A method as it stands: the last day of which its customer was `told`, and the failure that put it out of use."""

    method: CollectionMethod
    told: date | None
    invalid_by: FailureCause | None

    def seen(self, seen: MethodSeen | None) -> CollectionMethod:
        """The method as its provider tells of it (None: nothing). One that is out of use is tried again when its bank
        has issued a card that works longer."""
        if seen is None:
            return self.method
        before, after = self.method.expires_on, seen.expires_on
        longer = after is not None and (before is None or after > before)
        back = self.invalid_by in RENEWABLE and longer
        state = MethodState.ACTIVE if back else self.method.state
        return replace(self.method, label=seen.label, expires_on=after, state=state)


NEVER = Look(tell=False, again_at=None)


def last_day(year: int, month: int) -> date:
    """The last day on which what is good until that month works; there is always a day after it."""
    year = min(year, MAXYEAR - 1)
    return date(year, month, monthrange(year, month)[1])


def ends_at(method: CollectionMethod, time_zone: str) -> datetime | None:
    """The instant (UTC) from which a method is past its last day for its account; None: it does not say."""
    if method.expires_on is None:
        return None
    after = method.expires_on + timedelta(days=1)
    return datetime.combine(after, time(), ZoneInfo(time_zone)).astimezone(UTC)


def expired(method: CollectionMethod, time_zone: str, moment: datetime) -> bool:
    """Whether a method is past its last day."""
    ends = ends_at(method, time_zone)
    return ends is not None and ends <= moment


def labelled(method: CollectionMethod) -> str:
    """How people tell a method apart, with the month until which it works: ``Visa •••• 4242 · 03/2027``."""
    return method.label if method.expires_on is None else f"{method.label} · {method.expires_on:%m/%Y}"


def first_look(expires_on: date | None) -> datetime | None:
    """When a method is first looked at, as it comes to us."""
    if expires_on is None:
        return None
    return datetime.combine(expires_on, time(), UTC) - LOOK_AHEAD


def look(
    method: CollectionMethod,
    told: date | None,
    *,
    needed: bool,
    notice: ExpiryNotice | None,
    time_zone: str,
    moment: datetime,
) -> Look:
    """What follows for a method as its provider has just told of it. `told` is the last day of which the
    customer was told, `needed` whether the account has anything that is collected."""
    ends = ends_at(method, time_zone)
    if ends is None or moment >= ends + LOOK_ON:
        return NEVER
    moments = [moment + LOOK_EVERY, ends]
    tell = False
    if notice is not None:
        begins = ends - notice.ahead
        moments.append(begins)
        tell = (
            needed
            and method.state is MethodState.ACTIVE
            and begins <= moment < ends
            and told != method.expires_on
        )
    first = first_look(method.expires_on)
    if first is not None and first > moment:
        return Look(tell=False, again_at=first)
    return Look(tell=tell, again_at=min(at for at in moments if at > moment))

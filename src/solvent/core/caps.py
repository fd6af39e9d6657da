"""Caps: for how many accounts a consequence may begin within a window of time, so that a mistake stays small.

Owns which consequences can be capped, and the windows: they follow each other from the epoch on, and an account draws
from the one that its own clock is in. Does not own the counting (the store's), nor what is withheld (`valves`).
Tries and whatever is lifted are never capped; a notice of what waits for a permit waits with it (`telling`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from solvent.core.consequence import Consequence

CAPPED = (
    Consequence.RESTRICT,
    Consequence.SUSPEND,
    Consequence.DOWNGRADE,
    Consequence.CANCEL,
    Consequence.GIVE_UP,
)
ABOVE = "above the cap of"
HOURS_MAX = 168
ACCOUNTS_MAX = 10_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """At most so many `accounts` within `hours`, by consequence; one that is not named has no cap."""

    accounts: Mapping[Consequence, int] = field(default_factory=dict)
    hours: int = 24

    def why(self, consequence: Consequence) -> str | None:
        """Why a consequence waits that has no permit; None: it is not capped. The words do not change with time."""
        most = self.accounts.get(consequence)
        return None if most is None else f"{ABOVE} {most} accounts in {self.hours} hours"

    def begins_at(self, now: datetime) -> datetime:
        """When the window of `now` began (UTC)."""
        return now - (now - _EPOCH) % timedelta(hours=self.hours)

    def ends_at(self, now: datetime) -> datetime:
        """When the next window begins (UTC)."""
        return self.begins_at(now) + timedelta(hours=self.hours)


NO_CAPS = Caps()


def broken_rule(caps: Caps) -> tuple[str, str] | None:
    """The field and the rule that caps break; None: they may be set."""
    for consequence, most in caps.accounts.items():
        if consequence not in CAPPED:
            return f"caps.{consequence}", f"must be one of {', '.join(CAPPED)}"
        if not 0 <= most <= ACCOUNTS_MAX:
            return f"caps.{consequence}", f"must be 0 to {ACCOUNTS_MAX} accounts"
    if not 1 <= caps.hours <= HOURS_MAX:
        return "cap_hours", f"must be 1 to {HOURS_MAX} hours"
    return None

"""Policy book: which policy holds for a segment at a moment.

Owns the editions of a segment's policy, each from its own moment on. Does not own what a policy says (`policy`), nor
how editions are written down.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from solvent.core.account import Segment
from solvent.core.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A segment's policy from `effective_from` (UTC) until the next edition."""

    effective_from: datetime
    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyBook:
    """The editions of each segment, oldest first. A segment without one has the policy that is built in."""

    editions: Mapping[Segment, tuple[Edition, ...]] = field(default_factory=dict)

    def policy(self, base: Policy, segment: Segment, at: datetime) -> Policy:
        """The segment's policy at a moment. What is no matter of dunning is always as the settings (`base`) say."""
        held = [e.policy for e in self.editions.get(segment, ()) if e.effective_from <= at]
        return operated(held[-1], base) if held else base

    def next_edition(self, segment: Segment, at: datetime) -> datetime | None:
        """When another policy holds for the segment, after `at`."""
        return min(
            (e.effective_from for e in self.editions.get(segment, ()) if e.effective_from > at), default=None
        )


def operated(policy: Policy, base: Policy) -> Policy:
    """A segment's policy with all that the settings say."""
    return replace(base, renewal_window=base.collecting, **{name: getattr(policy, name) for name in _DECIDED})


_DECIDED = (
    "name",
    "grace",
    "service",
    "retries",
    "schedules",
    "backups",
    "method_order",
    "ladders",
    "lift",
    "upgrades",
    "profile",
    "fate",
    "free",
    "threshold_suspends",
    "expiry",
    "outage_max",
)

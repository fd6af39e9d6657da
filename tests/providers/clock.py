"""A clock that moves only when told."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass
class Clock:
    """A clock that moves only when told."""

    now: datetime = field(default_factory=lambda: datetime(2031, 3, 1, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: int) -> datetime:
        self.now += timedelta(**parts)
        return self.now

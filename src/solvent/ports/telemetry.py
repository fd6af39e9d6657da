"""Telemetry: what the flows tell of what they did, for whoever watches.

Owns the words. Does not own where they go (`telemetry`), and nothing may be decided by them: who listens may be absent,
slow or wrong, and no fact changes.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, Protocol

from solvent.core.attempt import Attempt


class Observed(NamedTuple):
    """One value of one gauge that is read from the database: its name, and its labels in the catalog's order."""

    metric: str
    labels: tuple[str, ...]
    value: float


class Telemetry(Protocol):
    """A listener. No method raises, waits or keeps what it is given."""

    def settled(self, attempts: Iterable[Attempt], now: datetime) -> None:
        """A settlement was written: these attempts as they then stand, ended or going on."""
        ...

    def provider_called(self, provider: str, how: str, seconds: float) -> None:
        """A call to a provider is over: `answered`, `down`, `silent`, `broken`, or `held_back` and not sent."""
        ...

    def worked(self, work: str, done: int, seconds: float) -> None:
        """A batch of one kind of work is over: how many entries, in how long."""
        ...

    def failed(self, work: str) -> None:
        """A batch of one kind of work raised, and is tried again."""
        ...

    def requested(self, endpoint: str, status: int, seconds: float) -> None:
        """A request was answered."""
        ...


class Silence:
    """Nobody listens."""

    def settled(self, attempts: Iterable[Attempt], now: datetime) -> None:
        """Nothing follows."""

    def provider_called(self, provider: str, how: str, seconds: float) -> None:
        """Nothing follows."""

    def worked(self, work: str, done: int, seconds: float) -> None:
        """Nothing follows."""

    def failed(self, work: str) -> None:
        """Nothing follows."""

    def requested(self, endpoint: str, status: int, seconds: float) -> None:
        """Nothing follows."""


SILENCE = Silence()

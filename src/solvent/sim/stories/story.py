"""Story: one thing that happens to customers, with how it must end.

Owns the value that names a story and when it begins. Does not own any story.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from solvent.sim.scene import Scene

JANUARY = datetime(2027, 1, 15, 10, 0, tzinfo=UTC)
CURTAIN = datetime(
    2027, 5, 1, tzinfo=UTC
)  # all worlds live on to here, so that one look at them together is fair


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """`tell` plays it in a world that begins at `start`, and raises `NotAsTold` unless it ends as it must."""

    name: str
    title: str
    tell: Callable[[Scene], None]
    start: datetime = JANUARY

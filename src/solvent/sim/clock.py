"""Clock and ids of a simulated world: both follow from where it began, so that a run can be repeated.

Owns simulated time, which only moves forward, and ids that are drawn from it. Does not own the layout of ids
(`core.ids`).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Lock
from uuid import UUID

from solvent.core.ids import compose

COUNTER_BITS = 34
RANDOM_BITS = 32


class SimClock:
    """The present of a simulated world, UTC. Calling it reads it."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is not UTC:
            raise ValueError(f"start: must be in UTC, got {start.isoformat()}")
        self._now = start

    def __call__(self) -> datetime:
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Move forward; a moment in the past is a mistake of the caller."""
        if moment < self._now:
            raise ValueError(f"simulated time cannot go back from {self._now} to {moment}")
        self._now = moment

    def move(self, by: timedelta) -> None:
        """Move forward by so much."""
        self.move_to(self._now + by)


class SimIds:
    """Ids from simulated time, a counter and a seed: the same run draws the same ids, in order."""

    def __init__(self, seed: int, clock: Callable[[], datetime], buckets: tuple[int, ...]) -> None:
        self._random = Random(seed)  # noqa: S311 - repeatable is what is wanted here
        self._clock = clock
        self._buckets = buckets
        self._counter = 0
        self._lock = Lock()

    def draw(self, bucket: int) -> UUID:
        """The next id of a row that lives in `bucket`."""
        with self._lock:
            self._counter += 1
            entropy = (self._counter << RANDOM_BITS) | self._random.getrandbits(RANDOM_BITS)
        return compose(int(self._clock().timestamp() * 1000), entropy, bucket)

    def account(self, bucket: int | None = None) -> UUID:
        """A new account's id, in one of the world's buckets unless one is named."""
        return self.draw(self._random.choice(self._buckets) if bucket is None else bucket)

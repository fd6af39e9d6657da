"""Together: calls that come at the same moment, done as one batch.

Owns the gathering alone: who calls while a batch is under way waits for the next, and the first of those who wait does
it for all. So nobody waits for a clock: alone, a call is a batch of one at once, and the more come together the
larger the batches are. No thread of its own, and nothing is answered before it is done. Does not own what is done.
"""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class _Entry(Generic[T]):
    """One call: what it brought, the lock at which it waits, and what became of it."""

    __slots__ = ("done", "failure", "gate", "item")

    def __init__(self, item: T) -> None:
        self.item = item
        self.gate = Lock()
        self.gate.acquire()
        self.done = False
        self.failure: BaseException | None = None


class Together(Generic[T]):
    """To be called from many threads, with an item each; returns when the item is done.

    `run` does a batch of 1 to `batch_max` items, in the order in which they came, and says of each what it failed with
    (None: it is done), which the item's own caller gets raised. What `run` raises, all of its batch get.
    """

    def __init__(
        self,
        run: Callable[[Sequence[T]], Sequence[BaseException | None]],
        *,
        batch_max: int,
        at_once_max: int,
    ) -> None:
        if min(batch_max, at_once_max) < 1:
            raise ValueError("there is at least one batch, of at least one item")
        self._run = run
        self._batch_max = batch_max
        self._free = at_once_max
        self._lock = Lock()
        self._waiting: deque[_Entry[T]] = deque()

    def __call__(self, item: T) -> None:
        """Have the item done, with whatever else waits."""
        entry = _Entry(item)
        with self._lock:
            leads = self._free > 0
            if leads:
                self._free -= 1
            else:
                self._waiting.append(entry)
        if not leads:
            entry.gate.acquire()  # until it is done, or was the first of those who wait
        if not entry.done:
            self._lead(entry)
        if entry.failure is not None:
            raise entry.failure

    def waiting(self) -> int:
        """How many calls wait for a batch that has not begun."""
        return len(self._waiting)

    def _lead(self, first: _Entry[T]) -> None:
        """Do this entry and those that wait, as one batch, and hand on the lead."""
        with self._lock:
            others = min(len(self._waiting), self._batch_max - 1)
            batch = [first, *(self._waiting.popleft() for _ in range(others))]
        try:
            failures = self._run([entry.item for entry in batch])
            assert len(failures) == len(batch), "an answer for each"
        except BaseException as error:  # noqa: BLE001 - raised by each of those who wait for it
            failures = [error] * len(batch)
        with self._lock:
            following = self._waiting.popleft() if self._waiting else None
            self._free += following is None
        if following is not None:
            following.gate.release()
        for entry, failure in zip(batch, failures, strict=True):
            entry.failure, entry.done = failure, True
            entry.gate.release()

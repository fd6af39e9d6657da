"""Waiting: requests that may wait for something to happen, so many at once that others are never kept from a thread.

Owns the places and the pause. Who finds no place is answered at once, as without waiting. Does not own what is waited
for.
"""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

WAIT_S_MAX = 20  # less than what a process is given to end
PAUSE_S = 0.25

Found = TypeVar("Found")


class Waiting:
    """The places of one process; safe for many threads."""

    def __init__(self, places: int) -> None:
        self._places = threading.BoundedSemaphore(places) if places else None

    def until(self, look: Callable[[], Found], enough: Callable[[Found], bool], wait_s: float) -> Found:
        """What `look` finds, at the latest after `wait_s`: as soon as it is enough, or at once where no place is
        free."""
        ends = time.monotonic() + wait_s
        found = look()
        if enough(found) or wait_s <= 0 or self._places is None or not self._places.acquire(blocking=False):
            return found
        try:
            while not enough(found) and (left := ends - time.monotonic()) > 0:
                time.sleep(min(PAUSE_S, left))
                found = look()
            return found
        finally:
            self._places.release()

"""The rate limit: no more requests in a second than the provider allows.

Owns the spacing of requests. Does not own time: clock and sleep are handed in.
"""

from collections.abc import Callable
from threading import Lock

from solvent.providers.boundary.limits import Limits


class Rate:
    """The rate of requests to one provider, for all threads of a process: each takes the next free place in time.

    Places not used are kept for at most one second, so that a burst may follow a pause.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._space_s = 0.0 if limits.calls_per_s is None else 1 / limits.calls_per_s
        self._wait_max_s = limits.wait_max_s
        self._clock = clock
        self._sleep = sleep
        self._next = clock() - 1
        self._lock = Lock()

    def wait(self) -> bool:
        """Wait for a place; False, at once, when it would take longer than the limit says."""
        if not self._space_s:
            return True
        with self._lock:
            now = self._clock()
            place = max(self._next, now - 1)
            if place - now > self._wait_max_s:
                return False
            self._next = place + self._space_s
        if place > now:
            self._sleep(place - now)
        return True

    def follow(self) -> None:
        """Wait for a place, however far it is: in the same order as everybody, and no further than one place for each
        thread that waits behind those who were let in."""
        if not self._space_s:
            return
        with self._lock:
            now = self._clock()
            place = max(self._next, now - 1)
            self._next = place + self._space_s
        if place > now:
            self._sleep(place - now)

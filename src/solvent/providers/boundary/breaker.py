"""The circuit breaker: a provider that does not answer is left alone for a while.

Owns when calls are let through. Does not own time (the clock is handed in) nor what counts as no answer (`boundary`).
"""

from collections.abc import Callable
from enum import StrEnum
from threading import Lock

from solvent.providers.boundary.limits import Limits


class Circuit(StrEnum):
    """How the circuit stands."""

    CLOSED = "closed"  # calls go through
    OPEN = "open"  # no call goes through
    TRIAL = "trial"  # one call goes through, to see


class Breaker:
    """The circuit of one provider, for all threads of a process. `clock` counts seconds and never goes back."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._lock = Lock()
        self._failures = 0
        self._openings = 0
        self._opened_at: float | None = None
        self._trying_since: float | None = None

    @property
    def circuit(self) -> Circuit:
        """How it stands now."""
        with self._lock:
            return self._circuit()

    def admits(self) -> bool:
        """Whether a call may be sent. At the end of a pause it is one call, whose end decides."""
        if self._opened_at is None:
            return True
        with self._lock:
            circuit = self._circuit()
            if circuit is Circuit.OPEN or (circuit is Circuit.TRIAL and self._on_trial()):
                return False
            if circuit is Circuit.TRIAL:
                self._trying_since = self._clock()
            return True

    def answered(self) -> None:
        """A call was answered, whatever the answer."""
        if self._failures == 0 and self._opened_at is None:
            return
        with self._lock:
            self._failures = self._openings = 0
            self._opened_at = self._trying_since = None

    def failed(self) -> None:
        """A call was not answered."""
        with self._lock:
            self._failures += 1
            trial_failed = self._opened_at is not None and self._circuit() is Circuit.TRIAL
            if trial_failed or (self._opened_at is None and self._failures >= self._limits.failures_max):
                self._openings += 1
                self._opened_at, self._trying_since = self._clock(), None

    def _circuit(self) -> Circuit:
        if self._opened_at is None:
            return Circuit.CLOSED
        over = self._clock() - self._opened_at >= self._pause_s()
        return Circuit.TRIAL if over else Circuit.OPEN

    def _pause_s(self) -> float:
        limits = self._limits
        doublings = min(self._openings - 1, 32)
        return min(limits.open_first_s * float(2**doublings), limits.open_max_s)

    def _on_trial(self) -> bool:
        """Whether the one call is on its way; one that never came back is not waited for for ever."""
        since = self._trying_since
        return since is not None and self._clock() - since < self._limits.open_max_s

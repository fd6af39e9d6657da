"""Pay limit: how often a page to pay on may be asked for.

Owns counts by account in this process, over a minute that begins with the first request, and the bound on how many it
remembers. Does not own what is answered to whoever asks too often (`pay_pages`).
"""

from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

WINDOW = timedelta(minutes=1)
REMEMBERED_MAX = 10_000  # accounts; beyond that the oldest minute is forgotten


class Limit:
    """At most so many requests of one account in a minute; safe for many threads."""

    def __init__(self, times_max: int) -> None:
        self._times_max = times_max
        self._counts: dict[UUID, tuple[datetime, int]] = {}
        self._lock = Lock()

    def allows(self, account_id: UUID, now: datetime) -> bool:
        """Whether this request is within the limit; it counts either way."""
        with self._lock:
            began, times = self._counts.pop(account_id, (now, 0))
            if now - began >= WINDOW:
                began, times = now, 0
            self._counts[account_id] = (began, times + 1)
            if len(self._counts) > REMEMBERED_MAX:
                del self._counts[next(iter(self._counts))]
            return times < self._times_max

"""Actions: what customers were just told to do, in this process's memory.

Owns remembering it, bounded, because the journal keeps no secret: whoever asks again within the same process costs its
provider no call. Does not own asking the provider (`acting`).
"""

from threading import Lock
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.payment import NextAction

REMEMBERED_MAX = 4096


class Actions:
    """The latest of one process; safe for many threads."""

    def __init__(self, most: int = REMEMBERED_MAX) -> None:
        self._most = most
        self._lock = Lock()
        self._known: dict[UUID, tuple[int, NextAction]] = {}

    def remember(self, attempt: Attempt) -> None:
        """What its customer is to do, if that is whole."""
        action = attempt.action
        if action is None or action.lacks:
            return
        with self._lock:
            self._known.pop(attempt.id, None)
            if len(self._known) >= self._most:
                del self._known[next(iter(self._known))]
            self._known[attempt.id] = attempt.tries, action

    def recall(self, attempt: Attempt) -> NextAction | None:
        """What was remembered, unless the attempt has moved on since."""
        tries, action = self._known.get(attempt.id, (None, None))
        return action if tries == attempt.tries else None

"""Kept: answers about entitlements that this process has given and may give again without asking the database.

Owns when one may be given again: as long as it said itself that it may be used, and only while the event log is
followed and tells nothing of its account. So a kept answer is never older than what its reader was told, a change is
seen within `LOOK_S`, and one that this process made at once. Does not own the answers (`handlers.entitlements`) nor the
log (`store.followed`).
"""

import logging
import threading
import time
from typing import NamedTuple
from uuid import UUID

from psycopg import OperationalError
from psycopg_pool import PoolClosed, PoolTimeout

from solvent.store.followed import Followed

LOOK_S = 0.2
TRUSTED_S = 5.0  # without a look for so long, nothing is given again: the machine may be busy
VARIANTS_MAX = 64  # of one account: by object and feature
_IDLE_S = 30.0  # without a reader for so long, nobody looks

log = logging.getLogger(__name__)

Asked = tuple[str | None, str | None]


class Answer(NamedTuple):
    """An answer's body and tag, when it was read (monotonic seconds) and for how many seconds it may be used."""

    body: bytes
    tag: str
    read_s: float
    fresh_s: float
    features: str


class Kept:
    """The answers of one process; safe for many threads."""

    def __init__(self, followed: Followed, accounts_max: int) -> None:
        self._followed = followed
        self._accounts_max = accounts_max
        self._lock = threading.Lock()
        self._answers: dict[UUID, dict[Asked, Answer]] = {}
        self._looks = 0
        self._looked_s = self._asked_s = float("-inf")
        self._looking: threading.Thread | None = None
        self._one_looks = threading.Lock()
        self._touches = self._touches_seen = 0

    @property
    def looks(self) -> int:
        """How often the log was looked at: to be read before an answer is, and given to `keep`."""
        return self._looks

    def get(self, account_id: UUID, asked: Asked, features: str) -> tuple[Answer, int] | None:
        """An answer that may be given again, with the whole seconds for which it may still be used."""
        if not self._accounts_max:
            return None
        now = self._asked_s = time.monotonic()
        if now - self._looked_s > TRUSTED_S:
            self._look_from_now_on()
            return None
        if self._touches_seen != self._touches and not self._seen():
            return None
        answer = self._answers.get(account_id, {}).get(asked)
        if answer is None or answer.features != features:
            return None
        left = int(answer.fresh_s - (now - answer.read_s))
        return (answer, left) if left > 0 else None

    def keep(self, account_id: UUID, asked: Asked, answer: Answer, looks: int) -> None:
        """Keep an answer that was read after so many looks; not if there was another since: it may have told of it."""
        if not self._accounts_max:
            return
        with self._lock:
            if looks != self._looks:
                return
            if account_id not in self._answers and len(self._answers) >= self._accounts_max:
                self._answers.pop(next(iter(self._answers)))
            variants = self._answers.setdefault(account_id, {})
            if len(variants) >= VARIANTS_MAX:
                variants.clear()
            variants[asked] = answer

    def touch(self) -> None:
        """This process has changed something: whoever asks it next is to see that."""
        with self._lock:
            self._touches += 1

    def forget(self, account_id: UUID) -> None:
        """Something happened to an account of which no event tells: an attempt was opened, or has failed."""
        with self._lock:
            self._answers.pop(account_id, None)
            self._looks += 1  # what is being read may be from before

    def look(self) -> None:
        """Look at the log once, and forget the answers about every account that it names."""
        with self._one_looks:
            self._look()

    def _look(self) -> None:
        touches, began = self._touches, time.monotonic()
        meant = self._followed.look()
        with self._lock:
            if meant is None:
                self._answers.clear()
            else:
                for account_id in meant:
                    self._answers.pop(account_id, None)
            self._looks += 1
            self._looked_s, self._touches_seen = began, touches

    def _seen(self) -> bool:
        """Look at once; False where the log cannot be read."""
        try:
            with self._one_looks:
                if self._touches_seen != self._touches:  # else whoever was before us has looked
                    self._look()
        except (OperationalError, PoolTimeout):
            return False
        return True

    def _look_from_now_on(self) -> None:
        with self._lock:
            if self._looking is None or not self._looking.is_alive():
                self._looking = threading.Thread(target=self._go_on, name="kept answers", daemon=True)
                self._looking.start()

    def _go_on(self) -> None:
        followed = True
        while time.monotonic() - self._asked_s < _IDLE_S:
            try:
                self.look()
            except PoolClosed:
                return  # this process is ending
            except (OperationalError, PoolTimeout) as error:
                if followed:  # said once, until it is followed again
                    log.warning("no kept answers: the event log cannot be followed: %s", error)
                followed = False
            else:
                followed = True
            time.sleep(LOOK_S)

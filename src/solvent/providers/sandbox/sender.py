"""The sender: takes due notifications to the merchant's address over HTTP.

Owns the sending threads, retries and back-off. Does not own what is due or its faults (`notifications`). What the
sender has in hand when the process dies is lost, like at a real bank: the merchant's polling repairs it.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Event as Signal
from threading import Thread

import httpx

from solvent.providers.sandbox.bank import Bank
from solvent.providers.sandbox.notifications import Delivery
from solvent.providers.sandbox.records import Event

ATTEMPTS_MAX = 8
BACKOFF_FIRST_S = 0.2
BACKOFF_MAX_S = 30.0
IDLE_S = 0.02
TIMEOUT_S = 5.0
BATCH_ROWS = 16
THREADS = 4

log = logging.getLogger(__name__)


class Sender:
    """Delivers the notifications of some banks to one URL (``{bank}`` in it becomes the bank's name)."""

    def __init__(self, banks: Sequence[Bank], url: str, clock: Callable[[], datetime]) -> None:
        self._banks = banks
        self._url = url
        self._clock = clock
        self._stop = Signal()
        self._failed: dict[str, int] = {}  # tries of what waits to be sent again; as long as the bank's queue
        self._client = httpx.Client(timeout=TIMEOUT_S, trust_env=False)
        self._threads = [Thread(target=self._run, name=f"sender-{n}", daemon=True) for n in range(THREADS)]

    def start(self) -> None:
        """Start the sending threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop; waits at most for one request per thread."""
        self._stop.set()
        for thread in self._threads:
            thread.join(TIMEOUT_S + 1)
        self._client.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            sent = sum(self._drain(bank) for bank in self._banks)
            if not sent:
                self._stop.wait(IDLE_S)

    def _drain(self, bank: Bank) -> int:
        batch = bank.notifications.due(self._clock(), BATCH_ROWS)
        for delivery in batch:
            if self._sent(bank, delivery):
                self._failed.pop(delivery.event.id, None)
            else:
                self._again(bank, delivery.event)
        return len(batch)

    def _sent(self, bank: Bank, delivery: Delivery) -> bool:
        url = self._url.replace("{bank}", bank.personality.name)
        try:
            return self._client.post(url, content=delivery.body, headers=delivery.headers).is_success
        except httpx.HTTPError:
            return False

    def _again(self, bank: Bank, event: Event) -> None:
        """Try later, each time twice as late; given up after `ATTEMPTS_MAX`."""
        failed = self._failed.pop(event.id, 0) + 1
        if failed == ATTEMPTS_MAX:
            log.warning("gave up notification %s of %s: not taken in %d tries", event.id, event.type, failed)
            return
        self._failed[event.id] = failed
        pause = timedelta(seconds=min(BACKOFF_FIRST_S * 2**failed, BACKOFF_MAX_S))
        bank.notifications.again(event, self._clock() + pause)

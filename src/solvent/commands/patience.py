"""Patience: handing things over, round after round, to somebody who may be away.

Owns the loop beside the worker and its pauses. Does not own a round (`relay`, `mailer`).
"""

import logging
from collections.abc import Callable
from threading import Event

from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from solvent.relay import pause_s


def hand_over(
    what: str,
    log: logging.Logger,
    round_: Callable[[], int],
    stop: Event,
    *,
    away: type[Exception],
    idle_s: float,
) -> None:
    """Take round after round until `stop` is set, with `idle_s` seconds where one did nothing; who is `away` is asked
    again, ever more slowly. `what` is handed over, in the plural."""
    failures = 0
    while not stop.is_set():
        try:
            wait_s = 0.0 if round_() else idle_s
            if failures:
                log.info("%s are taken again", what)
            failures = 0
        except (away, OperationalError, PoolTimeout) as error:
            wait_s = pause_s(failures)
            failures += 1
            log.warning("%s wait, trying again in %.0f s: %s", what, wait_s, error)
        stop.wait(wait_s)

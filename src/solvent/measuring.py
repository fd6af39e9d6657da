"""Measuring: the figures and the laws of the whole database, now and then, so that they can be watched.

Owns when it is measured: by one worker, at most as often as the settings say, and never for more than a fiftieth of
the time. Does not own the figures (`kpi`), the laws (`audit`) nor where they are kept (`store.measures`).
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event

from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from solvent.audit import audit, by_law
from solvent.kpi import measure
from solvent.store import measures
from solvent.store.measures import Measured
from solvent.wiring import Solvent

SHARE = 50  # a measurement that took a second is followed by one fifty seconds later at the earliest
LOOK_EVERY_S = 5.0
FAILED_PAUSE_S = 300.0

log = logging.getLogger(__name__)


def measure_now(solvent: Solvent) -> Measured:
    """Measure everything and record it."""
    now, began = solvent.clock(), time.monotonic()
    findings = audit(solvent.database, solvent.platform, now)
    figures = measure(solvent.database, findings)
    took_s, laws = time.monotonic() - began, by_law(findings)
    measures.keep(solvent.database.pool, now, took_s, figures, laws)
    broken = {law: count for law, count in laws.items() if count}
    if broken:
        log.error("laws are broken: %s; `solvent check` says which", broken)
    return Measured(
        day=now.date(),  # the clock of a process is UTC
        measured_at=now,
        took_s=took_s,
        figures=figures,
        laws=laws,
    )


def due(last: Measured | None, every: timedelta, now: datetime) -> bool:
    """Whether it is time to measure again."""
    if last is None:
        return True
    return now - last.measured_at >= max(every, timedelta(seconds=SHARE * last.took_s))


def keep_measuring(solvent: Solvent, leads: Callable[[], bool], stop: Event) -> None:
    """Measure whenever it is due and this worker leads, until `stop` is set. A failure is logged, and tried again."""
    every = timedelta(minutes=solvent.settings.kpi_minutes)
    while not stop.is_set():
        pause_s = LOOK_EVERY_S
        try:
            if leads() and due(measures.last(solvent.database.pool), every, solvent.clock()):
                measure_now(solvent)
        except (OperationalError, PoolTimeout) as error:
            log.warning("nothing was measured: %s", error)
        except Exception:  # what cannot be measured must not end the worker that bills
            log.exception("nothing was measured")
            pause_s = FAILED_PAUSE_S
        stop.wait(pause_s)

"""Worker: the process that does what is due.

Owns the loop: hold a share of the buckets, see which have something due, run the flow of each, poll the providers and
forget what is old now and then; and what happens when a flow fails: that queue of that bucket is taken one by one,
ever more slowly, and every other goes on. Does not own any work itself; every flow takes a batch of one bucket, which
bounds memory.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from uuid import UUID

from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from solvent.core.ids import BUCKETS
from solvent.flows.drift import look_on
from solvent.flows.expiring import look_at_methods
from solvent.flows.notify import process
from solvent.flows.platform import Platform
from solvent.flows.recompute import recompute
from solvent.flows.reconcile import refund, resolve, sweep
from solvent.flows.registering import register
from solvent.flows.renew import renew
from solvent.flows.statements import learn_fees
from solvent.flows.usage import bill_usage
from solvent.store.drift import DriftReads
from solvent.store.polls import tried
from solvent.store.retention import Retention
from solvent.store.schedule import Schedule
from solvent.wiring import Solvent

LEASE = timedelta(seconds=30)
LEASE_RENEWED_EVERY = timedelta(seconds=5)
SWEEP_EVERY = timedelta(minutes=5)
SWEEP_OVERLAP = timedelta(minutes=10)
STATEMENT_EVERY = timedelta(hours=1)
STATEMENT_MAX = timedelta(
    days=1
)  # of further time that is asked about at once: what was missed is made up for by and by
STATEMENT_OVERLAP = timedelta(hours=2)  # some list a movement late, or our commit was
FORGET_EVERY = timedelta(hours=1)
DATABASE_PAUSE_S = 2.0
THIN_MAX = 8  # entries a batch, on the average of a round, below which the worker rests before the next
REST_SHARE = 0.2  # of its pause when nothing is due
SWEEPING_BUCKET = 0
FAILED_PAUSE_FIRST = timedelta(seconds=5)
FAILED_PAUSE_MAX = timedelta(minutes=10)
FAILED_FORGOTTEN_AFTER = timedelta(minutes=30)

WORK: Mapping[str, Callable[[Platform, int, datetime, int], int]] = {
    "process": process,
    "resolve": resolve,
    "renew": renew,
    "bill_usage": bill_usage,
    "refund": refund,
    "register": register,
    "look_at_methods": look_at_methods,
    "recompute": recompute,
    "look": look_on,
}

Ask = Callable[[Platform, Schedule, str, datetime], bool]
Clock = Callable[[], datetime]

log = logging.getLogger(__name__)


def _poll(platform: Platform, schedule: Schedule, provider: str, now: datetime) -> bool:
    """One poll; whether it was answered. Only then it counts: after an outage the next reaches back to before it."""
    until = schedule.swept_until(provider) or now
    answered = sweep(platform, provider, until - SWEEP_OVERLAP, now) is not None
    if answered:
        schedule.swept(provider, now)
    return answered


def _statement(platform: Platform, schedule: Schedule, provider: str, now: datetime) -> bool:
    """Book what the provider kept since its statement was read last; whether it was answered."""
    stated = schedule.stated_until(provider) or now
    until = min(now, stated + STATEMENT_MAX)
    answered = learn_fees(platform, provider, stated - STATEMENT_OVERLAP, until, now) is not None
    if answered:
        schedule.stated(provider, until)
    return answered


ASKED: Mapping[str, tuple[Ask, timedelta]] = {
    "poll": (_poll, SWEEP_EVERY),
    "statement": (_statement, STATEMENT_EVERY),
}


def perform(
    platform: Platform, schedule: Schedule, buckets: Sequence[int], now: datetime, batch_max: int
) -> int:
    """One round over everything that is due in these buckets; returns how much was done."""
    done = 0
    for kind, due in schedule.due(buckets, now).items():
        for bucket in due:
            done += WORK[kind](platform, bucket, now, batch_max)
    return done


@dataclass(slots=True)
class Failing:
    """A queue of one bucket whose flow raised: how often, when it is tried again, and until when one by one."""

    times: int
    again_at: datetime
    single_until: datetime


class Worker:
    """One worker of a fleet of any size; stopping it loses nothing."""

    def __init__(self, solvent: Solvent, worker_id: UUID | None = None) -> None:
        self._solvent = solvent
        self._id = worker_id or solvent.platform.ids.draw(0)
        self._schedule = solvent.database.schedule
        self._held: list[int] = []
        self._held_at: datetime | None = None
        self._failing: dict[tuple[str, int], Failing] = {}
        self._asked_at: dict[tuple[str, str], datetime] = {}
        self._drift = DriftReads(solvent.database.pool)
        self._retention = Retention(solvent.database.pool)
        self._forgot_at: datetime | None = None
        self._done = self._batches = 0  # of the last round

    def run(self, stop: Event) -> None:
        """Work until `stop` is set; a database that is away is waited for."""
        while not stop.is_set():
            try:
                self.round(self._solvent.clock)
                stop.wait(self.pause_s())
            except (OperationalError, PoolTimeout) as error:
                log.warning("database is away, trying again: %s", error)
                stop.wait(DATABASE_PAUSE_S)
        self.leave()

    def run_once(self, now: datetime) -> int:
        """One round, all of it at one moment."""
        return self.round(lambda: now)

    def round(self, clock: Clock) -> int:
        """One round over everything that is due in the buckets held; returns how much was done.

        A round may take an hour. Each batch has the present of when it begins, which is what its entries bear; and the
        buckets are held on to meanwhile, or left to who has taken them.
        """
        now = clock()
        self._hold(now)
        self._sweep(now)
        self._forget(now)
        self._look_for_drift(now)
        self._done = self._batches = 0
        for kind, due in self._schedule.due(self._held, now).items():
            for bucket in due:
                now = clock()
                self._hold(now)
                if bucket in self._held:
                    self._done += self._perform(kind, bucket, now)
                    self._batches += 1
        return self._done

    def _perform(self, kind: str, bucket: int, now: datetime) -> int:
        """One batch of one queue. A fault in it must stop neither this worker nor anybody else's billing."""
        failing = self._failing.get((kind, bucket))
        if failing is not None and now < failing.again_at:
            return 0
        single = failing is not None and now < failing.single_until
        telemetry, began = self._solvent.platform.telemetry, time.perf_counter()
        try:
            with telemetry.span(f"work.{kind}") as span:
                done = WORK[kind](
                    self._solvent.platform, bucket, now, 1 if single else self._solvent.settings.worker_batch
                )
                span.add("solvent.bucket", bucket)
                span.add("solvent.done", done)
        except (OperationalError, PoolTimeout):
            raise
        except Exception:
            # The outermost boundary of a unit of work: logged whole, retried, and visible as overdue.
            log.exception(
                "%s of bucket %d failed; its entries are taken one by one for a while", kind, bucket
            )
            telemetry.failed(kind)
            times = failing.times + 1 if single and failing is not None else 1
            pause = min(FAILED_PAUSE_FIRST * 2 ** min(times - 1, 10), FAILED_PAUSE_MAX)
            self._failing[kind, bucket] = Failing(times, now + pause, now + pause + FAILED_FORGOTTEN_AFTER)
            return 0
        telemetry.worked(kind, done, time.perf_counter() - began)
        return done

    def pause_s(self) -> float:
        """How long it may wait after its last round: a batch costs the same for one entry as for many, so where few are
        due in each bucket, a short pause lets some more come together."""
        pause_s = self._solvent.settings.worker_pause_s
        if self._done == 0:
            return pause_s
        return pause_s * REST_SHARE if self._done < THIN_MAX * self._batches else 0.0

    def leads(self) -> bool:
        """Whether it holds the first bucket, and so does what one worker does for all."""
        return SWEEPING_BUCKET in self._held

    def leave(self) -> None:
        """Give the buckets back."""
        self._schedule.leave(self._id)
        self._held, self._held_at = [], None

    def _hold(self, now: datetime) -> None:
        if self._held_at is None or now - self._held_at >= LEASE_RENEWED_EVERY:
            held = self._schedule.hold(self._id, now, LEASE)
            if len(held) != len(self._held):
                log.info("works on %d of %d buckets", len(held), BUCKETS)
            self._held = held
            self._held_at = now

    def _sweep(self, now: datetime) -> None:
        """Ask every provider what notifications missed and what it kept; only who holds the first bucket does."""
        if not self.leads():
            return
        for provider in self._solvent.platform.providers.names():
            for what, (ask, every) in ASKED.items():
                asked_at = self._asked_at.get((what, provider))
                if asked_at is None or now - asked_at >= every:
                    self._asked_at[what, provider] = now
                    self._ask(what, ask, provider, now)

    def _look_for_drift(self, now: datetime) -> None:
        """Look at the next accounts of one bucket held, if its look is due; never two in a round, for it can wait."""
        bucket = self._drift.due(self._held, now)
        if bucket is not None:
            self._perform("look", bucket, now)

    def _forget(self, now: datetime) -> None:
        """Forget a portion of what is old in the buckets held; the next at once while there is more."""
        if self._forgot_at is not None and now - self._forgot_at < FORGET_EVERY:
            return
        self._forgot_at = now  # first, so that a portion that fails is not tried in every round
        settings = self._solvent.settings
        more = self._retention.forget(
            self._held,
            answers_before=now - timedelta(hours=settings.answers_kept_hours),
            notifications_before=now - timedelta(days=settings.notifications_kept_days),
            history_before=now - timedelta(days=settings.history_kept_days),
            carts_before=now - timedelta(days=settings.carts_kept_days),
        )
        if more:
            self._forgot_at = None

    def _ask(self, what: str, ask: Ask, provider: str, now: datetime) -> None:
        try:
            with self._solvent.platform.telemetry.span(f"work.{what}") as span:
                span.add("solvent.provider", provider)
                answered = ask(self._solvent.platform, self._schedule, provider, now)
            reason = None if answered else "it did not answer"
        except (OperationalError, PoolTimeout):
            raise
        except (
            Exception
        ) as error:  # one provider's odd answer must not stop the worker, nor whoever asks after it
            log.exception("the %s of %s failed; the next one begins where this one did", what, provider)
            reason = type(error).__name__
        tried(self._solvent.database.pool, provider, what, now, reason)

"""Metrics: counts and durations of one process, and states of the database, as OpenTelemetry has them.

Owns the instruments and the page that Prometheus reads. Does not own what any state is (`store.gauges` reads it,
through `observe`). Counting costs some seven microseconds, waits for nobody and raises nothing.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from threading import Lock

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from solvent.core.attempt import Attempt
from solvent.core.payment import IN_FLIGHT
from solvent.ports.telemetry import Observed, Untraced
from solvent.telemetry.catalog import ATTEMPTS, CALLS, DONE, FAILURES, GAUGES, REQUESTS, WAITED, WORK, Metric
from solvent.telemetry.process import resource

FRESH_S = 10.0  # for so long states that were read are shown again, however often they are asked for
WAITED_S = 1.0
WAITS_S = (5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 21_600.0, 86_400.0, 432_000.0, 1_209_600.0)
BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

log = logging.getLogger(__name__)


class Metrics(Untraced):
    """The listener of one process. `observe` reads the states of the database, at most once in `FRESH_S` seconds."""

    def __init__(
        self,
        observe: Callable[[], Iterable[Observed]] | None = None,
        readers: Iterable[MetricReader] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._registry = CollectorRegistry()
        reader = PrometheusMetricReader(
            disable_target_info=True, scope_info_enabled=False, registry=self._registry
        )
        self._provider = MeterProvider(
            metric_readers=[reader, *readers],
            resource=resource(),
            exemplar_filter=AlwaysOffExemplarFilter(),
            shutdown_on_exit=False,
        )
        meter = self._provider.get_meter("solvent")
        self._attempts = meter.create_counter(ATTEMPTS.name, ATTEMPTS.unit, ATTEMPTS.means)
        self._done = meter.create_counter(DONE.name, DONE.unit, DONE.means)
        self._failures = meter.create_counter(FAILURES.name, FAILURES.unit, FAILURES.means)
        self._took = meter.create_histogram(
            WAITED.name, WAITED.unit, WAITED.means, explicit_bucket_boundaries_advisory=list(WAITS_S)
        )
        self._calls, self._work, self._requests = (
            meter.create_histogram(
                m.name, m.unit, m.means, explicit_bucket_boundaries_advisory=list(BOUNDS_S)
            )
            for m in (CALLS, WORK, REQUESTS)
        )
        self._observe, self._clock = observe, clock
        self._lock = Lock()
        self._read_at: float | None = None
        self._states: Mapping[str, list[Observed]] = {}
        for gauge in GAUGES if observe is not None else ():
            meter.create_observable_gauge(gauge.name, [self._callback(gauge)], gauge.unit, gauge.means)

    def settled(self, attempts: Iterable[Attempt], now: datetime) -> None:
        """Those that ended, by provider, kind of method, path, whether the customer was there, state and cause:
        counted at once. How long one took is worth a sample when somebody had to wait for it."""
        ended = [a for a in attempts if a.state not in IN_FLIGHT]
        for attempt in ended:
            seconds = (now - attempt.created_at).total_seconds()
            if seconds >= WAITED_S:
                self._took.record(seconds, {"path": str(attempt.plan.path), "state": str(attempt.state)})
        counts = Counter((a.provider, a.paid_by, a.plan.path, a.off_session, a.state, a.cause) for a in ended)
        for (provider, method, path, off_session, state, cause), times in counts.items():
            session = "off" if off_session else "on"
            values = (
                provider or "none",
                method or "none",
                str(path),
                session,
                str(state),
                str(cause or "none"),
            )
            self._attempts.add(times, dict(zip(ATTEMPTS.labels, values, strict=True)))

    def provider_called(self, provider: str, _call: str, how: str, seconds: float) -> None:
        """A sample of a call's duration."""
        self._calls.record(seconds, {"provider": provider, "ended": how})

    def worked(self, work: str, done: int, seconds: float) -> None:
        """A sample of a batch's duration, and what it did."""
        self._work.record(seconds, {"work": work})
        if done:
            self._done.add(done, {"work": work})

    def failed(self, work: str) -> None:
        """A batch more that raised."""
        self._failures.add(1, {"work": work})

    def requested(self, endpoint: str, status: int, seconds: float) -> None:
        """A sample of a request's duration."""
        self._requests.record(seconds, {"endpoint": endpoint, "status": str(status)})

    def page(self) -> bytes:
        """What Prometheus reads."""
        return generate_latest(self._registry)

    def close(self) -> None:
        """Hand over what is still to be exported."""
        self._provider.shutdown()

    def _callback(self, gauge: Metric) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def observations(_options: CallbackOptions) -> Iterable[Observation]:
            for seen in self._fresh().get(gauge.name, ()):
                yield Observation(seen.value, dict(zip(gauge.labels, seen.labels, strict=True)))

        return observations

    def _fresh(self) -> Mapping[str, list[Observed]]:
        """The states, read at most once in a while; a database that is away shows none, rather than old ones."""
        with self._lock:
            if self._read_at is None or self._clock() - self._read_at >= FRESH_S:
                self._states = self._read()
                self._read_at = self._clock()
            return self._states

    def _read(self) -> Mapping[str, list[Observed]]:
        found: dict[str, list[Observed]] = {}
        assert self._observe is not None
        try:
            for seen in self._observe():
                found.setdefault(seen.metric, []).append(seen)
        except Exception:  # metrics of the process are worth showing without the states of the database
            log.exception("the states of the database cannot be read")
            return {}
        return found

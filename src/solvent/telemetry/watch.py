"""Watch: all that listens in one process, put together: counts, and where the merchant wants them, spans and exports.

Owns the passing on of each word to those who listen to it. Does not own counting (`metrics`), spans (`tracing`) nor
exporters (`otlp`), whose library is loaded only where something is exported.
"""

from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from solvent.core.attempt import Attempt
from solvent.ports.telemetry import Observed, Span, Telemetry
from solvent.telemetry.metrics import Metrics
from solvent.telemetry.tracing import Tracing


class Both:
    """One listener that counts and traces."""

    def __init__(self, metrics: Metrics, tracing: Tracing) -> None:
        self._metrics, self._tracing = metrics, tracing

    def span(self, name: str) -> AbstractContextManager[Span]:
        """Traced."""
        return self._tracing.span(name)

    def caused(self, name: str, causes: Collection[str]) -> AbstractContextManager[Span]:
        """Traced."""
        return self._tracing.caused(name, causes)

    def request(self, method: str, route: str, parent: str | None) -> AbstractContextManager[Span]:
        """Traced."""
        return self._tracing.request(method, route, parent)

    def settled(self, attempts: Iterable[Attempt], now: datetime) -> None:
        """Counted."""
        self._metrics.settled(attempts, now)

    def provider_called(self, provider: str, call: str, how: str, seconds: float) -> None:
        """Counted and traced."""
        self._metrics.provider_called(provider, call, how, seconds)
        self._tracing.provider_called(provider, call, how, seconds)

    def worked(self, work: str, done: int, seconds: float) -> None:
        """Counted."""
        self._metrics.worked(work, done, seconds)

    def failed(self, work: str) -> None:
        """Counted."""
        self._metrics.failed(work)

    def requested(self, endpoint: str, status: int, seconds: float) -> None:
        """Counted."""
        self._metrics.requested(endpoint, status, seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What listens in one process, by `telemetry`."""

    telemetry: Telemetry
    metrics: Metrics
    tracing: Tracing | None = None

    def close(self) -> None:
        """Hand over what is still to be exported; who does not take it in time loses it."""
        if self.tracing is not None:
            self.tracing.close()
        self.metrics.close()


def watch(observe: Callable[[], Iterable[Observed]], *, traces: bool, metrics: bool) -> Watch:
    """The listeners of this process; `traces` and `metrics` say what is exported."""
    if not (traces or metrics):
        counted = Metrics(observe)
        return Watch(telemetry=counted, metrics=counted)
    from solvent.telemetry import otlp  # noqa: PLC0415 - its library is for those who export

    counted = Metrics(observe, [otlp.metric_reader()] if metrics else ())
    if not traces:
        return Watch(telemetry=counted, metrics=counted)
    tracing = Tracing(otlp.span_processor())
    return Watch(telemetry=Both(counted, tracing), metrics=counted, tracing=tracing)
